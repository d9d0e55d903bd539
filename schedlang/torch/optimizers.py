"""The optimizers of a scheduler, one or several, and the param groups of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from torch import Tensor
from torch.optim import Optimizer

from .._text.errors import fail
from .._text.run import shown
from .keys import unwrapped
from .matching import Group

Several: TypeAlias = "Optimizer | Iterable[Optimizer] | Mapping[str, Optimizer]"
"""An optimizer; or several, in a list, by names, or in a container that has `optimizers`, as torchtitan's."""

_GIVE: Final = "give one of `torch.optim`, and then the schedules"
_ONE_OR_MORE: Final = 'give an optimizer, or several: `[muon, adamw]`, `{"muon": muon, "adamw": adamw}`'


class Optimizers:
    """Several optimizers as one sequence of groups: those there were at first, in order, then those that were added.

    So a group that is added to any of them does not change the number of another.
    """

    def __init__(self, given: Several) -> None:
        names, self.each = _read(given)
        self.names: tuple[str | None, ...] = names
        self._order = [] if len(self.each) == 1 else [*self._places()]

    @property
    def first(self) -> Optimizer:
        """The one that stands for all where torch's interface has room for one."""
        return self.each[0]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The groups of all optimizers."""
        if not self._order:
            groups: list[dict[str, Any]] = self.each[0].param_groups
            return groups
        if len(self._order) != sum(len(each.param_groups) for each in self.each):
            there = dict.fromkeys(self._places())
            self._order = [place for place in dict.fromkeys([*self._order, *there]) if place in there]
        return [self.each[optimizer].param_groups[number] for optimizer, number in self._order]

    def _places(self) -> Iterable[tuple[int, int]]:
        """Each group by the number of its optimizer and its own there."""
        return ((one, number) for one, each in enumerate(self.each) for number in range(len(each.param_groups)))

    def begin_with(self, optimizer: Optimizer) -> None:
        """Let another optimizer be the first, such as one that wraps it."""
        self.each = _read([optimizer, *self.each[1:]])[1]

    def of(self, group: int) -> Optimizer:
        """The optimizer that has a group."""
        return self.each[self._order[group][0]] if self._order else self.first

    def labels(self) -> list[str]:
        """The name of each optimizer, or its number; none, if there is only one."""
        return [str(one) if name is None else name for one, name in enumerate(self.names)] if self._order else []

    def owners(self) -> list[str]:
        """For each group the label of its optimizer; nothing, if there is only one."""
        labels = self.labels()
        return [labels[one] for one, _ in self._order]

    def as_matched(self, parameters: Mapping[Tensor, str]) -> list[Group]:
        """The groups as patterns mean them, of which parameters have names that the optimizers do not know."""
        called = {id(each): name for each, name in zip(self.each, self.names, strict=True)}
        found = []
        for number, group in enumerate(self.groups):
            owner = self.of(number)
            kind = type(owner).__name__ if self._order else None
            found.append(Group(number, group, parameters, called[id(owner)], kind))
        return found


def _read(given: Any) -> tuple[tuple[str | None, ...], tuple[Optimizer, ...]]:
    """The names of optimizers, and these.

    Raises:
        ScheduleError: E607.
    """
    held = _contained(given)
    given = given if held is None else held
    if isinstance(given, Optimizer):
        return (None,), (given,)
    if isinstance(given, str):
        fail(None, "E607", f"{shown(given)} is not an optimizer", _GIVE)
    if isinstance(given, Mapping):
        names, each = [*given], [*given.values()]
        for name in names:
            if not isinstance(name, str) or not name or {*name} & {*"/*?["}:
                hint = 'names are texts without `/`, `*`, `?` and `[`: `{"muon": muon}`'
                fail(None, "E607", f"{shown(name)} is not a name of an optimizer", hint)
    else:
        try:
            each = [*given]
        except TypeError:
            fail(None, "E607", f"{shown(given)} is not an optimizer", _GIVE)
        names = [None] * len(each)
    if not each:
        fail(None, "E607", "there is no optimizer", _ONE_OR_MORE)
    for number, one in enumerate(each):
        called = str(number) if names[number] is None else f"`{names[number]}`"
        if not isinstance(one, Optimizer):
            fail(None, "E607", f"optimizer {called} is {shown(one)}, not an optimizer", _ONE_OR_MORE)
        if _contained(one) is not None:
            fail(None, "E607", f"optimizer {called} has optimizers of its own", "give these, all in one list")
        if any(unwrapped(one) is unwrapped(other) for other in each[:number]):
            fail(None, "E607", f"optimizer {called} stands there twice", "give each optimizer once")
    return tuple(names), tuple(each)


def _contained(given: Any) -> Any:
    """What a container of optimizers has; torchtitan's is an optimizer itself, of groups that none of them steps."""
    held = getattr(given, "optimizers", None)
    return held if isinstance(held, (list, tuple, Mapping)) else None
