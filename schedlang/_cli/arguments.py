"""What the command line takes: one parser a subcommand, over shared options."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from .. import __version__
from .._text.run import RATES, SETTINGS

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

OPTIONS: Final = {name: f"--{name.replace('_', '-')}" for name in SETTINGS} | {"total_steps": "--total"}
"""What the library's arguments are called here; any other is a `--param`."""

_TEXT: Final = "a schedule; or FILE:KEY, a value in a YAML, JSON or TOML file; or - for standard input"

_FILES: Final = "or a FILE or a folder of them, in which schedules are found by their keys"

_EPILOG: Final = """\
exit codes:
  0    all is well
  1    a schedule, its run or its config is wrong: stderr says what, and where;
       or, with `format --check`, something is not formatted; or, with `diff`, two schedules differ;
       or, with `explain --when`, the condition never holds
  2    the command line is wrong; with `diff` and `explain --when`, also what else code 1 is for
  3    something outside is missing: a file that can be read, an optional package
  70   schedlang itself failed: please report it
  130  interrupted
  141  whoever was reading the output has stopped

With --json every command prints one object to stdout. Errors are, with the same exit codes,
  {"errors": [{"code", "severity", "message", "start", "end", "line", "column", "hint",
    "fix": [{"start", "end", "text"}], "source", "key"}]}

example:
  schedlang plot "warmup(5%) then cosine" --total 10k --base 3e-4
"""

_STOP: Final = "where to stop (default: the end of the run; if it has none, where it comes to rest, or well inside it)"

_PICTURES: Final = (".svg", ".html", ".png", ".pdf")

_VALUES: Final = '{"values": [{"step", "value"}]}'


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """The arguments; a subcommand's own parser reads them, as it allows options between positional arguments.

    Raises:
        SystemExit: after --help, --version, or a mistake.
    """
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in _COMMANDS and "--" not in argv:
        _, subparsers = build_parser(argv[0])
        return subparsers[argv[0]].parse_intermixed_args(argv[1:])
    parser, _ = build_parser()
    return parser.parse_args(argv)


