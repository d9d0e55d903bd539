"""Schedules in the types of config libraries: read, written, refused with the whole of our error."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import cattrs
import click
import msgspec
import pydantic
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from helpers import codes, refused
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import InstantiationException, OverrideParseException
from hydra.utils import instantiate
from hypothesis import given
from jsonargparse import ArgumentParser
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError

import schedlang.jsonargparse  # noqa: F401  # registers the type
from schedlang import Bound, BoundSet, Schedule, ScheduleSet, parse
from schedlang.argparse import schedule as argument
from schedlang.cattrs import register
from schedlang.click import SCHEDULE
from schedlang.hydra import bind, read_config
from schedlang.hydra import register as register_resolver
from schedlang.msgspec import Text, Texts, dec_hook, enc_hook
from schedlang.pydantic import EXAMPLES, ScheduleField, ScheduleSetField
from schedlang.strategies import schedules

TEXT = "warmup(5%) then cosine"
WRONG = "warmup(5%) then cosin(1, 0)"
SET = {"lr": "warmup(w) then cosine", "weight_decay": 0.1, "where": "w = 5%"}


def error_of(text: Any) -> str:
    return str(refused(parse, text))


class Model(pydantic.BaseModel):
    lr: ScheduleField
    optim: ScheduleSetField | None = None


class Struct(msgspec.Struct):
    lr: Text
    optim: Texts | None = None


@attrs.frozen
class Attributes:
    lr: Schedule
    optim: ScheduleSet | None = None


def with_pydantic(data: dict[str, Any]) -> tuple[Schedule, ScheduleSet | None, str]:
    """Read by Pydantic: the schedule, the set, and both written again as JSON."""
    model = Model.model_validate_json(json.dumps(data))
    assert Model.model_validate(model.model_dump()) == model
    return model.lr, model.optim, model.model_dump_json()


def with_msgspec(data: dict[str, Any]) -> tuple[Schedule, ScheduleSet | None, str]:
    struct = msgspec.json.decode(json.dumps(data).encode(), type=Struct, dec_hook=dec_hook)
    optim = None if struct.optim is None else struct.optim.schedules
    return struct.lr.schedule, optim, msgspec.json.encode(struct, enc_hook=enc_hook).decode()


def with_cattrs(data: dict[str, Any]) -> tuple[Schedule, ScheduleSet | None, str]:
    converter = register(cattrs.Converter())
    read = converter.structure(data, Attributes)
    return read.lr, read.optim, json.dumps(converter.unstructure(read))


Library = Callable[[dict[str, Any]], tuple[Schedule, ScheduleSet | None, str]]
libraries = pytest.mark.parametrize("read", [with_pydantic, with_msgspec, with_cattrs])


@libraries
@given(schedules())
def test_any_schedule_goes_through(read: Library, schedule: Schedule) -> None:
    """What is read is the schedule of the text, and what is written its canonical text."""
    found, optim, written = read({"lr": str(schedule)})
    assert found == schedule
    assert optim is None
    assert json.loads(written)["lr"] == str(schedule)


@libraries
@pytest.mark.parametrize("number", [3, 3e-4, 0.1])
def test_numbers_are_constants(read: Library, number: float) -> None:
    assert read({"lr": number})[0] == parse(number)


@libraries
def test_sets(read: Library) -> None:
    """A mapping is read as a set, and written as texts that stand alone."""
    _, optim, written = read({"lr": TEXT, "optim": SET})
    assert optim == ScheduleSet(SET)
    assert json.loads(written)["optim"] == ScheduleSet(SET).to_dict()


def test_pydantic_shows_our_error() -> None:
    """The whole of our errors stands in Pydantic's, with the names of the fields, and their codes as data."""
    with pytest.raises(pydantic.ValidationError) as caught:
        Model(lr=WRONG, optim={"lr": WRONG})  # type: ignore[arg-type]
    assert error_of(WRONG).partition("\n")[2] in str(caught.value)
    assert " --> lr:1:17" in str(caught.value)
    assert " --> optim.lr:1:17" in str(caught.value)
    assert [(each["loc"], each["ctx"]["codes"]) for each in caught.value.errors()] == [
        (("lr",), ["E201"]),
        (("optim",), ["E201"]),
    ]


def test_pydantic_describes_the_fields() -> None:
    """The JSON schema has examples, which are schedules."""
    described = Model.model_json_schema()["properties"]["lr"]
    assert described["examples"] == EXAMPLES
    assert [type(parse(each)).__name__ for each in EXAMPLES] == ["Then", "Then", "Number"]
    assert {each["type"] for each in described["anyOf"]} == {"string", "number"}


