"""Keys of param groups: which number of a group is meant, `lr` or `betas[0]`, how it is read, and how it is set."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, Final

import attrs
from torch import Tensor
from torch.optim import Optimizer

from .._text.errors import fail

_KEY: Final = re.compile(r"(\w+)(?:\[(\d+)\])?")


@attrs.frozen
class Key:
    """A number in each group: `lr`, or one of several, `betas[0]`."""

    text: str
    name: str
    index: int | None

    @property
    def logged(self) -> str:
        """What loggers call it, some of which take no brackets."""
        return self.name if self.index is None else f"{self.name}.{self.index}"

    def of(self, group: Mapping[str, Any]) -> Any:
        """What stands there."""
        return group[self.name] if self.index is None else group[self.name][self.index]

    def fits(self, group: Mapping[str, Any]) -> bool:
        """Whether there is a number."""
        try:
            value = self.of(group)
        except (KeyError, IndexError, TypeError):
            return False
        return _is_number(value)

    def put(self, groups: Sequence[dict[str, Any]], places: Sequence[int | None], values: Sequence[float]) -> None:
        """Set the number of each group to one of some values, by its place among them; None leaves it as it is."""
        if self.index is not None:
            _put_items(groups, self.name, self.index, places, values)
            return
        name = self.name
        for group, place in zip(groups, places, strict=True):
            if place is None:
                continue
            here, value = group[name], values[place]
            if type(here) is float:
                group[name] = value
            elif isinstance(here, Tensor):
                here.detach().fill_(value)  # it stays the tensor that a graph or a compiled step holds
            else:
                group[name] = int(value) if type(here) is int and value.is_integer() else value

    def initial(self, group: Mapping[str, Any]) -> float:
        """The value that the group began with."""
        initial = group.get(self._initial, group[self.name])
        return float(copied(initial if self.index is None else initial[self.index]))

    def has_initial(self, group: Mapping[str, Any]) -> bool:
        """Whether the group says which value it began with."""
        return self._initial in group

    def default(self, optimizer: Optimizer) -> Any:
        """What groups have that are given nothing else; None if there is no such number."""
        defaults = getattr(optimizer, "defaults", {})
        return self.of(defaults) if self.fits(defaults) else None

    def kind(self, optimizer: Optimizer, group: Mapping[str, Any]) -> type | None:
        """Whether it is a whole number or any, by what is held and how the optimizer declares it; None if unknown."""
        if self.index is not None or type(self.of(group)) is not int:
            return float
        declared = inspect.signature(type(unwrapped(optimizer))).parameters.get(self.name)
        words = "" if declared is None or declared.annotation is declared.empty else str(declared.annotation)
        if "float" in words or self.name == "lr":
            return float
        return int if re.search(r"\bint\b", words) or self.of(group) not in (0, 1) else None

    def widen(self, group: dict[str, Any]) -> None:
        """Let a group that was given an int have the float that it means."""
        if self.index is None and type(group[self.name]) is int:
            group[self.name] = float(group[self.name])

    def owners(self, groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """For each group the first that has the same tensor, as torch gives its default to several; else the group."""
        first: dict[Tensor, dict[str, Any]] = {}
        tensors = [self.of(group) if self.fits(group) else None for group in groups]
        return [
            first.setdefault(tensor, group) if isinstance(tensor, Tensor) else group
            for tensor, group in zip(tensors, groups, strict=True)
        ]

    def part(self, groups: Sequence[dict[str, Any]]) -> None:
        """Give each group that shares its tensor with an earlier one a tensor of its own."""
        for group, owner in zip(groups, self.owners(groups), strict=True):
            if owner is not group:
                own = copied(self.of(group))
                group[self.name] = own if self.index is None else _with_item(group[self.name], self.index, own)

    def keep_initial(self, group: dict[str, Any]) -> None:
        """Let the group keep the value that it begins with."""
        value = group[self.name]
        group.setdefault(self._initial, copied(value) if self.index is None else tuple(map(copied, value)))

    def keep(self, group: dict[str, Any], base: float) -> None:
        """Keep another value as the one that the group began with."""
        if self.index is None:
            group[self._initial] = base
        else:
            _put_items([group], self._initial, self.index, [0], [base])

    @property
    def _initial(self) -> str:
        """Under which name the group keeps it, as torch does."""
        return f"initial_{self.name}"


def read_key(text: str) -> Key:
    """A key as it is written.

    Raises:
        ScheduleError: E601.
    """
    found = _KEY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        fail(None, "E601", f"`{text}` is not a key of param groups", "write it as `lr`, or as `betas[0]`")
    return Key(text, found[1], None if found[2] is None else int(found[2]))


def keys_of(group: Mapping[str, Any]) -> list[str]:
    """The keys of a group that can be scheduled."""
    found = []
    for name, value in group.items():
        if name == "params" or name.startswith("initial_"):
            continue
        if _is_number(value):
            found.append(name)
        elif isinstance(value, (tuple, list)):
            found += [f"{name}[{index}]" for index, each in enumerate(value) if _is_number(each)]
    return found


def copied(value: Any) -> Any:
    """A value that stays as it is, when a tensor is filled with another."""
    return value.detach().clone() if isinstance(value, Tensor) else value


def _is_number(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.is_floating_point()
    return isinstance(value, Real) and not isinstance(value, bool)


def _put_items(
    groups: Sequence[dict[str, Any]], name: str, index: int, places: Sequence[int | None], values: Sequence[float]
) -> None:
    """Set one of several numbers in each group; groups that shared a tuple share the next one."""
    old = new = last = None
    for group, place in zip(groups, places, strict=True):
        if place is None:
            continue
        several = group[name]
        if several is not old or place != last:
            here = several[index]
            if type(here) is not float and isinstance(here, Tensor):
                here.detach().fill_(values[place])
                continue
            old, last = several, place
            new = _with_item(several, index, values[place])
        group[name] = new


def _with_item(several: Any, index: int, value: Any) -> Any:
    """Several numbers, with one of them replaced."""
    return type(several)([*several[:index], value, *several[index + 1 :]])


def unwrapped(optimizer: Any) -> Any:
    """What a wrapper that calls itself an optimizer, such as Lightning's or Accelerate's, wraps."""
    return getattr(optimizer, "optimizer", optimizer)
