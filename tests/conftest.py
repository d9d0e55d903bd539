"""What all tests share: Hypothesis profiles, the back end of Keras, and the page to play with."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras asks when it is imported, and else looks for TensorFlow

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,  # the same examples on every machine; the long profile draws new ones
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.register_profile("long", settings.get_profile("default"), max_examples=1500, derandomize=False)
settings.register_profile("few", settings.get_profile("default"), max_examples=20)  # for the wheel: tried already
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page to play with, all its files in a folder."""
    from schedlang._editors.play.bundling import build

    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder
