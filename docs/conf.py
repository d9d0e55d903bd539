"""How Sphinx makes the site: see `docs/contributing.md` for the command."""

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS / "_ext")]

import schedlang  # noqa: E402
from schedlang._editors.play import bundling  # noqa: E402

# Sphinx's imitation of Keras would hide the class behind the decorator that registers it.
sys.modules["keras"] = cast(
    ModuleType,
    SimpleNamespace(
        optimizers=SimpleNamespace(schedules=SimpleNamespace(LearningRateSchedule=object)),
        saving=SimpleNamespace(register_keras_serializable=lambda package: lambda cls: cls),
    ),
)

project = "schedlang"
author = copyright = "The schedlang developers"
release = version = schedlang.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "schedlang.sphinx",
    "complete",
    "railroads",
    "reference",
]
exclude_patterns = ["_*", "*.py"]
nitpicky = True

# Pages: Markdown as GitHub reads it.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

# The interface. Frameworks are not imported, so the site can be built where none is installed.
autodoc_mock_imports = [
    "accelerate",
    "axolotl",
    "cattrs",
    "click",
    "jax",
    "jsonargparse",
    "kappaschedules",
    "lightning",
    "megatron",
    "msgspec",
    "numpy",
    "olmo_core",
    "omegaconf",
    "optax",
    "hydra",
    "pydantic",
    "pydantic_core",
    "stable_baselines3",
    "torch",
    "torchtitan",
    "transformers",
]
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
default_role = "code"  # docstrings write `names` as Markdown does
public_modules = [
    "schedlang",
    *(
        f"schedlang.{found[1]}"
        for page in sorted((DOCS / "api").glob("*.md"))
        for found in re.finditer(r"automodule:: schedlang\.(\w+)", page.read_text(encoding="utf-8"))
    ),
]
python_use_unqualified_type_names = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!schedlang\.).*"),  # of other packages
    # What nobody outside makes:
    ("py:.*", r"schedlang\._language\.(program|frame|nodes)\..*"),
    ("py:.*", r"schedlang\._text\.(run\.(Changing|Rates|Unit)|errors\.(Needed|Meant|Unwanted))"),
    ("py:.*", r"schedlang\._bound\.(sets\.Files|stages\.Shape)"),
    ("py:.*", r"schedlang\._transfer\.foreign\.(system\.Rule|config\.Taken)"),
    ("py:.*", r".*\.[CGP]"),  # variables of types
]

# The site: nothing of it comes from another place.
html_theme = "furo"
html_title = "schedlang"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
MONOSPACE = "SFMono-Regular, Menlo, 'DejaVu Sans Mono', Consolas, Monaco, monospace"  # which know the dots of plots
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0969da",
        "color-brand-content": "#0969da",
        "font-stack--monospace": MONOSPACE,
    },
    "dark_css_variables": {"color-brand-primary": "#58a6ff", "color-brand-content": "#58a6ff"},
}


def play(app: Sphinx, exception: Exception | None) -> None:
    """Write the page to play with beside the others."""
    if exception is None and app.builder.format == "html":
        bundling.build(Path(app.outdir) / "play")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("build-finished", play)
