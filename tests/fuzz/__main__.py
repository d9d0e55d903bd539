"""`python -m tests.fuzz`: fuzz the language, and print what came of it; see README.md."""

import argparse
import sys
import time
from pathlib import Path

from helpers import SECTION_1, cases

from . import report, running, shortening, typos

LOUD = """\
****************************************************************************
  atheris is not installed: texts are made BLINDLY, without a look at which
  lines they reach. `pip install atheris` for the real thing.
****************************************************************************
"""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=None, help="at least so long (default: 1, or until --texts)")
    parser.add_argument("--texts", type=int, default=0, help="at least so many texts")
    parser.add_argument("--seed", type=int, default=0, help="where chance begins (default: 0)")
    parser.add_argument("--processes", type=int, default=2, help="how many (default: 2)")
    parser.add_argument("--engine", choices=["auto", "guided", "blind"], default="auto", help="how texts are made")
    parser.add_argument("--typos", action="store_true", help="measure how typos in the front page's texts are repaired")
    parser.add_argument("--shorten", metavar="TEXT", help="make a text that was found shorter, and do nothing else")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures into this page, too")
    return parser.parse_args()


def main() -> int:
    """Do as asked; 1 if something was found."""
    asked = options()
    if asked.shorten is not None:
        wanted = shortening.findings(asked.shorten)
        print(*wanted, sep="\n")
        print(ascii(shortening.shortened(asked.shorten, lambda text: bool(wanted & shortening.findings(text)))))
        return 0
    if asked.typos:
        typed = ((typed, *meant) for typed, meant in cases("slips.jsonl").items())
        table = report.typo_figures({**typos.measure(SECTION_1), "what people type": typos.of_slips(typed)})
        print(table)
        if asked.report is not None:
            report.write(asked.report, "typos", table)
        return 0
    chosen = running.engines(asked.engine, asked.processes)
    if asked.engine == "auto" and "guided" not in chosen:
        print(LOUD, flush=True)
    minutes = asked.minutes if asked.minutes is not None else 0 if asked.texts else 1
    start = time.monotonic()
    tallies = running.fuzz(60 * minutes, asked.texts, asked.seed, chosen)
    wall = time.monotonic() - start
    print(report.printed(tallies, wall))
    if asked.report is not None:
        report.write(asked.report, "fuzzing", report.figures(tallies, wall, asked.seed))
    return int(any(tally.findings for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
