"""Stages, lists and whole numbers in sets of schedules, and in files of them."""

import json
import pickle
import shlex
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from helpers import EXAMPLES, ROOT, cases, codes, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import ScheduleError, ScheduleSet, cosine, parse
from schedlang._bound import bound as bound_module
from schedlang._cli import main
from schedlang._language.nodes import Where
from schedlang.strategies import durations, schedules

TRAIN = {
    "stages": {"a": "1285 steps / 3", "b": "1285 steps / 3", "c": "rest"},
    "lr_mul": {"a": 1, "b": 1.52, "c": 1.73},
    "batch_size": {"a": 131072, "b": 262144, "c": 393216},
    "mtp_weights": {"a": [1, 0.5, "linear(0.25, 0)"], "b": [1, "linear(0.5, 0)"], "c": [1]},
    "betas": [0.9, "linear(0.95, 0.99)"],
    "lr": "warmup(w) then cosine",
    "where": {"w": "5%"},
    "integers": ["batch_size"],
}
"""The keys of a section: by stages, lists by stages, a list, and a text."""


def test_values_of_stages() -> None:
    """A stage's value holds for its steps; a list is one; whole numbers are ints; all else is a float."""
    values = ScheduleSet(TRAIN).bind(1285)
    assert values(0) == {
        "lr_mul": 1.0,
        "batch_size": 131072,
        "mtp_weights": [1.0, 0.5, 0.25],
        "betas": [0.9, 0.95],
        "lr": 0.0,
    }
    assert list(values(0)) == ["lr_mul", "batch_size", "mtp_weights", "betas", "lr"]
    assert [values(step)["lr_mul"] for step in (428, 429, 856, 857, 5000)] == [1, 1.52, 1.52, 1.73, 1.73]
    assert [len(values(step)["mtp_weights"]) for step in (428, 429, 856, 857, 5000)] == [3, 2, 2, 1, 1]
    assert {type(values(step)["batch_size"]) for step in (0, 429, 5000)} == {int}
    assert type(values(0)["lr_mul"]) is float
    assert values.values_at(429).keys() == {
        *("lr_mul", "batch_size", "mtp_weights.0", "mtp_weights.1", "betas.0", "betas.1", "lr")
    }
    assert type(values.values_at(429)["batch_size"]) is int
    assert values["mtp_weights.1"](429) == values(429)["mtp_weights"][1] == values.at([429])["mtp_weights.1"][0]
    assert values.curves(429, 430)["mtp_weights.1"] == [values(429)["mtp_weights"][1]]


def test_stages_in_files(tmp_path: Path) -> None:
    """YAML, TOML and JSON say the same, and so does what a set writes of itself; pickled it is the same, too."""
    yaml = pytest.importorskip("yaml")
    given = ScheduleSet(TRAIN)
    toml = [
        f"{key} = {json.dumps(value)}" if not isinstance(value, dict) else f"[train.{key}]\n" + "\n".join(
            f"{name} = {json.dumps(each)}" for name, each in value.items()
        )
        for key, value in sorted(TRAIN.items(), key=lambda item: isinstance(item[1], dict))
    ]  # fmt: skip
    for name, text in {
        "a.yaml": yaml.safe_dump({"train": TRAIN}, sort_keys=False),
        "a.json": json.dumps({"train": TRAIN}),
        "a.toml": "[train]\n" + "\n".join(toml),
    }.items():
        path = tmp_path / name
        path.write_text(text)
        assert ScheduleSet.load(f"{path}:train") == given, name
    again = ScheduleSet(json.loads(json.dumps(given.to_dict())))
    assert again == given == pickle.loads(pickle.dumps(given))
    assert hash(again) == hash(given)
    assert again.to_dict() == given.to_dict()
    assert again.bind(1285).fingerprint == given.bind(1285).fingerprint
    assert pickle.loads(pickle.dumps(given.bind(1285)))(429) == given.bind(1285)(429)
    other = TRAIN | {"mtp_weights": {"a": [1, 0.5, "linear(0.25, 0)"], "b": [1, "linear(0.5, 0)"], "c": [1, "hold"]}}
    assert ScheduleSet(other) != given
    assert ScheduleSet(other).bind(1285).fingerprint != given.bind(1285).fingerprint


