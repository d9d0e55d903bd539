"""The subcommands about the language and the shell. Each takes the arguments, prints, and returns the exit code."""

from __future__ import annotations

import inspect
from argparse import Namespace
from typing import Any

from ..errors import fail, nearest
from ..extras import load_extra
from ..nodes import PRIMITIVES, Primitive
from ..nodes.base import Argument, Role
from .arguments import build_parser
from .output import columns, print_json


def primitives(args: Namespace) -> int:
    """`primitives`: all of them, or one in full."""
    if args.name is None:
        found = list(dict.fromkeys(PRIMITIVES.values()))
    elif args.name in PRIMITIVES:
        found = [PRIMITIVES[args.name]]
    else:
        close = nearest(args.name, PRIMITIVES)
        hint = f"did you mean `{close}`?" if close else "`schedlang primitives` lists them"
        fail(None, "E201", f"there is no primitive `{args.name}`", hint)
    if args.json:
        print_json({"primitives": [_as_json(cls) for cls in found]})
    elif args.name is None:
        print("\n".join(f"{_signature(cls)}\n    {_summary(cls)}" for cls in found))
    else:
        print(_reference(found[0]))
    return 0


def completion(args: Namespace) -> int:
    """`completion`: a script for a shell."""
    shtab = load_extra("shtab", "completion")
    parser, _ = build_parser()
    script = shtab.complete(parser, args.shell)
    print_json({"script": script}) if args.json else print(script)
    return 0


def _signature(cls: type[Primitive]) -> str:
    """How it is called; `…` stands for what is found out if the argument is not given."""
    arguments = [_in_signature(argument) for argument in cls.arguments()]
    return f"{cls.name}({', '.join(arguments)})" if arguments else cls.name


def _in_signature(argument: Argument) -> str:
    if argument.parameter.role is Role.KEYS:
        return "value @ time, …"
    if argument.parameter.required:
        return argument.name
    return f"{argument.name}={_default(argument) or '…'}"


def _default(argument: Argument) -> str | None:
    return None if argument.default in (None, ()) else str(argument.default)


def _doc(cls: type[Primitive]) -> str:
    return inspect.getdoc(cls) or ""


def _summary(cls: type[Primitive]) -> str:
    return _doc(cls).partition("\n")[0]


def _reference(cls: type[Primitive]) -> str:
    """All that is known of a primitive: its signature, its arguments and its docstring."""
    lines = [_signature(cls)]
    if cls.aliases:
        lines.append(f"also called {', '.join(cls.aliases)}")
    rows = [(argument.name, argument.parameter.role.value, _about(argument)) for argument in cls.arguments()]
    if rows:
        lines += ["", columns(rows, right=(), indent="  ")]
    return "\n".join([*lines, "", _doc(cls)])


def _about(argument: Argument) -> str:
    """What an argument means, with its choices and its default."""
    notes = [argument.parameter.doc]
    if argument.parameter.choices:
        notes.append(f"one of {', '.join(argument.parameter.choices)}")
    default = _default(argument)
    if default is not None:
        notes.append(f"{default} if not given")
    return "; ".join(notes)


def _as_json(cls: type[Primitive]) -> dict[str, Any]:
    return {
        "name": cls.name,
        "aliases": list(cls.aliases),
        "signature": _signature(cls),
        "summary": _summary(cls),
        "doc": _doc(cls),
        "arguments": [
            {
                "name": argument.name,
                "kind": argument.parameter.role.value,
                "doc": argument.parameter.doc,
                "required": argument.parameter.required,
                "default": _default(argument),
                "choices": list(argument.parameter.choices),
            }
            for argument in cls.arguments()
        ],
    }
