"""What a checkpoint of a run may be loaded into instead, as a trainer with any adapter has to refuse it."""

from typing import Any

import pytest

TEXT = "warmup(5%) then cosine"

changed = pytest.mark.parametrize(
    ("text", "total", "told"),
    [
        ("warmup(5%) then linear", 20, "the text of `lr`"),
        (TEXT, 40, "`total_steps` is `40` here, and was `20`"),
        ({"lr": TEXT, "weight_decay": "0"}, 20, "`weight_decay`"),
    ],
    ids=["another text", "another length", "another key"],
)


def rate_of(texts: Any) -> Any:
    """The text of the learning rate."""
    return texts["lr"] if isinstance(texts, dict) else texts
