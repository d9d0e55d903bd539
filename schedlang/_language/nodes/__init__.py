# ruff: noqa: F401
# mypy: implicit-reexport
"""The schedule nodes: what users hold, print, compare, hash, pickle and build from Python. One family a file."""

from .arithmetic import Apply, Negative, Power, Product, Sum
from .base import Schedule
from .clauses import CLAUSES, Clause, Every, For, Over, Repeat, Skip, Until
from .composition import Definition, Then, Where
from .constants import Constant, Hold
from .decays import ExponentialDecay, InvSqrt
from .primitive import PRIMITIVES, Primitive, primitive
from .ramps import Cosine, Exponential, Linear, OneMinusSqrt, Poly, Ramp, Warmup
from .scalars import Name, Number, Quantity, Variable
from .steps import StepDecreasing, StepFixed, StepInterval
from .tables import Key, Keyframes, Values
