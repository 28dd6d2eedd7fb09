"""Similarity of topics: the cosines by hand, symmetry, undefined where there is no direction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from research.errors import DataError
from research.topics.similarity import topic_similarity


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / math.sqrt(sum(a * a for a in one)) / math.sqrt(sum(b * b for b in other))


@given(n=st.integers(3, 7), seed=st.integers(0, 60))
def test_both_are_cosines(n, seed):
    rng = np.random.default_rng(seed)
    terms, centroids = rng.random((n, 5)) + 0.01, rng.normal(size=(n, 4)) + 3
    found = topic_similarity(sparse.csr_matrix(terms), centroids)
    centre = [sum(row[at] for row in centroids) / n for at in range(4)]
    for a in range(n):
        for b in range(n):
            assert found.words[a, b] == pytest.approx(cosine(terms[a], terms[b]))
            moved = [[x - y for x, y in zip(centroids[at], centre, strict=True)] for at in (a, b)]
            assert found.meaning[a, b] == pytest.approx(cosine(*moved))
            assert found.both()[a, b] == pytest.approx((found.words[a, b] + found.meaning[a, b]) / 2)
    nearest = found.nearest()
    for a in range(n):
        assert max(found.both()[a, b] for b in range(n) if b != a) == pytest.approx(found.both()[a, nearest[a]])
        assert nearest[a] != a


def test_a_matrix_may_be_sparse_or_dense():
    terms, centroids = np.eye(4)[:, :3] + 0.1, np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    dense, thin = topic_similarity(terms, centroids), topic_similarity(sparse.csr_matrix(terms), centroids)
    assert np.allclose(dense.words, thin.words)
    assert np.allclose(dense.meaning, thin.meaning)


def test_the_meaning_of_two_topics_is_not_compared():
    found = topic_similarity(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.9, 0.1]]))
    assert np.isnan(found.meaning).all()
    assert found.nearest() == [1, 0]  # by their words
    assert np.allclose(found.both(), found.words)


def test_a_topic_without_texts_is_like_no_other_and_moves_none():
    terms, centroids = np.array([[1.0, 0.2], [0.3, 1.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.9]])
    without = topic_similarity(terms, centroids)
    among = topic_similarity(np.vstack([terms, np.zeros(2)]), np.vstack([centroids, [np.nan, np.nan]]))
    assert np.allclose(among.meaning[:3, :3], without.meaning)
    assert np.isnan(among.both()[3]).all()
    assert among.nearest() == [*without.nearest(), None]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_topics_have_no_neighbour(n):
    found = topic_similarity(np.ones((n, 2)), np.ones((n, 3)))
    assert found.nearest() == [None] * n
    assert found.table().empty


def test_the_table_has_every_pair_once_the_most_similar_first():
    rng = np.random.default_rng(4)
    found = topic_similarity(rng.random((5, 6)), rng.normal(size=(5, 3)))
    table = found.table()
    assert list(table.columns) == ["topic", "other", "meaning", "words", "both"]
    assert {(row.topic, row.other) for row in table.itertuples()} == {(a, b) for a in range(5) for b in range(a + 1, 5)}
    assert table["both"].is_monotonic_decreasing
    assert all(row.words == found.words[row.topic, row.other] for row in table.itertuples())


def test_one_centroid_a_topic():
    with pytest.raises(DataError, match="2 centroids for 3 topics"):
        topic_similarity(np.ones((3, 2)), np.ones((2, 2)))
