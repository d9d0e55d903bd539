"""What people type in English, or as other systems write it, and the text that is meant: a table of rules.

The rules are applied one after the other, each wherever it fits, before anything is guessed, and what comes of it is
told only if nothing is wrong with it. A rule that writes nothing says that nobody can know what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from ..hyperparameters import LEARNING_RATES, MOMENTA, WEIGHT_DECAYS, spelt
from ..keywords import KEYWORDS
from ..numerals import MAGNITUDES, decimal_text
from ..run import UNITS
from ..source import Span
from . import foreign
from .draft import Draft

_Written: TypeAlias = "str | Callable[[re.Match[str]], str | None]"

SHORT: Final = 400  # characters of a text that is looked at for slips
_NUMBER: Final = r"(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?:[kMBT](?![A-Za-z]))?"
_OTHERS: Final = (word for word, unit in foreign.UNITS.items() if unit.here and len(word) > 1)
_UNIT: Final = "|".join(sorted(map(re.escape, {*UNITS, *_OTHERS})))
_BEGINS: Final = r"(?<![\w.])(?<![eE][-+])"
_SHAPES: Final = "cosine|linear|poly|one_minus_sqrt"
_OURS: Final = "|".join((*KEYWORDS, _SHAPES, "hold", "warmup", "constant", "interval", "exponential"))
_NAMES: Final = {
    "NUMBER": _NUMBER,
    "TIME": rf"{_BEGINS}{_NUMBER}(?:[\s-]*(?:%|(?:{_UNIT})\b)|(?![\w.%]))",
    "LENGTH": rf"{_BEGINS}(?:{_NUMBER}\s*(?:%|(?:{_UNIT})\b)|[1-9]\d+(?![\w.%]))",  # surely a time
    "MEASURED": rf"{_BEGINS}{_NUMBER}[\s-]*(?:%|(?:{_UNIT})\b)",
    "RATE": rf"(?:\s+(?:the\s+)?(?:{spelt(LEARNING_RATES)}|rate|value|it))?",
    "VALUE": rf"(?<!\w)(?<!\w\.)(?<![eE][-+])-?(?:{_NUMBER}(?:\s*\*\s*base)?|base(?:\s*[*/]\s*{_NUMBER})?"
    rf"|(?!(?:{_OURS})\b)[a-z_]\w*)(?!\w|\.(?!\.)|[%(])",
    "RAMP": f"(?:{_SHAPES})",
    "ARROW": r"\s*(?:-+\s?>|=+>|→|⇒|⟹|➜|\.\.+|…|⟶|➔)\s*",
    "WARM": r"(?:(?:an?\s+)?(?:(?:initial|lr|short)\s+)?linear(?:ly)?[\s_-]+)?(?:lr[\s_])?warm[-_\s]?(?:ing[-_\s])?up",
    "FIRST": r"(?:the\s+)?(?:first|initial|next)\s+",
    "LASTS": r"(?:for|over|in|during|within|lasting|of|across)",
    "BEHIND": f"(?:{'|'.join(f'(?<= {word} )' for word in ('for', 'until', 'over', 'skip', 'every'))})",
    "APART": "".join(f"(?<!{word} )" for word in ("for", "until", "over", "skip", "every", "from")),
}
"""What the capital words of the rules stand for."""

_ALIKE: Final = dict(zip("аеорсухіѕԁьАВЕКМНОРСТХοΟΑΒΕΚΜΝΡΤΧ", "aeopcyxisdbABEKMHOPCTXoOABEKMNPTX", strict=True))
"""Letters of other scripts, and the Latin ones that look the same."""

_MODULES: Final = re.compile("math|np|numpy|torch|jnp|jax|tf|keras|optax|nn|optim|lr_scheduler|schedlang|F|mx")

_THEN: Final = "phases are joined by `then`"
_LASTS: Final = "how long a phase lasts stands behind `for`"
_END: Final = "the end of the run is `100%`"
_RAMP: Final = "a ramp is `linear(start, end)`, or `linear from start to end`"
_SHAPE: Final = "the shape alone is the ramp"
_VALUE: Final = "a value alone is held"
_DIGITS: Final = "digits stand together, or with `_`: `1_000`"
_POINT: Final = "a number is written with a point: `0.5`"
_QUOTES: Final = "a schedule needs no quotes"
_WARMUP: Final = "a warm-up is a phase of its own: `warmup(5%) then …`"
_MILLION: Final = "a million is `1M`, a billion `1B`"
_KEYS: Final = "values at times, with lines between them, are `keyframes(value @ time, …)`"
_CONFIG: Final = "Noether's configs are schedules by `schedlang.noether.from_noether`, and in a file as `FILE:KEY`"
_TABLE: Final = "values at times are `keyframes(1e-3 @ 0, 1e-4 @ 500)`, or in steps `1e-3 until 500 then 1e-4`"
_FACTOR: Final = "the factor stands first, and when it is multiplied in behind it"
_AGAIN: Final = "`repeat` without a number goes on to the end"
_TIMES: Final = "time is counted in steps, epochs, samples or tokens, and by a clock in `s`, `min` or `h`"
_SUM: Final = "hours, minutes and seconds are added: `1 h + 30 min`"


class Rule(NamedTuple):
    """One kind of slip."""

    pattern: re.Pattern[str]
    written: _Written | None  # what is meant by it; None if nobody knows
    hint: str
    certain: bool = False  # whether it means but that
    outside: bool = False  # whether only outside of all brackets, and before `where`


def _rule(pattern: str, written: _Written | None, hint: str, *, certain: bool = False, outside: bool = False) -> Rule:
    """A rule, in whose pattern the names of `_NAMES` stand for what they are."""
    whole = re.sub("|".join(sorted(_NAMES, key=len, reverse=True)), lambda name: _NAMES[name[0]], pattern)
    return Rule(re.compile(whole), written, hint, certain, outside)


# What is written for what was found.


def _unwrapped(found: re.Match[str]) -> str | None:
    """The phases of a list; None if it is one of numbers or pairs, or the brackets are no pair."""
    inner, depth, separated = found[1], 0, found[0].lstrip()[0] == "{"
    for character in inner:
        depth += (character in "([{") - (character in ")]}")
        separated |= depth == 0 and character in ",;"
        if depth < 0:
            return None
    phases = re.search("[a-z]", re.sub(_NUMBER, "", inner)) and not re.search("[:@]", inner)
    return inner if separated and depth == 0 and phases else None


def _last_name(found: re.Match[str]) -> str | None:
    """The last name of a dotted one, if the others are modules, or it is another system's schedule."""
    *_, name = found[0].split(".")
    known = foreign.CALLS.get(name)
    if name == "exponential_decay" and not found[0].startswith("schedlang."):
        return None  # optax, TensorFlow and MLX give it other arguments
    if known is None and not _MODULES.fullmatch(found[0].partition(".")[0]):
        return None
    called = found.string[found.end() :].lstrip().startswith("(")
    alone = known is not None and known.here == ("cosine",) and known.systems != "noether"  # the others need more
    return "cosine" if alone and not called else name


