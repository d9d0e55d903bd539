"""The systems whose configs are read, by name, in the order in which they are asked whether they know a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .hugging_face import HUGGING_FACE
from .keras import KERAS
from .mmengine import MMENGINE
from .optax import OPTAX
from .pytorch import PYTORCH
from .system import System

SYSTEMS: Final[Mapping[str, System]] = {each.name: each for each in (HUGGING_FACE, MMENGINE, PYTORCH, OPTAX, KERAS)}
