"""Sets of schedules: shared names, what is refused, binding, and files."""

import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest
from helpers import cases, codes, refused
from hypothesis import given
from hypothesis import strategies as st

from schedlang import Bound, BoundSet, Schedule, ScheduleError, ScheduleSet, cosine, parse
from schedlang.strategies import schedules

OPTIM = {
    "lr": "warmup(w) then cosine(peak, low) where low = peak / 10",
    "weight_decay": 0.1,
    "dropout": cosine(0.5, 0),
    "momentum": "up then hold for rest",
    "where": "w = 2%, peak = max(3e-4, 0), up = linear(0, peak) for w,",
}


def wrong(texts: Any, **options: Any) -> list[str]:
    """The codes of what is wrong with a set."""
    caught = refused(ScheduleSet, texts, **options)
    assert str(pickle.loads(pickle.dumps(caught))) == str(caught)
    return [found.code for found in caught.diagnostics]


def test_shared_names_go_to_the_texts_that_need_them() -> None:
    """Each text gets the definitions it uses, those they use, and keeps its own behind them."""
    assert ScheduleSet(OPTIM).to_dict() == {
        "lr": "warmup(w) then cosine(peak, low) where w = 2%, peak = max(3e-4, 0), low = peak / 10",
        "weight_decay": "0.1",
        "dropout": "cosine(0.5, 0)",
        "momentum": "up then hold for rest where w = 2%, peak = max(3e-4, 0), up = linear(0, peak) for w",
    }


def test_comments_in_where() -> None:
    """A text of shared names may have comments, as any text."""
    commented = ScheduleSet({"lr": "cosine(a, b)", "where": "# of both, here\na = 1, # one, two\nb = 2"})
    assert commented == ScheduleSet({"lr": "cosine(a, b)", "where": "a = 1, b = 2"})


def test_what_is_wrong_with_the_run_is_told_once() -> None:
    """A wrong run is one error, however many schedules there are."""
    assert codes(lambda: ScheduleSet({"lr": "cosine", "wd": "linear(1, 0)", "x": 1}).bind(-5)) == ["E404"]


def test_what_is_wrong_with_a_shared_name() -> None:
    """It is told once, where it stands, and no text that only uses it is shown as one to write instead."""
    with_a_slip = ScheduleSet({"lr": "0.1 * s", "weight_decay": "0.1 * s", "where": {"s": "cosin"}})
    (found,) = refused(with_a_slip.bind, 10).diagnostics
    assert (found.code, found.example, found.source and found.source.name) == ("E402", None, "where.s")
    late = {"lr": "s", "weight_decay": "0.1 * s", "where": {"s": "1 until c then 0", "c": "5%"}}
    assert codes(ScheduleSet, late) == ["E210"]


def test_where_as_a_mapping_is_the_same() -> None:
    """Shared names may be a mapping, whose values are texts, numbers and schedules."""
    texts = {"lr": "warmup(w) then cosine(peak, 0)", "d": "low"}
    as_text = ScheduleSet({**texts, "where": "w = 5%, peak = 0.0003, low = cosine(1, 0)"})
    as_mapping = ScheduleSet({**texts, "where": {"w": "5%", "peak": 3e-4, "low": cosine(1, 0)}})
    assert as_text == as_mapping


@given(schedules().map(str), st.sampled_from(["x then 1", "x for 5 then x", "2 * (x) + 1", "max(x, 0.1)", "x"]))
def test_a_member_means_what_the_text_with_its_names_means(shared: str, text: str) -> None:
    """A shared name is the same as the definition written behind the text."""
    written = f"{text} where x = {shared}"
    try:
        alone: Schedule | None = parse(written)
    except ScheduleError:
        alone = None
    try:
        together: Schedule | None = ScheduleSet({"lr": text, "where": {"x": shared}})["lr"]
    except ScheduleError:
        together = None
    assert together == alone


WRONG = {**cases("bad-sets.jsonl"), "name-is-a-number": [{3: "cosine"}, {}, ["E604"]]}


