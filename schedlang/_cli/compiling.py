"""`schedlang compile`: schedules as functions in another language, or as tables."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from .._text.errors import fail
from .._transfer.compiling.code import in_pieces, named
from .output import print_json, print_warnings, warnings_as_json
from .runs import Meant, all_meant, bounds_of, warnings_of

_ALONE: Final = "schedule"


def compile_texts(args: Namespace) -> int:
    meant = all_meant([args.text], args)
    texts = [each.carried for each in meant]
    bounds = bounds_of(texts, args)
    warnings = warnings_of(texts, bounds, args)
    pieces = in_pieces(dict(zip(_names(meant, args), bounds, strict=True)), args.to, args.every)
    told = warnings_as_json(warnings)
    if args.output is not None:
        _write(Path(args.output), pieces)
        if args.json:
            print_json({"file": args.output} | told)
    elif args.json and args.to != "json":
        print_json({"source": "".join(pieces)} | told)
    else:
        sys.stdout.writelines(pieces)
    print_warnings(warnings, args)
    return 0


def _names(meant: Sequence[Meant], args: Namespace) -> list[str]:
    """What the schedules are called: one as `--name` says, several as their keys."""
    if len(meant) == 1:
        return [named(args.name, args.to, meant[0].member or _ALONE)]
    if args.name is not None:
        fail(None, "E404", "`--name` is given, and there are several schedules", "remove it: their keys are the names")
    return [each.member or each.argument for each in meant]


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write a file; half of one is removed."""
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    except BaseException:
        if path.is_file():
            path.unlink()
        raise
