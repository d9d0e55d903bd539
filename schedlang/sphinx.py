"""Pictures of schedules in documentation that Sphinx makes: the directive `schedule`.

Name the module among the `extensions` of `conf.py`, and a text becomes a picture with the text below it::

    .. schedule::
       :total: 10k

       warmup(5%) then cosine

In Markdown, with MyST, it is a fence. Lines `name: text` are several curves in one picture. The picture is drawn while
the documentation is made; a mistake in a text is told like any other of Sphinx, and with `-W` the build fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from . import __version__
from ._bound.bind import bind
from ._bound.bound import Bound
from ._language.parse import parse
from ._pictures.svg import DARK, LIGHT, css_colors, draw
from ._text.errors import ScheduleError
from ._text.run import RATES, TOLD

_TOTAL: Final = "1000"
_NAMED: Final = re.compile(r"([\w.\[\] -]+):\s+(\S.*)")

_SWITCHED: Final = "\n".join(
    f':where([data-theme="{theme}"]) .schedlang-auto{{{css_colors(colors)}}}'
    for theme, colors in (("light", LIGHT), ("dark", DARK))
)
"""Colours for pages with a switch between light and dark, which themes note in the attribute `data-theme`."""

_log: Final = logging.getLogger(__name__)


def curves(content: str, options: Mapping[str, Any]) -> Bound | dict[str, Bound]:
    """The schedule that a directive holds, bound to the run of its options; several by their names.

    Raises:
        ScheduleError: with everything that is wrong with the text, or with the run.

    >>> curves("warmup(w) then cosine", {"total": "2k", "with": "w=5%", "base": 3.0})(100)
    3.0
    >>> sorted(curves("lr: cosine\\nweight_decay: linear(0, 0.1)", {}))
    ['lr', 'weight_decay']
    """
    lines = [line for line in content.splitlines() if line.strip()]
    named = [_NAMED.fullmatch(line.strip()) for line in lines]
    if lines and all(named):
        return {match[1]: _bound(match[2], options) for match in named if match is not None}
    return _bound(content, options)


def _bound(text: str, options: Mapping[str, Any]) -> Bound:
    given = str(options.get("with", ""))
    params = dict(re.findall(r"\s*(\w+)\s*=\s*([^,]+?)\s*(?:,|$)", given))
    rates = {name: options[_option(name)] for name in TOLD if _option(name) in options}
    total = options.get("total", _TOTAL)
    return bind(
        parse(text),
        None if total == "none" else total,
        base=options.get("base", 1.0),
        params={name: _number_or_text(value) for name, value in params.items()},
        **rates,
    )


def _option(name: str) -> str:
    return name.replace("_", "-")


def _number_or_text(value: str) -> float | str:
    try:
        return int(value) if value.isdigit() else float(value)
    except ValueError:
        return value


class ScheduleDirective(SphinxDirective):
    """A text, and above it its curve.

    Its options: `total`, how many steps the run has (1000 if not given), or a duration, or `none`; `base`;
    the rates, such as `steps-per-epoch`; `with`, the parameters, as `w=5%, peak=3e-4`; `log`, for a
    logarithmic axis of values; `start` and `stop`, the steps to show; `width` and `height` in pixels; `bare`, to leave
    out the text below.
    """

    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "total": directives.unchanged_required,
        "base": float,
        **{_option(name): _number_or_text for name in RATES},
        "clock": directives.unchanged_required,
        "with": directives.unchanged_required,
        "log": directives.flag,
        "start": directives.nonnegative_int,
        "stop": directives.positive_int,
        "width": directives.positive_int,
        "height": directives.positive_int,
        "bare": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """The picture and the text."""
        content = "\n".join(self.content)
        below = nodes.literal_block(content, content, language="text")
        extent = {name: self.options[name] for name in ("start", "stop", "width", "height") if name in self.options}
        try:
            picture = draw(curves(content, self.options), log="log" in self.options, **extent)
        except ScheduleError as error:
            _log.warning("%s", error, location=self.get_location(), type="schedlang")
            return [below]
        style = f"<style>{_SWITCHED}</style>\n"
        figure = nodes.container("", nodes.raw("", style + picture, format="html"), classes=["schedule"])
        if "bare" not in self.options:
            figure += below
        return [figure]


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.add_directive("schedule", ScheduleDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
