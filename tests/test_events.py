"""Events: parameters that are `later`, what may wait for them, and their times, given while a run goes on."""

import copy
import math
import pickle
import random
import re
from collections import Counter
from typing import Any, ClassVar

import pytest
from helpers import registered

from schedlang import Bound, ScheduleError, ScheduleSet, parse
from schedlang._insight.exact import exact_values
from schedlang._language.clocks import RampClock
from schedlang._language.names import free_names
from schedlang._language.nodes.clauses import For, Until
from schedlang.differing import compare
from schedlang.plotting import plot
from schedlang.primitives import Primitive

RUN = {"total_steps": 40, "base": 0.1, "samples_per_step": 8, "steps_per_epoch": 4.5}

WAITS = """
warmup(5) then hold until c then one_minus_sqrt to 0 for 20%
hold until c then linear
hold until c + 5 then linear to 0 for 10
hold until 2 * c then 7
hold until c / 3 then 7
hold until c - 100 then 7
hold until c + 20 samples then linear
hold until min(c, 80%) then linear
hold until min(c, 150 samples) then linear(3, 0)
hold until max(c, 10) then 7
hold until w then 7 where w = c + 2
hold until c then linear where c = later
x until c then linear where x = warmup(5) then interval(0.7, every=3)
warmup(3) for c then 7
warmup(3) until c then 7
warmup(3) until c then linear(2, 0)
warmup(3) until c then 5 until c + 4 then 6
cosine(duration=100%) until c then linear
(cosine until 50%) until c then 7
(cosine for 10 then hold) until c then 7
(progress) over 100% until c then 7
(hold until c then 5) over 30 then 6
((hold until c then 5) over 30) repeat 2
(1 for c then 2 for 5) repeat
(1 for c) repeat 3 then 4
hold until c every 7 then 3
(hold until c then 7 for 5) skip 3
(interval(0.7, every=2) until c then linear) * warmup(5)
(1 until c then interval(0.7, every=2)) * warmup(5)
max(hold until c then 0, cosine(1, 0))
hold until c then 5 until d then 6
hold until c then linear until d
warmup(4, end=1) until c then (linear(8, 0) skip 2)
warmup(4, end=1) until c then run_progress
""".strip().splitlines()
"""What may wait for an event."""

DEPENDS = {
    "cosine until c then 7": "cosine(duration=100%)",
    "cosine(1, 0) for c": "cosine(1, 0, 100%)",
    "linear to 0.5 until min(c, 30)": "`linear(end=0.5) until 30 until min(c, 30)`",
    "linear for min(30, c, 50%)": "`linear for min(30, 50%) for min(30, c, 50%)`",
    "(warmup(2) then cosine) until c": "`cosine(duration=100%)`",
    "warmup(2) then cosine until c then 7": "`cosine(duration=100%) until c` or `cosine until 100% until c`",
    "(2 * cosine(1, 0)) until c then 7": "cosine(1, 0, 100%)",
    "x until c where x = linear": "linear(duration=100%)",
    "(linear for rest) until c": "linear(duration=100%)",
    "progress until c then 7": "over 100%",
    "warmup(4) until c then (run_step + 1)": "an `end`",
    "warmup(4) until c then run_progress": "an `end`",
    "warmup(4) until c then 7 until 50% then 8": "an `end`",
    "warmup(4) until c then (linear(8, 0) skip 2)": "an `end`",
    "warmup(4) until c then 5 until d then 6": "an `end`",
    "warmup(4) until c then (linear(1, 3) every 5) until 2 * c": "an `end`",
    "warmup(c) then cosine": "behind `until` or `for`",
    "warmup(min(c, 5)) then cosine": "behind `until` or `for`",
    "hold skip c": "behind `until` or `for`",
    "cosine every c": "behind `until` or `for`",
    "(linear) over c": "behind `until` or `for`",
    "interval(0.5, every=c)": "behind `until` or `for`",
    "inv_sqrt(c)": "behind `until` or `for`",
    "step_fixed(0.5, [5, c])": "behind `until` or `for`",
    "keyframes(0 @ 0, 1 @ c)": "behind `until` or `for`",
    "hold until 100% - c then linear": "behind `until` or `for`",
    "hold until c - c then linear": "behind `until` or `for`",
    "hold until -2 * c then linear": "behind `until` or `for`",
    "hold until max(-c, 5) then linear": "behind `until` or `for`",
}
"""Where what comes before an event would depend on it, and what the hint says."""