@settings(max_examples=EXAMPLES // 5)
@given(
    st.lists(st.tuples(durations(units=("%", "steps"), most=20).map(str), schedules(most=3)), min_size=1, max_size=4),
    st.booleans(),
)
def test_stages_are_a_chain(stages: list[tuple[str, Any]], rest: bool) -> None:
    """A stage's text means what it means in a chain, `(text) for LENGTH`, and is refused where that is."""
    texts = [str(each.body if isinstance(each, Where) else each) for _, each in stages]
    lengths = [length for length, _ in stages]
    lengths[-1:] = ["rest"] if rest else lengths[-1:]
    names = [f"s{index}" for index in range(len(stages))]

    def values(read: Any) -> Any:
        try:
            return [read()(step) for step in (0, 3, 11, 29, 64)]
        except ScheduleError as error:
            return sorted((each.code, each.message) for each in error.diagnostics)

    run: dict[str, Any] = {"steps_per_epoch": 7, "samples_per_step": 3, "tokens_per_step": 50}
    free = {"stages": dict(zip(names, lengths, strict=True)), "x": dict(zip(names, texts, strict=True))}
    chain = " then ".join(f"({text}) for ({length})" for text, length in zip(texts, lengths, strict=True))
    chain = chain.replace("(rest)", "rest")
    assert values(lambda: ScheduleSet(free).bind(60, **run)["x"]) == values(lambda: parse(chain).bind(60, **run))


def wrong(path: Path) -> list[str]:
    """What is wrong with a set in a file: code, line, column and message."""
    told = []
    for each in refused(ScheduleSet.load, f"{path}:s").diagnostics:
        assert each.source is not None and each.span is not None, each
        line, column = each.source.position(each.span.start)
        told.append(f"{each.code} {line}:{column} {each.message}".replace(str(path), "F"))
    return told


WRONG = cases("bad-stages.jsonl")


@pytest.mark.parametrize(("stages", "rest", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_refused(tmp_path: Path, stages: str, rest: str, expected: list[str]) -> None:
    """What is wrong is told with its place in the file, by a set and by `check` alike."""
    path = tmp_path / "a.yaml"
    path.write_text(f"s:\n  stages: {{{stages}}}\n  {rest}\n")
    assert wrong(path) == expected
    assert main(["check", f"{path}:s"]) == 1


def test_mistakes_in_other_formats(tmp_path: Path) -> None:
    """JSON may have a key twice, and TOML a mistake in a table of its own."""
    path = tmp_path / "a.json"
    path.write_text('{"s": {"stages": {"a": 10, "b": "rest"}, "lr": {"a": 1, "a": 2, "b": 3}}}')
    assert wrong(path) == ["E514 1:57 `s.lr.a` stands twice in its mapping (lines 1 and 1)"]
    path.write_text('{"s": {"m": [1, "linear(0.25", "0)"]}}')
    message = "`m` has `linear(0.25`, which is half a call: YAML cut it at its comma"
    assert wrong(path) == [f"E507 1:8 {message}"]
    path = tmp_path / "a.toml"
    path.write_text('[s]\nstages = {a = 10, b = "rest"}\n[s.lr]\na = 1\nb = "cosin(1, 0)"\n')
    assert wrong(path) == ["E201 5:6 unknown name `cosin`"]


def test_a_merged_value_may_be_said_anew(tmp_path: Path) -> None:
    """What YAML merges from elsewhere is not doubled by what stands beside it."""
    path = tmp_path / "a.yaml"
    path.write_text("x: &x {a: 1, b: 2}\ns: {stages: {a: 10, b: rest}, lr: {<<: *x, b: 3}}\n")
    assert [ScheduleSet.load(f"{path}:s").bind(100)(step)["lr"] for step in (0, 10)] == [1, 3]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"stages": {"a": 5, "b": "rest"}, "lr": {"a": [1, "linear(0.25", "0)"], "b": [1]}}, ["E507"]),
        ({"lr": [1, "linear(0.25", 0, "5)"]}, ["E507"]),
        ({"stages": {"a": 5, "b": "rest"}, "lr": {"a": "f(1", "2)": None, "b": 1}}, ["E507"]),
        ({"lr": [1, {"keyframes(0": 1}, {10: "0)"}]}, ["E507"]),
        ({"stages": {"a": "min(5", "2)": None, "b": "rest"}, "lr": {"a": 1, "b": 2}}, ["E507"]),
        ({"stages": {"a": 5, "b": "rest"}, "lr": {"a": None, "b": 1}}, ["E109"]),
        ({"stages": {"a": True, "b": "rest"}, "lr": {"a": 1, "b": 1}}, ["E604"]),
        ({"stages": {"a": 1.0, "b": "rest"}, "lr": {"a": 1, "b": 1}}, ["E303"]),
        ({"stages": {"a": cosine(1, 0), "b": "rest"}, "lr": {"a": 1, "b": 1}}, ["E302"]),
        ({"stages": {1: 5, "b": "rest"}, "lr": {1: 1, "b": 1}}, ["E604"]),
        ({"stages": {}, "lr": 1}, ["E604"]),
        ({"stage": {"a": 5, "b": "rest"}, "lr": 1}, ["E604"]),
        ({"stages": [5, "rest"], "lr": {"a": 1}}, ["E604"]),
        ({"stages": {"a": 5, "b": "rest"}, "lr": {"a": 1, "b": 1}, "where": "w = 5"}, ["E604"]),
        ({"stages": {"a": 5, "b": "rest"}, "lr": {"a": cosine(1, 0).where(x=1), "b": 1}}, ["E209"]),
    ],
)  # fmt: skip
def test_what_is_refused_in_python(texts: Any, expected: list[str]) -> None:
    """A mapping that others have read is asked the same; half a call is told to be quoted."""
    found = refused(ScheduleSet, texts).diagnostics
    assert [each.code for each in found] == expected
    assert expected != ["E507"] or "in quotes" in str(found[0].hint)


