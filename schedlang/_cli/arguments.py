"""What the command line takes: one parser a subcommand, over shared options."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, TypeVar

from .. import __version__
from .._text.errors import listed
from .._text.numerals import MAGNITUDES
from .._text.run import CHANGING, RATES, SETTINGS
from .._text.spelling import nearest

T = TypeVar("T")
Parser: TypeAlias = argparse.ArgumentParser
Subparsers: TypeAlias = "argparse._SubParsersAction[_Parser]"

OPTIONS: Final = {name: f"--{name.replace('_', '-')}" for name in SETTINGS} | {"total_steps": "--total"}
"""What the library's arguments are called here; any other is a `--param`."""

_TEXT: Final = "a schedule; or FILE:KEY, a value in a YAML, JSON or TOML file; or - for standard input"

_FILES: Final = "or a FILE or a folder of them, in which schedules are found by their keys"

_EPILOG: Final = """\
exit codes:
  0    all is well
  1    a schedule, its run or its config is wrong: stderr says what, and where;
       or, with `format --check`, something is not formatted; or, with `diff`, two schedules differ;
       or, with `explain --when`, the condition never holds; or, with `transcribe`, the text is not exact
  2    the command line is wrong; with `diff`, `explain --when` and `transcribe`, also what else code 1 is for
  3    something outside is missing: a file that can be read, an optional package
  70   schedlang itself failed: please report it
  130  interrupted
  141  whoever was reading the output has stopped

With --json every command prints one object to stdout. Errors are, with the same exit codes,
  {"errors": [{"code", "severity", "message", "start", "end", "line", "column", "hint",
    "fix": [{"start", "end", "text"}], "example", "source", "key"}]}

example:
  schedlang plot "warmup(5%) then cosine" --total 10k --base 3e-4
"""

_PICTURES: Final = (".svg", ".html", ".png", ".pdf")

_VALUES: Final = """\
{"values": [POINT], "warnings": […]}
  for a section of a file: {"schedules": {key: [POINT]}, "warnings": […]}
  on another clock a step is a place of what that counts: so many tokens, with --clock tok"""

_EXPLAINED: Final = """\
{"text", "canonical", "run": {"total_steps", RATES,
  "base", "params": {name: text}}, "phases": [PHASE],
  "words": [{"first", "stop", "depth", "text", "piece", "times"}], "times": [{"text", "steps", "how"}],
  "names": [{"name", "text", "value"}], "facts": {"stop", "peak": POINT, "lowest",
  "mean", "area", "sampled"}, "values": [POINT], "warnings": […]}
  with --when: {"text", "condition", "holds", "first", "end", "complete",
  "ranges": [{"first", "stop", "start", "end"}], "warnings"}
  with --step: {"text", "step", "value", "piece", "start", "end", "phase": PHASE,
  "local", "length", "held", "notes", "reasons": [{"text", "expression", "value", "formula", "note"}],
  "expression", "warnings"}, piece being what is in force, from start to end in the text
  for several texts: {"schedules": [one such object for each]}"""
_PARTS: Final = {
    "RATES": ", ".join(f'"{name}"' for name in RATES),
    "PHASE": '{"first", "stop", "start", "end", "shape", "text"}',
    "POINT": '{"step", "value"}',
}


# Types.


def _typed(what: str, read: Callable[[str], T], fits: Callable[[T], bool]) -> Callable[[str], T]:
    """How argparse reads an argument; `what` tells what is wrong with one that cannot be read or does not fit."""

    def typed(text: str) -> T:
        try:
            value = read(text)
            if fits(value):
                return value
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"{text!r} {what}")

    return typed


def _without_zero(text: str) -> str:
    """A number as it is written, unless it begins with a 0 that means something else elsewhere, and nothing here."""
    from .._text.numerals import begins_with_zeros, why_zeros

    number = text.strip().lstrip("-+")
    if begins_with_zeros(number):
        _, why, _ = why_zeros(number)
        raise argparse.ArgumentTypeError(f"{text!r}{why.removeprefix(f'`{number}`')}")
    return text


