"""The Markdown beside a page: it says the same, and what users brought is text in it too."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from research.messages import message, word
from research.report import Page
from research.report.explorer import Explored, explorer_of
from research.report.isolation import visible
from research.report.language import speaking
from research.report.page import MarkedPassage, Piece, Quoted, Tag

HOSTILE = (
    "<script>alert(1)</script> [x](javascript:alert(2)) ![y](http://a/b.png) | # * _ ` \\ ~~s~~ $x$ &amp; <b>\n"
    "# head\n- item\n1. one"
)


def parsed(text: str) -> list:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)


def kinds(tokens) -> set[str]:
    found = {token.type for token in tokens}
    for token in tokens:
        found |= kinds(token.children or [])
    return found


def words_of(tokens) -> str:
    return "\n".join(
        "".join(child.content if child.type in {"text", "text_special"} else " " for child in token.children)
        for token in tokens
        if token.type == "inline"
    )


def written(page: Page, folder) -> str:
    page.write(folder / "report.html")
    return (folder / "report.md").read_text(encoding="utf-8")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"], include_characters=" "), max_size=60))
def test_a_text_comes_back_as_it_was(text):
    from pathlib import Path

    from research.report.markdown import markdown

    page = Page("x")
    page.paragraph(text)
    tokens = parsed(markdown(page.title, page.blocks, Path(), "en"))
    shown = words_of([token for token in tokens if token.type == "inline"][1:])
    assert " ".join(shown.split()) == " ".join(visible(text).split())
    assert kinds(tokens) <= {
        "heading_open",
        "heading_close",
        "inline",
        "text",
        "text_special",
        "paragraph_open",
        "paragraph_close",
    }


def test_hostile_text_is_text_wherever_it_stands(tmp_path):
    page = Page(HOSTILE)
    page.section(HOSTILE)
    page.paragraph(HOSTILE)
    page.notes([HOSTILE])
    page.table(pd.DataFrame({HOSTILE: [HOSTILE, Quoted(HOSTILE, HOSTILE)]}, dtype=object), HOSTILE)
    page.passages(HOSTILE, [(HOSTILE, HOSTILE)])
    page.article(HOSTILE, HOSTILE, [MarkedPassage((Piece(HOSTILE, (0,), HOSTILE),), (Tag(0, HOSTILE),))])
    tokens = parsed(written(page, tmp_path))
    assert not kinds(tokens) & {"html_block", "html_inline", "link_open", "image", "code_inline", "s_open", "em_open"}
    assert sum(token.type == "heading_open" for token in tokens) == 4  # title, section, passages, article
    assert words_of(tokens).count("alert(1)") == 16
    assert words_of(tokens).count("&amp;") == 16
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == 3


def test_figures_are_linked_where_they_are_files(tmp_path):
    page = Page("x")
    (tmp_path / "figures").mkdir()
    for folder in (tmp_path / "figures", None):
        figure, _ = plt.subplots()
        page.figure(figure, "sizes", "how *large*", folder)
    links = [child for token in parsed(written(page, tmp_path)) for child in token.children or [] if child.type == "image"]
    assert [link.attrs["src"] for link in links] == ["figures/sizes.png"]
    assert (tmp_path / links[0].attrs["src"]).is_file()


def test_numbers_of_a_table_are_as_on_the_page(tmp_path):
    page = Page("x")
    page.table(pd.DataFrame({"n": [1200, -3], "share": [0.12345, float("nan")], "name": ["-1", "a|b"]}), "numbers")
    text = written(page, tmp_path)
    assert "| --: | --: | --- |" in text
    assert "| 1,200 | 0.123 | -1 |" in text
    assert "| -3 | – | a\\|b |" in text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_is_in_the_language_of_the_page(tmp_path, language):
    with speaking(language):
        page = Page(message("Topics in {corpus}", corpus="x"))
        page.explorer(explorer_of(word("Topic"), ["a"], [("a", "", "", "")], [Explored(0, 0, 0, 2, "نص")], ""))
    text = written(page, tmp_path)
    assert bool(re.search("[\u0600-\u06ff]", text.splitlines()[0])) == (language == "ar")
    assert bool(re.search("[\u0600-\u06ff]", text.splitlines()[2])) == (language == "ar")


def test_a_command_is_a_block_of_code(tmp_path):
    page = Page("x")
    page.command("research tag x --out DIR")
    tokens = parsed(written(page, tmp_path))
    assert [token.content for token in tokens if token.type == "code_block"] == ["research tag x --out DIR\n"]
