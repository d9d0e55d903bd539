"""The build fails if a public name is not documented: one that has no docstring, or stands on no page.

The public names of a module are its `__all__`, or the classes and functions that it defines; and of a class the methods
and properties that it defines. Names that start with `_` are nobody's business.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.autodoc.mock import mock
from sphinx.util import logging
from sphinx.util.inspect import stringify_signature

import schedlang

HIDDEN = "\ue000"  # a character for private use
LOG = logging.getLogger(__name__)


def names(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public names of a module, and what they name."""
    if hasattr(module, "__all__"):
        own = {name: getattr(module, name) for name in module.__all__}
    else:
        own = {
            name: value
            for name, value in vars(module).items()
            if (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module.__name__
        }
    for name, value in own.items():
        if not name.startswith("_"):
            yield f"{module.__name__}.{name}", value
            if inspect.isclass(value):
                yield from ((f"{module.__name__}.{name}.{member}", each) for member, each in members(value))


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class defines, and that none of its bases has promised already."""
    for name, value in vars(cls).items():
        promised = any(name in {**vars(base), **getattr(base, "__annotations__", {})} for base in cls.__mro__[1:])
        if not name.startswith("_") and not promised and (inspect.isroutine(value) or isinstance(value, property)):
            yield name, getattr(cls, name)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each public name that is not documented."""
    shown = env.get_domain("py").data["objects"]
    with mock(app.config.autodoc_mock_imports):
        for module in map(importlib.import_module, app.config.public_modules):
            for name, value in names(module):
                if not inspect.getdoc(value):
                    LOG.warning("`%s` has no docstring", name, type="complete")
                elif name not in shown and f"schedlang.{name.partition('.')[2].partition('.')[2]}" not in shown:
                    LOG.warning("`%s` is public and on no page", name, type="complete")


def qualify(app: Sphinx, doctree: nodes.document) -> None:
    """Let each name in a signature mean what it means in its module, under the name by which it is public."""
    with mock(app.config.autodoc_mock_imports):
        for node in doctree.findall(pending_xref):
            if node.get("refdomain") == "py" and node.get("py:module"):
                node["reftarget"] = public(node["reftarget"], importlib.import_module(node["py:module"]))


def public(target: str, module: ModuleType) -> str:
    """The public name of what a module calls so: `schedlang.Schedule` rather than where it is defined."""
    value = getattr(module, target, None)
    full = f"{value.__module__}.{value.__qualname__}" if inspect.isclass(value) else target
    last = full.rpartition(".")[2]
    return f"schedlang.{last}" if full.startswith("schedlang.") and getattr(schedlang, last, None) is not None else full


def signature(
    app: Sphinx, what: str, name: str, value: Any, options: Any, given: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """How a class is called that builds on a framework: Sphinx's imitation of the framework takes anything."""
    if what == "class" and given == "(*args: Any, **kwargs: Any)" and "__init__" in vars(value):
        whole = inspect.signature(value.__init__)
        without_self = list(whole.parameters.values())[1:]
        return stringify_signature(whole.replace(parameters=without_self), show_return_annotation=False), None
    return given, returned


def hide_colon(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Keep Napoleon from taking what stands before a colon in the first line of a property for its type."""
    if what in ("property", "attribute", "data") and lines:
        lines[0] = lines[0].replace(":", HIDDEN)


def show_colon(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Put back what `hide_colon` hid."""
    lines[:] = [line.replace(HIDDEN, ":") for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.add_config_value("public_modules", [], "", [list])
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-process-docstring", hide_colon, priority=400)
    app.connect("autodoc-process-docstring", show_colon, priority=600)
    app.connect("env-updated", check)
    app.connect("doctree-read", qualify)
    return {"parallel_read_safe": True}