def _decimal(text: str) -> Decimal:
    """A number exactly, as Python or as the language writes it."""
    text = _without_zero(text)
    try:
        return Decimal(text)
    except InvalidOperation:
        from .._language.nodes.scalars import read_decimal
        from .._text.lark_parser import words

        text = text.strip()
        is_number = [(word.kind, word.end - word.start) for word in words(text)] == [("NUMBER", len(text))]
        return read_decimal(text, None) if is_number else Decimal(0)


def _as_place(text: str) -> int | Fraction:
    """A step, or another number of what the clock counts, which knows whether it has to be whole: 500, 12.5, 200M."""
    if re.fullmatch(rf"[0-9][0-9_]*(\.[0-9]+)?[{''.join(MAGNITUDES)}]", text):
        place = Fraction(text[:-1]) * Fraction(10 ** MAGNITUDES[text[-1]])
        return place.numerator if place.denominator == 1 else place
    return Fraction(text) if re.fullmatch(r"\d*\.\d+", text) else int(text)


_step: Final = _typed("is not a step: a whole number of at least 0", _as_place, lambda step: step >= 0)
_distance: Final = _typed("is not a number above 0", _as_place, lambda distance: distance > 0)
_first: Final = _typed("is not a whole number of at least 0", int, lambda first: first >= 0)
_count: Final = _typed("is not a whole number of at least 1", int, lambda count: count >= 1)
_port: Final = _typed(
    "is not a port: a whole number from 0 to 65535",
    lambda text: int(text) if text.isdecimal() else -1,
    range(65536).__contains__,
)
_number: Final = _typed("is not a finite number", lambda text: float(_without_zero(text)), math.isfinite)
_whole: Final = _typed("is not a whole number of steps above 0", _decimal, lambda n: n >= 1 and n == int(n))
_share: Final = _typed("is below 0", _number, lambda share: share >= 0)
_rate: Final = _typed("is not a number above zero", _decimal, lambda rate: rate.is_finite() and rate > 0)


def _changing(text: str) -> Decimal | str:
    """A rate that may be the text of a schedule."""
    try:
        Decimal(text)
    except InvalidOperation:
        if _decimal(text) == 0:
            return text
    return _rate(text)


_picture: Final = _typed(f"ends in none of {', '.join(_PICTURES)}", str, lambda name: name.endswith(_PICTURES))


def _lengths(text: str) -> list[str]:
    """Lengths of runs, as `--total` takes them, with commas between."""
    return [each.strip() for each in text.split(",") if each.strip()]


def _steps(text: str) -> Sequence[int | Fraction]:
    parts = text.split(":")
    if len(parts) == 1:
        return [_step(text)]
    if len(parts) > 3:
        raise argparse.ArgumentTypeError(f"{text!r} is not STEP, START:STOP or START:STOP:EVERY")
    first, stop, every = _step(parts[0]), _step(parts[1]), _distance(parts[2]) if len(parts) == 3 else 1
    return [first + index * every for index in range(math.ceil((stop - first) / Fraction(every)))]


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name.isidentifier() or not equals or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, such as peak=3e-4 or w=5%")
    return name, value


_RATE: Final[dict[str, Any]] = {"metavar": "X", "type": _rate}
_PARAM: Final[dict[str, Any]] = {
    "metavar": "NAME=VALUE",
    "action": "append",
    "type": _parameter,
    "default": [],
    "help": "a free name of the text: a number, or a duration such as 5%%, or `later`; may be repeated",
}
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "total_steps": {"metavar": "STEPS"},
    "clock": {"metavar": "UNIT"},
    "base": {"metavar": "X", "type": _number},
    **{name: {"metavar": "X", "type": _changing} for name in CHANGING},
}
"""What those options take that are no rates."""


# Subcommands.


