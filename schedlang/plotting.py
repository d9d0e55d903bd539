"""Plots of bound schedules in a terminal."""

from ._pictures.terminal import Style, plot

__all__ = ["Style", "plot"]
