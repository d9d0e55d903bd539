"""Fixes: typos are put right, other systems' words are told, several mistakes at once, and none of it takes long."""

import json
import random
import re
from collections import Counter

import pytest
from fuzz.typos import outcome, typos
from helpers import ROOT, SECTION_1, cases, refused, work

from schedlang import ScheduleError, parse
from schedlang._language.nodes import PRIMITIVES
from schedlang._language.nodes.base import Role
from schedlang._language.nodes.scalars import RESERVED
from schedlang._language.operations import FUNCTIONS
from schedlang._text.fixes import foreign
from schedlang._text.fixes.foreign import Measure
from schedlang._text.fixes.slips import put_right
from schedlang._text.run import UNITS


def test_typos_are_put_right() -> None:
    """A fix of a typo is right, always; of the rest, half get an example that is right more often than not."""
    slips = [(typo, text) for text in SECTION_1 for _, typo in typos(text)]
    came = Counter(outcome(typo, text) for typo, text in random.Random(1).sample(slips, 100))
    assert came["fix wrong"] == 0
    assert came["fix right"] > 25
    assert came["example right"] > came["example wrong"]


@pytest.mark.parametrize(("typed", "meant"), [(typed, meant) for typed, (meant,) in cases("slips.jsonl").items()])
def test_what_people_type_is_known(typed: str, meant: str | None) -> None:
    """What they mean is shown, or mended; where nobody can know, nothing is, but there is a hint."""
    assert outcome(typed, meant) in (["nothing"] if meant is None else ["fix right", "example right"])
    (problem, *others) = refused(parse, typed).diagnostics
    for each in (problem, *others):
        assert each.hint
        assert all(quoted in typed for quoted in re.findall("unexpected `(.*?)…?`", each.message))


UNUSUAL = ["1e400", "9" * 420, "5M", "5e399M", "0", "1e-400", "1_000", ".5", "1e9999999999999999999", "100%"]


@pytest.mark.parametrize("number", UNUSUAL)
def test_slips_with_any_number_are_told(number: str) -> None:
    """Whatever number stands in what people type, it is a schedule, or there is an error that can be shown."""
    for typed in list(cases("slips.jsonl"))[UNUSUAL.index(number) :: len(UNUSUAL)]:
        try:
            parse(re.sub(r"(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", number, typed))
        except ScheduleError as error:
            assert str(error)


def test_slips_are_no_texts() -> None:
    """No rule fits a text that is right."""
    cases = (ROOT / "grammar" / "conformance" / "values.jsonl").read_text(encoding="utf-8").splitlines()
    assert not [text for text in (*SECTION_1, *(json.loads(case)["text"] for case in cases)) if put_right(text)]


TABLES = [
    *(("arguments", word) for word in foreign.ARGUMENTS),
    *(("calls", word) for word in foreign.CALLS),
    *(("words", word) for word in foreign.WORDS),
    *(("symbols", word) for word in foreign.SYMBOLS),
    *(("units", word) for word in foreign.UNITS),
]


@pytest.mark.parametrize(("table", "word"), TABLES)
def test_foreign_words_lead_home(table: str, word: str) -> None:
    """Each names its source, says what to do, and is no word of ours at that place."""
    found = getattr(foreign, table.upper())[word]
    assert found.systems
    assert found.here or found.note
    arguments = {argument.name for cls in PRIMITIVES.values() for argument in cls.arguments()}
    known = {
        "arguments": arguments,
        "calls": {*PRIMITIVES, *FUNCTIONS},
        "words": {*RESERVED, "@"},
        "units": set(UNITS),
        "symbols": set(found.here),
    }[table]
    assert set(found.here) <= known