SOON = {
    "(hold until c then 7) * cosine(end=0.01)": "E316",
    "(interval(0.7, every=2) until c then 7) * warmup(5)": "E316",
    "((hold until c then 7) over 20 repeat) * warmup(5)": "E316",
    "hold until c then (warmup(2) * cosine(end=0.1))": "E316",
    "(warmup(0) until 25% then 0.5 until c) * (warmup(3) until d)": "E316",
    "hold until c then exponential(end=0)": "E312",
    "0 until c then (step until c - 5 then exponential(end=0.1))": "E312",
    "hold until c then hold * c": "E301",
    "1 repeat c": "E308",
    "hold for 2 repeat c": "E301",
}
"""What would be wrong once the event has come."""


def bind(text: str, **given: Any) -> Bound:
    schedule = parse(text)
    return schedule.bind(**RUN | dict.fromkeys(free_names(schedule), "later") | given)


def codes(text: str, **given: Any) -> list[str]:
    try:
        bind(text, **given)
    except ScheduleError as error:
        assert error.diagnostics[0].code != "E414" or error.diagnostics[0].span is not None
        return [f"{each.code} {each.hint}" for each in error.diagnostics]
    return []


@pytest.mark.parametrize(("text", "hint"), DEPENDS.items())
def test_what_would_depend_on_it_is_refused(text: str, hint: str) -> None:
    """At the event's name, and with what to write instead."""
    (found,) = codes(text)
    assert found.startswith("E414")
    assert hint in found


@pytest.mark.parametrize(
    ("text", "phase", "run"),
    [
        ("{} then 7", "cosine until c", {}),
        ("{}", "cosine(1, 0) for c", {}),
        ("{} then 7", "progress until c", {}),
        ("warmup(2) then {} then 7", "linear to 0.5 for c + 3", {}),
        ("warmup(2) then {} then 7", "cosine until min(c, 80%)", {}),
        ("(warmup(2) then {} then 7) over 30", "exponential(1, 0.1) until c", {}),
        ("{}", "one_minus_sqrt until c", {"total_steps": None}),
        ("{}", "progress until c", {"total_steps": None}),
    ],
)
def test_the_ways_out_work(text: str, phase: str, run: dict[str, Any]) -> None:
    """Each of them, in the phase's place, waits for the event."""
    (found,) = codes(text.format(phase), **run)
    ways = re.findall("`([^`]+)`", found)
    assert len(ways) == 1 + ("warmup" in text and "min" not in phase)
    for way in ways:
        assert codes(text.format(way), **run) == []


@pytest.mark.parametrize(("text", "code"), SOON.items())
def test_what_will_be_wrong_is_told_at_once(text: str, code: str) -> None:
    """Not in the middle of the run, when the event has come."""
    assert code in codes(text)[0]


def _places(text: str, monkeypatch: pytest.MonkeyPatch, **given: Any) -> list[tuple[Any, Any]]:
    """From where to where all that waits for an event lasts, once its time is known."""
    found: list[tuple[Any, Any]] = []
    with monkeypatch.context() as patched:
        for cls, attribute in ((For, "time"), (Until, "position")):

            def stops(self: Any, frame: Any, own: Any = cls.stops, attribute: str = attribute) -> Any:
                stop = own(self, frame)
                time = getattr(self, attribute)
                if time is not None and {"c", "d", "w"} & set(str(time).replace("(", " ").replace(",", " ").split()):
                    found.append((frame.start, stop))
                return stop

            patched.setattr(cls, "stops", stops)
        bound = bind(text, **given)
        for step in range(41):
            bound.walk(step)
    return found


TIMES: list[Any] = [9, 12, 13, 20, 31, 39, 40, 55, "25%", "100 samples", "3ep", "12.5 steps"]


