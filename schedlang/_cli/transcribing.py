"""The subcommand `transcribe`: values of a file or a function as one line of text."""

from __future__ import annotations

import math
import re
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from .._text.errors import Blame, ScheduleError, blamed, fail
from .._text.extras import load_extra
from .._text.rendering import printable
from .._text.run import SETTINGS
from .._transfer.transcribing.answer import Transcription, transcribed
from .output import in_color, print_errors, print_json

_NAMED: Final = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)")
_QUIET: Final = 1.0  # seconds before progress is shown
_OFTEN: Final = 0.2  # and between two times


def transcribe_source(args: Namespace) -> int:
    """`transcribe`: 0 if the text is exact, 1 if it isn't, 2 if there is none to be had, 130 if it was interrupted."""
    try:
        load_extra("numpy", "transcribing", "transcribe")
        source, first_step = _source(args)
        rates = {name: getattr(args, name) for name in SETTINGS if name not in ("total_steps", "base", "clock")}
        with _watched() as watch:
            found = transcribed(
                source, args.total_steps, args.base, first_step, args.totals, args.group, rates, watch.work()
            )
    except ScheduleError as error:
        print_errors(error.diagnostics, args)
        return 3 if all(blamed(each) is Blame.OUTSIDE for each in error.diagnostics) else 2
    if args.json:
        told = attrs.asdict(found) | {"error": found.error if math.isfinite(found.error) else None}
        print_json(told | {"interrupted": watch.interrupted})
    else:
        _print(found, args, watch.interrupted)
    return 130 if watch.interrupted else int(not found.exact)


def _print(found: Transcription, args: Namespace, interrupted: bool) -> None:
    texts = [] if found.text is None else [found.text, *(found.candidates if args.all else ())]
    for text in texts:
        print(text)
    sys.stdout.flush()
    remarks = [] if found.text is not None else ["no text is near"]
    for remark in [*remarks, *found.remarks(), *(["interrupted: this is what was found so far"] * interrupted)]:
        loud = in_color(sys.stderr, args) and remark.startswith("not exact")
        line = printable(remark)
        print(f"\x1b[1;31m{line}\x1b[0m" if loud else line, file=sys.stderr)


def _source(args: Namespace) -> tuple[Any, int]:
    """What is to be transcribed, and the step of its first value."""
    from .._transfer.transcribing.columns import column

    named = _NAMED.fullmatch(args.source)
    if named is None or Path(args.source).exists():
        if args.totals:
            fail(None, "E419", "a file has the values of one run", "give MODULE:FUNCTION, which makes them for a total")
        told = column(args.source, args.column, args.steps_column, args.first_step)
        return told, told.first
    module, path = named.groups()
    args.settings.load_modules([module])
    found: Any = sys.modules[module]
    for name in path.split("."):
        if not hasattr(found, name):
            fail(None, "E419", f"`{module}` has no `{path}`", "give MODULE:FUNCTION, as in `train.schedules:cosine`")
        found = getattr(found, name)
    return found, args.first_step


class _Watch:
    """Whether somebody has pressed Ctrl-C, and how much is told to those who wait."""

    def __init__(self) -> None:
        self.interrupted = False
        self._shown = False
        self._begun = self._last = time.monotonic()

    def work(self) -> Any:
        """Work that stops once it is interrupted."""
        from .._transfer.transcribing.task import ExhaustedError, Work

        @attrs.define
        class Watched(Work):
            watch: _Watch = attrs.field(default=self)

            def spend(self, amount: float) -> None:
                if self.watch.interrupted:
                    raise ExhaustedError
                self.watch.tell()
                Work.spend(self, amount)

        return Watched()

    def interrupt(self, *_: object) -> None:
        """Stop the search; who is asked a second time stops at once."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True

    def tell(self) -> None:
        """Show that something is done, to a person who waits."""
        now = time.monotonic()
        if now - self._last > _OFTEN and now - self._begun > _QUIET and sys.stderr.isatty():
            self._last, self._shown = now, True
            print(f"\rtranscribing for {now - self._begun:.0f} s; Ctrl-C shows what was found", end="", file=sys.stderr)

    def clear(self) -> None:
        """Take away what was shown."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr)


@contextmanager
def _watched() -> Iterator[_Watch]:
    watch = _Watch()
    try:
        before = signal.signal(signal.SIGINT, watch.interrupt)
    except ValueError:  # in another thread than the main one, which gets no signals
        yield watch
        return
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
        watch.clear()
