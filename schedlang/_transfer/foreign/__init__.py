"""Configs of other systems as schedules, each proven with the system's own library where it is installed.

A config is a mapping, a list, a call in a Python file, or the arguments of a command line: `config` reads it key by
key, and knows what was taken, and where it stands. `system` declares what a system is: a `System` recognizes its
configs and reads them, and gives a `Rule` for each schedule: its text, what the config says of the run, and the
library's own values. `systems` lists all. `imported` puts these together: `from_config`, and the `Proof` that all
values are equal. `lengths` and `pieces` have what several systems share, `arguments` reads command lines, `calls`
Python's calls. Files are looked through in `_files/foreign.py`.

How to add a system: one module, with

- `_recognizes(value) -> bool`, which is asked of each mapping and list of a file, and so should say yes only to what is
  plainly its own. A call in a Python file is a mapping of its keywords; `"()"` has the dotted name that is called,
  `"#0"` its first positional argument.
- `_read(config, told) -> Iterator[Rule]`. Take each value by `config.number`, `whole`, `share`, `word`, `flag`,
  `numbers` or `below`, with `stays=True` if the trainer goes on needing it; `config.finish("what")` refuses the keys
  that are left, where the system knows no others; `config.refuse(key, …)` and `config.note(key, …)` tell at the key's
  place. Write the text by rule, in `base` where the system multiplies the learning rate. Where a rule needs the length
  of the run, ask `told`, and refuse with E607 without it.
- the `values` of a rule: a function of the total that imports the library when it is called, and asks it for all steps.
  Never write the library's formula down once more: that would prove nothing.
- `NAME = System(…)`, listed in `systems`; a row in `docs/importing.md`; a test in `tests/frameworks/test_foreign_….py`
  that compares each kind at every step. Where the library can't be installed beside the tests', its values go to
  `tests/oracles/`.
"""

from .config import CALLED, POSITION, SPREAD, Config, dotted
from .imported import Imported, Proof, from_config, imported, recognized, system_called, told_of
from .system import TOLD_RATES, Rule, System, Told

__all__ = [
    "CALLED",
    "POSITION",
    "SPREAD",
    "TOLD_RATES",
    "Config",
    "Imported",
    "Proof",
    "Rule",
    "System",
    "Told",
    "dotted",
    "from_config",
    "imported",
    "recognized",
    "system_called",
    "told_of",
]
