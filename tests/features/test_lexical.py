"""Lexical matrices: spellings that are one, words that are not, and sizes that fit what there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.features import char_tfidf, lsa, represent, word_tfidf

TEXTS = [
    "فرض الاتحاد عقوبات على سفن الشحن",
    "العقوبات الأوروبية تشمل السفن وشركات الشحن",
    "فاز الفريق في المباراة بهدف متأخر",
    "خسر الفريق مباراته بعد هدف مبكر",
]


@pytest.mark.parametrize("make", [word_tfidf, char_tfidf, lambda: lsa(3, n_texts=4)])
def test_texts_on_one_subject_are_nearer(make):
    matrix = make().fit_transform(TEXTS)
    rows = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    cosines = rows @ rows.T
    assert cosines[0, 1] > max(cosines[0, 2], cosines[0, 3])
    assert cosines[2, 3] > max(cosines[2, 0], cosines[2, 1])


def test_spelling_does_not_change_a_row():
    model = word_tfidf().fit([*TEXTS, "الأسلحة"])
    one, two = model.transform(["الأسـلحةُ", "اسلحه"])
    assert abs(one - two).max() == pytest.approx(0)


def test_a_text_without_known_words_is_a_row_of_zeros():
    assert abs(word_tfidf().fit(TEXTS).transform(["قطار"])).sum() == 0


@given(n=st.integers(1, 6), dimension=st.integers(1, 50))
def test_latent_dimensions_never_exceed_what_there_is(n, dimension):
    rows = lsa(dimension, n_texts=n).fit_transform([f"{text} {number}" for number, text in enumerate((TEXTS * 2)[:n])])
    assert rows.shape[0] == n
    assert 1 <= rows.shape[1] <= dimension
    assert np.isfinite(rows).all()


def test_the_order_of_texts_does_not_change_their_rows():
    texts = [f"{text} في اليوم {number}" for number, text in enumerate(TEXTS * 6)]
    embedding = np.random.default_rng(0).normal(size=(len(texts), 4)).astype(np.float32)
    order = np.random.default_rng(1).permutation(len(texts))
    straight = represent(texts, embedding, latent=5)
    mixed = represent([texts[at] for at in order], embedding[order], latent=5)
    assert [straight.terms[at] for at in order] == mixed.terms
    assert np.allclose(straight.matrix[order], mixed.matrix, atol=1e-6)
    assert straight.analyzer.surfaces_ == mixed.analyzer.surfaces_