def build_parser(only: str | None = None) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """The whole parser, and those of the subcommands: all of them, or `only` one."""
    parser = argparse.ArgumentParser(
        prog="schedlang",
        description="Look at hyperparameter schedules, each one line of text.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"schedlang {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _COMMANDS if only is None else (only,):
        _COMMANDS[name](subparsers)
    return parser, subparsers.choices


# Subcommands.


def _add_eval(subparsers: Subparsers) -> None:
    doc = "the values at steps"
    parser = _add(
        subparsers,
        "eval",
        "schedules.print_values",
        doc,
        example='"cosine" 0 5000 9000:10001:500 --total 10k',
        shape=_VALUES,
    )
    parser.add_argument("text", metavar="TEXT", help=_TEXT)
    parser.add_argument(
        "steps",
        metavar="STEP",
        nargs="*",
        default=[],
        type=_steps,
        help="a step, or START:STOP or START:STOP:EVERY, without STOP itself (default: a few telling steps)",
    )
    _add_run(parser)


def _add_table(subparsers: Subparsers) -> None:
    doc = "step and value of a whole run, for other programs"
    parser = _add(
        subparsers,
        "table",
        "schedules.print_table",
        doc,
        example='"cosine" --total 10k --every 100 > lr.tsv',
        shape=_VALUES,
    )
    parser.add_argument("text", metavar="TEXT", help=_TEXT)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--every", metavar="N", type=_count, default=1, help="every N-th step (default: 1)")
    which.add_argument("--points", metavar="N", type=_count, help="N evenly spaced steps, the first and last included")
    parser.add_argument("--format", choices=("tsv", "csv"), default="tsv", help="tabs or commas (default: tsv)")
    _add_range(parser)
    _add_run(parser)


def _add_explain(subparsers: Subparsers) -> None:
    doc = "what a schedule does: in words, its phases, peak and mean; when it is below a number; why it has a value"
    phase = '{"first", "stop", "start", "end", "shape", "text"}'
    point = '{"step", "value"}'
    rates = ", ".join(f'"{name}"' for name in RATES)
    shape = (
        f'{{"text", "canonical", "run": {{"total_steps", {rates},\n'
        f'  "base", "params": {{name: text}}}}, "phases": [{phase}],\n'
        '  "words": [{"first", "stop", "depth", "text", "piece", "times"}], "times": [{"text", "steps", "how"}],\n'
        f'  "names": [{{"name", "text", "value"}}], "facts": {{"stop", "peak": {point}, "lowest",\n'
        f'  "mean", "area", "sampled"}}, "values": [{point}]}}\n'
        '  with --when: {"text", "condition", "holds", "first", "end", "complete",\n'
        '  "ranges": [{"first", "stop", "start", "end"}]}\n'
        f'  with --step: {{"text", "step", "value", "piece", "start", "end", "phase": {phase},\n'
        '  "local", "length", "held", "notes", "reasons": [{"text", "expression", "value", "formula", "note"}],\n'
        '  "expression"}, piece being what is in force, from start to end in the text\n'
        '  for several texts: {"schedules": [one such object for each]}'
    )
    example = (
        '"warmup(5%) then cosine" --total 90ep --steps-per-epoch 1250 --base 3e-4\n'
        '  schedlang explain train.yaml:optim.lr --total 10k --when "< 1e-5"\n'
        '  schedlang explain "warmup(5%) then cosine" --total 10k --step 4500'
    )
    parser = _add(subparsers, "explain", "schedules.explain_texts", doc, example=example, shape=shape)
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=_TEXT)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--when",
        metavar="CONDITION",
        help='at which steps the value is "< 1e-5", or <=, >, >=, ==; or crosses a number alone; exit with 0 if it '
        "ever does (each of several), 1 if never, 2 if that can't be said",
    )
    which.add_argument(
        "--step", metavar="N", type=_step, help="what is in force at that step, and why it has its value"
    )
    _add_run(parser)


def _add_plot(subparsers: Subparsers) -> None:
    doc = "curves in the terminal, or as a picture"
    shape = '{"curves": [{"argument", "values": [{"step", "value"}]}]}; with -o {"file"}'
    parser = _add(
        subparsers,
        "plot",
        "plots.draw_curves",
        doc,
        example="train.yaml:optim.lr --total 10k -o curve.svg",
        shape=shape,
    )
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; several are drawn over one another")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=_picture,
        help="write a picture: .svg or .html, which need no other package; .png or .pdf, with matplotlib",
    )
    parser.add_argument("--log", action="store_true", help="values on a logarithmic axis")
    parser.add_argument("--watch", action="store_true", help="draw again whenever the file of FILE:KEY is saved")
    parser.add_argument(
        "--width", metavar="N", type=_count, help="columns (default: as many as the terminal has); of a picture pixels"
    )
    parser.add_argument("--height", metavar="N", type=_count, help="rows (default: 20); of a picture pixels")
    parser.add_argument(
        "--theme",
        choices=("auto", "light", "dark"),
        default="auto",
        help="of a picture; auto: as the reader's system asks, or light where the format knows no such thing",
    )
    _add_range(parser)
    _add_run(parser)


