"""The page of a real discovery in a real browser: nothing is requested, nothing fails, Arabic runs from the right."""

from __future__ import annotations

import shutil

import pytest

import research

pytestmark = [pytest.mark.browser, pytest.mark.slow]

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    folder = tmp_path_factory.mktemp("report")
    research.report.write(research.discover(research.load("seeds/articles")), folder)
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.problems, page.requests = [], []
        page.on("console", lambda message: page.problems.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto((folder / "report.html").as_uri())
        yield page
        browser.close()


def test_nothing_is_requested_and_nothing_fails(page):
    assert page.problems == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


def test_passages_are_set_from_the_right(page):
    direction = "e => getComputedStyle(e).direction"
    assert set(page.eval_on_selector_all("blockquote p", f"es => es.map({direction})")) == {"rtl"}
    box = """e => { const range = document.createRange(); range.selectNodeContents(e);
             const lines = [...range.getClientRects()], edge = e.getBoundingClientRect();
             return Math.min(...lines.map(line => edge.right - line.right)) }"""
    gaps = page.eval_on_selector_all("blockquote p", f"es => es.map({box})")
    assert gaps
    assert max(gaps) < 3  # every passage begins at the right edge


def test_every_figure_is_drawn(page):
    widths = page.eval_on_selector_all("figure img", "es => es.map(e => e.naturalWidth)")
    assert len(widths) >= 4
    assert min(widths) > 200


@pytest.mark.parametrize("width", [360, 1400])
def test_no_page_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_words_stay_whole_in_tables_on_a_phone(page):
    page.set_viewport_size({"width": 360, "height": 800})
    widths = page.eval_on_selector_all("td:not(.number)", "es => es.map(e => e.getBoundingClientRect().width)")
    assert min(widths) >= 100


def test_all_topics_are_in_the_table(page):
    rows = page.locator("table").first.locator("tbody tr").count()
    headings = page.locator("h3", has_text="Topic ").count()
    assert rows == headings >= 4