def _compare(text: str, monkeypatch: pytest.MonkeyPatch, times: list[dict[str, Any]], counted: Counter[str]) -> None:
    """Before the event every value is, to the bit, what it is with any time of the event behind where it waits."""
    later = bind(text)
    for given in times:
        try:
            known = bind(text, **given)
            places = _places(text, monkeypatch, **given)
        except ScheduleError as error:
            # Half a step, in a text; d is not known; no value where it plays.
            assert error.diagnostics[0].code in ("E303", "E405", "E406", "E414"), (text, given)
            continue
        if any(math.ceil(begin) >= math.ceil(stop) for begin, stop in places):
            continue  # it came before anything waited for it
        stop = min(40, *(math.ceil(stop) for _, stop in places))
        ways = ([later.walk(step) for step in range(stop)], [known.walk(step) for step in range(stop)])
        assert repr(ways[0]) == repr(ways[1]), (text, given)
        assert [*map(later.compiled, range(stop))] == ways[1]
        assert later.values(0, stop).tolist() == known.values(0, stop).tolist()
        counted["steps"] += stop


@pytest.mark.parametrize("text", WAITS)
def test_nothing_before_it_depends_on_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it comes."""
    counted: Counter[str] = Counter()
    _compare(
        text, monkeypatch, [{"c": time} | dict.fromkeys(free_names(parse(text)) & {"d"}, 60) for time in TIMES], counted
    )
    assert counted["steps"] > 20 or "repeat 2" in text or "- 100" in text


_PIECES = [
    *(
        "1",
        "0.5",
        "hold",
        "linear(1, 0, 9)",
        "linear(0, 2)",
        "cosine(duration=12 samples)",
        "warmup(3)",
        "warmup(4, 1)",
    ),
    *(
        "warmup(2.5 steps)",
        "step",
        "run_step",
        "progress",
        "interval(0.7, every=3)",
        "step_fixed(0.1, [4, 5])",
        "linear",
    ),
    *("inv_sqrt(4)", "values([1, 3, 2])", "keyframes(0 @ 0, 2 @ 4)", "exponential(1, 0.1)", "hold", "1"),
]
_BEHIND = [
    *(
        "until c",
        "until c",
        "until c + 4",
        "until min(c, 50%)",
        "until 2 * c",
        "for c",
        "for max(c, 10)",
        "until c + 5 samples",
    ),
    *("for 4", "for 12 samples", "until 50%", "until 75%", "over 30%", "every 3", "skip 2", "for 5 repeat 2", "for 9"),
]


def _random_text(chance: random.Random) -> str:
    def phase(depth: int) -> str:
        body = chance.choice(_PIECES)
        if depth and chance.random() < 0.6:
            joined = chance.choice((" then ", " then ", " * ", " + "))
            body = joined.join(phase(depth - 1) for _ in range(chance.randint(2, 3)))
        return f"({body}) {chance.choice(_BEHIND)}"

    return " then ".join(phase(1) for _ in range(chance.randint(1, 3)))


def test_nothing_before_it_depends_on_it_in_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated texts: what is bound with an event, and has no error with its time."""
    chance, counted = random.Random(7), Counter[str]()
    for _ in range(110):
        text = _random_text(chance)
        try:
            bind(text)
        except ScheduleError as error:
            counted[error.diagnostics[0].code] += 1
            continue
        if " c" in text:
            counted["bound"] += 1
            _compare(text, monkeypatch, [{"c": chance.choice(TIMES)} for _ in range(2)], counted)
    assert counted["bound"] > 15
    assert counted["E414"] > 10
    assert counted["steps"] > 300


def test_what_follows_does_not_play() -> None:
    """However far a run without an end goes, nothing of it is seen, nor where it would be."""
    bound = parse("warmup(5) then hold until c then linear to 0 for 20").bind(c="later")
    assert [bound(step) for step in (5, 10**6, 2**62)] == [1.0, 1.0, 1.0]
    assert bound.at([3, 10**12, 2**62]).tolist() == [0.6, 1.0, 1.0]
    told = [(row.first, row.stop, row.text) for row in bound.phases]
    assert told == [(0, 5, "warmup(5)"), (5, None, "hold until c, not yet")]
    assert parse("hold until min(c, 50) then 7").bind(100, c="later")(50) == 7  # by then it has come


@pytest.mark.parametrize(
    ("value", "hint"),
    [(None, '`c="later"`'), ("latter", '`c="later"`'), ("LATER", '`c="later"`'), ("later + 100", "`c=500`"), ("c", "")],
)
def test_only_the_word_makes_an_event(value: Any, hint: str) -> None:
    """A forgotten `null` holds nothing up."""
    with pytest.raises(ScheduleError) as caught:
        parse("hold until c then linear").bind(100, c=value)
    assert hint in str(caught.value.diagnostics[0].hint)


