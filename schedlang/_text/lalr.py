"""Two parsers of one grammar: lark's, and a loop over the tables that lark makes.

Importing lark and making its tables takes longer than everything else that a text needs. So the tables are kept beside
the grammar in `tables.json`, data without code, and a text is parsed with them. The file has the grammar's text in it:
it is used for that grammar alone. Lark makes tables anew if there are none for the grammar.
`python -m schedlang._text.lalr` writes the file.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from lark import Lark
    from lark.grammar import Rule

Builders = Mapping[str, Callable[[list[Any]], Any]]
"""What makes something of each rule's parts, by the rule's name or alias."""

TABLES: Final = "tables.json"
END: Final = "$END"
"""The kind of the word behind the last."""

Stack: TypeAlias = "tuple[int, Stack] | tuple[int, None]"
"""The states that the parser is in, the innermost first: what is pushed shares what is below."""


def grammar_file(name: str) -> str:
    """A file of the folder `grammar`: from the wheel, or from beside the package in a checkout."""
    try:
        found = pkgutil.get_data("schedlang", f"grammar/{name}") or b""
    except OSError:
        found = (_checkout() / name).read_bytes()
    return found.decode("utf-8")


def _checkout() -> Path:
    from pathlib import Path

    return Path(__file__).parents[2] / "grammar"


def grammar_text() -> str:
    """The text of the grammar.

    >>> "start: chain" in grammar_text()
    True
    """
    return grammar_file("schedlang.lark")


def lark_parser(grammar: str, builders: Builders | None = None) -> Lark:
    """Lark's parser, which builds while it parses; without builders trees of its own."""
    from types import SimpleNamespace

    import lark

    transformer = None if builders is None else SimpleNamespace(**builders)
    return lark.Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True, transformer=transformer)


class Token:
    """A word of a text: what builders read of lark's tokens."""

    __slots__ = ("end_pos", "start_pos", "text", "type")

    def __init__(self, type: str, text: str, start_pos: int, end_pos: int) -> None:
        self.type = type
        self.text = text
        self.start_pos = start_pos
        self.end_pos = end_pos

    def __str__(self) -> str:
        return self.text


class Word(NamedTuple):
    """A piece of a text between blanks, by the kind of its token; "" is the kind of a character that is no token."""

    kind: str
    start: int
    end: int


class Tables:
    """The parser of kept tables. `kept` is what the file says.

    The tokens are the groups of one regular expression. A state is a table of actions by token and by rule: go to a
    state (0 or above), or reduce by a rule (below). A rule has an origin, a number of symbols, and says which of them
    it keeps: their numbers, in brackets if their parts are taken one by one, and None for an optional one that is not
    there.
    """

    def __init__(self, kept: Mapping[str, Any], builders: Builders) -> None:
        self._match = re.compile(kept["tokens"]).match
        self._ignored = frozenset(kept["ignored"])
        self._states: list[dict[str, int]] = kept["states"]
        self._end: int = kept["end"]
        self._rules = [
            (origin, size, parts, single, builders.get(name)) for origin, size, parts, single, name in kept["rules"]
        ]

    def parse(self, text: str) -> Any:
        """What the builders make of a text; None, if the grammar doesn't allow it."""
        states, rules = self._states, self._rules
        stack, position = [0], 0
        values: list[Any] = []
        while True:
            token = None
            if position < len(text):
                found = self._match(text, position)
                if found is None:
                    return None
                start, position = position, found.end()
                kind = found.lastgroup or END
                if kind in self._ignored:
                    continue
                token = Token(kind, found[0], start, position)
            else:
                kind = END
            while (action := states[stack[-1]].get(kind)) is not None and action < 0:
                origin, size, parts, single, build = rules[~action]
                if single and size == 1 and parts is None:  # most rules stand for the one below
                    stack[-1] = states[stack[-2]][origin]
                    continue
                below = len(values) - size
                value = values[below:]
                del values[below:], stack[below + 1 :]
                if parts is not None:
                    value = _kept(value, parts)
                if single and len(value) == 1:
                    (value,) = value
                elif build is not None:
                    value = build(value)
                values.append(value)
                stack.append(states[stack[-1]][origin])
                if token is None and stack[-1] == self._end:
                    return value
            if action is None:
                return None
            stack.append(action)
            values.append(token)

    # What recovery needs: words, and what may follow.

    def words(self, text: str, start: int = 0, stop: int | None = None) -> Iterator[Word]:
        """The words of a text from an offset on, up to about another one, without blanks and comments."""
        position, stop = start, len(text) if stop is None else min(stop, len(text))
        while position < stop:
            match = self._match(text, position)
            kind, end = ("", position + 1) if match is None else (match.lastgroup or "", match.end())
            if kind not in self._ignored:
                yield Word(kind, position, end)
            position = end

    def start(self) -> Stack:
        """The parser before the first word."""
        return (0, None)

    def after(self, stack: Stack, kind: str) -> Stack | None:
        """The parser after one more word; None if it may not stand here. After `END`, the text is complete."""
        states, rules = self._states, self._rules
        while (action := states[stack[0]].get(kind)) is not None:
            if action >= 0:
                return (action, stack)
            origin, size, *_ = rules[~action]
            for _ in range(size):
                stack = stack[1]  # type: ignore[assignment]  # a rule takes off what was put on
            stack = (states[stack[0]][origin], stack)
            if kind == END and stack[0] == self._end:
                return stack
        return None

    def accepts(self, stack: Stack) -> set[str]:
        """The kinds of words that may stand here."""
        return {kind for kind in self._states[stack[0]] if not kind.islower() and self.after(stack, kind) is not None}


