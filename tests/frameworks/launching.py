"""Training scripts on several processes, which are told what torchrun tells them."""

from pathlib import Path

from forking import run_forked
from torch.distributed import TCPStore


def launch(processes: int, script: Path, folder: Path, *arguments: object) -> None:
    """Run a script on so many processes, all of which have to end well."""
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)  # at a port that is free
    told = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "WORLD_SIZE": str(processes)}
    told["TORCHELASTIC_USE_AGENT_STORE"] = "True"  # which is here, and not in the first process
    ranks = [told | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(processes)]
    codes, shown = run_forked([str(script), *map(str, arguments)], folder, ranks)
    assert codes == [0] * processes, shown
