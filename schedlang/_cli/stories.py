"""`explain-error`: the story of a code."""

from __future__ import annotations

from argparse import Namespace

from .._text.errors import fail, nearest
from .output import print_json


def explain_error(args: Namespace) -> int:
    """`explain-error`: what a code means, with a wrong and a right example."""
    from .._insight.stories import STORIES, story

    code = args.code.strip("[]").upper()
    if code not in STORIES:
        close = nearest(code, STORIES)
        hint = f"did you mean `{close}`?" if close else "codes are in brackets, as in `error[E203]`"
        fail(None, "E201", f"there is no code `{args.code}`", hint)
    if args.json:
        told = STORIES[code]
        print_json({"code": code, **{name: value for name, value in told._asdict().items() if name != "run"}})
    else:
        print(story(code))
    return 0
