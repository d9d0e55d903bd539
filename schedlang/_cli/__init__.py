"""The command line: `schedlang plot "warmup(5%) then cosine" --total 10k`.

Options are declared in `arguments`, what they tell of a schedule and its run is read in `runs`, and what is printed
goes out through `output`. Subcommands are in `schedules` (eval, table, explain), `plots`, `compiling`, `differences`
(diff), `files` (check, format), `importing` (import), `transcribing`, `language` (primitives, explain-error),
`completion` and `serving` (play, lsp). Each takes the arguments and returns the exit code; its module is imported when
it is run, so that `--help` stays quick.

Takes what was typed; gives what is printed, and an exit code.

Imports: every room above.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from .._files.settings import find_settings
from .._text.errors import ScheduleError
from .arguments import parse_arguments
from .output import exit_code, print_errors

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run the command line, and return its exit code: 0, or what `schedlang --help` says of the others.

    >>> main(["eval", "linear(1, 0)", "--total", "4", "0", "3"])
    step  value
       0  1.0
       3  0.25
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no `…` shows `?`
    try:
        code = _run(parse_arguments(argv))
        sys.stdout.flush()
    except SystemExit as stop:  # argparse: 0 after --help, 2 after a mistake
        code = stop.code if isinstance(stop.code, int) else 2
    except BrokenPipeError:  # `| head` has read enough; nobody is left to be told at exit either
        _drop_output()
        code = 141
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        where = "" if error.filename is None else f": {error.filename}"
        print(f"error: {error.strerror or error}{where}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            _drop_output()
        code = 3
    except Exception as error:
        print(f"error: schedlang itself failed ({type(error).__name__}: {error}); please report it", file=sys.stderr)
        code = 70
    return code


def _drop_output() -> None:
    """What could not be written is not tried again at exit, where Python would tell of it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: Namespace) -> int:
    try:
        args.settings = find_settings(Path.cwd())
        args.settings.load_modules(args.imports)
        module, _, name = args.command.partition(".")
        code: int = getattr(import_module(f".{module}", __name__), name)(args)
    except ScheduleError as error:
        print_errors(error.diagnostics, args)
        return exit_code(error.diagnostics)
    return code
