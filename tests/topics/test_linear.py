"""The linear model of clusters: scores without the row itself against really leaving it out, and rows that change cluster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.features.neighbours import unit_rows
from research.topics.linear import _BLOCK, LinearAssignment, LinearFitter, settle


def some_rows(n: int, d: int, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32), centre=False)


def planted(size: int = 25, noise: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat(np.arange(3), size)
    rows = np.eye(3, 12)[truth] + noise * np.random.default_rng(seed).normal(size=(3 * size, 12))
    return unit_rows(rows.astype(np.float32), centre=False), truth


def ridge(rows: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression with an unpenalised offset, by its normal equations: weights (d, k) and offsets (k,)."""
    n, d = rows.shape
    wide = np.hstack([rows.astype(np.float64), np.ones((n, 1))])
    penalty = np.diag(np.r_[np.ones(d), 0.0])
    solved = np.linalg.solve(wide.T @ wide + penalty, wide.T @ target)
    return solved[:-1], solved[-1]


@settings(max_examples=25)
@given(n=st.integers(4, 25), d=st.integers(1, 30), seed=st.integers(0, 99))
@pytest.mark.parametrize("more", ["rows", "columns"])
def test_unseen_scores_are_those_of_a_model_without_the_row(more, n, d, seed):
    n, d = (max(n, d + 1), min(d, n)) if more == "rows" else (min(n, d), max(n, d))
    n = max(n, 3)
    rows = some_rows(n, d, seed)
    labels = np.r_[0, 1, np.random.default_rng(seed).integers(0, 3, n - 2)]
    model, unseen = LinearFitter(rows).fit(labels)
    target = np.where(labels[:, None] == np.arange(labels.max() + 1), 1.0, -1.0)
    weights, offsets = ridge(rows, target)
    assert model.scores(rows) == pytest.approx(rows @ weights + offsets, abs=1e-6)
    for row in range(n):
        others = np.arange(n) != row
        weights, offsets = ridge(rows[others], target[others])
        assert unseen[row] == pytest.approx(rows[row] @ weights + offsets, abs=1e-6)


def test_more_rows_than_a_block_give_the_model_of_all():
    rows = some_rows(_BLOCK + 500, 3)
    labels = rows.argmax(axis=1)
    model, unseen = LinearFitter(rows).fit(labels)
    target = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    weights, offsets = ridge(rows, target)
    assert model.scores(rows) == pytest.approx(rows @ weights + offsets, abs=1e-6)
    others = np.arange(len(rows)) != len(rows) - 1
    weights, offsets = ridge(rows[others], target[others])
    assert unseen[-1] == pytest.approx(rows[-1] @ weights + offsets, abs=1e-6)


def test_a_row_gets_the_same_alone_and_among_others():
    rows, truth = planted(noise=0.8)
    model, _, _ = settle(rows, truth, 2)
    labels, strengths = model.assign(rows)
    for row in range(len(rows)):
        alone, strength = model.assign(rows[row : row + 1])
        assert (alone[0], strength[0]) == (labels[row], strengths[row])


def test_probabilities_are_shares_of_one_and_follow_the_scores():
    model = LinearAssignment(np.zeros(2), np.eye(2), np.zeros(2), 3.0)
    scores = np.array([[1.0, 0.0], [0.2, 0.2]])
    found = model.probabilities(scores)
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[0, 0] == pytest.approx(1 / (1 + np.exp(-3)))
    assert found[1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_the_wrong_cluster_are_put_right(seed):
    rows, truth = planted(noise=0.15)
    wrong = truth.copy()
    astray = np.random.default_rng(seed).permutation(len(truth))[:8]
    wrong[astray] = (wrong[astray] + 1) % 3
    model, labels, strengths = settle(rows, wrong, 2)
    assert np.array_equal(labels, truth)
    assert np.array_equal(model.assign(rows)[0], labels)
    assert ((strengths > 0) & (strengths <= 1)).all()


def test_a_row_between_two_clusters_is_less_sure():
    rows, truth = planted(noise=0.15)
    rows[0] = unit_rows((rows[:25].mean(axis=0) + rows[25:50].mean(axis=0))[None], centre=False)[0]
    _, _, strengths = settle(rows, truth, 2)
    assert strengths[0] == strengths.min()


def test_a_small_cluster_keeps_rows_though_the_model_does_not_see_them():
    # By the others alone, two lone rows look like the large cluster beside them.
    rng = np.random.default_rng(1)
    rows = unit_rows(np.vstack([rng.normal((1, 0, 0), 0.1, (60, 3)), rng.normal((0, 1, 0), 0.1, (60, 3)), [[1, 0, 0.35]] * 3]))
    labels = np.repeat([0, 1, 2], [60, 60, 3])
    _, unseen = LinearFitter(rows.astype(np.float32)).fit(labels)
    assert (unseen[120:].argmax(axis=1) != 2).all()
    model, given, _ = settle(rows.astype(np.float32), labels, 3)
    assert (given == 2).sum() >= 3
    assert (given[120:] == 2).all()
    assert np.array_equal(model.assign(rows.astype(np.float32))[0], given)
    lost, found, _ = settle(rows.astype(np.float32), labels, 0)
    assert model.weights.shape == (3, 3)
    assert lost.weights.shape == (3, 2)
    assert found[120:].tolist() == [0, 0, 0]