class _Parser(argparse.ArgumentParser):
    """Tells what an unknown option is called here."""

    def error(self, message: str) -> NoReturn:
        unknown = re.findall(r"--[\w-]+", message.partition("unrecognized arguments: ")[2])
        meant = dict.fromkeys(filter(None, map(self._meant, unknown)))
        super().error(message + (f"; did you mean {listed(meant)}?" if meant else ""))

    def _meant(self, option: str) -> str | None:
        from .._bound.bind import setting_called

        prefix = "--new-" if option.startswith("--new-") else "--"
        called = setting_called(option.removeprefix(prefix).replace("-", "_"))
        known = self._option_string_actions
        here = None if called is None else OPTIONS[called].replace("--", prefix)
        return here if here in known else nearest(option, known)


class _Command(NamedTuple):
    """A subcommand: the module and function that run it, an example, its JSON, and what adds its own arguments."""

    run: str
    example: str
    shape: str
    add: Callable[[Parser], None]


_COMMANDS: Final[dict[str, _Command]] = {}


def _command(run: str, example: str, shape: str) -> Callable[[Callable[[Parser], None]], Callable[[Parser], None]]:
    """Declare a subcommand, called like the function that adds its arguments, whose docstring is its help."""

    def declared(add: Callable[[Parser], None]) -> Callable[[Parser], None]:
        _COMMANDS[add.__name__.strip("_").replace("_", "-")] = _Command(run, example, shape, add)
        return add

    return declared


@_command("schedules.print_values", '"cosine" 0 5000 9000:10001:500 --total 10k', _VALUES)
def _eval(parser: Parser) -> None:
    """The values at steps."""
    parser.add_argument("text", metavar="TEXT", help=_TEXT)
    doc = "a step, or START:STOP or START:STOP:EVERY, without STOP itself (default: a few telling steps)"
    parser.add_argument("steps", metavar="STEP", nargs="*", default=[], type=_steps, help=doc)
    _add_run(parser)


@_command("schedules.print_table", '"cosine" --total 10k --every 100 > lr.tsv', _VALUES)
def _table(parser: Parser) -> None:
    """Step and value of a whole run, for other programs."""
    parser.add_argument("text", metavar="TEXT", help=_TEXT)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--every", metavar="N", type=_distance, help="every N-th step (default: 1)")
    which.add_argument("--points", metavar="N", type=_count, help="N evenly spaced steps, the first and last included")
    parser.add_argument("--format", choices=("tsv", "csv"), default="tsv", help="tabs or commas (default: tsv)")
    _add_range(parser)
    _add_run(parser)


@_command(
    "schedules.explain_texts",
    '"warmup(5%) then cosine" --total 90ep --steps-per-epoch 1250 --base 3e-4\n'
    '  schedlang explain train.yaml:optim.lr --total 10k --when "< 1e-5"\n'
    '  schedlang explain "warmup(5%) then cosine" --total 10k --step 4500',
    _EXPLAINED,
)
def _explain(parser: Parser) -> None:
    """What a schedule does: in words, its phases, peak and mean; when it is below a number; why it has a value."""
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=_TEXT)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--when",
        metavar="CONDITION",
        help='at which steps the value is "< 1e-5", or <=, >, >=, ==; or crosses a number alone; exit with 0 if it '
        "ever does (each of several), 1 if never, 2 if that can't be said",
    )
    doc = "what is in force at that step, and why it has its value"
    which.add_argument("--step", metavar="N", type=_step, help=doc)
    _add_run(parser)


