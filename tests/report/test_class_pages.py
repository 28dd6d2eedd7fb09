"""The pages of classifications can be told in another language: nothing of them is left, but names, texts and settings."""

from __future__ import annotations

import gettext
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

from research.classification import classify
from research.classification.estimate import estimate
from research.classification.several import classify_several
from research.classifiers.deletion import Faithfulness
from research.corpus import Corpus, Document
from research.report import Page, language
from research.report.class_estimates import compared
from research.report.classification_page import classification_page
from research.report.several_page import several_page

PARTS = {"SEA": ["سفينة", "ميناء", "بحار"], "SPORT": ["كأس", "فريق", "هدف"], "FARM": ["قمح", "حقل", "فلاح"]}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة"]


class Loud(gettext.NullTranslations):
    """A language that says everything in capitals: what stays small was not told."""

    def gettext(self, message: str) -> str:
        return "".join(part if part.startswith("{") else part.upper() for part in re.split(r"(\{[^}]*\})", message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def loud(monkeypatch):
    """Speak loudly, and keep what is written in figures."""
    figure = Page.figure

    def recorded(page, drawing, name, description, folder=None):
        for text in drawing.findobj(Text):
            if "mathdefault" not in text.get_text() and text.get_text() != "nan":  # neither is a word
                page.paragraph(text.get_text().replace("(n = ", "("))
        figure(page, drawing, name, description, folder)

    monkeypatch.setattr(Page, "figure", recorded)
    monkeypatch.setattr(language, "catalogue", lambda _: Loud())


def said(page: Page) -> list[str]:
    """Give every text of a page but those of articles, each without its tags."""
    texts = [page.title]
    for block in page.blocks:
        if block["kind"] == "section" and block["text"].lower().startswith("where this comes from"):
            break  # names of packages and of files
        texts += [block.get(name, "") for name in ("text", "caption", "description", "source")]
        texts += block.get("head", []) + [cell["text"] for row in block.get("rows", []) for cell in row]
        texts += [item if isinstance(item, str) else item["text"] for item in block.get("items", [])]
        texts += [piece["note"] for passage in block.get("passages", []) for piece in passage["pieces"]]
    return [re.sub(r"<[^>]*>", "", str(text)) for text in texts if not str(text).startswith("data:")]


def untold(page: Page) -> list[str]:
    """Give what stayed small; settings are named as one types them."""
    texts = (re.sub(r"SETTINGS: .*?(?=, chosen)", "", text).replace(", chosen", "") for text in said(page))
    return [text for text in texts if re.search("[a-z]", text)]


def drawn(name: str, n: int, seed: int = 0) -> list[Document]:
    """Articles of two sentences about a part, each eighth about another."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(n):
        own = list(PARTS)[at % 3]
        about = PARTS[own if at % 8 else list(PARTS)[(at + 1) % 3]]
        lines = [" ".join([*rng.choice(about, 3), *rng.choice(COMMON, 3), str(at)]) for _ in range(2)]
        found.append(Document(f"{name}{at}", f"{lines[0]}. {lines[1]}.", label=own, source=f"O{at % 4}"))
    return found


def several(documents: list[Document]) -> list[Document]:
    return [
        replace(one, label=(f"{one.label}; ALL", one.label, "-")[at % 3], text=one.text + " شيء" * (at % 3 == 0))
        for at, one in enumerate(documents)
    ]


def unlabelled(documents: list[Document]) -> list[Document]:
    return [replace(one, label="") for one in documents]


def odd(known: list[Document]) -> list[Document]:
    """Copies, a class that is not known, articles without text."""
    new = [replace(one, id=f"{one.id}X") for one in known[:3]]
    return [*new, Document("W", "طقس بارد ومطر غزير. ثلوج كثيفة", label="WEATHER"), Document("E", " "), Document("F", "")]


KNOWN, NEW = drawn("K", 36), drawn("N", 24, 1)
BLANK = [Document("B", " ", label="SEA"), Document("U", "نص بلا صنف")]
CORPORA = {
    "tested": (KNOWN, NEW),
    "held out": (KNOWN, unlabelled(NEW)),
    "odd": ([*KNOWN, *BLANK, replace(KNOWN[0], id="C")], [*NEW, *odd(KNOWN)]),
    "nothing to classify": (KNOWN, []),
    "one article": (KNOWN[1:2], [NEW[1]]),
    "two articles": (KNOWN[1:3], NEW[:2]),
    "another script": (KNOWN, [replace(one, text=f"THE SHIP LEFT THE PORT {one.id}. A GOAL.") for one in unlabelled(NEW[:12])]),
}


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("precision", [None, 1.0])
def test_a_page_of_classes_can_be_told(loud, name, precision):
    train, test = CORPORA[name]
    result = classify(
        Corpus("K", tuple(train)), Corpus("N", tuple(test)), encoder="none", seconds=0, precision=precision, explained=8
    )
    page = classification_page(result)
    assert untold(page) == []
    assert page.title == "CLASSES IN N"
    assert all(note != note.upper() for note in result.notes)  # the result itself stays in English


@pytest.mark.parametrize("name", CORPORA)
def test_a_page_of_labels_can_be_told(loud, name):
    train, test = (several(documents) for documents in CORPORA[name])
    result = classify_several(Corpus("K", tuple(train)), Corpus("N", tuple(test)), encoder="none", seconds=0, store=False)
    page = several_page(result)
    assert untold(page) == []
    assert page.title == "LABELS IN N"
    assert all(note != note.upper() for note in (result.summary(), *result.notes))


@pytest.mark.parametrize(
    "faithful",
    [
        Faithfulness(20, 18, 12, 0.4, 0.5, 0.05, 0.1, 0.3),
        Faithfulness(20, 18, 12, 0.4, 0.5, -0.05, 0.1, -0.1),
        Faithfulness(1, 1, 1, 0.01, 0.5, 0.0, 0.1, 0.01),
        Faithfulness(5, 4, 0, 0.4, 0.5, np.nan, np.nan, np.nan),
    ],
)
def test_so_can_what_evidence_is_worth_and_a_table_of_confusions(loud, faithful):
    result = classify(Corpus("K", tuple(KNOWN)), Corpus("N", tuple(NEW)), encoder="none", seconds=0, explained=0)
    names = tuple(f"C{number:02}" for number in range(14))
    truth = [names[number % 14] for number in range(60)]
    sure = np.random.default_rng(5).dirichlet(np.ones(14), 60)
    found = estimate("texts", truth, sure, names, list(range(60)), majority=names[0], draws=20)
    result.classifier.terms_ = ((),) * 14
    wide = replace(
        result, classes=names, tested=found, held_out=None, articles=(), suspects=(), probabilities=np.zeros((0, 14)),
        faithfulness=faithful,
    )  # fmt: skip
    page = classification_page(wide)
    assert untold(page) == []
    assert any(re.fullmatch("[0-9]+% OF [0-9]", text) for text in said(page))


def test_an_interval_that_is_not_known_overlaps_with_none():
    result = classify(Corpus("K", tuple(KNOWN)), Corpus("N", tuple(NEW)), encoder="none", seconds=0, explained=0)
    known = result.held_out.accuracy
    assert compared(known, known, "same") == "same"
    assert compared(replace(known, low=float("nan"), high=float("nan")), known, "same") == ""
