"""Values of config files that are to be schedules: their texts, and why some of them are none."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from .._bound.sets import WHERE
from .._language.nodes import Name, Number
from .._language.nodes.arithmetic import Negative
from .._language.parse import parse
from .._text.errors import Diagnostic, Edit, ScheduleError, fail, listed
from .._text.source import Place, Span
from .carried import Carried, Shared
from .formats import UNKNOWN, Branch, ConfigFile, Leaf, ScalarStyle, Tree, at, is_finite_number
from .formats.yaml_errors import in_quotes, plain_at
from .noether import KIND, Length, configs_below, is_config, schedule_at

_LISTED: Final = 8  # keys in a hint, numbers in a message
_SEARCHED: Final = 2000  # leaves of a file that are looked at for a hint
_CLASS: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_FILLED_IN: Final = re.compile(r"\$\{([A-Za-z_]\w*(?:\.\w+)*)\}")  # by what stands at another key


def carried_at(
    file: ConfigFile, path: tuple[str, ...], tree: Tree, reference: str, length: Length | None = None
) -> Carried:
    """The text that a value of a file is."""
    twice = given_twice(file, path)
    if twice is not None:
        raise ScheduleError([twice])
    cut = cut_text(file, path, tree, reference)
    if cut is not None:
        raise ScheduleError([cut])
    key = ".".join(path)
    source = file.source(key)
    place = Place(source, _written_span(tree, _parent(file, path, tree)))
    value = tree.plain() if isinstance(tree, Branch) else tree.value
    if is_sweep(path, value):
        message = f"`{reference}` is a sweep of Hydra's: a list of runs, not a schedule"
        fail(place, "E509", message, "name the key that the sweep is for")
    if isinstance(tree, Branch):
        if is_config(tree):
            return schedule_at(file, path, tree, reference, length)
        if names_a_class(tree):
            return schedule_at(file, path, tree, reference)
        configs = [f"{reference}.{'.'.join(below)}" for below in configs_below(tree)]
        if configs:
            message = f"`{reference}` is {kind_in_words(value)}, not a schedule"
            fail(place, "E506", message, f"write {some_keys(configs)}")
    filled = _FILLED_IN.fullmatch(value) if isinstance(value, str) else None
    if filled is not None:
        parts = tuple(filled[1].split("."))
        there = path[-1:] != (KIND,) and any(at(each, parts) is not None for each in file.documents)
        hint = f"name what it leads to: `{file.name}:{filled[1]}`" if there else "name a key of the whole config"
        fail(place, "E506", f"`{reference}` is `{value}`, which OmegaConf fills in", hint)
    text = text_of_value(value, place, reference)
    shared = shared_at(file, path[:-1], _parent(file, path, tree))
    where = None if shared is None or path[-1] == WHERE else shared.for_text(text)
    return Carried(text, reference, file, key, tree if isinstance(tree, Leaf) else None, where)


def given_twice(file: ConfigFile, path: tuple[str, ...]) -> Diagnostic | None:
    """E514, if a key on the way to a value stands twice in its mapping; YAML and JSON take the last."""
    for document in file.documents:
        node: Tree | None = document
        for depth, key in enumerate(path, start=1):
            if not isinstance(node, Branch):
                break
            places = [span for name, span, _ in node.entries if name == key]
            if len(places) > 1:
                where = ".".join(path[:depth])
                lines = enumerated([file.source().position(span.start)[0] for span in places])
                message = f"`{where}` stands {'twice' if len(places) == 2 else f'{len(places)} times'} in its mapping"
                hint = "only the last is read: remove the others, or give them names of their own"
                return Diagnostic("E514", f"{message} (lines {lines})", places[-1], hint, file.source(where))
            node = node.get(key)
    return None


def shared_at(file: ConfigFile, path: tuple[str, ...], section: Tree | None) -> Shared | None:
    """What stands under `where` in a mapping of a file."""
    tree = section.get(WHERE) if isinstance(section, Branch) and section.mapping else None
    if tree is None or not isinstance(section, Branch):
        return None
    key = ".".join((*path, WHERE))
    name = f"{file.name}:{key}"
    place = Place(file.source(key), next(span for _, span, below in section.entries if below is tree))
    if isinstance(tree, Leaf) or not tree.mapping:
        return Shared(name, tree.value if isinstance(tree, Leaf) else tree.plain(), place)
    named = {}
    for key, _, below in tree.entries:
        plain = below.value if isinstance(below, Leaf) else below.plain()
        text = plain if isinstance(plain, str) else repr(plain) if is_finite_number(plain) else None
        leaf = below if isinstance(below, Leaf) else None
        carried = None if text is None else Carried(text, f"{name}.{key}", file, ".".join((*path, WHERE, key)), leaf)
        named[key] = carried or plain
    return Shared(name, named, place)


def text_of_value(value: Any, place: Place, reference: str) -> str:
    """A value as the text of a schedule."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        schedules = [key for key, each in leaves_below(value) if isinstance(each, str) and is_schedule(each)]
        hint = 'a schedule is text or a number: `"warmup(5%) then cosine"`, `3e-4`'
        if schedules:
            hint = f"write {some_keys([f'{reference}.{key}' for key in schedules])}"
        elif isinstance(value, Mapping) and value and all(map(is_finite_number, value.values())):
            hint += "; one value for each stage takes `stages` beside it: `stages: {a: 50%, b: rest}`"
        fail(place, "E506", f"`{reference}` is {kind_in_words(value)}, not a schedule", hint)
    if not is_finite_number(value):
        fail(place, "E506", f"`{reference}` is {value}, not a finite number", "use a number that a float can hold")
    return repr(value)


