"""Pages and tables: what comes in shows as text, Arabic is isolated, nothing is fetched, the same input gives the same file."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from research.report.isolation import isolated
from research.report.language import speaking
from research.report.page import Page
from research.report.style import figure_style, png_bytes, svg_text
from research.report.tables import write_csv

HOSTILE = "<script>alert(1)</script>\"'&\u202eمقلوب\u2066"


def test_hostile_text_shows_as_text_wherever_it_stands():
    page = Page(HOSTILE)
    page.section(HOSTILE)
    page.paragraph(HOSTILE)
    page.notes([HOSTILE])
    page.table(pd.DataFrame({"a": [HOSTILE, None, 0.5]}), HOSTILE)
    page.passages(HOSTILE, [(HOSTILE, HOSTILE)])
    page.links([("x/report.html", HOSTILE, HOSTILE)])
    html = page.html()
    assert "<script" not in html
    assert not set("\u202e\u2066") & set(html.split("</title>")[1])
    assert html.count("&lt;script&gt;") >= 9


def test_the_page_asks_for_nothing_from_anywhere():
    page = Page("نتائج")
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    page.figure(figure, "line", "a line")
    html = page.html()
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', html) == []
    assert "default-src 'none'" in html


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60))
def test_isolating_changes_no_letter(text):
    shown = re.sub(r"<[^>]+>", "", str(isolated(text)))
    plain = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]", "", text)
    from html import unescape

    assert unescape(shown) == plain


def test_arabic_runs_are_isolated_as_a_whole():
    assert str(isolated("topic كوريا الشمالية (12)")) == 'topic <bdi lang="ar" dir="rtl">كوريا الشمالية</bdi> (12)'
    assert str(isolated("العقوبات، السفن")).count("<bdi") == 1
    for mark in "،؛؟":  # they stand where the text before them ends
        assert str(isolated(f"fear{mark} حملها")) == f'fear{mark} <bdi lang="ar" dir="rtl">حملها</bdi>'


def test_cells_of_a_table_read_well():
    page = Page("x")
    page.table(pd.DataFrame({"n": [1200, None], "share": [0.12345, float("nan")]}), "numbers")
    html = page.html()
    assert "1,200" in html
    assert "0.123" in html
    assert html.count("–") >= 2


def test_csv_cells_cannot_become_formulas(tmp_path):
    write_csv(
        pd.DataFrame({"id": ["=1+1", "@x", "-5", "+2.5", "-cmd", "نص"], "n": [-1.0, 2, 3, 4, 5, np.nan]}), tmp_path / "t.csv"
    )
    back = pd.read_csv(tmp_path / "t.csv", dtype={"id": str})
    assert back["id"].tolist() == ["'=1+1", "'@x", "-5", "+2.5", "'-cmd", "نص"]
    assert back["n"][0] == -1


def test_a_figure_renders_to_the_same_bytes_twice():
    def draw():
        with figure_style():
            figure, ax = plt.subplots(figsize=(2, 1))
            ax.set_title("كوريا الشمالية")
        return figure

    one, two = draw(), draw()
    assert png_bytes(one) == png_bytes(two)
    assert svg_text(one) == svg_text(two)
    plt.close("all")


def ink(text: str, **options) -> np.ndarray:
    with figure_style():
        figure = plt.figure(figsize=(2, 1), layout="none")
        figure.text(0.5, 0.5, text, ha="center", fontsize=24, **options)
        figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., 0] < 128
    plt.close(figure)
    return pixels


def test_arabic_is_shaped_and_runs_from_the_right():
    alone, joined = ink("س ل ا م").any(axis=0), ink("سلام").any(axis=0)
    runs = [int((np.diff(row.astype(int)) == 1).sum()) for row in (alone, joined)]
    assert runs[0] == 4
    assert runs[1] < runs[0]  # letters join
    word = ink("ا سس")  # the thin letter is read first: it stands on the right
    columns = np.flatnonzero(word.any(axis=0))
    right, left = word[:, columns[-1] - 3 :], word[:, : columns[0] + 12]
    assert right.sum() > 0
    gap = np.flatnonzero(np.diff(columns) > 4)
    assert len(gap) >= 1
    assert columns[-1] - columns[gap[-1] + 1] < columns[gap[0]] - columns[0]
    assert left.sum() > 0


# The letter shapes that Unicode keeps for old systems, chosen by hand: initial, medial, final, isolated, and lam with alef.
SHAPED = {
    "سلام": "\ufeb3\ufefc\ufee1",
    "كوريا": "\ufedb\ufeee\ufead\ufef3\ufe8e",
    "عقوبات": "\ufecb\ufed8\ufeee\ufe91\ufe8e\ufe95",
    "لا شيء": "\ufefb \ufeb7\ufef2\ufe80",
    "الصين": "\ufe8d\ufedf\ufebc\ufef4\ufee6",
}


@pytest.mark.parametrize("text", SHAPED)
def test_arabic_looks_as_letters_shaped_by_hand(text):
    assert np.array_equal(ink(text), ink(SHAPED[text]))
    assert not np.array_equal(ink(text), ink(text[::-1]))


@pytest.mark.parametrize("text", ["العقوبات", "بيونغ يانغ", "أسلحة، ذخائر"])
def test_every_arabic_letter_has_a_glyph(text):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        assert ink(text).any()


@pytest.mark.parametrize(
    ("language", "title", "label"),
    [
        ("en", "A title that does not end where its figure ends " * 2, "a label that is as long as that " * 3),
        (
            "ar",
            "عنوان لا ينتهي حيث ينتهي الشكل الذي هو له " * 2,
            "AMI (عدد السحوبات 2، وعدد المقالات في كل منها 90؛ فاصل ثقة 95 %)",
        ),
    ],
)
def test_long_titles_and_labels_stay_inside_their_figure(tmp_path, language, title, label):
    with speaking(language), figure_style():
        drawing, ax = plt.subplots(figsize=(3.5, 2.5))
        ax.set(xlabel=label, title=title)
        Page("x").figure(drawing, "figure", "", tmp_path)
        drawing.draw_without_rendering()
        whole = drawing.bbox
        for text in (ax.xaxis.label, *(one for one in ax.get_children() if isinstance(one, Text) and one.get_text())):
            box = text.get_window_extent()
            assert whole.x0 <= box.x0 < box.x1 <= whole.x1
            assert whole.y0 <= box.y0 < box.y1 <= whole.y1
            # A line that begins with a Latin word runs from the right all the same.
            assert text.get_text().startswith("\u200f") is (language == "ar")


def test_a_class_that_is_called_like_a_column_keeps_its_name():
    with speaking("ar"):
        page = Page("x")
        page.table(pd.DataFrame([(1, 2)], columns=["passages", "other"]), "", own=["other"])
        html = page.html()
    assert ">المقاطع</th>" in html
    assert ">other</bdi></th>" in html
