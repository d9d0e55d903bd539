"""Ways to go on where the grammar refuses a text: small edits around the place, and how hard each is to believe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from ..keywords import KEYWORDS
from ..lark_parser import END, Word
from ..run import UNITS
from ..spelling import distance, misspelt, near, neighbours, too_many_digits
from . import foreign
from .slips import may_be_times

_SIGNS: Final = ",()[]=@."
_ON_DIGITS: Final = dict(zip("!$&(", "1479", strict=True)) | {"O": "0", "o": "0", "l": "1", "I": "1"}
_SAYING: Final = ("NAME", "NUMBER", "PERCENT", "PLUS", "MINUS", "STAR", "SLASH", "_POWER")
_BRACKET_OR_DIGIT: Final = re.compile(r"[\w.][09]$")  # which lie on the keys of brackets
_CLOSERS: Final = {"(": ")", "[": "]"}
_LIST_ENDS: Final = ("COMMA", "_THEN", "_WHERE", "RPAR", "RSQB", END)
_BINDING: Final = ("_POWER", "STAR", "SLASH", "OVER", "REPEAT")
_MANGLED: Final = re.compile(r"(?=[^\s\w]?\w)[A-Za-z_]*[^\w\n][A-Za-z_]*")
_INTERPOLATED: Final = re.compile(r"\$\{(?:\w+\.)*(\w+)\}")
_SIGN: Final = re.compile("|".join(map(re.escape, sorted(foreign.SYMBOLS, key=len, reverse=True))))
_LONG: Final = 24  # characters of a piece that a hint shows
_BRACKETS_TRIED: Final = 40

_INSERTED: Final = (",", "=", "@", "then", "for")
"""What may have been left out."""


class Repair(NamedTuple):
    """One edit: what stands from `start` to `end` becomes `text`."""

    cost: float  # how hard it is to believe that this was meant
    start: int
    end: int
    text: str
    hint: str | None  # what it does, in words; None if it only serves to go on
    certain: bool = False  # whether it changes the spelling and no meaning


class Around(NamedTuple):
    """The place of a refusal: a text, its words up to a few behind the refused one, and the number of that one."""

    text: str
    words: list[Word]
    number: int
    callables: frozenset[str]

    def at(self, index: int) -> Word:
        """A word; behind the last one an empty one at the end."""
        if index < len(self.words):
            return self.words[index]
        end = len(self.text.rstrip())
        return Word(END, end, end)

    @property
    def refused(self) -> Word:
        """The word that the grammar refuses."""
        return self.at(self.number)

    def shown(self, word: Word) -> str:
        """What a word says."""
        return self.text[word.start : word.end]

    def near(self, *offsets: int) -> Iterator[Word]:
        """The words at these distances from the refused one."""
        for offset in offsets:
            if 0 <= self.number + offset < len(self.words):
                yield self.words[self.number + offset]

    def window(self) -> tuple[int, int]:
        """Where single characters are looked at."""
        start = self.at(max(0, self.number - 2)).start
        first, last = self.refused.start, self.refused.end
        return max(start, first - 12), min(len(self.text), last + 2, first + 12)


def repairs(around: Around) -> list[Repair]:
    """What may have been meant, the likeliest first."""
    makers: Iterable[Callable[[Around], Iterator[Repair]]] = (
        _signs, _keys, _words, _joined, _mangled, _insertions, _deletions, _brackets,
        _characters, _swaps, _further,
    )  # fmt: skip
    found: dict[tuple[int, int, str], Repair] = {}
    for make in makers:
        for repair in make(around):
            key = repair[1:4]
            if key not in found or repair.cost < found[key].cost:
                found[key] = repair
    return sorted(found.values())


def _signs(around: Around) -> Iterator[Repair]:
    """Signs of other systems."""
    text, refused = around.text, around.refused
    start = max(around.at(max(0, around.number - 1)).start, refused.start - 8)
    for match in _INTERPOLATED.finditer(text, start, refused.end + 64):
        yield Repair(0.3, match.start(), match.end(), match[1], f"a parameter is just its name: write `{match[1]}`")
    for sign in _SIGN.finditer(text, start, refused.end + 3):
        around_it = text[max(0, sign.start() - 1) : sign.end() + 1]
        in_number = re.match(r"\d(?:;|\.\.)\d", around_it) or (
            len(sign[0]) == 1 and _digit_on(sign[0], text, sign.start())
        )
        if sign.start() < refused.end + 2 and not in_number:
            for rank, here in enumerate(foreign.SYMBOLS[sign[0]].here):
                yield _replaced(text, sign, here, 0.5 + rank / 10)._replace(certain=sign[0] in foreign.ALIKE)
    if text[refused.start : refused.start + 1] in ('"', "'", "{", "`"):  # a pair around the whole text
        yield from _unwrapped(around)


def _keys(around: Around) -> Iterator[Repair]:
    """Keys of a dict, `5%: 3e-4`: all that stand in one list at once, the values first."""
    text, at = around.text, around.refused.start
    start = max(text.rfind("(", 0, at + 1), text.rfind("{", 0, at + 1)) + 1
    end = min((place for place in (text.find(")", at), text.find("}", at)) if place >= 0), default=len(text))
    if text[at : at + 1] not in (":", "{") or not 0 < start < end <= start + _LIST:
        return
    run = _PAIRS.search(text[start:end])
    if run is None:
        return
    before, behind = run.string[: run.start()], run.string[run.end() :]
    if ":" in before or ":" in behind:
        return
    pairs = _PAIR.findall(run[0])
    written, sure = _in_order([(first, second) for _, first, second, _ in pairs])
    keys = ",".join(f"{left}{key}{right}" for (left, *_, right), key in zip(pairs, written, strict=True))
    hint = f"a key is `value @ time`: write `{' '.join(keys.split())}`" if sure else None
    begin, stop = start + run.start(), start + run.end()
    if text[start - 1] == "{":
        if text[end : end + 1] != "}" or before or behind.strip(" \t\n,"):
            return
        begin, stop = start - 1, end + 1
    yield Repair(0.2, begin, stop, keys, hint)


_LIST: Final = 1000  # characters of a list of keys that is looked at
_SIDE: Final = r"([^\s,:@=#(){}\[\]][^,:@=#(){}\[\]]*?)"
_PAIR: Final = re.compile(rf"(\s*){_SIDE}\s*:\s*{_SIDE}(\s*)(?=,|\Z)")
_PAIRS: Final = re.compile(rf"(?:\A|(?<=,)){_PAIR.pattern}(?:,{_PAIR.pattern})*")


def _in_order(pairs: list[tuple[str, str]]) -> tuple[list[str], bool]:
    """Pairs as keys `value @ time`, and whether it is sure which is which: units tell, or that times are in order."""
    times = [(_is_time(one), _is_time(other)) for one, other in pairs]
    first, second = any(one for one, _ in times), any(other for _, other in times)
    if not (first or second) and len(pairs) > 1:
        first, second = (may_be_times(side) for side in zip(*pairs, strict=True))
        first, second = first and not second, second and not first
    swapped = [not other and (one or (first and not second)) for one, other in times]
    keys = [f"{b} @ {a}" if swap else f"{a} @ {b}" for (a, b), swap in zip(pairs, swapped, strict=True)]
    return keys, first or second or all(one == other for one, other in pairs)


def _is_time(piece: str) -> bool:
    """Whether a piece of text is an amount of time that says its unit."""
    amount = re.match(r"[0-9._]+(?:e[+-]?[0-9]+)?[kMBT]?\s*(?=[a-z%])", piece)
    return amount is not None and piece[amount.end() :] in UNITS


def _replaced(text: str, sign: re.Match[str], here: str, cost: float) -> Repair:
    """A sign replaced, with the blanks that belong around its successor."""
    start = len(text[: sign.start()].rstrip(" ")) if here[:1] in (" ", ",", "=") else sign.start()
    end = len(text) - len(text[sign.end() :].lstrip(" ")) if here[-1:] == " " else sign.end()
    word = f"`{here.strip()}`" if here.strip() else "as a blank"
    hint = f"{spelled(sign[0])} is written {word} here" if here else f"remove {spelled(sign[0])}"
    return Repair(cost, start, end, here, hint)


def _unwrapped(around: Around) -> Iterator[Repair]:
    text, start = around.text, around.refused.start
    closing = "}" if text[start] == "{" else text[start]
    end = text.rfind(closing)
    if end > start:
        hint = "remove the `{` and the `}`" if closing == "}" else f"remove both {spelled(closing)}"
        yield Repair(0.4, start, end + 1, text[start + 1 : end].strip(), hint, closing != "}")


def spelled(sign: str) -> str:
    """A sign as a message shows it."""
    if sign == "`":
        return "backticks"
    return f"`{sign}`" if sign.isprintable() else f"`U+{ord(sign[0]):04X}`"


def _words(around: Around) -> Iterator[Repair]:
    """Words misspelled, or of other systems."""
    for word in around.near(0, -1, -2, 1):
        text = around.shown(word)
        if not (text[:1].isalpha() or text[:1] == "_") or len(text) > 40:
            continue
        surely = misspelt(text, [*KEYWORDS, *around.callables, *foreign.WORDS, *foreign.CALLS, *UNITS])
        for close in near(text, KEYWORDS):
            if close != text and distance(text.lower(), close) <= 1 and not too_many_digits(text, close):
                hint = f"did you mean `{close}`?" if word == around.refused else _instead(close, text)
                cost = 0.55 + distance(text.lower(), close) / 4
                yield Repair(cost, word.start, word.end, close, hint, close == surely)
        if text in foreign.WORDS:
            for here in foreign.WORDS[text].here:
                yield Repair(0.6, word.start, word.end, here, _instead(here, text))
        yield from _split(word, text, around.callables)


def _instead(here: str, text: str) -> str:
    return f"write `{here}` instead of `{text}`"


def _split(word: Word, text: str, callables: frozenset[str]) -> Iterator[Repair]:
    """Two words without a blank between them, or a call without its bracket."""
    for size in range(2, len(text)):
        first, second = text[:size], text[size:]
        if first in KEYWORDS or second in KEYWORDS:
            yield Repair(1.0, word.start, word.end, f"{first} {second}", _instead(f"{first} {second}", text))
        if first in callables and second[0] in "1234567":  # the others lie beside a bracket
            yield Repair(0.9, word.start, word.end, f"{first}({second}", f"add `(` after `{first}`")


def _joined(around: Around) -> Iterator[Repair]:
    """A word with a blank in it."""
    for offset in (1, 0, -1):
        index = around.number + offset
        if not 0 < index < len(around.words):
            continue
        one, other = around.words[index - 1], around.words[index]
        if one.end == other.start or around.text[one.end : other.start].strip(" "):
            continue
        joined = around.shown(one) + around.shown(other)
        known = joined in KEYWORDS or joined in around.callables
        if not known and not (one.kind == "NUMBER" and other.kind in ("NUMBER", "NAME")):
            continue
        cost = 0.6 if known else 1.5
        yield Repair(cost, one.end, other.start, "", f"write `{joined[:_LONG]}` without the blank")


def _mangled(around: Around) -> Iterator[Repair]:
    """A word with a sign or blank in the place of one of its letters: `t,en`."""
    text = around.text
    start, stop = around.window()
    known = [*KEYWORDS, *around.callables]
    for match in _MANGLED.finditer(text, max(0, start - _LONG), min(len(text), stop + _LONG)):
        if match.end() >= start and match.start() <= stop:
            for close in near(match[0], known, 2):
                plain = re.sub(r"\W", "", match[0])
                if distance(match[0], close) <= 1 and plain not in (close, *known):
                    yield Repair(0.65, match.start(), match.end(), close, _instead(close, match[0]))


def _insertions(around: Around) -> Iterator[Repair]:
    """Words and signs left out."""
    for offset in (0, -1, 1, -2):
        index = around.number + offset
        if not 0 <= index <= len(around.words):
            continue
        here = around.at(index)
        before = around.at(index - 1) if index else None
        position = here.start if before is None else before.end
        behind = None if before is None else around.shown(before)[-_LONG:]
        ahead = around.shown(here)[:_LONG]
        apart, joint = abs(offset) / 4, position == here.start
        for sign in _INSERTED:
            new, hint = f" {sign} " if joint else f" {sign}", f"add `{sign}` after `{behind}`"
            if sign in ",=":
                new = f"{sign} " if sign == "," and joint else sign
            if behind is None:
                hint = f"add `{sign}` before `{ahead}`"
            unlikely = 0.3 * (sign == ("then" if here.kind == "NUMBER" else "for"))
            yield Repair(
                1 + apart + unlikely, position, position, new, hint if _left_out(around, sign, before, here) else None
            )
        for filler in ("1", " 1", " x", " x = 1", " cosine"):
            yield Repair(2.2 + apart + len(filler) / 20, position, position, filler, None)


def _left_out(around: Around, sign: str, before: Word | None, here: Word) -> bool:
    """Whether a sign or word may be left out between two words."""
    if before is None:
        return True
    if sign in ("then", "for"):  # a word stands between blanks, and no length behind a number
        glued = before.end == here.start or around.shown(here).startswith(sign)
        return not glued and not (sign == "for" and before.kind in ("NUMBER", "PERCENT"))
    return sign != "," or around.text[before.end - 1] not in "kmM"  # which lie beside it


def _deletions(around: Around) -> Iterator[Repair]:
    """Words too many."""
    text = around.text
    for offset, cost in ((0, 1.2), (-1, 1.45), (1, 1.7)):
        for word in around.near(offset):
            shown = around.shown(word)
            index = around.number + offset
            twice = index > 0 and shown == around.shown(around.words[index - 1])
            if around.refused.kind == END and not twice:
                continue  # something is missing there
            says = word.kind in _SAYING or shown.isalnum() or not shown.isascii() or _digit_on(shown, text, word.start)
            says |= shown == ">" and text[: word.start].rstrip().endswith(("-", "="))  # an arrow is no minus
            says |= re.search(r"\d[.,]\d", text[max(0, word.start - 1) : word.end + 1]) is not None
            blank = text[: word.start].endswith(" ") and text[word.end : word.end + 1] in (" ", ",", ")", "")
            hint = f"remove `{shown[:_LONG]}`" if twice or not says or (index == 0 and shown in KEYWORDS) else None
            yield Repair(0.6 if twice else cost + 0.5 * says, word.start - blank, word.end, "", hint)
    start, stop = around.window()
    for position in range(start, stop - 1):
        if text[position] == text[position + 1] and text[position] != " ":
            yield _inside(text, 1.0 if text[position].isalpha() else 0.7, position, position + 1, "")


def _digit_on(sign: str, text: str, place: int) -> bool:
    """Whether a sign may stand for a digit or a sign of a number: it lies on its key, or beside it."""
    before, behind = text[:place], text[place + 1 : place + 2]
    if sign in ("[", "="):
        return bool(re.search(r"\d[eE]$", before)) or (sign == "[" and behind.isdigit() and before[-1:] in " *")
    return sign in ("(", ")", "!", "@", "#", "$", "&") and (bool(re.search(r"\d\.?$", before)) or behind.isdigit())


def _further(around: Around) -> Iterator[Repair]:
    """Several words left out at once: only to go on behind them."""
    start = around.refused.start
    for count in range(2, 13):
        if around.number + count <= len(around.words):
            yield Repair(2 + 0.3 * count, start, around.words[around.number + count - 1].end, "", None)


def _brackets(around: Around) -> Iterator[Repair]:
    """Brackets left out further away."""
    refused = around.refused
    opened: list[tuple[str, bool]] = []  # the brackets, and whether they begin a group
    places: list[Repair] = []
    for index in range(around.number + 1):
        word = around.at(index)
        before = around.at(index - 1) if index else None
        if opened and before is not None and before.kind not in ("LPAR", "LSQB", "COMMA"):
            bracket, group = opened[-1]
            cost = 1.6
            if group and word.kind in _BINDING:
                cost = 0.8
            elif word.kind in _LIST_ENDS or word.kind in ("FOR", "UNTIL", "EVERY", "SKIP"):
                cost = 1.3 if group and word.kind not in (END, "COMMA") else 1.0 if word.kind == END else 0.9
            closing = _CLOSERS[bracket]
            shown = around.shown(before)[-_LONG:]
            hint = None if _BRACKET_OR_DIGIT.search(shown) else f"add `{closing}` after `{shown}`"
            places.append(Repair(cost + index / 1000, before.end, before.end, closing, hint))
        if word.kind in ("LPAR", "LSQB"):
            opened.append((around.shown(word), before is None or before.kind != "NAME"))
        elif word.kind in ("RPAR", "RSQB") and opened:
            opened.pop()
    yield from places[-_BRACKETS_TRIED:]
    if refused.kind in ("RPAR", "RSQB") and not _digit_on(around.shown(refused), around.text, refused.start):
        bracket = "(" if refused.kind == "RPAR" else "["
        for index in range(max(0, around.number - _BRACKETS_TRIED), around.number):
            word = around.words[index]
            if word.kind in ("RPAR", "RSQB"):
                continue
            before = around.words[index - 1] if index else None
            called = before is not None and around.shown(before) in around.callables
            begins = before is None or before.kind in ("LPAR", "LSQB", "COMMA", "_THEN", "STAR", "EQUAL", "PLUS")
            hint = f"add `{bracket}` before `{around.shown(word)[:_LONG]}`"
            cost = 0.8 if called and bracket == "(" else 1.2 if begins else 1.7
            yield Repair(cost + (around.number - index) / 1000, word.start, word.start, bracket, hint)


def _characters(around: Around) -> Iterator[Repair]:
    """One character in the place of another."""
    if around.refused.kind == END:
        return  # something is missing there
    text = around.text
    known, refused = _known(around), around.refused
    start, stop = around.window()
    for position in range(start, stop):
        old = text[position]
        if position in known:
            continue
        for new in _SIGNS:
            if old in "%<>" and new == "@":
                continue  # a remainder or a comparison, which there is not
            alone = old.isalnum() and not re.search(
                r"\w", text[position - 1 : position] + text[position + 1 : position + 2]
            )
            if (new == "." and not neighbours(old, new)) or (new in ",." and (alone or _digit_on(old, text, position))):
                continue
            if new != old:
                cost = (1.0 if neighbours(old, new) else 1.5) + (0.3 if old.isalnum() else 0.0)
                repair = _inside(text, cost, position, position + 1, new)
                alone = (refused.start, refused.end) == (position, position + 1) and new not in " .,"
                yield repair._replace(hint=_instead(new, old)) if alone else repair
        beside = text[max(0, position - 1) : position] + text[position + 1 : position + 2]
        if old in _ON_DIGITS and any(map(str.isdigit, beside)):
            yield _inside(text, 1.3, position, position + 1, _ON_DIGITS[old])


def _known(around: Around) -> set[int]:
    """The offsets of words that are spelled well."""
    known: set[int] = set()
    for word in around.near(-2, -1, 0, 1):
        if around.shown(word) in KEYWORDS or around.shown(word) in around.callables:
            known.update(range(word.start, word.end))
    return known


def _swaps(around: Around) -> Iterator[Repair]:
    """Two characters the wrong way round."""
    text = around.text
    known = _known(around)
    start, stop = around.window()
    for position in range(start, stop - 1):
        if (
            text[position] != text[position + 1]
            and not {position, position + 1} <= known
            and "-" not in text[position : position + 2]
        ):
            swapped = text[position + 1] + text[position]
            cost = 1.0 if " " in swapped and "," not in swapped else 1.35
            yield _inside(text, cost, position, position + 2, swapped)


def _inside(text: str, cost: float, start: int, end: int, new: str) -> Repair:
    """An edit inside of a piece between blanks, which the hint shows before and after it."""
    before = re.split(r"[ \n\t]", text[max(0, start - _LONG // 2) : start])[-1].replace("`", "")
    behind = re.split(r"[ \n\t]", text[end : end + _LONG // 2])[0].replace("`", "")
    old, instead = (f"{before}{inside.replace('`', '')}{behind}" for inside in (text[start:end], new))
    return Repair(cost, start, end, new, _instead(instead, old))
