"""What all tests share: marks, Hypothesis profiles, threads, the back end of Keras, and the page to play with."""

import gc
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from selenium import webdriver

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras asks when it is imported, and else looks for TensorFlow
# Asked when torch is imported. Models here are tiny: threads that wait for one another made their steps eight times
# as slow where two workers share two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,  # the same examples on every machine; the long profile draws new ones
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.register_profile("long", settings.get_profile("default"), max_examples=1500, derandomize=False)
settings.register_profile("few", settings.get_profile("default"), max_examples=12)  # where all were tried already
settings.register_profile("quick", settings.get_profile("default"), max_examples=10)  # while editing

HERE = Path(__file__).parent
IMPORTED = re.compile(r"^(?:import|from) (?:torch|jax|benchmarks)\b", re.MULTILINE)
FRAMEWORKS = (
    HERE / "frameworks",
    *(path for path in HERE.glob("test_*.py") if IMPORTED.search(path.read_text(encoding="utf-8"))),
)
"""What imports torch, JAX or an adapter of theirs when it is collected."""
ADAPTERS = ("torch", "optax", "keras", "transformers", "lightning", "stable_baselines3")
"""The modules of the package whose doctests do."""
TRAINERS = ("axolotl", "megatron", "olmo_core", "torchtitan")
"""The modules for trainers that no extra brings along: they are imported where these stand in, or are."""
CHECKOUT = HERE / "checkout"


def pytest_configure(config: pytest.Config) -> None:
    """While editing, what is left out is not even imported, and laws are tried on few examples."""
    asked = config.option.markexpr
    quick = "not slow" in asked
    if getattr(config.option, "dist", "no") == "load":  # which leaves one of two workers idle at the end for a minute
        config.option.dist = "worksteal"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick" if quick else "default"))
    package = HERE.parent / "schedlang"
    ignored = [package / f"{name}.py" for name in TRAINERS]
    ignored += [CHECKOUT] if quick else []
    if "not frameworks" in asked:
        ignored += [*FRAMEWORKS, *(package / name for name in ADAPTERS), *(package / f"{name}.py" for name in ADAPTERS)]
    config.option.ignore = [*(config.option.ignore or ()), *map(str, ignored)]


@cache
def belongs(path: Path, places: tuple[Path, ...]) -> bool:
    """Whether a file is one of these, or in a folder of them."""
    return any(path.is_relative_to(each) for each in places)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by folder and fixture: what needs a framework, a browser, or much of the checkout."""
    for item in items:
        if belongs(item.path, FRAMEWORKS):
            item.add_marker("frameworks")
        if belongs(item.path, (CHECKOUT,)):
            item.add_marker("slow")
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """What has been imported stays: trainers collect garbage in each run, and looked through all of it each time."""
    gc.freeze()


@pytest.fixture(scope="session")
def browser() -> Iterator["webdriver.Chrome"]:
    """One browser for all tests; its use is what the mark `browser` is set by."""
    from browser import chromium

    with chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page to play with, all its files in a folder."""
    from schedlang._editors.play.bundling import build

    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder
