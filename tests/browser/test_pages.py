"""Pages in a real browser: nothing is requested, nothing fails, everybody can read them, on a phone and on paper too."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

import research
from research.corpus import Corpus

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
ARABIC = "\u0600-\u06ff"


@pytest.fixture(scope="module")
def pages(few_seeds, tmp_path_factory):
    """Reports of topics, of themes, of classes and of several labels, in both languages."""
    corpus = research.load(few_seeds / "articles")
    known = research.load("seeds/labelled.csv")
    both = [d if n % 9 else replace(d, label=f"{d.label}; diplomacy") for n, d in enumerate(known)]
    results = {
        "topics": research.discover(corpus),
        "themes": research.tag(corpus, "seeds/themes.toml", labels=False, encoder="none"),
        "classes": research.classify(known, known, encoder="none", seconds=0),
        "several": research.classify_several(Corpus("known", tuple(both)), known, encoder="none", seconds=0),
    }
    found = {}
    for name, result in results.items():
        for language in ("en", "ar"):
            folder = tmp_path_factory.mktemp(f"{name}-{language}")
            research.report.write(result, folder, language=language)
            found[name, language] = folder / "report.html"
    return found


PAGES = ("topics", "themes", "classes", "several")
EVERY = [(name, language) for name in PAGES for language in ("en", "ar")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("name", "language"), EVERY)
def test_nothing_keeps_anybody_from_reading(pages, opened, name, language, dark):
    page = opened(pages[name, language], dark=dark)
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_phone_shows_it_without_scrolling_sideways(pages, opened, name, language):
    page = opened(pages[name, language], width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    beyond = "es => es.filter(e => e.getBoundingClientRect().right > 361).map(e => e.outerHTML.slice(0, 90))"
    wide = page.eval_on_selector_all("main > *, .explorer *, figure img", beyond)
    assert [html for html in wide if not html.startswith(("<table", "<th", "<td", "<tr"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_arabic_page_is_mirrored(pages, opened, name):
    """Headings, paragraphs, cells and the form begin where their language begins."""
    starts = """() => Object.fromEntries(['h1', 'h2', 'main > p', 'th:first-child', '.explorer label'].map(where => {
        const box = document.querySelector(where), text = document.createRange(); text.selectNodeContents(box);
        const page = document.querySelector('main').getBoundingClientRect();
        const lines = [...text.getClientRects()];
        const [left, right] = [Math.min(...lines.map(l => l.left)), Math.max(...lines.map(l => l.right))];
        return [where, [left - page.left, page.right - right]]; }))"""
    for language, near in (("en", 0), ("ar", 1)):
        page = opened(pages[name, language])
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            language,
            "rtl" if near else "ltr",
        ]
        for where, gaps in page.evaluate(starts).items():
            assert gaps[near] < 30, (language, where, gaps)
            assert gaps[near] < gaps[1 - near], (language, where, gaps)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_passages_run_the_way_that_they_are_written(pages, opened, name, language):
    page = opened(pages[name, language])
    measured = """es => es.map(e => { const range = document.createRange(); range.selectNodeContents(e);
        const right = getComputedStyle(e).direction === 'rtl', edge = e.getBoundingClientRect();
        const gaps = [...range.getClientRects()].map(l => right ? edge.right - l.right : l.left - edge.left);
        return [e.textContent, right, Math.min(...gaps)]; })"""
    found = page.eval_on_selector_all("blockquote p, .passage p", measured)
    assert len(found) > 10
    for text, from_right, gap in found:
        first = re.search(f"[A-Za-z{ARABIC}]", text)
        assert first is None or from_right == bool(re.match(f"[{ARABIC}]", first.group()))
        assert gap < 3


def test_numbers_and_latin_words_of_an_arabic_line_keep_their_order(pages, opened):
    """Within an isolated run what comes first stands further left, digits and brackets too."""
    page = opened(pages["themes", "ar"])
    runs = page.eval_on_selector_all(
        "main bdi[dir=ltr]",
        """es => es.filter(e => e.textContent.length > 3 && e.getClientRects().length === 1).slice(0, 60).map(e => {
        const node = e.firstChild, box = i => { const r = document.createRange(); r.setStart(node, i); r.setEnd(node, i + 1);
        return r.getBoundingClientRect().left; };
        return [e.textContent, box(0), box(node.length - 1)]; })""",
    )
    assert len(runs) > 10
    assert [text for text, first, last in runs if first >= last] == []


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_on_paper_no_figure_is_cut(pages, opened, name, language):
    page = opened(pages[name, language])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 672, "height": 1000})  # A4 without its margins
    figures = page.eval_on_selector_all(
        "figure img", "es => es.map(e => { const b = e.getBoundingClientRect(); return [b.left, b.right, b.height]; })"
    )
    assert figures
    for left, right, height in figures:
        assert left >= -1
        assert right <= 673
        assert 40 < height <= 235 * 96 / 25.4 + 1
    assert page.eval_on_selector("#explorer", "e => getComputedStyle(e).display") == "none"
    printed = page.pdf(format="A4", print_background=True)
    assert printed.startswith(b"%PDF")
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 3 <= sheets < 120


def test_without_javascript_all_but_searching_is_there(pages, opened):
    page = opened(pages["themes", "en"], script=False)
    assert page.is_visible("text=Searching needs JavaScript")
    assert not page.is_visible("#explorer form")
    assert page.is_visible("main table")


def test_every_section_can_be_reached_from_the_contents(pages, opened):
    page = opened(pages["themes", "en"])
    links = page.eval_on_selector_all(".contents a", "es => es.map(e => [e.getAttribute('href'), e.textContent])")
    heads = page.eval_on_selector_all("h2[id^=section]", "es => es.map(e => ['#' + e.id, e.textContent])")
    assert links == heads
    assert len(heads) > 6


REPORTS = Path(__file__).resolve().parents[2] / "reports"


@pytest.mark.parametrize("page", ["index.html", *sorted(path.parent.name for path in REPORTS.glob("*/report.html"))])
def test_the_committed_reports_can_be_read_by_everybody(opened, page):
    shown = opened(REPORTS / page if page.endswith(".html") else REPORTS / page / "report.html", width=360)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    shown.evaluate(AXE)
    assert [(one["id"], one["impact"]) for one in shown.evaluate("axe.run()")["violations"]] == []


def test_a_page_is_small_enough_to_be_mailed(pages):
    assert all(path.stat().st_size < 3_000_000 for path in pages.values())


def test_a_real_archive_can_be_read_in_the_browser(shared, opened, tmp_path):
    """558 articles, 4,500 passages: the page stays below 3 MB, opens and can be searched."""
    result = research.tag(
        research.load(shared / "data" / "nk_2018.jsonl.gz"), "seeds/themes.toml", labels=False, encoder="none", candidates=False
    )
    research.report.write(result, tmp_path, language="ar")
    assert (tmp_path / "report.html").stat().st_size < 3_000_000
    page = opened(tmp_path / "report.html", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#x-search", "صاروخ")
    page.wait_for_selector("#explorer mark")
    assert page.locator("#explorer mark").count() > 10
    found = set(page.eval_on_selector_all("#explorer mark", "es => es.map(e => e.textContent)"))
    assert any(word.startswith("ال") for word in found)
    assert any("صواريخ" in word for word in found)
    page.evaluate(AXE)
    serious = [one["id"] for one in page.evaluate("axe.run()")["violations"] if one["impact"] in {"serious", "critical"}]
    assert serious == []
