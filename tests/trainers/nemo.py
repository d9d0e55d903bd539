"""NeMo: a model of its own on Lightning's trainer; its optimizer is that of the config, its scheduler ours."""

from pathlib import Path
from typing import Any

from .trial import BASE, STEPS, TEXT
from .trial import VALUES as VALUES

PACKAGES = ("nemo_toolkit[core]==3.0.0",)
SHOWN = "NeMo"


def train(folder: Path) -> None:
    import lightning
    import torch
    from lightning.pytorch.callbacks import ModelCheckpoint
    from nemo.core import ModelPT
    from omegaconf import OmegaConf

    from schedlang.lightning import configure

    class Model(ModelPT):
        def __init__(self, cfg: Any, trainer: Any = None) -> None:
            super().__init__(cfg, trainer)
            self.layer = torch.nn.Linear(8, 1)

        def configure_optimizers(self) -> Any:
            super().configure_optimizers()
            return configure(self._optimizer, TEXT, self.trainer)

        def training_step(self, batch: Any, index: int) -> Any:
            return self.layer(batch).square().mean()

        def setup_training_data(self, config: Any) -> None:
            self._train_dl = torch.utils.data.DataLoader(torch.ones(STEPS * 4, 8), batch_size=4)

        def setup_validation_data(self, config: Any) -> None:
            pass

        @classmethod
        def list_available_models(cls) -> None:
            pass

    saving = ModelCheckpoint(folder / "saved", every_n_train_steps=10, save_top_k=-1, filename="{step}")
    trainer = lightning.Trainer(
        max_steps=STEPS, callbacks=[saving], accelerator="cpu", logger=False, enable_progress_bar=False
    )
    config = {"optim": {"name": "adamw", "lr": BASE}, "train_ds": {"any": 1}}
    saved = folder / "saved" / "step=10.ckpt"
    trainer.fit(Model(OmegaConf.create(config), trainer), ckpt_path=saved if saved.exists() else None)
