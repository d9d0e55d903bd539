"""Train on several devices with JAX, and go on with another number of them: the schedule asks nobody where it is.

    python examples/jax_devices.py --devices 4 --until 4        # the first 4 of 12 epochs, on 4 devices
    python examples/jax_devices.py --devices 2                  # the other 8, on 2

The devices are pieces of the CPU. With half as many a batch is half as large, and an epoch has twice as many steps. The
text speaks of epochs and samples, so that the curve over the samples stays the same: after a restart all there is to
know is how many samples were seen. Into the output folder go `curve.csv` (each step's samples, learning rate and loss)
and `checkpoint.pickle`.
"""

from __future__ import annotations

import argparse
import csv
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

import schedlang.optax

TEXT = "warmup(1ep) then hold until 9600 samples then cosine to 0"
SAMPLES, EPOCHS, BASE = 1920, 12, 0.02
PER_DEVICE = 16


def data(seed: int) -> tuple[Any, Any]:
    """Points and what they are classified as: whether they lie inside of an ellipse."""
    points = np.random.default_rng(seed).normal(size=(SAMPLES, 2)).astype(np.float32)
    return points, (points[:, 0] ** 2 + 3 * points[:, 1] ** 2 < 1).astype(np.float32)


def initial(seed: int) -> dict[str, jax.Array]:
    """A network of one hidden layer."""
    first, second = jax.random.split(jax.random.key(seed))
    return {
        "inner": jax.random.normal(first, (2, 16)),
        "bias": jnp.zeros(16),
        "outer": jax.random.normal(second, (16,)) / 4,
    }


def loss_of(params: dict[str, jax.Array], x: jax.Array, y: jax.Array) -> jax.Array:
    """The mean cross entropy of a batch."""
    logits = jnp.tanh(x @ params["inner"] + params["bias"]) @ params["outer"]
    return optax.sigmoid_binary_cross_entropy(logits, y).mean()


def stepper(lr: schedlang.optax.Schedule, adam: optax.GradientTransformation, mesh: Mesh) -> Callable[..., Any]:
    """One update, each device with its share of the batch. No device tells another the learning rate.

    `shard_map` checks that what goes out as `P()` is the same on all devices, and so it is for the rate: it follows
    from the step alone.
    """

    def step(params: Any, state: Any, count: jax.Array, x: jax.Array, y: jax.Array) -> Any:
        def mean_loss(params: Any) -> jax.Array:
            return jax.lax.pmean(loss_of(params, x, y), "data")

        rate = lr(count)
        loss, grads = jax.value_and_grad(mean_loss)(params)
        directions, state = adam.update(grads, state)
        params = jax.tree.map(lambda weight, direction: weight - rate * direction, params, directions)
        return params, state, rate, loss

    replicated, split = P(), P("data")
    return jax.jit(
        jax.shard_map(
            step, mesh=mesh, in_specs=(replicated, replicated, replicated, split, split), out_specs=replicated
        )
    )


def train(lr: schedlang.optax.Schedule, devices: int, until: int, seed: int, output: Path) -> None:
    """Train from where the checkpoint is, or the beginning, up to the end of an epoch."""
    batch = PER_DEVICE * devices
    mesh = Mesh(np.array(jax.devices()[:devices]), ("data",))
    adam = optax.scale_by_adam()
    params = initial(seed)
    state = adam.init(params)
    text, seen = str(lr.bound.schedule), 0
    saved = output / "checkpoint.pickle"
    if saved.exists():
        was, seen, params, state = pickle.loads(saved.read_bytes())
        if was != text:
            sys.exit(f"{saved} is of another schedule: {was}")
    step = stepper(lr, adam, mesh)
    x, y = data(seed)
    with (output / "curve.csv").open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if not seen:
            rows.writerow(["devices", "step", "samples", "lr", "loss"])
        for epoch in range(seen // SAMPLES, until):
            order = np.random.default_rng([seed, epoch]).permutation(SAMPLES)
            for chosen in order.reshape(-1, batch):
                count = seen // batch
                params, state, rate, loss = step(params, state, count, x[chosen], y[chosen])
                rows.writerow([devices, count, seen, float(rate), float(loss)])
                seen += batch
            file.flush()
            saved.write_bytes(pickle.dumps((text, seen, *jax.tree.map(np.asarray, (params, state)))))
            print(f"epoch {epoch + 1}: {devices} devices, lr {float(rate):.6f}, loss {float(loss):.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, bind the schedule, train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", default=TEXT, help=f"the learning rate; default: {TEXT}")
    parser.add_argument("--devices", type=int, default=4, help="how many devices: 1 to 8, but not 7; default: 4")
    parser.add_argument("--until", type=int, default=EPOCHS, help=f"the last epoch to train; default: {EPOCHS}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "output" / "jax")
    given = parser.parse_args(arguments)
    batch = PER_DEVICE * given.devices
    if given.devices < 1 or SAMPLES % batch:
        parser.error(f"{SAMPLES} samples are no whole number of batches on {given.devices} devices")
    try:
        lr = schedlang.optax.schedule(
            given.text, f"{EPOCHS}ep", steps_per_epoch=SAMPLES // batch, samples_per_step=batch, base=BASE
        )
    except schedlang.ScheduleError as error:
        sys.exit(str(error))
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", given.devices)
    given.output.mkdir(parents=True, exist_ok=True)
    train(lr, given.devices, given.until, given.seed, given.output)


if __name__ == "__main__":
    main()
