"""The recipes of `docs/architecture.md`, followed to the letter in a copy of the package: what they say is enough."""

import re
import shutil
from pathlib import Path

import pytest
from helpers import ROOT, printed

import schedlang

PAGE = ROOT / "docs" / "architecture.md"


def copied(folder: Path) -> Path:
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(schedlang.__file__).parent, folder / "schedlang", ignore=unwanted)
    shutil.copytree(ROOT / "grammar", folder / "grammar")
    return folder


def follow(heading: str, folder: Path) -> list[str]:
    """Make the changes that the `diff` blocks of a section show; the files that were changed.

    `--- FILE` says in which file; what stands between two `@@` is one place in it, found by its lines alone.
    """
    section = re.search(rf"(?ms)^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"))
    assert section is not None, f"no section {heading}"
    changed = []
    for block in re.findall(r"(?ms)^```diff\n(.*?)^```$", section[1]):
        for part in re.split(r"(?m)^--- ", block)[1:]:
            name, _, changes = part.partition("\n")
            path = folder / name
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            for place in re.split(r"(?m)^@@\n", changes):
                lines = place.splitlines()
                old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
                new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
                assert text.count(old) == 1 or not text, f"{name} has not one place with\n{old}"
                text = text.replace(old, new) if text else new
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def tried(script: str, folder: Path) -> str:
    """What a script prints in the copy; it fails if the script does, or has imported the package from elsewhere."""
    (folder / "tried.py").write_text(script, encoding="utf-8")
    return printed("tried.py", folder=folder, PYTHONPATH=str(folder), KERAS_BACKEND="jax")


WARNING = """
import contextlib, io
from pathlib import Path

import schedlang
from schedlang import parse
from schedlang._cli import main
from schedlang.linting import STORIES

assert Path(schedlang.__file__).is_relative_to(Path.cwd())
story = STORIES["W599"]
(found,) = parse(story.wrong).bind(1000).warnings()
assert (found.code, found.message, found.source[found.span]) == ("W599", "`warmup(1)` takes a single step", "1")
assert not parse(story.right).bind(1000).warnings()

# Switched off, by its code or not at all.
def codes(text):
    return [each.code for each in parse(text).bind(1000).warnings()]

assert codes(f"{story.wrong}  # schedlang: ignore W599") == []
assert codes(f"{story.right}  # schedlang: ignore W599") == ["W514"]
assert not parse(story.wrong).bind(1000).warnings(ignore=["W599"])
assert "codes of warnings are W501 … W599" in str(parse("1  # schedlang: ignore X").bind(1000).warnings()[0])

# The command line.
def printed(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        main([*arguments])
    return out.getvalue()

assert "warning[W599]" in printed("check", story.wrong, "--total", "1000")
assert "W599" not in printed("check", story.right, "--total", "1000")
assert printed("explain-error", "W599").startswith("W599: a ramp of a single step")
"""


def test_warning(tmp_path: Path) -> None:
    """A warning takes one file, and is then known wherever warnings are."""
    assert follow("How to add a warning", copied(tmp_path)) == ["schedlang/_insight/lint/rules_layout.py"]
    tried(WARNING, tmp_path)
    shutil.copytree(PAGE.parent, tmp_path / "docs")
    (command,) = re.findall(r"`python (.*stories)`", PAGE.read_text(encoding="utf-8"))
    printed(*command.split(), folder=tmp_path, PYTHONPATH=str(tmp_path))
    for name, heading in (("errors.md", "W599: a ramp of a single step"), ("warnings.md", "W599")):
        assert f"\n### {heading}\n" in (tmp_path / "docs" / name).read_text(encoding="utf-8")


