"""Benchmarks: what schedlang costs beside code written by hand, and beside other libraries.

They are no tests: `python -m tests.benchmarks` runs them, in an environment with the extra `benchmark`. What they
measure and how is on the page `docs/performance.md`, which `python -m tests.benchmarks --markdown` brings up to date.
"""
