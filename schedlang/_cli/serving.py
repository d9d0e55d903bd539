"""The subcommands that serve others: the language server for editors, and the page to play with."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from argparse import Namespace
from pathlib import Path

from .._text.extras import load_extra
from .arguments import OPTIONS
from .output import print_json
from .runs import carried_of


def play(args: Namespace) -> int:
    """`play`: serve the page until interrupted, or only write it."""
    from .._editors.play.bundling import build
    from .._editors.play.serving import fragment, server

    if args.build is not None:
        build(Path(args.build))
        print_json({"folder": args.build}) if args.json else print(f"the page is in {args.build}")
        return 0
    settings = _page_settings(args)
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


def _page_settings(args: Namespace) -> dict[str, str]:
    run = {name: getattr(args, name) for name in OPTIONS} | {f"params.{name}": text for name, text in args.param}
    given = {name: str(value) for name, value in run.items() if value is not None}
    return given if args.text is None else {"text": carried_of(args.text).alone()} | given


def lsp(args: Namespace) -> int:
    """`lsp`: serve an editor until it says goodbye."""
    load_extra("pygls", "the language server", "lsp")
    from .._editors.server.protocol import make_server

    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # which is closed when the editor says goodbye
    make_server().start_io(stdout=out)
    return 0
