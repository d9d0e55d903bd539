"""Real trainers, each in an environment of its own, with a schedule of ours: `python -m tests.trainers`."""
