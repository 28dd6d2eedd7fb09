"""A real browser, and pages that note what goes wrong on them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as player:
        started = player.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Open a file; afterwards the page must have asked for nothing and complained of nothing."""
    pages = []

    def opening(path: Path, *, width: int = 1000, dark: bool = False, script: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", java_script_enabled=script
        )
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda said: page.troubles.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else page.troubles.append(f"asked for {asked.url}"),
        )
        page.goto(path.as_uri())
        if script and page.query_selector("#explorer"):
            page.wait_for_selector("#explorer[data-ready]")
        pages.append(page)
        return page

    yield opening
    troubles = [trouble for page in pages for trouble in page.troubles]
    for page in pages:
        page.context.close()
    assert troubles == []
