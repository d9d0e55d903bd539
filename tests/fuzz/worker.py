"""One process that makes texts and examines them: `python -m tests.fuzz.worker guided|blind SEED FILE`.

It prints its tally as a line of JSON every other second, for ever, and keeps the text it is at in FILE, so that the
process that started it can say what killed it. *Guided*: atheris chooses texts by the lines of schedlang they reach.
*Blind*: they are made without a look at what they reach; quicker, and nothing has to be installed.
"""

import contextlib
import json
import mmap
import resource
import signal
import sys
import tempfile
import time
import traceback
import zlib
from pathlib import Path
from random import Random
from typing import Any

MOST = 66_000
"""Characters in a text: some more than the limit of the language."""
EVERY = 2.0
ADDRESS_SPACE = 4 << 30
"""Bytes: more is a MemoryError, and a finding."""
PATIENCE = 20.0
"""Seconds of processor time after which a text is given up."""
WHOLE = 8
"""One text in so many is examined as a whole."""
KEPT = 2_000_000
"""Texts remembered so that none is counted twice."""


class GivenUp(BaseException):  # not an Exception: nothing that handles errors shall handle it
    """A text has taken too long."""


def give_up(*_: Any) -> None:
    raise GivenUp


class Worker:
    """Examines texts, and reports."""

    def __init__(self, current: Path) -> None:
        from .tally import Tally
        from .target import examine

        signal.signal(signal.SIGPROF, give_up)
        for text in ("cosine", "cosin", "cosine("):  # the first ones load what they need
            examine(text)
        self.tally = Tally()
        self.known: set[int] = set()
        self.reported = time.monotonic()
        with current.open("r+b") as file:
            self.current = mmap.mmap(file.fileno(), 0)

    def examine(self, text: str) -> Any:
        """Examine a text, if it is new."""
        from .tally import Finding
        from .target import Outcome, examine

        key = hash(text)
        if key in self.known:
            return None
        if len(self.known) < KEPT:
            self.known.add(key)
        data = text.encode("utf-8", "surrogatepass")[: len(self.current) - 8]
        self.current[: 8 + len(data)] = len(data).to_bytes(8, "little") + data
        start = time.thread_time()
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        try:
            outcome = examine(text, zlib.crc32(data) % WHOLE == 0)
        except GivenUp as error:
            where = "".join(traceback.format_exception(error)[-12:])
            outcome = Outcome(text, seconds=PATIENCE)
            self.tally.note(Finding("hangs", text, where[-4000:]))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.tally.add(outcome, time.thread_time() - start)
        if time.monotonic() - self.reported > EVERY:
            self.report()
        return outcome

    def report(self) -> None:
        self.reported = time.monotonic()
        print(json.dumps(self.tally.as_data()), flush=True)


def blind(seed: int, current: Path) -> None:
    """Texts of the mutator; those that turn out valid in a new way are mutated again."""
    from .mutation import Mutator
    from .vocabulary import corpus

    rng = Random(seed)
    pool = corpus()
    first = len(pool)
    worker = Worker(current)
    mutator = Mutator(rng, pool, MOST)
    while True:
        text = mutator.text()
        outcome = worker.examine(text)
        if outcome is not None and outcome.valid and outcome.bound and len(text) < 300 and rng.random() < 0.2:
            if len(pool) < 3000:
                pool.append(text)
            else:
                pool[rng.randrange(first, len(pool))] = text


def guided(seed: int, current: Path) -> None:
    """Texts of atheris."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["schedlang"]):
        from .mutation import Mutator
        from .target import examine
        from .vocabulary import CORPUS, corpus, dictionary

        pool = corpus()
        for text in pool[:20]:  # so that what is imported late is instrumented, too
            examine(text)
    worker = Worker(current)

    def one(data: bytes) -> None:
        worker.examine(data.decode("utf-8", "surrogateescape"))

    def mutated(data: bytes, most: int, chance: int) -> bytes:
        rng = Random(chance)
        if rng.random() < 0.4:
            return bytes(atheris.Mutate(data, most))
        mutator = Mutator(rng, pool, MOST)
        text = mutator.mutated(data.decode("utf-8", "replace")) if rng.random() < 0.8 else mutator.text()
        return text.encode("utf-8", "replace")[:most]

    folder = tempfile.mkdtemp(prefix="schedlang-fuzz-", dir=current.parent)
    words = current.with_suffix(".dict")
    words.write_text(dictionary(), encoding="utf-8")
    options = [
        f"-dict={words}",
        f"-seed={seed % 2**31 + 1}",
        f"-max_len={MOST}",
        "-rss_limit_mb=0",
        "-timeout=900",
    ]
    atheris.Setup([sys.argv[0], *options, "-verbosity=0", folder, str(CORPUS)], one, custom_mutator=mutated)
    atheris.Fuzz()


def main() -> None:
    engine, seed, current = sys.argv[1:]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    {"blind": blind, "guided": guided}[engine](int(seed), Path(current))


if __name__ == "__main__":
    main()
