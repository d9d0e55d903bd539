"""Configs of Noether in files: a mapping with a `kind` is read as the schedule that it is there, and never written.

Where OmegaConf's `${…}` leads is looked up in the file. What another file has can't be known: so an error is certain
only if it is one whatever stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, NoReturn

import attrs

from .._language.nodes import Schedule
from .._text.errors import Diagnostic, ScheduleError, fail
from .._text.extras import load_extra
from .._text.run import Rate
from .._text.source import Place, Span
from .carried import Carried
from .formats import Branch, ConfigFile, Leaf, Tree, walk

KIND: Final = "kind"

_LIKELY: Final = re.compile(r"[Ss]chedule")
_MISSING: Final = "???"
"""What OmegaConf wants to be told elsewhere."""
_TRIED: Final = (0, 1)  # in the place of a value that isn't known
_ONE_OF_TWO: Final = ("_steps", "_percent")  # of such fields, whose other may be null
_FOR_ONE_LENGTH: Final = "its text for one length is what `schedlang.noether.from_noether(config, total_steps=…)` gives"
_WHOLE: Final = "give the whole config, as Noether's `hp_resolved.yaml` or `--cfg job --resolve` of Hydra has it"


def is_config(value: Tree | Mapping[Any, Any] | None) -> bool:
    """Whether a value of a file, with its places or without, is the config of a schedule of Noether's."""
    if isinstance(value, Branch):
        leaf = value.get(KIND) if value.mapping else None
        kind = leaf.value if isinstance(leaf, Leaf) else None
    else:
        kind = value.get(KIND) if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or _LIKELY.search(kind) is None:
        return False
    from .._transfer.porting.of_noether import is_kind  # few files have such

    return is_kind(kind)


def is_certain(tree: Tree) -> bool:
    """Whether it is one for certain: kappaschedules has the same names, without a module."""
    return is_config(tree) and isinstance(tree, Branch) and "." in str(tree.plain()[KIND])


def configs_below(tree: Branch) -> Iterator[tuple[str, ...]]:
    """Where in a mapping configs stand."""
    return (path for path, _, below in walk(tree) if path and is_config(below))


class Length(NamedTuple):
    """What is known of how long a run is, for configs that are another text in each."""

    total_steps: int
    steps_per_epoch: Rate | None


def schedule_at(
    file: ConfigFile, path: tuple[str, ...], tree: Branch, reference: str, length: Length | None = None
) -> Carried:
    """The schedule that the config at a key is, as a text of ours: one for runs of all lengths, if there is one.

    Raises:
        ScheduleError: E605 to E607 for what is wrong with it, E506 if something it refers to isn't there, E502 if
            OmegaConf is missing, which looks that up.
    """
    config = _resolved(file, path, tree) if _unresolved(tree) else tree.plain()
    return _carried(file, path, tree, reference, config, length)


def _carried(
    file: ConfigFile,
    path: tuple[str, ...],
    tree: Branch,
    reference: str,
    config: Mapping[str, Any],
    length: Length | None = None,
) -> Carried:
    try:
        schedule, noted = _schedule(config, length)
    except ScheduleError as error:
        raise ScheduleError([_in_file(each, file, path, tree) for each in error.diagnostics]) from None
    notes = tuple(_in_file(each, file, path, tree) for each in noted)
    return Carried(str(schedule), reference, file, ".".join(path), notes=notes)


def found_at(
    file: ConfigFile, path: tuple[str, ...], tree: Branch, reference: str
) -> tuple[tuple[Diagnostic, ...], Carried | None]:
    """What is certainly wrong with a config, and the schedule that it is, if all of it is known.

    That its run isn't known, and what other files have, is no mistake.
    """
    unknown, config = _unresolved(tree), tree.plain()
    if unknown:
        with suppress(ScheduleError):  # it may be composed of several files
            unknown, config = [], _resolved(file, path, tree)
    unknown += [key for key, value in config.items() if value == _MISSING]
    if unknown:
        certain = _certain(config, unknown)
        return tuple(_in_file(each, file, path, tree) for each in certain if not _is_known_elsewhere(each)), None
    try:
        carried = _carried(file, path, tree, reference, config)
    except ScheduleError as error:
        return tuple(each for each in error.diagnostics if not _is_known_elsewhere(each)), None
    return tuple(each for each in carried.notes if not _is_known_elsewhere(each)), carried


def _certain(config: Mapping[str, Any], unknown: list[str]) -> list[Diagnostic]:
    """What is wrong whatever the values are that aren't known."""
    known = {key: value for key, value in config.items() if key not in unknown}
    tries: list[dict[str, Any]] = [dict.fromkeys(unknown, value) for value in _TRIED]
    tries += [tries[-1] | {key: None} for key in unknown if key.endswith(_ONE_OF_TWO)]
    found = [_problems(known | tried) for tried in tries]
    return [each for each in found[0] if all(each in other for other in found)]


