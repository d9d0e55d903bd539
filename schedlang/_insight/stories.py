"""The story of each code: what is wrong, why that is so, a text that gets it, and one that doesn't. The only "
"such list.

`schedlang explain-error E203` tells one of them, and
`python -m schedlang._insight.stories docs/errors.md` writes them all down.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from .lint import linting


class Story(NamedTuple):
    """What a code is about.

    Attributes:
        title: what is wrong, in a few words.
        why: why it is, and what to do.
        wrong: a text that gets this code alone; None if no short text does.
        right: the text put right.
        run: what both are bound to; None if the text alone is wrong.
        show: an example of another kind, in words: a file, a call.
    """

    title: str
    why: str
    wrong: str | None = None
    right: str | None = None
    run: Mapping[str, Any] | None = None
    show: str | None = None


_STEPS: Final[Mapping[str, Any]] = {"total_steps": 1000}

_ERRORS: Final[dict[str, Story]] = {
    "E101": Story(
        "the text is empty",
        "Blanks and comments alone are no schedule. For a constant write its number.",
        "# lr: 3e-4",
        "3e-4  # lr",
    ),
    "E102": Story(
        "a character that means nothing",
        "The language has letters, digits, and the signs `+ - * / ** % @ = , ( ) [ ] #`, all of them ASCII. Signs of "
        "other languages have words here: phases are joined by `then`, a power is `**`.",
        "warmup(5%) | cosine",
        "warmup(5%) then cosine",
    ),
    "E103": Story(
        "the text ends too early",
        "Something has to follow the last word. If the text comes from a YAML file, a ` #` or a line end may "
        "have cut it.",
        "warmup(5%) then",
        "warmup(5%) then cosine",
    ),
    "E104": Story(
        "a bracket without its partner",
        "Each `(` needs a `)`, each `[` a `]`. If the text comes from a YAML file, a comma in `{…}` may have "
        "cut it: put "
        "it in quotes.",
        "warmup(5% then cosine",
        "warmup(5%) then cosine",
    ),
    "E105": Story(
        "the text is too long",
        "A text has at most 65 536 characters, so that no text can keep a program busy. What recurs is said by "
        "`repeat`, "
        "and long tables can be built in Python: `schedlang.values([…])`.",
    ),
    "E106": Story(
        "nested too deeply",
        "Brackets, clauses and operators stand in one another at most 100 levels deep, definitions included. "
        "Give a part "
        "of it a name behind `where`, or write it flatter.",
    ),
    "E107": Story(
        "a word or sign in the wrong place",
        "Often a `then`, a comma or a bracket before it is missing, or a word is misspelled. Phases are joined "
        "by `then`.",
        "warmup(5%) cosine",
        "warmup(5%) then cosine",
    ),
    "E108": Story(
        "a number with too many digits or too large an exponent",
        "Numbers are kept exactly as they are written, with at most 400 digits and a power of ten up to 400.",
        "1e-1000",
        "1e-100",
    ),
    "E109": Story(
        "not a text and not a number",
        "A schedule is given as text or, if it is constant, as a number. YAML may have made something else of it.",
        show='`schedlang.parse(None)`, where `schedlang.parse("cosine")` was meant',
    ),
    "E201": Story(
        "an unknown function or ramp",
        "`schedlang primitives` lists all schedules. In words, `linear from 0 to 1`, only ramps can be written.",
        "warmup(5%) then cosin(3e-4, 0)",
        "warmup(5%) then cosine(3e-4, 0)",
    ),
    "E202": Story(
        "an unknown argument",
        "`schedlang primitives NAME` tells what a schedule takes. Its end is `end`, its length `duration`, a step's "
        "factor `factor`, whatever other systems call them.",
        "cosine(1, eta_min=0)",
        "cosine(1, end=0)",
    ),
    "E203": Story(
        "an argument is missing, or a list is empty",
        "Some arguments have no value that would suit everybody. How long a warm-up lasts is one of them.",
        "warmup then cosine",
        "warmup(5%) then cosine",
    ),
    "E204": Story(
        "an argument is given twice",
        "Once by its position and once by its name, or twice by its name.",
        "cosine(1, 0, start=2)",
        "cosine(1, 0)",
    ),
    "E205": Story(
        "too many arguments",
        "A call takes no more than the arguments that it has; words such as `inclusive=left` are given by name.",
        "hold(3)",
        "3",
    ),
    "E206": Story(
        "a ramp with a single value",
        "`cosine(0.1)` could begin or end there, and systems differ in what they mean by it. So both are given, "
        "or the "
        "one by its name.",
        "cosine(0.1)",
        "cosine(end=0.1)",
    ),
    "E207": Story(
        "a reserved name is defined",
        "The words of the language, `base`, `pi`, `step`, `progress` and the names of schedules mean what they mean.",
        "pi * cosine where pi = 3",
        "pi_value * cosine where pi_value = 3",
    ),
    "E208": Story(
        "a name is defined twice",
        "Only one of the definitions could count.",
        "a * cosine where a = 1, a = 2",
        "a * cosine where a = 1",
    ),
    "E209": Story(
        "a definition is not used",
        "It would change nothing, so it is a slip: of its name, or of the name in the text.",
        "cosine(peak, 0) where peek = 3e-4",
        "cosine(peak, 0) where peak = 3e-4",
    ),
    "E210": Story(
        "a definition uses itself or a later one",
        "Definitions are read in their order, each may use those before it.",
        "cosine(a, b) where b = a / 10, a = 1",
        "cosine(a, b) where a = 1, b = a / 10",
    ),
    "E211": Story(
        "an unknown unit",
        "Time is counted in steps, `%` of the run, epochs (`ep`), `samples` and tokens (`tok`). Thousands, millions, "
        "billions are `10k`, `5M`, `2B`.",
        "cosine for 5 weeks",
        "cosine for 5 epochs",
    ),
    "E212": Story(
        "an argument by position behind one by name",
        "As in Python, arguments by position come first.",
        "cosine(end=0, 1)",
        "cosine(1, end=0)",
    ),
    "E213": Story(
        "not one of the words that an argument takes",
        "Such an argument takes one word of a short list.",
        "cosine(1, 0, inclusive=all)",
        "cosine(1, 0, inclusive=both)",
    ),
    "E301": Story(
        "a duration where a value or number belongs",
        "`5%` is always a length of time. A twentieth is `0.05`.",
        "cosine(1, 5%)",
        "cosine(1, 0.05)",
    ),
    "E302": Story(
        "not a duration",
        "Behind `for`, `until`, `over`, `skip` and `every` stands a length of time.",
        "hold for cosine",
        "hold for 10% then cosine",
    ),
    "E303": Story(
        "not a whole number of steps, or `1.0`",
        "A whole number is steps, a decimal between 0 and 1 is a share of the run. `2.5` is neither, and `1.0` "
        "could be "
        "both, so say which.",
        "hold for 1.0",
        "hold for 100%",
    ),
    "E304": Story(
        "a duration that is not exact, or calculated in a way that means nothing",
        "Times are calculated exactly, so that each boundary is one step and no other. Times are added and "
        "multiplied by "
        "numbers; a time times a time is none.",
        "hold for 5% * 5%",
        "hold for 5% * 5",
    ),
    "E305": Story(
        "a list or key where none belongs, or none where one does",
        "Lists stand in brackets and only in arguments that take several numbers; `value @ time` only in `keyframes`.",
        "step_fixed(0.1, 30%)",
        "step_fixed(0.1, [30%])",
    ),
    "E306": Story(
        "a phase before `then` has no end",
        "The next phase would never begin. Say how long it lasts, or until when. Only the last phase may be "
        "without end.",
        "hold then cosine",
        "hold for 10% then cosine",
    ),
    "E307": Story(
        "a place that has always passed",
        "`until 20%` is a place in the run, not a length: behind `until 50%` it has always passed.",
        "hold until 50% then cosine until 20%",
        "hold until 50% then cosine until 70%",
    ),
    "E308": Story(
        "a repeated body has no length",
        "`cosine` alone lasts to the end of the run, so a second copy would never begin. Say how long one copy is.",
        "cosine(1, 0) repeat 3",
        "(cosine(1, 0) for 10ep) repeat 3",
    ),
    "E309": Story(
        "`until` or `for rest` in a repeated body",
        "They mean a place in the run, which is the same for every copy. `over` gives each copy a run of its own.",
        "(hold until 50% then cosine for 5) repeat 3",
        "((hold until 50% then cosine) over 10ep) repeat 3",
    ),
    "E310": Story(
        "`stretch` of a body without `for` or `over`",
        "`stretch` makes the length longer from copy to copy, so the body has to say it outermost.",
        "values([1, 2]) repeat 3 stretch 2",
        "values([1, 2]) for 2 repeat 3 stretch 2",
    ),
    "E311": Story(
        "`scale` of a body that does not state its start",
        "`scale` makes the values lower from copy to copy. `hold` and `cosine` alone go on from what they are "
        "handed, "
        "which is lower already.",
        "cosine for 10ep repeat 3 scale 0.5",
        "cosine(1, 0) for 10ep repeat 3 scale 0.5",
    ),
    "E312": Story(
        "a number or duration out of range",
        "The formula has no value there: factors that are powers cannot be negative, lengths are zero or more.",
        "interval(-1, every=5)",
        "interval(0.5, every=5)",
    ),
    "E313": Story(
        "a number too large for a float",
        "Values are floats, and the largest is 1.8e308.",
        "1e309",
        "1e308",
    ),
    "E314": Story(
        "a Python value that cannot be part of a schedule",
        "Schedules are built of numbers, texts and schedules.",
        show="`schedlang.cosine(1, [0])`, where `schedlang.cosine(1, 0)` was meant",
    ),
    "E315": Story(
        "something that changes where a number belongs",
        "Arguments are numbers, fixed for the whole run. What changes is calculated outside of the call.",
        "cosine(step, 0)",
        "step * cosine(1, 0)",
    ),
    "E401": Story(
        "the run does not say enough",
        "`5%` needs the length of the run, `30ep` the steps in an epoch, and so on. Only what the text uses has "
        "to be "
        "told.",
        "warmup(500) then cosine for 30ep",
        "warmup(500) then cosine for 30k",
        _STEPS,
    ),
    "E402": Story(
        "a parameter is not given",
        "A name that the text does not define is a parameter, which `bind` has to be given: `bind(1000, "
        "peak=3e-4)`. A "
        "misspelled schedule without parentheses is one, too.",
        "warmup(5%) then cosin",
        "warmup(5%) then cosine",
        _STEPS,
    ),
    "E403": Story(
        "a parameter that the text does not have",
        "It would change nothing, so it is a slip: of its name, or of the name in the text.",
        show='`parse("peak * cosine").bind(1000, peek=3e-4)`, where `peak=3e-4` was meant',
    ),
    "E404": Story(
        "something wrong with what `bind` or `when` was given",
        "The length of the run is a whole number of steps, at least 1, or a duration that is no share of the "
        "run. Rates are numbers above zero. A condition for `when` is a comparison with a number, or a number.",
        show='`parse("cosine").bind(-1)`, where `bind(1000)` was meant',
    ),
    "E405": Story(
        "a duration that is negative, or zero where it may not be, in this run",
        "A difference of times can be positive in a long run and negative in a short one. `max(…, 0)` makes it safe.",
        "hold for 5% - 100 then cosine",
        "hold for max(5% - 100, 0) then cosine",
        _STEPS,
    ),
    "E406": Story(
        "a value that is not finite",
        "A schedule has a finite value at every step. A division by zero, a root or logarithm of less than zero "
        "has none.",
        "1 / step",
        "1 / (step + 1)",
        _STEPS,
    ),
    "E407": Story(
        "not a step",
        "Steps are integers from 0 on, and arrays of values need to know where to stop.",
        show='`parse("cosine").bind(1000)(-1)`, where a step of 0 or more was meant',
    ),
    "E408": Story(
        "too many phases",
        "A run has at most 100 000 phases that are laid out one by one.",
        show='`parse("hold for 1 repeat").bind(10**6)`',
    ),
    "E409": Story(
        "a duration too large, or too finely divided",
        "Times are kept exactly, within 4096 bits.",
        "hold for 9 ** 9 ** 9",
        "hold for 9 ** 9",
        _STEPS,
    ),
    "E410": Story(
        "a `repeat` without end of a body without length",
        "In this run the body has no whole step, so it would be repeated forever on the spot.",
        "hold for 0 repeat",
        "hold for 1 repeat",
        _STEPS,
    ),
    "E411": Story(
        "a picture that cannot be drawn",
        "A logarithmic axis has no place for values that are not above zero; a picture ends after it starts, and has a "
        "size that can be read; what it shows is bound to a run.",
        show='`schedlang plot "0" --total 10 --log`, where no `--log` was meant',
    ),
    "E412": Story(
        "a schedule that torch or JAX cannot calculate from a traced step",
        "A few schedules, such as copies that all depend on one another, can't be written as one expression of "
        "the step. "
        "`bound.bake()` makes a table of them.",
    ),
    "E413": Story(
        "a dtype that values can't be of",
        "Values are floats, so a table or an array of them has a floating dtype. An integer one would cut them off.",
        show='`bound.bake("int32")`, where `bound.bake("float32")` was meant',
    ),
    "E501": Story(
        "no such file, or it cannot be read",
        "`train.yaml:optim.lr` is a key in a file, looked for in the current directory.",
        show="`schedlang check tarin.yaml:lr`, where `train.yaml:lr` was meant",
    ),
    "E502": Story(
        "a package is missing that this needs",
        "Reading YAML, plotting and so on need packages that schedlang itself does not; the message says which.",
        show="`pip install schedlang[yaml]`",
    ),
    "E503": Story(
        "not a config file",
        "Schedules are looked up in YAML, JSON and TOML files.",
        show="`schedlang check train.py:lr`, where `train.yaml:lr` was meant",
    ),
    "E504": Story(
        "the file is not well-formed",
        "The message is that of the reader of YAML, JSON or TOML, with its line and column.",
        show='`{"lr": "cosine"`, which lacks a `}`',
    ),
    "E505": Story(
        "no such key in the file",
        "Keys are joined by points, lists are counted from 0: `optim.groups.0.lr`.",
        show="`train.yaml:optm.lr`, where `train.yaml:optim.lr` was meant",
    ),
    "E506": Story(
        "what stands there is not the text of a schedule",
        "A schedule is text or a number. A mapping, a list or nothing stands there.",
        show='`lr: [1, 2]`, where `lr: "values([1, 2])"` was meant',
    ),
    "E507": Story(
        "YAML cut the text",
        "In braces and brackets YAML cuts at each comma, and everywhere at a blank with a `#` behind it. Quotes "
        "keep the "
        "text whole.",
        show='`{lr: linear(0, 1)}`, where `{lr: "linear(0, 1)"}` was meant',
    ),
    "E508": Story(
        "YAML does not take the text as it is",
        "A plain value cannot begin with `%`, `@`, `*`, `&`, `[` and a few more, nor hold a colon with a blank "
        "behind it.",
        show='`lr: *cosine`, where `lr: "cosine"` was meant',
    ),
    "E509": Story(
        "a sweep where one schedule was meant",
        "Hydra makes a sweep of `a,b` and of `interval(…)`. Quote the value twice, once for the shell and once "
        "for Hydra.",
        show="`s=interval(0.5,every=5)`, where `'s=\"interval(0.5, every=5)\"'` was meant",
    ),
    "E510": Story(
        "a wrong setting",
        "`[tool.schedlang]` in `pyproject.toml` says which files and keys are checked.",
        show='`key = "lr"`, where `keys = ["lr"]` was meant',
    ),
    "E511": Story(
        "a key that several documents have",
        "A YAML file may have several documents, with `---` between them. `FILE:KEY` is what stands at the key in the "
        "one document that has it. `schedlang check FILE` looks at all of them.",
        show="`schedlang explain all.yaml:lr`, where two documents of the file have an `lr`",
    ),
    "E601": Story(
        "no such hyperparameter",
        "What is scheduled has to be there, and has to be a number: a key of all of an optimizer's groups, such as "
        "`lr`, or one of several numbers, such as `betas[0]`.",
        show='`{"momentum": "linear(0.85, 0.95)"}` for AdamW, where `betas[0]` was meant',
    ),
    "E602": Story(
        "a group without a schedule, or a pattern without a group",
        "Where groups get schedules of their own, each group needs one, and each pattern has to be the first that "
        "matches some group. `*` matches all groups; it stands last.",
        show='`{"lr": {"*.bias": "cosine"}}`, where `{"lr": {"*.bias": "cosine", "*": "linear"}}` was meant',
    ),
    "E603": Story(
        "the checkpoint is of another text or run",
        "A schedule is a function of the step, so another text or another length is another past as well. Say what you "
        "want: `keep` goes on with what is given here, at the checkpoint's step; `replace` takes what is in the "
        "checkpoint.",
        show='`Scheduler(optimizer, "cosine", total_steps=2000, on_mismatch="keep")`',
    ),
    "E604": Story(
        "something is wrong with a set of schedules",
        "A set maps names to schedules. The names have to be among those that the host knows, if it says which those "
        "are. Under `where` stand definitions that all texts may use: each is used by one of them, and defined once.",
        show='`ScheduleSet({"lrr": "cosine"}, known=["lr"])`, where `lr` was meant',
    ),
    "E605": Story(
        "a foreign config with something that its library doesn't have",
        "A kind, a field or a value in a config of another library is not one of its own. Many libraries ignore a "
        "mistyped field; here it is an error.",
        show='`from_noether({"kind": "CosineDecreasingSchedule", "max_valeu": 1e-3})`, where `max_value` was meant',
    ),
    "E606": Story(
        "a foreign config without a counterpart",
        "The other library can do this, and the language can't, or not in the same way. The hint says what comes near.",
        show="`from_kappaschedules` of an object of a class of your own",
    ),
    "E607": Story(
        "a wrong or missing argument of an adapter",
        "A framework's adapter was given something else than it takes, or lacks what it needs.",
        show="`scheduler.step(loss)`, where `scheduler.step()` was meant: a schedule depends on the step alone",
    ),
}

_RUN_OF_WARNINGS: Final[Mapping[str, Any]] = {"total_steps": 1000, "steps_per_epoch": 100}

STORIES: Final[dict[str, Story]] = {
    **_ERRORS,
    **{
        code: Story(each.title, each.why, each.wrong, each.right, _RUN_OF_WARNINGS if each.by_run else None)
        for code, each in linting.STORIES.items()
    },
}
"""The stories by their codes."""

_GROUPS: Final = {
    "E1": "The text",
    "E2": "Names and arguments",
    "E3": "Kinds, units and ranges",
    "E4": "Binding and evaluation",
    "E5": "Config files",
    "E6": "Frameworks and sets of schedules",
    "W5": "Warnings",
}


def story(code: str) -> str:
    """The story of a code, for a terminal.

    >>> print(story("E101"))
    E101: the text is empty
    <BLANKLINE>
    Blanks and comments alone are no schedule. For a constant write its number.
    <BLANKLINE>
    wrong:
        # lr: 3e-4
    <BLANKLINE>
    right:
        3e-4  # lr
    """
    import textwrap

    told = STORIES[code]
    lines = [f"{code}: {told.title}", "", *textwrap.wrap(told.why, 80, break_on_hyphens=False)]
    if told.wrong is not None and told.right is not None:
        run = _run(told)
        lines += ["", f"wrong{run}:", f"    {told.wrong}", "", f"right{run}:", f"    {told.right}"]
    if told.show is not None:
        lines += ["", "for example:", f"    {told.show}"]
    return "\n".join(lines)


def _run(told: Story) -> str:
    """The run of the examples, in words."""
    if told.run is None:
        return ""
    steps, epoch = told.run["total_steps"], told.run.get("steps_per_epoch")
    return f", in a run of {steps} steps" + ("" if epoch is None else f", {epoch} an epoch")


def page() -> str:
    """`docs/errors.md`."""
    parts = [
        "# Errors and warnings\n\n"
        "All codes, what they mean, and what to do. The same is told by `schedlang explain-error E203`. Codes don't "
        "change.\n\n"
        "*Written by `python -m schedlang._insight.stories docs/errors.md`.*\n"
    ]
    for prefix, title in _GROUPS.items():
        codes = sorted(each for each in STORIES if each.startswith(prefix))
        parts += [f"## {title}\n"] if codes else []
        for code in codes:
            parts.append(_section(code, STORIES[code]))
    return "\n".join(parts)


def _section(code: str, told: Story) -> str:
    lines = [f"### {code}: {told.title}\n", f"{told.why}\n"]
    if told.wrong is not None and told.right is not None:
        run = _run(told)
        lines += [f"Wrong{run}:\n\n```\n{told.wrong}\n```\n", f"Right:\n\n```\n{told.right}\n```\n"]
    if told.show is not None:
        lines.append(f"For example {told.show}.\n")
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
