"""Schedules in config files: `train.yaml:optim.lr` names a file, and a key in it.

YAML, JSON and TOML are read. Keys are separated by dots, a number is an index into a list, and where a key itself
contains dots the longest one that fits is tried first. Of several documents in a YAML file one has to have the key.
Errors have the codes E501 to E509, E511 and E514, and point into the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from .._bound.sets import KEYS, WHERE
from .._bound.stages import InFile, Origin, Path, called
from .._text.errors import ScheduleError, fail, listed, nearest
from .._text.source import Place, Source, Span
from .carried import Carried, Shared
from .formats import Branch, ConfigFile, Leaf, Tree, at, is_finite_number
from .noether import KIND, Length, configs_below, is_config
from .opening import content_of, documents_of, with_places
from .recognizing import Kin
from .references import SUFFIXES, is_config_name, split
from .sections import FoundSchedule, members_of_section, schedules_of_section
from .staged import InSection, is_by_stages, told_beside
from .values import (
    carried_at,
    cut_text,
    enumerated,
    is_schedule,
    is_sweep,
    kind_in_words,
    leaves_below,
    names_a_class,
    some_keys,
    text_of_value,
)


def read_reference(reference: str) -> Carried:
    """The schedule's text at `FILE:KEY`; errors in it tell file, key, line and column.

    Raises:
        ScheduleError: E501 (no such file), E502 (PyYAML is missing), E503 (not a config file), E504 (not well-formed),
            E505 (no such key), E506 (the value isn't a schedule's text), E507 (YAML has cut the text), E508 (YAML can't
            read the text), E509 (a sweep), E511 (several documents have the key), E514 (the key stands twice).
    """
    return _read(reference, None)[1]()


def read_section(reference: str, content: str | None = None, length: Length | None = None) -> list[FoundSchedule]:
    """The schedule at `FILE:KEY`; if that is a mapping, all that stands in it, and what is wrong with it as a set.

    Args:
        reference: `FILE:KEY`.
        content: what stands in the file, if it was read before.
        length: what is known of the run's length.

    Raises:
        ScheduleError: as `read_reference`.
    """
    section, schedule = _read(reference, content, length)
    if section:
        return section
    carried = schedule()
    kin = Kin.CONFIG if carried.is_config else Kin.OURS
    return [FoundSchedule(tuple((carried.key or split(reference)[1]).split(".")), carried, kin=kin)]


def _read(
    reference: str, content: str | None, length: Length | None = None
) -> tuple[list[FoundSchedule], Callable[[], Carried]]:
    """All schedules of the mapping that `FILE:KEY` is, or else none; and what reads it as one schedule."""
    asked, name, key, text = _opened(reference, "; the text of a schedule has no `:`", content)
    documents = documents_of(name, text)
    whole_file = not key and len(documents) == 1 and is_config(documents[0])
    if not key and not whole_file:
        _refuse_whole_file(name, documents, Place(asked, Span(0, len(name))))
    file = with_places(name, text, len(documents))
    try:
        reached = _Reached(documents[0], (), 0, 0) if whole_file else _find(documents, key, file, asked)
    except ScheduleError:
        item = _item(name, key, text)
        if item is None:
            raise
        return [], item.carried
    tree = None if file is None else at(file.documents[reached.document], reached.path)
    if file is None or tree is None:
        return [], lambda: _without_places(documents, reached, reference)
    found: list[FoundSchedule] = []
    whole = cut_text(file, reached.path, tree, reference) is None and not is_sweep(reached.path, _plain(tree))
    if whole and isinstance(tree, Branch):
        section = at(file.documents[reached.document], reached.path[:-1])
        if isinstance(section, Branch) and reached.path and _is_composed(section, reached.path[-1], tree):
            found += members_of_section(file, reached.path[:-1], section, reached.path[-1:])
            if [each.path for each in found] == [reached.path]:
                return found, found[0].carried
        elif tree.mapping and not _has_configs(tree):
            found += schedules_of_section(file, reached.path, tree)
    document = file.documents[reached.document]
    return found, lambda: told_beside(carried_at(file, reached.path, tree, reference, length), reached.path, document)


def _item(name: str, key: str, content: str) -> FoundSchedule | None:
    """The schedule of an item of a list that is given by stages: `train.betas.0`, of `train.betas.STAGE.0` …"""
    whole, _, index = key.rpartition(".")
    try:
        items = read_section(f"{name}:{whole}", content) if index.isdecimal() else []
    except ScheduleError:
        return None
    return next((each for each in items if ".".join(each.path) == key), None)


def _is_composed(section: Branch, key: str, tree: Branch) -> bool:
    """Whether what stands at a key of a mapping is a hyperparameter by stages, or a list of schedules."""
    is_list = section.mapping and not tree.mapping and all(isinstance(each, Leaf) for _, _, each in tree.entries)
    return key not in KEYS and (is_list or is_by_stages(section, tree))


def _plain(tree: Tree) -> Any:
    return tree.plain() if isinstance(tree, Branch) else tree.value


def _has_configs(tree: Branch) -> bool:
    """Whether a mapping is a config of Noether's: of a schedule, or of something else that has schedules."""
    return is_config(tree) or names_a_class(tree) or (tree.get(KIND) is not None and any(configs_below(tree)))


