"""LLaMA-Factory's training from a file of its own, started as the docs tell.

Of its requirements the web interface is left out, and torchvision and torchaudio, which come for CUDA alone. The latter
is imported for sounds: there stands an empty module in its place.
"""

import json
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from .trial import BASE, TEXT, sentences, tiny_model
from .trial import VALUES as VALUES
from .trl import script

PACKAGES = (
    "--no-deps llamafactory==0.9.5",
    "torch==2.13.0 transformers==5.6.0 accelerate==1.11.0 datasets==4.0.0 peft==0.18.1 trl==0.24.0 omegaconf fire "
    "tiktoken sentencepiece protobuf einops av matplotlib pandas torchdata==0.11.0 tyro<0.9 modelscope",
)
SHOWN = "LLaMA-Factory"


def train(folder: Path) -> None:
    rows = [{"text": each} for each in sentences()]
    (folder / "rows.json").write_text(json.dumps(rows))
    kind = {"file_name": "rows.json", "columns": {"prompt": "text"}}
    (folder / "dataset_info.json").write_text(json.dumps({"rows": kind}))
    config = {
        "stage": "pt", "do_train": True, "model_name_or_path": str(tiny_model(folder)), "finetuning_type": "full",
        "dataset_dir": str(folder), "dataset": "rows", "template": "empty", "cutoff_len": 16, "packing": False,
        "output_dir": str(folder / "out"), "learning_rate": BASE, "schedules": TEXT, "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 2, "num_train_epochs": 2, "save_steps": 10, "report_to": "none", "use_cpu": True,
    }  # fmt: skip
    if (folder / "out").exists():
        config["resume_from_checkpoint"] = str(folder / "out" / "checkpoint-10")
    file = folder / "train.yaml"  # JSON is YAML
    file.write_text(json.dumps(config))
    sys.argv = ["train.py", str(file)]
    sounds = sys.modules["torchaudio"] = ModuleType("torchaudio")
    sounds.__spec__ = ModuleSpec("torchaudio", None)
    import_module("llamafactory.data.mm_plugin")
    del sys.modules["torchaudio"]
    exec(compile(script("LLaMA-Factory"), "train.py", "exec"), {"__name__": "__main__"})
