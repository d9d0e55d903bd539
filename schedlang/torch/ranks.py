"""Processes that train together: whether an event has the same time in all of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NoReturn

from torch import distributed

from .._text.errors import fail

PATIENCE: Final = timedelta(seconds=60)
"""How long the others are waited for."""

SETTLED: Final = 2
"""After how many updates all have been told: one waits for all, so by then each has been where the first was told."""

_BUILT: Final[Counter[str]] = Counter()


class Ranks:
    """The schedulers of the same texts in all processes, and what each was told of events.

    That stands in the store in which the processes have found one another. No collective call: who is told nothing, or
    at another step, would wait for ever in the next one of the training's.
    """

    @classmethod
    def of(cls, texts: object) -> Ranks | None:
        """Those of a scheduler that is built now; None, if this process trains alone."""
        together = distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1
        if not together or distributed.get_backend() == "fake":
            return None
        name = hashlib.sha256(repr(texts).encode()).hexdigest()
        _BUILT[name] += 1
        store = distributed.distributed_c10d._get_default_store()
        return cls(store, f"schedlang/{name}/{_BUILT[name]}")

    def __init__(self, store: Any, place: str) -> None:
        self._store, self._place, self._count = store, place, 0
        store.add(f"{place}/built", 1)

    def told(self, step: int, times: Mapping[str, str]) -> None:
        """Events were given times here, after a step.

        Raises:
            ScheduleError: E607, if another process was told something else.
        """
        self._count += 1
        place, mine = f"{self._place}/{self._count}", json.dumps([step, times], sort_keys=True)
        first = self._store.compare_set(f"{place}/times", "", mine).decode()
        if first != mine:
            _disagreed(f"{_in_words(mine)} here, and {_in_words(first)} in another process")
        count = self._store.add(f"{place}/told", 1)
        self._store.set(f"{place}/told/{count}", "")

    def settled(self) -> None:
        """Make sure that all others were told.

        Raises:
            ScheduleError: E607, if one was not.
        """
        place = f"{self._place}/{self._count}"
        built = self._store.add(f"{self._place}/built", 0)  # by now: one may have been told before others were there
        try:
            self._store.wait([f"{place}/told/{built}"], PATIENCE)
        except distributed.DistStoreError:
            told = self._store.add(f"{place}/told", 0)
            times = _in_words(self._store.get(f"{place}/times").decode())
            _disagreed(f"{times} in {told} of {built} processes, and not in the others")


def _in_words(told: str) -> str:
    step, times = json.loads(told)
    return f"{', '.join(f'`{name}={time}`' for name, time in times.items())} at step {step}"


def _disagreed(how: str) -> NoReturn:
    message = f"processes that train together were told different things: {how}"
    fail(None, "E607", message, "let one decide, and send the time to the others before all of them call `change`")
