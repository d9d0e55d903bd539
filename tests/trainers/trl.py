"""TRL's trainer, started by the script of its command `trl sft` as the docs tell."""

import json
import sys
from pathlib import Path

from .trial import BASE, TEXT, sentences, tiny_model
from .trial import VALUES as VALUES

PACKAGES = ("trl==1.16.0", "transformers==5.24.0")
SHOWN = "TRL"
SCRIPT = Path(__file__).parents[2] / "docs" / "frameworks" / "trainers.md"


def script(title: str) -> str:
    """The first block of Python below a title of the page."""
    below = SCRIPT.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2]
    return below.partition("```py\n")[2].partition("```")[0]


def train(folder: Path) -> None:
    rows = folder / "rows" / "train.jsonl"
    rows.parent.mkdir(exist_ok=True)
    rows.write_text("\n".join(json.dumps({"text": each}) for each in sentences()))
    out = folder / "out"
    options = {
        "model_name_or_path": tiny_model(folder), "dataset_name": rows.parent, "output_dir": out, "schedule": TEXT,
        "learning_rate": BASE, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 2,
        "num_train_epochs": 2, "save_steps": 10, "report_to": "none", "use_cpu": True, "bf16": False,
    }  # fmt: skip
    if out.exists():
        options["resume_from_checkpoint"] = out / "checkpoint-10"
    sys.argv = ["train.py", *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    exec(compile(script("TRL"), "train.py", "exec"), {"__name__": "__main__"})
