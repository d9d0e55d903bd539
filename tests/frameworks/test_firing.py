"""Events in training: times that are given while a run goes on, kept in checkpoints, and resumed to the bit."""

import io
import random
from datetime import timedelta
from typing import Any

import pytest

from schedlang import ScheduleError, ScheduleWarning

torch = pytest.importorskip("torch")
from schedlang.torch import Scheduler, ranks  # noqa: E402

TEXTS = {
    "lr": {"bias": "0.5 * x", "*": "x"},
    "momentum": "0.9 until cooldown then linear(0.9, 0.5) for 10 then hold",
    "weight_decay": "1e-4 until halt then 0",
}
WHERE = {"x": "warmup(5) then hold until cooldown then one_minus_sqrt to 0 for 20"}
EVENTS = {"cooldown": "later", "halt": "later"}
STEPS = 60


class Run:
    """A training loop, which can be killed and resumed."""

    def __init__(self, **given: Any) -> None:
        torch.manual_seed(0)
        self.model = torch.nn.Linear(3, 2)
        params = [{"params": [parameter]} for parameter in self.model.parameters()]
        self.optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=1e-4)
        names = dict(self.model.named_parameters())
        self.scheduler = Scheduler(
            self.optimizer, TEXTS, STEPS, named_parameters=names, ignore=["W510"], where=WHERE, **{**EVENTS, **given}
        )

    def train(self, stop: int, fired: dict[int, dict[str, Any]]) -> "Run":
        while self.scheduler.last_epoch < stop:
            step = self.scheduler.last_epoch
            if step in fired:
                self.scheduler.change(**fired[step])
            torch.manual_seed(step)
            self.optimizer.zero_grad()
            self.model(torch.randn(4, 3)).square().sum().backward()
            self.optimizer.step()
            self.scheduler.step()
        return self

    def saved(self) -> io.BytesIO:
        file = io.BytesIO()
        state = {name: getattr(self, name).state_dict() for name in ("model", "optimizer", "scheduler")}
        torch.save(state, file)
        file.seek(0)
        return file

    def loaded(self, file: io.BytesIO, order: tuple[str, ...]) -> "Run":
        for name in ("model", *order):
            getattr(self, name).load_state_dict(torch.load(file, weights_only=True)[name])
            file.seek(0)
        return self

    def weights(self) -> list[Any]:
        return [parameter.tolist() for parameter in self.model.parameters()]


def test_killed_and_resumed() -> None:
    """To the bit that of a run which was not, wherever it was killed; built with `later`, it replays the events."""
    chance = random.Random(1)
    for _ in range(3):
        cooldown = chance.randint(6, 40)
        halt, said = chance.randint(cooldown + 2, 59), chance.randint(5, cooldown)
        fired = {said: {"cooldown": cooldown}, halt - 1: {"halt": halt}}
        whole = Run().train(STEPS, fired)
        known = Run(cooldown=cooldown, halt=halt).train(STEPS, {})
        killed = chance.randint(1, 59)
        order = chance.choice([("optimizer", "scheduler"), ("scheduler", "optimizer")])
        resumed = Run().loaded(Run().train(killed, fired).saved(), order)
        times = {name: None if time is None else str(time) for name, time in _events(resumed).items()}
        assert times == {
            "cooldown": str(cooldown) if killed > said else None,
            "halt": str(halt) if killed >= halt else None,
        }
        assert resumed.train(STEPS, fired).weights() == whole.weights() == known.weights()


def _events(run: Run) -> dict[str, Any]:
    return {name: time for row in run.scheduler.bounds.values() for bound in row for name, time in bound.events.items()}


def test_the_past_stays() -> None:
    """What was applied is not altered: nothing changes then, and the error tells which time would do."""
    run = Run().train(30, {})
    before = run.saved().getvalue()
    for times in ({"cooldown": 20}, {"cooldown": 29}, {"halt": 30}, {"cooldown": 35, "halt": 10}):
        with pytest.raises(ScheduleError, match=r"E415.*the run is at step 30"):
            run.scheduler.change(**times)
        assert run.saved().getvalue() == before
    run.scheduler.change(cooldown=30, halt="31 steps")
    run.train(32, {})
    with pytest.raises(ScheduleError, match="E415"):
        run.scheduler.change(cooldown=40)
    run.scheduler.change(halt=31)


