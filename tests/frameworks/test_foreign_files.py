"""Configs of other systems in files: where they are found, at which places they are wrong, what is printed."""

import json
import sys
from pathlib import Path

import pytest

from schedlang import ScheduleError
from schedlang._cli import main
from schedlang.foreign import from_config

YAML = """\
model: big
train:
  learning_rate: 3e-4
  lr_scheduler_type: cosine_with_min_lr
  lr_scheduler_kwargs: {min_lr_rate: 0.1}
  warmup_ratio: 0.03
  max_steps: 100
"""
JSON = '{"args": [{"lr_scheduler_type": "linear", "warmup_steps": 5}, {"lr_scheduler_type": "constant"}]}'
TOML = '[train]\nlr_scheduler_type = "polynomial"\nlearning_rate = 1e-3\nlr_scheduler_kwargs.power = 2.0\n'
PYTHON = """\
STEPS = 10 * 10
ö = "ä"
def main(lr):
    return TrainingArguments("out", lr_scheduler_type="cosine", max_steps=STEPS, learning_rate=-(-1e-3), warmup_steps=5)
"""
SHELL = """\
#!/bin/sh
# --lr_scheduler_type no
torchrun train.py --lr_scheduler_type cosine \\
  --learning_rate=2e-5 --lr_scheduler_kwargs '{"num_cycles": 0.5}'  # --warmup_steps 3
python other.py --output_dir "$OUT" --lr_scheduler_type linear --max_steps 10 && echo done
"""
VARIABLES = """\
LR=1e-3
ARGS=(
    --lr-decay-style cosine  # as before
    --lr $LR
    --train-iters ${ITERS:-100}
)
OPTS=" \\
  --min-lr 1e-5 \\
  --lr-warmup-iters 5"
ONE=1; ONE=2
torchrun train.py ${ARGS[@]} $OPTS > log 2>&1 &
python other.py --lr_scheduler_type cosine '--output_dir=$ONE'
LEFT="--lr-decay-style linear"
"""
EXTENDED = """\
DIR=${DIR:-"${PWD}/logs-$(date +%Y)-$$"}
N=$(((1 + 2) * (3 + (4))))
ARGS=(--lr-decay-style cosine)
if [ "$MORE" = 1 ]; then
    ARGS=(
        "${ARGS[@]}"
        --min-lr 1e-5
    )
fi
torchrun train.py "${ARGS[@]}" "$@"
"""
FILLED_IN = """\
w: {steps: 7}
warm: ${w.steps}
train:
  lr_scheduler_type: cosine
  warmup_steps: ${warm}
"""
CALLS = """\
from transformers import SchedulerType, TrainingArguments, get_cosine_schedule_with_warmup
one = TrainingArguments("out", lr_scheduler_type=SchedulerType.REDUCE_ON_PLATEAU)
two = TrainingArguments("out", lr_scheduler_type=SchedulerType.COSINE, learning_rate=args.lr)
three = TrainingArguments("out", max_steps=5)
four = TrainingArguments("out", lr_scheduler_type=args.schedule)
five = get_cosine_schedule_with_warmup(optimizer, 5, len(loader))
six = TrainingArguments(**config)
seven = TrainingArguments(lr_scheduler_type="constant", **config)
eight = TrainingArguments(*parsed)
nine = SFTConfig("out", learning_rate=1e-4, warmup_steps=0.1)
"""
SCOPES = """\
peak, every = 3e-4, 1
floor = 1e-3 * 3
every = 5
if big:
    many = 10
else:
    many = 20
def one(opt, peak):
    steps = 90
    first = LinearLR(opt, 0.1, total_iters=10)
    both = SequentialLR(opt, [first, CosineAnnealingLR(opt, T_max=steps, eta_min=floor * 0.1)], milestones=[10])
    return [opt], [{"scheduler": both, "interval": "step"}]
def two(opt, floor):
    def inner():
        return StepLR(opt, steps)
    steps = 7
    ExponentialLR(opt, floor), StepLR(opt, many), StepLR(opt, every)
"""
FILES = {
    "c.py": CALLS,
    "s.py": SCOPES,
    "a.yaml": YAML,
    "a.json": JSON,
    "a.toml": TOML,
    "a.py": PYTHON,
    "a.sh": SHELL,
    "v.sh": VARIABLES,
    "e.sh": EXTENDED,
    "i.yaml": FILLED_IN,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")


def found(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[list[object]]:
    """Line, key and text of each find."""
    assert main(["import", *arguments, "--json", "--no-compare"]) == code
    return [[each["line"], each["key"], each["text"]] for each in json.loads(capsys.readouterr().out)["found"]]


@pytest.mark.parametrize(
    ("name", "finds"),
    [
        ("a.yaml", [[2, "train", "warmup(3%) then cosine(end=0.1 * base)"]]),
        ("a.json", [[1, "args[0]", "warmup(5) then linear"], [1, "args[1]", "hold"]]),
        ("a.toml", [[2, "train", "poly(end=1e-7, power=2)"]]),
        ("a.py", [[4, "", "warmup(5) then cosine"]]),
        ("a.sh", [[3, "", "cosine"], [5, "", "linear"]]),
        ("v.sh", [[3, "", "warmup(5) then cosine(end=1e-5)"], [12, "", "cosine"], [13, "", "linear"]]),
        ("e.sh", [[3, "", "cosine(end=1e-5)"]]),
        ("i.yaml", [[3, "train", "warmup(7) then cosine"]]),
    ],
)
def test_finds(name: str, finds: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    """Each format's configs, at their lines."""
    assert found(capsys, name) == finds


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, the line to put there, what it takes the place of, what is known of the run, and the proof."""
    assert main(["import", "a.yaml"]) == 0
    first, *rest, proof = capsys.readouterr().out.splitlines()
    assert first == "a.yaml:2 train: cosine_with_min_lr, Hugging Face's TrainingArguments"
    assert rest == [
        "  lr: warmup(3%) then cosine(end=0.1 * base)",
        "  in place of train.lr_scheduler_type, train.warmup_ratio, train.lr_scheduler_kwargs",
        "  with total_steps=100, base=3e-4",
    ]
    assert proof.startswith("  equal at all 100 steps with transformers ")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("b.yaml", "lr_scheduler_type: cosin\n", "b.yaml:1:20"),
        ("b.py", 'f(ü="é", lr_scheduler_type="cosin")', "b.py:1:28"),
        ("b.py", 'f(lr_scheduler_type="cosine", warmup_steps=len(data))', "b.py:1:31"),
        ("b.sh", "train --lr_scheduler_type \\\n  'cosin'", "b.sh:2:3"),
        ("b.sh", "train --lr_scheduler_type cosine --warmup_steps $W", "b.sh:1:49"),
        ("b.sh", "A=1; A=2; train --lr_scheduler_type linear --warmup_steps $A", "b.sh:1:59"),
        ("b.json", '{"lr_scheduler_type": "cosine", "lr_scheduler_kwargs": {"min_lr": 1}}', "b.json:1:67"),
        ("b.py", "param_scheduler = [dict(type='LinearLR', end=5, by_epoch=False, **more)]", "b.py:1:67"),
        ("b.py", "param_scheduler = [{'type': 'LinearLR', 'end': 5, 'by_epoch': False, **more}]", "b.py:1:72"),
        ("b.py", "s = torch.optim.lr_scheduler.StepLR(optimizer, 30, *more)", "b.py:1:52"),
        ("b.py", "s = torch.optim.lr_scheduler.StepLR(optimizer, *more)", "b.py:1:48"),
    ],
)
def test_places_of_mistakes(name: str, text: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake is told where it stands, and the exit code is 1."""
    Path(name).write_text(text, encoding="utf-8")
    assert main(["import", name]) == 1
    assert f"--> {place}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("c.yaml", "a: 1", 1), ("c.py", "def", 1), ("c.txt", "", 1), ("c.py", "x = 1\n", 1), ("missing.yaml", None, 3)],
)
def test_files_without_one(name: str, text: str | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found, and what can't be read, are told."""
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    assert main(["import", name]) == code
    assert name in "".join(capsys.readouterr())


def test_whose_config(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody recognizes can be told, and a system that doesn't exist is no system."""
    with pytest.raises(ScheduleError, match="no system is known"):
        from_config({"warmup_steps": 3})
    assert from_config({"warmup_steps": 3}, "transformers").text == "warmup(3) then linear"
    with pytest.raises(ScheduleError, match="did you mean `transformers`"):
        from_config({}, "transfomers")
    with pytest.raises(ScheduleError, match="has no schedule of `momentum`"):
        from_config({"warmup_steps": 3}, "transformers", name="momentum")
    assert from_config("lr_scheduler_type: cosine").text == "cosine"
    assert from_config("--lr_scheduler_type cosine").text == "cosine"


def test_a_difference_is_no_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the library's values are others, the line says so, and the exit code is 1."""
    import transformers.optimization as theirs

    monkeypatch.setattr(theirs, "_get_constant_lambda", lambda step: 1.0 + (step == 3) * 1e-8)
    Path("d.yaml").write_text("lr_scheduler_type: constant\nmax_steps: 10\n", encoding="utf-8")
    assert main(["import", "d.yaml"]) == 1
    assert "differs from transformers" in (told := capsys.readouterr().out) and "at step 3 of 10" in told


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not compared then, and that is no mistake; what is there, but cannot be imported, is told apart."""
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert main(["import", "a.yaml"]) == 0
    told = "  not compared: transformers is installed, but cannot be imported: import of transformers halted"
    assert told in capsys.readouterr().out
    Path("n.yaml").write_text("optim: {lr: 1e-3, sched: {name: WarmupPolicy, warmup_steps: 5}}", encoding="utf-8")
    assert main(["import", "n.yaml"]) == 0
    assert "  not compared: nemo-toolkit is not installed" in capsys.readouterr().out
    assert main(["import", "n.yaml", "--strict"]) == 1
    assert main(["import", "n.yaml", "--strict", "--no-compare"]) == 0


def test_calls_of_transformers(capsys: pytest.CaptureFixture[str]) -> None:
    """What a call says by a member of an enumeration or by its defaults is read; what nobody knows is told."""
    finds = [[3, "two", "cosine"], [4, "three", "linear"], [6, "five", "warmup(5) then cosine"], [8, "seven", "hold"]]
    finds.append([10, "nine", "warmup(10%) then linear"])
    assert found(capsys, "c.py", code=1) == finds
    assert main(["import", "c.py", "--no-compare"]) == 1
    printed = capsys.readouterr()
    assert "which follows a metric" in printed.err and "c.py:5:51" in printed.err
    assert "what is taken over from elsewhere was not read\n --> c.py:8:59" in printed.err
    assert "()" not in printed.out


def test_names_stand_for_what_they_are_assigned_once(capsys: pytest.CaptureFixture[str]) -> None:
    """In the scope where they are; a schedule that another one is made of is none of its own."""
    whole = "warmup(10, 0.1 * base) then cosine(end=3e-4, duration=90)"
    stairs = [15, "", "step_interval(0.1, every=7)"]
    assert found(capsys, "s.py", "--interval", "step", code=1) == [[12, "", whole], stairs]
    assert main(["import", "s.py", "--interval", "step", "--no-compare"]) == 1
    told = capsys.readouterr().err
    assert [place in told for place in ("s.py:17:24", "s.py:17:44", "s.py:17:63", "s.py:11:67")] == [True] * 4


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("lr_scheduler_type: cosine\nwarmup_steps: 5\nmax_steps: ${steps}\nnum_train_epochs: 3", None),
        ("lr_scheduler_type: cosine\nwarmup_steps: 5\nlearning_rate: $LR\nmax_steps: 90", 90),
    ],
)
def test_a_run_that_is_filled_in_elsewhere(text: str, known: int | None) -> None:
    """Its length and the learning rate change no text; an end that nobody knows is not the epochs'."""
    read = from_config(text)
    assert (read.text, read.total_steps, read.base) == ("warmup(5) then cosine", known, None)


def test_what_does_not_fit_into_the_run() -> None:
    (note,) = from_config("lr_scheduler_type: cosine\nwarmup_steps: 500\nmax_steps: 100").notes
    assert note.code == "W504" and "after 100 of its 500 steps" in note.message


@pytest.mark.parametrize(
    "call", ["cosine_decay_schedule(1e-3, 100, **more)", "cosine_decay_schedule(1e-3, 100, *more)"]
)
def test_what_is_taken_over_from_elsewhere(call: str) -> None:
    """Arguments that nobody sees may be anything, also in a call told as a text."""
    with pytest.raises(ScheduleError, match="may change `cosine_decay_schedule`, and what is in it is not known"):
        from_config(f"optax.{call}")
