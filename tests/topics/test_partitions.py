"""Partitions of subsets: who is in them, that cores do not matter, and how two of them are compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from research.features.neighbours import nearest_neighbours, unit_rows
from research.topics.graph import shared_neighbour_graph
from research.topics.partitions import Partitions, adjusted_rand, divide, subsets


def planted(groups: int, size: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(groups), size)
    rows = rng.normal(size=(groups, 24))[truth] + noise * rng.normal(size=(groups * size, 24))
    return unit_rows(rows.astype(np.float32)), truth


def divided(rows: np.ndarray, resolutions=(0.5, 2.0), count: int = 6, codes=None) -> Partitions:
    neighbours = nearest_neighbours(rows, 12)
    drawn = subsets(np.arange(len(rows)) if codes is None else codes, count, 0.8, 0)
    return divide(neighbours, resolutions, drawn, graph=shared_neighbour_graph(neighbours), seed=0)


@st.composite
def two_partitions(draw):
    n = draw(st.integers(2, 40))
    wide = draw(st.booleans())
    one = draw(st.lists(st.integers(-1, 40 if wide else 4), min_size=n, max_size=n))
    other = draw(st.lists(st.integers(-1, 40 if wide else 3), min_size=n, max_size=n))
    return np.array(one, np.int32), np.array(other, np.int32)


@given(two_partitions(), st.booleans())
def test_agreement_is_that_of_scikit_learn_on_the_rows_in_both(both, scattered):
    one, other = both
    if scattered:  # labels far apart: a full table of them would not fit
        one = np.where(one >= 0, one * 50_000, -1).astype(np.int32)
        other = np.where(other >= 0, other * 50_000, -1).astype(np.int32)
    shared = (one >= 0) & (other >= 0)
    found = adjusted_rand(one, other)
    if shared.sum() < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(adjusted_rand_score(one[shared], other[shared]), abs=1e-12)


@given(groups=st.integers(3, 30), count=st.integers(2, 20), share=st.floats(0.05, 1), seed=st.integers(0, 20))
def test_subsets_hold_or_miss_whole_groups(groups, count, share, seed):
    codes = np.random.default_rng(seed).permutation(np.repeat(np.arange(groups), 3))
    drawn = subsets(codes, count, share, seed)
    for rows in drawn:
        assert np.array_equal(rows, np.unique(rows))
        inside = set(codes[rows].tolist())
        assert len(rows) == 3 * len(inside)
        assert len(inside) == (groups - 1 if groups <= count else max(2, round(share * groups)))
    assert len(drawn) == min(groups, count)


def test_few_groups_are_left_out_each_in_turn():
    codes = np.array([0, 1, 2, 0, 1, 2, 3])
    missing = [set(range(4)) - set(codes[rows].tolist()) for rows in subsets(codes, 16, 0.8, 0)]
    assert missing == [{0}, {1}, {2}, {3}]


def test_rows_of_one_group_are_drawn_singly_and_two_groups_are_never_parted():
    assert {len(rows) for rows in subsets(np.zeros(50, int), 16, 0.8, 0)} == {40}
    assert [len(rows) for rows in subsets(np.array([0, 0, 1]), 5, 0.8, 0)] == [3] * 5
    assert [rows.tolist() for rows in subsets(np.zeros(1, int), 3, 0.8, 0)] == [[0]] * 3


def test_another_seed_draws_other_subsets():
    one, other = subsets(np.arange(50), 16, 0.8, 0), subsets(np.arange(50), 16, 0.8, 1)
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_rows_left_out_have_no_cluster_and_the_others_have_one():
    rows, _ = planted(4, 30, 0.6)
    drawn = subsets(np.arange(120), 6, 0.8, 0)
    found = divided(rows)
    assert found.labels.shape == (6, 2, 120)
    for number, kept in enumerate(drawn):
        for labels in found.labels[number]:
            assert np.array_equal(np.flatnonzero(labels >= 0), kept)
            assert np.array_equal(np.unique(labels[kept]), np.arange(labels.max() + 1))  # no gaps


def test_cores_do_not_matter(monkeypatch):
    rows, _ = planted(5, 30, 1.0)
    monkeypatch.setenv("RESEARCH_CORES", "1")
    one = divided(rows)
    monkeypatch.setenv("RESEARCH_CORES", "2")
    assert np.array_equal(one.labels, divided(rows).labels)


@pytest.mark.parametrize("groups", [3, 8, 40])
def test_groups_that_share_no_neighbour_come_apart_however_many_they_are(groups):
    rows, truth = planted(groups, 20, 0.02)
    for labels in divided(rows, (0.25, 1.0)).at([0, 1]):
        held = labels >= 0
        assert adjusted_rand_score(truth[held], labels[held]) > 0.99


def test_partitions_at_some_resolutions_are_taken_one_resolution_after_the_other():
    labels = np.arange(12, dtype=np.int32).reshape(2, 3, 2)
    assert Partitions(labels, (1.0, 2.0, 3.0)).at([2, 0]).tolist() == [[4, 5], [10, 11], [0, 1], [6, 7]]
