"""Faster ways to a value: a program is recorded as expressions, and these become Python, NumPy, torch and JAX.

Takes a laid-out program; gives functions of the step. `lowering` asks the program's own formulas for a step that isn't
known yet and records what they do (`expressions`). `python` writes that down as source, `arrays` calculates it with
NumPy, `planning` and `tracing` with torch and JAX. Each is compared with the walk, which is the meaning.

Imports: `_text`, `_language`.
"""
