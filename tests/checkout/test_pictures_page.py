"""Pictures as a browser shows them: with its fonts nothing overlaps or is cut off, and the pointer reads values."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from browser import served
from helpers import RUN, SECTION_1
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from schedlang import parse
from schedlang.pages import page
from schedlang.svg import draw

BOXES = """
return [...document.querySelectorAll("svg")].map(svg => {
    const frame = svg.viewBox.baseVal;
    const texts = [...svg.querySelectorAll("text")].map(text => {
        const box = text.getBBox();
        return [text.textContent, box.x, box.y, box.x + box.width, box.y + box.height];
    });
    return [frame.width, frame.height, texts];
});
"""

BOUNDS = {text: parse(text).bind(**RUN, base=3e-4) for text in SECTION_1}


@pytest.mark.parametrize("width", [360, 720, 1000])
def test_nothing_overlaps(browser: webdriver.Chrome, tmp_path: Path, width: int) -> None:
    """In pictures of the front page no text stands on another one, and none leaves its picture."""
    pictures = [draw(bound, width=width) for bound in BOUNDS.values()]
    pictures += [draw(bound, width=width, log=True) for bound in BOUNDS.values()]
    pictures.append(draw(dict(list(BOUNDS.items())[:4]), width=width))
    (tmp_path / "pictures.html").write_text(f"<!doctype html><meta charset=utf-8>{''.join(pictures)}")
    with served(tmp_path) as address:
        browser.get(f"{address}pictures.html")
        found: list[Any] = browser.execute_script(BOXES)
    assert len(found) == len(pictures)
    for right, bottom, texts in found:
        assert texts
        for text, x0, y0, x1, y1 in texts:
            assert -1 <= x0 <= x1 <= right + 1, text
            assert -1 <= y0 <= y1 <= bottom + 1, text
        for (one, *a), (other, *b) in combinations(texts, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 3 or b[3] <= a[1] + 3  # a line has some room above
            assert apart, (one, other)


def test_pointer_reads_values(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """On a page that `plot -o curve.html` writes, the pointer tells steps with their values."""
    bound = parse("warmup(5%) then cosine").bind(1000, base=3e-4)
    (tmp_path / "curve.html").write_text(page(bound))
    with served(tmp_path) as address:
        browser.get(f"{address}curve.html")
        picture = browser.find_element(By.CSS_SELECTOR, "svg")
        told = set()
        for offset in (-300, -100, 0, 50, 300):
            ActionChains(browser).move_to_element_with_offset(picture, offset, 0).perform()
            text = browser.find_element(By.ID, "told").text
            found = re.fullmatch(r"step (\d+) +(\S+)", text)
            assert found is not None, text
            assert float(found[2]) == bound(int(found[1]))
            told.add(found[1])
        assert len(told) == 5
        assert browser.get_log("browser") == [] or all(
            "favicon" in each["message"] for each in browser.get_log("browser")
        )
