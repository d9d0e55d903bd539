"""mmengine: `param_scheduler` of the configs of MMDetection, MMSegmentation and others, a scheduler or a list of them.

Each begins with what it finds, and holds what it has come to. Those whose times overlap are stepped side by side, each
multiplying. Their formulas: `mmengine/optim/scheduler/param_scheduler.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import attrs

from .config import Config, written
from .pieces import BASE, ONE, Level, Ticks, call, name_of, number, plain, required, unknown
from .pytorch import one_cycle_text
from .system import RATE, Rule, System, Told, Values, then

_TYPES: Final = ("type", "()")
_TIMES: Final = ("begin", "end", "by_epoch", "convert_to_iter_based", "eta_min_ratio", "param_name")
"""What only schedulers of mmengine have."""
_ENDINGS: Final = {"LR": "lr", "Momentum": "momentum", "ParamScheduler": ""}
_THIRD: Final = Fraction(1, 3)


def _kind(value: Any) -> str | None:
    """Which scheduler a mapping is, whatever hyperparameter it is of."""
    found = name_of(value, _TYPES)
    if found is None:
        return None
    ending = next((each for each in _ENDINGS if found[0].endswith(each)), "")
    kind = found[0].removesuffix(ending)
    return kind if ending and kind in _SHAPES else None


def _recognizes(value: Any) -> bool:
    """A list with one of them is, too: the others change what that one finds."""
    if isinstance(value, Mapping) and "param_scheduler" in value:
        return _has_one(value["param_scheduler"])
    return _has_one(value) and any(key in each for each in _mappings(value) for key in _TIMES)


def _mappings(value: Any) -> Sequence[Any]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, (list, tuple)) else [value]


def _has_one(value: Any) -> bool:
    return any(_kind(each) is not None for each in _mappings(value))


@attrs.frozen
class _Place:
    """A place in the run: so many epochs, or so many steps."""

    amount: Fraction
    unit: str

    def __str__(self) -> str:
        return Ticks(self.unit).time(self.amount)

    def steps(self, per_epoch: Fraction | None) -> Fraction | None:
        """In steps, if that is known."""
        if not self.unit or not self.amount:
            return self.amount
        return None if per_epoch is None else self.amount * per_epoch

    def before(self, other: _Place, per_epoch: Fraction | None) -> bool | None:
        """Whether it is before another place; None if nobody knows."""
        if self.unit == other.unit:
            return self.amount < other.amount
        one, another = self.steps(per_epoch), other.steps(per_epoch)
        if one is not None and another is not None:
            return one < another
        return None if self.amount and other.amount else self.amount < other.amount


@attrs.frozen
class _Item:
    """A scheduler of the list: what it counts, from where to where, and for how many of these it is asked."""

    kind: str
    name: str
    config: Config
    ticks: Ticks
    begin: _Place
    end: _Place | None
    converted: bool
    asked: Fraction | None = None

    @property
    def length(self) -> Fraction | None:
        """How many of its own units it lasts."""
        return None if self.end is None else self.end.amount - self.begin.amount

    def but_one(self) -> str:
        """How long it is up to its last value."""
        assert self.end is not None and self.length is not None
        if self.converted:
            return f"{_Place(self.length, 'ep')} - 1"
        return str(_Place(self.length - 1, self.begin.unit))


@attrs.frozen
class _Shape:
    """What a scheduler makes of the value that it finds.

    Attributes:
        text: without how long it lasts.
        start: the value that it begins at.
        ends: the one that it comes to; None if that depends on how long it lasts.
        lasts: whether its text ends where it does.
        climbs: if it is a straight line upwards: how long, and which ends it shows.
        most: up to where its text is right.
    """

    text: str
    start: Level | None
    ends: Level | None = None
    lasts: bool = False
    climbs: tuple[str, str | None] | None = None
    most: _Place | None = None


def _read(config: Config, told: Told) -> Iterator[Rule]:
    inside: Config = config
    total, base = None, None
    if "param_scheduler" in config.values:
        found = config.below("param_scheduler")
        if found is None:
            unknown(config, "mmengine's schedulers")
        inside = found
        total, base = _run(config)
        if "_base_" in config.values:
            hint = "what it says of the run, of the optimizer and of other schedulers is not known"
            config.note("_base_", "is not followed", hint)
    each = [below for _, below in inside.items()] if inside.is_list else [inside]
    stop = _Place(Fraction(told.total_steps), "") if told.total_steps is not None else total
    items = [_ended(_item(below), stop, told.steps_per_epoch) for below in each]
    if told.steps_per_epoch is not None and told.steps_per_epoch.denominator > 1:
        message = "counts whole epochs, and an epoch has no whole number of steps"
        inside.refuse(None, message, "say how many steps the loader has", "E607")
    for name in dict.fromkeys(item.name for item in items):
        mine = [item for item in items if item.name == name]
        level = base if name == "lr" else None
        text, most = _text([item for item in mine if not _does_nothing(item)], stop, told.steps_per_epoch)
        yield Rule(
            text,
            " + ".join(item.kind for item in mine),
            name,
            base=level,
            total=None if total is None else int(total.amount) if not total.unit else str(total),
            values=_values(mine, level, most, told.steps_per_epoch),
        )


def _run(config: Config) -> tuple[_Place | None, Decimal | None]:
    """How long the run is, and the learning rate, if the config says it."""
    total, base = None, None
    loop = config.values.get("train_cfg")
    if isinstance(loop, Mapping):
        below = config.below("train_cfg", stays=True)
        for key, unit in (("max_epochs", "ep"), ("max_iters", "")):
            if below is not None and isinstance(loop.get(key), int):
                total = _Place(Fraction(below.whole(key, stays=True)), unit)
    wrapper = config.values.get("optim_wrapper")
    optimizer = wrapper.get("optimizer") if isinstance(wrapper, Mapping) else None
    if isinstance(optimizer, Mapping) and isinstance(optimizer.get("lr"), (int, float)):
        below = config.below("optim_wrapper", stays=True)
        inner = None if below is None else below.below("optimizer", stays=True)
        base = None if inner is None else inner.known("lr")
    return total, base


def _item(config: Config) -> _Item:
    kind, found = _kind(config.values), name_of(config.values, _TYPES)
    if kind is None or found is None:
        which = f"`{found[0]}`" if found is not None else "it"
        hint = "give the values of all together: `schedlang transcribe`"
        config.refuse(None, f"is no scheduler of mmengine's: {which} is not known", hint)
    config.skip(*_TYPES, "verbose", "_scope_")
    if isinstance(config.values.get("type"), str):
        config.word("type")
    ending = next(each for each in _ENDINGS if found[0].endswith(each))
    name = _ENDINGS[ending] or config.word("param_name", "lr")
    if kind == "ReduceOnPlateau":
        hint = "there is no such thing here: a schedule knows only the step, not a metric"
        config.refuse(None, f"`{found[0]}` follows a metric", hint)
    if config.number("last_step", -1) != -1:
        config.refuse("last_step", "begins in the middle of a run", "remove it: a schedule knows every step")
    by_epoch, converted = config.flag("by_epoch", True), config.flag("convert_to_iter_based")
    if converted and not by_epoch:
        config.refuse("convert_to_iter_based", "converts epochs, and `by_epoch` is false", "remove it", "E605")
    unit = "ep" if by_epoch else ""
    begin, end = config.number("begin", 0), config.number("end")
    whole = all(each == int(each) for each in (begin, end or 0))
    if not whole and not converted:
        config.refuse("begin" if begin != int(begin) else "end", "is no whole number", "write a whole one", "E605")
    if end is not None and end <= begin:
        config.refuse("end", f"is {end}, which is not behind {begin}", "write where the scheduler ends", "E605")
    places = _Place(Fraction(begin), unit), None if end is None else _Place(Fraction(end), unit)
    return _Item(kind, name, config, Ticks(unit, smooth=converted), *places, converted)


def _ended(item: _Item, stop: _Place | None, per_epoch: Fraction | None) -> _Item:
    """A scheduler that doesn't say where it ends does so where the run does, in whole units of its own."""
    if item.end is not None or stop is None:
        return item
    steps = stop.steps(per_epoch)
    if stop.unit == item.begin.unit:
        return attrs.evolve(item, end=stop)
    if steps is None or per_epoch is None:
        return item
    epochs = Fraction(-(-steps // per_epoch))
    return attrs.evolve(item, end=_Place(epochs, "ep") if item.begin.unit else _Place(steps, ""))


def _does_nothing(item: _Item) -> bool:
    """Whether it multiplies by 1, to fill the time up to the end."""
    same = item.kind == "Constant" and item.config.number("factor", _THIRD) == 1
    if same:
        item.config.finish("`ConstantLR`")
    return same


# Several of them.


def _text(items: Sequence[_Item], stop: _Place | None, per_epoch: Fraction | None) -> tuple[str, _Place | None]:
    """The text, and up to where it is right; None: everywhere."""
    if not items:
        return "hold", None
    items = [attrs.evolve(item, asked=_asked(item, stop, per_epoch)) for item in items]
    ordered = sorted(items, key=lambda item: (item.begin.amount > 0, item.begin.steps(per_epoch or RATE) or 0))
    for before, after in pairwise(ordered):
        overlaps = True if before.end is None else after.begin.before(before.end, per_epoch)
        if overlaps is None:
            message = f"begins at {after.begin}, and the one before it ends at {before.end}"
            hint = "it is taken for the later one; say how many steps an epoch has"
            after.config.note("begin", message, hint)
        if overlaps:
            return _side_by_side(items, stop, per_epoch)
    return _one_by_one(ordered, stop, per_epoch)


def _asked(item: _Item, stop: _Place | None, per_epoch: Fraction | None) -> Fraction | None:
    """For how many of its units it is asked, if that is known."""
    if stop is None or (item.end is not None and item.end.before(stop, per_epoch)):
        return item.length
    if stop.unit == item.begin.unit:
        return stop.amount - item.begin.amount
    steps = stop.steps(per_epoch)
    if steps is None or (item.begin.unit and per_epoch is None):
        return item.length
    return steps / (per_epoch if item.begin.unit and per_epoch else 1) - item.begin.amount


def _goes_on(item: _Item, stop: _Place | None, per_epoch: Fraction | None) -> bool | None:
    """Whether the run goes on where a scheduler ends; None if nobody knows."""
    if item.end is None:
        return False
    return None if stop is None else item.end.before(stop, per_epoch)


def _noted(item: _Item) -> _Place | None:
    """Tell up to where a text is right."""
    hint = "say how long the run is, and the text is right behind it, too"
    item.config.note("end", f"is {item.end}, behind which the last value is held", hint)
    return item.end


def _one_by_one(items: Sequence[_Item], stop: _Place | None, per_epoch: Fraction | None) -> tuple[str, _Place | None]:
    texts: list[str] = []
    handed: Level | None = BASE
    last, most = _Place(Fraction(0), ""), None
    climbing: tuple[int, str] | None = None
    for index, item in enumerate(items):
        follows = items[index + 1] if index + 1 < len(items) else None
        shape = _shaped(item, handed)
        waits = item.begin.amount > 0 and item.begin != last
        if climbing is not None and (waits or shape.start is None or shape.start.same(BASE)):
            texts[climbing[0]] = climbing[1]
        if waits:
            texts.append(f"hold until {item.begin}")
        climbing = None
        most = shape.most or most
        goes_on = True if follows is not None else _goes_on(item, stop, per_epoch)
        if goes_on is None and item.end is not None and not shape.lasts:
            most = _noted(item)
        if not goes_on or item.end is None:
            texts.append(shape.text)
        elif shape.lasts:
            texts.append(shape.text)
            if shape.climbs is not None and shape.ends == BASE and handed == BASE and shape.start is not None:
                duration, inclusive = shape.climbs
                start = shape.start if shape.start.amount else None
                climbing = len(texts) - 1, call("warmup", duration, start, inclusive=inclusive)
        else:
            adjoins = follows is not None and follows.begin == item.end
            rest = f"hold until {item.end}" if adjoins else "hold" if follows is None else None
            texts += [f"({shape.text}) for {item.but_one()}", *([rest] if rest else [])]
        handed = shape.ends
        last = item.end or last
    return then(*texts), most


def _side_by_side(items: Sequence[_Item], stop: _Place | None, per_epoch: Fraction | None) -> tuple[str, _Place | None]:
    texts, most = [], None
    for index, item in enumerate(items):
        last = index == len(items) - 1
        if item.kind in ("OneCycle", "CosineRestart"):
            item.config.refuse("begin", "is inside of another's time, and this one doesn't multiply", "let them follow")
        if any(key in item.config and item.config.number(key) for key in ("eta_min", "eta_min_ratio")):
            item.config.refuse("eta_min", "is no share of what the other makes of it", "let one follow the other")
        before = BASE if last else ONE
        shape = _shaped(item, before if last else None, before)
        texts_of = [f"{'hold' if last else before} for {item.begin}"] if item.begin.amount else []
        goes_on = _goes_on(item, stop, per_epoch)
        most = shape.most or most
        if goes_on is None and not shape.lasts and not _is_over(item):
            most = _noted(item)
        cut = goes_on and not shape.lasts and not _is_over(item)
        texts_of += [f"({shape.text}) for {item.but_one()}", "hold"] if cut else [shape.text]
        text = then(*texts_of)
        texts.append(f"({text})" if " for " in text or " then " in text else text)
    return " * ".join(texts), most


def _is_over(item: _Item) -> bool:
    """Whether stairs have made their last step before the scheduler ends."""
    if item.kind != "MultiStep" or item.length is None:
        return False
    return all(place < item.length for place in item.config.numbers("milestones"))


# One each.

_UNENDED: Final = ("lasts until the run ends", "say how long that is, or write `end`")


def _shaped(item: _Item, handed: Level | None, base: Level | None = None) -> _Shape:
    """What a scheduler does with the value that it finds; `handed` is None if its text has to say that."""
    level = handed if base is None else base
    shape = _SHAPES[item.kind](item, level, handed)
    item.config.finish(f"`{item.kind}`")
    return shape


def _level(item: _Item, level: Level | None) -> Level:
    if level is None:
        message = "multiplies what the one before it has come to, which has no short number"
        item.config.refuse(None, message, "give its values: `schedlang transcribe`")
    return level


def _ramp(item: _Item, shape: str, start: Level | None, end: Level, handed: Level | None, **more: Any) -> _Shape:
    """A ramp whose last value is its end."""
    length = item.length
    if length is None:
        item.config.refuse(None, *_UNENDED, "E607")
    if length == 1 and not item.converted:
        item.config.refuse("end", "leaves it a single value", "leave the scheduler out, or let it be longer")
    stepped = not item.ticks.each_step
    duration = item.ticks.time(length - 1 if stepped else length)
    inclusive = None if stepped else "both"
    first = start if start is not None and not start.same(handed) else None
    text = call(shape, start=first, end=end if end.amount else None, duration=duration, inclusive=inclusive, **more)
    if stepped:
        return _Shape(f"({text}) every 1ep for {item.ticks.time(length)}", start, end, lasts=True)
    up = start is not None and start.of_base == end.of_base and start.amount < end.amount
    return _Shape(text, start, end, lasts=True, climbs=(duration, inclusive) if up and shape == "linear" else None)


def _linear(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    level = _level(item, level)
    first, last = item.config.share("start_factor", _THIRD), item.config.share("end_factor", Fraction(1))
    if first == 0 and item.length != 1:
        item.config.refuse("start_factor", "is 0, by which mmengine divides", "write a share above 0", "E605")
    return _ramp(item, "linear", level.times(first), level.times(last), handed)


def _constant(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    level = _level(item, level)
    low = level.times(item.config.share("factor", _THIRD))
    if low == level:
        return _Shape("hold" if level.same(handed) else str(level), level, level, lasts=item.end is None)
    if item.end is None or item.length == 1:
        return _Shape(str(low), low, low)
    one = item.ticks.one if not item.ticks.each_step else 1
    return _Shape(f"{low} for {item.but_one()} then {level} for {one}", low, level, lasts=True)


def _decay(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    required(item.config, "gamma", "ExponentialLR")
    gamma = written(item.config.number("gamma"))
    start = None if handed is not None or level is None else level
    if not item.ticks.each_step:
        return _Shape(call("interval", gamma, every=item.ticks.one, start=start), level)
    return _Shape(call("exponential_decay", gamma, start=start), level)  # of a step, where epochs are converted


def _stairs(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    required(item.config, "step_size", "StepLR")
    every, gamma = item.config.whole("step_size", least=1), item.config.number("gamma", Decimal("0.1"))
    start = None if handed is not None or level is None else level
    return _Shape(call("interval", written(gamma), every=item.ticks.time(every), start=start), level)


def _milestones(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    required(item.config, "milestones", "MultiStepLR")
    places, gamma = item.config.numbers("milestones"), item.config.number("gamma", Decimal("0.1"))
    if any(place != int(place) or place < 0 for place in places):
        item.config.refuse("milestones", "are not all whole numbers of at least 0", "no other is ever met", "E605")
    start = None if handed is not None or level is None else level
    if not places:
        return _Shape("hold" if start is None else str(start), level, level)
    listed = ", ".join(item.ticks.time(int(place)) for place in places)
    first = level if level is None else level.times(Fraction(gamma) ** sum(place == 0 for place in places))
    return _Shape(call("step_fixed", written(gamma), f"[{listed}]", start=start), first)


def _floor(item: _Item) -> Level:
    low, share = item.config.number("eta_min"), item.config.number("eta_min_ratio")
    if low is not None and share is not None:
        item.config.refuse("eta_min", "and `eta_min_ratio` exclude each other", "remove one of both", "E605")
    return BASE.times(share) if share is not None else number(low or 0)


def _cosine(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    low, planned = _floor(item), item.config.whole("T_max")
    length = item.length
    period = Fraction(planned) if planned else length
    start = None if handed is not None or level is None else level
    if period is None:
        item.config.refuse(None, *_UNENDED, "E607")
    asked = item.asked if length is None else length if item.asked is None else min(length, item.asked)
    if asked is not None and asked - 1 > period:
        if level != BASE or item.begin.amount:
            item.config.refuse(
                "T_max", "is over before the scheduler is, where it jumps", "let `T_max` reach to the end"
            )
        time = item.ticks.time(period)
        wave = f"({call('cosine', level, low)} for {time} then {call('cosine', low, level)} for {time}) repeat"
        return _Shape(item.ticks.held(wave), level)
    if asked is None:
        hint = "say how long the run is, and the text is right behind it, too"
        item.config.note("T_max", f"is {period}, behind which mmengine's cosine rises again, and this one stays", hint)
    text = call("cosine", start=start, end=low if low.amount else None, duration=item.ticks.time(period))
    most = None if asked is not None else _Place(item.begin.amount + period, item.begin.unit)
    return _Shape(item.ticks.held(text), level, most=most)


def _poly(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    low, power = number(item.config.number("eta_min", 0)), item.config.number("power", Decimal(1))
    start = None if handed is not None or level is None else level
    bent = {} if power == 1 else {"power": written(power)}
    found = _ramp(item, "linear" if power == 1 else "poly", start, low, handed, **bent)
    return attrs.evolve(found, start=level, climbs=None)


def _restarts(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    for key in ("periods",):
        required(item.config, key, "CosineRestartLR")
    low, periods = _floor(item), item.config.numbers("periods")
    if "eta_min" not in item.config and "eta_min_ratio" not in item.config:
        item.config.refuse(None, "lacks `eta_min` or `eta_min_ratio`", "add one of both", "E605")
    weights = item.config.numbers("restart_weights", [Decimal(1)])
    if len(weights) != len(periods):
        item.config.refuse("restart_weights", f"has {len(weights)} for {len(periods)} periods", "one for each", "E605")
    phases = [
        f"{call('cosine', BASE.times(weight), low)} for {item.ticks.time(int(period))}"
        for weight, period in zip(weights, periods, strict=True)
    ]
    if item.end is None or item.length is None or item.length > sum(periods):
        last = f"{Ticks('ep').time(periods[-1])} - 1" if item.converted else item.ticks.time(int(periods[-1]) - 1)
        phases[-1] = f"{call('cosine', BASE.times(weights[-1]), low, item.ticks.time(int(periods[-1])))} for {last}"
        phases.append("hold")
    return _Shape(item.ticks.held(then(*phases)), BASE.times(weights[0]))


def _quadratic(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    """MMDetection's: squares of a line that ends at base, whatever it finds."""
    if item.length is None or not item.ticks.each_step:
        item.config.refuse(None, "is read only with an `end`, counted by steps", "set `convert_to_iter_based=True`")
    duration = item.ticks.time(item.length)
    up = call("linear", start=0, end=BASE, duration=duration, ease=2, inclusive="right")
    return _Shape(up, number(0), BASE, lasts=True, climbs=(duration, "right, ease=2"))


def _one_cycle(item: _Item, level: Level | None, handed: Level | None) -> _Shape:
    total = item.config.whole("total_steps", least=1) or item.length
    if total is None:
        item.config.refuse(None, *_UNENDED, "E607")
    if item.converted:
        item.config.refuse(
            "convert_to_iter_based", "makes an epoch's phases of steps", "count by steps: `by_epoch=False`"
        )
    required(item.config, "eta_max", "OneCycleLR")
    peak = number(item.config.number("eta_max"))
    text = item.ticks.held(one_cycle_text(item.config, int(total), peak, item.ticks))
    return _Shape(text, None, most=_Place(item.begin.amount + total, item.begin.unit))


_SHAPES: Final[Mapping[str, Callable[[_Item, Level | None, Level | None], _Shape]]] = {
    "Linear": _linear,
    "Constant": _constant,
    "Exponential": _decay,
    "Step": _stairs,
    "MultiStep": _milestones,
    "CosineAnnealing": _cosine,
    "Poly": _poly,
    "CosineRestart": _restarts,
    "OneCycle": _one_cycle,
    "QuadraticWarmup": _quadratic,
    "ReduceOnPlateau": _constant,
}


# The library's own values.


def _values(items: Sequence[_Item], base: Decimal | None, most: _Place | None, known: Fraction | None) -> Values:
    per_epoch = int(known or RATE)

    def values(total: int) -> list[float]:
        classes = [_found(item) for item in items]
        import torch

        level = 1.0 if base is None else float(base)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=level)
        if items[0].name != "lr":
            optimizer.param_groups[0][items[0].name] = 1.0
        made = [_made(kind, item, optimizer, per_epoch, total) for kind, item in zip(classes, items, strict=True)]
        found: list[float] = []
        end = None if most is None else most.steps(Fraction(per_epoch))
        for step in range(total if end is None else min(total, int(end))):
            found.append(float(optimizer.param_groups[0][items[0].name]))
            optimizer.step()
            for each in made:
                if not each.by_epoch or (step + 1) % per_epoch == 0:
                    each.step()
        return found

    return values


def _found(item: _Item) -> Any:
    """The class itself."""
    from mmengine.optim import scheduler  # type: ignore[import-not-found]

    if item.kind != "QuadraticWarmup":
        return getattr(scheduler, _class(item))
    from mmdet.engine import schedulers  # type: ignore[import-not-found]

    return getattr(schedulers, _class(item))


def _class(item: _Item) -> str:
    found = name_of(item.config.values, _TYPES)
    assert found is not None
    return found[0]


def _made(kind: Any, item: _Item, optimizer: Any, per_epoch: int, total: int) -> Any:
    beside = (*_TYPES, "convert_to_iter_based", "_scope_")
    given = {key: plain(each) for key, each in item.config.values.items() if key not in beside and each is not None}
    if given.get("end") is None:  # as the Runner does
        given["end"] = -(-total // per_epoch) if item.begin.unit else total
    if item.converted:
        return kind.build_iter_from_epoch(optimizer, epoch_length=per_epoch, **given)
    return kind(optimizer, **given)


MMENGINE: Final = System(
    "mmengine", "mmengine's schedulers", "mmengine", _recognizes, _read, frozenset(("auto_scale_lr",))
)
