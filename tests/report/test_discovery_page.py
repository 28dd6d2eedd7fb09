"""What a page of a discovery says, in English and in another language: nothing of it is left untold."""

from __future__ import annotations

import gettext
import re
from datetime import date

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text

import research
from research.corpus import Corpus, Document
from research.corpus.wording import KINDS
from research.report import Page, language
from research.report.discovery_page import add_appendix, add_discovery, discovery_page
from research.report.language import told_word
from research.report.trend_results import trends_of
from research.report.trends_section import add_trends

FURNITURE = [
    "back to top", "date line", "page end", "picture credit", "recurring line", "related links", "repeated headline",
    "section name",
]  # fmt: skip
BOOK = """version = "1"
[theme.SHIPS]
name = {ar = "السفن", en = "السفن"}
seeds = ["سفينة"]
[theme.WIND]
name = {ar = "الريح", en = "الريح"}
seeds = ["ريح"]
[theme.SNOW]
name = {ar = "الثلج", en = "الثلج"}
seeds = ["ثلج"]
"""
WORDS = {
    "سفينة": "ميناء حبوب رصيف بحار مرساة قبطان شراع خليج موجة ملاح حاوية شحن",
    "ريح": "عاصفة غبار سماء مطر غيوم برد حرارة صحراء رمال شتاء طقس إعصار",
}


class Loud(gettext.NullTranslations):
    """A language that says everything in capitals: what stays small was not told."""

    def gettext(self, message: str) -> str:
        return "".join(part if part.startswith("{") else part.upper() for part in re.split(r"(\{[^}]*\})", message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid2)


class Recorded(Page):
    """A page that keeps the texts of its figures."""

    def figure(self, figure, name, description, folder=None):
        for text in figure.findobj(Text):
            if text.get_text() and "mathdefault" not in text.get_text():
                self.paragraph(text.get_text())
        self.paragraph(description)
        plt.close(figure)


@pytest.fixture
def loud(monkeypatch):
    monkeypatch.setattr(language, "catalogue", lambda _: Loud())


def said(page: Page) -> list[str]:
    """Give every text of a page but those of articles."""
    texts = [page.title]
    for block in page.blocks:
        if block["kind"] == "section" and block["text"].lower().startswith("where this comes from"):
            break  # names of packages and of files
        texts += [block.get(name, "") for name in ("text", "caption", "title")] + list(block.get("items", []))
        texts += [*block.get("head", []), *(str(cell["text"]) for row in block.get("rows", []) for cell in row)]
    parts = (part if isinstance(part, str) else part["source"] for part in texts)
    return [part for part in parts if part]


def untold(page: Page) -> list[str]:
    return [text for text in said(page) if re.search("[a-z]", text.replace("shares.csv", ""))]


def documents() -> list[Document]:
    found = []
    for n in range(60):
        about = "سفينة" if n % 2 else "ريح"
        words = WORDS[about].split()
        body = " ".join(words[(n * step) % len(words)] + " " + about for step in range(1, 13)) + f" {n}."
        day = None if n % 20 == 0 else date(2024, 5 if n % 2 and n < 40 else n % 6 + 1, 3)
        text = f"{body}\nشارك المقال" if n % 3 else body
        found.append(
            Document(str(n), text, source="أ" if n % 4 else "ب", date=day, date_text="" if day is None else "x".upper())
        )
    copy = found[1]
    return [*found, Document("90", copy.text, source="ج", date=copy.date), Document("91", "", problem="empty")]


def discovery(corpus: list[Document], **options):
    return research.discover(Corpus("خ", tuple(corpus)), encoder="lsa", store=False, **options)


def test_the_page_says_what_was_found():
    found = documents()
    text = " ".join(said(discovery_page(discovery(found))))
    assert "passages of 61 articles (1 more could not be used), dated 2024-01-03 to 2024-06-03" in text
    assert "Topics in خ" in text
    assert "How many topics" in text
    assert "unusable: empty" in text


def test_every_sentence_of_the_page_can_be_told_in_another_language(loud):
    page = Recorded("")
    result = discovery(documents())
    add_discovery(page, result)
    add_appendix(page, result)
    settings = [text for text in said(page) if text.startswith("PAGE FURNITURE")]
    assert [text for text in untold(page) if text not in settings] == []
    assert "SETTINGS: unit passage" in settings[0]
    assert any("SHARE PROMPT" in text for text in said(page))
    assert not [note for note in result.notes if re.search("[A-Z]{4}", note)]  # the result itself stays in English


def test_so_can_what_a_codebook_guided(loud, tmp_path):
    book = tmp_path / "book.toml"
    book.write_text(BOOK, encoding="utf-8")
    page = Recorded("")
    add_discovery(page, discovery(documents(), codebook=book, labels=False, n_topics=9))
    assert [text for text in untold(page) if not text.startswith("PAGE FURNITURE")] == []
    notes = " ".join(said(page))
    assert "NO PASSAGE STATES THESE THEMES OF THE CODEBOOK: SNOW" in notes
    assert "9 TOPICS WERE ASKED FOR" in notes


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_so_can_what_is_said_of_few_articles(loud, n):
    page = Recorded("")
    add_discovery(page, discovery(documents()[:n]))
    assert [text for text in untold(page) if not text.startswith("PAGE FURNITURE")] == []


def test_and_of_none(loud):
    page = Recorded("")
    add_discovery(page, discovery([Document("1", "", problem="empty")]))
    assert [text for text in untold(page) if not text.startswith("PAGE FURNITURE")] == []


def test_and_of_whole_articles(loud):
    page = Recorded("")
    add_discovery(page, discovery(documents(), unit="document"))
    assert [text for text in untold(page) if not text.startswith("PAGE FURNITURE")] == []
    assert any("DOCUMENTS STAY IN THEIR TOPIC" in text for text in said(page))


def test_and_what_is_said_of_themes_over_time(loud, tmp_path):
    book = tmp_path / "book.toml"
    book.write_text(BOOK, encoding="utf-8")
    result = research.tag(Corpus("خ", tuple(documents())), book, encoder="none", labels=False, candidates=False)
    page = Recorded("")
    add_trends(page, trends_of(result, draws=50))
    assert untold(page) == []
    assert "DATE MISSING: 3" in " ".join(said(page))


def test_every_kind_of_furniture_is_known_to_the_page(loud):
    from research.report import discovery_page as module

    assert {*(kind.reason for kind in KINDS), *FURNITURE} <= set(module._REASONS)
    assert told_word("unusable: empty") == "UNUSABLE: EMPTY"