@pytest.mark.parametrize("word", foreign.ARGUMENTS)
def test_foreign_arguments_are_told(word: str) -> None:
    """Wherever an argument of another system is used where ours would fit, ours is named."""
    for name, cls in PRIMITIVES.items():
        takes = {argument.name: argument for argument in cls.arguments()}
        if word in takes:
            continue
        problem = next(
            each for each in refused(parse, f"{name}({word}=1)").diagnostics if each.message.endswith(f"`{word}`")
        )
        assert problem.code == "E202"
        fits = any(each in takes for each in foreign.ARGUMENTS[word].here)
        if fits and foreign.ARGUMENTS[word].note is None:
            assert problem.hint is not None
            assert f"`{word}` ({foreign.ARGUMENTS[word].systems}) is called" in problem.hint


SAMPLES = {
    Measure.VALUE: ("0.25", 0.25),
    Measure.SHARE: ("0.25", 0.25 * 3e-4),
    Measure.STEPS: ("25", 25),
    Measure.TOTAL: ("25", 25),
    Measure.EPOCHS: ("25", 25 * 8),
    Measure.SAMPLES: ("25", 25),
    Measure.TOKENS: ("25", 25),
    Measure.PERCENT: ("25", 0.25 * 1000),
    Measure.PART: ("0.25", 0.25 * 1000),
}
"""A value of each measure, and what it is in a run of 1000 steps, 125 epochs, and with a base of 3e-4."""

NEEDED = {Role.NUMBER: "0.5", Role.DURATION: "5", Role.DURATIONS: "[5]"}


@pytest.mark.parametrize("word", [*foreign.ARGUMENTS, "final_lr_ratio", "num_warmup_epochs", "warmup_tokens"])
def test_foreign_arguments_keep_their_value(word: str) -> None:
    """What is written instead of another system's argument is the same value; a fix is, whatever the run."""
    known = foreign.argument(word)
    assert known is not None
    for name, cls in PRIMITIVES.items():
        takes = {argument.name: argument for argument in cls.arguments()}
        if word in takes or not any(each in takes for each in known.here):
            continue
        here = next(each for each in known.here if each in takes)
        value, meant = SAMPLES.get(known.measure, ("0.25", None))
        value = f"[{value}]" if here == "steps" else value
        required = [each for each in takes.values() if each.parameter.required and each.name not in (here, "keys")]
        given = [*(f"{each.name}={NEEDED[each.parameter.role]}" for each in required), f"{word}={value}"]
        text = f"{name}({', '.join(given)})"
        (problem, *_) = refused(parse, text).diagnostics
        assert problem.fix is None or known.measure in (Measure.VALUE, Measure.STEPS), text
        again = problem.fixed() or problem.example
        if known.measure is Measure.UNCLEAR or meant is None:
            assert again is None, text
        elif again is not None and known.note is None:
            node = parse(again)
            field = getattr(node, takes[here].attribute)
            (argument,) = field if isinstance(field, tuple) else (field,)
            run = {"steps_per_epoch": 8, "samples_per_step": 1, "tokens_per_step": 1}
            if takes[here].parameter.role in (Role.DURATION, Role.DURATIONS):
                stairs = parse(f"0 until {argument} then 1").bind(1000, **run)
                meant = 1000 * meant if meant < 1 else meant
                assert [step for step in range(1000) if stairs(step)][:1] == [meant], text
            else:
                assert parse(f"{argument}").bind(1000, base=3e-4, **run)(0) == pytest.approx(meant), text