def _is_known_elsewhere(problem: Diagnostic) -> bool:
    """Whether it is about the length of the run, or a kind that nobody knows, which a newer Noether may have."""
    newer = "has no schedule" in problem.message and "did you mean" not in (problem.hint or "")
    return newer or problem.code in ("E607", "W528")


def _problems(config: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    try:
        return _schedule(config)[1]
    except ScheduleError as error:
        return error.diagnostics


def _schedule(config: Mapping[str, Any], length: Length | None = None) -> tuple[Schedule, tuple[Diagnostic, ...]]:
    """What a config is, and what is odd about it."""
    from .._transfer.porting import NOETHER, ConfigReader

    reader = ConfigReader(NOETHER, None if length is None else length.steps_per_epoch)
    try:
        schedule = reader.schedule(config, None)
    except ScheduleError as error:
        if length is None or error.diagnostics[0].code != "E607":
            raise
        schedule = reader.schedule(config, length.total_steps)
    return schedule, tuple(reader.told)


# Interpolations.


def _unresolved(tree: Branch) -> list[str]:
    """The keys with values in which OmegaConf puts something."""
    return [
        key
        for key, _, below in tree.entries
        if any(
            isinstance(leaf, Leaf) and isinstance(leaf.value, str) and "${" in leaf.value for _, _, leaf in walk(below)
        )
    ]


def _resolved(file: ConfigFile, path: tuple[str, ...], tree: Branch) -> dict[str, Any]:
    """A config with what stands elsewhere in the file in the place of `${…}`."""
    keys = ", ".join(f"`{'.'.join((*path, key))}`" for key in _unresolved(tree))
    omegaconf = load_extra("omegaconf", f"looking up `${{…}}` in {keys}", "hydra")
    (document,) = (each for each in file.documents if any(below is tree for _, _, below in walk(each)))
    assert isinstance(document, Branch)
    try:
        node = omegaconf.OmegaConf.create(document.plain(), flags={"allow_objects": True})
        for key in path:
            node = node._get_node(int(key) if omegaconf.OmegaConf.is_list(node) else key)
        resolved: dict[str, Any] = omegaconf.OmegaConf.to_container(node, resolve=True)
    except omegaconf.errors.OmegaConfBaseException as error:
        _refuse(file, path, tree, error)
    return resolved


def _refuse(file: ConfigFile, path: tuple[str, ...], tree: Branch, error: Any) -> NoReturn:
    key = str(getattr(error, "full_key", None) or "").removeprefix(".".join((*path, "")))
    here, span, below = max(
        (each for each in _places(tree) if key.startswith(each[0])),
        key=lambda each: len(each[0]),
        default=("", None, tree),
    )
    place = Place(file.source(".".join((*path, *filter(None, [here])))), span or tree.span)
    reason = str(error).partition("\n")[0]
    what = f"`{below.value}` leads nowhere in" if isinstance(below, Leaf) else "OmegaConf cannot read"
    fail(place, "E506", f"{what} this file: {reason[:1].lower()}{reason[1:]}", _WHOLE)


# Places.


def _places(tree: Tree, path: str = "") -> Iterator[tuple[str, Span, Tree]]:
    """Everything below a value, by the path that errors call it."""
    if isinstance(tree, Branch):
        for key, span, below in tree.entries:
            here = f"{path}[{key}]" if not tree.mapping else f"{path}.{key}" if path else key
            yield here, span if isinstance(below, Branch) or below.span.start == below.span.end else below.span, below
            yield from _places(below, here)


def _in_file(problem: Diagnostic, file: ConfigFile, path: tuple[str, ...], tree: Branch) -> Diagnostic:
    """A mistake in a config as one of the file: at the key or value that it is about, else at its `kind`."""
    about = [each for each in _places(tree) if problem.message.startswith(f"{each[0]}: ")]
    here, span, below = max(about, key=lambda each: len(each[0]), default=(KIND, tree.span, tree.get(KIND)))
    message = problem.message.removeprefix(f"{here}: ")
    key = next((name for name, _, each in tree.entries if each is below), None)
    if key is not None and (not about or f"`{key}`" in message):
        span = next(where for name, where, _ in tree.entries if name == key)
    source = file.source(".".join((*path, *([here] if about else []))))
    told = "on the command line, `--total` says how long the run is; " if problem.code == "E607" else ""
    hint = f"{told}{_FOR_ONE_LENGTH}" if problem.code in ("E607", "W528") else problem.hint
    return attrs.evolve(problem, message=message, span=span, hint=hint, source=source)
