"""The systems whose configs are read, by name, in the order in which they are asked whether they know a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .axolotl import AXOLOTL
from .composer import COMPOSER
from .deepspeed import DEEPSPEED
from .fairseq import FAIRSEQ
from .hugging_face import HUGGING_FACE
from .keras import KERAS
from .megatron import MEGATRON
from .mmengine import MMENGINE
from .nemo import NEMO
from .noether import KAPPASCHEDULES_CONFIGS, NOETHER_CONFIGS
from .optax import OPTAX
from .pytorch import PYTORCH
from .rl_zoo import RL_ZOO
from .system import System
from .timm import TIMM
from .torchtune import TORCHTUNE

_SYSTEMS: Final = (
    *(AXOLOTL, HUGGING_FACE, DEEPSPEED, MEGATRON, NEMO, FAIRSEQ),
    *(MMENGINE, PYTORCH, OPTAX, KERAS, TIMM, COMPOSER, TORCHTUNE, RL_ZOO),
    *(NOETHER_CONFIGS, KAPPASCHEDULES_CONFIGS),
)

SYSTEMS: Final[Mapping[str, System]] = {each.name: each for each in _SYSTEMS}
