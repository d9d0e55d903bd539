"""Noether's names in a text: what is offered has the values of its config at every step, or only words are said."""

import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from schedlang import ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang._text.fixes.foreign import CALLS, FORMS, argument
from schedlang._transfer.porting import NOETHER
from schedlang.noether import from_noether

DRAWN: dict[str, list[Any]] = {
    "value": [0.5, 3e-4],
    "values": [[1, 0.5, 0.25], [0.1]],
    "factor": [0.1, 0.5, 2, 0, -0.5],
    "steps": [[0.5], [0.3, 0.6], [0.07, 0.29, 0.93], [0.5, 5], [30]],
    "update_interval": [0.1, 0.29, 0.07, 10],
    "decreases_interval": [0.1, 0.29, 1],
    "start_value": [0, 1e-5, 0.5, -1],
    "max_value": [1, 1e-3, 0, -1],
    "end_value": [0, 1e-6, 1e-3, 2],
    "power": [2, 0.5, 1, 0, -1],
    "warmup_steps": [10, 1, 0, 2.5],
    "warmup_percent": [0.05, 0.3],
    "exclude_first": [False, True],
    "exclude_last": [False, True],
    "overhang_steps": [5],
    "overhang_percent": [0.1],
    "interval": ["epoch"],
}
"""Values of fields, right and wrong."""

KINDS = sorted(name for name in FORMS if name in NOETHER.kinds)
LENGTHS = (1, 2, 10, 97, 1000)


def texts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls by name, and the configs that they would be."""
    some = random.Random(15)
    for kind in KINDS:
        known = {each.name for form in FORMS[kind] for each in form.parameters} & DRAWN.keys() - {"interval"}
        for _ in range(18):
            given = {name: some.choice([DRAWN[name][0], some.choice(DRAWN[name])]) for name in sorted(known)}
            given = {name: value for name, value in given.items() if some.random() < 0.8}
            if some.random() < 0.1:
                name = some.choice(sorted(DRAWN))
                given[name] = some.choice(DRAWN[name])
            module = some.choice(["", "noether.core.schedules."])
            written = [
                f"{name}={str(value).lower() if some.random() < 0.5 else value}" for name, value in given.items()
            ]
            ending = some.choice(["", "Config"])
            yield f"{module}{kind}{ending}({', '.join(written)})", {"kind": f"noether.core.schedules.{kind}", **given}


def offered(text: str) -> str | None:
    """The text that is shown instead of a wrong one; no fix changes values in secret."""
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    assert not any(each.fix for each in caught.value.diagnostics)
    return next((each.example for each in caught.value.diagnostics if each.example), None)


def test_what_is_offered_is_what_noether_has() -> None:
    """At every step of runs of all lengths; of a config that Noether refuses nothing is offered."""
    told = set()
    for text, config in texts():
        example = offered(text)
        if example is None:
            continue
        for total in LENGTHS:
            theirs, ours = (each.bind(total) for each in (from_noether(config, total_steps=total), parse(example)))
            for step in range(total + 1):
                size = max(abs(theirs(step)), abs(config.get("max_value", 0)))
                assert abs(theirs(step) - ours(step)) <= 4 * sys.float_info.epsilon * size, (text, example, total, step)
        told.add(config["kind"].rpartition(".")[2])
    assert told == {*KINDS}


POSITIONAL = {
    "StepFixedSchedule(0.1, [0.5])": "step_fixed(0.1, [0.5], start=1)",
    "CosineDecreasingSchedule(1e-3, 0)": "cosine(1e-3, 0, inclusive=both)",
    "LinearIncreasingSchedule(0, 1e-3, exclude_last=True)": "linear(0, 1e-3, inclusive=left)",
    "CosineDecreasingSchedule(0, 1e-3)": None,
    "LinearIncreasingSchedule(1e-3)": None,
    "StepIntervalSchedule(0.5, 0.1)": None,
    "StepFixedSchedule(0.1, [5, 10])": None,
    "StepFixedSchedule(0.1, [0.3333333333333333])": None,
    "LinearWarmupCosineDecaySchedule(warmup_percent=0.10, max_value=1)": "linear(0, 1, inclusive=neither) "
    "for max(10% - 1, 0) then cosine(1, 1e-6, inclusive=both)",
    "LinearWarmupCosineDecaySchedule(warmup_percent=0.29, max_value=1e-3)": None,
    "LinearWarmupCosineDecay(warmup_percent=5, max_value=1e-3)": None,
    "hold for 5 then LinearWarmupCosineDecaySchedule(warmup_percent=0.05, max_value=1)": None,
    "CosineDecreasing(1e-3)": "cosine(1e-3, 0, inclusive=both)",
    "noether.core.schedules.CosineIncreasingSchedule": None,
    "cosine(1, 0, exclude_last=true)": "cosine(1, 0, inclusive=left)",
    "cosine(1, 0, exclude_first=True)": "cosine(1, 0, inclusive=right)",
    "cosine(1, 0, exclude_last=False, exclude_first=false)": "cosine(1, 0, inclusive=both)",
    "cosine(1, 0, exclude_first=true, duration=5, exclude_last=true)": "cosine(1, 0, inclusive=neither, duration=5)",
    "cosine(1, 0, exclude_first=1)": None,
}


@pytest.mark.parametrize("text", POSITIONAL)
def test_by_position_only_what_is_clear(text: str) -> None:
    """Its configs know no order: what could be two things gets words alone."""
    assert offered(text) == POSITIONAL[text]


def test_all_classes_and_fields_are_known() -> None:
    """Each class of Noether's, and each field that does something; no form has a parameter that is no field."""
    assert NOETHER.kinds.keys() | {"PeriodicBoolSchedule"} <= CALLS.keys()
    for kind, fields in NOETHER.kinds.items():
        assert {each.name for form in FORMS.get(kind, ()) for each in form.parameters} <= fields.keys()
        here = {argument.name for primitive in CALLS[kind].here for argument in PRIMITIVES[primitive].arguments()}
        used = {name for name, field in fields.items() if not field.idle} - here - {"interval", "schedule_configs"}
        assert [name for name in used if argument(name) is None] == []


def test_a_config_as_a_text_is_told_where_it_belongs() -> None:
    for text in ("kind: noether.core.schedules.ConstantSchedule", '{"kind": "ConstantSchedule", "value": 0.5}'):
        with pytest.raises(ScheduleError, match="from_noether"):
            parse(text)