def test_pydantic_reads_defaults() -> None:
    """A default may be a text or a mapping, if Pydantic is told to read it."""

    class Defaults(pydantic.BaseModel):
        lr: ScheduleField = pydantic.Field(TEXT, validate_default=True)
        optim: ScheduleSetField = pydantic.Field(SET, validate_default=True)
        none: ScheduleField | None = None

    assert Defaults().lr == parse(TEXT)
    assert Defaults().optim == ScheduleSet(SET)
    assert Defaults().model_dump() == {"lr": TEXT, "optim": ScheduleSet(SET).to_dict(), "none": None}


def test_pydantic_takes_schedules() -> None:
    assert Model(lr=parse(TEXT), optim=ScheduleSet(SET)).lr == parse(TEXT)


def test_msgspec_shows_our_error() -> None:
    """The whole of our error stands in msgspec's, with the path."""
    with pytest.raises(msgspec.ValidationError) as caught:
        with_msgspec({"lr": WRONG})
    assert str(caught.value) == f"{error_of(WRONG)} - at `$.lr`"


def test_msgspec_fields_are_values() -> None:
    """What holds a schedule compares, hashes and prints by it; what isn't ours is left to other hooks."""
    assert Text(TEXT) == Text("warmup( 5% ) then cosine")
    assert hash(Text(TEXT)) == hash(Text(parse(TEXT)))
    assert Texts(SET) == Texts(ScheduleSet(SET))
    assert len({Texts(SET), Texts(SET), Texts({"lr": 1})}) == 2
    assert repr([Text(TEXT), Texts({"lr": 1})]) == f"[Text({TEXT!r}), Texts({{'lr': '1'}})]"
    for hook, arguments in ((dec_hook, (complex, 1)), (enc_hook, (1j,))):
        with pytest.raises(NotImplementedError):
            hook(*arguments)  # type: ignore[operator]


def test_cattrs_shows_our_error() -> None:
    """Our error is one of cattrs' group, as it is."""
    with pytest.raises(cattrs.ClassValidationError) as caught:
        with_cattrs({"lr": WRONG, "optim": {"lr": WRONG}})
    first, second = caught.value.exceptions
    assert str(first) == error_of(WRONG)
    assert "error[E201]" in str(second)


def test_argparse(capsys: pytest.CaptureFixture[str]) -> None:
    """An option is a schedule, its default too; the whole of our error is printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=argument, default=TEXT)
    assert parser.parse_args([]).lr == parse(TEXT)
    assert parser.parse_args(["--lr", "cosine to 0"]).lr == parse("cosine")
    with pytest.raises(SystemExit):
        parser.parse_args(["--lr", WRONG])
    assert error_of(WRONG) in capsys.readouterr().err


@click.command()
@click.option("--lr", type=SCHEDULE, default=TEXT, show_default=True)
def train(lr: Schedule) -> None:
    print(repr(str(lr)))


def test_click() -> None:
    """An option is a schedule, its default too; the whole of our error is printed."""
    runner = CliRunner()
    assert runner.invoke(train, []).output == f"{TEXT!r}\n"
    assert runner.invoke(train, ["--lr", "cosine to 0"]).output == "'cosine'\n"
    assert SCHEDULE.convert(parse(TEXT), None, None) == parse(TEXT)
    wrong = runner.invoke(train, ["--lr", WRONG])
    assert wrong.exit_code == 2
    assert error_of(WRONG) in wrong.output


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cos", ["cosine"]),
        ("warmup(5%) then line", ["warmup(5%) then linear"]),
        ("step_f", ["step_fixed"]),
        ("5%x", []),
    ],
    ids=["word", "last-word", "several-words", "nothing"],
)
def test_click_completes_primitives(typed: str, offered: list[str]) -> None:
    """In a shell, the last word is completed to the name of a primitive."""
    found = ShellComplete(train, {}, "train", "_TRAIN_COMPLETE").get_completions(["--lr"], typed)
    assert [each.value for each in found] == offered


def test_jsonargparse(tmp_path: Path) -> None:
    """An argument of the type is read from the command line and from a config, and written as canonical text."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--lr", type=Schedule)
    parser.add_argument("--config", action="config")
    config = tmp_path / "train.yaml"
    config.write_text("lr: cosine to 0\n")
    assert parser.parse_args(["--lr", TEXT]).lr == parse(TEXT)
    assert parser.parse_args([f"--config={config}"]).lr == parse("cosine")
    assert parser.parse_args(["--lr", "3e-4"]).lr == parse("3e-4")
    parser.set_defaults(lr=TEXT)
    assert parser.parse_args([]).lr == parse(TEXT)
    assert "lr: cosine\n" in parser.dump(parser.parse_args([f"--config={config}"]))
    with pytest.raises(argparse.ArgumentError) as caught:
        parser.parse_args(["--lr", WRONG])
    assert "error[E201]: unknown name `cosin`" in str(caught.value)
    assert "did you mean `cosine`?" in str(caught.value)


