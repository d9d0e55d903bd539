"""Processes of their own that need not import torch: they are forked from one that has, a tenth of a second each."""

import os
import runpy
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["torch", "accelerate", "transformers.trainer", "lightning", "schedlang.torch"])


def run_forked(argv: list[str], folder: Path, environments: list[Mapping[str, str]]) -> tuple[list[int | None], str]:
    """Run a script, or a module behind `-m`, in one process an environment, all at once; the exit codes, all output."""
    shown = folder / "shown.txt"
    started = [_CONTEXT.Process(target=_run, args=(argv, folder, dict(each), shown)) for each in environments]
    for each in started:
        each.start()
    for each in started:
        each.join(600)
    return [each.exitcode for each in started], shown.read_text(encoding="utf-8")


def _run(argv: list[str], folder: Path, environment: dict[str, str], shown: Path) -> None:
    os.environ.update(environment)
    os.chdir(folder)
    with shown.open("a", encoding="utf-8") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    sys.path.insert(0, str(folder))
    if argv[0] == "-m":
        sys.argv = argv[1:]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = argv
        runpy.run_path(argv[0], run_name="__main__")
