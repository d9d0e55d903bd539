"""Noether's configs in files: read as the schedules that they are, checked where it is certain, and never written."""

import json
import sys
from pathlib import Path

import pytest

from schedlang import ScheduleSet
from schedlang._cli import main
from schedlang._files.reading import read_reference
from schedlang.noether import from_noether

OPTIMIZER = """\
trainer:
  kind: noether.training.trainers.SchedulesTrainer
  max_epochs: 50
model:
  optim:
    kind: torch.optim.AdamW
    lr: 1.0e-3
    weight_decay: 0.05
    schedule_config:
      kind: noether.core.schedules.LinearWarmupCosineDecaySchedule
      warmup_steps: 10
      end_value: 1e-6  # a text to PyYAML
      max_value: ${model.optim.lr}
    weight_decay_schedule:
      kind: noether.core.schedules.StepFixedSchedule
      factor: 0.1
      start_value: ${model.optim.weight_decay}
      steps: [0.3, 0.6]
"""
LR = "linear(0, 1e-3, inclusive=neither) for 10 then cosine(1e-3, 1e-6, inclusive=both)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ran(*command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(list(command))
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_key_is_the_schedule_there(capsys: pytest.CaptureFixture[str]) -> None:
    """With the values that `${…}` leads to; also as one of a set, and for those that take texts."""
    Path("a.yaml").write_text(OPTIMIZER, encoding="utf-8")
    key = "a.yaml:model.optim.schedule_config"
    assert read_reference(key).text == LR
    assert ran("diff", key, LR, "--total", "100", capsys=capsys)[0] == 0
    for command in ("plot", "explain", "eval", "table"):
        assert ran(command, key, "--total", "100", capsys=capsys)[0] == 0
    Path("b.yaml").write_text("lr:\n  kind: noether.core.schedules.ConstantSchedule\n  value: 0.5\nwd: 0.1\n", "utf-8")
    assert {name: str(each) for name, each in ScheduleSet.load("b.yaml").items()} == {
        "lr": "constant(0.5)",
        "wd": "0.1",
    }
    assert ran("eval", "b.yaml:lr", capsys=capsys)[0] == 0


def test_an_optimizer_is_told_with_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(OPTIMIZER, encoding="utf-8")
    keys = [f"a.yaml:model.optim.{each}" for each in ("schedule_config", "weight_decay_schedule")]
    for command in ("plot", "eval"):
        code, told = ran(command, "a.yaml:model.optim", capsys=capsys)
        assert code == 1
        assert "E506]: `a.yaml:model.optim` is a mapping" in told
        assert f"write `{keys[0]}` or `{keys[1]}`" in told
    assert f"write `{keys[0]}`, `{keys[1]}`" in ran("plot", "a.yaml", capsys=capsys)[1]


def test_check_counts_them_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(OPTIMIZER, encoding="utf-8")
    assert ran("check", "a.yaml", capsys=capsys) == (0, "ok  a.yaml  (2 schedules)\n")
    assert ran("check", "--fix", ".", capsys=capsys)[0] == 0
    assert ran("format", ".", capsys=capsys)[0] == 0
    assert ran("format", "a.yaml:model.optim.schedule_config", capsys=capsys)[0] == 0
    assert Path("a.yaml").read_text(encoding="utf-8") == OPTIMIZER


START = "schedule:\n  kind: noether.core.schedules."
FINE = {
    "composed of several files": "kind: noether.core.schedules.CosineDecreasingSchedule\nmax_value: ${optim.lr}\n",
    "all of it": "lr_schedule:\n  kind: noether.core.schedules.StepFixedSchedule\n  factor: ${f}\n  steps: ${s}\n"
    "  start_value: ${v}\n",
    "a newer kind": "schedule:\n  kind: noether.core.schedules.HyperbolicTangentSchedule\n  max_value: 1\n",
    "its length is told elsewhere": "schedule:\n  kind: noether.core.schedules.LinearDecreasingSchedule\n"
    "  max_value: 1.0\n  overhang_percent: 0.1\n",
    "others' kinds": "schedule:\n  kind: my.schedules.CosineDecreasingSchedule\n  max_valeu: 1\n"
    "lr:\n  kind: torch.optim.lr_scheduler.StepLR\n",
    "no schedule": "lr:\n  kind: noether.core.optimizer.OptimizerWrapper\n  max_valeu: 1\n",
    "told elsewhere": f"{START}CosineDecreasingSchedule\n  max_value: ???\n  end_value: 1.0\n",
    "one of both is null elsewhere": f"{START}LinearWarmupCosineDecaySchedule\n  max_value: 1.0\n"
    "  warmup_steps: ${w.steps}\n  warmup_percent: ${w.percent}\n",
    "leads in a circle": f"{START}ConstantSchedule\n  value: ${{schedule.value}}\n",
    "a kind to be filled in": "schedule:\n  kind: ${kind}\n  max_valeu: 1\n",
}


