"""torchtitan's optimizers, our config in the place of its schedulers', and its checkpoint manager.

Its trainer asks a CUDA device for its name, so the loop here stands for the trainer's.
"""

from pathlib import Path

from .trial import BASE, STEPS, TEXT
from .trial import VALUES as VALUES

PACKAGES = ("torchtitan==0.3.0",)
SHOWN = "torchtitan"


def train(folder: Path) -> None:
    import torch
    from torchtitan.components.checkpoint import CheckpointManager
    from torchtitan.components.optimizer import default_adamw

    from schedlang.torchtitan import Schedules

    class Progress:
        step = 0

        def state_dict(self) -> dict[str, int]:
            return {"step": self.step}

        def load_state_dict(self, state_dict: dict[str, int]) -> None:
            self.step = state_dict["step"]

    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    model, progress = torch.nn.Linear(2, 1), Progress()
    settings = default_adamw(lr=BASE)
    settings.implementation = "for-loop"
    optimizers = settings.build(model_parts=[model])
    schedulers = Schedules.Config(schedules=TEXT).build(optimizers=optimizers, training_steps=STEPS)
    saving = CheckpointManager.Config(enable=True, interval=10).build(
        dataloader=None, model_parts=[model], optimizers=optimizers, lr_schedulers=schedulers,
        states={"train_state": progress}, sd_adapter=None, base_folder=str(folder),
    )  # fmt: skip
    saving.load(step=-1)
    while progress.step < STEPS:
        progress.step += 1
        optimizers.zero_grad()
        assert schedulers.get_metrics() == {"lr": VALUES[progress.step - 1]}
        model(torch.ones(1, 2)).square().sum().backward()
        optimizers.step()
        schedulers.step()
        saving.save(progress.step, last_step=progress.step == STEPS)
    saving.close()
