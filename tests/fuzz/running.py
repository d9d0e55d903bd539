"""Several processes that fuzz, and one that watches them, adds up what they say, and starts anew what died."""

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import attrs

from . import FOLDER
from .tally import Finding, Tally, slowest
from .target import SECONDS, examine

ROOM = 1 << 19
SILENCE = 120.0
"""Seconds without a word from a process after which its text is taken to hang."""


def engines(wanted: str, processes: int) -> list[str]:
    """The engine of each process: as wanted, or both in turns if atheris is installed, and blind if not.

    >>> engines("blind", 3)
    ['blind', 'blind', 'blind']
    """
    there = importlib.util.find_spec("atheris") is not None
    if wanted == "guided" and not there:
        raise SystemExit("atheris is not installed: `pip install atheris`, or use `--engine blind`")
    if wanted == "auto":
        return [("guided", "blind")[place % 2] if there else "blind" for place in range(processes)]
    return [wanted] * processes


def confirmed(tally: Tally) -> Tally:
    """The tally of guided processes with the times of its slowest texts taken anew.

    What watches which lines are reached takes time itself, up to twice as much as all else.
    """
    slow = [(examine(text).seconds, text) for _, text in tally.slowest]
    findings = dict(tally.findings)
    findings.pop("too slow", None)
    again = attrs.evolve(tally, slowest=slowest(slow), findings=findings)
    for seconds, text in slow:
        if seconds > SECONDS:
            again.note(Finding("too slow", text, f"{seconds:.1f} s"))
    return again


class Process:
    """A process that fuzzes, and the last tally it gave; dead ones are followed by others."""

    def __init__(self, engine: str, seed: int, folder: Path) -> None:
        self.engine = engine
        self.seed = seed
        self.current = folder / f"current-{seed}"
        self.current.write_bytes(bytes(ROOM))
        self.past = Tally()
        self.last = Tally()
        self.heard = time.monotonic()
        self.log = (folder / f"log-{seed}").open("w+b")
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        self.heard = time.monotonic()
        module = f"{FOLDER.parent.name}.{FOLDER.name}.worker"
        command = [sys.executable, "-m", module, self.engine, str(self.seed), str(self.current)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=FOLDER.parents[1], errors="replace"
        )
        self.listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self.listener.start()
        return process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if line.startswith('{"texts"') and line.endswith("}\n"):
                    self.last = Tally.of_data(json.loads(line))
                    self.heard = time.monotonic()

    @property
    def tally(self) -> Tally:
        return self.past + self.last

    def watch(self) -> None:
        """If the process has died or is silent, note its text and start another."""
        hangs = time.monotonic() - self.heard > SILENCE
        if self.process.poll() is None and not hangs:
            return
        self.stop()
        what = "hangs" if hangs else f"kills the process ({self.process.returncode})"
        self.log.seek(0)
        detail = self.log.read()[-2000:].decode("utf-8", "replace")
        if not self.last.texts and not hangs:
            raise SystemExit(f"a {self.engine} process does not start:\n{detail}")
        self.past = self.past + self.last
        self.past.note(Finding(what, self.text(), detail))
        self.last = Tally()
        self.seed += 1000
        self.process = self._start()

    def note_silence(self) -> None:
        """At the end: note the text if nothing was heard for so long that it must be what takes the time."""
        silence = time.monotonic() - self.heard
        if silence > SILENCE / 2:
            self.past.note(Finding("hangs", self.text(), f"silent for {silence:.0f} s when the time was over"))

    def text(self) -> str:
        data = self.current.read_bytes()
        return data[8 : 8 + int.from_bytes(data[:8], "little")].decode("utf-8", "surrogatepass")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.listener.join()

    def end(self) -> None:
        self.stop()
        self.log.close()


def fuzz(seconds: float, texts: int, seed: int, chosen: list[str]) -> dict[str, Tally]:
    """Fuzz for at least so many seconds and so many texts; the tally of each engine."""
    with tempfile.TemporaryDirectory(prefix="schedlang-fuzz-") as folder:
        processes = [Process(engine, seed + place, Path(folder)) for place, engine in enumerate(chosen)]
        start = told = time.monotonic()
        try:
            while True:
                time.sleep(0.5)
                for process in processes:
                    process.watch()
                now = time.monotonic()
                total = sum((process.tally for process in processes), Tally())
                if now - told > 30:
                    told = now
                    print(f"{now - start:.0f} s: {total.texts:,} texts, findings: {list(total.findings)}", flush=True)
                if now - start >= seconds and total.texts >= texts:
                    break
        except KeyboardInterrupt:
            print("interrupted; what there is so far:")
        finally:
            for process in processes:
                process.end()
                process.note_silence()
        found: dict[str, Tally] = {}
        for process in processes:
            found[process.engine] = found.get(process.engine, Tally()) + process.tally
        return {engine: confirmed(tally) if engine == "guided" else tally for engine, tally in found.items()}
