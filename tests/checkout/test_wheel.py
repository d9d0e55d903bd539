"""The wheel: what is in it, built from the checkout."""

import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from helpers import ROOT, printed

import schedlang


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    printed("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return zipfile.Path(built)


def test_wheel_has_what_the_package_needs(wheel: zipfile.Path) -> None:
    """The typing marker, the grammar and its conformance cases are in the wheel, as they are in the checkout."""
    for inside, outside in (
        ("schedlang/py.typed", "schedlang/py.typed"),
        ("schedlang/grammar/schedlang.lark", "grammar/schedlang.lark"),
        ("schedlang/grammar/conformance/values.jsonl", "grammar/conformance/values.jsonl"),
    ):
        assert wheel.joinpath(inside).read_bytes() == (ROOT / outside).read_bytes()


def test_wheel_has_every_module(wheel: zipfile.Path) -> None:
    """Every module of the checkout is in the wheel, and nothing but the package and its metadata."""
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "schedlang").rglob("*.py")}
    names = set(wheel.root.namelist())
    assert modules <= names
    assert {name.partition("/")[0] for name in names} == {"schedlang", f"schedlang-{schedlang.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]


def test_page_from_the_wheel(wheel: zipfile.Path, site: Path, tmp_path: Path) -> None:
    """The page that the wheel builds is the checkout's, to the byte, and what is not ours is not in the wheel."""
    wheel.root.extractall(tmp_path)
    printed("-m", "schedlang", "play", "--build", "page", folder=tmp_path, PYTHONPATH=str(tmp_path))
    files = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    page = tmp_path / "page"
    assert {path.relative_to(page): path.read_bytes() for path in page.rglob("*") if path.is_file()} == files
    assert not [name for name in wheel.root.namelist() if name.endswith((".wasm", ".zip")) or "vendor" in name]


def test_version(wheel: zipfile.Path) -> None:
    """The wheel's version is the package's, and the newest in the change log."""
    info = f"schedlang-{schedlang.__version__}.dist-info"
    metadata = Parser().parsestr(wheel.joinpath(info, "METADATA").read_text(encoding="utf-8"))
    assert metadata["Version"] == schedlang.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changes.split("\n## [")[1].startswith(f"{schedlang.__version__}]")
