"""Fuzzing: any text at all gives a schedule or a ScheduleError, quickly and in little memory; see README.md."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent

if str(FOLDER.parent) not in sys.path:  # as `python -m tests.fuzz`; pytest does the same
    sys.path.append(str(FOLDER.parent))
