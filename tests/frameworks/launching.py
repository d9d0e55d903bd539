"""Training scripts on several processes: what torchrun tells them, without what it takes to import torch in each."""

import os
import runpy
import sys
from multiprocessing import get_context
from pathlib import Path

from torch.distributed import TCPStore

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["torch", "accelerate", "schedlang.torch"])


def launch(processes: int, script: Path, *arguments: object) -> None:
    """Run a script on so many processes, all of which have to end well."""
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)  # at a port that is free
    told = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "WORLD_SIZE": str(processes)}
    told["TORCHELASTIC_USE_AGENT_STORE"] = "True"  # which is here, and not in the first process
    argv = [str(script), *map(str, arguments)]
    started = [_CONTEXT.Process(target=_run, args=(argv, told, str(rank))) for rank in range(processes)]
    for each in started:
        each.start()
    for each in started:
        each.join(600)
    assert [each.exitcode for each in started] == [0] * processes


def _run(argv: list[str], told: dict[str, str], rank: str) -> None:
    os.environ.update(told, RANK=rank, LOCAL_RANK=rank)
    sys.argv = argv
    runpy.run_path(argv[0], run_name="__main__")