def _without_places(documents: list[Any], reached: _Reached, reference: str) -> Carried:
    name = split(reference)[0]
    text = text_of_value(reached.value, Place(Source(reference), Span(len(name) + 1, len(reference))), reference)
    section = documents[reached.document]
    for part in reached.path[:-1]:
        section = _values_at_key(section, part)[0]
    beside = section.get(WHERE) if isinstance(section, Mapping) else None
    called = f"{name}:{'.'.join((*reached.path[:-1], WHERE))}"
    return Carried(text, reference, where=None if beside is None else Shared(called, beside).for_text(text))


def read_mapping(reference: str) -> tuple[dict[str, Any], Origin]:
    """The mapping at `FILE:KEY`, and where what is in it stands.

    Raises:
        ScheduleError: as `read_reference`.
    """
    asked, name, key, text = _opened(reference, "")
    documents = documents_of(name, text)
    file = with_places(name, text, len(documents))
    whole = not key and len(documents) == 1
    reached = _Reached(documents[0], (), 0, 0) if whole else _find(documents, key, file, asked)
    if not isinstance(reached.value, Mapping):
        message = f"`{reference}` is {kind_in_words(reached.value)}, not a mapping"
        fail(Place(asked, Span(0, len(name))), "E506", message, "name the key of a mapping from names to schedules")
    tree = None if file is None else at(file.documents[reached.document], reached.path)
    texts = {str(key): value for key, value in reached.value.items()}
    if file is None or not isinstance(tree, Branch):
        return texts, _WithoutPlaces(reference)
    return texts, InSection(file, reached.path, tree)


class _WithoutPlaces(Origin):
    """A mapping in a file of which it isn't known where what is in it stands."""

    def __init__(self, reference: str) -> None:
        self.reference = reference

    def given(self, path: Path, value: Any) -> Any:
        return InFile(read_reference(called(".".join(path), self.reference)))


def _opened(reference: str, hint_on_texts: str, content: str | None = None) -> tuple[Source, str, str, str]:
    """A reference as a source, the file and the key that it names, and the file's text."""
    name, key = split(reference)
    asked = Source(reference)
    place = Place(asked, Span(0, len(name)))
    if not is_config_name(name):
        hint = f"a reference is `FILE:KEY`, and FILE ends in {listed(SUFFIXES)}{hint_on_texts}"
        fail(place, "E503", f"`{name}` is not a config file", hint)
    return asked, name, key, content_of(name, place) if content is None else content


class _Reached(NamedTuple):
    """How far a key leads: the value there, its keys, how many parts of the key they took, and in which document."""

    value: Any
    path: tuple[str, ...]
    used: int
    document: int


