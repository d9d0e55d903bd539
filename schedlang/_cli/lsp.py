"""`schedlang lsp`: the language server, on standard input and output."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from .._text.extras import load_extra


def lsp(args: Namespace) -> int:
    """`lsp`: serve an editor until it says goodbye."""
    load_extra("pygls", "the language server", "lsp")
    from .._editors.server.protocol import make_server

    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # which is closed when the editor says goodbye
    make_server().start_io(stdout=out)
    return 0
