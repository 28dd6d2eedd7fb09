"""Which texts to label next: against the rules spelled out in plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.classifiers.active import next_to_label, typical_first
from research.errors import ConfigError, DataError


def probabilities(rng, n, classes=3):
    return rng.dirichlet(np.ones(classes), n)


def margin(row) -> float:
    second, best = sorted(row)[-2:]
    return best - second


def cosine(a, b) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True)) / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5


def by_hand(table, rows, count, vectors):
    """Maximal marginal relevance in a plain loop."""
    pool = sorted(rows, key=lambda row: margin(table[row]))[: 10 * count]
    taken = []
    while pool and len(taken) < count:

        def worth(row):
            return 1 - margin(table[row]) - max([0.0, *(cosine(vectors[row], vectors[other]) for other in taken)])

        best = max(pool, key=worth)
        pool.remove(best)
        taken.append(best)
    return taken


# -- the least sure ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(1, 8))
def test_the_least_sure_come_first(seed, count):
    rng = np.random.default_rng(seed)
    table = probabilities(rng, 25)
    rows = rng.choice(25, 12, replace=False)
    expected = sorted(rows.tolist(), key=lambda row: margin(table[row]))[:count]
    assert next_to_label(table, rows, count=count).tolist() == expected


@given(st.integers(0, 60), st.integers(1, 5))
def test_with_vectors_it_is_maximal_marginal_relevance(seed, count):
    rng = np.random.default_rng(seed)
    n = 70  # more than ten times as many as are chosen, so that the pool counts
    table, vectors = probabilities(rng, n), rng.normal(size=(n, 4))
    rows = rng.choice(n, 60, replace=False)
    assert next_to_label(table, rows, count=count, vectors=vectors).tolist() == by_hand(table, rows.tolist(), count, vectors)


@given(st.integers(0, 30), st.booleans())
def test_the_order_of_the_texts_does_not_matter(seed, diverse):
    rng = np.random.default_rng(seed)
    table, vectors, order = probabilities(rng, 40), rng.normal(size=(40, 3)), rng.permutation(40)
    chosen = next_to_label(table, range(40), count=3, vectors=vectors if diverse else None)
    moved = next_to_label(table[order], range(40), count=3, vectors=vectors[order] if diverse else None)
    assert order[moved].tolist() == chosen.tolist()


def test_equally_useful_ones_go_by_row_number_whatever_the_order_asked_in():
    table, vectors = [[0.5, 0.5]] * 30, np.tile([[1.0, 0.0]], (30, 1))
    assert next_to_label(table, [9, 4, 20, 7], count=2).tolist() == [4, 7]
    assert next_to_label(table, [9, 4, 20, 7, 4], count=3, vectors=vectors).tolist() == [4, 7, 9]


def test_a_copy_waits_for_what_is_different_but_the_sure_stay_out_of_the_pool():
    sure, unsure = [1.0, 0.0], [0.55, 0.45]
    table = [unsure] * 10 + [sure]
    copies = np.array([[1.0, 0.0]] * 10 + [[0.0, 1.0]])
    assert next_to_label(table, range(11), count=1, vectors=copies).tolist() == [0]
    # Ten times one: the sure one would be different, and is not in the pool of ten; with two it is in the pool of twenty.
    assert next_to_label(table, range(11), count=2, vectors=copies).tolist() == [0, 10]
    table[10] = [0.6, 0.4]
    assert next_to_label(table, range(11), count=3, vectors=copies).tolist() == [0, 10, 1]


def test_equal_relevance_goes_by_row_number_even_if_one_is_less_sure():
    # After row 1 both others are worth 0.5: row 0 is surer and unlike it, row 2 is less sure and half as near.
    table, vectors = [[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]], [[0, 1], [1, 0], [0.5, -(0.75**0.5)]]
    assert next_to_label(table, [0, 1, 2], count=3, vectors=vectors).tolist() == [1, 0, 2]


def test_an_opposite_text_counts_no_more_than_an_unrelated_one():
    table = [[0.5, 0.5], [0.55, 0.45], [0.6, 0.4]]
    assert next_to_label(table, range(3), count=2, vectors=[[1, 0], [0, 1], [-1, 0]]).tolist() == [0, 1]


def test_only_the_direction_of_a_vector_counts_and_blank_texts_have_none():
    rng = np.random.default_rng(2)
    table, vectors = probabilities(rng, 30), rng.normal(size=(30, 3))
    longer = vectors * rng.uniform(0.5, 9, (30, 1))
    chosen = next_to_label(table, range(30), count=4, vectors=vectors)
    assert next_to_label(table, range(30), count=4, vectors=longer).tolist() == chosen.tolist()
    blank = vectors.copy()
    blank[chosen[0]] = np.nan
    assert next_to_label(table, range(30), count=1, vectors=blank).tolist() == [chosen[0]]


def test_few_texts_and_texts_without_an_answer():
    table = [[0.5, 0.5], [np.nan, np.nan], [0.9, 0.1]]
    for vectors in (None, np.eye(3)):
        assert next_to_label(table, [2, 1, 0], count=9, vectors=vectors).tolist() == [0, 2]
        assert next_to_label(table, [1], count=9, vectors=vectors).tolist() == []
        assert next_to_label(table, [], count=9, vectors=vectors).tolist() == []
    assert next_to_label([], [], count=1).tolist() == []


def test_what_cannot_be_used_is_one_clear_error():
    table = [[0.5, 0.5], [0.9, 0.1]]
    with pytest.raises(ConfigError, match="count is 0"):
        next_to_label(table, [0], count=0)
    with pytest.raises(DataError, match="no row 2; give rows from 0 to 1"):
        next_to_label(table, [0, 2], count=1)
    with pytest.raises(DataError, match="no row -1"):
        next_to_label(table, [-1, 0], count=1)
    with pytest.raises(DataError, match="3 vectors for 2 texts"):
        next_to_label(table, [0], count=1, vectors=np.eye(3))
    with pytest.raises(DataError, match=r"shape \(2, 1\)"):
        next_to_label([[1.0], [1.0]], [0], count=1)


# -- before there is a label ---------------------------------------------------------------------------------------------


def groups(seed, sizes=(9, 17, 5)):
    """Texts around some directions far from each other, in a mixed order."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(6)[which] + rng.normal(scale=0.05, size=(len(which), 6))
    order = rng.permutation(len(which))
    return vectors[order], which[order]


