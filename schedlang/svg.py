"""Pictures of bound schedules as SVG, made without any other package."""

from ._pictures.svg import DARK, LIGHT, Theme, draw

__all__ = ["DARK", "LIGHT", "Theme", "draw"]