def _add_diff(subparsers: Subparsers) -> None:
    doc = "from which step on two schedules differ, where, and by how much"
    difference = '{"step", "old", "new", "absolute", "relative"}'
    shape = (
        '{"same", "end", "tolerance", "count", "first", "largest", "relative", "last": each\n'
        f"  {difference} or null,\n"
        '  "stretches": [{"first", "stop", "old", "new", "largest"}]}'
    )
    example = '"warmup(5%) then cosine" "(warmup(5%) then cosine) over 100k until 40k then linear to 0" --total 100k'
    parser = _add(subparsers, "diff", "differences.diff_texts", doc, example=example, shape=shape)
    parser.add_argument("old", metavar="OLD", help=_TEXT)
    parser.add_argument("new", metavar="NEW", help="another one")
    parser.add_argument(
        "--before",
        metavar="STEP",
        help="only ask whether the past is the same: exit with 0 if nothing before that step differs; 40000, 40k, 30ep",
    )
    parser.add_argument(
        "--tolerance",
        metavar="X",
        type=_share,
        default=0.0,
        help="up to which share of the larger value a difference is none (default: 0)",
    )
    _add_run(parser)
    new = parser.add_argument_group("the run of NEW, where it is another")
    for name, setting in SETTINGS.items():
        new.add_argument(f"--new-{OPTIONS[name][2:]}", help=setting.meaning, **_KINDS.get(name, _RATE))


def _add_format(subparsers: Subparsers) -> None:
    doc = "canonical text: printed, or written into config files"
    shape = '{"text"} for a text; for files {"changed": [FILE:KEY], "errors": […]}'
    parser = _add(subparsers, "format", "files.format_texts", doc, example='"linear from 1 to 0 for 0.5"', shape=shape)
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; {_FILES}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    parser.add_argument("--diff", action="store_true", help="the same, and show what would change")
    parser.add_argument("--width", metavar="N", type=_count, help="of a line (default: 100)")


def _add_check(subparsers: Subparsers) -> None:
    doc = "check schedules, and bind those whose run is known from options or settings"
    shape = (
        '{"schedules": [{"argument", "canonical"}], "errors": […], "warnings": […]},\n'
        "  canonical of a wrong one being null"
    )
    parser = _add(
        subparsers,
        "check",
        "files.check_texts",
        doc,
        example='configs/ train.yaml:optim.lr "cosine" --total 10k',
        shape=shape,
    )
    parser.add_argument("texts", metavar="TEXT", nargs="+", help=f"{_TEXT}; {_FILES}")
    parser.add_argument("--fix", action="store_true", help="mend in the files what has a fix, and touch nothing else")
    parser.add_argument(
        "--format",
        choices=("text", "line", "github", "json"),
        default="text",
        help="how mistakes are told: with excerpts to stderr (default); one a line, for GitHub, or as lines of JSON",
    )
    _add_run(parser)


def _add_explain_error(subparsers: Subparsers) -> None:
    doc = "what a code such as E203 means, with a wrong and a right example"
    shape = '{"code", "title", "why", "wrong", "right", "show"}'
    parser = _add(subparsers, "explain-error", "language.explain_error", doc, example="E203", shape=shape)
    parser.add_argument("code", metavar="CODE", help="as in `error[E203]`")


def _add_primitives(subparsers: Subparsers) -> None:
    doc = "the primitives of the language, or one of them in full"
    shape = (
        '{"primitives": [{"name", "aliases", "signature", "summary", "doc",\n'
        '  "arguments": [{"name", "kind", "doc", "required", "default", "choices"}]}]}'
    )
    parser = _add(subparsers, "primitives", "language.list_primitives", doc, example="step_fixed", shape=shape)
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this one, with its arguments")


def _add_play(subparsers: Subparsers) -> None:
    doc = "a page in the browser, to play with a schedule"
    shape = '{"address"}, or with --build {"folder"}'
    parser = _add(subparsers, "play", "serving.play", doc, example='"warmup(5%) then cosine" --total 10k', shape=shape)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="to begin with: a schedule; or FILE:KEY; or -")
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="of the server (default: one that is free)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only say the address")
    parser.add_argument("--build", metavar="DIR", help="write the page into a folder, and serve nothing")
    _add_run(parser)


def _add_lsp(subparsers: Subparsers) -> None:
    doc = "the language server, which editors start: it speaks on standard input and output"
    parser = _add(
        subparsers, "lsp", "serving.lsp", doc, example="--stdio", shape="nothing: editors speak JSON-RPC with it"
    )
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; some editors say it")