@given(st.integers(0, 40))
def test_one_text_nearest_to_the_centre_of_each_group_the_largest_group_first(seed):
    vectors, which = groups(seed)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = []
    for group in (1, 0, 2):
        members = np.flatnonzero(which == group)
        centre = unit[members].mean(axis=0)
        expected.append(min(members, key=lambda row: float(((unit[row] - centre) ** 2).sum())))
    assert typical_first(vectors, 3).tolist() == expected


@given(st.integers(0, 15), st.integers(1, 12))
def test_neither_the_order_nor_the_length_of_vectors_matters(seed, count):
    rng = np.random.default_rng(seed)
    vectors, order = rng.normal(size=(30, 4)), rng.permutation(30)
    chosen = typical_first(vectors, count, seed=3)
    assert len(set(chosen.tolist())) == count
    assert order[typical_first(vectors[order] * 7, count, seed=3)].tolist() == chosen.tolist()


def test_copies_add_weight_and_only_the_first_is_chosen():
    vectors = np.array([[0, 1.0], [1, 0], [0, 2], [0, 1], [np.nan, np.nan], [0, 0]])
    for count in (2, 5):
        assert typical_first(vectors, count).tolist() == [0, 1]
    # The middle of three is typical of them; the first is when it comes many times.
    fan = np.array([[1, 0.0], [1, 0.1], [1, 0.2], [-1, 0.0]])
    assert typical_first(fan, 2).tolist() == [1, 3]
    assert typical_first(np.vstack([fan, *[fan[:1]] * 9]), 2).tolist() == [0, 3]
    vectors, which = groups(1, sizes=(4, 6))
    small = np.flatnonzero(which == 0)
    heavy = np.vstack([vectors, *[vectors[small]] * 2])
    assert which[typical_first(vectors, 2)].tolist() == [1, 0]
    assert which[typical_first(heavy, 2)].tolist() == [0, 1]


def test_no_text_gives_none_and_no_count_is_an_error():
    assert typical_first(np.zeros((0, 4)), 3).tolist() == []
    assert typical_first(np.zeros((3, 4)), 3).tolist() == []
    with pytest.raises(ConfigError, match="count is 0"):
        typical_first(np.eye(3), 0)