def test_stages_in_python() -> None:
    """Schedules that were made in Python, numbers, tuples, comments, and names for the lengths are taken."""
    given = ScheduleSet(
        {
            "stages": {"a": "w", "b": "2 * w  # twice", "c": 0.25},
            "x": {"a": cosine(1, 0), "b": "peak # to the end", "c": "hold for 0 then 2"},
            "m": {"a": (), "b": (1, cosine(2, 1)), "c": [3]},
            "where": "w = 10%, peak = 5",
        }
    )
    values = given.bind(100)
    assert [values(step)["x"] for step in (0, 10, 29, 30, 99)] == [1, 5, 5, 2, 2]
    assert [values(step)["m"] for step in (9, 10, 30, 99)] == [[], [1, 2], [3], [3]]
    assert str(given["x"]) == (
        "cosine(1, 0) for w then peak for 2 * w then (hold for 0 then 2) for 0.25 where w = 10%, peak = 5"
    )
    assert ScheduleSet(given.to_dict()) == given


def test_parameters_bases_and_events_of_stages() -> None:
    """Lengths may be parameters and events; a base is for a hyperparameter, a list as a whole or an item."""
    texts = {
        "stages": {"a": "w", "b": "until_cool", "c": "rest"},
        "lr": {"a": "linear(0, 1)", "b": "hold", "c": "linear(end=0)"},
        "m": {"a": ["hold", "hold"], "b": [3], "c": ["hold", 5, 6]},
        "where": {"until_cool": "later"},
    }
    assert {*codes(ScheduleSet(texts).bind, 100)} == {"E402"}
    assert codes(ScheduleSet(texts).bind, 100, w=5, base={"q": 1}) == ["E604"]
    values = ScheduleSet(texts).bind(100, w="10%", base={"m": 7, "lr": 2}, ignore=["W501"])
    assert values(0)["m"] == [7, 7]
    assert values(50) == {"lr": 1.0, "m": [3]} == values(99)
    cooled = values.change(until_cool="20%", step=25)
    assert cooled(29) == values(29)
    assert cooled(30) == {"lr": 1.0, "m": [3, 5, 6]}
    assert cooled(65)["lr"] == 0.5
    assert codes(values.change, until_cool=5, step=50) == ["E415"]
    single = ScheduleSet({"m": ["hold", "hold"]}).bind(10, base={"m.0": 3, "m.1": 4})
    assert single(0)["m"] == [3, 4]


