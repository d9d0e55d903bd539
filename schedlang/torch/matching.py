"""Which schedule each param group has, by the patterns that may stand for groups, and what can be wrong with these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

import attrs
from torch import Tensor

from .._bound.bind import uses_base
from .._bound.bound import Bound
from .._language.nodes import Schedule
from .._text.errors import Diagnostic, ScheduleError, fail, listed
from .._text.run import shown
from .._text.spelling import did_you_mean
from .keys import Key, keys_of

Pattern: TypeAlias = str | int
"""Groups: by their index, by their name, or by a pattern of names."""

Rules: TypeAlias = list[tuple[Pattern, Schedule]]
"""Groups and their schedules, in the order in which they are tried."""

Bounds: TypeAlias = Mapping[str, tuple[Bound | None, ...]]
"""The bound schedules of each key, group by group; None for a group that lacks the key."""


@attrs.frozen
class Group:
    """A param group as patterns and errors speak of it.

    Attributes:
        names: those of parameters that the optimizer doesn't know.
        optimizer: the optimizer's name, if it was given one.
        kind: its class, if there are several optimizers.
    """

    number: int
    options: Mapping[str, Any]
    names: Mapping[Tensor, str]
    optimizer: str | None = None
    kind: str | None = None

    @property
    def name(self) -> str | None:
        """Its own name, if it has one."""
        name = self.options.get("name")
        return name if isinstance(name, str) else None

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters, as far as they are known."""
        if "param_names" in self.options:
            return list(self.options["param_names"])
        return [self.names[parameter] for parameter in self.options["params"] if parameter in self.names]

    @property
    def called(self) -> str:
        """What it is called in a message."""
        owner = self.kind if self.optimizer is None else f"`{self.optimizer}`"
        words = [f"`{self.options['name']}`"] if "name" in self.options else []
        words += [] if owner is None else [f"of {owner}"]
        return f"{self.number} ({' '.join(words)})" if words else str(self.number)

    @property
    def own(self) -> list[str]:
        """What it may be called: its name, its optimizer's, or its name or number behind that."""
        names = [] if self.name is None else [self.name]
        if self.optimizer is None:
            return names
        return [*names, self.optimizer, *(self.within(name) for name in names), self.within(self.number)]

    def within(self, name: str | int) -> str:
        """One of its names behind that of its optimizer."""
        return str(name) if self.optimizer is None else f"{self.optimizer}/{name}"

    def matches(self, pattern: Pattern) -> bool:
        """Whether a pattern means the group, and not only some of its parameters."""
        if not isinstance(pattern, str):
            return pattern == self.number and not isinstance(pattern, bool)  # YAML's `yes`
        if pattern in ("*", *self.own):
            return True
        named = any(fnmatchcase(name, pattern) for name in self.own)
        matched: list[str] = []
        others: list[str] = []
        for each in self.parameters:
            fits = fnmatchcase(self.within(each) if "/" in pattern else each, pattern)
            (matched if fits else others).append(each)
        if matched and (others or not (named or len(matched) == len(self.options["params"]))):
            rest = f", and not `{others[0]}`" if others else ""
            hint = f"put these parameters into a group of their own, or write `{{{self.number}: …}}` before the pattern"
            message = f"`{pattern}` means `{matched[0]}` of group {self.called}{rest}"
            fail(None, "E602", message, f"a group has one value: {hint}")
        return named or bool(matched)


def match(key: Key, rules: Rules, groups: Sequence[Group]) -> list[Schedule | None]:
    """The schedule of each group, which is that of the first rule that matches; None for a group that lacks the key."""
    named = [pattern for pattern, _ in rules if pattern != "*"]
    found: list[Schedule | None] = []
    problems: list[Diagnostic] = []
    used: set[Pattern] = set()
    fitting = [group for group in groups if key.fits(group.options)]
    for group in groups:
        if not key.fits(group.options):
            if not fitting:
                raise ScheduleError([_no_number(key, _meant(key, rules, groups), fitting)])
            if not named or (key.name in group.options and any(map(group.matches, named))):
                raise ScheduleError([_no_number(key, group, fitting)])
            found.append(None)
            continue
        pattern, schedule = next((rule for rule in rules if group.matches(rule[0])), (None, None))
        if pattern is None:
            hint = f'give it one: `{{{group.number}: "cosine"}}`; or one for the rest, last: `{{"*": "base"}}`'
            message = f"group {group.called} has no schedule for `{key.text}`"
            problems.append(Diagnostic("E602", message, hint=hint))
        else:
            used.add(pattern)
        found.append(schedule)
    problems += [problem for pattern, _ in rules for problem in _of_two(key, pattern, groups)]
    problems += [_unused(key, pattern, groups) for pattern, _ in rules if pattern not in used]
    if problems:
        raise ScheduleError(problems)
    return found


