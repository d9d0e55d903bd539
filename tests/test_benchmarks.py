"""What the benchmarks compare gives the same values; what is not installed here they check before they measure."""

import re
import tomllib
from pathlib import Path

import attrs
import pytest
from benchmarks.peers import PEERS, Peer, WrongValueError, verify
from benchmarks.report import write
from benchmarks.schedulers import SCHEDULERS
from benchmarks.schedules import CASES, Case
from benchmarks.verify import check_case

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
PACKAGES = {"ignite": "pytorch-ignite"}

IN_TORCH = [each for each in PEERS if each.library == "torch"]
"""The set-ups of torch, which is in the extra `test`."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_written_by_hand(case: Case) -> None:
    """Every function written by hand has the values of the schedule."""
    check_case(case, 20_000)


@pytest.mark.parametrize("peer", IN_TORCH, ids=[f"{peer.case.name}, {peer.uses}" for peer in IN_TORCH])
def test_torch(peer: Peer) -> None:
    """Every set-up of torch has the values of the schedule, all over the run."""
    verify(peer)


def test_schedulers_of_torch() -> None:
    """All schedulers that are compared set the same learning rates, relative to each group's base."""
    made = [make() for make in SCHEDULERS.values()]
    for _ in range(1000):
        groups = [each.optimizer.param_groups[-1] for each in made]
        found = [group["lr"] / group["initial_lr"] for group in groups]
        assert found == pytest.approx([found[0]] * len(made), abs=1e-9)
        for each in made:
            each.step()


def test_a_wrong_set_up_is_found() -> None:
    other = next(case for case in CASES if case is not IN_TORCH[0].case)
    with pytest.raises(WrongValueError):
        verify(attrs.evolve(IN_TORCH[0], case=other))


def test_every_library_is_in_the_extra() -> None:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[<>=\[]", each)[0] for each in project["optional-dependencies"]["benchmark"]}
    assert {PACKAGES.get(each.library, each.library) for each in PEERS} <= extra


def test_writing_a_page(tmp_path: Path) -> None:
    """A block is replaced between its marks, and a mark that is missing changes nothing."""
    page = tmp_path / "page.md"
    text = "a\n<!-- one -->\nold\n<!-- end of one -->\nb\n"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="two"):
        write(page, {"one": "new", "two": "new"})
    assert page.read_text(encoding="utf-8") == text
    write(page, {"one": r"\1"})
    assert page.read_text(encoding="utf-8") == text.replace("old", r"\1")
