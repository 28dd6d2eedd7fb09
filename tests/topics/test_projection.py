"""The map: neighbours stay near, any number of rows has a place, the same seed gives the same map."""

from __future__ import annotations

import numpy as np
import pytest

from research.features.neighbours import nearest_neighbours, unit_rows
from research.topics import project


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 11, 12, 13])
def test_any_number_of_rows_has_a_place(n):
    places = project(np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()


def test_equal_rows_do_not_break_it():
    assert np.isfinite(project(np.ones((15, 4), np.float32))).all()


def test_undefined_rows_have_no_place():
    rows = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    rows[2] = np.nan
    assert np.isnan(project(rows)[2]).all()
    assert np.isfinite(np.delete(project(rows), 2, axis=0)).all()


def test_groups_stay_together_and_the_map_repeats():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(3), 20)
    rows = (rng.normal(size=(3, 8))[truth] + 0.2 * rng.normal(size=(60, 8))).astype(np.float32)
    places = project(rows)
    assert np.array_equal(places, project(rows))
    near = nearest_neighbours(unit_rows(places.astype(np.float32)), 5).indices
    assert (truth[near] == truth[:, None]).mean() > 0.9