@pytest.mark.parametrize(
    "text",
    """
    cosine(T_max=2.5); cosine(T_max=0.5); cosine(T_max=1.0); cosine(t_initial=100); interval(0.1, decay_t=30)
    warmup(warmup_ratio=5); warmup(warmup_ratio=1); warmup(warmup_percent=1); warmup(warmup_percent=500)
    cosine(alpha=a); warmup(5) then cosine(total_steps=100); cosine(warmup_lr_init=1e-6); cosine(peak_lr=1)
    warmup(5, end=3) then cosine(alpha=0.1); cosine(3, 0, 100, warmup=5); 5 for 5 then cosine(end=10%)
    hold for 5 then cosine(1, 0, warmup_steps=5); 2 for 5 then LinearLR(0.1); StepLR(0.1, 30); StepLR(30) then hold
    CosineAnnealingLR(3e-4, 0); ExponentialDecay(0.1, 25, 0.5, staircase=maybe); OneCycleLR(0.1, 100, 0.2)
    hold for 5 then get_linear_schedule_with_warmup(10, 100); (1 - 10%) * base; 10%
    cosine(eta_mix=3); hold for 5m; CosineParamScheduler(start_value=1, end_value=0); polynomial(power=2)
    CosineAnnealingScheduler(start_value=1, end_value=0, cycle_size=100); cosine_annealing(eta_min=0, warmup_steps=5)
    StepLRScheduler(decay_t=30, decay_rate=0.1); multistep(steps=[30, 60])
    """.replace("\n", ";").split(";"),
)
def test_what_may_be_two_things_gets_words_alone(text: str) -> None:
    """Where nobody can know what was meant, or where it can't be said, there is neither a fix nor an example."""
    if text.strip():
        for problem in refused(parse, text.strip()).diagnostics:
            assert (problem.fix, problem.example) == (None, None)
            assert problem.hint


def test_calls_with_names_alone_are_told() -> None:
    """A call whose arguments are all named, and the same values here, is shown whole."""
    for theirs, ours in {
        "multistep(milestones=[30, 60], gamma=0.1)": "step_fixed(steps=[30, 60], factor=0.1)",
        "warmup(5%) then cosine_annealing(eta_min=1e-5)": "warmup(5%) then cosine(end=1e-5)",
        "step_decay(gamma=0.1, step_size=30)": "interval(factor=0.1, every=30)",
    }.items():
        assert [each.example for each in refused(parse, theirs).diagnostics] == [ours]


@pytest.mark.parametrize(
    "text",
    ["hold for n then 0", "cosine(t, 0)", "hold for T", "1 for 5 then 0.9 ** t", "base * x", "t / warmup", "lr * w"],
)
def test_names_that_may_be_two_things_get_words_alone(text: str) -> None:
    """The same of names: the step of which phase, a parameter or the step, what else is not given."""
    for problem in refused(parse(text.replace("warmup", "warm")).bind, 100).diagnostics:
        assert (problem.fix, problem.example) == (None, None)
        assert problem.hint


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("Cosine", "cosine"),
        ("warmup(5%) then Cosine", "warmup(5%) then cosine"),
        ("cosine-annealing", "cosine"),
        ("warmup(5%) then linear_decay", "warmup(5%) then linear"),
        ("warmup(5%) then holdd for 10% then cosine", "warmup(5%) then hold for 10% then cosine"),
        ("1e-3 * (1 - i / n)", "1e-3 * (1 - run_progress)"),
        ("i / it", None),
        ("1 - t", None),
        ("base * 0.5 * (1 + cos(pi * t))", None),
        ("warmup(5%) then keep until 80% then linear", "warmup(5%) then hold until 80% then linear"),
        ("warmup(5%) then pole", None),
        ("hold for epochs", None),
        ("1e-3 for 5 then peak", None),
        ("cosine to zero", "cosine to 0"),
        ("zero for 10 then warmup(5%, end=base)", "0 for 10 then warmup(5%, end=base)"),
        ("freeze for 2ep then cosine", "0 for 2ep then cosine(base, 0)"),
        ("warmup(5%) then halve every 10 steps", "warmup(5%) then interval(0.5, every=10 steps)"),
        ("halve every w", None),
        ("cosine(1e-3, 0) for 10 repeat forever scale 0.5", "cosine(1e-3, 0) for 10 repeat scale 0.5"),
        ("cos(pi * t / 2)", None),
        ("base * cos(pi / 2 * t)", None),
        ("cos(pi * t / 1000)", "cos(pi * step / 1000)"),
    ],
)
def test_names_in_the_place_of_a_phase(text: str, example: str | None) -> None:
    """A name that is a slip of a phase's is shown as that; a step by a step is a share of the run, or nothing."""
    assert refused(parse(text).bind, 1000).diagnostics[0].example == example


