"""Warnings: what each says, when it is silent, and that none of it ever fails."""

import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest
from helpers import EXAMPLES, RUN, SECTION_1, bound_or_reject, lines_of, told, work
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import Schedule, parse, values, warmup
from schedlang._insight.lint.layout import Layout, Sighting
from schedlang._insight.lint.rule import RULES
from schedlang._language.nodes.ramps import Ramp
from schedlang.linting import STORIES, warnings
from schedlang.strategies import runs, schedules

SHORT: dict[str, Any] = {"total_steps": 1000, "steps_per_epoch": 100}


def codes(text: str, **run: Any) -> list[str]:
    return [found.code for found in warnings(parse(text).bind(**{**SHORT, **run}))]


def cases() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Texts, what differs in their runs, and all they are told, as it is printed."""
    for text, run, lines in told("warnings.txt"):
        expected = ""
        for line in lines:
            if line.strip("^ ") == "":
                marks = line
            elif re.match(r"W\d+: ", line):
                gap = "\n" if expected else ""
                expected += f"{gap}warning[{line[:4]}]{line[4:]}\n  |\n1 | {text}\n  | {marks}\n"
            else:
                expected += f"  = {line}\n"
        yield text, run, expected.format(first=min(STORIES), last=max(STORIES))


CASES = list(cases())
"""Texts with all they are told, in a run of 1000 steps, 100 an epoch, unless it says otherwise."""


@pytest.mark.parametrize(("text", "run", "expected"), CASES, ids=[text for text, _, _ in CASES])
def test_warning_reads_well(text: str, run: dict[str, Any], expected: str) -> None:
    found = warnings(parse(text).bind(**{**SHORT, **run}))
    assert "\n\n".join(map(str, found)) + "\n" == expected


def test_all_warnings_are_tried() -> None:
    """There is a whole text of each warning, here or below where there is no run."""
    tried = {code for *_, expected in CASES for code in re.findall(r"warning\[(W\d+)\]", expected)}
    assert tried | {code for code, story in STORIES.items() if not story.by_run} == set(STORIES)


@pytest.mark.parametrize("error", [KeyError, ZeroDivisionError, ValueError])
@pytest.mark.parametrize("hook", ["sight", "conclude"])
def test_a_mistake_in_a_rule_is_seen(error: type[Exception], hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that raises isn't silent: it is a mistake in the rule, not in the schedule."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(RULES["W508"], hook, fails)
    with pytest.raises(error):
        parse("warmup(5%) then cosine").bind(1000).warnings()


@pytest.mark.parametrize("text", lines_of("silent.txt"))
def test_silent_next_door(text: str) -> None:
    """What is close to a warning, and none."""
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "base * cosine(1, 0.1)",
        "base * linear(0.05, 0)",
        "cosine(3e-4, 0) / 3e-4 * base",
        "warmup(5%) / base * cosine(3e-4, 0)",
        "warmup(5%, end=3e-4) * cosine(3e-4, 0) / 3e-4",
        "cosine(base, 0.01 * base) for 90% then base * linear(0.01, 0)",
        "base * min((step + 1) ** -0.5, (step + 1) * 500 ** -1.5)",
        "cosine to 0.01 for 30% then cosine to 0",
        "cosine to 5e-3",
        "cosine(3e-4, 0.01)",
        "warmup(5%, end=0.1) then cosine",
        "keyframes(3e-4 @ 0, 0.01 @ 100%)",
    ],
)
def test_silent_at_a_low_base(text: str) -> None:
    """Shares of it, what climbs on purpose, and formulas."""
    assert codes(text, base=3e-4) == []


@pytest.mark.parametrize(
    "text", ["cosine", "cosine(end=0.1)", "linear to 0.1", "cosine for 10% repeat", "interval(0.5, 1ep)"]
)
def test_a_base_of_zero_is_meant(text: str) -> None:
    """As groups have it that are spared weight decay."""
    assert codes(text, base=0) == []


@pytest.mark.parametrize(("text", "run", "expected"), CASES, ids=[text for text, _, _ in CASES])
def test_examples_are_right_at_any_base(text: str, run: dict[str, Any], expected: str) -> None:
    """What is shown to be written instead is a schedule that is not told of the same, whatever the base is."""
    for found in warnings(parse(text).bind(**{**SHORT, **run})):
        if found.example is not None:
            for base in (0.003, 0.3, 7):
                assert found.code not in codes(found.example, **{**run, "base": base})


ENDS = st.sampled_from([None, 0.0, 0.5, 1.0, 3.0])
RAMPS = st.tuples(st.sampled_from(["linear", "cosine", "one_minus_sqrt", "poly"]), ENDS, ENDS, st.integers(1, 5))


@given(st.lists(RAMPS, min_size=1, max_size=6))
def test_ramps_that_go_nowhere(ramps: list[tuple[str, float | None, float | None, int]]) -> None:
    """Of a chain those ramps are told that begin at the value handed on and end there, of each value the first."""
    phases: list[str] = []
    first: dict[float, str] = {}
    value, step, base = 3.0, 0, 3.0
    still: list[tuple[float, int]] = []
    for shape, start, end, length in ramps:
        given = [f"{name}={each}" for name, each in (("start", start), ("end", end)) if each is not None]
        ramp = f"{shape}({', '.join(given)})" if given else shape
        phases.append(f"{ramp} for {length}")
        begins, value = value if start is None else start, end or 0.0
        if start is None and begins == value:
            first.setdefault(value, ramp)
            still += [(value, each) for each in range(step, step + length)]
        step += length
    bound = parse(" then ".join(phases)).bind(step, base=base)
    assert all(bound(each) == value for value, each in still)
    told = [each.message.split("`")[1] for each in bound.warnings() if each.code == "W517"]
    assert told == list(first.values())


@settings(max_examples=EXAMPLES // 2)
@given(schedules(), runs())
def test_told_to_go_nowhere_and_does(schedule: Schedule, run: dict[str, Any]) -> None:
    """What is told to go nowhere is a ramp that shows one value wherever it is told so."""
    bound = bound_or_reject(schedule, run)
    told = {found.span for found in bound.warnings() if found.code == "W517"}
    layout, flat = Layout(bound, 10, 0.01), set()

    def see(sighting: Sighting) -> None:
        part, place = sighting.part, sighting.node.place
        last = part.first + 20 if part.last is None else min(part.last, part.first + 20)
        values = {part.at(step) for step in range(part.first, last)} if place.span in told else ()
        if len(values) == 1:
            flat.add(place.span)

    layout.lay_out(lambda kind: [see] if issubclass(kind, Ramp) else [])
    assert flat == told


FROM_ZERO = ["interval(0.5, every=2)", "step_fixed(0.1, [2])", "exponential_decay(0.5)", "hold * linear(1, 0.5)"]
PHASES = st.sampled_from([*FROM_ZERO, "0", "hold", "1", "cosine(1, 0)", "linear", "warmup(3)", "cosine(0, 1)"])


@given(st.lists(PHASES, min_size=1, max_size=5))
def test_what_stays_at_zero(phases: list[str]) -> None:
    """A decay or product behind the step from which on the value is 0 is told of, or a ramp; and only where one is."""
    bound = parse(" then ".join(f"{phase} for 5" for phase in phases)).bind(5 * len(phases), base=3.0)
    values = [bound(step) for step in range(5 * len(phases))]
    first = next((step for step in reversed(range(len(values))) if values[step] != 0), -1) + 1
    behind = {phase for index, phase in enumerate(phases) if 5 * index >= first}
    found = {each.code for each in bound.warnings()}
    assert bool(found & {"W517", "W519"}) >= bool(behind & {*FROM_ZERO, "linear"})
    assert ("W519" in found) <= bool(behind & {*FROM_ZERO})


LEVELS = ["base", "cosine(base, 0)", "(0.1 * base for 20 then base)", "(base * 0.97 ** step)", "linear(0, base)"]
SHARES = ["0.5", "linear(1, 0.1)", "step_fixed(0.1, [30], start=1)", "warmup(5, end=1)", "(1 / (1 + step))"]


@given(st.lists(st.sampled_from([*LEVELS, *SHARES]), min_size=2, max_size=4), st.sampled_from([0.1, 3e-4, 1.0]))
def test_levels_beside_levels(factors: list[str], base: float) -> None:
    """A product is told of if more than one of its factors grows with `base`; with one it is what it says."""
    found = {each.code for each in parse(" * ".join(factors)).bind(100, base=base).warnings()}
    assert ("W516" in found) == (sum(factor in LEVELS for factor in factors) > 1)


STATED = [
    "cosine(3e-4, 0)",
    "linear(1e-4, 2e-4)",
    "step_fixed(0.1, [30], start=3e-4)",
    "(warmup(5, end=3e-4) then cosine(3e-4, 0))",
    "(3e-4 for 20 then 1e-4)",
    "keyframes(1e-4 @ 0, 3e-4 @ 50)",
]


@given(st.lists(st.sampled_from([*STATED, "base", *SHARES]), min_size=2, max_size=4), st.sampled_from([3e-4, 1.0]))
def test_stated_levels(factors: list[str], base: float) -> None:
    """So is one with several factors that state a learning rate; `base` is one, where it was given."""
    found = {each.code for each in parse(" * ".join(factors)).bind(100, base=base).warnings()}
    levels = sum(factor in STATED or (factor == "base" and base != 1) for factor in factors)
    assert ("W516" in found) == (levels > 1 or factors.count("base") > 1)


SENSIBLE: dict[str, dict[str, Any]] = {
    "(cosine(1, 0) for 10ep) repeat 5": {"total_steps": "50ep"},
    "cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5": {"total_steps": 15_000},
    "linear(1.0, 0.1, 100000)": {"total_steps": 100_000},
}
"""The runs that texts of the front page were written for, where these say how long that is."""


@pytest.mark.parametrize("text", SECTION_1)
def test_front_page_gets_none(text: str) -> None:
    """No text of the front page gets a warning in a run that it was written for."""
    assert warnings(parse(text).bind(**{**RUN, **SENSIBLE.get(text, {})})) == ()


def test_front_page_elsewhere() -> None:
    """The three texts that say how long they are get a true warning in another run."""
    found = {text: [each.code for each in warnings(parse(text).bind(**RUN))] for text in SENSIBLE}
    assert list(found.values()) == [["W510"], ["W510"], ["W504"]]


def test_first_updates_of_an_unknown_run() -> None:
    """Nobody knows which part of it they are."""
    assert codes("warmup(50) then hold", total_steps=None) == []
    assert codes("warmup(50) then hold", total_steps=100) == ["W501"]


def test_held_keys_stay() -> None:
    """Keys that are held are meant to stay, as milestones are; a ramp through keys has an end."""
    keys = "keyframes(128 @ 0, 512 @ 20%, 1024 @ 40%"
    assert warnings(parse(f"{keys}, shape=hold)").bind(1000)) == ()
    assert [each.code for each in warnings(parse(f"{keys})").bind(1000))] == ["W510"]


@pytest.mark.parametrize(("code", "story"), STORIES.items(), ids=STORIES)
def test_stories_are_true(code: str, story: Any) -> None:
    """The wrong example of each code gets just this warning, the right one none."""
    ask = codes if story.by_run else unbound
    assert set(ask(story.wrong)) == {code}
    assert ask(story.right) == []


def unbound(text: str) -> list[str]:
    return [found.code for found in warnings(parse(text))]


@pytest.mark.parametrize(("text", "expected"), [(text, codes) for text, _, codes in told("misspelt.txt")])
def test_misspelt(text: str, expected: list[str]) -> None:
    """A free name that is a whole phase and looks like a primitive's is told, and can be switched off."""
    assert unbound(text) == expected


