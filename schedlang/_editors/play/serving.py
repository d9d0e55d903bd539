"""The page for a browser on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode


class _Handler(SimpleHTTPRequestHandler):
    """Files of a folder, by types that do not depend on how the machine is set up."""

    extensions_map: Final = {  # type: ignore[misc]  # of a class that is made to be changed so
        "": "application/octet-stream",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".zip": "application/zip",
    }

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")  # another version may be served at the same address
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder's files, for this machine alone; of port 0, at one that is free."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(folder)))


def fragment(settings: Mapping[str, str]) -> str:
    """What follows the `#` of an address that shows a text in a run.

    >>> fragment({"text": "warmup(w)", "total_steps": "100", "params.w": "5%"})
    'text=warmup%28w%29&total_steps=100&params.w=5%25'
    """
    return urlencode(settings, quote_via=quote)
