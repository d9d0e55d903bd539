"""What the tests of pages share."""

from collections.abc import Iterator

import pytest
from browser import chromium
from selenium import webdriver


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """One browser for all tests; its use is what the mark `browser` is set by."""
    with chromium() as driver:
        yield driver
