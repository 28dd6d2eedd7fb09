"""The bundled articles: how many, how they are labelled, that none is made from a template, that copies are copies."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

import research
from research.corpus.labels import load_labels
from research.text.normalize import normalize
from research.text.sentences import sentences
from research.text.tokens import is_arabic, words
from research.themes import load_codebook
from research.themes.labelled import group_copies

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
RUN = 5  # words in a row


@pytest.fixture(scope="module")
def corpus():
    return research.load(SEEDS / "articles")


@pytest.fixture(scope="module")
def lines(corpus):
    return load_labels(SEEDS / "labels.csv", corpus, load_codebook(SEEDS / "themes.toml").keys)


@pytest.fixture(scope="module")
def runs(corpus):
    """For every article, the runs of words in it; what stands in another one's copy is not its own."""
    of = group_copies(corpus)
    texts = {document.id: words(normalize(document.text)) for document in corpus}
    return of, {id: [tuple(text[at : at + RUN]) for at in range(len(text) - RUN + 1)] for id, text in texts.items()}


def test_there_are_enough_articles_with_dates_and_outlets(corpus):
    arabic = [document for document in corpus if is_arabic(document.title)]
    assert len(arabic) >= 72
    assert len(corpus) - len(arabic) >= 18
    assert len(corpus.usable) == len(corpus)
    assert {document.date.year for document in corpus} == {2023, 2024, 2025}
    outlets = Counter(document.source for document in corpus)
    assert len(outlets) >= 8
    assert min(outlets.values()) >= 9
    for document in corpus:
        assert document.id.startswith(f"{document.source}-{document.date:%Y-%m-%d}-")
        assert document.text.startswith(document.title)


def test_every_theme_has_enough_passages_and_there_is_other_news(lines):
    news = [line for line in lines if not line.furniture]
    assert len(news) >= 450
    counts = Counter(theme for line in news for theme in line.themes)
    assert min(counts.values()) >= 60
    assert len(counts) == 5
    assert sum(len(line.themes) > 1 for line in news) >= 60
    assert sum(not line.themes and not line.disputed for line in news) >= 200


def test_no_sentence_occurs_twice(corpus, runs):
    of, _ = runs
    seen = defaultdict(set)
    for document in corpus:
        for start, end in sentences(document.text):
            text = " ".join(words(normalize(document.text[start:end])))
            if len(text.split()) >= 6:
                seen[text].add(of[document.id])
    # A headline may stand again among another article's links.
    titles = {" ".join(words(normalize(document.title))) for document in corpus}
    assert [text for text, groups in seen.items() if len(groups) > 1 and text not in titles] == []


def test_articles_share_no_runs_of_words_but_names(runs):
    """A template shows as long runs in common; names of people and offices are most of what these articles share."""
    of, found = runs
    holders = defaultdict(set)
    for id, rows in found.items():
        for run in rows:
            holders[run].add(of[id])
    shared = {id: sum(len(holders[run]) > 1 for run in rows) / len(rows) for id, rows in found.items()}
    assert len(shared) == len(of)
    assert max(shared.values()) < 0.04
    assert sum(shared.values()) / len(shared) < 0.006


def test_openings_and_closings_differ(corpus):
    openings = Counter(tuple(words(normalize(document.text.split("\n", 1)[-1]))[:3]) for document in corpus)
    closings = Counter(tuple(words(normalize(document.text))[-3:]) for document in corpus)
    assert max(openings.values()) <= 0.05 * len(corpus)
    assert max(closings.values()) <= 0.03 * len(corpus)


def test_three_pairs_are_copies_of_one_wire(corpus, runs):
    of, found = runs
    copies = sorted((id, original) for id, original in of.items() if id != original)
    assert copies == [
        ("harbour-2025-07-25-istanbul-wire.txt", "meridian-2025-07-24-istanbul-round.txt"),
        ("qanater-2025-08-20-alaska-wire.txt", "mada-2025-08-19-two-meetings.txt"),
        ("sada-2024-03-29-veto-panel.txt", "mada-2024-03-28-veto-panel.txt"),
    ]
    for id, original in copies:
        assert 0.15 < len(set(found[id]) & set(found[original])) / len(set(found[id])) < 0.8
        assert corpus[id].source != corpus[original].source
        assert corpus[id].date >= corpus[original].date


def test_rows_of_the_labels_are_in_order():
    with (SEEDS / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["article"], int(row["line"])) for row in csv.DictReader(file)]
    assert all(one < other for one, other in pairwise(rows))


def test_the_table_of_labelled_passages_says_what_the_labels_say(lines):
    themes = {line.text: line.themes for line in lines if not line.disputed}
    with (SEEDS / "labelled.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert min(Counter(row["label"] for row in rows).values()) >= 8
    assert {tuple(themes[row["text"]]) == (row["label"],) for row in rows} == {True}