@pytest.mark.parametrize(
    ("bind", "code", "hint"),
    [
        (lambda: ScheduleSet({"lr": "hold until c", "where": {"c": None}}), "E109", '"later"'),
        (lambda: parse("hold until later then linear").bind(100), "E402", '`cooldown="later"`'),
        (lambda: parse("hold until c ** 2 then 7").bind(100, c="later"), "E414", "`cooldown + 100`"),
    ],
)
def test_slips(bind: Any, code: str, hint: str) -> None:
    """What people write instead is told what to write."""
    with pytest.raises(ScheduleError) as caught:
        bind()
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert hint in str(found.hint)


TRUNK = "warmup(10) then hold until c then one_minus_sqrt to 0 for 20"


def test_change() -> None:
    """The time is known from now on; other events, and what has a time already, stay events."""
    later = parse(TRUNK).bind(100, base=0.5, c="later")
    known = later.change(c=60, step=50)
    assert known.values().tolist() == parse(TRUNK).bind(100, base=0.5, c=60).values().tolist()
    assert later.events == {"c": None}
    assert {name: str(time) for name, time in known.events.items()} == {"c": "60"}
    assert known.change(c="70%", step=60)(75) == known.change(c=70)(75)  # the ramp from 60 on has shown its start alone
    for kept in (pickle.loads(pickle.dumps(known)), copy.deepcopy(known)):
        assert kept.change(c="later", step=59).events == later.events == pickle.loads(pickle.dumps(later)).events
    with pytest.raises(ScheduleError, match="differ from step 61 on, and the run is at step 61"):
        known.change(c=70, step=61)
    both = parse("hold until c then linear until d").bind(100, c="later", d="later")
    with pytest.raises(ScheduleError, match="`d` is not known yet") as caught:
        both.change(c=50)
    assert str(caught.value.diagnostics[0].hint).startswith("give a time of `d` too, or ")
    assert both.change(c=50, d=80, step=50)(65) == 0.5


@pytest.mark.parametrize(
    ("text", "step", "early", "earliest"),
    [
        (TRUNK, 50, 30, 50),
        ("hold until c then 7", 50, 50, 51),
        ("hold until c - 2 then 7", 50, 0, 53),
        ("hold until c - 2 then linear", 50, 51, 52),
        ("hold until 2 * c then 7", 50, 25, 26),
        ("hold until 0.5 * c then 7", 51, 100, "`103 steps`"),
        ("warmup(10) then hold for c then 7", 50, 10, 41),
        ("warmup(4) until c then 7", 2, 2, 3),
        ("cosine(duration=100%) until c then linear", 999, 10, 999),
    ],
)
def test_the_past_stays(text: str, step: int, early: int, earliest: Any) -> None:
    """A time that is too early is refused, and the earliest that isn't is told; that is the first that is taken."""
    bound = parse(text).bind(2000, base=0.5, c="later")
    with pytest.raises(ScheduleError) as caught:
        bound.change(c=early, step=step)
    (found,) = caught.value.diagnostics
    assert (found.code, found.hint) == ("E415", f"`c` may come at {earliest} or later")
    if not isinstance(earliest, int):  # 103 is half of no whole steps
        assert bound.change(c=earliest.strip("`"), step=step)(step) == bound(step)
        return
    changed = bound.change(c=earliest, step=step)
    values = exact_values(bound), exact_values(changed)
    assert list(values[0](0, step + 1)) == list(values[1](0, step + 1))
    with pytest.raises(ScheduleError, match="E415"):
        bound.change(c=earliest - 1, step=step)


def test_a_past_that_cannot_be_compared() -> None:
    """It is not said to differ."""
    bound = parse("1 until c then 1 + 0 * step").bind(c="later")
    with pytest.raises(ScheduleError) as caught:
        bound.change(c=9, step=2 * 10**8)
    (found,) = caught.value.diagnostics
    assert found.message.startswith("the values are the same below step 1000009, and no more are compared")
    assert (found.code, found.hint) == ("E415", "give a later time")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"w": 5}, "E404.*: `w` is no event, so it cannot be changed in a run that has begun"),
        ({"cc": 50}, "E403"),
        ({"c": 50, "base": 2}, "E403"),
        ({"c": None}, "E314"),
        ({"c": "cosine"}, "E404"),
        ({"c": -5}, "E405"),
        ({"c": 60, "step": "here"}, "E407"),
    ],
)
def test_what_is_no_change(change: dict[str, Any], code: str) -> None:
    """Only events change, to times."""
    bound = parse("warmup(w) then hold for c then linear").bind(100, w=5, c="later")
    with pytest.raises(ScheduleError, match=code):
        bound.change(**change)