def is_schedule(text: str) -> bool:
    """Whether a text is a schedule, and not any word, such as `adam`, that would do as a parameter."""
    try:
        return not isinstance(parse(text), Name)
    except ScheduleError:
        return False


def names_a_class(tree: Branch) -> bool:
    """Whether a mapping configures a class of some library, and has no schedule of ours."""
    kind = tree.get(KIND) if tree.mapping else None
    texts = (each.value for key, _, each in tree.entries if key != KIND and isinstance(each, Leaf))
    named = isinstance(kind, Leaf) and _CLASS.fullmatch(str(kind.value)) is not None
    return (
        named and not any(configs_below(tree)) and not any(isinstance(text, str) and _is_curve(text) for text in texts)
    )


def _is_curve(text: str) -> bool:
    """Whether a text is a schedule, and no number: `1e-3` is a text to PyYAML."""
    return is_schedule(text) and not isinstance(parse(text), (Number, Negative))


def is_sweep(path: Iterable[str], value: Any) -> bool:
    """Whether a value is one of those over which Hydra sweeps."""
    if ("hydra", "sweeper") in pairwise(tuple(path)):
        return True
    target = str(value.get("_target_", "")) if isinstance(value, Mapping) else ""
    return target.endswith(("ChoiceSweep", "IntervalSweep", "RangeSweep"))


