"""What a page says and draws of time and outlets."""

from __future__ import annotations

import csv
import re
from datetime import date
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pytest

import research
from research.corpus import Corpus, Document
from research.evaluate import Undefined
from research.report import Page, figures
from research.report.trend_results import trends_of
from research.report.trends_section import add_trends
from research.trends import Share

WORDS = ["سفينة", "ميناء", "حبوب", "رصيف", "بحار", "مرساة", "قبطان", "شراع", "خليج", "موجة", "ريح", "ملاح"]
BOOK = """version = "1"
[theme.ships]
name = {ar = "السفن", en = "Ships <b>"}
seeds = ["سفينة"]
[theme.wind]
name = {ar = "الريح", en = "Wind"}
seeds = ["ريح"]
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def article(n: int, theme: str, day: str | None, source: str = "") -> Document:
    rng = np.random.default_rng(n)
    others = " ".join(str(word) + str(word)[::-1] for word in rng.permutation(WORDS))
    text = f"{theme} {others} {n}"
    return Document(str(n), text, source=source, date=date.fromisoformat(day) if day else None, date_text=day or "")


def blocks(result):
    page = Page("x")
    add_trends(page, trends_of(result, draws=100))
    return page


def text(page: Page) -> str:
    told = " ".join(str(block.get("text", block.get("caption", block.get("description", "")))) for block in page.blocks)
    return unescape(re.sub(r"</?bdi[^>]*>", "", told))


def tagged(book, documents):
    return research.tag(Corpus("x", tuple(documents)), book, encoder="none", labels=False, candidates=False)


def share(group, value, low, high, p=1.0, articles=9):
    return Share(group, 0, articles, articles, articles, articles, value, low, high, 1.0, p)


def test_a_month_without_articles_is_a_gap_and_no_zero():
    rows = {"2024-01": share("2024-01", 0.4, 0.2, 0.5), "2024-03": share("2024-03", 0.0, Undefined("x"), Undefined("x"))}
    figure, ax = plt.subplots()
    figures.share_over_time(rows, ["2024-01", "2024-02", "2024-03"], ax, overall=0.3, tint="#000000", title="عنوان")
    line = next(one for one in ax.lines if len(one.get_xdata()) == 3)
    values = np.asarray(line.get_ydata(), dtype=float)
    assert values[0] == 0.4
    assert np.isnan(values[1])
    assert values[2] == 0
    fills = {float(one.get_xdata()[0]): one.get_markerfacecolor() for one in ax.lines if one.get_marker() == "o"}
    assert fills == {0.0: "#000000", 2.0: "white"}  # hollow: no interval
    assert not [one for one in ax.texts if one.get_text() == "▼"]
    plt.close(figure)


def test_a_burst_is_marked_where_it_is():
    months = [f"2024-{n:02}" for n in range(1, 7)]
    rows = {month: share(month, 0.1, 0.05, 0.2, p=0.01 if month == "2024-05" else 1) for month in months}
    figure, ax = plt.subplots()
    figures.share_over_time(rows, months, ax, overall=0.1, tint="#000000", title="x")
    assert [one.get_position()[0] for one in ax.texts if one.get_text() == "▼"] == [4]
    plt.close(figure)


def test_points_of_outlets_stand_beside_their_names():
    rows = {"ب": share("ب", 0.2, 0.1, 0.3), "أ": share("أ", 0.6, 0.5, 0.8)}
    figure, ax = plt.subplots()
    figures.share_by_outlet(rows, ["أ", "ب"], ax, overall=0.4, tint="#000000", title="x")
    names = dict(zip(ax.get_yticks(), [label.get_text() for label in ax.get_yticklabels()], strict=True))
    [points] = [one for one in ax.lines if one.get_marker() == "o"]
    assert {names[y]: x for x, y in points.get_xydata()} == {"أ": 0.6, "ب": 0.2}
    plt.close(figure)


def test_a_burst_is_told_in_a_table_and_in_the_caption(book):
    months = [f"2024-{month:02}-10" for month in range(1, 9)]
    documents = [article(100 * m + n, "ريح", day, "أ") for m, day in enumerate(months) for n in range(10)]
    documents += [article(5000 + n, "سفينة", "2024-05-20", "ب") for n in range(12)]
    page = blocks(tagged(book, documents))
    [table, *_] = [block for block in page.blocks if block["kind"] == "table" and block["head"][0] == "month"]
    assert [str(cell["text"]) for cell in table["rows"][0][:2]] == ["2024-05", "ships"]
    assert "A black triangle marks a burst" in text(page)
    assert "Themes by outlet" in text(page)
    assert "<b>" not in page.html()
    assert "A passage can state several themes" in text(page)


def test_undated_articles_are_told_of(book):
    documents = [article(n, "سفينة", "2024-01-10" if n % 2 else None) for n in range(6)]
    page = text(blocks(tagged(book, [*documents, article(9, "ريح", "1445-01-01")])))
    assert "3 of 7 articles have a date to go by, from 2024-01-10 to 2024-01-10" in page
    assert "date missing: 3" in page
    assert "date before 1900-01-01: 1" in page
    assert "No article says which outlet it is from" in page


def test_without_any_date_there_is_no_figure_of_time(book):
    page = blocks(tagged(book, [article(n, "سفينة", None, "أ") for n in range(4)]))
    assert not [block for block in page.blocks if block["kind"] == "figure"]
    assert "0 of 4 articles have a date" in text(page)
    assert "are of one outlet, أ" in text(page)


def test_few_articles_a_month_are_put_together_to_quarters_and_far_dates_to_years(book):
    sparse = [article(n, "سفينة", f"2024-{month:02}-0{n % 3 + 1}") for n, month in enumerate([*range(1, 13)] * 3)]
    assert trends_of(tagged(book, sparse), draws=20).over_time.by == "quarter"
    dense = [article(n, "سفينة", f"2024-{n % 4 + 1:02}-05") for n in range(40)]
    assert trends_of(tagged(book, dense), draws=20).over_time.by == "month"
    wide = [article(n, "سفينة", f"{year}-01-05") for n, year in enumerate([2001, 2010, 2020, 2024, 2999])]
    found = trends_of(tagged(book, wide), draws=20)
    assert (found.over_time.by, found.by_month.by) == ("year", "month")
    assert text(blocks(tagged(book, wide)))  # one misread date does not break the figure


@pytest.mark.parametrize("kind", ["topic", "theme"])
def test_both_results_write_their_shares_and_sightings(few_seeds, tmp_path, kind):
    corpus = research.load(few_seeds / "articles")
    result = (
        research.discover(corpus, encoder="lsa", with_map=False)
        if kind == "topic"
        else research.tag(corpus, "seeds/themes.toml", labels=False, encoder="none", tested=0)
    )
    research.report.write(result, tmp_path / "out")
    read = {}
    for name in ("shares", "sightings"):
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            read[name] = list(csv.DictReader(file))
    assert {"month", "outlet"} <= {row["by"] for row in read["shares"]}
    assert list(read["shares"][0])[:9] == ["by", "group", kind, "label", "articles", "group_articles", "share", "low", "high"]
    assert all(bool(row["status"]) or row["low"] for row in read["shares"])
    assert {row["first_id"] for row in read["sightings"]} <= {document.id for document in corpus}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f"{kind.capitalize()}s over time" in page
    assert f"{kind.capitalize()}s by outlet" in page


def test_the_section_is_the_same_twice(book):
    documents = [article(n, "سفينة" if n % 3 else "ريح", f"2024-{n % 5 + 1:02}-05", "أ" if n % 2 else "ب") for n in range(40)]
    one, other = (blocks(tagged(book, given)).html() for given in (documents, documents[::-1]))
    assert one == other
