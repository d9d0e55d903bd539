"""Grammars for editors that paint by TextMate's rules, made of the language's own words.

`python -m schedlang.textmate` writes them into the folder of the extension for VS Code; with the name of another folder
there, so that whoever has primitives of their own can have them painted.

YAML is painted where a key of `settings.KEYS` has a schedule: plain, in quotes, or in a block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ._files.settings import KEYS
from ._language.highlight import WordKind
from ._language.nodes import PRIMITIVES
from ._language.nodes.scalars import VARIABLES
from ._language.operations import FUNCTIONS
from ._text.keywords import KEYWORDS
from ._text.lark_parser import recognizer
from ._text.run import UNITS

SCOPES: Final = {
    WordKind.COMMENT: "comment.line.number-sign.schedlang",
    WordKind.NUMBER: "constant.numeric.schedlang",
    WordKind.UNIT: "keyword.other.unit.schedlang",
    WordKind.LABEL: "variable.parameter.schedlang",
    WordKind.KEYWORD: "keyword.control.schedlang",
    WordKind.PRIMITIVE: "support.function.schedlang",
    WordKind.FUNCTION: "entity.name.function.schedlang",
    WordKind.VARIABLE: "constant.language.schedlang",
    WordKind.NAME: "variable.other.schedlang",
    WordKind.PUNCTUATION: "punctuation.schedlang",
    WordKind.OPERATOR: "keyword.operator.schedlang",
    WordKind.ERROR: "invalid.illegal.schedlang",
}
"""What TextMate calls the kinds of words."""

_END: Final = r"(?![A-Za-z0-9_])"
_MORE: Final = r"^(?=[ \t]+(?!- )(?![^#]*:(?:\s|$))\S|[ \t]*$)"  # an indented line that is no key and no item
_BEHIND: Final = r"(?<![^\s{,])"
_EMBEDDED: Final = "meta.embedded.inline.schedlang"


def grammars() -> dict[str, dict[str, Any]]:
    """The grammars by the names of their files.

    >>> sorted(grammars())
    ['schedlang.tmLanguage.json', 'schedlang.yaml.tmLanguage.json']
    """
    return {"schedlang.tmLanguage.json": _language(), "schedlang.yaml.tmLanguage.json": _in_yaml()}


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))})"


def _rule(kind: WordKind, pattern: str) -> dict[str, Any]:
    return {"name": SCOPES[kind], "match": pattern}


def _language() -> dict[str, Any]:
    terminals = {each.name: each.pattern.to_regexp() for each in recognizer().terminals}
    name, number = terminals["NAME"], terminals["NUMBER"]
    unit = rf"%|{_any(word for word in UNITS if word.isalpha())}{_END}"
    captures = {"1": {"name": SCOPES[WordKind.NUMBER]}}
    last = {"1": {"name": SCOPES[WordKind.UNIT]}}
    words = [
        _rule(WordKind.LABEL, rf"{name}(?=\s*=)"),
        _rule(WordKind.KEYWORD, _any(KEYWORDS) + _END),
        _rule(WordKind.PRIMITIVE, _any(PRIMITIVES) + _END),
        _rule(WordKind.FUNCTION, rf"{_any(FUNCTIONS)}(?=\s*\()"),
        _rule(WordKind.VARIABLE, _any(VARIABLES) + _END),
        _rule(WordKind.NAME, name),
        _rule(WordKind.UNIT, "%"),
        _rule(WordKind.PUNCTUATION, r"[()\[\],]"),
        _rule(WordKind.OPERATOR, r"\*\*|[-+*/@=]"),
        _rule(WordKind.ERROR, r"\S"),
    ]
    return {
        "name": "schedlang",
        "scopeName": "source.schedlang",
        "patterns": [{"include": "#comment"}, {"include": "#number"}, {"include": "#words"}],
        "repository": {
            "comment": _rule(WordKind.COMMENT, terminals["COMMENT"]),
            "number": {
                "begin": f"({number})",
                "beginCaptures": captures,
                "end": rf"({unit})|(?=[^\s#])",
                "endCaptures": last,
                "patterns": [{"include": "#comment"}],
            },
            "line": {
                "patterns": [
                    {"match": rf"({number})(?:[ \t]*({unit}))?", "captures": captures | {"2": last["1"]}},
                    {"include": "#words"},
                ]
            },
            "words": {"patterns": words},
        },
    }


def _in_yaml() -> dict[str, Any]:
    key = "|".join(re.escape(each).replace(r"\*", r"[\w-]*") for each in KEYS)
    entry = rf"(\"|'|)({key})\1(\s*:)"
    start, value = _BEHIND + entry, r"[ \t]+(?=[\w(.])"
    line, whole = {"include": "source.schedlang#line"}, {"include": "source.schedlang"}

    def region(
        begin: str,
        end: dict[str, Any],
        *patterns: dict[str, Any],
        opens: str = "punctuation.definition.string.begin.yaml",
        content: str = _EMBEDDED,
    ) -> dict[str, Any]:
        """A key and its value; `opens`: what stands in front of that."""
        captured = {"2": "entity.name.tag.yaml", "3": "punctuation.separator.key-value.mapping.yaml", "4": opens}
        captures = {number: {"name": name} for number, name in captured.items()}
        return {"begin": begin, "beginCaptures": captures, **end, "contentName": content, "patterns": list(patterns)}

    def quoted(quote: str, name: str, escape: str) -> dict[str, Any]:
        end = {
            "end": rf"{quote}(?!{quote})" if quote == "'" else quote,
            "endCaptures": {"0": {"name": "punctuation.definition.string.end.yaml"}},
        }
        escaped = {"name": "constant.character.escape.yaml", "match": escape}
        patterns = escaped, _rule(WordKind.COMMENT, f"#[^{quote}]*"), line
        content = f"{_EMBEDDED} string.quoted.{name}.schedlang"
        return region(rf"{start}[ \t]+({quote})", end, *patterns, content=content)

    block = rf"{start}[ \t]+([|>][-+0-9]*)(?=[ \t]*(?:#.*)?$)"
    flow = rf"(?<=\{{|,|\{{ |, ){entry}{value}"
    return {
        "scopeName": "source.schedlang.yaml",
        "injectionSelector": "L:source.yaml - comment - string - meta.embedded",
        "patterns": [
            region(block, {"while": _MORE}, whole, opens="keyword.control.flow.block-scalar.yaml"),
            quoted('"', "double", r"\\."),
            quoted("'", "single", "''"),
            region(flow, {"end": r"(?=[,}\]]|$)"}, line),
            region(f"{start}{value}", {"while": _MORE}, whole),
        ],
    }


def write(folder: Path) -> None:
    """Write the grammars into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, grammar in grammars().items():
        text = json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> None:
    """Write the grammars into the folder that is named, else into that of the extension in a checkout."""
    extension = Path(__file__).parent.parent / "grammar" / "editors" / "vscode" / "syntaxes"
    write(Path(arguments[0]) if arguments else extension)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