def test_misspelt_reads_well() -> None:
    """The whole text of the warning, of a text and of what was built in Python."""
    expected = """
warning[W515]: `cosin` is a parameter, as no schedule is called so
  |
1 | warmup(5%) then cosin
  |                 ^^^^^
  = help: did you mean `cosine`?
"""
    built = warmup("5%").then("cosin")
    for schedule in (parse("warmup(5%) then cosin"), built):
        assert "\n\n".join(map(str, warnings(schedule))) + "\n" == expected.lstrip()


def test_misspelt_but_given() -> None:
    """Who gives the parameter has meant it, and may say so in the text."""
    assert parse("cosin").bind(1000, cosin=3).warnings() == ()
    assert parse("cosin # schedlang: ignore W515").bind(1000, cosin=3).warnings() == ()
    assert parse("cosin # schedlang: ignore").bind(1000, cosin=3).warnings() == ()


@given(schedules())
def test_unbound_never_fails(schedule: Schedule) -> None:
    assert {found.code for found in warnings(schedule)} <= {"W515"}


# Switching off.

TWICE = "warmup(0.01%) then cosine(1, 0) for 2000"


def test_ignored_by_argument() -> None:
    """Codes given are left out; what is no code is told."""
    bound = parse(TWICE).bind(1000)
    assert [each.code for each in bound.warnings()] == ["W512", "W504"]
    assert [each.code for each in bound.warnings(ignore=("W512",))] == ["W504"]
    assert [each.code for each in bound.warnings(["W504", "W512", "W501"])] == []
    assert [str(each) for each in bound.warnings(["W512", "W504", "E101"])] == [
        f"warning[W513]: there is no warning `E101`\n  = help: codes of warnings are {min(STORIES)} … {max(STORIES)}"
    ]
    assert bound.warnings(["W512", "W504", "W513", "X"]) == ()