@pytest.mark.parametrize("name", FINE)
def test_no_alarm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What others know of a run or a value, and what is none of Noether's schedules."""
    Path("a.yaml").write_text(FINE[name], encoding="utf-8")
    assert ran("check", "a.yaml", capsys=capsys)[0] == 0


WRONG = {
    f"{START}CosineDecreasingSchedule\n  max_valeu: 1.0\n": (3, 3, "`max_valeu`", "did you mean `max_value`?"),
    f"{START}CosineDecreasingSchedule\n  max_valeu: ${{lr}}\n": (3, 3, "`max_valeu`", "did you mean `max_value`?"),
    f"{START}CosinDecreasingSchedule\n  max_value: 1\n": (2, 9, "no schedule", "`CosineDecreasingSchedule`"),
    f"{START}StepFixedSchedule\n  start_value: 1.0\n  steps: [0.1]\n": (2, 3, "lacks its field `factor`", ""),
    f"{START}StepFixedSchedule\n  start_value: 1\n  factor: 0.1\n  steps: [0.1, 6]\n": (5, 16, "`6` is not", "0.01"),
    f"{START}StepFixedSchedule\n  factor: -1\n  stepps: [0.1]\n": (4, 3, "`stepps`", "did you mean `steps`?"),
    f"{START}ConstantSchedule\n  value: abc\n": (3, 10, "`'abc'` is not a number", ""),
    f"{START}LinearDecreasingSchedule\n  max_value: 1\n  end_value: 2\n": (4, 3, "above `max_value`", ""),
}


