"""schedlang: the language for hyperparameter schedules.

A schedule is one line of text, and a pure function of the step.

>>> import schedlang
>>> lr = schedlang.parse("warmup(5%) then cosine").bind(total_steps=10_000, base=3e-4)
>>> lr(0), lr(250), lr(500), lr(10_000)
(0.0, 0.00015, 0.0003, 0.0)
>>> print(lr.schedule)
warmup(5%) then cosine

Or in Python:

>>> from schedlang import cosine, warmup
>>> warmup("5%").then(cosine()) == lr.schedule
True
"""

from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:
    from ._bound.public import *  # noqa: F403  # its list is the only one
    from ._transfer.transcribing.answer import *  # noqa: F403
else:  # a checker would take any name for granted

    def __getattr__(name: str) -> object:
        """Load everything when the first name is asked for, so that importing schedlang alone costs next to nothing.

        They stand in the `__all__` of two modules; what tools ask of any module has an underscore.
        """
        missing = AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name.startswith("_") and name != "__all__":
            raise missing
        try:
            from ._bound import public
            from ._transfer.transcribing import answer
        except AttributeError as error:  # as one of ours it would read as if the name were missing
            raise ImportError(f"schedlang cannot be loaded: {error}") from error
        offered = {each: getattr(module, each) for module in (public, answer) for each in module.__all__}
        if name != "__all__" and name not in offered:
            raise missing
        globals().update(offered, __all__=sorted(offered))
        return globals()[name]

    def __dir__() -> list[str]:
        return __getattr__("__all__")