@pytest.mark.parametrize(("comment", "left"), list(map(json.loads, lines_of("ignores.jsonl"))))
def test_ignored_by_comment(comment: str, left: list[str]) -> None:
    """A comment on any line of the text switches codes off, or all."""
    assert codes(f"{TWICE} {comment}") == left
    assert codes(f"{comment}\nwarmup(0.01%)\nthen cosine(1, 0) for 2000") == left


def test_comment_of_unknown_code_is_placed() -> None:
    (found,) = warnings(parse("cosine # schedlang: ignore W503, W999", name="a.yaml:lr").bind(1000), ["W514"])
    assert found.source is not None
    assert found.span is not None
    assert (found.code, found.source.name, found.source[found.span]) == ("W513", "a.yaml:lr", "W999")


def test_thresholds() -> None:
    """How much is much can be given."""
    bound = parse("warmup(5%) then cosine(1, 0.1) for 50% then linear(0.02, 0)").bind(1000)
    assert warnings(bound) == ()
    assert [each.code for each in warnings(bound, jump=2)] == ["W502"]
    assert [each.code for each in warnings(bound, share=0)] == ["W501"]


@pytest.mark.parametrize(
    ("text", "jump"),
    [
        ("1 for 9 samples then exponential(1, 1e-6) for 20 samples then hold", None),
        ("1 for 9 samples then exponential(end=1e-6) for 20 samples then hold", None),
        ("warmup(9 samples, end=1) then exponential_decay(0.01)", None),
        ("cosine(1, 0) for 20 samples then cosine(3, 0)", "from 0 to 3 here"),
        ("1 for 9 samples then exponential(0.05, 1e-6) for 20 samples then hold", "from 1 to 0.05 here"),
    ],
)
def test_jumps_between_two_steps(text: str, jump: str | None) -> None:
    """A phase that begins between two steps begins with its value there, and not with that of the step behind it."""
    found = [each.message for each in parse(text).bind(10, samples_per_step=8).warnings() if each.code == "W502"]
    assert len(found) == (jump is not None)
    assert all(jump in message for message in found if jump is not None)