_CALLED: Final = {
    **dict.fromkeys(("learning_rate", "base_lr", "initial_lr", "max_lr", "peak_lr", "eta"), "lr"),
    **dict.fromkeys(("wd", "decay", "l2"), "weight_decay"),
    **dict.fromkeys(("mom", "m"), "momentum"),
    **{f"{beta}{number}": f"betas[{number - 1}]" for beta in ("beta", "beta_", "adam_beta") for number in (1, 2)},
}
"""What others call the keys of groups."""


def _no_number(key: Key, group: Group, fitting: Sequence[Group]) -> Diagnostic:
    where = f"group {group.called}"
    value = group.options.get(key.name)
    known = keys_of(group.options)
    hint = f"it has {', '.join(f'`{each}`' for each in known)}"
    if key.name not in group.options:
        if fitting:
            first = str(fitting[0].number) if fitting[0].optimizer is None else f'"{fitting[0].optimizer}"'
            hint = f'give it to those that have it: `{{"{key.text}": {{{first}: …}}}}`'
            return Diagnostic("E601", f"{where} has no `{key.text}`", hint=hint)
        if key.text in group.own:
            hint = f'keys come first, and then groups: `{{"lr": {{"{key.text}": …}}}}`'
            return Diagnostic("E601", f"`{key.text}` is no key of param groups", hint=hint)
        meant = _CALLED.get(key.text)
        called = f"did you mean `{meant}`?" if meant in known else did_you_mean(key.text, known)
        return Diagnostic("E601", f"{where} has no `{key.text}`", hint=called or hint)
    if isinstance(value, (tuple, list)):
        each = listed(f"{key.name}[{index}]" for index in range(len(value)))
        return Diagnostic("E601", f"`{key.text}` of {where} is not one number", hint=f"it is {each}")
    return Diagnostic("E601", f"`{key.text}` of {where} is not a number: `{key.name}` is {shown(value)}", hint=hint)


def _meant(key: Key, rules: Rules, groups: Sequence[Group]) -> Group:
    """Of which group it is told that there is no such key, as none has it: of one with such a name, or a first rule."""
    alike = (group for group in groups if key.name in group.options or key.text in group.own)
    return next(alike, next((group for group in groups if group.matches(rules[0][0])), groups[0]))


def named_apart(row: Sequence[Bound | None], groups: Sequence[Group]) -> Iterator[tuple[str, int, Bound]]:
    """The curves of a key, each with a name and a group: no name if all groups have one, else the optimizer's if all of
    its groups have one, else the group's, or its number where names are missing or the same.
    """
    labels = [group.within(group.number if group.name is None else group.name) for group in groups]
    if len({*labels}) < len(labels):
        labels = [group.within(group.number) for group in groups]
    held = [(number, bound) for number, bound in enumerate(row) if bound is not None]
    curves = {bound: (bound.schedule, bound.run.base if uses_base(bound) else None) for _, bound in held}
    of: dict[str | None, set[Any]] = {}
    for number, bound in held:
        of.setdefault(groups[number].optimizer, set()).add(curves[bound])
    several = len({*curves.values()}) > 1
    told = set()
    for number, bound in held:
        owner = groups[number].optimizer
        name = labels[number] if owner is None or len(of[owner]) > 1 else owner
        name = name if several else ""
        if name not in told:
            told.add(name)
            yield name, number, bound


