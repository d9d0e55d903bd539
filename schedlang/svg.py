"""Pictures of bound schedules as SVG, made without any other package."""

from ._pictures.svg import DARK as DARK
from ._pictures.svg import LIGHT as LIGHT
from ._pictures.svg import Theme as Theme
from ._pictures.svg import draw

__all__ = ["draw"]
