"""What a checkpoint says of texts and run, and how two of them differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from types import NoneType
from typing import Any, Final, TypeAlias

import attrs

from .._bound.bind import uses_base
from .._bound.bound import Bound
from .._bound.runs import run_told
from .._bound.sets import bind_with
from .._insight.past import Parting, parted_in_words, parting_of
from .._language.parse import parse
from .._text.errors import Diagnostic, ScheduleError, fail
from .._text.grammar import FIRST, LANGUAGE
from .._text.numerals import literal
from .._text.run import TOLD, Run, as_total
from .keys import keys_of, read_key
from .matching import Bounds

Values: TypeAlias = Mapping[str, Sequence[float | None]]
"""What is set for each key, group by group; None for a group that lacks the key."""

_UNKNOWN: Final = Parting(0, unknown=True)


@attrs.frozen
class Record:
    """The texts and the run of a scheduler, as strings and numbers; None for a group that lacks a key.

    Attributes:
        language: its version, which decides what the texts mean.
        values: what was last applied.
        defaults: what the optimizer gives to groups that are given nothing else.
        optimizers: which of several each group is of, by name or number.
        events: which of the parameters are events.
    """

    texts: Mapping[str, list[str | None]]
    bases: Mapping[str, list[Any]]
    run: Mapping[str, str | None]
    params: Mapping[str, str]
    language: str = FIRST
    values: Values | None = None
    defaults: Mapping[str, float | None] = attrs.field(factory=dict)
    optimizers: list[str] = attrs.field(factory=list)
    events: list[str] = attrs.field(factory=list)

    @classmethod
    def of(
        cls,
        bounds: Bounds,
        bases: Mapping[str, list[float | None]],
        defaults: Mapping[str, float | None],
        step: int,
        optimizers: list[str],
    ) -> Record:
        """What is to be recorded at a step of bound schedules, all of them bound to one run, and initial values."""
        every = [bound for row in bounds.values() for bound in row if bound is not None]
        run = every[0].run
        return cls(
            {key: [None if bound is None else str(bound.schedule) for bound in row] for key, row in bounds.items()},
            {key: list(row) for key, row in bases.items()},
            {"total_steps": _text(as_total(run)), **{name: _text(rate) for name, rate in run.rates().items()}},
            {name: str(value) for bound in every for name, value in bound.params.items()},
            LANGUAGE,
            {key: [None if bound is None else bound(step) for bound in row] for key, row in bounds.items()},
            defaults,
            optimizers,
            sorted({name for bound in every for name in bound.events}),
        )

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Record | None:
        """The record in a checkpoint; None if it has none."""
        fields = attrs.fields(cls)
        if not state.keys() >= {field.name for field in fields if field.default is attrs.NOTHING}:
            return None
        record = cls(**{field.name: state[field.name] for field in fields if field.name in state})
        if not record._is_whole():
            hint = "give what `state_dict` of a scheduler returned"
            fail(None, "E603", "the checkpoint's record of texts and run is damaged", hint)
        return record

    def _is_whole(self) -> bool:
        """Whether everything is of the type that `state` has."""
        parts = (self.texts, self.values or {})
        whole = (
            all(isinstance(each, Mapping) for each in (self.texts, self.bases, self.run, self.params, self.defaults))
            and self.texts.keys() == self.bases.keys()
            and {*Run().rates()} <= self.run.keys() - {"total_steps"} <= {*TOLD}
            and all(_are(texts, str, NoneType) for texts in self.texts.values())
            and all(_are(bases, float, int, NoneType) for bases in self.bases.values())
            and all(len(texts) == len(self.bases[key]) for key, texts in self.texts.items())
            and _are([*self.run.values()], str, NoneType)
            and _are([*self.params.values()], str)
            and _are([*self.defaults.values()], float, int, NoneType)
            and _are(self.optimizers, str)
            and _are(self.events, str)
            and {*self.events} <= self.params.keys()
            and isinstance(self.language, str)
            and (self.values is None or isinstance(self.values, Mapping))
            and all(_are(values, float, int, NoneType) for values in (self.values or {}).values())
            and all(len(self.optimizers) in (0, len(row)) for part in parts for row in part.values())
        )
        try:
            return whole and bool(self.rates())
        except (ValueError, ZeroDivisionError):
            return False

    def state(self) -> dict[str, Any]:
        """The record as it stands in a checkpoint."""
        return attrs.asdict(self, recurse=False)

    def rates(self) -> dict[str, Any]:
        """The run, to bind with."""
        return {name: text if text is None or name == "total_steps" else _rate(text) for name, text in self.run.items()}

    def alongside(self, here: Record) -> Record:
        """The same, with the length of the run as it is written here, if another version wrote that one otherwise."""
        try:
            same = self.language != LANGUAGE and self._length() == here._length()
        except ScheduleError:  # a length that no version writes
            same = False
        return attrs.evolve(self, run={**self.run, "total_steps": here.run["total_steps"]}) if same else self

    def _length(self) -> Fraction | None:
        rates = self.rates()
        return run_told(rates.pop("total_steps"), rates).total_steps

    def arranged(self, optimizers: list[str]) -> Record:
        """The same, with the groups in the order in which they are here, where those of another optimizer came later.

        If none of the optimizers has a name from here, but each has its groups at the same places, they are the same.
        """
        theirs, ours = _numbered(self.optimizers), _numbered(optimizers)
        if theirs == ours or not theirs:
            return self
        if not {*self.optimizers} & {*optimizers} and _places(self.optimizers) == _places(optimizers):
            return attrs.evolve(self, optimizers=optimizers)
        if {*theirs} != {*ours}:
            return self
        order = [theirs.index(group) for group in ours]
        return attrs.evolve(
            self,
            texts=_moved(self.texts, order),
            bases=_moved(self.bases, order),
            values=None if self.values is None else _moved(self.values, order),
            optimizers=optimizers,
        )

    def fits(self, count: int, optimizers: list[str]) -> bool:
        """Whether it is of so many groups, of these optimizers."""
        return self.optimizers == optimizers and all(len(row) == count for row in self.texts.values())

    def values_at(self, step: int) -> Values | None:
        """What its texts give at a step in this version of the language; None, if they are none of it."""
        try:
            return {
                key: [
                    None if text is None else bind_with(parse(text), self.rates(), base, self.params)(step)
                    for text, base in zip(row, self.bases[key], strict=True)
                ]
                for key, row in self.texts.items()
            }
        except ScheduleError:
            return None


def applied(groups: Sequence[Mapping[str, Any]]) -> Values:
    """What the groups of an optimizer have."""
    keys = [read_key(text) for text in dict.fromkeys(text for group in groups for text in keys_of(group))]
    return {key.text: [float(key.of(group)) if key.fits(group) else None for group in groups] for key in keys}


def outdated(there: Record, step: int, last: Values | None) -> bool:
    """Whether a checkpoint's texts mean something else in this version of the language than what was last applied."""
    if there.language == LANGUAGE or last is None:
        return False
    now = there.values_at(step)
    return now is None or bool(_apart(now, last, step))


