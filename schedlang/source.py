"""Texts and places in them."""

from ._text.source import Place, Source, Span

__all__ = ["Place", "Source", "Span"]
