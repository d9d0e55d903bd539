"""References: `train.yaml:optim.lr`, a file and a key in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".yaml", ".yml", ".json", ".toml")
"""How the names of config files end."""


def is_config_name(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def is_reference(text: str) -> bool:
    """Whether a text is `FILE:KEY`, or the name of a config file, and not a schedule: the language has no colon."""
    return re.match(r"[^#]*:", text) is not None or is_config_name(text)


def split(reference: str) -> tuple[str, str]:
    """File and key: the key stands behind the first colon that follows a known ending, else behind the first one."""
    known = re.match(r"(.*?\.(?:ya?ml|json|toml)):(.*)", reference, re.DOTALL | re.IGNORECASE)
    if known is not None:
        return known[1], known[2]
    file, _, key = reference.partition(":")
    return file, key
