"""Rows in their principal axes: what is kept of cosines, and that nothing depends on threads or blocks."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from research.features.neighbours import nearest_neighbours, unit_rows
from research.features.principal import principal_rows


def some_rows(n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return unit_rows((rng.normal(size=(n, d)) * 0.9 ** np.arange(d)).astype(np.float32))


@pytest.mark.parametrize(("n", "d", "columns"), [(300, 40, 10), (40, 300, 20)])
def test_the_axes_are_those_of_a_singular_value_decomposition(n, d, columns):
    rows = some_rows(n, d)
    _, _, axes = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
    expected = rows @ axes[:columns].T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = principal_rows(rows, columns)
    assert np.abs(found @ found.T - expected @ expected.T).max() < 0.01
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_rows_of_few_dimensions_keep_their_cosines():
    rng = np.random.default_rng(1)
    rows = unit_rows((rng.normal(size=(200, 5)) @ rng.normal(size=(5, 60))).astype(np.float32))
    found = principal_rows(rows, 5)
    assert np.abs(found @ found.T - rows @ rows.T).max() < 0.005  # rounding to 1/4000


def test_neighbours_are_nearly_the_same():
    rows = some_rows(1500, 400)
    all_columns, fewer = nearest_neighbours(rows, 10), nearest_neighbours(principal_rows(rows, 30), 10)
    alike = np.mean([len({*a} & {*b}) / 10 for a, b in zip(all_columns.indices, fewer.indices, strict=True)])
    assert alike > 0.8


def test_enough_axes_leave_the_rows_alone():
    rows = some_rows(20, 6)
    assert principal_rows(rows, 6) is rows
    assert principal_rows(rows, 128) is rows


def test_a_row_without_direction_stays_zero():
    rows = some_rows(30, 12)
    rows[3] = 0
    found = principal_rows(rows, 4)
    assert not found[3].any()
    assert np.isfinite(found).all()


def test_threads_and_blocks_do_not_change_a_bit(monkeypatch):
    rows = some_rows(2500, 200)
    with threadpool_limits(1, user_api="blas"):
        one = principal_rows(rows, 50)
    with threadpool_limits(2, user_api="blas"):
        two = principal_rows(rows, 50)
    monkeypatch.setattr("research.features.principal._BLOCK", 333)
    assert np.array_equal(one, two)
    assert np.array_equal(one, principal_rows(rows, 50))
