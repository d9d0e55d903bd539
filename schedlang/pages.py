"""Bound schedules as an HTML page that needs nothing else: the picture, the values under the pointer, the phases."""

from ._pictures.html import page

__all__ = ["page"]
