"""The pointwise functions, for building schedules in Python: `functions.max(cosine(), 1e-5)`."""

from ._language.functions import abs, ceil, clip, cos, exp, floor, log, max, min, round, sin, sqrt, tanh

__all__ = ["abs", "ceil", "clip", "cos", "exp", "floor", "log", "max", "min", "round", "sin", "sqrt", "tanh"]
