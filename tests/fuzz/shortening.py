"""Makes a text that was found as short as it goes: tokens are left out for as long as the same is found."""

from collections.abc import Callable

from .mutation import pieces
from .target import examine


def findings(text: str) -> set[str]:
    """What is found with a text, in a word each."""
    return {what for what, _ in examine(text).findings}


def shortened(text: str, found: Callable[[str], bool]) -> str:
    """The text with as many tokens left out, then characters, as leave it found.

    >>> shortened("warmup(5%) then cosine for 1e300 steps", lambda text: "1e300 steps" in text)
    '1e300 steps'
    """
    for split in (pieces, list):
        before = None
        while before != text:
            before = text
            text = _once(split(text), found)
    return text


def _once(parts: list[str], found: Callable[[str], bool]) -> str:
    """The text of the parts, with the longest runs that it can spare left out."""
    size = max(1, len(parts) // 2)
    while size:
        place = 0
        while place < len(parts):
            fewer = parts[:place] + parts[place + size :]
            if found("".join(fewer)):
                parts = fewer
            else:
                place += size
        size //= 2
    return "".join(parts)