def test_run_without_an_end() -> None:
    """Without an end nothing is past it, and the rest is told as ever."""
    assert parse("cosine(1, 0) for 100 repeat stretch 2 scale 0.5").bind().warnings() == ()
    twice = "1e-3 for 9 then 3e-4 * exponential_decay(0.9, start=3e-4)"
    assert "W502" in [each.code for each in parse(twice).bind().warnings()]
    assert [each.code for each in parse("warmup(500, end=1) then inv_sqrt(5, start=0.01)").bind().warnings()] == [
        "W502"
    ]


def test_built_in_python() -> None:
    """A schedule built in Python is shown as its canonical text."""
    from schedlang import cosine, warmup

    (found,) = warmup("60%").then(cosine()).bind(1000).warnings()
    assert found.source is not None
    assert found.span is not None
    assert found.source[found.span] == "60%"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("exponential(end=-1, inclusive=right) for max(0%, 1%) repeat 3 stretch 1", 1),
        ("values([1]) skip 0% for max(0%, 1%) repeat 3 stretch 1", 3),
        ("1 / (step - 5)", None),
        ("linear for 5", 10**310),
    ],
)
def test_never_failed_again(text: str, total: int | None) -> None:
    assert all(found.code in STORIES for found in parse(text).bind(total).warnings())


