"""Axolotl's trainer, its plugin manager and its check of configs; a model of a few hundred numbers.

Of its requirements those are left out that nothing imports on the way, such as xformers and gradio.
"""

from pathlib import Path

from .trial import BASE, STEPS, TEXT, sentences, tiny_model
from .trial import VALUES as VALUES

PACKAGES = (
    "--no-deps axolotl==0.19.0",
    "transformers==5.16.1 trl==1.9.0 peft==0.20.0 accelerate==1.13.0 datasets==4.8.4 tokenizers==0.23.1 "
    "huggingface_hub==1.17.0 pydantic==2.12.5 optimum==1.16.2 schedulefree==1.4.1 posthog==6.7.11 "
    "axolotl-contribs-lgpl==0.0.7 axolotl-contribs-mit==0.0.6 addict art colorama einops evaluate fastcore fire "
    "immutabledict langdetect numba nvidia-ml-py python-dotenv requests scipy sentencepiece tensorboard typer "
    "zstandard triton wandb bitsandbytes==0.50.2 liger-kernel==0.8.1 kernels==0.16.*",
)
SHOWN = "Axolotl"


def train(folder: Path) -> None:
    from axolotl.cli.config import plugin_set_cfg, prepare_plugins
    from axolotl.core.builders.causal import HFCausalTrainerBuilder
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = str(tiny_model(folder))
    cfg = DictDefault(
        {
            "base_model": place, "plugins": ["schedlang.axolotl.SchedulePlugin"], "schedules": TEXT,
            "learning_rate": BASE, "micro_batch_size": 2, "gradient_accumulation_steps": 2, "num_epochs": 2,
            "sequence_len": 32, "optimizer": "adamw_torch", "save_steps": 10, "output_dir": str(folder / "out"),
            "datasets": [{"path": "none", "type": "alpaca"}], "logging_steps": 1, "bf16": False,
            "fp16": False, "tf32": False,
        }
    )  # fmt: skip
    prepare_plugins(cfg)
    cfg = validate_config(cfg)
    plugin_set_cfg(cfg)
    tokenizer = AutoTokenizer.from_pretrained(place)
    rows = [{**tokenizer(each), "labels": tokenizer(each)["input_ids"]} for each in sentences()]
    builder = HFCausalTrainerBuilder(cfg, AutoModelForCausalLM.from_pretrained(place), tokenizer)
    builder.train_dataset = Dataset.from_list(rows)
    trainer = builder.build(STEPS)
    out = folder / "out" / "checkpoint-10"
    trainer.train(resume_from_checkpoint=str(out) if out.exists() else None)