UNIT = """
import contextlib, inspect, io, json, tomllib, warnings
from pathlib import Path
import schedlang
from schedlang import ScheduleError, ScheduleSet, parse

assert Path(schedlang.__file__).is_relative_to(Path.cwd())
text = "warmup(5M frames) then cosine"
lr = parse(text).bind(1000, frames_per_step=100_000)
assert [lr(0), lr(25), lr(50)] == [0.0, 0.5, 1.0]

# As it may be written, and how canonical texts have it.
for other in ("warmup(5Mframes) then cosine", "warmup(5_000_000 frame) then cosine", "warmup(5e6frames) then cosine"):
    assert parse(other) == parse(text), other
assert str(parse("hold for 5k frame then 1 for 1")) == "hold for 5000 frames then 1 for 1"
assert parse("linear(1, 0)").bind("2k frames", frames_per_step=100).total_steps == 20

# What is missing, unknown, or wrong.
def message(call):
    try:
        call()
    except ScheduleError as error:
        return str(error)
    raise AssertionError("no error")

assert "`5M frames` needs frames_per_step" in message(lambda: parse(text).bind(1000))
assert "bind the schedule with `frames_per_step=…`" in message(lambda: parse(text).bind(1000))
assert "`samples`, `tok`, `frames`, `s`, `min` and `h`" in message(lambda: parse("warmup(5 moons)"))
assert "give it as a number, `frames_per_step=2048`" in message(lambda: parse(text).bind(1000, frames_per_step=-1))
assert "did you mean `frames_per_step`?" in message(lambda: parse(text).bind(1000, frames_per_stp=5))

# Whatever else binds.
assert schedlang.evaluate(text, 25, 1000, frames_per_step=100_000) == 0.5
assert ScheduleSet({"lr": text}).bind(1000, frames_per_step=100_000)(25) == {"lr": 0.5}
assert "÷ 100000 frames/step" in str(lr.explain())
assert lr.explain().run["frames_per_step"] == 100_000

import torch
import schedlang.torch, schedlang.optax, schedlang.keras, schedlang.noether, schedlang.hydra, schedlang.testing
import schedlang.kappaschedules, schedlang.stable_baselines3
run = {"total_steps": 1000, "frames_per_step": 100_000}
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
scheduler = schedlang.torch.Scheduler(optimizer, text, **run)
scheduler.step(25)
assert scheduler.get_last_lr() == [0.5]
scheduler.load_state_dict(json.loads(json.dumps(scheduler.state_dict())))
assert schedlang.optax.schedule(text, **run)(25) == 0.5
keras_lr = schedlang.keras.Schedule(text, **run)
assert schedlang.keras.Schedule.from_config(keras_lr.get_config()).bound(25) == 0.5
assert schedlang.hydra.bind(text, **run)(25) == 0.5
assert schedlang.noether.Schedule(text, base=1, **run).get_value(25, 1000) == 0.5
assert schedlang.kappaschedules.Schedule(text, frames_per_step=100_000).get_value(25, 1000) == 0.5
assert schedlang.stable_baselines3.Schedule(text, 1000, frames_per_step=100_000)(0.975) == 0.5
schedlang.testing.assert_schedule(text, total=1000, frames_per_step=100_000, at={25: 0.5, "1M frames": 0.2})
from schedlang.transformers import SchedulerCallback
from schedlang.lightning import configure
for function in (SchedulerCallback.__init__, configure, schedlang.torch.Scheduler.__init__, parse(text).bind):
    assert "frames_per_step" in inspect.signature(function).parameters

# The command line, and settings.
from schedlang._cli import main

def printed(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as found:
        assert main([*arguments]) == 0, arguments
    return found.getvalue()

assert printed("eval", text, "25", "--total", "1000", "--frames-per-step", "100k").split()[-2:] == ["25", "0.5"]
assert "different" not in printed("diff", text, text, "--total", "1000", "--frames-per-step", "5",
                                  "--new-frames-per-step", "5")
Path("pyproject.toml").write_text("[tool.schedlang.run]\\ntotal_steps = 1000\\nframes_per_step = 100000\\n")
Path("train.yaml").write_text(f"lr: {text}\\n")
printed("check", "train.yaml")
Path("long.yaml").write_text("lr:   warmup(5Mframes)   then cosine\\n")
printed("format", "long.yaml")
assert "5M frames" in Path("long.yaml").read_text()

# Editors, pictures, the page.
from schedlang._editors.server.completing import complete
from schedlang._editors.play.answers import answer
from schedlang.sphinx import ScheduleDirective
from schedlang.textmate import grammars
assert "frames" in [item.label for item in complete("warmup(5 fr", 11).items]
assert "|frames|" in json.dumps(grammars())
assert json.loads(answer(json.dumps({"text": text})))["needs"] == ["frames_per_step"]
assert "frames-per-step" in ScheduleDirective.option_spec

# Generated schedules.
from hypothesis import find
from schedlang.strategies import durations, runs
assert str(find(durations(units=("frames",)), lambda _: True)).endswith("frames")
assert "frames_per_step" in find(runs(), lambda _: True)
"""