def _find(documents: list[Any], key: str, file: ConfigFile | None, asked: Source) -> _Reached:
    """What stands at a key, in the one document that has it."""
    name = split(asked.text)[0]
    parts = tuple(key.split("."))
    reached = [_follow(_Reached(content, (), 0, index), parts) for index, content in enumerate(documents)]
    furthest = max(reached, key=lambda each: (each.used, isinstance(each.value, Mapping)))
    whole = [each for each in reached if each.used == len(parts)]
    if len(whole) > 1:
        _refuse_several(whole, key, file, asked)
    if whole:
        return furthest
    where, rest = ".".join(parts[: furthest.used]), ".".join(parts[furthest.used :])
    message = f"`{where}` in `{name}` has no key `{rest}`" if where else f"`{name}` has no key `{rest}`"
    if not isinstance(furthest.value, Mapping):
        message += f": it is {kind_in_words(furthest.value)}"
    paths = [path for content in documents for path, _ in leaves_below(content)]
    meant = [path for path in dict.fromkeys(paths) if path.endswith(f".{key}")]
    meant = meant or [path for path in [nearest(key, paths)] if path is not None]
    as_far = [each.value for each in reached if each.used == furthest.used]
    there = dict.fromkeys(str(each) for value in as_far if isinstance(value, Mapping) for each in value)
    hint = f"there is {some_keys(list(there))}" if there else None
    if meant:
        hint = f"did you mean {some_keys([f'{name}:{path}' for path in meant])}?"
    return fail(Place(asked, Span(len(asked.text) - len(rest), len(asked.text))), "E505", message, hint)


def _follow(reached: _Reached, parts: tuple[str, ...]) -> _Reached:
    """As far as the rest of a key leads from there: in steps as long as possible, as keys may contain dots."""
    best = reached
    for end in range(len(parts), reached.used, -1):
        key = ".".join(parts[reached.used : end])
        for value in _values_at_key(reached.value, key):
            further = _follow(_Reached(value, (*reached.path, key), end, reached.document), parts)
            if further.used == len(parts):
                return further
            best = max(best, further, key=lambda each: each.used)
    return best


def _values_at_key(value: Any, key: str) -> list[Any]:
    """The value at one key of a mapping, or one index of a list; nothing if there is none."""
    if isinstance(value, Mapping):
        return [item for name, item in value.items() if str(name) == key][:1]
    if isinstance(value, list) and key.isdecimal() and len(key) < 10:
        return value[int(key) : int(key) + 1]
    return []


def _refuse_several(reached: list[_Reached], key: str, file: ConfigFile | None, asked: Source) -> NoReturn:
    name = split(asked.text)[0]
    message = f"`{name}` has `{key}` in documents {enumerated([each.document + 1 for each in reached])}"
    if file is not None:
        trees = [at(file.documents[each.document], each.path) for each in reached]
        lines = [file.source().position(tree.span.start)[0] for tree in trees if tree is not None]
        message += f" (lines {enumerated(lines)})"
    place = Place(asked, Span(len(name) + 1, len(asked.text)))
    fail(place, "E511", message, f"put each document into a file of its own, or check all of `{name}`")


def _refuse_whole_file(file: str, documents: list[Any], place: Place) -> NoReturn:
    """Refuse a file without a key, and list the keys of its schedules: texts first, then numbers."""
    leaves = [leaf for content in documents for leaf in leaves_below(content)]
    kinds = [key.removesuffix(f".{KIND}") for key, value in leaves if is_config({key.rpartition(".")[2]: value})]
    leaves = [(key, value) for key, value in leaves if not key.startswith(tuple(f"{kind}." for kind in kinds))]
    texts = [key for key, value in leaves if isinstance(value, str) and is_schedule(value)]
    numbers = [key for key, value in leaves if is_finite_number(value)]
    counted = Counter([*kinds, *texts, *numbers])
    once = [key for key, count in counted.items() if count == 1]
    keys = [f"{file}:{key}" for key in once or counted]
    hint = f"write {some_keys(keys)}" if keys else "none of its values is a schedule"
    fail(place, "E505", f"no key says which schedule of `{file}` is meant", hint)
