"""Pictures of bound schedules with matplotlib, which the extra `schedlang[plot]` has."""

from ._pictures.matplotlib import plot, save

__all__ = ["plot", "save"]
