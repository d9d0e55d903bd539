"""Files are written as a whole or not at all, and nothing that others write is lost: whatever happens, and whenever."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from helpers import printed, refused

from schedlang import ScheduleError
from schedlang._files import writing
from schedlang._files.writing import replace

OLD, NEW, EDIT = b"lr: cosin(1, 0)\n" * 50, b"lr: cosine(1, 0)\n" * 50, b"precious: 1\n"
CALLS = {"stat", "open", "read", "write", "close", "fstat", "chmod", "fsync", "fsencode", "unlink", "replace"}


class _At:
    """`os`, in which something happens before one of the calls, counted from 0; `None` counts them only."""

    def __init__(self, call: int | None, happens: Callable[[], None]) -> None:
        self.names: list[str] = []
        self._call, self._happens = call, happens

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def called(*given: Any, **named: Any) -> Any:
            self.names.append(name)
            if len(self.names) - 1 == self._call:
                self._happens()
            if name == "write":  # as a disk that is nearly full writes: not all at once
                given = (given[0], given[1][:400])
            return real(*given, **named)

        return called


@contextmanager
def happening(call: int | None, happens: Callable[[], None]) -> Iterator[_At]:
    found = _At(call, happens)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "os", found)
        yield found


@pytest.fixture(params=["exchange", "replace"])
def file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, on a system that can let two files change places, and on one that can't."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.yaml"
    path.write_bytes(OLD)
    if request.param == "replace":
        monkeypatch.setattr(writing, "_exchange", lambda one, other: False)
    elif not writing._exchange(str(path), str(path)):
        pytest.skip("this file system cannot do it")
    return path


def calls_of_a_write(path: Path) -> list[str]:
    with happening(None, lambda: None) as counted:
        replace(path.name, OLD, NEW)
    assert path.read_bytes() == NEW
    return counted.names


def seen_when_killed(path: Path) -> set[bytes]:
    """What the file holds after processes that were killed before each of the calls of a write."""
    seen = set()
    for call in range(len(calls_of_a_write(path))):
        path.write_bytes(OLD)
        child = os.fork()
        if child == 0:
            with happening(call, lambda: os.kill(os.getpid(), signal.SIGKILL)):
                replace(path.name, OLD, NEW)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        seen.add(path.read_bytes())
    return seen


KILLED = """
import sys
from pathlib import Path

import test_writing as tests

if "replace" in sys.argv[1]:
    tests.writing._exchange = lambda one, other: False
seen = tests.seen_when_killed(Path("train.yaml"))
assert tests.OLD in seen and seen <= {tests.OLD, tests.NEW}, seen
"""


def test_killed_at_any_call(request: pytest.FixtureRequest, file: Path) -> None:
    """The file has the old bytes or the new ones; tried in a small process, as it is forked in a hundredth second."""
    printed(
        "-c", KILLED, request.node.callspec.params["file"], folder=file.parent, PYTHONPATH=os.pathsep.join(sys.path)
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EFBIG])
def test_failing_at_any_call(file: Path, number: int) -> None:
    """The file has the old bytes or the new ones, nothing is left beside it, and the error has its name."""

    def fails() -> None:
        raise OSError(number, os.strerror(number))

    for call in range(len(calls_of_a_write(file))):
        file.write_bytes(OLD)
        with happening(call, fails) as system:
            (problem,) = refused(replace, file.name, OLD, NEW).diagnostics
        assert problem.code == "E512"
        assert file.name in problem.message
        assert os.strerror(number) in problem.message
        assert file.read_bytes() in (OLD, NEW)
        left = [each for each in file.parent.iterdir() if each != file]
        assert not left or system.names[call] in ("unlink", "stat")
        for each in left:
            each.unlink()


def _appended(file: Path) -> None:
    with file.open("ab") as written:
        written.write(EDIT)


def _saved(file: Path) -> None:
    """As editors save: a new file takes the place of the old one."""
    beside = file.with_suffix(".new")
    beside.write_bytes(file.read_bytes() + EDIT)
    beside.replace(file)


@pytest.mark.parametrize("edit", [_appended, _saved])
def test_edited_at_any_call(file: Path, edit: Callable[[Path], None]) -> None:
    """What somebody else writes meanwhile stays, and they are told who came too late."""
    calls = calls_of_a_write(file)
    if "replace" in calls:  # there, nothing can be done between the last look at the file and its replacement
        calls = calls[: -calls[::-1].index("open")]
    for call in range(len(calls)):
        file.write_bytes(OLD)
        with happening(call, lambda: edit(file)):
            try:
                replace(file.name, OLD, NEW)
                assert file.read_bytes() == NEW + EDIT
            except ScheduleError as error:
                assert error.diagnostics[0].code == "E512"
                assert file.read_bytes() == OLD + EDIT
        assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_keeps_mode_owner_attributes_and_links(file: Path) -> None:
    """The target of a link is written, and all but its bytes is as it was."""
    file.chmod(0o640)
    if os.getuid() == 0:
        os.chown(file, 12345, 23456)
    with suppress(OSError):  # a file system without any
        os.setxattr(file, "user.note", b"mine")
    like = file.stat()
    attributes = os.listxattr(file)
    link = file.parent / "elsewhere" / "link.yaml"
    link.parent.mkdir()
    link.symlink_to(Path("..") / file.name)
    replace("elsewhere/link.yaml", OLD, NEW)
    assert file.read_bytes() == NEW
    assert link.is_symlink()
    assert os.listxattr(file) == attributes
    before, after = ((each.st_mode, each.st_uid, each.st_gid) for each in (like, file.stat()))
    assert before == after
    assert [each.name for each in link.parent.iterdir()] == [link.name]


def test_files_with_several_names_are_left_alone(file: Path) -> None:
    """A replacement would part them, and writing in place could be cut off."""
    os.link(file, "other.yaml")
    (problem,) = refused(replace, file.name, OLD, NEW).diagnostics
    assert "2 names" in problem.message
    assert (file.read_bytes(), file.stat().st_nlink) == (OLD, 2)


AS_SOMEBODY = """
import os, sys
from schedlang import ScheduleError
from schedlang._files.writing import replace
if os.getuid() == 0:
    os.seteuid(int(sys.argv[1]))
replace("free.yaml", b"old", b"new")
try:
    replace("kept.yaml", b"old", b"new")
except ScheduleError as error:
    print(error.diagnostics[0].code)
"""


def test_read_only_files_are_left_alone() -> None:
    """Although the folder would let them be replaced. Root is refused nothing, so a child process is somebody else."""
    somebody = os.getuid() or 65534
    with TemporaryDirectory() as folder:  # which others reach as well, as they don't reach `tmp_path`
        for path, mode in ((Path(folder, "free.yaml"), 0o644), (Path(folder, "kept.yaml"), 0o444)):
            path.write_bytes(b"old")
            path.chmod(mode)
            os.chown(path, somebody, -1)
        os.chown(folder, somebody, -1)
        command = [sys.executable, "-c", AS_SOMEBODY, str(somebody)]
        paths = os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
        told = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, stdout=-1, check=True)
        assert told.stdout.split() == [b"E512"]
        assert [Path(folder, name).read_bytes() for name in ("free.yaml", "kept.yaml")] == [b"new", b"old"]