def _kept(values: list[Any], parts: list[Any]) -> list[Any]:
    """The parts of a rule that it keeps."""
    kept: list[Any] = []
    for part in parts:
        if isinstance(part, list):
            kept = kept + values[part[0]] if kept else values[part[0]]  # nobody else has it: no copy for each phase
        else:
            kept.append(None if part is None else values[part])
    return kept


def kept_tables(grammar: str, builders: Builders) -> Tables | None:
    """The parser of the tables beside the grammar, if they are those of this grammar."""
    kept = json.loads(grammar_file(TABLES))
    return Tables(kept, builders) if kept["grammar"] == grammar else None


def made_tables(grammar: str, builders: Builders) -> Tables:
    """The parser of tables that lark makes on the spot."""
    return Tables(json.loads(tables(grammar)), builders)


def tables(grammar: str) -> str:
    """What the file of tables says for a grammar: the tables of lark's parser.

    Lark numbers states as it comes across them in sets; here it is in the order in which they are met on the way from
    the start, so that one grammar always gives one file.
    """
    frontend = lark_parser(grammar).parser
    table = frontend.parser._parse_table
    (start,), (end,) = table.start_states.values(), table.end_states.values()
    states = {state: dict(sorted(actions.items())) for state, actions in table.states.items()}
    order = [start]
    for state in order:
        to = (arg for _, arg in states[state].values() if isinstance(arg, int))
        order += dict.fromkeys(each for each in to if each not in order)
    numbers = {state: number for number, state in enumerate(order)}
    rules = list({arg: None for state in order for _, arg in states[state].values() if not isinstance(arg, int)})
    numbers |= {rule: ~number for number, rule in enumerate(rules)}
    kept = {
        "grammar": grammar,
        "tokens": "|".join(f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in frontend.lexer.terminals),
        "ignored": sorted(frontend.lexer.ignore_types),
        "rules": [_described(rule) for rule in rules],
        "states": [{symbol: numbers[arg] for symbol, (_, arg) in states[state].items()} for state in order],
        "end": numbers[end],
    }
    return json.dumps(kept, separators=(",", ":")) + "\n"


def _described(rule: Rule) -> list[Any]:
    """A rule's origin, size, parts (None: all), whether a single part stands for itself, and its name for builders."""
    from lark.grammar import Terminal

    symbols, options = rule.expansion, rule.options
    absent = list(options.empty_indices) or [False] * len(symbols)
    parts: list[Any] = []
    here = iter(range(len(symbols)))
    for missing in absent:
        number = None if missing else next(here)
        symbol = None if number is None else symbols[number]
        if symbol is None:
            parts.append(None)
        elif not isinstance(symbol, Terminal):
            parts.append([number] if symbol.name.startswith("_") else number)
        elif not symbol.filter_out:
            parts.append(number)
    everything = parts == list(range(len(symbols)))
    single = bool(options.expand1 and not rule.alias)
    return [rule.origin.name, len(symbols), None if everything else parts, single, rule.alias or rule.origin.name]


if __name__ == "__main__":
    (_checkout() / TABLES).write_text(tables(grammar_text()), encoding="utf-8")
