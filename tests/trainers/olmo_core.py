"""OLMo-core's trainer and transformer, by its own name for our scheduler; it counts from 1."""

from pathlib import Path
from typing import Any

from schedlang import parse

from .trial import BASE, STEPS, TEXT

PACKAGES = ("ai2-olmo-core==3.0.0",)
SHOWN = "OLMo-core"
VALUES = [parse(TEXT).bind(STEPS, base=BASE)(step) for step in range(1, STEPS + 1)]


def train(folder: Path) -> None:
    import torch
    from olmo_core.data.data_loader import TextDataLoaderBase
    from olmo_core.nn.transformer import TransformerConfig
    from olmo_core.optim import AdamWConfig, Scheduler
    from olmo_core.train import Duration, TrainerConfig, prepare_training_environment, teardown_training_environment
    from olmo_core.train.callbacks import CheckpointerCallback
    from olmo_core.train.train_module import TransformerTrainModuleConfig

    from schedlang.olmo_core import ScheduleRecord  # whose module registers the scheduler

    class Words(TextDataLoaderBase):
        total_batches = STEPS

        def state_dict(self) -> dict[str, Any]:
            return {"batches_processed": self.batches_processed, "epoch": self._epoch}

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            self.batches_processed, self._epoch = state_dict["batches_processed"], state_dict["epoch"]

        def reshuffle(self, epoch: int | None = None, **kwargs: Any) -> None:
            self._epoch = epoch

        def _iter_batches(self) -> Any:
            for _ in range(self.batches_processed, STEPS):
                yield self.get_mock_batch()

        def get_mock_batch(self) -> dict[str, Any]:
            return {"input_ids": torch.arange(16).reshape(2, 8) % 11}

    prepare_training_environment(backend="cpu:gloo")
    model = TransformerConfig.llama_like(d_model=8, vocab_size=16, n_layers=1, n_heads=2, hidden_size_multiple_of=8)
    scheduler = Scheduler.from_dict({"type": "schedlang", "text": TEXT})
    module = TransformerTrainModuleConfig(16, 8, AdamWConfig(lr=BASE), scheduler=scheduler).build(
        model.build(init_device="cpu"), device=torch.device("cpu")
    )
    words = Words(collator=None, work_dir=folder, global_batch_size=16)
    saving = CheckpointerCallback(save_interval=10, ephemeral_save_interval=None, save_async=False)
    callbacks = {"saving": saving, "schedule": ScheduleRecord()}
    config = TrainerConfig(
        str(folder / "out"), save_overwrite=True, max_duration=Duration.steps(STEPS), callbacks=callbacks
    )
    config.build(module, words).fit()
    teardown_training_environment()
