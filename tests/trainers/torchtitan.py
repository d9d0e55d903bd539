"""torchtitan's trainer with its smallest Llama, made smaller."""

import os
from pathlib import Path

from .trial import STEPS, TEXT, tiny_model
from .trial import VALUES as VALUES

PACKAGES = ("torchtitan==0.3.0", "triton transformers==5.24.0")
SHOWN = "torchtitan"


def train(folder: Path) -> None:
    from torchtitan.models.llama3.config_registry import llama3_debugmodel

    from schedlang.torchtitan import Schedules

    alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
    os.environ.update({**alone, "MASTER_ADDR": "localhost", "MASTER_PORT": "29511"})
    config = llama3_debugmodel()
    config.hf_assets_path = str(tiny_model(folder))
    config.dump_folder = str(folder / "out")
    config.lr_scheduler = Schedules.Config(schedules=TEXT)
    config.training.steps, config.training.seq_len, config.training.local_batch_size = STEPS, 16, 2
    config.checkpoint.enable, config.validator.enable = True, False
    trainer = config.build()
    trainer.train()
    trainer.close()