def _in_lower_case(found: re.Match[str]) -> str | None:
    return found[0].lower() if re.fullmatch(_OURS, found[0].lower()) else None


def _in_latin(found: re.Match[str]) -> str | None:
    """A word with Latin letters, if others of it are, or that makes it one of ours, or a number."""
    latin = "".join(_ALIKE.get(letter, letter) for letter in found[0])
    known = re.search("[A-Za-z]", found[0]) or re.fullmatch(rf"{_OURS}|{_NUMBER}|\d[\d.]*e", latin.lower())
    return latin if known else None


def _plain(found: re.Match[str]) -> str:
    """A number without what groups its digits."""
    return re.sub("[^0-9]", "", found[0])


def _magnitude(found: re.Match[str]) -> str:
    letter = {"t": "k", "m": "M", "b": "B"}[found[2][0].lower()]
    return found[1] + ("T" if found[2].lower().startswith("tr") else letter)


def _share_of(number: str) -> Decimal | None:
    """A number that may be a share: neither in millions nor with an exponent beyond the floats."""
    return Decimal(number) if re.fullmatch(r"[\d_.]+(?:[eE][+-]?\d{1,3})?", number) else None


def _each(found: re.Match[str]) -> str:
    unit = found[2] if found[2] == "%" else f" {found[2]}"
    return "[" + re.sub(_NUMBER, lambda number: number[0] + unit, found[1]) + "]"


def _progress(found: re.Match[str]) -> str | None:
    """A share of the run, where a step counts from where that begins, and the quotient is one."""
    before = found.string[: found.start()].rstrip()
    return None if before.endswith(("**", "/", "^")) or re.search(r"\bthen\b", found.string) else "run_progress"


def _repeated(found: re.Match[str]) -> str:
    return f"{' ' if found[0][0] in ' ,' else ''}repeat {found[1]}"


def _floored(found: re.Match[str]) -> str:
    return f"floor({found[1].strip()} / {found[2]})"


def _of_warmup(found: re.Match[str]) -> str | None:
    """`warmup_steps=100` as a warm-up."""
    call = re.search(r"(\w+)\s*\([^()]*\Z", found.string[: found.start()])
    if call is not None and call[1] in foreign.FORMS:
        return None  # an argument of a call that is known whole
    kind, amount = (found[1] or "steps").lower(), re.sub(r"(?<=\d)-(?=[a-z])", "", found[2])
    unit = next((unit for words, unit in _WARMUP_UNITS.items() if kind in words.split()), None)
    if unit is None or (unit and not re.fullmatch(_NUMBER, amount)):
        return f"warmup({amount})" if unit is not None and not re.fullmatch(_NUMBER, amount) else None
    if kind in ("ratio", "fraction", "frac", "proportion", "prop", "share"):
        share = _share_of(amount)
        return f"warmup({decimal_text(100 * share)}%)" if share is not None and 0 < share < 1 else None
    return f"warmup({amount}{unit})" if unit or not re.match(r"0*\.", amount) else None


_WARMUP_UNITS: Final = {
    " steps step iters iterations updates batches t phase": "",
    "epochs epoch ep": "ep",
    "percent percentage pct": "%",
    "tokens tok": " tok",
    "samples examples": " samples",
    "ratio fraction frac proportion prop share": "%",
}


def _risen(found: re.Match[str]) -> str:
    """A warm-up that says where it goes."""
    start = f", start={found[1]}" if found[1] else ""
    return f"warmup({found[3]}{start}, end={found[2]})"


def _frozen(found: re.Match[str]) -> str | None:
    """A start at 0, and behind it a phase that says where it goes, as it is handed 0."""
    amount, ramp, warm = found["time"], found["ramp"], found["warm"]
    return f"0 for {amount} then " + (f"{ramp}(base, 0)" if ramp else f"warmup({warm}, end=base)")


