"""Neighbours against a plain sort of all cosines, and the approximate index against the exact one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.features.neighbours import _BLOCK_ENTRIES, nearest_neighbours, unit_rows


@given(n=st.integers(1, 40), d=st.integers(1, 6), k=st.integers(1, 45), seed=st.integers(0, 99))
def test_exact_neighbours_are_those_of_a_full_sort(n, d, k, seed):
    rows = unit_rows(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32), centre=False)
    found = nearest_neighbours(rows, k)
    cosines = (rows @ rows.T).astype(np.float64)
    assert found.indices.shape == (n, min(k, n - 1))
    for row in range(n):
        assert row not in found.indices[row]
        others = np.sort(np.delete(cosines[row], row))[::-1][: min(k, n - 1)]
        assert cosines[row, found.indices[row]] == pytest.approx(others, abs=1e-5)
        assert found.similarities[row] == pytest.approx(others, abs=1e-5)


def test_blocks_do_not_change_the_answer(monkeypatch):
    rows = unit_rows(np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32))
    whole = nearest_neighbours(rows, 7)
    monkeypatch.setattr("research.features.neighbours._BLOCK_ENTRIES", 300 * 7)
    assert _BLOCK_ENTRIES > 300 * 7
    assert np.array_equal(nearest_neighbours(rows, 7).indices, whole.indices)


def test_equal_rows_come_in_the_order_of_their_numbers():
    rows = np.ones((5, 1), np.float32)
    assert nearest_neighbours(rows, 2).indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]


@pytest.mark.slow
def test_the_approximate_index_finds_nearly_all_neighbours():
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(40, 32))
    rows = unit_rows((centres[rng.integers(0, 40, 5000)] + 0.5 * rng.normal(size=(5000, 32))).astype(np.float32))
    exact, near = nearest_neighbours(rows, 15), nearest_neighbours(rows, 15, exact=False)
    recall = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(exact.indices, near.indices, strict=True)])
    assert not near.exact
    assert recall > 0.9
    assert all(row not in found for row, found in enumerate(near.indices))


def test_rows_without_direction_stay_zero():
    rows = unit_rows(np.array([[1, 1], [1, 1], [1, 1]], np.float32))
    assert (rows == 0).all()
    with pytest.raises(ConfigError, match="at least 1"):
        nearest_neighbours(rows, 0)
