"""The subcommand `completion`: how shells complete the command line, for which the language need not be loaded."""

from __future__ import annotations

from argparse import Namespace

from .._text.extras import load_extra
from .arguments import build_parser
from .output import print_json


def completion(args: Namespace) -> int:
    shtab = load_extra("shtab", "completion")
    parser, _ = build_parser()
    script = shtab.complete(parser, args.shell)
    print_json({"script": script}) if args.json else print(script)
    return 0