def _keys(found: re.Match[str]) -> str:
    keys = re.findall(r"([^\s,;@\[({]+)\s*@\s*([^\s,;@\])}]+)", found[0])
    return f"keyframes({', '.join(f'{value} @ {time}' for value, time in keys)})"


def _deforum(found: re.Match[str]) -> str:
    keys = [f"{value.strip()} @ {time}" for time, value in re.findall(r"(\d+)\s*:\s*\(([^()]+)\)", found[0])]
    return f"keyframes({', '.join(keys)})"


def _until(found: re.Match[str]) -> str | None:
    """Values up to steps, and one at last."""
    *parts, last = re.split(r"\s*,\s*", found[0].strip())
    pairs = [re.split(r"\s*:\s*", part) for part in parts]
    return " then ".join([*(f"{value} until {step}" for value, step in pairs), last])


def _points(found: re.Match[str]) -> str | None:
    """A list of pairs as keys, if only one side can be the times: whole, in order, and the other side is not."""
    pairs = re.findall(rf"[\[(]\s*(-?{_NUMBER})\s*,\s*(-?{_NUMBER})\s*[\])]", found[0])
    first, second = zip(*pairs, strict=True)
    if may_be_times(first) == may_be_times(second) or len(pairs) < 2:
        return None
    turned = zip(second, first, strict=True) if may_be_times(first) else pairs
    return f"keyframes({', '.join(f'{value} @ {time}' for value, time in turned)})"


def _factor(found: re.Match[str]) -> str | None:
    """What a value is multiplied by that is divided or multiplied by a number, or falls by a factor."""
    if found["halved"] or found["doubled"]:
        return "0.5" if found["halved"] else "2"
    if found["fold"] and not (found["of"] or found["many"]):
        return None  # to a tenth, by a tenth, or as torch has it?
    number = next(filter(None, (found["divisor"], found["factor"], found["fold"])))
    if Decimal(number) == 0:
        return None
    divided = found["divisor"] is not None or (found["fold"] is not None and Decimal(number) > 1)
    share = 1 / Decimal(number) if divided else Decimal(number)
    return decimal_text(share) if share == share.quantize(Decimal("1e-6")) else f"1 / {number}"


def _every(found: re.Match[str]) -> str | None:
    factor = _factor(found)
    return factor and f"{found['before']}interval({factor}, every={found['time'] or '1ep'})"


def _at(found: re.Match[str]) -> str | None:
    """Stairs at times that all have a unit, their own or that of the last; behind other phases nobody knows."""
    factor, times = (
        _factor(found),
        re.findall(rf"({_NUMBER})[\s-]*(%|[a-z]+)?", re.sub(r"\band\b", ",", found["times"])),
    )
    unit = found["unit"] or times[-1][1]
    if factor is None or not unit or (found["unit"] and any(own for _, own in times)):
        return None
    units = {"%": "%", "": "", **dict.fromkeys(("ep", "epoch", "epochs"), "ep"), **dict.fromkeys(("step", "steps"), "")}
    written = [f"{time}{units.get(own or unit, f' {own or unit}')}" for time, own in times]
    return f"step_fixed({factor}, [{', '.join(written)}])"


def may_be_times(numbers: Sequence[str]) -> bool:
    """Whether numbers are whole and in order."""
    plain = [re.sub("[kMBT_]", "", each) for each in numbers]
    if not all(each.isdigit() for each in plain):
        return False
    magnitude = {suffix: 10**exponent for suffix, exponent in MAGNITUDES.items()}
    times = [int(one) * magnitude.get(other[-1], 1) for one, other in zip(plain, numbers, strict=True)]
    return all(one < other for one, other in pairwise(times))


_PAIR: Final = r"[\[(]\s*-?NUMBER\s*,\s*-?NUMBER\s*[\])]"
_ENTRY: Final = r"[\w.+*-]+\s*[:,]\s*[\w.+*%-]+[\])]?"
_ATOM: Final = r"(?:[\w.]*\([^()]*(?:\([^()]*\)[^()]*)*\)|[\w.]+)"

_PLAIN: Final = r"(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})"
_MULTIPLIED: Final = (
    r"(?:(?P<halved>halv(?:e[ds]?|ing)RATE|(?:cut|reduced?|decreased?|decay(?:ed)?|drop(?:ped)?)RATE\s+(?:in|by)\s+(?:a\s+)?half)"
    r"|(?P<doubled>doubl(?:e[ds]?|ing)RATE)"
    rf"|divid(?:e[ds]?|ing)RATE\s+by\s+(?P<divisor>{_PLAIN})"
    rf"|(?:multipl(?:y|ied|ies|ying)|scal(?:e[ds]?|ing))RATE\s+by\s+(?P<factor>{_PLAIN})"
    r"|(?:decay(?:s|ed)?|decrease[ds]?|reduce[ds]?|drop(?:s|ped)?|cuts?|lower(?:s|ed)?|shrink)RATE\s+by\s+"
    rf"(?P<of>(?:an?\s+)?factor\s+(?:of\s+)?)?(?P<fold>{_PLAIN})(?P<many>\s*(?:x|×|times)(?!\w))?"
    r")"
)
"""What happens to a value: `halve the lr`, `divide by 10`, `decay by a factor of 0.1`."""

