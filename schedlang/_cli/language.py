"""The subcommands about the language: its primitives, and the story of a code."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from .._language.describing import about, default_of, doc_of, signature_of, summary_of
from .._language.nodes import PRIMITIVES, Primitive
from .._text.errors import fail
from .._text.rendering import columns
from .._text.spelling import did_you_mean
from .output import print_json


def list_primitives(args: Namespace) -> int:
    if args.name is None:
        classes = list(dict.fromkeys(PRIMITIVES.values()))
    elif args.name in PRIMITIVES:
        classes = [PRIMITIVES[args.name]]
    else:
        hint = did_you_mean(args.name, PRIMITIVES) or "`schedlang primitives` lists them"
        fail(None, "E201", f"there is no primitive `{args.name}`", hint)
    if args.json:
        print_json({"primitives": [_primitive_as_json(cls) for cls in classes]})
    elif args.name is None:
        print("\n".join(f"{signature_of(cls)}\n    {summary_of(cls)}" for cls in classes))
    else:
        print(_reference(classes[0]))
    return 0


def explain_error(args: Namespace) -> int:
    from .._insight.stories import STORIES, story

    code = args.code.strip("[]").upper()
    if code not in STORIES:
        hint = did_you_mean(code, STORIES) or "codes are in brackets, as in `error[E203]`"
        fail(None, "E201", f"there is no code `{args.code}`", hint)
    if args.json:
        fields = STORIES[code]._asdict()
        print_json({"code": code, **{name: value for name, value in fields.items() if name != "run"}})
    else:
        print(story(code))
    return 0


def _reference(cls: type[Primitive]) -> str:
    """All that is known of a primitive: its signature, its arguments and its docstring."""
    lines = [signature_of(cls)]
    if cls.aliases:
        lines.append(f"also called {', '.join(cls.aliases)}")
    rows = [(argument.name, argument.parameter.role.value, about(argument)) for argument in cls.arguments()]
    if rows:
        lines += ["", columns(rows, right=(), indent="  ")]
    return "\n".join([*lines, "", doc_of(cls)])


def _primitive_as_json(cls: type[Primitive]) -> dict[str, Any]:
    return {
        "name": cls.name,
        "aliases": list(cls.aliases),
        "signature": signature_of(cls),
        "summary": summary_of(cls),
        "doc": doc_of(cls),
        "arguments": [
            {
                "name": argument.name,
                "kind": argument.parameter.role.value,
                "doc": argument.parameter.doc,
                "required": argument.parameter.required,
                "default": default_of(argument),
                "choices": list(argument.parameter.choices),
            }
            for argument in cls.arguments()
        ],
    }
