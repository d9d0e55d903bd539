"""torch: the classes of `torch.optim.lr_scheduler`, by name with their arguments.

As dictionaries of Hydra (`_target_`), of Lightning's command line (`class_path`, `init_args`), with a `type`, `name` or
`class`, inside of Lightning's `scheduler` and `interval`, and as calls in Python files. Their formulas:
`torch/optim/lr_scheduler.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import attrs

from ..._language.parse import parse
from ..._text.fixes import foreign
from .config import POSITION, Config, written
from .pieces import ONE, Level, Piece, Site, Ticks, call, called, chained, line, number, plain, ramp, required, unknown
from .system import RATE, Rule, System, Told, Values

_NAMES: Final = ("_target_", "class_path", "class", "type", "name", "class_name", "()")
_ARGUMENTS: Final = ("init_args", "params", "kwargs", "args", "config")
_BESIDE: Final = (
    *("_partial_", "_convert_", "_recursive_", "optimizer", "verbose", "interval", "frequency", "monitor", "strict"),
    *("reduce_on_plateau", *_NAMES),
)
"""What stands beside a scheduler's arguments and says nothing of its values."""
_WHERE: Final = ("", "torch.optim.lr_scheduler", "lr_scheduler", "optim.lr_scheduler", "torch.optim")
_THIRD: Final = Fraction(1, 3)


def _kind(value: Any) -> str | None:
    """Which scheduler a mapping is."""
    if isinstance(value, Mapping):
        for key in _NAMES:
            name = value.get(key)
            if isinstance(name, str):
                where, _, kind = name.rpartition(".")
                if kind in _KNOWN and where in _WHERE:
                    return kind
    return None


def _wraps(value: Any) -> bool:
    """Whether a mapping is what Lightning takes, with the scheduler in it."""
    return isinstance(value, Mapping) and _kind(value) is None and _kind(value.get("scheduler")) is not None


def _recognizes(value: Any) -> bool:
    """A list with some of them is, too: alone they would mean something else."""
    if isinstance(value, (list, tuple)):
        return any(_kind(each) is not None or _wraps(each) for each in value)
    return _kind(value) is not None or _wraps(value)


@attrs.frozen
class _Made:
    """The values of one hyperparameter: its text, and for how many ticks they are the scheduler's."""

    text: str
    name: str = "lr"
    most: Fraction | None = None


def _read(config: Config, told: Told) -> Iterator[Rule]:
    if config.is_list:
        if len(config.values) > 1:
            hint = "import what joins them: `SequentialLR` with its `milestones`, or `ChainedScheduler`"
            config.refuse(None, "has several schedulers, and how they are joined is not known", hint)
        config = next(below for _, below in config.items())
    inside = config
    if _wraps(config.values):
        inside = config.below("scheduler") or config
        config.skip("name", "monitor", "strict", "reduce_on_plateau")
    kind, arguments = _opened(inside)
    interval = config.word("interval", told.interval, ("step", "epoch"))
    every = config.whole("frequency", 1, least=1)
    if interval is None and kind == "OneCycleLR" and "steps_per_epoch" in arguments:
        interval = "step"
    if interval is None:
        texts = [str(parse(_texts(kind, arguments, Site(Ticks(unit)))[0].text)) for unit in ("", "ep")]
        hint = f"say `interval`: for `step` the text is `{texts[0]}`, for `epoch` it is `{texts[1]}`"
        inside.refuse(
            None, f"`{kind}` is stepped at each step or once an epoch, and this doesn't say which", hint, "E607"
        )
    if interval == "epoch" and told.steps_per_epoch is not None and told.steps_per_epoch.denominator > 1:
        message = f"`{kind}` is stepped at the end of an epoch, but an epoch has {written(told.steps_per_epoch)} steps"
        inside.refuse(None, message, "say how many whole steps it has", "E607")
    ticks = Ticks("ep" if interval == "epoch" else "", every, told.steps_per_epoch)
    site = Site(ticks, lasts=ticks.counted(told.total_steps))
    for made in _texts(kind, arguments, site):
        build = _builder(kind, arguments.values)
        yield Rule(made.text, kind, made.name, values=_values(build, made, ticks))


