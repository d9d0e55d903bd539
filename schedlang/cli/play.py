"""`schedlang play`: the page to play with."""

from __future__ import annotations

import tempfile
import webbrowser
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from .output import print_json
from .runs import OPTIONS, carried_of


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what `play` takes besides the run."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help="a schedule to begin with; or FILE:KEY, or -")
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="of the server (default: one that is free)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only say the address")
    parser.add_argument("--build", metavar="DIR", type=Path, help="write the page into a folder, and serve nothing")


def _port(text: str) -> int:
    """The number of a port."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port: a whole number from 0 to 65535")
    return int(text)


def play(args: Namespace) -> int:
    """`play`: serve the page until interrupted, or only write it."""
    from ..play.bundling import build  # here, as no other command needs archives and a server
    from ..play.serving import fragment, server

    if args.build is not None:
        build(args.build)
        print_json({"folder": str(args.build)}) if args.json else print(f"the page is in {args.build}")
        return 0
    settings = _settings(args)
    link = f"#{fragment(settings)}" if settings else ""
    with tempfile.TemporaryDirectory(prefix="schedlang-") as folder:
        build(Path(folder))
        with server(Path(folder), args.port) as serving:
            address = f"http://127.0.0.1:{serving.server_port}/{link}"
            print_json({"address": address}) if args.json else print(f"{address}\nCtrl-C ends it.")
            print(end="", flush=True)
            if not args.no_browser:
                webbrowser.open(address)
            serving.serve_forever()
    return 0


def _settings(args: Namespace) -> dict[str, str]:
    """What the page is to begin with, if it is told something."""
    run = {name: getattr(args, name) for name in OPTIONS} | {f"params.{name}": text for name, text in args.param}
    given = {name: str(value) for name, value in run.items() if value is not None}
    return given if args.text is None else {"text": carried_of(args.text).text} | given
