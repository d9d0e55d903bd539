"""What is wrong with a schedule: one class of diagnostics, and one exception that carries them.

Codes are stable: E1xx syntax and limits of the text, E2xx names and arguments, E3xx kinds, units and ranges,
E4xx binding to a run and evaluation, E5xx configuration files,
E6xx frameworks and sets of schedules.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, NamedTuple, NoReturn, TypeAlias

import attrs

from .rendering import render as render
from .source import Place, Source, Span, on_one_line
from .spelling import nearest as nearest

_MOST = 20  # diagnostics that an error's text shows; `diagnostics` has all


class Blame(enum.Enum):
    """Where a mistake may come from, for those who tell mistakes apart."""

    NAME = "a word that nothing is called"
    ARGUMENTS = "what a call is given"
    UNUSED = "a definition that nothing uses"
    RUN = "what is told of the run"
    UNFINISHED = "a text whose end is missing"
    SIZE = "a text that asks for more than the language allows"
    OUTSIDE = "no text, but a file that can't be read or written, or a package that is missing"


_BLAMED: Final = {
    **dict.fromkeys(("E201", "E202", "E211", "E213"), Blame.NAME),
    **dict.fromkeys(("E203", "E205", "E206", "E212", "E301"), Blame.ARGUMENTS),
    "E209": Blame.UNUSED,
    **dict.fromkeys(("E401", "E402", "E403", "E404"), Blame.RUN),
    **dict.fromkeys(("E103", "E104"), Blame.UNFINISHED),
    **dict.fromkeys(("E408", "E409"), Blame.SIZE),
    **dict.fromkeys(("E501", "E502", "E512", "E513"), Blame.OUTSIDE),
}


class Edit(NamedTuple):
    """A piece of a text, and what to write in its place."""

    span: Span
    text: str


class Candidate(NamedTuple):
    """What may be meant instead, not tried yet, and the hint that goes with it."""

    edits: tuple[Edit, ...]
    hint: str
    certain: bool = False  # whether it changes the spelling and no meaning: a fix; else the whole text is an example


class Argument(NamedTuple):
    """An argument of `bind` in the words of an error: some surfaces have another name for it."""

    name: str
    value: str | None = None
    quoted: bool = False  # whether the value is a text

    def __str__(self) -> str:
        if self.value is None:
            return self.name
        return f'`{self.name}="{self.value}"`' if self.quoted else f"`{self.name}={self.value}`"


class Phrase(str):
    """Words that know which arguments they speak of, so that nobody looks for names in them.

    >>> phrase = Phrase("`5%` needs ", Argument("total_steps"))
    >>> str(phrase), phrase.worded(lambda argument: f"--{argument.name}")
    ('`5%` needs total_steps', '`5%` needs --total_steps')
    """

    pieces: tuple[str | Argument, ...]

    def __new__(cls, *pieces: str | Argument) -> Phrase:
        parts = [part for piece in pieces for part in (piece.pieces if isinstance(piece, Phrase) else (piece,))]
        phrase = super().__new__(cls, "".join(map(str, parts)))
        phrase.pieces = tuple(parts)
        return phrase

    def worded(self, argument: Callable[[Argument], str]) -> str:
        """The words, with each argument as `argument` calls it."""
        return "".join(argument(part) if isinstance(part, Argument) else part for part in self.pieces)


class Needed(NamedTuple):
    """A way out: what the run has to be told, or something else."""

    name: str
    otherwise: str | None = None

    def hint(self, give: str) -> str:
        """In words, `give` being how the name is given there."""
        return give if self.otherwise is None else f"{give}, or {self.otherwise}"

    def __str__(self) -> str:
        return self.hint(f"bind the schedule with {Argument(self.name, '…')}")


class Unwanted(NamedTuple):
    """A way out: to tell less, or something else."""

    otherwise: str

    def hint(self, call: str) -> str:
        """In words, `call` being where it was told."""
        return f"remove it from {call}, or {self.otherwise}"

    def __str__(self) -> str:
        return self.hint("the call")


class Meant(NamedTuple):
    """A way out: another name."""

    name: str

    def __str__(self) -> str:
        return f"did you mean `{self.name}`?"


WayOut: TypeAlias = Needed | Unwanted | Meant


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with some edits in it.

    >>> edited("cosin(1, 0", [Edit(Span(10, 10), ")"), Edit(Span(0, 5), "cosine")])
    'cosine(1, 0)'
    """
    for edit in sorted(edits, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


_SPACE: Final = re.compile(r"\s+")
_QUOTED: Final = re.compile(r"`([^`]{100,})`")
_EXAMPLE: Final = 200  # characters of a text that is shown as an example


def _line(words: str) -> str:
    """Words as one line, with what is quoted of a long text shortened."""
    if isinstance(words, Phrase):
        return Phrase(*(part if isinstance(part, Argument) else _line(part) for part in words.pieces))
    if len(words) > 100:
        words = _QUOTED.sub(lambda quoted: f"`{quoted[1][:99]}…`", words)
    return words if words.isprintable() else _SPACE.sub(" ", words)


def _shown(text: str | None) -> str | None:
    """A text as an example, on one line; None if it is too long for one."""
    text = None if text is None else on_one_line(text)
    return text if text and len(text) <= _EXAMPLE and text.isprintable() else None


@attrs.frozen
class Diagnostic:
    """One mistake, or, if its code begins with W, a warning.

    Attributes:
        code: which kind of mistake it is.
        message: what is wrong, in a few words.
        span: where: offsets in `source.text`; None if there is no text.
        hint: a way out, in words.
        source: the text.
        fix: edits that make this mistake go away and change the spelling alone, tried out; None if there are none.
        example: a whole text that may be meant instead, and is right; to look at: whoever writes it has to know.
        candidates: what whoever found the mistake thinks may be meant, the likeliest first; none once they were tried.
        way_out: what the hint says, as data, for those who say it in other words; None if it is words alone.
    """

    code: str
    message: str = attrs.field(converter=_line)
    span: Span | None = None
    hint: str | None = attrs.field(default=None, converter=attrs.converters.optional(_line))
    source: Source | None = attrs.field(default=None, repr=False)
    fix: tuple[Edit, ...] | None = None
    example: str | None = attrs.field(default=None, converter=_shown)
    candidates: tuple[Candidate, ...] = attrs.field(default=(), eq=False, repr=False)
    way_out: WayOut | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def severity(self) -> Literal["error", "warning"]:
        """How bad it is."""
        return "warning" if self.code.startswith("W") else "error"

    def fixed(self) -> str | None:
        """The text with the fix in it; None if there is no fix."""
        if self.fix is None or self.source is None:
            return None
        return edited(self.source.text, self.fix)

    @classmethod
    def at(
        cls,
        place: Place | None,
        code: str,
        message: str,
        hint: str | WayOut | None = None,
        instead: str | None = None,
    ) -> Diagnostic:
        """A diagnostic for the node at `place`; `instead` is what to write there, if the hint says so."""
        if isinstance(hint, WayOut):
            return attrs.evolve(cls.at(place, code, message, str(hint), instead), way_out=hint)
        if place is None:
            return cls(code, message, hint=hint)
        candidates = () if instead is None or hint is None else (Candidate((Edit(place.span, instead),), hint),)
        return cls(code, message, place.span, hint, place.source, candidates=candidates)

    def placed(self, place: Place | None) -> Diagnostic:
        """The same at a place, if it has none."""
        return self if place is None or self.source else attrs.evolve(self, span=place.span, source=place.source)

    def __str__(self) -> str:
        return render(self)


class ScheduleError(ValueError):
    """Everything that can be wrong with a schedule's text, its arguments, its run or a step.

    >>> import schedlang
    >>> try:
    ...     schedlang.parse("warmup(5%) then cosin(3e-4, 0)")
    ... except schedlang.ScheduleError as error:
    ...     print(error)
    error[E201]: unknown name `cosin`
      |
    1 | warmup(5%) then cosin(3e-4, 0)
      |                 ^^^^^
      = help: did you mean `cosine`?
    """

    __module__ = "schedlang"  # where users import it from, and read it in a traceback

    def __init__(
        self, diagnostics: Iterable[Diagnostic] = (), later: Callable[[], Iterable[Diagnostic]] | None = None
    ) -> None:
        """`later` finds the diagnostics when they are asked for: to look for fixes costs more than to refuse a text."""
        super().__init__()
        self._diagnostics = tuple(diagnostics)
        self._later = later

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong, in the order of the text; never empty."""
        if self._later is not None:
            later, self._later = self._later, None
            self._diagnostics = tuple(later())
        return self._diagnostics

    def __repr__(self) -> str:
        """As a traceback ends: what quotes errors by it, such as Hydra, shows it to people."""
        return f"ScheduleError:\n{self}"

    def __str__(self) -> str:
        rendered = [render(diagnostic) for diagnostic in self.diagnostics[:_MOST]]
        if len(self.diagnostics) > _MOST:
            rendered.append(f"and {len(self.diagnostics) - _MOST} more")
        return "\n\n".join(rendered)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from .._pictures.notebook import error_html

        return error_html(self)

    def __reduce__(self) -> tuple[type[ScheduleError], tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.diagnostics,)


class ScheduleWarning(UserWarning):
    """What is allowed, and yet probably not meant, as adapters tell it when they have bound a schedule.

    Its text begins with the code. So Python's filters know it: `-W "ignore:W517"`.

    Attributes:
        diagnostic: the same as data.
    """

    __module__ = "schedlang"

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        code = self.diagnostic.code
        return f"{code} {render(self.diagnostic).removeprefix(f'warning[{code}]: ')}"


def blamed(diagnostic: Diagnostic) -> Blame | None:
    """What a mistake is blamed on; None if on nothing in particular."""
    return _BLAMED.get(diagnostic.code)


def fail(
    place: Place | None,
    code: str,
    message: str,
    hint: str | WayOut | None = None,
    instead: str | None = None,
) -> NoReturn:
    """Raise a ScheduleError with one diagnostic, see `Diagnostic.at`."""
    raise ScheduleError([Diagnostic.at(place, code, message, hint, instead)])


def in_order(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in the order of the text, each once."""
    return sorted(dict.fromkeys(diagnostics), key=lambda each: (-1, -1) if each.span is None else tuple(each.span))


def listed(words: Iterable[str]) -> str:
    """Words as a sentence lists them: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
