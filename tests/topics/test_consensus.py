"""What partitions agree on, re-derived pair by pair, and how stable it is, re-derived with sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from research.topics.consensus import agree, survival, together


def some_partitions(p: int, n: int, width: int, seed: int, missing: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, width, (p, n))
    labels[rng.random((p, n)) < missing] = -1
    return labels.astype(np.int32)


def noisy(truth: np.ndarray, p: int, wrong: float, missing: float, seed: int = 0) -> np.ndarray:
    """Planted partitions: some rows elsewhere, some missing, clusters numbered anew in each."""
    rng = np.random.default_rng(seed)
    width = int(truth.max()) + 1
    found = np.tile(truth, (p, 1))
    astray = rng.random(found.shape) < wrong
    found[astray] = rng.integers(0, width, astray.sum())
    found = np.array([rng.permutation(width)[row] for row in found])
    found[rng.random(found.shape) < missing] = -1
    return found.astype(np.int32)


sizes = {"p": st.integers(1, 6), "n": st.integers(1, 15), "width": st.integers(1, 5), "seed": st.integers(0, 99)}


@given(**sizes)
def test_together_is_the_share_of_partitions_that_hold_both(p, n, width, seed):
    partitions = some_partitions(p, n, width, seed)
    rows = np.random.default_rng(seed).permutation(n)[: max(1, n // 2)]
    found = together(partitions, rows)
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            hold = [labels for labels in partitions if labels[a] >= 0 and labels[b] >= 0]
            share = sum(labels[a] == labels[b] for labels in hold) / len(hold) if hold else 0
            assert found[i, j] == pytest.approx(share, abs=1e-6)


@given(**sizes)
def test_survival_is_that_of_sets(p, n, width, seed):
    partitions = some_partitions(p, n, width, seed)
    answer = np.unique(np.random.default_rng(seed + 1).integers(0, 3, n), return_inverse=True)[1]
    rows, clusters = survival(answer, partitions)
    stood, known = [[] for _ in range(n)], [[] for _ in range(answer.max() + 1)]
    for labels in partitions:
        there = {c: {r for r in range(n) if labels[r] == c} for c in set(labels.tolist()) - {-1}}
        here = [{r for r in range(n) if answer[r] == c and labels[r] >= 0} for c in range(answer.max() + 1)]
        for members in there.values():
            shares = [len(members & own) for own in here]
            for row in members:
                stood[row].append(answer[row] == shares.index(max(shares)))
        for own, found in zip(here, known, strict=True):
            if own:
                found.append(max(len(own & members) / len(own | members) for members in there.values()))
    for row in range(n):
        assert rows[row] == pytest.approx(np.mean(stood[row]) if stood[row] else np.nan, nan_ok=True)
    for cluster, found in enumerate(known):
        assert clusters[cluster] == pytest.approx(np.mean(found) if found else np.nan, nan_ok=True)


@pytest.mark.parametrize(("wrong", "missing"), [(0.0, 0.0), (0.15, 0.0), (0.15, 0.3)])
def test_planted_clusters_are_agreed_on(wrong, missing):
    truth = np.repeat(np.arange(5), 20)
    found = agree(noisy(truth, 24, wrong, missing))
    assert adjusted_rand_score(truth, found) == 1


def test_rows_beyond_those_compared_join_by_votes(monkeypatch):
    monkeypatch.setattr("research.topics.consensus._MOST", 30)
    truth = np.random.default_rng(0).permutation(np.repeat(np.arange(4), 50))
    assert adjusted_rand_score(truth, agree(noisy(truth, 24, 0.15, 0.2))) > 0.98


@given(**sizes)
def test_numbers_of_clusters_within_a_partition_do_not_matter(p, n, width, seed):
    partitions = some_partitions(p, n, width, seed)
    rng = np.random.default_rng(seed)
    other = np.array([np.append(rng.permutation(width), -1)[labels] for labels in partitions], np.int32)
    assert np.array_equal(agree(partitions), agree(other))
    answer = agree(partitions)
    assert np.array_equal(np.unique(answer), np.arange(answer.max() + 1))


def test_an_exact_half_joins():
    partitions = np.array([[0, 0, 1, 1], [0, 0, 0, 0]], np.int32)
    assert agree(partitions).tolist() == [0, 0, 0, 0]


def test_an_unheld_row_has_no_stability():
    rows, clusters = survival(np.array([0, 0, 1]), np.array([[0, 0, -1], [1, 0, -1]], np.int32))
    assert rows[:2].tolist() == [1, 1]
    assert np.isnan(rows[2])
    assert np.isnan(clusters[1])
    assert clusters[0] == pytest.approx(0.75)


def test_no_rows_and_one_row():
    assert agree(np.zeros((3, 0), np.int32)).tolist() == []
    assert agree(np.zeros((3, 1), np.int32)).tolist() == [0]