@_command(
    "plots.draw_curves",
    "train.yaml:optim.lr --total 10k -o curve.svg",
    '{"curves": [{"argument", "values": [POINT]}], "warnings": […]}; with -o {"file", "warnings"}',
)
def _plot(parser: Parser) -> None:
    """Curves in the terminal, or as a picture."""
    parser.add_argument(
        "texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; several, or all of FILE:SECTION, are drawn over one another"
    )
    doc = "write a picture: .svg or .html, which need no other package; .png or .pdf, with matplotlib"
    parser.add_argument("-o", "--output", metavar="FILE", type=_picture, help=doc)
    parser.add_argument("--log", action="store_true", help="values on a logarithmic axis")
    parser.add_argument("--watch", action="store_true", help="draw again whenever the file of FILE:KEY is saved")
    doc = "columns (default: as many as the terminal has); of a picture pixels"
    parser.add_argument("--width", metavar="N", type=_count, help=doc)
    parser.add_argument("--height", metavar="N", type=_count, help="rows (default: 20); of a picture pixels")
    doc = "of a picture; auto: as the reader's system asks, or light where the format knows no such thing"
    parser.add_argument("--theme", choices=("auto", "light", "dark"), default="auto", help=doc)
    _add_range(parser)
    _add_run(parser)


@_command(
    "compiling.compile_texts",
    '"warmup(5%) then cosine" --total 10k --base 3e-4 --to c -o lr.c',
    '{"source", "warnings": […]}; with -o {"file", "warnings"}; of `--to json` that object itself',
)
def _compile(parser: Parser) -> None:
    """A schedule as a function in another language, without any dependency, or as a table of its values."""
    doc = f"{_TEXT}; all of FILE:SECTION are several functions, or columns of one table"
    parser.add_argument("text", metavar="TEXT", help=doc)
    languages = ("python", "numpy", "c", "js", "rust", "csv", "json")
    parser.add_argument("--to", choices=languages, required=True, help="js is an ES module, c is C99")
    parser.add_argument("--name", metavar="NAME", help="of the function (default: schedule)")
    parser.add_argument("--every", metavar="N", type=_distance, default=1, help="of a table: every N-th step")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there")
    _add_run(parser)


@_command(
    "differences.diff_texts",
    '"warmup(5%) then cosine" "(warmup(5%) then cosine) over 100k until 40k then linear to 0" --total 100k',
    '{"same", "end", "tolerance", "count", "first", "largest", "relative", "last": each\n'
    '  {"step", "old", "new", "absolute", "relative"} or null,\n'
    '  "stretches": [{"first", "stop", "old", "new", "largest"}]}\n'
    '  for sections of files: {"schedules": {key: one such object}, "old_only": [key], "new_only": [key]}',
)
def _diff(parser: Parser) -> None:
    """From which step on two schedules differ, where, and by how much."""
    parser.add_argument("old", metavar="OLD", help=_TEXT)
    parser.add_argument("new", metavar="NEW", help="another one")
    doc = "only ask whether the past is the same: exit with 0 if nothing before that step differs; 40000, 40k, 30ep"
    parser.add_argument("--before", metavar="STEP", help=doc)
    doc = "up to which share of the larger value a difference is none (default: 0)"
    parser.add_argument("--tolerance", metavar="X", type=_share, default=0.0, help=doc)
    _add_run(parser)
    new = parser.add_argument_group("the run of NEW, where it is another")
    for name, setting in SETTINGS.items():
        new.add_argument(f"--new-{OPTIONS[name][2:]}", help=setting.meaning, **_KINDS.get(name, _RATE))
    new.add_argument("--new-param", **_PARAM)


@_command(
    "files.format_texts",
    '"linear from 1 to 0 for 0.5"',
    '{"text"} for a text; for files {"changed": [FILE:KEY], "errors": […]}',
)
def _format(parser: Parser) -> None:
    """Canonical text: printed, or written into config files."""
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; {_FILES}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    parser.add_argument("--diff", action="store_true", help="the same, and show what would change")
    parser.add_argument("--width", metavar="N", type=_count, help="of a line (default: 100)")