def _opened(config: Config) -> tuple[str, Config]:
    """Which scheduler a config is, and its arguments, in it or in a mapping of their own."""
    kind = _kind(config.values)
    if kind is None:
        unknown(config, "torch's schedulers")
    for key in _NAMES:
        if isinstance(config.values.get(key), str):
            config.word(key)
    config.skip(*_BESIDE)
    below = next((config.below(key) for key in _ARGUMENTS if isinstance(config.values.get(key), Mapping)), None)
    arguments = called(config, _SIGNATURES[kind].split()) if below is None else below
    arguments.skip(*_BESIDE)
    if arguments.number("last_epoch", -1) != -1:
        arguments.refuse("last_epoch", "begins in the middle of a run", "remove it: a schedule knows every step")
    return kind, arguments


def _texts(kind: str, arguments: Config, site: Site) -> list[_Made]:
    """The text of each hyperparameter that a scheduler moves."""
    if kind in _CYCLES:
        made = _CYCLES[kind](arguments, site)
        arguments.finish(f"`{kind}`")
        return made
    if kind == "ChainedScheduler":
        return [_Made(_multiplied(arguments, site))]
    piece = _piece(kind, arguments, site)
    return [_Made(piece.text if piece.stairs else site.ticks.held(piece.text), most=piece.most)]


def _piece(kind: str, arguments: Config, site: Site) -> Piece:
    if kind not in _PIECES:
        arguments.skip(*_SIGNATURES[kind].split())
        found = foreign.CALLS.get(kind)
        if kind in ("OneCycleLR", "CyclicLR", "ChainedScheduler"):
            arguments.refuse(
                None, f"`{kind}` inside of another scheduler changes what the others begin at", "write it alone"
            )
        arguments.refuse(None, f"`{kind}` has no config with its values", found.note if found and found.note else "")
    piece = _PIECES[kind](arguments, site)
    arguments.finish(f"`{kind}`")
    return piece


# One phase each.


def _length(config: Config, key: str, default: int | None = None) -> int:
    """A number of ticks, of which none or one has values of its own in torch's two ways to step."""
    found = config.whole(key, default)
    if found is None:
        config.refuse(None, f"lacks `{key}`", f"add `{key}`", "E605")
    if found < 1:
        config.refuse(key, "is 0, for which torch's chained and closed forms differ", "leave the scheduler out")
    return int(found)


def _constant(config: Config, site: Site) -> Piece:
    factor, several = config.number("factor", _THIRD), _length(config, "total_iters", 5)
    low = site.base.times(factor)
    if site.lasts is not None and site.lasts <= several:
        return Piece(str(low), low, None, low, stairs=True)
    if low == site.base:
        return Piece("hold" if low.same(site.handed) else str(low), low, None, low, stairs=True)
    return Piece(f"{low} for {site.ticks.time(several)} then {site.base}", low, None, site.base, stairs=True)


def _linear(config: Config, site: Site) -> Piece:
    first, last = config.share("start_factor", _THIRD), config.share("end_factor", Fraction(1))
    several = _length(config, "total_iters", 5)
    if first == 0:
        config.refuse("start_factor", "is 0, which torch refuses", "write a share above 0, such as `1e-6`", "E605")
    return line(site.base.times(first), site.base.times(last), site, several)


def _polynomial(config: Config, site: Site) -> Piece:
    several, power = _length(config, "total_iters", 5), config.number("power", Decimal(1))
    if power <= 0:
        config.refuse("power", f"is {power}", "write a power above 0")
    duration = None if site.last and site.lasts == several else several
    bent = {} if power == 1 else {"power": written(power)}
    text = ramp("linear" if power == 1 else "poly", site.base, number(0), site, duration, **bent)
    return Piece(text, site.base, Fraction(several), number(0))


def _cosine(config: Config, site: Site) -> Piece:
    several, low = _length(config, "T_max"), number(config.number("eta_min", 0))
    if site.lasts is not None and site.lasts > several + 1:
        config.note("T_max", f"is {several}, behind which torch's cosine rises again", "the text does so, too")
        time = site.ticks.time(several)
        wave = f"({call('cosine', site.base, low)} for {time} then {call('cosine', low, site.base)} for {time}) repeat"
        return Piece(wave, site.base)
    if site.lasts is None:
        hint = "say how long the run is, and the text is right behind it, too"
        config.note("T_max", f"is {several}, behind which torch's cosine rises again, and this one stays", hint)
    duration = None if site.last and site.lasts == several else several
    text = ramp("cosine", site.base, low, site, duration)
    return Piece(text, site.base, Fraction(several), low, most=None if site.lasts is not None else Fraction(several))


