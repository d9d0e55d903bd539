"""The parser that lark makes from the grammar: the only module that imports lark, when the first text is parsed.

Making the tables of an LALR parser takes ten times as long as reading them. So they are kept beside the grammar in
`tables.json`: data without code, together with the grammar's text and the version of lark they were made from. If
either has changed, the parser is made from the grammar, so the file can make it earlier but never make it another.
`python -m schedlang.lalr` writes the file.
"""

from __future__ import annotations

import json
import pkgutil
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lark import Lark

TABLES: Final = "tables.json"


def grammar_file(name: str) -> str:
    """A file of the folder `grammar`: from the wheel, or from beside the package in a checkout."""
    try:
        found = pkgutil.get_data(__package__, f"grammar/{name}") or b""
    except OSError:
        found = (_checkout() / name).read_bytes()
    return found.decode("utf-8")


def _checkout() -> Path:
    from pathlib import Path

    return Path(__file__).parent.parent / "grammar"


def grammar_text() -> str:
    """The text of the grammar.

    >>> "start: chain" in grammar_text()
    True
    """
    return grammar_file("schedlang.lark")


def parser(transformer: Any = None) -> Lark:
    """The parser; what `transformer` makes of each rule takes the place of trees."""
    import lark

    grammar = grammar_text()
    kept = json.loads(grammar_file(TABLES))
    if kept["grammar"] != grammar or kept["lark"] != lark.__version__:
        return made(grammar, transformer)
    data, table = kept["data"], kept["data"]["parser"]["parser"]
    table["states"] = dict(enumerate(table["states"]))
    load: Callable[..., Lark] = lark.Lark._load_from_dict
    return load(data, dict(enumerate(kept["memo"])), transformer=transformer)


def made(grammar: str, transformer: Any = None) -> Lark:
    """The parser, made from the grammar's text."""
    import lark

    return lark.Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True, transformer=transformer)


def tables(grammar: str) -> str:
    """What the file of tables says for a grammar: what lark would pickle, as JSON.

    Lark numbers states and rules as it comes across them in sets. Here they are numbered by what they are, so that one
    grammar always gives one file.
    """
    import lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = made(grammar).memo_serialize([TerminalDef, Rule])
    memo = {old: json.loads(json.dumps(each)) for old, each in memo.items()}
    order = sorted(memo, key=lambda old: json.dumps(memo[old], sort_keys=True))
    data = _renumbered(data, {old: new for new, old in enumerate(order)})
    data["parser"]["parser"] = _ordered(data["parser"]["parser"])
    kept = {"grammar": grammar, "lark": lark.__version__, "data": data, "memo": [memo[old] for old in order]}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")) + "\n"


def _renumbered(data: Any, numbers: dict[int, int]) -> Any:
    """Lark's data with its references to rules and terminals renumbered."""
    match data:
        case {"@": old}:
            return {"@": numbers[old]}
        case dict():
            return {key: _renumbered(value, numbers) for key, value in data.items()}
        case list() | tuple():
            found = [_renumbered(value, numbers) for value in data]
            references = all(isinstance(value, dict) and "@" in value for value in found)
            return sorted(found, key=lambda value: value["@"]) if references else found
        case _:
            return data


def _ordered(table: dict[str, Any]) -> dict[str, Any]:
    """A parse table with its states in the order in which they are met on the way from the start."""
    tokens = sorted(table["tokens"], key=table["tokens"].__getitem__)
    states, (start,), (end,) = table["states"], table["start_states"].values(), table["end_states"].values()
    order = [start]
    for state in order:
        actions = (states[state][token] for token in tokens if token in states[state])
        order += dict.fromkeys(to for reduce, to in actions if not reduce and to not in order)
    numbers = {state: number for number, state in enumerate(order)}
    return {
        "tokens": {str(new): table["tokens"][old] for new, old in enumerate(tokens)},
        "states": [
            {
                str(new): (reduce, to if reduce else numbers[to])
                for new, token in enumerate(tokens)
                if token in states[state]
                for reduce, to in [states[state][token]]
            }
            for state in order
        ],
        "start_states": {"start": numbers[start]},
        "end_states": {"start": numbers[end]},
    }


if __name__ == "__main__":
    (_checkout() / TABLES).write_text(tables(grammar_text()), encoding="utf-8")