def _add_completion(subparsers: Subparsers) -> None:
    doc = "a script that makes a shell complete the command line"
    example = "bash > ~/.local/share/bash-completion/completions/schedlang"
    parser = _add(subparsers, "completion", "completion.completion", doc, example=example, shape='{"script"}')
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _add(
    subparsers: Subparsers, name: str, command: str, doc: str, *, example: str, shape: str
) -> argparse.ArgumentParser:
    """The parser of a subcommand, with the options that all of them take.

    The command is named by module and function, and imported when it is run: most need but a few of the modules.
    """
    parser = subparsers.add_parser(
        name,
        help=doc,
        description=f"{doc[0].upper()}{doc[1:]}.",
        epilog=f"with --json:\n  {shape}\n\nexample:\n  schedlang {name} {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, errors too")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set",
    )
    parser.set_defaults(command=command)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    run = parser.add_argument_group("the run, as far as the text needs it")
    for name, setting in SETTINGS.items():
        run.add_argument(OPTIONS[name], dest=name, help=setting.meaning + setting.note, **_KINDS.get(name, _RATE))
    run.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        type=_parameter,
        default=[],
        help="a free name of the text: a number, or a duration such as 5%%; may be repeated",
    )


def _add_range(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", metavar="STEP", type=_step, default=0, help="the first step (default: 0)")
    parser.add_argument("--stop", metavar="STEP", type=_step, help=_STOP)


_COMMANDS: Final[Mapping[str, Callable[[Subparsers], None]]] = {
    "eval": _add_eval,
    "table": _add_table,
    "explain": _add_explain,
    "plot": _add_plot,
    "diff": _add_diff,
    "format": _add_format,
    "check": _add_check,
    "explain-error": _add_explain_error,
    "primitives": _add_primitives,
    "play": _add_play,
    "lsp": _add_lsp,
    "completion": _add_completion,
}


# Types.


def _step(text: str) -> int:
    return _whole(text, 0, "a step: a whole number of at least 0")


def _count(text: str) -> int:
    return _whole(text, 1, "a whole number of at least 1")


def _whole(text: str, least: int, what: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return number


def _port(text: str) -> int:
    if not text.isdecimal() or int(text[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 0 to 65535")
    return int(text)


def _steps(text: str) -> range:
    parts = text.split(":")
    if len(parts) == 1:
        return range(_step(text), _step(text) + 1)
    if len(parts) > 3:
        raise argparse.ArgumentTypeError(f"{text!r} is not STEP, START:STOP or START:STOP:EVERY")
    return range(_step(parts[0]), _step(parts[1]), _count(parts[2]) if len(parts) == 3 else 1)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return number


def _share(text: str) -> float:
    share = _number(text)
    if share < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return share


def _rate(text: str) -> Decimal:
    """A number above zero, exactly: as Python or as the language writes it."""
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = _magnitude(text.strip())
    if not rate.is_finite() or rate <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return rate


def _magnitude(text: str) -> Decimal:
    """A number such as 500k; 0 for what is none."""
    from .._language.nodes.scalars import read_decimal
    from .._text.errors import ScheduleError
    from .._text.lark_parser import words

    try:
        is_number = [(word.kind, word.end - word.start) for word in words(text)] == [("NUMBER", len(text))]
        return read_decimal(text, None) if is_number else Decimal(0)
    except ScheduleError:
        return Decimal(0)


_RATE: Final[dict[str, Any]] = {"metavar": "X", "type": _rate}
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "total_steps": {"metavar": "STEPS"},
    "base": {"metavar": "X", "type": _number},
}
"""What those options take that are no rates."""


def _picture(text: str) -> str:
    if not text.endswith(_PICTURES):
        raise argparse.ArgumentTypeError(f"{text!r} ends in none of {', '.join(_PICTURES)}")
    return text


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name.isidentifier() or not equals or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, such as peak=3e-4 or w=5%")
    return name, value
