"""What each kind of result gives a reader to look through says no more than the result allows."""

from __future__ import annotations

import pytest

import research
from research.corpus import Corpus, Document
from research.report.explorers import class_explorer, label_explorer

LABELLED = {"sport": "فاز الفريق في المباراة وسجل اللاعب هدفا", "sea": "فرض المجلس عقوبات على السفن في البحر"}


@pytest.mark.parametrize(
    ("classified", "explorer"), [(research.classify, class_explorer), (research.classify_several, label_explorer)]
)
@pytest.mark.parametrize("articles", [1, 12])
def test_a_score_is_a_probability_only_where_articles_could_be_held_out(classified, explorer, articles):
    labelled = [
        Document(f"{label} {n}", f"{text} {n}{label}", label=label) for label, text in LABELLED.items() for n in range(articles)
    ]
    new = [Document(f"new {n}", text) for n, text in enumerate(LABELLED.values())]
    labelled = labelled[:1] if articles == 1 else labelled
    result = classified(Corpus("train", (*labelled, *new)), encoder="none", store=False)
    told = str(explorer(result).score)
    assert ("no probability" in told) == (articles == 1)


def test_of_an_article_that_is_too_large_the_beginning_is_there_and_the_page_says_so():
    from research.report.explorer import MOST, Explored, explorer_of

    passages = [Explored(0, n, 0, 3, "نص") for n in range(MOST + 1)]
    found = explorer_of("Topic", [], [("a", "", "", "")], passages, "")
    assert [one.number for one in found.passages] == list(range(len(found.passages)))
    assert len(found.passages) >= 200
    assert len(found.passages) + found.left_out == MOST + 1
    assert f"{found.left_out:,} more are in the tables" in found.html()


def test_texts_that_are_cut_are_told_of():
    from research.report.explorer import Explored, explorer_of

    short, long = (explorer_of("T", [], [("a", "", "", "")], [Explored(0, 0, 0, n, "ا" * n)], "") for n in (20_000, 20_001))
    assert "the beginning is here" in long.html()
    assert "the beginning is here" not in short.html()
