"""Errors as users see them: a text, what it is bound to if anything, and the whole error, read aloud by a human."""

import json
from pathlib import Path
from typing import Any

from schedlang import ScheduleError, parse

FILE = Path(__file__).parent / "rendered.jsonl"


def cases() -> list[dict[str, Any]]:
    """The cases: `id` names the mistake, `error` has the lines of the error."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def error_of(case: dict[str, Any]) -> ScheduleError:
    try:
        schedule = parse(case["text"], name=case.get("name"))
        if "run" in case:
            run = {name: value for name, value in case["run"].items() if name != "params"}
            schedule.bind(**run, **case["run"].get("params", {}))
    except ScheduleError as error:
        return error
    raise AssertionError(f"{case['id']} is no mistake")


def rendered(case: dict[str, Any]) -> list[str]:
    return str(error_of(case)).split("\n")


def written(case: dict[str, Any]) -> str:
    return json.dumps(case, ensure_ascii=False)