_LISTED: Final = r"NUMBER(?:[\s-]*(?:%|[a-z]+))?(?:\s*(?:,\s*(?:and\s+)?|\band\s+|&\s*)NUMBER(?:[\s-]*(?:%|[a-z]+))?)*"

_OF_BASE: Final = [word for word, known in foreign.NAMES.items() if known.here == ("base",)]

_OF_STEPS: Final = ["step", *(word for word, known in foreign.NAMES.items() if known.here[0] in ("step", "run_step"))]

RULES: Final = (
    # Signs that look like ours, and what stands around a text.
    _rule("[\u2010\u2011\u2012\u2013\u2212\uff0d]", "-", "a minus is written `-`", certain=True),
    _rule("[\u00a0\u2007\u202f\u3000]", " ", "a blank is written as a blank", certain=True),
    _rule("[\u200b\ufeff\u2060]", "", "remove the character that shows nothing", certain=True),
    _rule(
        "[\uff01-\uff0c\uff0e-\uff5e]",
        lambda found: chr(ord(found[0]) - 0xFEE0),
        "signs and digits are written in their narrow form",
        certain=True,
    ),
    _rule(
        rf"[A-Za-z0-9_]*[{''.join(_ALIKE)}][A-Za-z0-9_{''.join(_ALIKE)}]*",
        _in_latin,
        "letters are Latin ones",
        certain=True,
    ),
    _rule(r"\A\s*([\"'`])([^\"'`]*)\1\s*;?\s*\Z", r"\2", _QUOTES, certain=True),
    _rule(r"\A[\s\[({-]*[\"']?kind[\"']?\s*[:=][\s\S]*", None, _CONFIG),
    _rule(r"\A\s*\[\s*[\"']|[\"']\s*,\s*[\"']|[\"']\s*\]\s*\Z", lambda found: re.sub("[\"']", "", found[0]), _QUOTES),
    _rule(
        rf"\A\s*(?:\w+\.)*(?:{spelt((*LEARNING_RATES, *WEIGHT_DECAYS, *MOMENTA))}|lrate|value"
        r"|(?:lr[_ -]?)?schedul(?:e|er)(?:_type)?)\s*(?::=|=|:)\s*(?=\S)",
        "",
        "a text is the value alone, without its key",
    ),
    _rule(r"\A\s*[\[({](.+)[\])}]\s*\Z", _unwrapped, _THEN),
    _rule(
        r"\boptax\.exponential_decay\(\s*(NUMBER)\s*,\s*(NUMBER)\s*,\s*(NUMBER)\s*\)",
        r"exponential_decay(\3, every=\2, start=\1)",
        "here the factor stands first, then how long it takes, and last where it starts",
    ),
    _rule(r"\boptax\.(?=exponential_decay\(\s*init_value\s*=)", "", "a function is called by its name alone"),
    _rule(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", _last_name, "a function is called by its name alone"),
    _rule(r"\b[A-Za-z]*[A-Z][A-Za-z]*\b", _in_lower_case, "words are written in lower case", certain=True),
    # Numbers.
    _rule(r"(?<![\w.,'])[1-9]\d{0,2}(?:\.\d{3}){2,}(?![\w.])", _plain, _DIGITS),
    _rule(r"(?:(?<=[(])|BEHIND)[1-9]\d{0,2}(?:[ \u00a0\u202f'’]\d{3})+(?=\s*(?:[),%]|[a-z]|\Z))", _plain, _DIGITS),
    _rule(r"(?<![\w.,])[1-9]\d{0,2}(?:,000)+(?!\w|,\d)|BEHIND[1-9]\d{0,2}(?:,\d{3})+(?![\w,])", _plain, _DIGITS),
    _rule(
        r"\([^()]*(?<![\w.,])0,0\d+(?![\w.]|,\d)[^()]*\)",
        lambda found: re.sub(r"(?<![\w.,])0,(?=\d+(?![\w.]|,\d))", "0.", found[0]),
        _POINT,
    ),
    _rule(r"(?<==)(\d+),(\d+)(?=\s*[,)])", r"\1.\2", _POINT),
    _rule(r"(?<=\bwarmup\()(\d+),(\d+)(?=\s*%)", r"\1.\2", _POINT),
    _rule(
        r"(?<![\w.,])0,0\d*(?![\w,.])"
        r"|(?:BEHIND|(?<= from )|(?<= to )|(?<=fixed\()|(?<=interval\()|(?<=decay\()|\A)0,\d+(?=\s*(?:[,)%a-z]|\Z))",
        lambda found: found[0].replace(",", "."),
        _POINT,
    ),
    _rule(r"(?<![\w.])(NUMBER)\s*-?(thousand|million|mio|mln|mn|billion|bio|bn|trillion)\b", _magnitude, _MILLION),
    _rule(
        r"(?<![\w.])(\d[\d_.]*)\s+([kKMBT])(?=\s*(?:steps?|ep|epochs?|tok|tokens?|samples?|s|seconds?|min|minutes?|h|hours?)\b|\s*[),]|\s+then\b)",
        lambda found: found[1] + found[2].replace("K", "k"),
        _MILLION,
    ),
    _rule(
        r"(?<![\w.])(\d[\d_.]*)\s*([mbt])(?=\s+(?:tok|tokens?|samples|examples|steps)\b)",
        lambda found: found[1] + found[2].upper(),
        _MILLION,
    ),
    _rule(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([eE])\s*-\s*(\d)", r"\1\2-\3", "a number has no blanks in it"),
    _rule(r"\bpow\s*\(\s*([\w.]+)\s*,\s*([\w.]+)\s*\)(?!\s*\*\*)", r"\1 ** \2", "a power is written `a ** b`"),
    _rule(rf"({_ATOM}(?:\s*[*/]\s*{_ATOM})*)\s*//\s*({_ATOM})", _floored, "`a // b` is `floor(a / b)`"),
    _rule(r"(?<![\w)%])%(NUMBER)(?![\w.%])", r"\1%", "percents are written `5%`"),
    # Calls.
    _rule(
        r"\b(warmup|constant|interval|step_fixed|RAMP)\s*[\[{]([^\[\]{}()]*)[\]}]",
        r"\1(\2)",
        "arguments stand in `(…)`",
    ),
    _rule(r"(?<=[(,])(\s*)to\s*[=:](?!=)", r"\1end=", "where a ramp ends is `end`, or stands behind `to`"),
    _rule(r"(?<=[(,])(\s*)from\s*[=:](?!=)", r"\1start=", "where a ramp begins is `start`, or stands behind `from`"),
    _rule(
        r"(?<=[(,])(\s*)(start|end|duration|power|factor|every|steps|value|ease|inclusive)\s*:\s*",
        r"\1\2=",
        "an argument is written `name=value`",
    ),
    _rule(
        r"\A\s*lambda\s+(step|epoch|progress)\s*:\s*(.+)\Z", r"\2", "write the formula itself, in `step` or `progress`"
    ),
    _rule(
        r"\ALambdaLR\s*\(\s*(?:optimizer\s*,\s*)?(?:lr_lambda\s*=\s*)?lambda\s+(?:step|epoch)\s*:\s*([^:]+)\)\s*\Z",
        r"base * (\1)",
        "write the formula itself, times `base`",
    ),
    _rule(r"\bhold\s*\(\s*(LENGTH)\s*\)", r"hold for \1", _LASTS),
    _rule(
        r"\[(NUMBER(?:\s*,\s*NUMBER)*)\s*\]\s*(ep|epochs?|%|steps)(?!\w)",
        _each,
        "units stand with the numbers: `[30ep, 60ep]`",
    ),
    _rule(
        r"\bstep_fixed\(\s*(\[[^\[\]]*\])\s*,\s*(?:(?:gamma|factor)\s*=\s*)?((?:0?\.\d+|NUMBER(?<=e-\d))(?![\w.%]))",
        r"step_fixed(\2, \1",
        _FACTOR,
    ),
    _rule(
        r"\b(interval|step_interval|exponential_decay|step_decreasing)\(\s*(MEASURED)\s*,\s*"
        r"(?:(?:gamma|factor)\s*=\s*)?(0?\.\d+(?![\w.%]))",
        r"\1(\3, \2",
        _FACTOR,
    ),
    # Stairs.
    _rule(
        rf"(?P<before>\A\s*|\bthen\s+|,\s*){_MULTIPLIED}\s*,?\s*(?:(?:every|each|per)\s+(?P<time>MEASURED)"
        r"|(?:each|every|once\s+(?:per|an|every|each)|per)\s+epoch\b)(?=\s*(?:\Z|[,;]|then\b|for\b|until\b))",
        _every,
        "stairs are `interval(0.5, every=10ep)`: half as much each 10 epochs",
    ),
    _rule(
        rf"\A\s*{_MULTIPLIED}\s*,?\s*(?:at|after)\s+(?:the\s+)?(?P<unit>epochs?|steps?)?\s*(?P<times>{_LISTED})"
        r"(?:\s+of\s+(?:the\s+)?(?:run|training))?\s*\Z",
        _at,
        "stairs at given times are `step_fixed(0.1, [50%, 75%])`",
    ),
    _rule(
        rf"{_MULTIPLIED}\s*,?\s*(?:at|after)\s+(?:the\s+)?(?:epochs?|steps?)?\s*\d.*",
        None,
        "stairs at given times are `step_fixed(0.1, [50%, 75%])`, counted from where their phase begins",
    ),
    # Tables.
    _rule(rf"\bkeyframes\s*\(\s*{_PAIR}(?:\s*,\s*{_PAIR})+\s*,?\s*\)", _points, _KEYS),
    _rule(r"\A\s*\{?\s*\d+\s*:\s*\([^()]+\)(?:\s*,\s*\d+\s*:\s*\([^()]+\))+\s*,?\s*\}?\s*\Z", _deforum, _KEYS),
    _rule(r"\A\s*[\[({]?\s*VALUE\s*@\s*TIME(?:\s*[\s,;]\s*VALUE\s*@\s*TIME)+\s*[\])}]?\s*\Z", _keys, _KEYS),
    _rule(r"\A\s*NUMBER\s*:\s*\d+(?:\s*,\s*NUMBER\s*:\s*\d+)*\s*,\s*NUMBER\s*\Z", _until, _TABLE),
    _rule(
        rf"\A\s*[\[(]\s*{_PAIR}(?:\s*,\s*{_PAIR})*\s*,?\s*[\])]\s*\Z",
        _points,
        _TABLE,
    ),
    _rule(rf"\A\s*[\[({{]*\s*{_ENTRY}(?:[\s,;]+[\[(]?{_ENTRY})+\s*[\])}}]*\s*\Z", None, _TABLE),
    _rule(r"\A\s*NUMBER\s*\*\s*\d+\s*:.*", None, _TABLE),
    _rule(
        r"(NUMBER)\s*(?:%|percent)\s+of\s+(?:the\s+)?(?:base|peak|max(?:imum)?|initial|start)"
        r"(?:[\s_]+(?:lr|learning[\s_]rate|value))?\b",
        lambda found: None if (share := _share_of(found[1])) is None else f"{decimal_text(share / 100)} * base",
        "a share of base is `0.1 * base`",
    ),
    _rule(
        r"(?<![\w.*/])(?<![*/] )(NUMBER(?:\s*/\s*NUMBER)?)\s*(?:\bof\s+(?:the\s+)?)?base\b",
        r"\1 * base",
        "a share of base is `0.1 * base`",
    ),
    # Warm-ups.
    _rule(r"(?<![\w.])NUMBER\s*(?:days?|weeks?)\b(?!\s*\()", None, _TIMES),
    _rule(
        r"(?<![\w.])(NUMBER\s*(?:h|hours?))\s*(?=NUMBER\s*(?:min|minutes?|s|seconds?)\b(?!\s*\())",
        r"\1 + ",
        _SUM,
    ),
    _rule(r"(?<![\w.])(NUMBER\s*(?:min|minutes?))\s*(?=NUMBER\s*(?:s|seconds?)\b(?!\s*\())", r"\1 + ", _SUM),
    _rule(
        r"(?:(?<=for )|(?<=until )|(?<=over )|(?<=skip )|(?<=every )|(?<=warmup\())\d{1,2}:\d\d(?::\d\d)?(?![\w.:])",
        None,
        _SUM,
    ),
    _rule(
        r"\b(?:cosine|exponential|poly\w*|quadratic|constant)[\s_-]+WARM\b(?=\s+(?:LASTS|\d))",
        None,
        "`warmup` is a line; another shape is a ramp of its own: `cosine(0, base) for 5%`",
    ),
    _rule(
        r"(?:(?<=\s)--?)?(?<![\w.])(?:num_|n_|t_)?warmup(?:[_ ]([a-z]+))?\s*(?:[:=]|(?<=[a-z]s)\s)\s*(TIME)",
        _of_warmup,
        _WARMUP,
    ),
    _rule(r"\bWARM\s+(?:from\s+(VALUE)\s+)?(?:up\s+)?to\s+(VALUE)\s+LASTS\s+(?:FIRST)?(TIME)", _risen, _WARMUP),
    _rule(
        r"APART(?<![\w.])(?:an?\s+)?(TIME)[\s-]*(?:of\s+)?WARM(?:\s+(?:phase|steps))?(?![\w(]|\s*\()",
        lambda found: f"warmup({re.sub('-(?=[a-z])', ' ', found[1])})",
        _WARMUP,
    ),
    _rule(
        r"APART(?<![\w.])(NUMBER)\s+warmup\s+(steps|epochs|iterations|iters|updates|samples)\b",
        r"warmup(\1 \2)",
        _WARMUP,
    ),
    _rule(r"\bWARM(?:\s+phase)?\s*(?::|\sLASTS\b)?\s*(?:FIRST|\bthe\s+)?(TIME)(?![\w(])", r"warmup(\1)", _WARMUP),
    _rule(r"\b(?:linear\s+WARM|warm[- ]up)\s*\(", "warmup(", _WARMUP),
    _rule(r"\b(?:linear_WARM|warm[-_]up|ramp_?up)\s*\(\s*(TIME)\s*\)", r"warmup(\1)", _WARMUP),
    _rule(r"\Aramp[-\s]?up\s+(?:for|over)\s+(?:FIRST)?(TIME)", r"warmup(\1)", _WARMUP),
    _rule(
        r"\A(?!.*\bthen\b)([a-z_][^,;]*?)\s*(?:,\s*(?:with|and|plus)?|\bwith|\bafter|\bplus|\+|\band|\bfollowing)\s*"
        r"(?:an?\s+)?(warmup\([^()]*\))\s*\Z",
        r"\2 then \1",
        _WARMUP,
    ),
    _rule(r"\A(RAMP)\s*\(\s*(?:with\s+)?(warmup\([^()]*\))\s*\)\s*\Z", r"\2 then \1", _WARMUP),
    _rule(r"(?<=\))\s+with\s+(?:an?\s+)?(?=[a-z])", " then ", _THEN, outside=True),
    # Shapes.
    _rule(
        r"\bpoly(?:nomial)?(?:\s+decay)?\s+(?:with\s+|of\s+)?power\s*(?:=|of)?\s*(NUMBER)", r"poly(power=\1)", _SHAPE
    ),
    _rule(
        r"\bconstant(?=\s+(?:for|until)\b)|(?<=\bthen )constant(?=\s*\Z)", "hold", "what stays where it is, is `hold`"
    ),
    _rule(
        r"\bexponential(?:ly)?(?:\s+(?:decay\w*|anneal\w*))?(?=\s*(?:\Z|then\b|for\b|over\b|in\b|,|;))",
        None,
        "say how far it falls, `exponential(1e-3, 1e-5)`, or how fast, `exponential_decay(0.95, every=1ep)`",
    ),
    _rule(
        r"\b(?:step|staircase|stepwise)\s+decay\w*",
        None,
        "say how far and when it falls: `step_fixed(0.1, [30ep, 60ep])`, `interval(0.1, every=30ep)`",
    ),
    _rule(r"\b(cosine|linear)_(?:decay|annealing)\b(?!\s*[(=])", r"\1", _SHAPE),
    _rule(
        r"\b(RAMP|exponential)(?:ly)?\s+(?:lr\s+|learning[_ ]rate\s+)?"
        r"(?:decay(?:s|ing|ed)?|anneal(?:s|ing|ed)?|schedul(?:e|er|ing)|cool-?down|curve)\b(?!\s*[(=])",
        r"\1",
        _SHAPE,
    ),
    _rule(r"\b(?:(?:decay|anneal|fall|drop|go)(?:s|ing)?\s+)?linearly\s+(?=(?:to|from|for)\b)", "linear ", _SHAPE),
    _rule(r"\b(RAMP)\s+(?:(?:ramp|down|up|decay|decrease|increase|rise|fall)\s+)+(?=to\b|from\b)", r"\1 ", _RAMP),
    _rule(r"(?<=\s)(?:down|up|all the way)\s+(?=to\s+(?:NUMBER|base|zero))", "", _RAMP),
    _rule(r"\bto\s+zero\b", "to 0", "zero is written `0`"),
    # Ramps between two values.
    _rule(r"(\A\s*|\bthen\s+)from\s+(?=VALUE\s+to\s+VALUE)", r"\1linear from ", _RAMP),
    _rule(
        r"VALUE(?:ARROWVALUE(?:\s+LASTS\s+TIME)?){2,}",
        None,
        "say how long each part takes: `linear(0, 1e-3) for 5% then linear to 0`",
    ),
    _rule(
        r"\b(RAMP)\s*(?::\s*|\s)\s*(VALUE)(?:ARROW|\s*,\s*|(?<=[\d.])\s+(?=[\d.]))(VALUE)"
        r"(?=\s*(?:\Z|[,;)]|then\b|for\b|over\b|in\b))",
        r"\1(\2, \3)",
        _RAMP,
    ),
    _rule(r"\b(RAMP)\s+(-?NUMBER)\s+to\b", r"\1 from \2 to", _RAMP),
    _rule(
        r"APART(?<!\w)(?<![*/+^-])(?<![*/+^-] )(VALUE)(?:ARROW|\s+to\s+)(VALUE)\s+LASTS\s+(?:FIRST)?(TIME)",
        r"linear(\1, \2) for \3",
        _RAMP,
        outside=True,
    ),
    _rule(
        r"APART(?<!\w)(?<![*/+^-])(?<![*/+^-] )(-?NUMBER|base|NUMBER\s*\*\s*base)ARROW(VALUE)(?![\w(])",
        r"linear(\1, \2)",
        _RAMP,
        outside=True,
    ),
    _rule(r"\A\s*([a-z]\w*)ARROW(-?NUMBER)\s*\Z", r"linear(\1, \2)", _RAMP),
    # Clauses.
    _rule(r"\bfor\s+(?:the\s+)?rest\s*-\s*(?=TIME)", "until 100% - ", _END),
    _rule(
        r"\bfor\s+(?:the\s+)?(?:rest|remainder|remaining\s+\w+)(?:\s+of\s+(?:the\s+)?\w+)?(?!\s*-)", "for rest", _LASTS
    ),
    _rule(r"\buntil\s+(?:the\s+)?end\b(?:\s+of\s+(?:the\s+)?(?:run|training))?", "until 100%", _END),
    _rule(r"\buntil\s+(TIME)\s+before\s+(?:the\s+)?end\b", r"until 100% - \1", _END),
    _rule(r"\buntil\s+(?:the\s+)?(?:last|final)\s+([1-9]\d?)\s*%", lambda found: f"until {100 - int(found[1])}%", _END),
    _rule(r"\buntil\s+(?:the\s+)?(?:last|final)\s+(TIME)", r"until 100% - \1", _END),
    _rule(
        r"\b(?:each|per|once\s+(?:an|per|every))\s+epoch\b", "every 1ep", "how often it changes stands behind `every`"
    ),
    _rule(r"\buntil\s+(?:step|iteration)\s+(?=\d)", "until ", "a step is a number: `until 500`"),
    _rule(r"\buntil\s+epoch\s+(\d+)\b", r"until \1ep", "an epoch is written `30ep`"),
    _rule(r"\b(for|until|over)\s+FIRST(?=TIME)", r"\1 ", _LASTS),
    _rule(r"(?<=[\w)%])\s+in\s+(?:FIRST|the\s+)?(?=LENGTH)", " for ", _LASTS),
    _rule(r"\b(?:(?:hold|stay|keep|constant)\s+at|constant)\s+(?=-?NUMBER|base\b)", "", _VALUE),
    _rule(r"\bhold\s+(?=-?(?:0?\.\d+|NUMBER(?<=e-\d)))", "", _VALUE),
    _rule(r"\b(hold|RAMP)\s+(?=LENGTH)", r"\1 for ", _LASTS),
    _rule(r"\b(RAMP)\s+(-?(?:0?\.\d+|NUMBER(?<=e-\d)))(?=\s*(?:\Z|then\b|for\b|,))", r"\1(\2, 0)", _RAMP),
    _rule(
        r"(?<=[\w)%])(?:\s*,)?(\s+)repeat(?:ed|s)?\s+(?:for\s*ever|indefinitely|infinitely|endlessly|infinity|infinite|inf|always)\b",
        r"\1repeat",
        _AGAIN,
    ),
    _rule(r"\A\s*repeat\b(?!\w).*", None, "what is repeated stands before it: `cosine(base, 0) for 10ep repeat`"),
    _rule(
        r"(?:\s*,\s*|\b)repeat(?:ed|s)?\s+(\d+)\s*(?:times|x|cycles)\b", _repeated, "copies are counted by `repeat 5`"
    ),
    _rule(
        r"\A\s*(?:freeze|frozen)\s+(?:for\s+)?(?:FIRST)?(?P<time>TIME)\s*,?\s*(?:and\s+)?then\s+"
        r"(?:(?P<ramp>cosine|linear)(?=\s*(?:\Z|for\b))|warmup\((?P<warm>TIME)\))",
        _frozen,
        "nothing moves while the value is 0; behind it a phase has to say where it goes",
    ),
    # Names.
    _rule(
        rf"(?<![\w.])({'|'.join(_OF_STEPS)})\s*/\s*({'|'.join(foreign.LENGTHS)})\b(?!\s*(?:\*\*|\^|\())",
        _progress,
        "`step / total_steps` is `run_progress`",
    ),
    _rule(rf"(?<![\w.=])(?:{'|'.join(_OF_BASE)})(?=\s*[*/])", "base", "what the run begins with is `base`"),
    # Phases, one behind the other.
    _rule(r"\s*(?:-+>|=+>|→|⇒|⟹|⟶|➔|➜|>>|;)\s*(?=\S)", " then ", _THEN, certain=True, outside=True),
    _rule(
        r"\s*(?:[,.;]\s*)?\b(?:and\s+)?(?:afterwards|thereafter|followed\s+by|and\s+then|after\s+that|next)\b\s*,?\s*"
        r"(?:by\s+)?(?:an?\s+)?",
        " then ",
        _THEN,
        outside=True,
    ),
    _rule(r"(?<=\))\s*\.\s+(?=[a-z])", " then ", _THEN, outside=True),
    _rule(r"\s*,\s*then\b\s*|\s*(?:\|>|\|\|?|&&?)\s*(?=\S)", " then ", _THEN, outside=True),
    _rule(r"\s*,\s*(?:and\s+)?(?=\S)|(?<=[\w)%])\s+and\s+(?=[a-z0-9(])", " then ", _THEN, outside=True),
    _rule(
        r"(?<=[\w)%])"
        + "".join(rf"(?<!\b{word})" for word in KEYWORDS)
        + rf"[ \t]*\r?\n\s*(?!(?:{'|'.join(KEYWORDS)})\b)(?=[a-z0-9])",
        " then ",
        _THEN,
        outside=True,
    ),
)


# Applying them.

_COMMENT: Final = re.compile(r"#[^\n]*")


class Slips(NamedTuple):
    """A text with all slips in it put right."""

    draft: Draft
    found: list[tuple[Span, str]]  # where each was in the user's text, and what to say of it
    certain: bool  # whether nothing else can be meant
    unknown: bool  # whether nobody can know what is meant


def put_right(text: str) -> Slips | None:
    """A text as it is meant; None if there is no slip in it that we know."""
    draft, found, certain = Draft.of(text), list[tuple[Span, str]](), True
    for rule in RULES:
        for match in reversed(list(_places(rule, draft.text))):
            written = _as_written(rule, match)
            if written == match[0] or (written is None and rule.written is not None):
                continue
            span = _within(draft, match)
            if written is None:
                return Slips(draft, [(span, rule.hint)], False, True)
            found.append((span, rule.hint))
            certain = certain and rule.certain
            draft = _edited(draft, match, written)
    return Slips(draft, sorted(found), certain, False) if found else None


def _places(rule: Rule, text: str) -> Iterator[re.Match[str]]:
    """Where a rule fits, with comments out of the way."""
    text = _COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    where = re.search(r"\bwhere\b", text) if rule.outside else None
    for match in rule.pattern.finditer(text):
        before = text[: match.start()]
        if not rule.outside or (
            (where is None or match.end() <= where.start())
            and all(before.count(opening) == before.count(closing) for opening, closing in ("()", "[]", "{}"))
        ):
            yield match


def _as_written(rule: Rule, match: re.Match[str]) -> str | None:
    if rule.written is None or callable(rule.written):
        return rule.written and rule.written(match)
    return match.expand(rule.written)


def _within(draft: Draft, match: re.Match[str]) -> Span:
    """Where a match lies in the user's text, without the blanks around it."""
    shown = match[0].strip() or match[0]
    start = match.start() + match[0].index(shown)
    ours = [origin for origin in draft.origin[start : start + len(shown)] if origin >= 0]
    before = max((origin for origin in draft.origin[: match.start()]), default=-1) + 1
    return Span(ours[0], ours[-1] + 1) if ours else Span(before, before)


def _edited(draft: Draft, match: re.Match[str], written: str) -> Draft:
    """The draft with what is written for a match: only what is different is an edit."""
    head = _common(match[0], written)
    tail = _common(match[0][head:][::-1], written[head:][::-1])
    return draft.edited(match.start() + head, match.end() - tail, written[head : len(written) - tail])


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (here, there) in pairs if here != there), min(len(one), len(other)))
