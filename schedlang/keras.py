"""Keras 3: learning rates for any optimizer of Keras, on its JAX and torch back ends.

>>> import os
>>> os.environ["KERAS_BACKEND"] = "jax"  # before anything imports Keras
>>> import keras
>>> from schedlang.keras import Schedule
>>> lr = Schedule("warmup(5%) then cosine", total_steps=1000, base=3e-4)
>>> optimizer = keras.optimizers.AdamW(lr)
>>> lr.bound(25)
0.00015

A saved model holds the schedule. Import this module before you load one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import inf
from typing import Any, Final, Self, SupportsIndex, Unpack

import keras  # type: ignore[import-untyped]

from ._bound.bind import bind, setting_called
from ._bound.bound import Bound
from ._bound.telling import codes_of, refuse_clock, tell, tell_once
from ._bound.wording import worded
from ._insight.lint.lint import is_unwanted
from ._insight.past import branched, proven
from ._language.nodes import Schedule as Text
from ._language.parse import as_schedule
from ._text.errors import fail, listed, nearest
from ._text.grammar import FIRST, LANGUAGE, warn_of_another
from ._text.run import RATES, TOLD, Rate, Rates, as_rational, as_total, shown, whole_number
from ._text.spelling import did_you_mean

_BACK_ENDS: Final = ("jax", "torch")
_KEYS: Final = ("text", "total_steps", *TOLD, "base", "gradient_accumulation_steps", "params", "ignore", "language")


@keras.saving.register_keras_serializable(package="schedlang")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule as Keras takes it: the `learning_rate` of any optimizer.

    Keras asks for the value at `optimizer.iterations`, the count of updates done before this one.

    Args:
        text: the schedule; a number is one too.
        total_steps: how many updates the run has, or a duration such as `"90ep"`.
        base: the value before the first phase. Keras keeps none, so that it is given here.
        gradient_accumulation_steps: what the optimizer was given. Keras asks schedules at the count of batches,
            so it has to be said again here for a step to be an update.
        params: the text's free names, as a mapping.
        ignore: codes of warnings that are not wanted: `["W510"]`.
        **rates: the rates, such as `steps_per_epoch=1250` (see `schedlang.Run`).

    Attributes:
        bound: the same as a function of Python's numbers, with its phases, its values and the run.

    Raises:
        ScheduleError: for whatever is wrong with the text or the run; E412, if the schedule cannot be traced; E607 for
            a back end without counts that can be traced, or a count of batches that is none.

    >>> Schedule("warmup(w) then cosine", total_steps=1000, base=3e-4, params={"w": "5%"}).get_config()["params"]
    {'w': '5%'}
    """

    def __init__(
        self,
        text: str | float | Text,
        total_steps: Rate | str | None = None,
        *,
        base: float = 1.0,
        gradient_accumulation_steps: SupportsIndex | None = None,
        params: dict[str, float | str] | None = None,
        ignore: Iterable[str] = (),
        **rates: Unpack[Rates],
    ) -> None:
        super().__init__()
        for name in rates.keys() - set(TOLD):  # they can't be parameters of the text here
            meant = setting_called(name) or nearest(name, _KEYS)
            hint = (
                f"did you mean `{meant}`?" if meant else f"a parameter of the text is given as `params={{{name!r}: …}}`"
            )
            fail(None, "E607", f"`Schedule` takes no `{name}`", hint.replace("'", '"'))
        if not isinstance(params or {}, Mapping) or not all(isinstance(name, str) for name in params or {}):
            hint = 'give a mapping from the names in the text: `params={"peak": 3e-4}`'
            fail(None, "E607", f"params is {shown(params)}, not a mapping from names", hint)
        if keras.backend.backend() not in _BACK_ENDS:
            message = f"Keras runs on its back end `{keras.backend.backend()}`"
            fail(None, "E607", message, "set `KERAS_BACKEND=jax` or `KERAS_BACKEND=torch` before Keras is imported")
        refuse_clock(rates, "`Schedule`")
        self.gradient_accumulation_steps = _batches(gradient_accumulation_steps)
        with worded("Schedule", param='`Schedule(…, params={{"{name}": …}})`'):
            self.bound: Bound = bind(as_schedule(text), total_steps, base=base, params=params, **rates)
        self._compiled = False  # into a step that keeps it, as JAX does
        self(keras.ops.zeros((), "int32"))  # refuses what cannot be traced, and prepares what `torch.compile` needs
        self.ignore = sorted(codes_of(ignore))
        tell([self.bound], self.ignore)

    def __call__(self, step: Any) -> Any:
        """The value at a step, as a tensor of the back end: Keras' own, or float32 where that is narrower."""
        steps = keras.ops.convert_to_tensor(step)
        self._compiled = self._compiled or _is_traced(steps)
        if self.gradient_accumulation_steps is not None:
            steps = keras.ops.floor_divide(steps, self.gradient_accumulation_steps)
        wide = keras.config.floatx() == "float64"
        return self.bound.at(steps, keras.ops.zeros((), "float64").dtype if wide else None)

    def get_config(self) -> dict[str, Any]:
        """What makes the schedule again: its text, the version of the language, the run and the parameters."""
        run = self.bound.run
        return {
            "text": str(self.bound.schedule),
            "total_steps": as_total(run),
            **{name: _plain(each) for name, each in run.rates().items()},
            "base": run.base,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "params": {name: str(value) for name, value in self.bound.params.items()},
            "ignore": self.ignore,
            "language": LANGUAGE,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The schedule of a config. If another version of the language made it, Python warns: Keras keeps no values.

        Raises:
            ScheduleError: E607 for a key that no config has; and whatever is wrong with the text or the run.
        """
        for key in config:
            if key not in _KEYS:
                hint = did_you_mean(key, _KEYS) or f"known are {listed(_KEYS)}"
                fail(None, "E607", f"a schedule's config has no `{key}`", hint)
        if "text" not in config:
            fail(None, "E607", "a schedule's config has a `text`, but this one doesn't", 'add it: `"text": "cosine"`')
        given = {key: config[key] for key in config if key != "language"}
        made = cls(**{key: _rate(value) if key in RATES else value for key, value in given.items()})
        warn_of_another(config.get("language", FIRST), made.bound.schedule)
        return made

    def __repr__(self) -> str:
        text, *others = self.get_config().items()
        given = (f"{key}={value!r}" for key, value in others if value not in (None, {}, []) and key != "language")
        return f"Schedule({', '.join([repr(text[1]), *given])})"


def reschedule(model: keras.Model | keras.optimizers.Optimizer, schedule: Schedule) -> None:
    """Give a model that has begun to train another schedule, if all that was applied so far is the same in it.

    The values of both are compared at the updates done and at the next one, to the bit. Python warns from which step on
    they differ: W533. It may be called while `fit` runs, by a callback.

    Args:
        model: the model; or its optimizer alone, if nothing was compiled with that yet.
        schedule: what its learning rate shall be from now on.

    Raises:
        ScheduleError: E603, if the past is another one, or nobody knows; E607, if one is not what it should be, or a
            compiled step would keep the old schedule.

    >>> optimizer = keras.optimizers.SGD(Schedule("warmup(5) then hold"))
    >>> before = optimizer.iterations.assign(20)
    >>> reschedule(optimizer, Schedule("warmup(5) then hold until 18 then linear to 0 for 4"))
    Traceback (most recent call last):
    schedlang.ScheduleError: error[E603]: the values differ from step 19 on, and the run is at step 20
      = help: write the text so that its values up to there are the same: see `docs/changing-a-run.md`
    >>> reschedule(optimizer, Schedule("warmup(5) then hold until 20 then linear to 0 for 4", ignore=["W533"]))
    >>> float(optimizer.learning_rate)
    1.0
    """
    whole = isinstance(model, keras.Model)
    if whole and hasattr(model, "jax_state_sync"):  # amid `fit` the counts are elsewhere
        model.jax_state_sync()
    optimizer = model.optimizer if whole else model
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        fail(None, "E607", f"{shown(optimizer)} is not an optimizer", "give a compiled model, and then the schedule")
    if not isinstance(schedule, Schedule):
        fail(None, "E607", f"{shown(schedule)} is not a schedule", "give a `schedlang.keras.Schedule`")
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # Keras wraps one to scale the loss in float16
    old = inner._learning_rate
    hint = "`optimizer.learning_rate = …` goes on with this schedule, whatever the past was"
    if not isinstance(old, Schedule):
        fail(None, "E603", "the optimizer has no schedule of `schedlang.keras`, so its past is not known", hint)
    batches, was = (each.gradient_accumulation_steps or 1 for each in (schedule, old))
    if batches != was:
        fail(None, "E603", f"`gradient_accumulation_steps` is {batches} here, and was {was}", hint)
    if old._compiled and not whole:
        message = "a step that was compiled with the optimizer would keep its schedule"
        fail(None, "E607", message, "give the model: `reschedule(model, …)`")
    step = int(inner._iterations) // batches
    found = proven(old.bound, schedule.bound, step)
    if found.step != inf and not is_unwanted("W533", schedule.ignore, schedule.bound.schedule):
        tell_once(branched(found, schedule.bound, step))
    inner.learning_rate = schedule
    if whole and model.train_function is not None:
        model.make_train_function(force=True)


def _is_traced(steps: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(steps, jax.core.Tracer)


def _plain(number: Any) -> int | float | str | None:
    """A rational as JSON has it: as a number that means it exactly, or else as a text, as what is none."""
    if not isinstance(number, Fraction):
        return None if number is None else str(number)
    if number.denominator == 1:
        return int(number)
    return float(number) if as_rational(float(number)) == number else str(number)


def _rate(value: Any) -> Any:
    """A rate of a config: what is a rational's text as that rational, anything else as it is."""
    try:
        return Fraction(value) if isinstance(value, str) else value
    except (ValueError, ZeroDivisionError):
        return value


def _batches(count: SupportsIndex | None) -> int | None:
    whole = whole_number(count)
    if count is not None and (whole is None or whole < 1):
        message = f"gradient_accumulation_steps is {shown(count)}, not a whole number of at least 1"
        fail(None, "E607", message, "give what the optimizer was given, or nothing")
    return whole