@pytest.mark.parametrize(("texts", "options", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_refused(texts: Any, options: dict[str, Any], expected: list[str]) -> None:
    assert wrong(texts, **options) == expected


def test_errors_name_the_schedule() -> None:
    """An error tells the name of the set and of the schedule."""
    caught = refused(ScheduleSet, {"lr": "cosin(1, 0)", "where": {"w": "5%%"}}, name="train.yaml:optim")
    assert " --> train.yaml:optim.lr:1:1" in str(caught)
    assert " --> train.yaml:optim.where.w:1:3" in str(caught)


def test_a_set_is_a_value() -> None:
    """Sets compare and hash by their schedules, in any order, and survive pickling."""
    one, other = ScheduleSet(OPTIM), ScheduleSet(dict(reversed(OPTIM.items())))
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != ScheduleSet({"lr": "cosine"})
    assert ScheduleSet(one.to_dict()) == one
    assert list(one) == ["lr", "weight_decay", "dropout", "momentum"]
    assert "lr" in one
    assert "lrr" not in one


def test_one_call_gives_all_values() -> None:
    """A bound set gives what each schedule gives alone, for a step, for arrays and for the whole run."""
    bound = ScheduleSet(OPTIM).bind(1000, base={"momentum": 0.9})
    assert isinstance(bound, BoundSet)
    assert bound.total_steps == 1000
    alone = {
        name: parse(text).bind(1000, base=0.9 if name == "momentum" else 1.0)
        for name, text in ScheduleSet(OPTIM).to_dict().items()
    }
    for step in (0, 10, 20, 999, 1000, 10**9):
        assert bound(step) == {name: each(step) for name, each in alone.items()}
    assert {name: curve.tolist() for name, curve in bound.curves(5, 50, 3).items()} == {
        name: each.values(5, 50, 3).tolist() for name, each in alone.items()
    }
    assert {name: curve.tolist() for name, curve in bound.at([3, 1]).items()} == {
        name: each.at([3, 1]).tolist() for name, each in alone.items()
    }
    assert isinstance(bound["lr"], Bound)
    assert [each.code for each in ScheduleSet({"lr": "warmup(2000) then cosine"}).bind(1000).warnings()] == [
        each.code for each in parse("warmup(2000) then cosine").bind(1000).warnings()
    ]


def test_binding_tells_all_that_is_wrong() -> None:
    """A base for nobody, a parameter for nobody, one that is missing, and a rate that is missing are told at once."""
    two = ScheduleSet({"lr": "warmup(w) then cosine", "wd": "linear(1, 0) for k"})
    assert sorted(codes(two.bind, base={"lrr": 1.0}, w="5%", kk=3)) == ["E401", "E402", "E403", "E604"]


def test_what_is_missing_is_given_to_the_set() -> None:
    """A set says what to write for it, and Hydra for its config."""
    (found,) = refused(ScheduleSet({"lr": "warmup(w) then cosine"}).bind, 100).diagnostics
    assert found.hint == "give `bind(…, w=…)`, or define it for all texts under the key `where`"
    (found,) = refused(ScheduleSet({"lr": "warmup(5%) then cosine"}).bind).diagnostics
    assert found.hint == "give `bind(…, total_steps=…)`"


def test_parameters_go_where_they_are_used() -> None:
    """A parameter may be used by one of the texts alone."""
    bound = ScheduleSet({"lr": "peak * linear(1, 0)", "wd": 0.1}).bind(10, peak=3.0)
    assert bound(0) == {"lr": 3.0, "wd": 0.1}


def test_load(tmp_path: Path) -> None:
    """A section of a file is a set; its errors point into the file."""
    path = tmp_path / "train.yaml"
    path.write_text("optim:\n  lr: warmup(w) then cosine(1e-3, 0)\n  wd: 1e-3\n  where:\n    w: 5%\n")
    expected = ScheduleSet({"lr": "warmup(w) then cosine(1e-3, 0)", "wd": "1e-3", "where": "w = 5%"})
    assert ScheduleSet.load(f"{path}:optim") == expected
    path.write_text("lr: warmup(w) then cosine(1e-3, 0)\nwd: 1e-3\nwhere: w = 5%\n")
    assert ScheduleSet.load(f"{path}:") == expected
    path.write_text("optim:\n  lr: cosine\n  where:\n    w: 5%%\n")
    with pytest.raises(ScheduleError, match=r"train.yaml:4:10 \(optim.where.w\)"):
        ScheduleSet.load(f"{path}:optim")


@pytest.mark.parametrize(
    ("content", "key", "code"),
    [
        ("optim: 5\n", "optim", "E506"),
        ("optim: {lr: {a: 1}}\n", "optim", "E506"),
        ("optim: {lr: 1}\n", "optin", "E505"),
    ],
    ids=["no-mapping", "too-deep", "no-key"],
)
def test_load_refuses(tmp_path: Path, content: str, key: str, code: str) -> None:
    """What is no mapping of schedules is told with the file and the key."""
    path = tmp_path / "train.yaml"
    path.write_text(content)
    assert codes(ScheduleSet.load, f"{path}:{key}")[0] == code
    assert codes(ScheduleSet.load, "train.txt:optim")[0] == "E503"


def test_what_stands_beside_a_where_is_what_a_set_has(tmp_path: Path) -> None:
    """A key of a section alone, as tests and the command line read it, has the values that the set has."""
    from schedlang.testing import assert_schedule

    for name, text in {
        "a.yaml": "a: {b: {lr: warmup(w) then up, wd: 0.1, d: 0 for w then up, where: {w: 5%, up: cosine}}}",
        "a.json": '{"a": {"b": {"lr": "p * cosine(1, 0)", "x": "linear to p", "where": "n = 3, p = 1 / n"}}}',
        "a.toml": '[a.b]\nlr = "warmup(w) then cosine"\nwhere.w = 20\n',
    }.items():
        path = tmp_path / name
        path.write_text(text)
        values = ScheduleSet.load(f"{path}:a.b").bind(100, base=0.5)
        for key in values:
            bound = assert_schedule((path, f"a.b.{key}"), total=100, base=0.5)
            assert list(bound.values()) == list(values[key].values())


def test_an_update_without_dropout_does_something() -> None:
    """That the first updates do nothing is told of learning rates alone."""
    texts = {"head_lr": "warmup(6) then 2", "dropout": "linear(0, 1, 7) then hold", "wd": "warmup(9) then hold"}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ScheduleSet(texts).bind(50)
    assert [str(each.message)[:4] for each in told if "W501" in str(each.message)] == ["W501"]


def test_rates_use_shared_names_and_are_known() -> None:
    """A rate may use the names of all texts, and is no mistyped name of a schedule."""
    texts = {"lr": "cosine", "batch": 4, "where": {"context": 512}, "tokens_per_step": "context * batch"}
    given = ScheduleSet(texts, known=["lr", "batch"])
    assert given.bind("1M tok").total_steps == 489
    assert ScheduleSet(given.to_dict()) == given
    for wrong in (0, "-1", "0 * 5"):
        assert codes(ScheduleSet({"lr": "cosine", "tokens_per_step": wrong}).bind, 10) == ["E404"]