@_command(
    "files.check_texts",
    'configs/ train.yaml:optim.lr "cosine" --total 10k',
    '{"schedules": [{"argument", "canonical"}], "errors": […], "warnings": […],\n'
    '  "passed": [{"argument", "text"}]}, canonical of a wrong one being null, passed what other systems have there',
)
def _check(parser: Parser) -> None:
    """Check schedules, and bind those whose run is known from options or settings."""
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; {_FILES}")
    parser.add_argument("--fix", action="store_true", help="mend in the files what has a fix, and touch nothing else")
    doc = "how mistakes are told: with excerpts to stderr (default); one a line, for GitHub, or as lines of JSON"
    parser.add_argument("--format", choices=("text", "line", "github", "json"), default="text", help=doc)
    _add_run(parser)


@_command(
    "importing.import_files",
    "train.yaml --total 10k",
    '{"found": [{"file", "line", "column", "key", "system", "kind", "name", "text", "total_steps", "base", "rates",\n'
    '  "read", "replaces", "proof": {"equal", "with", "totals", "worst_step", "error", "reason"} or null}],\n'
    '  "errors": […], "warnings": […]}',
)
def _import(parser: Parser) -> None:
    """Schedules of other systems, such as Hugging Face's or Megatron's, as lines to put in their place."""
    doc = "a YAML, JSON or TOML file, a Python file, which is not run, or a shell script"
    parser.add_argument("files", metavar="FILE", nargs="+", help=doc)
    parser.add_argument("--system", metavar="NAME", help="whose config it is (default: whoever's it looks like)")
    parser.add_argument("--no-compare", action="store_true", help="don't ask the system's own library for its values")
    doc = "exit with 1 also if something is told, or was not compared"
    parser.add_argument("--strict", action="store_true", help=doc)
    run = parser.add_argument_group("the run, where the config doesn't say it")
    run.add_argument("--total", dest="total_steps", metavar="STEPS", type=_whole, help="optimizer updates in the run")
    for name in ("steps_per_epoch", "samples_per_step", "tokens_per_step"):
        run.add_argument(OPTIONS[name], dest=name, help=SETTINGS[name].meaning, **_RATE)
    doc = "whether a scheduler of torch's is stepped at each step, or once an epoch"
    run.add_argument("--interval", choices=("step", "epoch"), help=doc)


@_command(
    "transcribing.transcribe_source",
    "log.csv --column lr\n"
    "  schedlang transcribe train:lr_lambda --total 10k --base 3e-4\n"
    "  schedlang transcribe train:make_scheduler --totals 1000,1370",
    '{"text", "exact", "worst_step", "error", "candidates": [text], "notes": [words], "interrupted"},\n'
    "  text being null if none is near; exit codes: 0 if it is exact, 1 if it isn't, 2 if what is given is wrong",
)
def _transcribe(parser: Parser) -> None:
    """The line of text that has the values of a column of numbers, of a function or a scheduler, at every step."""
    doc = "a CSV file, or - for standard input; or MODULE:FUNCTION of the step, or what else has values, to be imported"
    parser.add_argument("source", metavar="SOURCE", help=doc)
    doc = "of a file: the column, by name or number (default: the only one beside the steps)"
    parser.add_argument("--column", metavar="NAME", help=doc)
    doc = "the column of the steps (default: one that is called so, such as step or global_step)"
    parser.add_argument("--steps-column", metavar="NAME", help=doc)
    doc = "the step of the first value, what is before it being unknown (default: 0, or as the steps say)"
    parser.add_argument("--first-step", metavar="STEP", type=_first, default=0, help=doc)
    doc = (
        "lengths of several runs, with commas between: FUNCTION makes the source for each, and the text is equal in all"
    )
    parser.add_argument("--totals", metavar="STEPS,STEPS", type=_lengths, default=[], help=doc)
    parser.add_argument("--group", metavar="N", type=_first, default=0, help="the parameter group (default: 0)")
    parser.add_argument("--all", action="store_true", help="every text that was found to be exact, a line each")
    run = parser.add_argument_group("the run, as far as it is known; texts are told in terms of it")
    for name in ("total_steps", "base", *RATES):
        run.add_argument(OPTIONS[name], dest=name, help=SETTINGS[name].meaning, **_KINDS.get(name, _RATE))