def test_unit(tmp_path: Path) -> None:
    """A unit with a rate of its own takes two files, and is then known wherever texts and runs are."""
    changed = follow("How to add a unit", copied(tmp_path))
    assert len(changed) <= 2
    tried(UNIT, tmp_path)


CLAUSE = """
from pathlib import Path
import numpy, torch
import schedlang
from hypothesis import find, settings
from schedlang import ScheduleError, linear, parse
from schedlang._editors.server.completing import complete
from schedlang._language.formatting import format_text
from schedlang._language.highlight import pieces
from schedlang.strategies import schedules
from schedlang.textmate import grammars

assert Path(schedlang.__file__).is_relative_to(Path.cwd())
text = "warmup(2) then linear(1, 0) for 4 reversed then hold"
schedule = parse(text)
assert str(schedule) == text and parse(str(schedule)) == schedule
assert str((linear(1, 0).lasting(4) + 1).reversed()) == "(linear(1, 0) for 4) + 1 reversed"
assert format_text("cosine   for 4 reversed # back\\nthen hold") == "cosine for 4 reversed  # back\\nthen hold"

# The walk, and all engines.
lr = schedule.bind(10)
values = [0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1]
steps = range(11)
assert [lr.walk(step) for step in steps] == values
assert [lr.compiled(step) for step in steps] == values
assert "walk_" not in lr.source
assert lr.at(numpy.arange(11)).tolist() == lr.at(numpy.repeat(numpy.arange(11), 9))[::9].tolist() == values
assert lr.at(torch.arange(11)).tolist() == values

# What is said of it.
assert [(row.first, row.stop) for row in lr.phases] == [(0, 2), (2, 6), (6, 10)] and lr.phases[1].shape == "reversed"
outermost = [each for each in lr.explain().sentences if each.depth == 0]
assert [each.first for each in outermost] == [0, 2, 6, 10] and [each.stop for each in outermost][:-1] == [2, 6, 10]
assert outermost[1].text == "plays this backwards:"
assert lr.why(3).value == 0.25 and "shows the value of step 5" in str(lr.why(3))
assert [str(found.code) for found in parse("linear(1, 0) for 40 reversed").bind(20).warnings()]

# Who writes it.
assert "reversed" in [item.label for item in complete("cosine ", 7).items]
assert [each.kind.value for each in pieces("cosine reversed")] == ["primitive", "blank", "keyword"]
assert "reversed" in str(grammars())
try:
    parse("hold where reversed = 3")
except ScheduleError as error:
    assert "`reversed`" in str(error)
find(schedules(), lambda found: "reversed" in str(found), settings=settings(max_examples=5000))
"""


def test_clause(tmp_path: Path) -> None:
    """A clause takes its word in the grammar, its class, its part and its method, and is then known everywhere."""
    changed = follow("How to add a clause", copied(tmp_path))
    assert len(changed) <= 7
    tried(CLAUSE, tmp_path)


def function() -> str:
    """The record that the recipe for functions shows."""
    section = PAGE.read_text(encoding="utf-8").partition("## How to add a function\n")[2].partition("\n## ")[0]
    (record,) = re.findall(r"```py\n(.*?)\n```", section, re.DOTALL)
    return str(record)