def _decay(config: Config, site: Site) -> Piece:
    required(config, "gamma", "ExponentialLR")
    gamma = written(config.number("gamma"))
    start = None if site.base.same(site.handed) else site.base
    if site.ticks.each_step:
        return Piece(call("exponential_decay", gamma, start=start), site.base)
    return Piece(call("interval", gamma, every=site.ticks.time(1), start=start), site.base, stairs=True)


def _stairs(config: Config, site: Site) -> Piece:
    every, gamma = _length(config, "step_size"), written(config.number("gamma", Decimal("0.1")))
    start = None if site.base.same(site.handed) else site.base
    return Piece(call("interval", gamma, every=site.ticks.time(every), start=start), site.base, stairs=True)


def _milestones(config: Config, site: Site) -> Piece:
    required(config, "milestones", "MultiStepLR")
    places = config.numbers("milestones")
    gamma = config.number("gamma", Decimal("0.1"))
    if any(place != int(place) or place < 0 for place in places):
        config.refuse("milestones", "are not all whole numbers of at least 0", "no other milestone is ever met", "E605")
    start = None if site.base.same(site.handed) else site.base
    if not places:
        return Piece("hold" if start is None else str(start), site.base, stairs=True)
    begins = site.base.times(Fraction(gamma) ** sum(place == 0 for place in places))
    listed = ", ".join(site.ticks.time(int(place)) for place in places)
    return Piece(call("step_fixed", written(gamma), f"[{listed}]", start=start), begins, stairs=True)


def _restarts(config: Config, site: Site) -> Piece:
    first, times = _length(config, "T_0"), config.whole("T_mult", 1, least=1)
    low = number(config.number("eta_min", 0))
    wave = f"{call('cosine', site.base, low)} for {site.ticks.time(first)} repeat"
    return Piece(wave + f" stretch {times}" * (times > 1), site.base)


def _sequential(config: Config, site: Site) -> Piece:
    required(config, "schedulers", "SequentialLR")
    required(config, "milestones", "SequentialLR")
    places = config.numbers("milestones")
    inside = _schedulers(config)
    if len(places) != len(inside) - 1:
        message = f"has {len(places)} for {len(inside)} schedulers"
        config.refuse("milestones", message, "there is one less of them than of schedulers", "E605")
    if any(place != int(place) or place < 1 for place in places) or sorted(set(places)) != places:
        config.refuse("milestones", "do not rise from 1 on", "write where each scheduler but the first begins", "E605")
    edges = [Fraction(0), *map(Fraction, places)]
    lengths: list[Fraction | None] = [after - before for before, after in pairwise(edges)]
    lengths.append(None if site.lasts is None else max(site.lasts - edges[-1], Fraction(0)))
    pieces: list[Piece] = []
    handed = site.handed
    for (kind, arguments), lasts in zip(inside, lengths, strict=True):
        at = attrs.evolve(site, handed=handed, lasts=lasts, last=len(pieces) == len(places))
        pieces.append(_piece(kind, arguments, at))
        handed = pieces[-1].ends if lasts is None or pieces[-1].own is None or pieces[-1].own <= lasts else None
    most = pieces[-1].most
    text = chained(pieces, lengths, site.ticks)
    return Piece(text, pieces[0].start, stairs=True, most=None if most is None else edges[-1] + most)


def _schedulers(config: Config) -> list[tuple[str, Config]]:
    below = config.below("schedulers")
    assert below is not None
    for _, each in below.items():
        if _kind(each.values) is None:
            each.refuse(None, "is no scheduler of torch's", "write its class and its arguments", "E605")
    return [_opened(each) for _, each in below.items()]


def _multiplied(config: Config, site: Site) -> str:
    """ChainedScheduler: each multiplies what it finds. So the last is a share of base, and the others are numbers."""
    required(config, "schedulers", "ChainedScheduler")
    inside = _schedulers(config)
    texts, stairs = [], True
    for index, (kind, arguments) in enumerate(inside):
        if kind in ("CosineAnnealingWarmRestarts", "SequentialLR"):
            arguments.refuse(None, f"`{kind}` does not multiply what it finds", "chain what does")
        last = index == len(inside) - 1
        at = site if last else attrs.evolve(site, base=ONE, handed=None)
        piece = _piece(kind, arguments, at)
        if kind == "CosineAnnealingLR":
            if arguments.number("eta_min", 0):
                arguments.refuse("eta_min", "is no share of what the others make of it", "chain one that falls to 0")
            if piece.own is None or piece.most is not None:
                arguments.refuse("T_max", "has to reach to the end of the run", "say how long that is", "E607")
        texts.append(f"({piece.text})" if " then " in piece.text or " for " in piece.text else piece.text)
        stairs = stairs and piece.stairs
    config.finish("`ChainedScheduler`")
    text = " * ".join(texts)
    return text if stairs else site.ticks.held(text)