def test_explained() -> None:
    """Words, times and names say that it is not known yet; no table, picture or warning tells of a time far away."""
    bound = parse("warmup(5, 0.1) then hold until cooldown then one_minus_sqrt to 0 for 20").bind(cooldown="later")
    explained = bound.explain()
    assert str(explained.sentences[-1]) == (
        "From step 5 on: stays at 1 (`hold until cooldown`; until `cooldown`, not yet)."
    )
    assert [(each.text, each.steps) for each in explained.times] == [("cooldown", None)]
    assert "hold until cooldown, not yet" in str(plot(bound))
    assert explained.run["params"] == {"cooldown": "later"}
    assert bound.warnings() == ()
    assert "0" * 20 not in str(explained) + bound.source + repr(bound.phases) + bound._repr_html_()
    at_last = parse("hold for min(c, 50%) then linear").bind(100, c="later").explain()
    assert at_last.times[0].how == "50% of 100 = 50; for `min(c, 50%)`, not yet: 50 at most"


@pytest.mark.parametrize(
    "text", [*(text for text in WAITS if "where x" not in text), "cosine(duration=50%) until c then 3"]
)
def test_pictures_say_so(text: str) -> None:
    """Also where a phase has ended by then, and where the window ends before the run does."""
    assert ", not yet" in str(plot(bind(text), width=120))


@pytest.mark.parametrize("text", [text for text in WAITS if "repeat 2" not in text])
def test_warnings_are_of_what_stays(text: str) -> None:
    """Nothing is told only as it is not known yet when what follows begins."""
    assert not {"W503", "W504", "W507"} & {found.code for found in bind(text).warnings()}


def test_in_a_set() -> None:
    """Shared names may be events, which get their times as parameters do."""
    schedules = ScheduleSet({"lr": "hold until c then linear", "wd": "1 until c then 2", "where": {"c": "later"}})
    bounds = schedules.bind(100, ignore=["W510"])
    assert bounds(80) == {"lr": 1.0, "wd": 1.0}
    assert schedules.bind(100, c=60)(80) == {"lr": 0.5, "wd": 2.0} == bounds.change(c=60, step=59)(80)
    assert bounds.change(c=60)["lr"].change(c="later").events == bounds["lr"].events == {"c": None}
    with pytest.raises(ScheduleError, match="E403"):
        bounds.change(cc=60)
    with pytest.raises(ScheduleError, match="E415"):
        bounds.change(c=60, step=60)


class Sinking(Primitive):
    """From 1 to 0 along the square of what is left of its phase, whose length it asks for by itself."""

    name: ClassVar[str] = "sinking"

    def clock(self, frame: Any) -> RampClock:
        return RampClock(math.ceil(frame.stop) - frame.first)

    @staticmethod
    def at(k: Any, n: Any, xp: Any) -> Any:
        return (1 - k / n) ** 2


def test_primitives_of_ones_own() -> None:
    """One whose clock follows from the end of its phase cannot wait for an event; one in a window of its own can."""
    with registered(Sinking):
        assert codes("sinking until c then 7")[0].startswith("E414")
        assert codes("sinking until min(c, 9) then 7")[0].startswith("E414")
        assert bind("(sinking for 10) until c then 7")(5) == bind("(sinking for 10) until c then 7", c=6)(5) == 0.25
        assert bind("warmup(2) then (sinking for 4) until c")(1) == 0.5


def test_answers_hold_as_long_as_no_event_comes() -> None:
    """What is compared, or asked for, before an event is known says so; once it is, no more."""
    lr = parse("hold until c then linear to 0 for 20%").bind(1000, c="later")
    same = compare(lr, parse("hold").bind(1000))
    assert str(same).endswith("\nas long as `c` does not come") and same.to_dict()["awaited"] == ["c"]
    assert str(lr.when("< 0.5")) == "never < 0.5\nas long as `c` does not come"
    known = lr.change(c=500)
    assert "as long as" not in str(known.when("< 0.5")) + str(compare(known, known))