def test_a_rate_and_a_clock_of_stages() -> None:
    """The tokens of a step may follow a batch that is given by stages, which last so many tokens; a clock is any."""
    texts = {"stages": {"a": "500k tok", "b": "rest"}, "batch": {"a": 10, "b": 20}, "m": {"a": [1, 2], "b": [3]}}
    given = ScheduleSet({**texts, "tokens_per_step": "4096 * batch", "integers": ["batch"]})
    values = given.bind("1M tok")
    assert [values(step) for step in (12, 13)] == [{"batch": 10, "m": [1, 2]}, {"batch": 20, "m": [3]}]
    assert ScheduleSet(given.to_dict()) == given
    ticking = ScheduleSet({**texts, "stages": {"a": "2min", "b": "rest"}}).bind("30min", clock="s")
    assert [len(ticking(second)["m"]) for second in (119.9, 120)] == [2, 1]


def test_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not whole is told when it is bound, with the stage; in a run that is too long for that, when asked."""
    texts: dict[str, Any] = {"stages": {"a": 10, "b": "rest"}, "n": {"a": 1, "b": "2.5"}, "integers": ["n"]}
    (found,) = refused(ScheduleSet(texts).bind, 100).diagnostics
    assert (found.code, found.message) == ("E604", "`n` is to be a whole number, and is 2.5 at step 10")
    assert found.source is not None and found.span is not None and found.source[found.span] == "2.5"
    assert codes(ScheduleSet({"n": [1, "linear(1, 3)"], "integers": ["n"]}).bind, 100) == ["E604"]
    rounded = ScheduleSet({"n": [1, "round(linear(1, 3))"], "integers": ["n"]}).bind(100)
    assert [rounded(step)["n"] for step in (0, 50, 100)] == [[1, 1], [1, 2], [1, 3]]
    for run in ({"total_steps": 10**9}, {"total_steps": "14.8T tok", "clock": "tok"}):
        assert codes(ScheduleSet({"n": "1 for 50% then 2.5", "integers": ["n"]}).bind, **run) == ["E604"]
    (found,) = refused(ScheduleSet(texts).bind, "90ep", clock="ep", steps_per_epoch=7).diagnostics
    assert found.message.endswith("is 2.5 at epoch 1.428571428571")
    late = ScheduleSet({"n": "hold for c then 2.5", "where": {"c": "later"}, "integers": ["n"]}).bind(100)
    assert codes(late.change, c=7) == ["E604"]
    monkeypatch.setattr(bound_module, "LOOKED_AT", 5)
    once = ScheduleSet({"n": "0.5 + 0.5 * min(abs(run_step - 33), 1)", "integers": ["n"]}).bind(100)
    assert once(32) == {"n": 1}
    assert codes(once, 33) == ["E604"]


def test_arrays_of_lists() -> None:
    """A list that is always as long is asked with tensors, too; of another it is told how to ask."""
    torch = pytest.importorskip("torch")
    values = ScheduleSet({"betas": [0.9, "linear(0, 1)"], "n": 4, "integers": ["n"]}).bind(100)
    assert [float(each) for each in values(torch.tensor(25))["betas"]] == [torch.tensor(0.9).item(), 0.25]
    assert codes(ScheduleSet(TRAIN).bind(1285), torch.tensor(5)) == ["E412"]


SESSIONS = {
    "check FILE:train --total 1285": "ok  FILE:train  (8 schedules)\n",
    "check FILE --total 1285": "ok  FILE  (7 schedules)\n",
    "check FILE:train.batch_size": "ok  FILE:train.batch_size\n",
    "eval FILE:train.batch_size 0 429 --total 1285": "step  value\n   0  131072\n 429  262144\n",
    "eval FILE:train.mtp_weights 0 900 --total 1285": (
        "step  mtp_weights.0  mtp_weights.1  mtp_weights.2  len(mtp_weights)\n"
        "   0  1.0            0.5            0.25           3\n"
        " 900  1.0            0.0            0.0            1\n"
    ),
    "eval FILE:train.mtp_weights.1 0 900 --total 1285": "step  value\n   0  0.5\n 900  0.0\n",
    "check FILE:train.mtp_weights.2": "ok  FILE:train.mtp_weights.2\n",
    "table FILE:train.lr_mul --every 500 --total 1285": "step\tvalue\n0\t1.0\n500\t1.52\n1000\t1.73\n",
    "eval FILE:train.betas 7 --total 14": "step  betas.0  betas.1\n   7  0.9      0.97\n",
    "eval FILE:train.lr_mul.b 7": "step  value\n   7  1.52\n",
}


@pytest.mark.parametrize(("command", "expected"), SESSIONS.items(), ids=SESSIONS)
def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, expected: str
) -> None:
    """The command line sees a section with stages as a set does; a list that is not always as long tells its length."""
    monkeypatch.chdir(tmp_path)
    Path("train.json").write_text(json.dumps({"train": TRAIN}))
    assert main(shlex.split(command.replace("FILE", "train.json"))) == 0
    assert capsys.readouterr().out == expected.replace("FILE", "train.json")


UNFORMATTED = """\
train:   # stages
  stages: {a: 10 %, b:  2, c: 3, d: rest}   # kept
  lr: {a: "cosin(1,0)", b: 2, c: 3, d: 4}
  m:
    a: [1,  linear(0.25, 0)]  # half a call
    b: ['wurmup( 3 )', 0.5]
    c: [linear(0.25,0), 'step'] # no blank
    d: [linear(1,
      0.5) # two lines
      , 1]
  integers: []