CONFIG = """
trainer: {max_steps: 1000}
optim: {lr: warmup(5%) then cosine, base: 3e-4}
lr:
  _target_: schedlang.hydra.bind
  schedule: ${optim.lr}
  total_steps: ${trainer.max_steps}
  base: ${optim.base}
all:
  _target_: schedlang.hydra.bind
  schedule: {lr: warmup(w) then cosine, wd: 1e-2, where: w = 5%}
  total_steps: ${trainer.max_steps}
  base: {lr: 3e-4}
"""


def composed(folder: Path, *overrides: str) -> Any:
    (folder / "train.yaml").write_text(CONFIG)
    with initialize_config_dir(str(folder), version_base=None):
        return compose("train", overrides=list(overrides))


OVERRIDES = {
    "none": ([], "warmup(5%) then cosine"),
    "words": (["optim.lr=linear from 0 to 1e-3 for 5% then cosine to 0"], "linear(0, 1e-3) for 5% then cosine"),
    "quoted": (['optim.lr="linear(0, 1)"'], "linear(0, 1)"),
    "number": (["optim.lr=1e-3"], "1e-3"),
}


@pytest.mark.parametrize(("overrides", "text"), OVERRIDES.values(), ids=OVERRIDES)
def test_hydra_instantiates(tmp_path: Path, overrides: list[str], text: str) -> None:
    """A target of Hydra's is a bound schedule, whatever way the text came through the overrides."""
    bound = instantiate(composed(tmp_path, *overrides).lr)
    assert isinstance(bound, Bound)
    expected = parse(text).bind(1000, base=3e-4)
    assert [bound(step) for step in range(0, 1001, 50)] == [expected(step) for step in range(0, 1001, 50)]


def test_hydra_shows_errors(tmp_path: Path) -> None:
    """With the place in the text, as anywhere, though Hydra quotes what an error calls itself."""
    for target in ("schedlang.hydra.bind", "schedlang.parse"):
        argument = "schedule" if target.endswith("bind") else "text"
        with pytest.raises(InstantiationException) as caught:
            instantiate({"_target_": target, argument: "warmup(500) then cosin(3e-4, 0)"})
        assert "\n1 | warmup(500) then cosin(3e-4, 0)\n  |                  ^^^^^\n" in str(caught.value)
        assert "Diagnostic" not in str(caught.value)


@pytest.mark.parametrize("schedule", ["warmup(w) then cosine", {"lr": "warmup(w) then cosine"}])
def test_hydra_says_what_to_write_in_a_config(schedule: Any) -> None:
    (found,) = refused(bind, schedule, 100).diagnostics
    assert found.hint == "give `w: …` beside `schedule`"
    (found,) = refused(bind, schedule, w="5%").diagnostics
    assert found.hint == "give `total_steps: …` beside `schedule`"


def test_hydra_refuses_parentheses(tmp_path: Path) -> None:
    """Hydra itself refuses parentheses that are not quoted for it."""
    with pytest.raises(OverrideParseException, match="Unknown function 'linear'"):
        composed(tmp_path, "optim.lr=linear(0,1)")


def test_hydra_parses() -> None:
    """`schedlang.parse` is a target, too."""
    assert instantiate({"_target_": "schedlang.parse", "text": TEXT}) == parse(TEXT)


def test_omegaconf_resolves() -> None:
    """The resolver gives canonical text, and tells what is wrong with it."""
    register_resolver()
    assert OmegaConf.create({"lr": "warmup( 5% ) then cosine to 0", "log": "${schedlang:${lr}}"}).log == TEXT
    with pytest.raises(InterpolationResolutionError, match="E201"):
        _ = OmegaConf.create({"lr": WRONG, "log": "${schedlang:${lr}}"}).log


@pytest.mark.parametrize("reference", ["${schedlang:linear\\(0, 1\\)}", "${schedlang:}"])
def test_resolver_cut_at_a_comma(reference: str) -> None:
    """OmegaConf hands over what is between commas one by one."""
    register_resolver()
    with pytest.raises(Exception, match="E507") as caught:
        _ = OmegaConf.create({"log": reference}).log
    assert "in quotes" in str(caught.value)


def test_hydra_instantiates_sets(tmp_path: Path) -> None:
    bound = instantiate(composed(tmp_path).all)
    assert isinstance(bound, BoundSet)
    assert bound(50) == {"lr": 3e-4, "wd": 1e-2}


def test_hydra_sweeps_are_explained(tmp_path: Path) -> None:
    """What Hydra makes of unquoted commas is told as what it is."""
    parsed = OverridesParser.create().parse_override("lr=interval(0.5,1)").value()
    choice = OverridesParser.create().parse_override("lr=cosine,linear").value()
    for sweep in (parsed, choice):
        assert codes(read_config, sweep)[0] == "E509"
    assert codes(bind, composed(tmp_path, "optim.lr=[0,1]").optim.lr, 1000)[0] == "E507"
    assert codes(bind, "cosine", 1000, base="much")[0] == "E404"
    assert read_config(parse(TEXT)) == parse(TEXT)