@pytest.mark.parametrize(("times", "code"), [({"cool": 5}, "E403"), ({"x": 5}, "E403"), ({"halt": None}, "E314")])
def test_what_is_no_event(times: dict[str, Any], code: str) -> None:
    with pytest.raises(ScheduleError, match=code):
        Run().scheduler.change(**times)


def test_branches_of_a_trunk() -> None:
    """A run that has the time from the start takes a checkpoint of the trunk; one whose past differs does not."""
    trunk = Run().train(30, {}).saved()
    with pytest.warns(ScheduleWarning, match="W533"):
        branch = Run(cooldown=30).loaded(trunk, ("optimizer", "scheduler"))
    assert branch.scheduler.values()["momentum"] == 0.9
    with pytest.raises(ScheduleError, match="E603"):
        Run(cooldown=20).loaded(trunk, ("optimizer", "scheduler"))
    fired = Run().train(30, {10: {"cooldown": 15}}).saved()
    with pytest.raises(ScheduleError, match="E603"):
        Run(cooldown=40).loaded(fired, ("optimizer", "scheduler"))


@pytest.mark.parametrize("on_mismatch", ["past", "error", "keep", "replace"])
def test_what_a_checkpoint_knows(on_mismatch: Any) -> None:
    """Times of events are taken from it, and no other parameters; what was an event can still be changed."""

    def build(text: str, **given: Any) -> Scheduler:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        return Scheduler(optimizer, text, 100, ignore=["W533"], on_mismatch=on_mismatch, **given)

    text = "warmup(5) then hold until c then linear to 0 for 10"
    told = build(text, c="later")
    told.step(20)
    told.change(c=40)
    resumed = build(text, c="later")
    resumed.load_state_dict(told.state_dict())
    assert {name: str(time) for name, time in resumed.events.items()} == {"c": "40"}
    resumed.change(c=50)
    given = build("warmup(5) then hold for c", c=40)
    given.step(20)
    resumed = build(text, c="later")
    if on_mismatch == "error":
        with pytest.raises(ScheduleError, match="E603"):
            resumed.load_state_dict(given.state_dict())
    else:
        resumed.load_state_dict(given.state_dict())
        assert resumed.events == ({} if on_mismatch == "replace" else {"c": None})
    if on_mismatch == "replace":
        resumed.load_state_dict(told.state_dict())
        resumed.change(c=50)
    for damaged in ({"events": ["d"]}, {"events": "c"}):
        with pytest.raises(ScheduleError, match=r"E603.*damaged"):
            resumed.load_state_dict(told.state_dict() | damaged)


@pytest.mark.parametrize("known", ["later", 20, "50%"])
def test_other_adapters(known: Any) -> None:
    """Keras and optax take the word, and another schedule when the event has come."""
    keras, optax = pytest.importorskip("schedlang.keras"), pytest.importorskip("schedlang.optax")
    text = "hold until cooldown then linear to 0 for 20"
    value = {"later": 1.0, 20: 0.5, "50%": 1.0}[known]
    schedule = keras.Schedule(text, total_steps=60, params={"cooldown": known})
    assert float(schedule(30)) == float(type(schedule).from_config(schedule.get_config())(30)) == value
    assert float(optax.schedule(text, 60, cooldown=known)(30)) == value


def test_processes_that_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    """What two processes were told of an event has to be the same, and each has to be told."""
    monkeypatch.setattr(ranks, "PATIENCE", timedelta(milliseconds=10))
    store = torch.distributed.HashStore()
    one, other = (ranks.Ranks(store, "here") for _ in range(2))
    for process in (one, other):
        process.told(7, {"halt": "9", "cooldown": "50%"})
    one.settled()
    one.told(8, {"cooldown": "20"})
    with pytest.raises(
        ScheduleError, match=r"E607.*`cooldown=20` at step 8 in 1 of 2 processes, and not in the others"
    ):
        one.settled()
    words = r"E607.*`cooldown=21` at step 8 here, and `cooldown=20` at step 8 in another"
    with pytest.raises(ScheduleError, match=words):
        other.told(8, {"cooldown": "21"})


def test_a_process_that_is_told_before_others_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes late is waited for, too."""
    monkeypatch.setattr(ranks, "PATIENCE", timedelta(milliseconds=10))
    store = torch.distributed.HashStore()
    early = ranks.Ranks(store, "here")
    early.told(0, {"cooldown": "20"})
    late = ranks.Ranks(store, "here")
    with pytest.raises(ScheduleError, match=r"E607.* in 1 of 2 processes"):
        early.settled()
    late.told(0, {"cooldown": "20"})
    early.settled()
