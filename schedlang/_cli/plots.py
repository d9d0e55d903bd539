"""`schedlang plot`: curves in the terminal, or as a file, once or whenever a config file is saved."""

from __future__ import annotations

import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .._bound.bound import Bound
from .._files.references import is_reference, split
from .._pictures.layout import end_of, in_ticks, trace
from .._pictures.terminal import plot
from .._text.errors import Diagnostic, ScheduleError, fail
from .output import in_color, points_as_json, print_errors, print_json, print_warnings, warnings_as_json
from .runs import all_meant, bounds_of, names_of, warnings_of

_PIXELS: Final = (720, 300)
_ROWS: Final = 20
_WAIT: Final = 0.2  # seconds between two looks at a file
_CLEAR: Final = "\x1b[2J\x1b[H"


def draw_curves(args: Namespace) -> int:
    if args.watch:
        _watch(args)
    _draw(args)
    return 0


def _watch(args: Namespace) -> None:
    """Draw whenever one of the files has been saved, until interrupted; mistakes are told, and do not end it."""
    files = [Path(split(text)[0]) for text in args.texts if is_reference(text)]
    if not files:
        hint = "name a value in a config file: `schedlang plot --watch train.yaml:lr`"
        fail(None, "E503", "`--watch` needs a file to watch", hint)
    before: list[tuple[int, int] | None] = []
    while True:
        now = [_stamp(file) for file in files]
        if now != before:
            before = now
            if sys.stdout.isatty():
                print(_CLEAR, end="")
            try:
                _draw(args)
            except ScheduleError as error:
                print_errors(error.diagnostics, args)
            sys.stdout.flush()
        time.sleep(_WAIT)


def _stamp(file: Path) -> tuple[int, int] | None:
    """What changes when a file is saved; None while there is none, as some editors put a new one in its place."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _draw(args: Namespace) -> None:
    meant = all_meant(args.texts, args)
    bounds = bounds_of([each.carried for each in meant], args)
    names = [each.argument for each in meant]
    warnings = warnings_of([each.carried for each in meant], bounds, args)
    drawn: Mapping[str, Bound] | Bound = bounds[0]
    if len(bounds) > 1:
        drawn = dict(zip(names_of(meant), bounds, strict=True))
    span: dict[str, Any] = {"start": args.start, "stop": args.stop, "log": args.log}
    if args.output is not None:
        _write(drawn, args, span, warnings)
        print_warnings(warnings, args)
        return
    width = args.width or shutil.get_terminal_size((80, 24)).columns
    if args.json:
        ticked, start, stop = in_ticks(dict(enumerate(bounds)), args.start, args.stop)
        end, place = end_of(ticked, start, stop), ticked[0].run.place
        traces = (trace(bound, start, end, width) for bound in ticked.values())
        points = ([(place(step), value) for step, value in each] for each in traces)
        curves = zip(names, map(points_as_json, points), strict=True)
        told = [{"argument": text, "values": values} for text, values in curves]
        print_json({"curves": told} | warnings_as_json(warnings))
        return
    print(plot(drawn, width, args.height or _ROWS, **span, color=in_color(sys.stdout, args)))
    print_warnings(warnings, args)


def _write(
    drawn: Mapping[str, Bound] | Bound, args: Namespace, span: dict[str, Any], warnings: Sequence[Diagnostic]
) -> None:
    file = Path(args.output)
    look = {"width": args.width or _PIXELS[0], "height": args.height or _PIXELS[1], "theme": args.theme, **span}
    if file.suffix == ".svg":
        from .._pictures.svg import draw as svg

        file.write_text(svg(drawn, **look) + "\n", encoding="utf-8")
    elif file.suffix == ".html":
        from .._pictures.html import page

        file.write_text(page(drawn, **look), encoding="utf-8")
    else:
        from .._pictures.matplotlib import save

        save(file, drawn, **look)
    if args.json:
        print_json({"file": str(file)} | warnings_as_json(warnings))
