"""The array namespace of one number: what a formula's `xp` is when a schedule is asked for one step.

It has the names that NumPy, `jax.numpy` and `torch` have in common, so that every formula is written once. Where
`math` would raise, so does this; the caller knows the step and the place in the text and tells the user. It is a module
as they are, since Python calls what a module has faster than what another object has.
"""

from __future__ import annotations

from math import pi
from operator import getitem as take

from .operations import KERNELS

if taken := KERNELS.keys() & {"pi", "take"}:
    raise TypeError(f"no kernel can be called {taken}")
globals().update({name: kernel.scalar for name, kernel in KERNELS.items() if name.isidentifier()})

__all__ = ["pi", "take", *filter(str.isidentifier, KERNELS)]
