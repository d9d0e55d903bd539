"""Pictures show the values and nothing else: in the terminal, as SVG, with matplotlib, in a notebook."""

import io
import json
import math
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib.figure
import pytest
from helpers import EXAMPLES, ROOT, RUN, SECTION_1, bound_or_reject, close
from hypothesis import given, settings
from hypothesis import strategies as st

from schedlang import Bound, Schedule, ScheduleError, ScheduleSet, parse
from schedlang._bound.sampling import horizon
from schedlang._cli import main
from schedlang._pictures import matplotlib as figures
from schedlang._pictures.layout import phases_of, picture, trace
from schedlang.pages import page
from schedlang.plotting import plot
from schedlang.strategies import runs, schedules
from schedlang.svg import draw

FIVE = [SECTION_1[index] for index in (1, 3, 4, 8, 10)]
SVG = "{http://www.w3.org/2000/svg}"


def of_section_1(text: str) -> Bound:
    """A text of the front page in the run that all tests share."""
    return parse(text).bind(**RUN, base=3e-4)


@pytest.mark.parametrize("log", [False, True])
@given(schedules(), runs(), st.integers(1, 60))
def test_points_are_values(log: bool, schedule: Schedule, run: dict[str, Any], columns: int) -> None:
    """Every point drawn is the value at its step, and no value lies above or below all points of its column.

    On a logarithmic axis this holds of those above zero.
    """
    bound = bound_or_reject(schedule, run)
    stop = min(horizon(bound), 5000)
    points = trace(bound, 0, stop, columns, log=log)
    assert points == sorted(set(points))
    assert all(value == bound(step) for step, value in points)
    assert log or (points[0][0], points[-1][0]) == (0, stop)
    ends = [stop * column // columns for column in range(columns + 1)]
    for first, end in pairwise(ends):
        values = [value for value in map(bound, range(first, end)) if value > 0 or not log]
        drawn = [value for step, value in points if first <= step < end and (value > 0 or not log)]
        assert bool(values) == bool(drawn) or not log
        if values:
            size = max(map(abs, values))
            for shown, there in ((min(drawn), min(values)), (max(drawn), max(values))):
                assert math.isclose(shown, there, rel_tol=1e-9, abs_tol=1e-300) if log else close(shown, there, size)


def test_zeros_hide_nothing() -> None:
    """On a logarithmic axis a warm-up is drawn, each cycle ends as low as it does, and zeros between make no holes."""
    shown = picture(parse("warmup(500) then cosine").bind(100_000, base=3e-4), 160, (6, 6), log=True)
    assert shown.curves[0].lines[0][0] == (1, 3e-4 / 500)
    cycles = parse("(linear(0, 1) for 10% then cosine) over 10ep repeat").bind(20_000, steps_per_epoch=150)
    [line] = picture(cycles, 1500, (6, 6), log=True).curves[0].lines
    lowest = [min(value for step, value in line if step // 1500 == cycle) for cycle in range(13)]
    assert lowest == [pytest.approx(1.35e-6, rel=0.01)] * 13
    saw = parse("(linear(0, 1) for 7 then 0.5 for 3) repeat").bind(10_000)
    assert len(picture(saw, 720, (6, 6), log=True).curves[0].lines) == 1
    gap = parse("1 for 40% then 0 for 20% then 1").bind(10_000)
    ends = [(line[0][0], line[-1][0]) for line in picture(gap, 720, (6, 6), log=True).curves[0].lines]
    assert ends == [(0, 3999), (6000, 10_000)]


@pytest.mark.parametrize("period", [3, 7, 625, 1000, 78_125])
def test_long_runs_hide_no_repeat(period: int) -> None:
    """Where not all steps can be asked, a repeat whose period is that of the columns is seen all the same."""
    points = trace(parse(f"linear(0, 1) for {period} repeat").bind(100_000_000), 0, 100_000_000, 160)
    for column in range(160):
        inside = [value for step, value in points if step // 625_000 == column]
        assert min(inside) < 0.35
        assert max(inside) > 0.65


@given(schedules(), runs(), st.integers(10, 200), st.integers(0, 6))
def test_names_stand_free(schedule: Schedule, run: dict[str, Any], width: int, lines: int) -> None:
    """No name stands on another one, leaves the picture, or is crossed by the line that leads down from another one."""
    bound = bound_or_reject(schedule, run)
    stop = horizon(bound)
    found = picture(bound, width, (5, 5), stop=stop).captions(width, lines)
    for name in found:
        assert name.line < max(1, lines)
        assert name.begin >= 0
        assert name.begin + len(name.text) <= width
        for other in found:
            if other.line == name.line and other.begin > name.begin:
                assert other.begin > name.begin + len(name.text)
            if other.line > name.line:
                assert not name.begin <= other.edge <= name.begin + len(name.text)


def lines_of(image: str) -> Iterator[list[tuple[float, float]]]:
    """The lines of curves in an SVG."""
    for path in ElementTree.fromstring(image).iter(f"{SVG}path"):
        if path.get("class") == "line":
            numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
            yield list(zip(numbers[::2], numbers[1::2], strict=True))


def distance(x: float, y: float, line: list[tuple[float, float]]) -> float:
    """How far a point lies from a line through points."""
    found = math.inf
    for (x0, y0), (x1, y1) in zip(line, line[1:] or line, strict=False):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        share = min(1, max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) if length else 0
        found = min(found, math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)))
    return found


@settings(max_examples=3 * EXAMPLES // 5)
@given(schedules(), runs(), st.booleans())
def test_svg_shows_the_values(schedule: Schedule, run: dict[str, Any], log: bool) -> None:
    """The line of an SVG passes the value at every step, to a tenth of a pixel, and its corners are values."""
    bound = bound_or_reject(schedule, run)
    stop = min(horizon(bound), 300)
    values = [bound(step) for step in range(stop + 1)]
    if log and max(values) <= 0:
        with pytest.raises(ScheduleError):
            draw(bound, stop=stop, log=log)
        return
    image = draw(bound, stop=stop, log=log)
    root = ElementTree.fromstring(image)
    left, right, start, end = map(float, root.get("data-frame", "").split())
    shown = picture(bound, 720, (8, 6), stop=stop, log=log)
    ticks = [float(text.get("y", "0")) - 4 for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert (start, end) == (0, max(stop, 1))
    assert len(ticks) == len(shown.values.ticks)
    heights = [shown.values.share(tick) for tick in shown.values.ticks]
    lines = list(lines_of(image))
    if len(ticks) > 1:
        scale = (ticks[-1] - ticks[0]) / (heights[-1] - heights[0])
        for step, value in enumerate(values):
            if value > 0 or not log:
                x = left + (right - left) * step / end
                y = ticks[0] + scale * (shown.values.share(value) - heights[0])
                assert min(distance(x, y, line) for line in lines) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("text", SECTION_1)
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_svg_of_the_front_page(text: str, theme: Any) -> None:
    """The pictures of the front page are well-formed, and all that they show lies inside of them."""
    root = ElementTree.fromstring(draw(of_section_1(text), theme=theme))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for element in root.iter(f"{SVG}text"):
        told = "".join(element.itertext())
        x, room = float(element.get("x", "0")), 6.65 * len(told)
        left = x - {"end": room, "middle": room / 2}.get(element.get("text-anchor", ""), 0)
        assert left >= 0
        assert left + room <= width + 1
        assert 8 <= float(element.get("y", "0")) <= height
    for line in lines_of(draw(of_section_1(text), theme=theme)):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in line)
    assert root.find(f"{SVG}title") is not None


def test_svg_colours_the_text() -> None:
    """The text above the picture has each piece in the colour of its phase, the connecting words in none."""
    image = draw(parse("warmup(5%)\n  then cosine").bind(1000))
    assert (
        '<tspan class="ink" style="color:var(--schedlang-0)">warmup(5%)</tspan> then '
        '<tspan class="ink" style="color:var(--schedlang-1)">cosine</tspan></text>'
    ) in image


def test_steps_that_no_float_tells_apart() -> None:
    """Where the value jumps between two steps at one place of a picture, the line goes straight down."""
    image = draw(parse("linear(0, 1) for 1e17 repeat").bind(10**18))
    _, top, bottom = next(lines_of(image))
    assert top[0] == bottom[0]


def test_what_is_held_behind_the_end_is_drawn() -> None:
    """Behind the end of the run a line goes on to the end of the picture."""
    bound = parse("warmup(50%) then cosine(1, 0.5)").bind(100)
    image = draw(bound, stop=200)
    right = float(ElementTree.fromstring(image).get("data-frame", "").split()[1])
    assert max(x for line in lines_of(image) for x, _ in line) == pytest.approx(right, abs=0.1)
    ax = bound.plot(matplotlib.figure.Figure().add_subplot(), stop=200)
    assert max(max(line.get_xdata()) for line in ax.lines) == 200


def test_held_keys_are_named() -> None:
    """Each plateau of `keyframes` that holds is named by the key whose value it has."""
    bound = parse("keyframes(128 @ 0, 512 @ 20%, 1024 @ 40%, 2048 @ 70%, shape=hold)").bind(1000)
    told = [(phase.first, phase.row.text) for phase in phases_of(bound, 0, 1000)]
    assert told == [(0, "128 @ 0"), (200, "512 @ 20%"), (400, "1024 @ 40%"), (700, "2048 @ 70%")]


def test_texts_are_escaped() -> None:
    """Names come from users, and are text in a picture and a page."""
    bounds = {"<b>&lr</script>": parse("cosine").bind(10)}
    for shown in (draw(bounds | {"other": parse("1").bind(10)}), page(bounds)):
        assert "<b>" not in shown
        assert "&lt;b&gt;&amp;lr" in shown
    ElementTree.fromstring(draw(bounds))


@settings(max_examples=3 * EXAMPLES // 5)
@given(schedules(), runs(), st.integers(24, 120), st.integers(5, 30), st.booleans())
def test_terminal_shows_the_values(schedule: Schedule, run: dict[str, Any], width: int, height: int, log: bool) -> None:
    """Each value has its dot, and each dot is on a line between two values."""
    bound = bound_or_reject(schedule, run)
    stop = min(horizon(bound), 500)
    try:
        printed = plot(bound, width, height, stop=stop, log=log)
    except ScheduleError as error:
        assert log
        assert error.diagnostics[0].code == "E411"
        return
    lines = printed.split("\n")
    assert len(lines) <= max(height, 5)
    assert max(map(len, lines)) <= max(width, 8 + len(lines[-2]) - len(lines[-2].lstrip()) + 1)
    edge = lines[-2].index("└")
    rows = [line[edge + 1 :] for line in lines[:-2] if line[edge : edge + 1] in ("┤", "│")]
    columns = len(lines[-2]) - edge - 1
    lit = {
        (2 * column + x, 4 * (len(rows) - 1 - row) + 3 - y)
        for row, line in enumerate(rows)
        for column, character in enumerate(line)
        if 0x2800 <= ord(character) <= 0x28FF
        for (x, y), bit in BRAILLE.items()
        if (ord(character) - 0x2800) & bit
    }
    shown = picture(
        bound, 2 * width, (round((width - 6) / 12) or 1, max(3, min(6, (height - 2) // 2))), stop=stop, log=log
    )
    for curve in shown.curves:
        for points in curve.lines:
            for step, value in points:
                assert (shown.steps.dot(step, 2 * columns), shown.values.dot(value, 4 * len(rows))) in lit
    for x, y in lit:
        steps = range(
            max(0, math.floor((x - 2) * stop / (2 * columns - 1))),
            min(stop, math.ceil((x + 2) * stop / (2 * columns - 1))) + 1,
        )
        near = [bound(step) for step in steps]
        near = [shown.values.dot(value, 4 * len(rows)) for value in near if value > 0 or not log]
        assert min(near) - 1 <= y <= max(near) + 1


BRAILLE = {(0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128}


@pytest.mark.parametrize("text", FIVE)
def test_terminal_at_80_columns(text: str) -> None:
    """Plots of the front page fit into 80 columns and 20 rows, without colours if none are asked for."""
    lines = plot(of_section_1(text), log=text == FIVE[2]).split("\n")
    assert len(lines) == 20
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_phases_are_marked() -> None:
    """The names of phases stand above the curve, with lines where they begin."""
    lines = plot(of_section_1(FIVE[1])).split("\n")
    assert lines[0].strip() == "linear from 0 to 3e-4"
    assert lines[1].split() == ["┊hold", "linear", "to", "0"]
    assert sum("┊" in line for line in lines) == 16


def test_several_curves_in_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "cosine", "cosine", "--total", "100", "--color", "always"]) == 0
    printed = capsys.readouterr().out
    assert "\x1b[36m───\x1b[0m cosine   \x1b[33m───\x1b[0m cosine (2)" in printed


HARD = {
    "float-limit": ("linear(1.7e308, -1)", "linear(-1.7e308, 1)"),
    "subnormal": ("linear(5e-324, 0)",),
    "close": ("linear(1, 1.0000000001)",),
    "math": ("cosine + 0 # $\\frac{a$", "cosine # $x$"),
    "comments": ("warmup(10%) # first\nthen cosine",),
    "many-phases": (" then ".join(f"linear to {index} for 1" for index in range(70)),),
    "many-curves": tuple(f"linear({index}, 0)" for index in range(9)),
    "wide": ("cosine # 学習率",),
}


@pytest.mark.slow
@pytest.mark.parametrize("texts", HARD.values(), ids=HARD)
@pytest.mark.parametrize("name", [None, "a.svg", "a.html", "a.png"])
def test_hard_pictures(
    texts: tuple[str, ...], name: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is hard to draw is drawn, or refused."""
    file = [] if name is None else ["-o", str(tmp_path / name)]
    for size in ([], ["--log"]):
        code = main(["plot", *texts, "--total", "100", *file, *size])
        printed = capsys.readouterr()
        assert code == 0 or (code == 1 and "E411" in printed.err), printed.err
        if name == "a.svg" and code == 0:
            shown = (tmp_path / name).read_text(encoding="utf-8")
            assert all(math.isfinite(x) and math.isfinite(y) for line in lines_of(shown) for x, y in line)
            assert "nan" not in shown


def test_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    """A picture of a size that cannot be drawn is refused."""
    for name in ("a.svg", "a.html", "a.png"):
        for size in ("10", "100000000"):
            assert main(["plot", "cosine", "--total", "10", "-o", name, "--width", size]) == 1
            assert "E411" in capsys.readouterr().err


@pytest.mark.parametrize("curves", [[], {}, "cosine", parse("cosine"), [of_section_1("cosine")]], ids=str)
def test_what_is_no_curve(curves: Any) -> None:
    """What is not bound is refused with the way out."""
    with pytest.raises(ScheduleError, match="bind the schedule"):
        draw(curves)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "begins"), [("a.svg", b"<svg "), ("a.html", b"<!doctype html>"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")]
)
def test_files(name: str, begins: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`-o` writes what the ending of the file says, of one curve and of several."""
    for texts in (FIVE[:1], FIVE[:3]):
        file = tmp_path / name
        arguments = ["--total", "30k", "--steps-per-epoch", "300", "--theme", "dark", "--log", "-o", str(file)]
        assert main(["plot", *texts, *arguments]) == 0
        assert file.read_bytes().startswith(begins)
        assert capsys.readouterr() == ("", "")


def test_files_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture of an unknown kind is refused before anything is done; a folder that isn't there is told."""
    assert main(["plot", "cosine", "--total", "10", "-o", "a.gif"]) == 2
    assert "'a.gif' ends in none of .svg, .html, .png, .pdf" in capsys.readouterr().err
    assert main(["plot", "cosine", "--total", "10", "-o", str(tmp_path / "none" / "a.svg")]) == 3
    assert f"No such file or directory: {tmp_path / 'none' / 'a.svg'}" in capsys.readouterr().err


def test_svg_and_page_need_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SVG and HTML are written without matplotlib; PNG says what to install."""
    for module in ("matplotlib", "matplotlib.style", "matplotlib.figure", "matplotlib.ticker", "plotille", "numpy"):
        monkeypatch.setitem(sys.modules, module, None)
    for name, code in (("a.svg", 0), ("a.html", 0), ("a.png", 3)):
        assert main(["plot", "cosine", "--total", "10", "-o", str(tmp_path / name)]) == code


def test_page_has_the_values() -> None:
    bound = parse("warmup(5%) then cosine").bind(1000)
    found = re.search(r'id="points">(.*?)</script>', page(bound))
    assert found is not None
    points = json.loads(found[1])[""]
    assert len(points) > 500
    assert all(value == bound(step) for step, value in points)


@settings(max_examples=3 * EXAMPLES // 10)
@given(schedules(), runs(), st.booleans())
def test_matplotlib_shows_the_values(schedule: Schedule, run: dict[str, Any], phases: bool) -> None:
    """The points of matplotlib's lines are values, the first and the last among them."""
    bound = bound_or_reject(schedule, run)
    ax = matplotlib.figure.Figure().add_subplot()
    assert bound.plot(ax, phases=phases) is ax
    points = [tuple(point) for line in ax.lines for point in line.get_xydata().tolist() if line.get_linestyle() != ":"]
    points = [(step, value) for step, value in points if step == int(step)]
    assert {0, horizon(bound)} <= {step for step, _ in points}
    assert all(value == bound(int(step)) for step, value in points)


def test_matplotlib_arguments() -> None:
    """Several curves have a legend; what matplotlib's `plot` takes is handed on; a set is several curves."""
    both = ScheduleSet({"lr": "warmup(5%) then cosine", "wd": "linear(0.1, 0)"}).bind(1000)
    ax = figures.plot(both, matplotlib.figure.Figure().add_subplot(), log=True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["lr", "wd"]
    assert ax.get_yscale() == "log"
    ax = both["lr"].plot(matplotlib.figure.Figure().add_subplot(), color="red", linewidth=3, label="mine")
    drawn = [line for line in ax.lines if line.get_label() == "mine"]
    assert [(line.get_color(), line.get_linewidth()) for line in drawn] == [("red", 3)]


def test_matplotlib_axes(tmp_path: Path) -> None:
    """The axis has all steps, also where a logarithmic one shows nothing; the legend stands above the axes."""
    ax = parse("0 for 50% then linear(1e-3, 1)").bind(20_000).plot(matplotlib.figure.Figure().add_subplot(), log=True)
    assert ax.get_xlim() == (0, 20_000)
    three = ["cosine", "linear(0, 1)", "(linear(0, 1) for 5% then cosine) over 10% repeat"]
    figure = matplotlib.figure.Figure(figsize=(7.2, 3), layout="constrained")
    ax = figures.plot({text: parse(text).bind(10_000) for text in three}, figure.add_subplot())
    figure.savefig(tmp_path / "a.png")
    legend = ax.get_legend().get_window_extent()
    assert ax.get_xlim() == (0, 10_000)
    assert legend.y0 >= ax.get_window_extent().y1 - 1
    assert legend.y1 <= figure.bbox.y1
    assert legend.x1 <= figure.bbox.x1


def test_nothing_above_zero() -> None:
    """The legend says of which curve a logarithmic axis shows nothing."""
    both = {"lr": parse("cosine").bind(100), "wd": parse("0").bind(100)}
    assert "wd (nothing above 0)" in plot(both, log=True)
    assert "wd (nothing above 0)" in draw(both, log=True)
    ax = figures.plot(both, matplotlib.figure.Figure().add_subplot(), log=True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["lr", "wd (nothing above 0)"]
    assert "nothing above" not in plot(both)


@pytest.mark.slow
def test_warnings_stand_below_the_curve() -> None:
    """In a notebook, with what to write; nothing where there is none."""
    html = parse("0 for 20 then warmup(10) then cosine").bind(200)._repr_html_()
    assert html.index("</svg>") < html.index("[W517]") < html.index("help: ") < html.index("<details>")
    assert "<pre" not in parse("warmup(5%) then cosine").bind(200)._repr_html_()


def test_notebook(tmp_path: Path) -> None:
    """In a notebook that is really run, schedules and errors show themselves."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [
        nbformat.v4.new_code_cell(code)  # type: ignore[no-untyped-call]
        for code in (
            "import schedlang\nschedule = schedlang.parse('warmup(5%) then cosine')\nschedule",
            "schedule.bind(1000, base=3e-4)",
            "try:\n    schedlang.parse('warmup(5%) then cosin(1)')\nexcept ValueError as error:\n    display(error)",
            "schedlang.parse('linear(1, 0, 100)')",
            "%matplotlib inline\nschedule.bind(1000, base=3e-4).plot()",
        )
    ]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [[output.get("data", {}) for output in cell.outputs] for cell in notebook.cells]
    assert "warmup(5%) then cosine" in shown[0][0]["text/html"]
    assert "bind the schedule with <code>total_steps=…</code>" in shown[0][0]["text/html"]
    assert shown[1][0]["image/svg+xml"].startswith("<svg")
    assert "<td>50</td><td>1000</td><td>0.0003</td>" in shown[1][0]["text/html"]
    assert "error[E201]" in shown[2][0]["text/html"]
    assert "did you mean `cosine`?" in shown[2][0]["text/html"]
    assert "<svg" in shown[3][0]["text/html"]
    assert any("image/png" in data for data in shown[4])


def until(process: "subprocess.Popen[bytes]", output: io.BufferedReader, wanted: bytes, already: bytes = b"") -> bytes:
    """What comes out until something is there."""
    found = already
    while wanted not in found:
        assert process.poll() is None
        found += output.read1(65536)
    return found


def test_watch(tmp_path: Path) -> None:
    """`--watch` draws again when the file is saved, tells mistakes and goes on, and ends quietly on Ctrl-C."""
    file = tmp_path / "train.yaml"
    file.write_text("lr: warmup(10%) then cosine\n")
    call = [sys.executable, "-m", "schedlang", "plot", "--watch", f"{file}:lr", "--total", "100", "--height", "8"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as process:
        assert isinstance(process.stdout, io.BufferedReader)
        first = until(process, process.stdout, b"100\n")
        assert "cosine" in first.decode()
        file.write_text("lr: warmup(10%) then cosin\n")
        until(process, process.stdout, b"did you mean `cosine`?")
        file.unlink()
        until(process, process.stdout, b"E501")
        file.write_text("lr: linear(1, 0)\n")
        assert "linear(1, 0)" in until(process, process.stdout, b"100\n").decode()
        process.terminate()


def test_watch_clears_a_terminal(tmp_path: Path) -> None:
    """On a terminal each plot takes the place of the one before, in colours, as wide as the terminal."""
    file = tmp_path / "train.yaml"
    file.write_text("lr: cosine\n")
    main_end, end = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "50", "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    call = [sys.executable, "-m", "schedlang", "plot", "--watch", f"{file}:lr", "--total", "100"]
    with subprocess.Popen(call, stdout=end, stderr=end, env=environment) as process:
        shown = b""
        while "┬".encode() not in shown:
            shown += os.read(main_end, 65536)
        assert shown.startswith(b"\x1b[2J\x1b[H")
        assert b"\x1b[36m" in shown
        shown = b""
        time.sleep(0.01)
        file.write_text("lr: linear(1, 0.5)\n")
        while b"linear(1, 0.5)" not in shown:
            shown += os.read(main_end, 65536)
        assert b"\x1b[2J\x1b[H" in shown
        process.terminate()
    os.close(end)
    os.close(main_end)


def test_longer_than_any_axis(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run of more steps than a float can count is refused, and its beginning drawn."""
    for file in ([], ["-o", str(tmp_path / "a.svg")], ["-o", str(tmp_path / "a.png")]):
        assert main(["plot", "cosine(1, 0, 10 ** 400)", *file]) == 1
        assert "E411" in capsys.readouterr().err
        assert main(["plot", "cosine(1, 0, 10 ** 400)", "--stop", "100", *file]) == 0