def with_function(folder: Path, record: str) -> None:
    path = folder / "schedlang" / "_language" / "operations.py"
    source, end = path.read_text(encoding="utf-8"), ")\n\nFUNCTIONS: Final"
    assert source.count(end) == 1
    path.write_text(source.replace(end, f"{record},\n{end}"), encoding="utf-8")


SIGN = """
import math
from pathlib import Path

import numpy as np

import schedlang
from schedlang import parse

assert Path(schedlang.__file__).parent == Path.cwd() / "schedlang"


def sign(x):
    return float((x > 0) - (x < 0))


steps = range(200)
many = parse("sign(sin(step)) + 1").bind(10**6)
for text, meaning in {
    "sign(step - 5) + 1": lambda step: sign(step - 5) + 1,
    "sign(sin(step)) + 1": lambda step: sign(math.sin(step)) + 1,
    "2 * sign(0.5 - cosine) * cosine(1, 0)": None,
}.items():
    lr = parse(text).bind(1000)
    walked = [lr.walk(step) for step in steps]
    assert meaning is None or walked == [meaning(step) for step in steps]
    assert [lr(step) for step in steps] == walked
    assert lr.at(np.arange(5)).tolist() == walked[:5]
    assert np.allclose(lr.at(np.arange(200)), walked, rtol=1e-15)
    assert np.allclose(lr.values()[:200], walked, rtol=1e-15)
    for step in (0, 5, 9):
        assert eval(lr.why(step).expression, vars(math).copy()) == walked[step]
    assert "sign(" in str(lr.explain())
    above = [range(each.first, each.stop or 1000) for each in lr.when("> 1").ranges]
    assert [any(step in each for each in above) for step in steps] == [value > 1 for value in walked]
    for library in LIBRARIES:
        if library == "torch":
            import torch

            assert np.allclose(lr.at(torch.arange(200)).numpy(), walked, rtol=1e-6, atol=1e-6)
        else:
            import jax

            assert np.allclose(jax.jit(lr.at)(jax.numpy.arange(200)), walked, rtol=1e-6, atol=1e-6)
assert many.at(np.arange(50)).tolist() == [many(step) for step in range(50)]

from schedlang import functions

assert str(functions.sign("step - 5")) == "sign(step - 5)"
"""


@pytest.mark.frameworks
def test_function(tmp_path: Path) -> None:
    """A function is one record in one file; every engine, `why`, `explain`, `when` and Python then have it."""
    with_function(copied(tmp_path), function())
    tried(f"LIBRARIES = ['torch', 'jax']\n{SIGN}", tmp_path)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("Called(", "'bound'"),  # what stands behind it moves up
        ("slopes=", "'slopes'"),
        ("doc=", "the operation `sign` lacks `doc`"),
    ],
)
def test_incomplete_function(tmp_path: Path, line: str, named: str) -> None:
    """A record without one of its lines is refused on import, by a message that names what it lacks."""
    lines = function().splitlines(keepends=True)
    kept = [each for each in lines if not each.strip().startswith(line)]
    assert len(kept) == len(lines) - 1
    with_function(copied(tmp_path), "".join(kept))
    with pytest.raises(AssertionError, match=re.escape(named)):
        tried("from schedlang import parse", tmp_path)


@pytest.mark.parametrize(
    ("name", "kernel", "message"),
    [
        ("sin", "sign", "two records of the operation `sin`"),
        ("sign", "float", "two records of the kernel `float`"),  # one that only recording uses
        ("sign", "take", "no kernel can be called {'take'}"),  # as what every array namespace has
        ("sign", "look", "no kernel can be called {'look'}, as are instructions of plans"),
    ],
)
def test_taken_name(tmp_path: Path, name: str, kernel: str, message: str) -> None:
    """A record never replaces another of its name, and no kernel is taken for an instruction of plans."""
    record = (
        function().replace('"sign"', f'"{name}"', 1).replace('Kernel(\n        "sign"', f'Kernel(\n        "{kernel}"')
    )
    with_function(copied(tmp_path), record)
    with pytest.raises(AssertionError, match=message):
        tried("import schedlang._engines.planning", tmp_path)
