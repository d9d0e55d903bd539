"""A real browser, and a server of files: what tests of pages need."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from selenium import webdriver

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what is asked of another machine fails
)


def program(name: str) -> str:
    """A program that the tests of the page need."""
    found = shutil.which(name)
    assert found is not None, (
        f"`{name}` is not on the PATH: install Debian's packages chromium, chromium-driver and npm"
    )
    return found


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder behind Python's own server of files."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()  # Serving HTTP on 127.0.0.1 port 40000 (http://127.0.0.1:40000/) ...
        try:
            yield line.partition("(")[2].partition(")")[0]
        finally:
            process.terminate()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser with an empty profile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = program("chromium")
        for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,1000"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(program("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


@contextmanager
def telephone(driver: webdriver.Chrome, width: int = 390, scheme: str = "light") -> Iterator[None]:
    """A window as wide as a telephone's, or another one, in a system's colours; afterwards it is as it was."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 2, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
