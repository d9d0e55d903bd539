"""Sections of files with stages and lists: where their values stand, and the text that each schedule is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._bound.sets import KEYS, WHERE, reader
from .._bound.stages import REST, STAGES, InFile, Laid, Member, Origin, Path, Staged, Wrong, laid_out
from .._language.nodes import Quantity
from .._language.parse import parse_argument
from .._text.errors import Diagnostic, ScheduleError
from .._text.source import Place
from .carried import Carried, CarriedByStages
from .formats import Branch, ConfigFile, Leaf, Tree, at, is_finite_number
from .noether import is_config
from .opening import documents_of
from .values import carried_at, cut_text, names_a_class, shared_at


class InSection(Origin):
    """A mapping in a file."""

    def __init__(self, file: ConfigFile, path: Path, branch: Branch) -> None:
        self.file = file
        self.path = path
        self.branch = branch
        self.shared = shared_at(file, path, branch)

    @property
    def name(self) -> str:
        return f"{self.file.name}:{'.'.join(self.path)}"

    def place(self, path: Path) -> Place | None:
        parent = at(self.branch, path[:-1])
        spans = [span for key, span, _ in parent.entries if key == path[-1]] if isinstance(parent, Branch) else []
        return Place(self.file.source(".".join((*self.path, *path))), spans[-1]) if spans else None

    def is_text(self, path: Path, value: Any) -> bool:
        tree = at(self.branch, path)
        return isinstance(tree, Branch) and (is_config(tree) or names_a_class(tree))

    def given(self, path: Path, value: Any) -> Any:
        return InFile(self._carried(path))

    def where(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): self.given((WHERE, str(name)), each) for name, each in value.items()}
        return self._carried((WHERE,)).text if WHERE in [key for key, _, _ in self.branch.entries] else value

    def cut(self, path: Path, value: Any) -> Diagnostic | None:
        tree = at(self.branch, path)
        pieces: list[tuple[Path, Tree]] = []
        if isinstance(tree, Branch):
            pieces += (((*path, key), each) for key, _, each in tree.entries if isinstance(each, Leaf))
        if tree is not None and (isinstance(tree, Leaf) or tree.mapping):  # a list is its items
            pieces.insert(0, (path, tree))
        found = (cut_text(self.file, (*self.path, *here), each, self._reference(here)) for here, each in pieces)
        cut = next((each for each in found if each is not None), None) or super().cut(path, value)
        return None if cut is None else cut.placed(self.place(path))

    def _reference(self, path: Path) -> str:
        return f"{self.file.name}:{'.'.join((*self.path, *path))}"

    def _carried(self, path: Path) -> Carried:
        tree = at(self.branch, path)
        assert tree is not None
        carried = carried_at(self.file, (*self.path, *path), tree, self._reference(path))
        if len(path) == 1 or self.shared is None or path[0] == WHERE:
            return carried
        return attrs.evolve(carried, where=self.shared.for_text(carried.text))


def plain_of(file: ConfigFile, path: Path, branch: Branch) -> Mapping[Any, Any]:
    """A mapping of a file as its format's parser gives it, whose keys are not all texts."""
    for document, tree in zip(documents_of(file.name, file.text), file.documents, strict=False):
        if at(tree, path) is branch:
            for part in path:
                document = _below(document, part)
            if isinstance(document, Mapping):
                return document
    plain: Mapping[Any, Any] = branch.plain()
    return plain


def _below(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return next((each for key, each in value.items() if str(key) == part), None)
    return value[int(part)] if isinstance(value, list) and part.isdecimal() and int(part) < len(value) else None


def laid_section(file: ConfigFile, path: Path, branch: Branch) -> Laid:
    """What a mapping of a file has, as a set takes it; what is given by stages as the text that it is."""
    origin = InSection(file, path, branch)
    texts = {str(key): value for key, value in plain_of(file, path, branch).items()}
    laid = laid_out(texts, [key for key in texts if key not in KEYS], origin.name, origin)
    counts = [Member(f"len({name})", (name,), given) for name, given in laid.shape.counts()]
    whole = laid.shape.whole
    members = [attrs.evolve(each, given=_text_of(each, origin, each.name in whole)) for each in laid.members]
    lengths = [attrs.evolve(each, given=_text_of(each, origin, True)) for each in counts]
    return attrs.evolve(laid, members=(*members, *lengths))


def _text_of(member: Member, origin: InSection, whole: bool) -> InFile | Wrong:
    given = member.given
    if isinstance(given, Staged):
        shared = origin.shared
        try:
            composition = given.composed(reader({} if shared is None else shared.names))
        except ScheduleError as error:
            return Wrong(error.diagnostics)
        where = None if shared is None else shared.for_text(composition.text)
        key = ".".join((*origin.path, member.name))
        text = CarriedByStages(
            composition.text, composition.name, origin.file, key, where=where, composition=composition
        )
        given = InFile(text)
    return InFile(attrs.evolve(given.carried, whole=True)) if whole and isinstance(given, InFile) else given


def is_by_stages(section: Branch, tree: Tree) -> bool:
    """Whether what stands in a mapping has a value for one of its stages."""
    stages = section.get(STAGES)
    if not (isinstance(tree, Branch) and tree.mapping and isinstance(stages, Branch) and stages.mapping):
        return False
    names = {name for name, _, _ in stages.entries}
    lengths = (each.value for _, _, each in stages.entries if isinstance(each, Leaf))
    return any(key in names for key, _, _ in tree.entries) and any(map(_is_length, lengths))


def _is_length(value: Any) -> bool:
    try:
        return value == REST or is_finite_number(value) or isinstance(parse_argument(value), Quantity)
    except (ScheduleError, TypeError):
        return False
