"""The user's own folder for what is made once and read by every later process.

What lies there may be a pickle, so nothing is read, or written, that another user could have put there. Whatever goes
wrong only costs time: then nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys


def folder() -> str:
    """Where the folder is, whether or not it exists."""
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME") or ""
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(base):
        raise FileNotFoundError(base)
    return os.path.join(base, "schedlang")


def make_folder() -> str:
    """The folder, made if it isn't there, for this user alone."""
    where = folder()
    os.makedirs(where, 0o700, exist_ok=True)
    return where


def read(name: str) -> bytes | None:
    """What was kept under a name; None if there is nothing, or nothing that can be trusted."""
    try:
        where = folder()
        if not _own(os.stat(where)):
            return None
        with open(os.path.join(where, name), "rb") as file:
            if not _own(os.fstat(file.fileno())):
                return None
            digest, content = file.read(32), file.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == digest else None  # else it is damaged


def write(name: str, content: bytes) -> None:
    """Keep something under a name. Processes that do so at once do not meet: the last one's file stays, whole."""
    with contextlib.suppress(OSError):
        where = make_folder()
        if not _own(os.stat(where)):
            return
        unfinished = os.path.join(where, f"{name}.{os.getpid()}-{os.urandom(8).hex()}")
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(unfinished, os.path.join(where, name))
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(unfinished)


def _own(status: os.stat_result) -> bool:
    """Whether something is this user's, and nobody else can write to it."""
    if not hasattr(os, "geteuid"):  # Windows keeps others out of profiles, and in a browser there are none
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
