"""The page to play with, in Chromium, from a plain server of files."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest
from browser import chromium, served, telephone
from helpers import close
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from schedlang import parse
from schedlang._editors.play.serving import fragment

RUN: Final[dict[str, Any]] = {"total_steps": 10_000, "base": 3e-4, "steps_per_epoch": 100}


class Page:
    """The page as whoever sits before it sees it."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def __getitem__(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def wait(self, until: Callable[[], Any]) -> Any:
        """The first true result; what is drawn anew while it is looked at is looked at again."""
        wait = WebDriverWait(self.driver, 300, 0.05, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: until())

    def texts(self, selector: str) -> list[str]:
        """The texts of everything that a selector finds, of which there is something."""
        return self.wait(lambda: [each.text for each in self.all(selector)])

    def colours(self, selector: str) -> set[str]:
        """The colours behind everything that a selector finds."""
        found: set[str] = self.wait(
            lambda: {each.value_of_css_property("background-color") for each in self.all(selector)}
        )
        return found

    def open(self, **settings: str) -> "Page":
        """The page by a link that says this; it is loaded only once, as Python takes seconds to start.

        What is not said of the run is as in `RUN`.
        """
        run = {name: str(value) for name, value in RUN.items()}
        return self.follow({"text": "warmup(5%) then cosine"} | run | settings)

    def follow(self, settings: dict[str, str]) -> "Page":
        """The page by a link that says this, and nothing else."""
        link = f"#{fragment(settings)}"
        if not self.driver.current_url.startswith(self.address):
            self.driver.get(self.address + link)
        else:
            self.run("history.replaceState(null, '', '#'); delete document.body.dataset.shown")
            self.run("location.hash = arguments[0]", link)
        self.shows(settings["text"])
        return self

    def shows(self, text: str) -> None:
        """Wait until the answer to a text is shown."""
        self.wait(lambda: self.run("return document.body.dataset.shown") == text)

    def types(self, text: str) -> None:
        """Type another text, by keys."""
        self["#text"].send_keys(Keys.CONTROL, "a")
        self["#text"].send_keys(text)
        self.shows(text)

    def presses(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> str:
        return self.run("return document.activeElement.id")

    def points(self) -> list[tuple[int, float]]:
        """The points of the curve that is drawn, asked of the chart itself."""
        found = self.run("const { steps, values } = document.getElementById('chart').points; return [steps, values]")
        return list(zip(*found, strict=True))

    def readout(self) -> str:
        """What is told of the point that the pointer or the keys are at."""
        return self["#readout"].text

    def copied(self) -> str:
        return self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")

    def mistakes(self) -> list[str]:
        return [each.text for each in self.all("#mistakes .code")]


def expected(text: str, steps: list[int], **run: Any) -> list[float]:
    bound = parse(text).bind(**(RUN | run))
    return [bound(step) for step in steps]


def assert_same(values: Sequence[float], others: Sequence[float]) -> None:
    """Two curves are the same but for the last bits of sines: the browser's C library is another one."""
    assert all(close(value, other, max(map(abs, others))) for value, other in zip(values, others, strict=True))


@pytest.fixture(scope="module")
def server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built site, in a folder of a folder: it works at any address."""
    folder = tmp_path_factory.mktemp("www")
    (folder / "play").symlink_to(site)
    with served(folder) as address:
        yield f"{address}play/"


@pytest.fixture
def page(browser: webdriver.Chrome, server: str) -> Iterator[Page]:
    """The page; afterwards nothing was logged, and nothing was asked of another machine."""
    browser.get_log("performance"), browser.get_log("browser")  # forget what other pages logged
    page = Page(browser, server)
    yield page
    assert browser.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if url.startswith(("http", "ws")) and not url.startswith(server)] == []


def test_typing_draws_the_curve(page: Page) -> None:
    """The drawn points are Python's values, to the last bit; phases are told in the colours of their texts."""
    page.open()
    for text in ("warmup(5%) then cosine", "linear(1, 0.1) for 10ep repeat 3", "step_fixed(0.1, [30%, 60%])"):
        page.types(text)
        steps, values = zip(*page.points(), strict=True)
        assert (steps[0], steps[-1]) == (0, 10_000)
        assert_same(values, expected(text, list(steps)))
        rows = parse(text).bind(**RUN).phases
        assert page.texts("#phases code") == [row.text for row in rows]
        page.wait(lambda: page.colours("#phases code") == page.colours("#shown .phase"))
    assert page["#text"].get_property("value") == page["#shown"].get_property("textContent").removesuffix("\u00a0")


def test_pointing_tells_values(page: Page) -> None:
    """Pointing at the curve tells a step, its value and its phase; dragging zooms, a double click shows all again."""
    page.open(text="linear(0, 1) for 5000 then hold")
    chart = page["#chart .u-over"]
    ActionChains(page.driver).move_to_element(chart).perform()
    step, value, phase = page.wait(lambda: len(lines := page.readout().split("\n")) == 3 and lines)
    at = int("".join(filter(str.isdigit, step)))
    assert abs(at - 5000) < 50
    assert float(value) == expected("linear(0, 1) for 5000 then hold", [at])[0]
    assert phase == ("hold" if at >= 5000 else "linear(0, 1)")
    ActionChains(page.driver).move_to_element_with_offset(chart, -100, 0).click_and_hold().move_by_offset(
        200, 0
    ).release().perform()
    page.wait(lambda: page["#whole"].is_displayed())
    steps = [step for step, _ in page.points()]
    assert 0 < steps[0] < 5000 < steps[-1] < 10_000
    assert [value for _, value in page.points()] == expected("linear(0, 1) for 5000 then hold", steps)
    ActionChains(page.driver).double_click(page["#chart .u-over"]).perform()
    page.wait(lambda: page.points()[-1][0] == 10_000)


def test_a_mistake_is_fixed_by_a_click(page: Page) -> None:
    """A mistake is underlined and told, the last curve stays; a click on its fix mends the text."""
    page.open()
    page.types("warmup(5%) then cosin(3e-4, 0")
    assert page.mistakes() == ["E201", "E104"]
    assert page["#shown .error"].text == "cosin"
    assert "stale" in page["#chart"].get_attribute("class")
    page["#mistakes .fix"].click()
    page.shows("warmup(5%) then cosine(3e-4, 0")
    page["#mistakes .fix"].click()
    page.shows("warmup(5%) then cosine(3e-4, 0)")
    assert page.mistakes() == []
    assert "stale" not in page["#chart"].get_attribute("class")
    page["#text"].send_keys(Keys.CONTROL, "z")
    page.shows("warmup(5%) then cosine(3e-4, 0")


def test_many_mistakes(page: Page) -> None:
    """Of many mistakes the first are told, and how many more there are."""
    text = "cosine(1, 0, 9) for 5 then " * 200 + "0"
    page.open(text=text)
    assert len(page.mistakes()) == 20
    assert page.texts("#mistakes li")[-1] == f"… and {len(parse(text).bind(**RUN).warnings()) - 20} more"


def test_a_link_carries_text_and_run(page: Page) -> None:
    """The address is kept up to date; opened in a new window it shows the same."""
    page.open()
    page.types("warmup(w) then cosine # 5%, a + b & é")
    assert page.mistakes() == ["E402"]
    page.wait(lambda: page.all("[id='field-params.w']"))[0].send_keys("2ep")
    total = page["#field-total_steps"]
    total.send_keys(Keys.CONTROL, "a")
    total.send_keys("90ep")
    page.wait(lambda: page.points()[-1][0] == 9000)
    points, link = page.points(), page.wait(lambda: "90ep" in page.driver.current_url and page.driver.current_url)
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("window")
    try:
        page.driver.get(link)
        page.shows("warmup(w) then cosine # 5%, a + b & é")
        assert page.points() == points
        assert page["#field-total_steps"].get_property("value") == "90ep"
        assert page["[id='field-params.w']"].get_property("value") == "2ep"
    finally:
        page.driver.close()
        page.driver.switch_to.window(first)


def test_a_link_says_all_it_means(page: Page) -> None:
    """What a link with a text does not say is empty, also in a link that the page made of empty fields."""
    page.open()
    page.follow({"text": "cosine", "total_steps": "1000"})
    assert page.points()[0] == (0, 1)
    assert page["#field-base"].get_property("value") == ""
    page.follow({"text": "warmup(5ep)", "base": "2"})
    assert page.mistakes() == ["E401"]
    assert page["#field-total_steps"].get_property("value") == ""
    assert page["#field-steps_per_epoch"].get_property("value") == ""
    page.open(text="linear(1, 0, 300) * base")
    for name in ("total_steps", "base"):
        page[f"#field-{name}"].send_keys(Keys.CONTROL, "a")
        page[f"#field-{name}"].send_keys(Keys.BACKSPACE)
    page.wait(lambda: "base=" not in page.driver.current_url)  # which is written when Python has answered
    points, link = page.points(), page.driver.current_url.partition("#")[2]
    assert points[0] == (0, 1)
    assert points[-1][0] < 10_000
    page.open()
    page.follow(dict(parse_qsl(link)))
    assert page.points() == points


def test_a_link_is_not_lost(page: Page) -> None:
    """An answer that comes when a link was followed, but not yet read, writes another link in its place."""
    page.open(text="1")
    link = fragment({"text": "cosine", "total_steps": "1000"})
    page.run("location.hash = arguments[0]; history.replaceState(null, '', '#text=1')", link)
    page.shows("cosine")


@pytest.mark.browser
def test_a_first_visit(server: str) -> None:
    """Without a link, in a browser that has never been there, the page begins with a curve, from one place alone."""
    with chromium() as driver:
        page = Page(driver, server)
        driver.get(server)
        assert page["#state"].text == "Loading Python …"
        page.shows("warmup(5%) then cosine")
        assert page["#state"].text == ""
        assert [each.get_property("value") for each in page.all("#run input")] == ["10000", "3e-4"]
        asked = page.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert asked
        assert [url for url in asked if not url.startswith(server)] == []
        assert driver.get_log("browser") == []


def test_hostile_links(page: Page) -> None:
    """A link can hold anything: it is text, never a part of the page."""
    for text in ("<img src=x onerror=document.title=1>", "'\"><script>document.title=1</script>", "\x01", "(" * 2000):
        page.open(text=text, total_steps="<b>1</b>", nothing="1", **{"params.__proto__": "1"})
        assert page.mistakes()
        assert page.all("#shown img, #mistakes img, #mistakes b, #run b") == []


MOVED = """
const [chart, range, done] = [document.getElementById("chart"), document.activeElement, arguments[0]];
const drawn = [];
let points = chart.points;
Object.defineProperty(chart, "points", {
  configurable: true,
  get: () => points,
  set: (given) => drawn.push([given.steps, given.values]) && (points = given),
});
range.stepUp();
range.dispatchEvent(new Event("input"));
const look = () => {
  const text = document.getElementById("text").value;
  if (document.body.dataset.shown !== text) return setTimeout(look);
  range.dispatchEvent(new Event("change"));
  done([text, drawn]);
};
look();
"""
"""Moves the slider in focus by one, and tells the text by then, and all that was drawn until all of it was told."""


def test_a_slider_draws_at_once(page: Page) -> None:
    """The schedule in JavaScript is drawn before Python has told all of it, and has the same values."""
    page.open(text="max(warmup(10%), 0.25) then cosine(1, 0.1)")
    drafts = 0
    for slider in page.all("#numbers input"):
        page.run("arguments[0].focus()", slider)
        for _ in range(3):
            text, drawn = page.driver.execute_async_script(MOVED)
            for steps, values in drawn:
                assert_same(values, expected(text, steps))
            drafts += len(drawn) - 1
    assert drafts


def test_a_slider_edits_the_text(page: Page) -> None:
    """A slider moved by keys or the mouse writes its number into the text, and keeps the focus."""
    page.open(text="warmup(5%) then cosine(3e-4, 0)")
    assert page.texts("#numbers label") == ["warmup duration", "cosine start", "cosine end"]
    first = page["#number-0"]
    first.send_keys(Keys.ARROW_RIGHT)
    page.shows("warmup(5.5%) then cosine(3e-4, 0)")
    first.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    page.shows("warmup(4.5%) then cosine(3e-4, 0)")
    assert page.focused() == "number-0"
    assert page["#number-0 + output"].text == "4.5%"
    second = page["#number-1"]
    ActionChains(page.driver).move_to_element(second).click_and_hold().move_by_offset(40, 0).move_by_offset(
        40, 0
    ).release().perform()
    page.wait(lambda: "3e-4" not in page.run("return document.body.dataset.shown"))
    text = page["#text"].get_property("value")
    page.shows(text)
    assert text.startswith("warmup(4.5%) then cosine(")
    steps, values = zip(*page.points(), strict=True)
    assert_same(values, expected(text, list(steps)))


def test_keys_alone(page: Page) -> None:
    """All of it can be used without a mouse, in an order that follows the page."""
    page.open(text="cosin(1, 0) for 5000 then hold")
    page["#text"].click()
    page.presses(Keys.TAB)
    assert page.run("return document.activeElement.className") == "fix"
    page.presses(Keys.ENTER)
    page.shows("cosine(1, 0) for 5000 then hold")
    assert page.focused() == "text"
    page.types("cosinne(1, 0) for 5000 then hold")
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    page.shows("cosine(1, 0) for 5000 then hold")
    order = []
    while "snippet" not in order:
        page.presses(Keys.TAB)
        order.append(page.run("const e = document.activeElement; return e.id || e.name || e.className"))
        assert len(order) < 20
    named = ["log", "chart", "number-0", "number-1", "number-2", "field-total_steps", "field-base"]
    assert order == [*named, "scroll", "form", "copy", "snippet"]
    page.run("document.getElementById('chart').focus()")
    page.presses(Keys.END)
    assert page.readout().split("\n")[1] == "0"
    page.presses(Keys.HOME, Keys.ARROW_RIGHT)
    assert page.readout().split("\n")[0] == f"step {page.points()[1][0]}"
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.presses("+")
    page.wait(lambda: page.points()[-1][0] < 10_000)
    page.presses(Keys.ESCAPE)
    page.wait(lambda: page.points()[-1][0] == 10_000)
    page.presses(Keys.ESCAPE)
    assert page.focused() == "text"


def test_zooming_by_keys(page: Page) -> None:
    """Plus and minus zoom around the point that is read, which stays where it is, or else around the middle."""
    page.open(text="linear(1, 0)")

    def views(keys: str) -> list[tuple[int, int]]:
        found = []
        for key in keys:
            before = view()
            page.presses(key)
            page.wait(lambda before=before: view() != before)
            found.append(view())
        return found

    def view() -> tuple[int, int]:
        return page.points()[0][0], page.points()[-1][0]

    page.run("document.getElementById('chart').focus()")
    assert views("+-") == [(2500, 7500), (0, 10_000)]
    page.presses(Keys.END)
    assert views("++--") == [(5000, 10_000), (7500, 10_000), (5000, 10_000), (0, 10_000)]
    page.wait(lambda: not page["#whole"].is_displayed())
    page.presses(Keys.HOME)
    assert views("++") == [(0, 5000), (0, 2500)]
    page.presses(Keys.PAGE_DOWN, Keys.PAGE_DOWN, Keys.PAGE_DOWN)
    line = page.readout()
    ((first, stop),) = views("+")
    assert stop - first == 1250
    page.wait(lambda: page.readout() == line)
    assert views("---")[-1] == (0, 10_000)


def test_everything_has_a_name(page: Page) -> None:
    """Whoever hears the page instead of seeing it is told what each control is, and what the curve does."""
    page.open(text="warmup(w) then cosine", **{"params.w": "5%"})
    names = [
        (each.aria_role, each.accessible_name)
        for each in page.all("button, input, select, textarea, #chart")
        if each.is_displayed()
    ]
    assert all(name for _, name in names)
    assert page["#chart"].accessible_name == (
        "Curve from step 0 to 10000: begins at 0, ends at 0; highest 3e-4 at step 500, lowest 0 at step 0"
    )
    assert page["#text"].accessible_name == "Schedule"


def test_examples_and_copies(page: Page) -> None:
    """All examples draw a curve without a warning; one is copied in four forms; what is shown is what is copied."""
    page.open()
    page.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    choices = [each.get_attribute("title") for each in page.all("#examples option")]
    for index, text in enumerate(choices[1:]):
        Select(page["#examples"]).select_by_value(str(index))
        page.shows(text)
        assert page.mistakes() == [], text
        assert "stale" not in page["#chart"].get_attribute("class")
    for form, start in (("yaml", "lr: warmup(w)"), ("pytorch", "import torch"), ("optax", "import optax")):
        page[f"[value={form}] + span"].click()
        assert page["#snippet"].text.startswith(start)
        page["#copy"].click()
        assert page.copied().strip() == page["#snippet"].text.strip()
    page["[value=python] + span"].click()
    assert "def schedule(step):" in page["#snippet"].text
    page["#link"].click()
    assert page.copied() == page.driver.current_url


def test_a_logarithmic_axis(page: Page) -> None:
    """Values that are not above zero are left out; without any other the switch is off."""
    page.open(text="step_fixed(0.1, [30%, 60%])")
    page["#log"].click()
    page.types("linear(1, 0)")
    assert page["#log"].is_selected()
    page["#log"].click()
    page.types("-1")
    assert not page["#log"].is_enabled()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_widths_and_colours(page: Page, width: int, scheme: str) -> None:
    """The page fits a telephone, follows the system's colours, and its words stand out from what is behind them."""
    with telephone(page.driver, width, scheme):
        page.open(text="warmup(5%) then cosine(3e-4, 3e-5) for 20ep then hold until 90% then linear to 0")
        assert page.run("return document.documentElement.scrollWidth") <= width
        assert page["#chart .uplot"].size["width"] <= page["#chart"].size["width"]
        page.types("warmup(5%) then cosin(3e-4, 0")
        assert page.run("return document.documentElement.scrollWidth") <= width
        for selector in ("h1", "h1 span", "#mistakes p", "#mistakes .hint", "#mistakes .fix", "#run label"):
            assert contrast(page, selector) >= 4.5, selector
        assert (luminance(page["body"].value_of_css_property("background-color")) < 0.1) == (scheme == "dark")


def contrast(page: Page, selector: str) -> float:
    """How much letters stand out: the ratio that WCAG wants to be 4.5 at least."""
    behind = page.run(
        "let e = arguments[0]; while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;"
        "return getComputedStyle(e).backgroundColor",
        page[selector],
    )
    light, dark = sorted((luminance(page[selector].value_of_css_property("color")), luminance(behind)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is, as WCAG says."""
    parts = [float(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
