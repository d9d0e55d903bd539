"""`schedlang compile`: schedules as functions in another language, or as tables."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .._text.errors import fail
from .._transfer.compiling.code import code, named
from .output import print_json, print_warnings, warnings_as_json
from .runs import Meant, all_meant, bounds_of, warnings_of

_ALONE: Final = "schedule"


def compile_texts(args: Namespace) -> int:
    meant = all_meant([args.text], args)
    texts = [each.carried for each in meant]
    bounds = bounds_of(texts, args)
    warnings = warnings_of(texts, bounds, args)
    source = code(dict(zip(_names(meant, args), bounds, strict=True)), args.to, args.every)
    told = warnings_as_json(warnings)
    if args.output is not None:
        Path(args.output).write_text(source, encoding="utf-8")
        if args.json:
            print_json({"file": args.output} | told)
    elif args.json and args.to != "json":
        print_json({"source": source} | told)
    else:
        sys.stdout.write(source)
    print_warnings(warnings, args)
    return 0


def _names(meant: Sequence[Meant], args: Namespace) -> list[str]:
    """What the functions are called: as `--name` says, or as their keys, written as a program takes them."""
    if len(meant) == 1:
        member = meant[0].member
        return [named(args.name, args.to, _ALONE if member is None else _as_name(member))]
    if args.name is not None:
        fail(None, "E404", "`--name` is given, and there are several schedules", "remove it: their keys are the names")
    names = [_as_name(each.member or each.argument) for each in meant]
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        fail(None, "E404", f"two of these keys would be functions called `{twice}`", "compile each by itself")
    return names


def _as_name(key: str) -> str:
    return re.sub(r"\W", "_", key, flags=re.ASCII)
