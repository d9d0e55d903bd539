"""Files are written anew as a whole or not at all, and not over what somebody else has written meanwhile.

The new bytes go into a file beside the old one, and then the two change places. Whenever that is cut off, the file has
the old bytes or the new ones. What only the old file has is never thrown away unseen: it is what was read, or put back.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .._text.errors import fail

_FDCWD, _EXCHANGE = -100, 2  # of Linux


def replace(name: str, before: bytes, after: bytes) -> None:
    """Write a file anew that has been read, if it still holds what it held then.

    Its mode, owner, attributes and symbolic links stay.

    Raises:
        ScheduleError: E512.
    """
    path = os.path.realpath(name)
    try:
        _refuse_unwritable(name, path)
        with _beside(path, after) as made:
            _refuse_changed(name, path, before)
            if not _exchange(made, path):
                os.replace(made, path)
                return
            kept = False
            try:
                kept = _read(made) == before
            finally:
                if not kept:  # it was changed between the last look and now
                    _exchange(made, path)
            if not kept:
                _refuse_changed(name, path, before)
            os.unlink(made)
    except OSError as error:
        hint = "the file and its folder have to be writable" if isinstance(error, PermissionError) else None
        fail(None, "E512", f"cannot write `{name}`: {error.strerror or error}", hint)


def _refuse_unwritable(name: str, path: str) -> None:
    """What a replacement would override: a file that must not be written, or has other names."""
    os.close(os.open(path, os.O_WRONLY))
    found = os.stat(path)
    if found.st_nlink > 1:  # writing in place could be cut off, and a replacement would part them
        hint = "change it by hand, or part it from them: `cp` it, and `mv` the copy over it"
        fail(None, "E512", f"cannot write `{name}`: the file has {found.st_nlink} names (hard links)", hint)


def _refuse_changed(name: str, path: str, before: bytes) -> None:
    if _read(path) != before:
        fail(None, "E512", f"`{name}` was changed meanwhile, so it was not written", "run this again")


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        pieces = iter(lambda: os.read(file, 1 << 20), b"")
        return b"".join(pieces)
    finally:
        os.close(file)


@contextmanager
def _beside(path: str, content: bytes) -> Iterator[str]:
    """A new file beside one, like it but for its content, and on the disk; gone at the end, if it is still there."""
    folder, name = os.path.split(path)
    made = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(4)}.tmp")
    file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    own = None
    try:
        try:
            own = os.fstat(file).st_ino
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            _make_alike(file, made, path)
            os.fsync(file)
        finally:
            os.close(file)
        yield made
    finally:
        with suppress(FileNotFoundError):
            if own in (None, os.stat(made).st_ino):  # and not what it has changed places with
                os.unlink(made)


def _make_alike(file: int, made: str, path: str) -> None:
    like, own = os.stat(path), os.fstat(file)
    if (like.st_uid, like.st_gid) != (own.st_uid, own.st_gid):
        os.chown(made, like.st_uid, like.st_gid)
    os.chmod(made, stat.S_IMODE(like.st_mode))
    for attribute in _attributes(path):  # lists of who may do what are some
        value = os.getxattr(path, attribute)
        if attribute not in _attributes(made) or os.getxattr(made, attribute) != value:
            os.setxattr(made, attribute, value)


def _attributes(path: str) -> list[str]:
    try:
        return os.listxattr(path) if hasattr(os, "listxattr") else []
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENODATA, errno.EINVAL):  # a file system without any
            return []
        raise


def _exchange(one: str, other: str) -> bool:
    """Let two files change places at once; False where that cannot be done."""
    try:
        import ctypes
    except ImportError:  # Python may be built without it
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if call is None:
        return False
    if call(_FDCWD, os.fsencode(one), _FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code))