@pytest.mark.parametrize("text", WRONG)
def test_mistakes_have_their_place(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In `check`, and asked for by the key."""
    line, column, message, hint = WRONG[text]
    Path("a.yaml").write_text(text, encoding="utf-8")
    asked = ("check", "a.yaml"), *([] if "${" in text else [("plot", "a.yaml:schedule")])
    for command in asked:
        code, told = ran(*command, capsys=capsys)
        assert code == 1
        assert f"--> a.yaml:{line}:{column} (schedule" in told
        assert message in told and hint in told


def test_what_leads_nowhere_is_told_by_its_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.yaml").write_text(OPTIMIZER.replace("${model.optim.lr}", "${optim.lr}"), encoding="utf-8")
    code, told = ran("plot", "a.yaml:model.optim.schedule_config", capsys=capsys)
    assert code == 1
    assert "--> a.yaml:13:18 (model.optim.schedule_config.max_value)" in told
    assert "`${optim.lr}` leads nowhere in this file" in told and "hp_resolved.yaml" in told
    monkeypatch.setitem(sys.modules, "omegaconf", None)
    told = ran("plot", "a.yaml:model.optim.schedule_config", capsys=capsys)[1]
    assert "`${…}` in `model.optim.schedule_config.max_value` needs the package `omegaconf`" in told
    assert "pip install 'schedlang[hydra]'" in told
    assert ran("check", "a.yaml", capsys=capsys)[0] == 0


def test_a_reference_of_omegaconfs_is_told_where_it_leads(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(f"{START}ConstantSchedule\n  value: 0.5\nlr: ${{schedule}}\nwd: ${{x}}\n", "utf-8")
    assert "name what it leads to: `a.yaml:schedule`" in ran("eval", "a.yaml:lr", "0", capsys=capsys)[1]
    assert "`a.yaml:wd` is `${x}`, which OmegaConf fills in" in ran("eval", "a.yaml:wd", "0", capsys=capsys)[1]


def test_values_are_those_of_from_noether() -> None:
    """JSON and TOML too."""
    config = {"kind": "noether.core.schedules.StepIntervalSchedule", "factor": 0.5, "update_interval": 0.1}
    config["start_value"] = 1e-3
    Path("a.toml").write_text("[s]\n" + "".join(f"{key} = {value!r}\n" for key, value in config.items()), "utf-8")
    assert read_reference("a.toml:s").text == str(from_noether(config))


def test_what_is_odd_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """A field that Noether passes over, where a file is checked; what only the text lacks, where it is shown."""
    fields = "  warmup_percent: 0.29\n  max_value: 1.0\n  start_step: 5\n  end_step: 9\n"
    Path("a.yaml").write_text(f"{START}LinearWarmupCosineDecaySchedule\n{fields}", encoding="utf-8")
    code, told = ran("check", "a.yaml", capsys=capsys)
    assert code == 0 and "--> a.yaml:5:3 (schedule.start_step)" in told and "W528" not in told
    told = ran("eval", "a.yaml:schedule", "--total", "100", capsys=capsys)[1]
    assert "warning[W527]" in told and "--> a.yaml:3:19 (schedule.warmup_percent)" in told


def test_names_without_a_module_are_read_if_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """As kappaschedules has them too, `check` leaves them alone."""
    Path("a.yaml").write_text("schedule:\n  kind: LinearDecreasingSchedule\n", encoding="utf-8")
    assert ran("check", "a.yaml", capsys=capsys)[0] == 0
    assert "lacks its field `max_value`" in ran("eval", "a.yaml:schedule", capsys=capsys)[1]


def test_a_file_may_be_one_config(capsys: pytest.CaptureFixture[str]) -> None:
    """As a group of Hydra's has it: then the file needs no key."""
    Path("a.yaml").write_text("kind: noether.core.schedules.ConstantSchedule\nvalue: 0.5\n", encoding="utf-8")
    assert ran("eval", "a.yaml", "7", capsys=capsys) == (0, "step  value\n   7  0.5\n")
    assert ran("check", "a.yaml", capsys=capsys)[0] == ran("plot", "a.yaml", "--total", "9", capsys=capsys)[0] == 0
    Path("a.yaml").write_text("kind: noether.core.schedules.ConstantSchedule\nvalu: 0.5\n", encoding="utf-8")
    for command in ("check", "eval"):
        assert "--> a.yaml:2:1 (valu)" in ran(command, "a.yaml", capsys=capsys)[1]


def test_the_config_of_something_else_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A `kind` that is no schedule is none, and its name no text of ours."""
    Path("a.yaml").write_text("optim:\n  schedule_config:\n    kind: torch.optim.AdamW\n    lr: 1e-3\n", "utf-8")
    code, told = ran("check", "a.yaml:optim.schedule_config", capsys=capsys)
    assert (code, "E605" in told, "the config of an optimizer" in told, "E102" in told) == (1, True, True, False)


def test_the_length_of_the_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Phases in percent are another text in each run: `--total` says which; as a duration, and in the settings, too."""
    config = {
        "kind": "noether.core.schedules.SequentialPercentSchedule",
        "schedule_configs": [
            {"schedule": {"kind": "LinearIncreasingSchedule", "max_value": 1.0}, "end_percent": 0.33},
            {"schedule": {"kind": "CosineDecreasingSchedule", "max_value": 1.0}},
        ],
    }
    Path("a.json").write_text(json.dumps({"lr": config}), encoding="utf-8")
    text = str(from_noether(config, total_steps=101))
    for run in (["--total", "101"], ["--total", "2ep", "--steps-per-epoch", "50.5"]):
        assert ran("check", "a.json:lr", *run, capsys=capsys)[0] == 0
        assert ran("diff", "a.json:lr", text, *run, capsys=capsys)[0] == 0
    assert ran("diff", text, "a.json:lr", "--total", "101", "--new-total", "101", capsys=capsys)[0] == 0
    code, told = ran("eval", "a.json:lr", "3", capsys=capsys)
    assert (code, "E607" in told) == (1, True)
    Path("pyproject.toml").write_text("[tool.schedlang.runs.lr]\ntotal_steps = 101\n", encoding="utf-8")
    assert ran("eval", "a.json:lr", "3", capsys=capsys)[0] == 0