def quoted(note: str) -> list[str]:
    """The texts of a note that tells what to write."""
    written = re.findall(r"`([^`…]+)`", note.partition("write ")[2])
    return [each for each in written if re.search(r"[( ]", each) and "a **" not in each and "@" not in each]


NOTES = sorted({
    (word, each)
    for table in (foreign.CALLS, foreign.ALONE)
    for word, found in table.items()
    for each in quoted(found.note or "")
})  # fmt: skip


@pytest.mark.parametrize(("word", "text"), NOTES)
def test_notes_are_right_at_any_base(word: str, text: str) -> None:
    """What a note tells to write is a text, and its highest value is that of the optimizer, not 1."""
    bound = parse(text.replace("d_model", "64")).bind(20_000, base=3e-4, steps_per_epoch=100)
    highest = max(bound.values(step=10))
    assert highest == pytest.approx(3e-4, rel=0.01) or text.startswith(("base / 3", "d_model")), word


@pytest.mark.parametrize("word", foreign.CALLS)
def test_foreign_calls_are_told(word: str) -> None:
    """A schedule of another system is told what it is called, or how it is written; also with other mistakes behind."""
    known = foreign.CALLS[word]
    for text in (f"{word}(0.25, 0.5)", f"{word}(0.25, 0.5) then hold then cosin(1, 0)"):
        first = refused(parse, text).diagnostics[0]
        assert (first.code, first.message) == ("E201", f"unknown name `{word}`")
        assert first.hint is not None
        assert first.fix is None or known.here[0] in FUNCTIONS
        if known.note is not None:
            assert first.hint in (known.note, f"`{word}` ({known.systems}) is a text of its own here")
        else:
            assert f"`{word}` ({known.systems}) is called `{known.here[0]}` here" in first.hint


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *(*foreign.NAMES, *foreign.LENGTHS, *foreign.SHORT_LENGTHS, *foreign.LENGTHS_IN_EPOCHS, *foreign.ALONE),
        }
    ),
)
def test_foreign_names_are_told(word: str) -> None:
    """A name of another system's that nobody gives is told what it means; to give it is not all that is told."""
    refusal = refused(parse(word).bind, 1000)
    assert [each.code for each in refusal.diagnostics] == ["E402"]
    assert "bind" not in (refusal.diagnostics[0].hint or "bind")


SIZE = 16_384
HOSTILE = {
    "words": "a b " * (SIZE // 4),
    "brackets": "((1)" * 90 + "5 " * 8000,
    "unknown": "cosin(1) + " * 1480 + "1",
    "signs": "^" * SIZE,
    "phases": "warmup(5%) the " * 1000 + "cosine",
    "minus": "-" * 15_000,
    "units": "hold for 5 weeks then " * 740 + "1",
    "commas": "cosine, " * (SIZE // 8),
    "arguments": "cosine(eta=1)+" * 1100 + "1",
    "others": "cosine(" + "alpha=1," * 1000 + "warmup=2," * 800 + ")",
    "calls": "f(x," * 60 + "y," * 8000,
    "definitions": "cosine where " + ",".join(f"a{index}=b{index}" for index in range(1400)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_long_texts_are_told_soon(name: str) -> None:
    """However hostile a text is, telling what is wrong with it takes a limited number of calls a character."""

    def told() -> None:
        caught = refused(parse, HOSTILE[name][:SIZE])
        assert caught.diagnostics
        assert len(str(caught)) < 20_000

    assert work(told) < 400 * SIZE


def test_a_text_that_is_right_stays_quick() -> None:
    """Nothing that looks for fixes is loaded or run for a text without mistakes."""
    text = " then ".join(["linear(0, 1) for 5"] * 300)
    parse("1")
    assert work(lambda: parse(text, name="new")) < 1500 * 300
