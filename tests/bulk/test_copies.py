"""Copies across partitions are those that are found in memory, for any texts and however they are divided."""

from __future__ import annotations

import tempfile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research.bulk import copies
from research.bulk.copies import Level, find_copies, write_units
from research.bulk.places import Place
from research.corpus.duplicates import near_duplicates

WORDS = ["سفينة", "ميناء", "مصرف", "عقوبات", "وزير", "قمة", "صاروخ", "حقل"]


@st.composite
def corpora(draw):
    """Texts of few words, among them copies with a word changed, each with a partition and a day."""
    texts = []
    for _ in range(draw(st.integers(1, 12))):
        if texts and draw(st.booleans()):
            words = draw(st.sampled_from(texts)).split()
            if words and draw(st.booleans()):
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
            texts.append(" ".join(words))
        else:
            texts.append(" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=14))))
    n = len(texts)
    parts = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    days = draw(st.lists(st.one_of(st.none(), st.integers(1, 3)), min_size=n, max_size=n))
    return texts, parts, days


def found_in(texts, parts, days, threshold):
    """Give copies by the numbers of the texts."""
    level = Level("texts", threshold)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        held = {part: [at for at, own in enumerate(parts) if own == part] for part in range(4)}
        for part, own in held.items():
            write_units(place, str(part), level, [texts[at] for at in own], [days[at] for at in own])
        ids = {str(part): lambda rows, own=own: [(f"{own[row]:03}", 0) for row in rows] for part, own in held.items()}
        found = find_copies(place, level, [str(part) for part in held], ids)
        return {
            (held[part][row], held[of_part][of_row], similarity)
            for part, row, of_part, of_row, similarity in zip(
                found.part.tolist(), found.row.tolist(), found.of_part.tolist(), found.of_row.tolist(),
                found.similarity.tolist(), strict=True,
            )
        }  # fmt: skip


def in_memory(texts, days, threshold):
    order = sorted(range(len(texts)), key=lambda at: (days[at] or 9_999, f"{at:03}"))
    copies = near_duplicates([texts[at] for at in order], threshold=threshold)
    return {(order[copy.index], order[copy.of], copy.similarity) for copy in copies}


@settings(max_examples=60)
@given(corpora(), st.sampled_from([0.3, 0.7]))
def test_they_are_those_that_are_found_in_memory(corpus, threshold):
    texts, parts, days = corpus
    assert found_in(texts, parts, days, threshold) == in_memory(texts, days, threshold)


def test_keys_may_be_looked_at_a_share_at_a_time(monkeypatch):
    draws = np.random.default_rng(0)
    texts = [" ".join(draws.choice(WORDS, 12)) for _ in range(40)]
    texts += [text.replace("قمة", "حقل", 1) for text in texts[:20]] + texts[:5]
    parts, days = [at % 4 for at in range(65)], [at % 7 or None for at in range(65)]
    expected = in_memory(texts, days, 0.3)
    assert len(expected) > 15
    monkeypatch.setattr(copies, "_AT_ONCE", 9)
    assert found_in(texts, parts, days, 0.3) == expected


def test_a_crowd_of_texts_that_are_alike_takes_no_square_of_time():
    texts = [" ".join([*WORDS * 3, f"رقم{at}"]) for at in range(3_000)]
    found = found_in(texts, [at % 4 for at in range(3_000)], [1] * 3_000, 0.7)
    assert len(found) == 2_999
    assert {of for _, of, _ in found} == {0}
