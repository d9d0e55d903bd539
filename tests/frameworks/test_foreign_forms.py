"""What an error shows in the place of another system's call has the values of the same call, imported."""

from typing import Any

import pytest

from schedlang import parse
from schedlang._language.translating import text_of
from schedlang._text import syntax
from schedlang._text.fixes.foreign import CALLS, FORMS, Form
from schedlang._text.parsing import parse_syntax
from schedlang._text.source import Source
from schedlang.foreign import from_config

MODULES = {
    "torch": "torch.optim.lr_scheduler.",
    "optax": "optax.",
    "keras": "keras.optimizers.schedules.",
    "Composer": "composer.optim.",
    "transformers": "transformers.",
    "noether": "",
}
BY_NAME = {
    "total_steps": "90",
    "num_training_steps": "100",
    "num_decay_steps": "20",
    "T_max": "100",
    "T_0": "20",
    "decay_steps": "80",
    "transition_steps": "70",
    "total_iters": "40",
    "power": "2",
}
"""What arguments are given, where it isn't that of what they take."""
TAKEN = {"n": "10", "%": "0.25", "/": "0.25", "True": "True", "False": "False", "0": "0", "1": "1"}
LISTS = {"milestones": "[30, 60]", "steps": "[0.25, 0.5]", "values": "[0.2, 0.1]"}
TIMES = ("t_warmup", "t_max", "decay_period", "step_size", "milestones")


def arguments_of(name: str, form: Form) -> dict[str, str]:
    found = {}
    for each in form.parameters:
        taken = "0.01" if each.takes.startswith("<") else TAKEN.get(each.takes, "0.2")
        value = LISTS.get(each.name) or ("0" if each.takes == "0" else BY_NAME.get(each.name, taken))
        found[each.name] = value if each.takes != "1" else "1"
    return found


def called(name: str, arguments: dict[str, str], composer: bool) -> str:
    def written(key: str, value: str) -> str:
        if not composer or key not in TIMES:
            return value
        return "['30ba', '60ba']" if key == "milestones" else f"'{value}ba'"

    return f"{name}({', '.join(f'{key}={written(key, value)}' for key, value in arguments.items())})"


FORMED = [
    (name, form)
    for name, forms in FORMS.items()
    if name in CALLS and not name.endswith(("creasing", "Decay", "ScheduleConfig"))  # those are rows once more
    for form in forms
]


@pytest.mark.parametrize(("name", "form"), FORMED, ids=lambda each: each if isinstance(each, str) else "")
def test_both_have_the_same_values(name: str, form: Form) -> None:
    system = next(each for each in MODULES if each in CALLS[name].systems)
    arguments = arguments_of(name, form)
    source = Source(called(name, arguments, composer=False))
    tree = parse_syntax(source)
    assert tree is not None and isinstance(tree.body, syntax.Call)
    text = text_of(tree.body, source, first=True)
    if "T_max" not in arguments and name == "CosineAnnealingLR":
        return  # torch refuses it, and so does the import
    run: dict[str, Any] = {"total_steps": 100, "interval": "step", "steps_per_epoch": 10}
    found = from_config(MODULES[system] + called(name, arguments, system == "Composer"), **run)
    assert text is not None
    one, other = parse(text).bind(100, base=0.1, steps_per_epoch=10), found.bind(100, base=0.1)
    assert [one(step) for step in range(100)] == pytest.approx([other(step) for step in range(100)], abs=1e-12)