@attrs.frozen
class Mismatch:
    """How a checkpoint is of another text or run.

    Attributes:
        problem: what is wrong with that.
        parting: where its values and those here part.
        bound: the schedule here that parts first.
    """

    problem: Diagnostic
    parting: Parting = _UNKNOWN
    bound: Bound | None = None


def mismatch(bounds: Bounds, here: Record, there: Record | None, step: int, last: Values | None) -> Mismatch | None:
    """How a checkpoint's record, if it has one, differs from that of the schedules here; it was saved at a step.

    Where its texts mean something else by now, `last` counts: what was last applied, if that is known.
    """
    if there is None:
        hint = '`on_mismatch="keep"` goes on with this scheduler\'s text at its step'
        return Mismatch(Diagnostic("E603", "the checkpoint is not one of `schedlang.torch.Scheduler`", hint=hint))
    run = [*_compared("", here.run, there.run), *_compared("parameter", here.params, there.params)]
    run += _compared("", {"optimizer": here.optimizers or None}, {"optimizer": there.optimizers or None})
    if last is not None and outdated(there, step, last):
        differing = [*_apart(here.values or {}, last, step)[:1], *run]
        message = f"the checkpoint is of language {there.language}, and its texts may mean something else in {LANGUAGE}"
        hint = 'see `docs/language-0.2.md` for how to write what it was; `on_mismatch="keep"` goes on with this text'
        return Mismatch(Diagnostic("E603", f"{message}: {'; '.join(differing)}", hint=hint)) if differing else None
    differing = [*_compared("the text of", here.texts, there.texts), *run]
    bases = _compared("the initial", here.bases, there.bases)
    if not differing and not bases:
        return None
    found, bound, unknown = (
        _parting(bounds, there, step, last, rewritten=bool(differing))
        if here.optimizers == there.optimizers
        else (_UNKNOWN, None, "its groups are not those here")
    )
    if not differing and math.isinf(found.step):
        return None  # other bases do not matter to texts that do not use them
    differing += bases
    if unknown is not None:
        differing.append(unknown)
    elif not math.isinf(found.step):
        differing.append(f"{_parted(found, bound)}, and the checkpoint is at {_at(bound, step)}")
    hint = '`on_mismatch="keep"` goes on with this text and run at its step, `on_mismatch="replace"` with its own'
    if found == Parting(step):
        later = f"from step {step + 1} on" if bound is None or bound.run.clock is None else "later"
        hint = f"let the text differ {later}: {_at(bound, step)} has its value already; {hint}"
    if found.step > step:
        hint = '`on_mismatch="past"` goes on with this text and run, as the values up to there are the same'
    return Mismatch(
        Diagnostic("E603", f"the checkpoint is of another schedule: {'; '.join(differing)}", hint=hint), found, bound
    )