_PIECES: Final[Mapping[str, Callable[[Config, Site], Piece]]] = {
    "ConstantLR": _constant,
    "LinearLR": _linear,
    "PolynomialLR": _polynomial,
    "CosineAnnealingLR": _cosine,
    "ExponentialLR": _decay,
    "StepLR": _stairs,
    "MultiStepLR": _milestones,
    "CosineAnnealingWarmRestarts": _restarts,
    "SequentialLR": _sequential,
}


# Cycles, which move the momentum, too.


def _one_cycle(config: Config, site: Site) -> list[_Made]:
    required(config, "max_lr", "OneCycleLR")
    peak = number(config.number("max_lr"))
    total = config.whole("total_steps", least=1)
    several, per_epoch = config.whole("epochs", least=1), config.whole("steps_per_epoch", least=1)
    if total is None and (several is None or per_epoch is None):
        config.refuse(None, "lacks `total_steps`, or `epochs` and `steps_per_epoch`", "add it", "E605")
    total = total or several * per_epoch
    text = one_cycle_text(config, total, peak, site.ticks)
    most = Fraction(total - 1)
    made = [_Made(site.ticks.held(text), most=most)]
    low, high = (number(config.number(f"{which}_momentum", Decimal(default))) for which, default in _MOMENTA)
    if config.flag("cycle_momentum", True):
        momenta = _through([high, low, high, high], *_one_cycle_phases(config, total), site.ticks)
        made.append(_Made(site.ticks.held(momenta), "momentum", most))
    return made


def one_cycle_text(config: Config, total: int, peak: Level, ticks: Ticks) -> str:
    """One cycle up to a peak: from a share of it, and, in three phases, to that again, to a share of that."""
    start = peak.times(1 / Fraction(config.number("div_factor", Decimal(25))))
    end = start.times(1 / Fraction(config.number("final_div_factor", Decimal(10_000))))
    levels = [start, peak, *([start] if config.flag("three_phase") else []), end]
    return _through(levels, *_one_cycle_phases(config, total), ticks)


_MOMENTA: Final = (("base", "0.85"), ("max", "0.95"))


def _one_cycle_phases(config: Config, total: int) -> tuple[list[Fraction], str]:
    """Where the phases of one cycle end, in ticks, between two of them, too; and their shape."""
    share = Fraction(config.share("pct_start", Decimal("0.3")))
    rises = share * total - 1
    edges = [rises, *([2 * rises] if config.flag("three_phase") else []), Fraction(total - 1)]
    if any(before >= after for before, after in pairwise([Fraction(0), *edges])):
        config.refuse("pct_start", f"leaves a phase without a step in {total} steps", "write another share", "E606")
    return edges, {"cos": "cosine", "linear": "linear"}[config.word("anneal_strategy", "cos", ("cos", "linear"))]


def _through(levels: Sequence[Level], edges: Sequence[Fraction], shape: str, ticks: Ticks) -> str:
    """Ramps from level to level, which end at these ticks."""
    texts, begins = [], Fraction(0)
    for (start, end), stop in zip(pairwise(levels), edges, strict=False):
        exact = None if begins.denominator == stop.denominator == 1 or not ticks.unit else "exact"
        first = start if begins == 0 else None
        texts.append(call(shape, duration=ticks.time(stop - begins), start=first, end=end, inclusive=exact))
        begins = stop
    return " then ".join(texts)


def _cyclic(config: Config, site: Site) -> list[_Made]:
    made = [_Made(site.ticks.held(cyclic_text(config, site.ticks)))]
    if config.flag("cycle_momentum", True):
        calm, fast = (number(config.number(key, Decimal(default))) for key, default in _CYCLIC_MOMENTA)
        made.append(_Made(site.ticks.held(_triangles(fast, calm, *_cycle(config), site.ticks)), "momentum"))
    else:
        config.skip("base_momentum", "max_momentum")
    return made


def cyclic_text(config: Config, ticks: Ticks) -> str:
    """Triangles between two learning rates."""
    required(config, "base_lr", "CyclicLR")
    required(config, "max_lr", "CyclicLR")
    low, high = (number(config.number(key)) for key in ("base_lr", "max_lr"))
    return _triangles(low, high, *_cycle(config), ticks)