@_command("language.explain_error", "E203", '{"code", "title", "why", "wrong", "right", "show"}')
def _explain_error(parser: Parser) -> None:
    """What a code such as E203 means, with a wrong and a right example."""
    parser.add_argument("code", metavar="CODE", help="as in `error[E203]`")


@_command(
    "language.list_primitives",
    "step_fixed",
    '{"primitives": [{"name", "aliases", "signature", "summary", "doc",\n'
    '  "arguments": [{"name", "kind", "doc", "required", "default", "choices"}]}]}',
)
def _primitives(parser: Parser) -> None:
    """The primitives of the language, or one of them in full."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this one, with its arguments")


@_command("serving.play", '"warmup(5%) then cosine" --total 10k', '{"address"}, or with --build {"folder"}')
def _play(parser: Parser) -> None:
    """A page in the browser, to play with a schedule."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help="to begin with: a schedule; or FILE:KEY; or -")
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="of the server (default: one that is free)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only say the address")
    parser.add_argument("--build", metavar="DIR", help="write the page into a folder, and serve nothing")
    _add_run(parser)


@_command("serving.lsp", "--stdio", "nothing: editors speak JSON-RPC with it")
def _lsp(parser: Parser) -> None:
    """The language server, which editors start: it speaks on standard input and output."""
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; some editors say it")


@_command("completion.completion", "bash > ~/.local/share/bash-completion/completions/schedlang", '{"script"}')
def _completion(parser: Parser) -> None:
    """A script that makes a shell complete the command line."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _add_command(subparsers: Subparsers, name: str, command: _Command) -> None:
    """The parser of a subcommand, which is imported when it is run: most need but a few of the modules."""
    doc = command.add.__doc__ or ""
    shape = re.sub("|".join(_PARTS), lambda part: _PARTS[part[0]], command.shape)
    parser = subparsers.add_parser(
        name,
        help=doc[:1].lower() + doc[1:-1],
        description=doc,
        epilog=f"with --json:\n  {shape}\n\nexample:\n  schedlang {name} {command.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, errors too")
    doc = "auto: on a terminal, unless NO_COLOR is set"
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=doc)
    doc = "a module of yours to import first, which declares primitives; may be repeated"
    parser.add_argument("--import", metavar="MODULE", dest="imports", action="append", default=[], help=doc)
    parser.set_defaults(command=command.run)
    command.add(parser)


def _add_run(parser: argparse.ArgumentParser) -> None:
    run = parser.add_argument_group("the run, as far as the text needs it")
    for name, setting in SETTINGS.items():
        run.add_argument(OPTIONS[name], dest=name, help=setting.meaning + setting.note, **_KINDS.get(name, _RATE))
    run.add_argument("--param", **_PARAM)


def _add_range(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", metavar="STEP", type=_step, default=0, help="the first step (default: 0)")
    doc = "where to stop (default: the end of the run; if it has none, where it comes to rest, or well inside it)"
    parser.add_argument("--stop", metavar="STEP", type=_step, help=doc)


# The whole.


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """The arguments; a subcommand's own parser reads them, as it allows options between positional arguments."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in _COMMANDS and "--" not in argv:
        _, subparsers = build_parser(argv[0])
        return subparsers[argv[0]].parse_intermixed_args(argv[1:])
    parser, _ = build_parser()
    return parser.parse_args(argv)


def build_parser(only: str | None = None) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """The whole parser, and those of the subcommands: all of them, or `only` one."""
    parser = _Parser(
        prog="schedlang",
        description="Look at hyperparameter schedules, each one line of text.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"schedlang {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _COMMANDS if only is None else (only,):
        _add_command(subparsers, name, _COMMANDS[name])
    return parser, subparsers.choices