def _parted(found: Parting, bound: Bound | None) -> str:
    return "" if bound is None else parted_in_words(found, bound)


def _at(bound: Bound | None, step: Any) -> str:
    """A place of the run in words."""
    return f"step {step}" if bound is None else bound.run.unit.at(bound.place(step))


def _apart(ours: Values, last: Values, step: int) -> list[str]:
    """Which values are not those that were last applied, in words; tensors may have rounded these."""
    found = []
    for key, row in ours.items():
        for one, other in zip_longest(row, last.get(key, ())):
            if one is not None and (other is None or not math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-30)):
                was = "not given" if other is None else literal(other)
                found.append(f"`{key}` is {literal(one)} at step {step} here, and was {was}")
    return found


def _compared(what: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """How one part of a record differs, in words."""
    differing = []
    for name in {**here, **there}:
        ours, theirs = here.get(name), there.get(name)
        if ours == theirs:
            continue
        called = f"{what} `{name}`".strip()
        if not isinstance(ours, list) or not isinstance(theirs, list):
            differing.append(f"{called} is {_quoted(ours)} here, and was {_quoted(theirs)}")
        elif len(ours) != len(theirs):
            groups = "1 group" if len(ours) == 1 else f"{len(ours)} groups"
            differing.append(f"{called} is for {groups} here, and was for {len(theirs)}")
        else:
            first = next(index for index, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
            where = "" if len(ours) == 1 else f" in group {first}"
            differing.append(f"{called}{where} is {_quoted(ours[first])} here, and was {_quoted(theirs[first])}")
    return differing


def _quoted(value: Any) -> str:
    value = value[0] if isinstance(value, list) else value
    return "not given" if value is None else f"`{value}`"


def _parting(
    bounds: Bounds, there: Record, step: int, last: Values | None, *, rewritten: bool
) -> tuple[Parting, Bound | None, str | None]:
    """Where the values here and those of a checkpoint part, and which schedule does; and why, if that is not known.

    `rewritten`: whether not only the bases are others.
    """
    pairs: dict[tuple[Bound, str, Any], None] = {}
    for key in {**bounds, **there.texts}:
        row, texts, bases = bounds.get(key, ()), there.texts.get(key, []), there.bases.get(key, [])
        for bound, text, base in zip_longest(row, texts, bases):
            if bound is None or text is None:
                if bound is not None or text is not None:
                    return _UNKNOWN, None, f"only one of them has a text of `{key}`, so that its past is not known"
            elif rewritten or uses_base(bound):
                pairs[bound, text, base] = None
    if pairs and there.language != LANGUAGE:
        return _UNKNOWN, None, f"what its texts meant in language {there.language} is not known"
    now = there.values_at(step) if pairs and last is not None else {}
    if now is None:
        return _UNKNOWN, None, "its texts have no values here"
    if _apart(now, last or {}, step):
        return _UNKNOWN, None, "its texts do not give what was last applied"
    found, first = Parting(math.inf), None
    for bound, text, base in pairs:
        try:
            other = bind_with(parse(text), there.rates(), base, there.params)
            parted = parting_of(other, bound, step, found.step)
        except ScheduleError as error:
            return _UNKNOWN, None, error.diagnostics[0].message
        if parted < found:
            found, first = parted, bound
    return found, first, None


def _numbered(optimizers: Sequence[str]) -> list[tuple[str, int]]:
    """Each group by its optimizer and its number there."""
    return [(owner, optimizers[:number].count(owner)) for number, owner in enumerate(optimizers)]


def _moved(rows: Mapping[str, Sequence[Any]], order: Sequence[int]) -> dict[str, list[Any]]:
    """Rows of groups, in another order."""
    return {key: [row[at] for at in order] for key, row in rows.items()}


def _places(optimizers: Sequence[str]) -> list[int]:
    """For each group the first of the same optimizer."""
    return [optimizers.index(owner) for owner in optimizers]


def _are(values: Any, *types: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, types) for value in values)


def _rate(text: str) -> Fraction | str:
    """A rate as it stands in a checkpoint: a number, or the text of a schedule."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text


def _text(value: object) -> str | None:
    return None if value is None else str(value)
