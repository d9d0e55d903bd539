"""One trial, in a process of a trainer's environment: `python -m tests.trainers.trial NAME FOLDER APPLIED [UPDATES]`.

What a module of a trainer has: `PACKAGES`, which pip installs in this order, each line at once; `VALUES`, the learning
rate of each update; `train(folder)`, which trains, and goes on from the trainer's own checkpoint if the folder has one;
and `RESUMES = False`, if the trainer has none. Nothing of the trainer is imported before `train` is called.
"""

import json
import os
import random
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from schedlang import parse

STEPS = 24
BASE = 1e-3
TEXT = "warmup(25%) then cosine(end=0.1 * base)"
VALUES = parse(TEXT).bind(STEPS, base=BASE).values().tolist()
KILLED = 17
"""At which update the first process is ended, as from outside: nothing is closed, saved or told."""


def tiny_model(folder: Path) -> Any:
    """A causal language model of a few hundred numbers, and its tokenizer, saved in a folder."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    place = folder / "model"
    if not place.exists():
        words = {word: number for number, word in enumerate(["<pad>", "<s>", "</s>", "<unk>", *"abcdefgh"])}
        model = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
        model.pre_tokenizer = pre_tokenizers.Whitespace()
        special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=model, **special)
        tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }} {% endfor %}"
        tokenizer.save_pretrained(place)
        size = {"vocab_size": len(words), "hidden_size": 8, "intermediate_size": 8, "max_position_embeddings": 64}
        shape = {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
        ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
        LlamaForCausalLM(LlamaConfig(**size, **shape, **ends)).save_pretrained(place)
    return place


def sentences(count: int = 48) -> list[str]:
    """Something to learn from."""
    drawn = random.Random(1)
    return [" ".join(drawn.choices("abcdefgh", k=8)) for _ in range(count)]


def main(name: str, folder: Path, applied: Path, updates: int) -> None:
    """Train, and write down the learning rates of all groups at each update, until there were so many."""
    trainer = import_module(f"tests.trainers.{name}")
    count = 0
    with applied.open("w") as file:

        def before_step(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
            nonlocal count
            if not all("lr" in group for group in optimizer.param_groups):
                return  # a container of optimizers, which have their own steps
            closure = kwargs.get("closure") or args[1:]  # which makes the gradients, and is left alone
            parameters = [each for group in optimizer.param_groups for each in group["params"]]
            if not closure and not any(each.grad is not None and each.grad.any() for each in parameters):
                return  # torch.distributed.checkpoint makes an optimizer's state so, before it loads or saves one
            print(json.dumps([float(group["lr"]) for group in optimizer.param_groups]), file=file, flush=True)
            count += 1
            if count == updates:
                os._exit(9)

        register_optimizer_step_pre_hook(before_step)
        trainer.train(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]) if sys.argv[4:] else 0)
