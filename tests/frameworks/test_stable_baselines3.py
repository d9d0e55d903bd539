"""Stable-Baselines3: learning rates, clip ranges and exploration of real runs."""

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from helpers import codes, refused
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.callbacks import BaseCallback

from schedlang import ScheduleError, parse
from schedlang.stable_baselines3 import Schedule

TEXT = "warmup(5%) then hold until 40% then cosine(1e-3, 1e-5) for 30% then step_fixed(0.1, [300, 20%])"
CLIP = "linear(0.3, 0.1)"


class Walk(gymnasium.Env[Any, Any]):
    """Walks on a line; short episodes, and hardly any time."""

    def __init__(self, continuous: bool = False) -> None:
        self.observation_space = gymnasium.spaces.Box(-10, 10, (1,), np.float32)
        box = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
        self.action_space = box if continuous else gymnasium.spaces.Discrete(2)
        self._continuous = continuous
        self._place, self._time = 0.0, 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._place, self._time = 0.0, 0
        return np.array([0.0], np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._place += float(action[0]) if self._continuous else 2.0 * float(action) - 1
        self._time += 1
        return np.array([self._place], np.float32), -abs(self._place), False, self._time >= 10, {}


class Recorder(BaseCallback):
    """What is in force after each update, by the time steps done when it was made."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.seen: dict[int, Any] = {}
        self._read = read
        self._updated = False

    def _on_training_start(self) -> None:
        self._updated = False

    def _on_rollout_start(self) -> None:
        if self._updated:
            self.seen[self.num_timesteps] = self._read(self.model)
        self._updated = True

    def _on_training_end(self) -> None:
        self.seen[self.num_timesteps] = self._read(self.model)

    def _on_step(self) -> bool:
        return True


def applied(model: Any) -> tuple[float, float]:
    """The optimizer's learning rate, and the clip range that the last update used."""
    return model.policy.optimizer.param_groups[0]["lr"], model.logger.name_to_value["train/clip_range"]


def ppo(total: int, **given: Any) -> PPO:
    lr, clip = Schedule(TEXT, total), Schedule(CLIP, total)
    settings: dict[str, Any] = {"n_steps": 8, "batch_size": 8, "n_epochs": 1, "policy_kwargs": {"net_arch": [2]}}
    return PPO("MlpPolicy", Walk(), learning_rate=lr, clip_range=clip, seed=1, device="cpu", **settings, **given)


def test_ppo_applies_the_values() -> None:
    """At each of 300 updates the optimizer's learning rate and the clip range are what the texts have."""
    total = 300 * 8
    recorder = Recorder(applied)
    ppo(total).learn(total, callback=recorder, log_interval=None)
    lr, clip = parse(TEXT).bind(total), parse(CLIP).bind(total)
    assert recorder.seen == {step: (lr(step), clip(step)) for step in range(8, total + 1, 8)}


def test_ppo_resumes(tmp_path: Path) -> None:
    """Stopped, saved, loaded and gone on with, the values are those of a run that was never stopped."""
    total, stop = 64 * 8, 8 * int(np.random.default_rng(5).integers(10, 50))
    recorder = Recorder(applied)
    model = ppo(total)

    class Stop(BaseCallback):
        def _on_step(self) -> bool:
            return self.num_timesteps <= stop

    model.learn(total, callback=[recorder, Stop()], log_interval=None)
    stopped = model.num_timesteps
    assert stop <= stopped < total
    model.save(tmp_path / "model.zip")
    again = PPO.load(tmp_path / "model.zip", env=Walk(), device="cpu")
    assert repr(again.learning_rate) == repr(model.learning_rate)
    more = Recorder(applied)
    again.learn(total - stopped, callback=more, reset_num_timesteps=False, log_interval=None)
    lr, clip = parse(TEXT).bind(total), parse(CLIP).bind(total)
    assert len(more.seen) > 1
    recorder.seen.pop(stopped, None)  # the rollout at which it was stopped was not learnt from
    for step, found in (recorder.seen | more.seen).items():
        assert found == (lr(step), clip(step))


def test_last_rollout_may_pass_the_end() -> None:
    """PPO finishes its last rollout behind the end of the run, where the last value holds."""
    recorder = Recorder(applied)
    ppo(100).learn(100, callback=recorder, log_interval=None)
    assert max(recorder.seen) == 104
    assert recorder.seen[104] == (parse(TEXT).bind(100)(104), 0.1)


def test_sac_applies_the_values() -> None:
    """At each of 300 updates all optimizers of SAC have what the text has."""
    total = 305
    model = SAC(
        "MlpPolicy",
        Walk(continuous=True),
        learning_rate=Schedule(TEXT, total),
        learning_starts=4,
        batch_size=2,
        buffer_size=400,
        policy_kwargs={"net_arch": [2]},
        seed=1,
        device="cpu",
    )
    recorder = Recorder(
        lambda model: {
            optimizer.param_groups[0]["lr"]
            for optimizer in (model.actor.optimizer, model.critic.optimizer, model.ent_coef_optimizer)
        }
    )
    model.learn(total, callback=recorder, log_interval=None)
    bound = parse(TEXT).bind(total)
    assert {step: recorder.seen[step] for step in range(5, 306)} == {step: {bound(step)} for step in range(5, 306)}


def test_dqn_exploration() -> None:
    """The exploration of DQN follows a text, once it is put there."""
    text = "linear(1, 0.05) for 30% then hold"
    model = DQN("MlpPolicy", Walk(), learning_starts=10_000, buffer_size=10, policy_kwargs={"net_arch": [2]}, seed=1)
    model.exploration_schedule = Schedule(text, 100)
    recorder = Recorder(lambda model: model.exploration_rate)
    model.learn(100, callback=recorder, log_interval=None)
    bound = parse(text).bind(100)
    assert len(recorder.seen) > 20
    assert recorder.seen == {step: bound(step) for step in recorder.seen}


@pytest.mark.parametrize("total", [1, 3, 7, 49, 1000, 999_983, 10**9 + 7, 2**40 + 1])
def test_step_is_recovered(total: int) -> None:
    """Whatever their progress rounds to, the step is the one that it was calculated of, also behind the end."""
    schedule = Schedule("step", total)
    drawn = np.random.default_rng(0).integers(0, total + 100, 2000)
    for step in {0, 1, total - 1, total, total + 64, *map(int, drawn)}:
        assert schedule(1.0 - float(step) / float(total)) == schedule.bound(step)


def test_milestones_are_at_their_step() -> None:
    """A drop comes at its time step, for lengths at which progress times length is truncated to one less."""
    for total in range(2, 400):
        place = math.ceil(Fraction(29, 100) * total)
        schedule = Schedule("step_fixed(0.5, [29%])", total)
        assert schedule(1.0 - place / total) == 0.5
        assert schedule(1.0 - (place - 1) / total) == 1.0


@pytest.mark.parametrize("progress", [math.nan, math.inf, -math.inf, 1.5, 1 - 0.5 / 1000, 1 - 64 / 1001])
def test_other_runs_are_refused(progress: float) -> None:
    """A progress that is no step of the run is an error, as if the schedule had been made for another length."""
    assert codes(lambda: Schedule("cosine", 1000)(progress)) == ["E607"]


def test_another_length_is_found() -> None:
    """A run of another length than the schedule was made for stops at its first update."""
    with pytest.raises(ScheduleError, match="E607"):
        ppo(1000).learn(1001, log_interval=None)


@pytest.mark.parametrize(
    ("text", "total", "run", "code"),
    [
        ("cosine(1, 0, stop=2)", 100, {}, "E202"),
        ("warmup(1ep) then cosine", 100, {}, "E401"),
        ("cosine(peak, 0)", 100, {}, "E402"),
        ("cosine", 0, {}, "E607"),
        ("cosine", 2.5, {}, "E607"),
        ("cosine", True, {}, "E607"),
        ("cosine", "100", {}, "E607"),
        ("cosine", None, {}, "E607"),
    ],
)
def test_mistakes_are_found_at_once(text: str, total: Any, run: dict[str, Any], code: str) -> None:
    assert set(codes(Schedule, text, total, **run)) == {code}


def test_the_length_is_called_as_here() -> None:
    for called in ("T_max", "max_steps", "total_steps"):
        (missing,) = refused(Schedule, "cosine", **{called: 100}).diagnostics
        assert missing.hint == f"`{called}` is called `total_timesteps` here"
    for called in ("T_max", "max_steps"):
        (found,) = refused(Schedule, "cosine", 100, **{called: 100}).diagnostics
        assert found.hint == "did you mean `total_timesteps`?"


@pytest.mark.parametrize("progress", ["0.5", None, [1.0]])
def test_what_is_no_progress(progress: Any) -> None:
    assert codes(Schedule("cosine", 100), progress) == ["E607"]


def test_base_and_rates() -> None:
    """Base, epochs and parameters reach the text; numbers and schedules will do for texts."""
    schedule = Schedule("warmup(1ep) then cosine(peak, 0)", 100, steps_per_epoch=10, peak=2.0)
    assert (schedule(1.0), schedule(0.9), schedule(0.0)) == (0.0, 2.0, 0.0)
    assert Schedule(parse("linear"), 100, base=3.0)(0.5) == 1.5
    assert Schedule(0.2, 100)(0.5) == 0.2