def _of_two(key: Key, pattern: Pattern, groups: Sequence[Group]) -> Iterator[Diagnostic]:
    """What is wrong with the name of an optimizer that is a group's of another one, too."""
    other = next((group for group in groups if pattern == group.name != group.optimizer), None)
    if other is not None and any(pattern == group.optimizer for group in groups):
        message = f"`{pattern}` of `{key.text}` means the optimizer `{pattern}`, and group {other.called}"
        hint = f"write `{pattern}/*` for the optimizer, `{other.optimizer}/{pattern}` for the group"
        yield Diagnostic("E602", message, hint=hint)


def _unused(key: Key, pattern: Pattern, groups: Sequence[Group]) -> Diagnostic:
    """What is wrong with a pattern that no group is left for."""
    if any(key.fits(group.options) and group.matches(pattern) for group in groups):
        message = f"`{pattern}` of `{key.text}` is not used: patterns before it have all its groups"
        return Diagnostic("E602", message, hint="write it before them, or remove it")
    lacking = next((group for group in groups if group.matches(pattern)), None)
    if lacking is not None:
        return _no_number(key, lacking, [group for group in groups if key.fits(group.options)])
    known = [*dict.fromkeys(name for group in groups for name in group.own)]
    known += [name for group in groups for name in group.parameters]
    if not isinstance(pattern, str):
        hint = f"groups are counted from 0 to {len(groups) - 1}"
    elif pattern.isdigit():
        hint = f"an index is a number: `{{{pattern}: …}}`"
    elif meant := did_you_mean(pattern, known):
        hint = meant
    elif _is_expression(pattern, known):
        hint = "it is no regular expression: `*` stands for any text, `?` for one character, `[abc]` for one of some"
    elif any(group.optimizer is None and group.kind and group.kind.lower() == pattern.lower() for group in groups):
        hint = f'give the optimizers by names: `{{"{pattern}": …}}`'
    elif known:
        hint = f"there are {', '.join(f'`{name}`' for name in known[:8])}"
    else:
        hint = (
            "parameters have names if the optimizer is made from `model.named_parameters()`; or give `named_parameters`"
        )
    return Diagnostic("E602", f"`{pattern}` of `{key.text}` matches no group", hint=hint)


def _is_expression(pattern: str, known: Iterable[str]) -> bool:
    """Whether a pattern is a regular expression of some names."""
    try:
        return any(re.search(pattern, name) for name in known)
    except re.error:
        return False


class Assignment:
    """Which bound schedule each number of each group has; one that several have is bound and asked once."""

    def __init__(
        self,
        schedules: Mapping[Key, Sequence[Schedule | None]],
        bases: Mapping[str, Sequence[float | None]],
        bind: Callable[[Schedule, float], Bound],
    ) -> None:
        known: dict[tuple[Schedule, float], int] = {}
        self.distinct: list[Bound] = []
        self.columns: list[tuple[Key, list[int | None]]] = []
        """Each key, with the place of each group's schedule among them; None for a group that lacks the key."""
        for key, row in schedules.items():
            places: list[int | None] = []
            for schedule, base in zip(row, bases[key.text], strict=True):
                if schedule is None or base is None:
                    places.append(None)
                    continue
                if (schedule, base) not in known:
                    known[schedule, base] = len(self.distinct)
                    self.distinct.append(bind(schedule, base))
                places.append(known[schedule, base])
            self.columns.append((key, places))
        self.functions = [bound.compiled if bound.ticks is bound else bound for bound in self.distinct]
        self.told: dict[str, tuple[Key, int, Bound]] = {}
        """What loggers are told, by name, once it was asked for: the key, a group that has it, and the schedule."""

    def apply(self, groups: Sequence[dict[str, Any]], step: int, since: int = 0) -> None:
        """Set the values of a step in the groups from one on."""
        try:
            values = [function(step) for function in self.functions]
        except (ArithmeticError, ValueError):
            values = [bound(step) for bound in self.distinct]  # which tells where in the text there is no value
        for key, places in self.columns:
            if since:  # no copies of lists in each step
                key.put(groups[since:], places[since:], values)
            else:
                key.put(groups, places, values)

    def bounds(self) -> Bounds:
        """The same by the texts of the keys."""
        return {
            key.text: tuple(None if place is None else self.distinct[place] for place in places)
            for key, places in self.columns
        }
