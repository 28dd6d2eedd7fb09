"""Neighbours against a plain sort of all cosines, and the approximate index against the exact one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

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
        assert cosines[row, found.indices[row]] == pytest.approx(others, abs=6e-4)
        assert found.similarities[row] == pytest.approx(others, abs=6e-4)


def test_blocks_do_not_change_the_answer(monkeypatch):
    rows = unit_rows(np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32))
    at_once = nearest_neighbours(rows, 7)
    monkeypatch.setattr("research.features.neighbours._BLOCK_ENTRIES", 300 * 7)
    assert _BLOCK_ENTRIES > 300 * 7
    parts = nearest_neighbours(rows, 7)
    assert np.array_equal(parts.indices, at_once.indices)
    assert np.array_equal(parts.similarities, at_once.similarities)


def test_equal_rows_come_in_the_order_of_their_numbers():
    rows = np.ones((5, 1), np.float32)
    assert nearest_neighbours(rows, 2).indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]


def whole(rows: np.ndarray) -> np.ndarray:
    """Products of the rounded rows, as whole numbers of 64 bits."""
    numbers = np.rint(rows * np.float32(4000)).astype(np.int64)
    products = numbers @ numbers.T
    np.fill_diagonal(products, np.iinfo(np.int64).min // 2)
    return products


@pytest.mark.parametrize(("n", "d"), [(400, 3), (250, 64), (120, 712), (40, 9000)])
def test_ranks_and_values_are_those_of_whole_numbers(n, d):
    rows = unit_rows(np.random.default_rng(n).normal(size=(n, d)).astype(np.float32))
    found, products = nearest_neighbours(rows, 10), whole(rows)
    expected = np.lexsort((np.broadcast_to(np.arange(n), products.shape), -products), axis=1)[:, :10]
    assert np.array_equal(found.indices, expected)
    values = np.take_along_axis(products, expected, axis=1)
    assert np.array_equal(found.similarities, values.astype(np.float32) / np.float32(4000) ** 2)
    cosines = np.take_along_axis(rows.astype(np.float64) @ rows.T.astype(np.float64), expected, axis=1)
    errors = found.similarities - cosines
    assert np.sqrt((errors**2).mean()) < 1.5e-4  # rounding to 1/4000 twice
    assert np.abs(errors).max() < 6e-4


@pytest.mark.parametrize("d", [1, 5000, 9000])
def test_no_product_is_too_large_for_32_bits(d):
    # The rows whose rounding adds most: every entry a hair over a half.
    entry = (np.floor(4000 / np.sqrt(d)) + 0.5001) / 4000
    rows = np.full((3, d), entry, np.float32)
    rows /= max(1.0, float(np.linalg.norm(rows[0].astype(np.float64))))
    numbers = np.rint(rows * np.float32(4000)).astype(np.int64)
    assert (numbers[0] @ numbers[0]) < 2**24
    assert nearest_neighbours(rows, 1).similarities[0, 0] == np.float32(numbers[0] @ numbers[0]) / np.float32(4000) ** 2


@given(n=st.integers(2, 60), d=st.integers(1, 3), k=st.integers(1, 12), seed=st.integers(0, 99))
def test_similarities_are_the_highest_also_among_many_equal_ones(n, d, k, seed):
    rows = unit_rows(np.random.default_rng(seed).integers(-1, 2, (n, d)).astype(np.float32), centre=False)
    found, products = nearest_neighbours(rows, k), whole(rows)
    highest = -np.sort(-products, axis=1)[:, : min(k, n - 1)]
    assert np.array_equal(found.similarities, highest.astype(np.float32) / np.float32(4000) ** 2)
    assert all(len(set(row)) == len(row) for row in found.indices.tolist())
    same = found.similarities[:, 1:] == found.similarities[:, :-1]
    assert (found.indices[:, 1:] > found.indices[:, :-1])[same].all()


def test_threads_do_not_change_the_answer(monkeypatch):
    rows = unit_rows(np.random.default_rng(3).normal(size=(2500, 300)).astype(np.float32))
    monkeypatch.setenv("RESEARCH_CORES", "1")
    with threadpool_limits(1, user_api="blas"):
        one = nearest_neighbours(rows, 15)
    monkeypatch.setenv("RESEARCH_CORES", "64")
    with threadpool_limits(2, user_api="blas"):
        many = nearest_neighbours(rows, 15)
    assert np.array_equal(one.indices, many.indices)
    assert np.array_equal(one.similarities, many.similarities)


@pytest.mark.parametrize("k", [1, 7, 60, 2499])
def test_every_number_of_neighbours_is_that_of_a_full_sort_where_a_sample_sets_the_threshold(k):
    rng = np.random.default_rng(k)
    rows = rng.normal(size=(2500, 8)).astype(np.float32)
    rows[1200:1500] = rows[:300]  # copies, which are equally near
    rows[7] = 0
    rows = unit_rows(rows, centre=False)
    found, products = nearest_neighbours(rows, k), whole(rows)
    expected = np.argsort(-products, axis=1, kind="stable")[:, :k]
    assert np.array_equal(found.indices, expected)


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
