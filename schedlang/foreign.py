"""Configs of other systems as schedules: Hugging Face, Megatron, DeepSpeed and others.

>>> from schedlang.foreign import from_config
>>> print(from_config({"lr_scheduler_type": "cosine", "warmup_steps": 500}).text)
warmup(500) then cosine
>>> print(from_config("--lr_scheduler_type linear --warmup_ratio 0.1 --learning_rate 2e-5").text)
warmup(10%) then linear

Which systems are read, and how it is proven that the values are equal, stands in the page about importing.
"""

from ._transfer.foreign import Imported, Proof, from_config

__all__ = ["Imported", "Proof", "from_config"]
