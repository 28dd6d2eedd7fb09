"""The page of a real discovery in a real browser: nothing is requested, nothing fails, Arabic runs from the right."""

from __future__ import annotations

import shutil

import pytest

import research

pytestmark = [pytest.mark.browser, pytest.mark.slow]

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def page(tmp_path_factory, few_seeds, browser):
    folder = tmp_path_factory.mktemp("report")
    research.report.write(research.discover(research.load(few_seeds / "articles")), folder)
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.problems, page.requests = [], []
    page.on("console", lambda message: page.problems.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto((folder / "report.html").as_uri())
    return page


def test_nothing_is_requested_and_nothing_fails(page):
    assert page.problems == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


def test_passages_are_set_from_the_right(page):
    direction = "e => [/^[^A-Za-z]*[\u0600-\u06ff]/.test(e.textContent), getComputedStyle(e).direction]"
    found = page.eval_on_selector_all("blockquote p", f"es => es.map({direction})")
    assert {(arabic, way) for arabic, way in found} >= {(True, "rtl")}
    assert all((way == "rtl") == arabic for arabic, way in found)
    box = """e => { const range = document.createRange(); range.selectNodeContents(e);
             const lines = [...range.getClientRects()], edge = e.getBoundingClientRect();
             const right = getComputedStyle(e).direction == "rtl";
             return Math.min(...lines.map(line => right ? edge.right - line.right : line.left - edge.left)) }"""
    gaps = page.eval_on_selector_all("blockquote p", f"es => es.map({box})")
    assert gaps
    assert max(gaps) < 3  # every passage begins at its edge


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


@pytest.fixture(scope="module")
def tagged(tmp_path_factory, few_seeds, browser):
    folder = tmp_path_factory.mktemp("tagged")
    research.report.write(research.tag(research.load(few_seeds / "articles"), "seeds/themes.toml"), folder)
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.requests = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto((folder / "report.html").as_uri())
    return page


def test_tagged_articles_are_for_reading(tagged):
    assert [url for url in tagged.requests if not url.startswith(("file:", "data:"))] == []
    direction = "e => [/^[^A-Za-z]*[\\u0600-\\u06ff]/.test(e.textContent), getComputedStyle(e).direction]"
    found = tagged.eval_on_selector_all(".passage p", f"es => es.map({direction})")
    assert len(found) > 100
    assert all((way == "rtl") == arabic for arabic, way in found)
    style = "e => [getComputedStyle(e).textDecorationLine, getComputedStyle(e).textDecorationColor, e.title]"
    evidence = tagged.eval_on_selector_all(".evidence", f"es => es.map({style})")
    assert len(evidence) > 100
    assert {line for line, _, _ in evidence} == {"underline"}
    assert len({colour for _, colour, _ in evidence}) == 5
    assert all(title for _, _, title in evidence)
    # Cutting a passage into pieces has lost no character of it.
    articles = tagged.eval_on_selector_all("article", "es => es.map(e => [...e.querySelectorAll('p')].map(p => p.textContent))")
    texts = {document.text for document in research.load("seeds/articles")}
    for passages in articles:
        assert any(all(passage in text for passage in passages) for text in texts)


@pytest.mark.parametrize("width", [360, 1400])
def test_tagged_articles_fit_the_screen(tagged, width):
    tagged.set_viewport_size({"width": width, "height": 800})
    assert tagged.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