"""


def test_no_value_is_cut_to_a_whole_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What no look at a long run has found is shown as it is."""
    path = tmp_path / "a.json"
    path.write_text('{"s": {"n": "0.5 + 0.5 * min(abs(run_step - 3M), 1)", "integers": ["n"]}}')
    assert main(["eval", f"{path}:s", "2999999", "3000000", "--total", "100000000"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["n", "1", "0.5"]


def test_mending_and_formatting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --fix` and `format` write into the texts of stages, and touch nothing else."""
    monkeypatch.chdir(tmp_path)
    path = Path("a.yaml")
    path.write_text(UNFORMATTED)
    assert main(["check", "--fix", "a.yaml"]) == 0
    fixed = UNFORMATTED.replace("cosin(", "cosine(").replace("linear(0.25, 0)", '"linear(0.25, 0)"')
    fixed = fixed.replace("wurmup", "warmup").replace("linear(0.25,0)", '"linear(0.25,0)"')
    fixed = fixed.replace("linear(1,\n      0.5)", '"linear(1,\n      0.5)"')
    assert path.read_text() == fixed
    assert main(["format", "a.yaml"]) == 0
    assert path.read_text() == fixed.replace("(1,0)", "(1, 0)").replace("( 3 )", "(3)").replace(
        "5,0)", "5, 0)"
    ).replace(",\n      0.5", ", 0.5")
    assert main(["diff", "a.yaml:train", "a.yaml:train", "--total", "100"]) == 0
    before = path.read_text()
    path.with_name("b.yaml").write_text(before.replace("b: ['warmup(3)', 0.5]", "b: ['warmup(3)']"))
    capsys.readouterr()
    assert main(["diff", "a.yaml:train", "b.yaml:train", "--total", "100"]) == 1
    assert "len(m)" in capsys.readouterr().out


def test_errors_of_a_run_point_into_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong with a run, and warnings, are told at the text of the stage."""
    path = tmp_path / "a.json"
    path.write_text('{"s": {"stages": {"a": "2ep", "b": "rest"},\n"lr": {"a": "warmup(w)",\n"b": "warmup(5ep)"}}}')
    assert main(["check", f"{path}:s", "--param", "w=2000", "--total", "100"]) == 1
    shown = capsys.readouterr().err
    assert f"{path}:1:25 (s.stages.a)" in shown
    assert main(["check", f"{path}:s", "--param", "w=2000", "--total", "100", "--steps-per-epoch", "10"]) == 0
    shown = capsys.readouterr().err
    assert f"{path}:2:" in shown and "(s.lr.a)" in shown


@pytest.mark.parametrize(
    "text",
    [
        "stages: {fetch: {cmd: wget x}, train: {cmd: python}}\nlr: {fetch: adamm, train: cosin(1)}\n",
        "stages: [a, b]\nlr: {a: cosin(1), b: 2}\n",
        "stages: {a: build, b: deploy}\nlr: {a: cosin(1), b: 2}\n",
        "stages: {a: 10%, b: rest}\nlr: {x: cosin(1), y: 2}\n",
    ],
)
def test_the_stages_of_others_are_passed_by(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """In a file as a whole, only what has values for stages with lengths is taken for a set with stages."""
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert main(["check", str(path)]) == 0, capsys.readouterr().err


def test_keys_that_the_project_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under such keys stand schedules, those of stages, and lists of them; what others fill in is passed by."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text("[tool.schedlang]\nkeys = ['betas', 'm']\n")
    Path("a.yaml").write_text(
        "s: {stages: {a: 9, b: rest}, m: {a: [1], b: [cosin]}, q: {a: line, b: 2}}\nbetas: [0.9, 'line(1, 0)']\n"
        "t: {stages: {a: '${n}', b: rest}, m: {a: [1], b: [cosin]}}\nu: {stages: {a: 9}, m: {a: '${n}'}}\n"
        "hydra: {sweeper: {params: {betas: [1, 2]}}}\n"
    )
    assert main(["check", "--format", "line", "a.yaml"]) == 1
    told = sorted(line.partition(": ")[0] for line in capsys.readouterr().out.splitlines())
    assert told == ["a.yaml:1:46", "a.yaml:2:15"]


def test_names_that_only_stages_use(tmp_path: Path) -> None:
    """A shared name may be used by a length, or by the text of a stage or of a list alone."""
    path = tmp_path / "a.yaml"
    path.write_text("s: {stages: {a: w, b: rest}, lr: {a: p, b: 2}, m: [q, 1], where: {w: 5%, p: 3, q: 4}}\n")
    assert main(["check", f"{path}:s"]) == main(["check", str(path)]) == 0
    path.write_text("s: {stages: {a: w, b: rest}, lr: {a: 1, b: 2}, where: {w: 5%, p: 3}}\n")
    assert main(["check", f"{path}:s"]) == main(["check", str(path)]) == 1


def test_modded_nanogpt() -> None:
    """The example has the numbers of modded-nanogpt at each step, as its formulas give them."""
    levels, batches, sequences = (1.0, 1.52, 1.73, 1.0), (8, 16, 24, 24), (896, 2048, 2048, 2048)
    windows = ([1, 3], [3, 7], [5, 11], [6, 13])
    starts, stops = ([1, 0.5, 0.25], [1, 0.5], [1], [1]), ([1, 0.5, 0], [1, 0], [1], [1])
    prefixes = ((0.25, 0.25), (0.25, 0), (0, 0), (0, 0))
    scheduled, extension, cooldown = 1270, 15, 0.6
    ends = [*(round(share * scheduled) for share in accumulate((1 / 3,) * 3)), scheduled + extension]
    values = ScheduleSet.load(f"{ROOT / 'examples' / 'stages.yaml'}:train").bind(scheduled + extension)
    for step in range(scheduled + extension):
        stage = next(index for index, end in enumerate(ends) if step < end)
        begin = ends[stage - 1] if stage else 0
        through = (step - begin) / (ends[stage] - begin)
        cooling = int(scheduled * (1 - cooldown))
        share = min(1, max(0, (step - cooling) / (scheduled - cooling)))
        found = values(step)
        assert found.pop("mtp_weights") == pytest.approx(
            [one + (other - one) * through for one, other in zip(starts[stage], stops[stage], strict=True)], abs=1e-15
        )
        assert found.pop("prefix_weight") == pytest.approx(
            prefixes[stage][0] + (prefixes[stage][1] - prefixes[stage][0]) * through, abs=1e-15
        )
        assert found.pop("lr") == pytest.approx(levels[stage] * (1 - share) + 0.15 * share, rel=1e-15)
        assert found == {
            "batch_size": batches[stage] * 2048 * 8,
            "sequence": sequences[stage],
            "windows": windows[stage],
        }
        assert all(type(each) is int for each in (found["batch_size"], found["sequence"], *found["windows"]))


PLAN = """\
plan:
  stages: {a: 500k tok, b: rest}
  batch: {a: 10, b: 20}
  lr: warmup(250k tok) then cosine
  where: {context: 4096}
  tokens_per_step: context * batch
ticking: {lr: warmup(2min) then cosine, clock: s}
none: {tokens_per_step: 5}
others: {lr: warmup(2ep) then cosine, steps_per_epoch: "${epoch}", samples_per_step: auto, tokens_per_step: -1}
"""
TOLD = {
    "check FILE:plan": (0, "ok  FILE:plan  (3 schedules)\n"),
    "check FILE:plan --total '1M tok'": (0, "ok  FILE:plan  (3 schedules)\n"),
    "check FILE:plan.tokens_per_step": (0, "ok  FILE:plan.tokens_per_step\n"),
    "eval FILE:plan 12 13 --total '1M tok'": (
        0,
        "step  batch  lr\n  12  10.0   0.7652200837722207\n  13  20.0   0.6889591755225957\n",
    ),
    "eval FILE:plan.batch 12 13 --total '1M tok'": (0, "step  value\n  12  10.0\n  13  20.0\n"),
    "eval FILE:plan.tokens_per_step 12 13 --total '1M tok'": (0, "step  value\n  12  40960.0\n  13  81920.0\n"),
    "eval FILE:plan.batch 0 --total '1M tok' --tokens-per-step 5": (1, "FILE:6:20 (plan.tokens_per_step)"),
    "eval FILE:ticking 60 --total 30min": (0, "second  lr\n    60  0.5\n"),
    "eval FILE:ticking.lr 60 --total 30min --clock tok": (1, "--clock is given, and the set tells it, too"),
    "eval FILE:others.lr 5 --total 100 --steps-per-epoch 10": (0, "step  value\n   5  0.25\n"),
    "eval FILE:none 0": (1, "a set of schedules has no schedule\n --> FILE:8:7 (none)"),
    "check FILE:others": (1, "FILE:9:56 (others.steps_per_epoch)"),
    "check FILE": (0, "ok  FILE  (4 schedules)\n"),
}


@pytest.mark.parametrize(("command", "expected"), TOLD.items(), ids=TOLD)
def test_what_a_section_tells_of_its_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    expected: tuple[int, str],
) -> None:
    """The command line knows the rates and the clock of a section; what only looks like one is passed by."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(PLAN)
    code, text = expected
    assert main(shlex.split(command.replace("FILE", "a.yaml"))) == code
    shown = capsys.readouterr()
    assert text.replace("FILE", "a.yaml") in (shown.err if code else shown.out)


def test_settings_of_a_run_that_a_section_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the project says of all runs does not hold for one that a section tells of."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.schedlang.run]\ntotal_steps = "1M tok"\ntokens_per_step = 7\n')
    Path("a.yaml").write_text(PLAN)
    assert main(["eval", "a.yaml:plan.batch", "12", "13"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["value", "10.0", "20.0"]


BOUND = """\
s:
  stages: {a: 2ep, b: rest}
  n:
    a: warmup(w)
    b: >-
      cosine(1, 0)
      for 5 then 2.5
  integers: [n]
  x: warmup(5ep)
  samples_per_step: RATE
"""


def test_a_set_that_was_loaded_knows_its_lines(tmp_path: Path) -> None:
    """Whatever is wrong when a set is bound or changed is told where it stands in the file, and so are warnings."""

    def told(diagnostics: Any) -> list[str]:
        places = [(each.source, each.span, each.code) for each in diagnostics]
        return [f"{code} {':'.join(map(str, source.position(span.start)))}" for source, span, code in places]

    path = tmp_path / "a.yaml"
    path.write_text(BOUND.replace("RATE", "0"))
    assert told(refused(ScheduleSet.load(f"{path}:s").bind, 100).diagnostics) == ["E404 10:21"]
    path.write_text(BOUND.replace("RATE", "3"))
    given = ScheduleSet.load(f"{path}:s")
    assert told(refused(given.bind, 100).diagnostics) == ["E402 4:15", "E401 9:13"]
    assert told(refused(given.bind, 100, w=20).diagnostics) == ["E401 2:15", "E401 9:13"]
    assert told(refused(given.bind, 100, w=20, steps_per_epoch=10).diagnostics) == ["E604 4:8"]
    path.write_text(BOUND.replace("RATE", "3").replace("integers: [n]", "integers: []"))
    given = ScheduleSet.load(f"{path}:s")
    bound = given.bind(100, w=40, steps_per_epoch=10, ignore=["W502", "W508", "W510"])
    assert told(bound.warnings()) == ["W501 4:8", "W508 4:15", "W502 7:18", "W501 9:6", "W510 9:6"]
    for again in (pickle.loads(pickle.dumps(given)), given):
        assert again == given
        assert hash(again) == hash(given)