@given(schedules(), runs())
def test_never_fails(schedule: Schedule, run: dict[str, Any]) -> None:
    """Whatever can be bound can be looked at: placed warnings with known codes come out, each with a hint."""
    bound = bound_or_reject(schedule, run)
    for found in bound.warnings():
        assert found.code in STORIES
        assert found.severity == "warning"
        assert found.hint
        assert found.span is not None
        assert found.message[0] in "`0123456789" or found.message[0].islower()


@given(schedules(), runs(), st.sampled_from(sorted(STORIES)))
def test_ignoring_leaves_the_others(schedule: Schedule, run: dict[str, Any], code: str) -> None:
    bound = bound_or_reject(schedule, run)
    assert bound.warnings([code]) == tuple(found for found in bound.warnings() if found.code != code)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("interval(0.5, every=2) for 1 repeat 8000", 100_000),
        (" then ".join(["1 for 1"] * 3000), 2990),
        ("cosine(1, 0) for 0.001% repeat", 10**7),
        ("((cosine(1, 0) for 3 repeat 3) for 50 repeat 4) for 300 repeat", 10**9),
        ("(((cosine for 3 repeat 3) for 50 repeat 4) for 300 repeat 10) for 3000 repeat stretch 2", 10**9),
        ("(" * 60 + "base" + (" * base" * 50 + ")") * 60, 1000),
    ],
    ids=["copies", "chain", "many", "nested", "stretched", "products"],
)
def test_cost(text: str, total: int) -> None:
    """As many phases as may be take a few times what binding them takes, and the length of the run nothing."""
    schedule = parse(text)
    parse("cosine").bind(10).warnings()  # what is loaded once
    binding = work(lambda: schedule.bind(total))
    bound = schedule.bind(total)
    assert work(bound.warnings) < 1_000_000 + 6 * binding


def test_longer_than_a_text_may_be() -> None:
    """What Python makes is bound, kept and warned of all the same, without places."""
    table = [step / 7000 for step in range(1, 5001)]
    bound = pickle.loads(pickle.dumps(values(table).bind(10_000)))
    assert [bound(step) for step in (0, 4999, 5000)] == [table[0], table[-1], table[-1]]
    assert [(each.code, each.span) for each in bound.warnings()] == [("W510", None)]