def _cycle(config: Config) -> tuple[int, int, str, Decimal]:
    config.skip("scale_mode") if "scale_fn" not in config else config.refuse(
        "scale_fn", "is a function", "transcribe it"
    )
    up = config.whole("step_size_up", 2000, least=1)
    down = config.whole("step_size_down", up, least=1)
    return up, down, config.word("mode", "triangular", _MODES), config.number("gamma", Decimal(1))


_MODES: Final = ("triangular", "triangular2", "exp_range")
_CYCLIC_MOMENTA: Final = (("base_momentum", "0.8"), ("max_momentum", "0.9"))


def _triangles(low: Level, high: Level, up: int, down: int, mode: str, gamma: Decimal, ticks: Ticks) -> str:
    def both(bottom: Level, top: Level) -> str:
        rise, fall = call("linear", bottom, top), call("linear", top, bottom)
        return f"({rise} for {ticks.time(up)} then {fall} for {ticks.time(down)}) repeat"

    swing = number(high.amount - low.amount)
    match mode:
        case "triangular2":
            return f"{low} + ({both(number(0), swing)} scale 0.5)"
        case "exp_range":
            decays = call(
                "exponential_decay", written(gamma), start=1, every=None if ticks.each_step else ticks.time(1)
            )
            return f"{low} + ({both(number(0), swing)}) * {decays}"
    return both(low, high)


_CYCLES: Final[Mapping[str, Callable[[Config, Site], list[_Made]]]] = {"OneCycleLR": _one_cycle, "CyclicLR": _cyclic}
_SIGNATURES: Final = {
    "ConstantLR": "optimizer factor total_iters",
    "LinearLR": "optimizer start_factor end_factor total_iters",
    "PolynomialLR": "optimizer total_iters power",
    "CosineAnnealingLR": "optimizer T_max eta_min",
    "ExponentialLR": "optimizer gamma",
    "StepLR": "optimizer step_size gamma",
    "MultiStepLR": "optimizer milestones gamma",
    "CosineAnnealingWarmRestarts": "optimizer T_0 T_mult eta_min",
    "SequentialLR": "optimizer schedulers milestones",
    "ChainedScheduler": "schedulers optimizer",
    "OneCycleLR": "optimizer max_lr total_steps epochs steps_per_epoch pct_start anneal_strategy cycle_momentum "
    "base_momentum max_momentum div_factor final_div_factor three_phase",
    "CyclicLR": "optimizer base_lr max_lr step_size_up step_size_down mode gamma scale_fn scale_mode cycle_momentum "
    "base_momentum max_momentum",
    "LambdaLR": "optimizer lr_lambda",
    "MultiplicativeLR": "optimizer lr_lambda",
    "ReduceLROnPlateau": "optimizer mode factor patience",
}
"""The arguments of each by position."""
_KNOWN: Final = frozenset(_SIGNATURES)


# The library's own values.


def _builder(kind: str, values: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A function that makes the scheduler of a config for an optimizer."""

    def build(optimizer: Any) -> Any:
        from torch.optim import lr_scheduler

        given = {key: plain(value) for key, value in values.items() if key not in _BESIDE and value is not None}
        if "schedulers" in given:
            inside = [_builder(*_given(each))(optimizer) for each in given.pop("schedulers")]
            if kind == "ChainedScheduler":
                return lr_scheduler.ChainedScheduler(inside)
            return lr_scheduler.SequentialLR(optimizer, inside, **given)
        return getattr(lr_scheduler, kind)(optimizer, **given)

    return build


def _given(config: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kind = _kind(config)
    assert kind is not None
    inside = next((config[key] for key in _ARGUMENTS if isinstance(config.get(key), Mapping)), config)
    names = {f"{POSITION}{index}": name for index, name in enumerate(_SIGNATURES[kind].split())}
    return kind, {names.get(key, key): each for key, each in inside.items()}


def _values(build: Callable[[Any], Any], made: _Made, ticks: Ticks) -> Values:
    """What an optimizer with a learning rate of 1 is told; as far as the text goes."""

    def values(total: int) -> list[float]:
        import torch

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
        found: list[float] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of schedulers that step before their optimizer
            scheduler = build(optimizer)
            for step in range(total):
                passed = ticks.passed(step, RATE)
                if made.most is not None and passed > made.most:
                    break
                if step and passed > ticks.passed(step - 1, RATE):
                    scheduler.step()
                found.append(float(optimizer.param_groups[0][made.name]))
        return found

    return values


PYTORCH: Final = System("torch", "torch's schedulers", "torch", _recognizes, _read, alone=True)