def kind_in_words(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case _ if value is UNKNOWN:
            return "of a type of its own"
        case bool():
            return "true" if value else "false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "a mapping" if value else "an empty mapping"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case datetime.date() | datetime.time():
            return "a date or time"
        case _:
            return f"a {type(value).__name__}"


# Keys for hints.


def leaves_below(value: Any) -> Iterator[tuple[str, Any]]:
    """The key and value of everything below a value that is neither a mapping nor a list, but not of too much.

    What stands under `where` are names, and no schedules.
    """
    stack: list[tuple[tuple[str, ...], Any]] = [((), value)]
    for _ in range(_SEARCHED):
        if not stack:
            return
        path, value = stack.pop()
        if isinstance(value, Mapping):
            entries = [(str(key), item) for key, item in value.items() if key != WHERE]
            stack += [((*path, key), item) for key, item in reversed(entries)]
        elif isinstance(value, list):
            stack += [((*path, str(index)), item) for index, item in reversed(list(enumerate(value)))]
        elif path:
            yield ".".join(path), value


def enumerated(numbers: list[int]) -> str:
    some = [str(number) for number in numbers]
    some = some if len(some) <= _LISTED else [*some[: _LISTED - 1], "so on"]
    return f"{', '.join(some[:-1])} and {some[-1]}"


def some_keys(keys: list[str]) -> str:
    more = len(keys) - _LISTED
    return f"{listed(keys[:_LISTED])}, and {more} more" if more > 0 else listed(keys)


# Texts that YAML cut at a comma: `{lr: f(1, 2)}` is `{"lr": "f(1", "2)": None}`, `{f(1, 2)}` is `{"f(1": None, …}`.


def cut_text(file: ConfigFile, path: tuple[str, ...], tree: Tree, reference: str) -> Diagnostic | None:
    """E507, if a value is a piece of such a text."""
    parent = _parent(file, path, tree)
    cut = _cut_at_comma(tree, parent) or _cut_at_colon(file, tree, parent)
    if cut is None:
        return None
    text, end = cut
    comma = re.compile(r"\s*,").match(file.text, end)
    span = _written_span(tree, parent) if comma is None else Span(comma.end() - 1, comma.end())
    message = f"YAML cut the text of `{reference}` at a comma, as it stands in braces or brackets"
    fix = _quoting(file, tree, parent, text)
    return Diagnostic("E507", message, span, in_quotes(text), file.source(".".join(path)), fix=fix)


def _parent(file: ConfigFile, path: tuple[str, ...], tree: Tree) -> Branch | None:
    parents = (each for document in file.documents if isinstance(each := at(document, path[:-1]), Branch))
    return next((each for each in parents if any(below is tree for _, _, below in each.entries)), None)


def _written_span(tree: Tree, parent: Branch | None) -> Span:
    """Where a value stands; where nothing is written for it, its key."""
    if parent is None or tree.span.start < tree.span.end:
        return tree.span
    return next(span for _, span, below in parent.entries if below is tree)


def _cut_at_comma(tree: Tree, parent: Branch | None) -> tuple[str, int] | None:
    """The whole of such a text, up to where its brackets are closed, and where its first piece ends."""
    pieces: list[tuple[str, int]] = []
    match tree:
        case Leaf(value=str(), flow=True, style=ScalarStyle.PLAIN) if parent is not None:
            entries = list(parent.entries)
            start = next((index for index, entry in enumerate(entries) if entry[2] is tree), len(entries))
            pieces = [(tree.value, tree.span.end), *_lone_entries(entries[start + 1 :], parent.mapping)]
        case Branch(entries=entries):
            lone = _lone_entries(entries, tree.mapping)
            pieces = lone if len(lone) == len(entries) else []
    if not pieces or pieces[0][0].count("(") <= pieces[0][0].count(")"):
        return None
    for count in range(2, len(pieces) + 1):
        text = ", ".join(piece for piece, _ in pieces[:count])
        if text.count("(") == text.count(")"):
            return text, pieces[0][1]
    return None


def _cut_at_colon(file: ConfigFile, tree: Tree, parent: Branch | None) -> tuple[str, int] | None:
    """The same of `[keyframes(0: 1, 10: 0)]`, of which YAML makes `[{"keyframes(0": 1}, {"10": "0)"}]`."""
    match tree:
        case Branch(mapping=True, entries=((key, span, Leaf() as value),)) if parent is not None and not parent.mapping:
            if key.count("(") > key.count(")"):
                whole = plain_at(file.text, span.start)
                return None if whole is None else (" ".join(whole.split()), value.span.end)
    return None


def _lone_entries(entries: Iterable[tuple[str, Span, Tree]], mapping: bool) -> list[tuple[str, int]]:
    """The keys of entries without a value, up to the first that has one; of a list the items, up to a list."""
    lone = []
    for key, span, tree in entries:
        if not isinstance(tree, Leaf) or (mapping and tree.value is not None):
            break
        if tree.style not in (ScalarStyle.PLAIN, ScalarStyle.OTHER):
            break
        lone.append((key if mapping else str(tree.value), span.end))
    return lone


def _quoting(file: ConfigFile, tree: Tree, parent: Branch | None, text: str) -> tuple[Edit, ...] | None:
    """Edits that put the whole of a cut text in quotes, if that makes a schedule of it."""
    start = tree.entries[0][1].start if isinstance(tree, Branch) and tree.entries else tree.span.start
    whole = plain_at(file.text, start)
    if parent is None or whole is None or '"' in whole or "\\" in whole or _squeezed(whole) != _squeezed(text):
        return None
    edits = (Edit(Span(start, start), '"'), Edit(Span(start + len(whole), start + len(whole)), '"'))
    after = file.edited(edits)
    values = [] if after is None else [leaf.value for _, leaf in after.leaves()]
    return edits if is_schedule(whole) and " ".join(whole.split()) in values else None


def _squeezed(text: str) -> str:
    return "".join(text.split())
