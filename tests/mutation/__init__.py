"""Mutation testing: small mistakes are made in the code, one at a time, and the tests have to notice.

`python -m tests.mutation` makes them in the modules about durations, binding and evaluation; `--help` tells more.
What came of it is in docs/mutation.md.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent

if str(FOLDER.parent) not in sys.path:  # as `python -m tests.mutation`; pytest does the same
    sys.path.append(str(FOLDER.parent))
