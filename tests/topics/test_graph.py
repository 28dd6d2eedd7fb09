"""The clusterer: planted groups found, nothing left out, the same answer in any order, any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from research.features.neighbours import nearest_neighbours, unit_rows
from research.topics import GraphClusterer
from research.topics.graph import by_size, shared_neighbour_graph


def planted(groups: int = 4, size: int = 40, noise: float = 0.25, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, 16))
    truth = np.repeat(np.arange(groups), size)
    return (centres[truth] + noise * rng.normal(size=(groups * size, 16))).astype(np.float32), truth


def test_planted_groups_are_found():
    rows, truth = planted()
    found = GraphClusterer().fit(rows)
    assert adjusted_rand_score(truth, found.labels_) > 0.95
    assert np.nanmean(found.strengths_) > 0.9


def test_the_order_of_rows_does_not_matter():
    rows, _ = planted(noise=1.2, seed=3)  # not well apart: luck would show
    straight = GraphClusterer().fit(rows)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(rows))
        mixed = GraphClusterer().fit(rows[order])
        assert np.array_equal(mixed.labels_, straight.labels_[order])
        assert np.allclose(mixed.strengths_, straight.strengths_[order])


@given(n=st.integers(1, 30), d=st.integers(1, 4), seed=st.integers(0, 50))
def test_every_row_of_any_small_matrix_gets_a_cluster(n, d, seed):
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    found = GraphClusterer().fit(rows)
    sizes = np.bincount(found.labels_)
    assert found.labels_.shape == (n,)
    assert (sizes[:-1] >= sizes[1:]).all()
    assert sizes.min() > 0
    strengths = found.strengths_[np.isfinite(found.strengths_)]
    assert ((strengths >= 0) & (strengths <= 1)).all()
    assert len(strengths) == (n if n > 1 else 0)


def test_equal_rows_are_one_cluster():
    assert GraphClusterer().fit(np.ones((20, 3), np.float32)).labels_.tolist() == [0] * 20


def test_a_higher_resolution_gives_more_clusters():
    rows, _ = planted(groups=8, noise=1.0)
    few, many = GraphClusterer(resolution=0.2).fit(rows), GraphClusterer(resolution=3).fit(rows)
    assert many.labels_.max() > few.labels_.max()


def test_no_cluster_is_below_the_least_size():
    rows, _ = planted(groups=9, size=12, noise=0.8)
    assert np.bincount(GraphClusterer(min_cluster_size=25).fit(rows).labels_).min() >= 25


def test_training_rows_are_predicted_where_they_are():
    rows, _ = planted()
    model = GraphClusterer().fit(rows)
    assert np.array_equal(model.predict(rows), model.labels_)
    labels, shares = model.assign(rows)
    assert ((shares > 0) & (shares <= 1)).all()
    assert np.array_equal(labels, model.labels_)


def test_weights_are_the_jaccard_similarity_of_neighbourhoods():
    rows = unit_rows(np.random.default_rng(5).normal(size=(30, 4)).astype(np.float32))
    neighbours = nearest_neighbours(rows, 6)
    graph = shared_neighbour_graph(neighbours, least=0.2).toarray()
    hoods = [{row, *found} for row, found in enumerate(neighbours.indices.tolist())]
    for a in range(30):
        for b in range(30):
            jaccard = len(hoods[a] & hoods[b]) / len(hoods[a] | hoods[b])
            assert graph[a, b] == pytest.approx(jaccard if a != b and jaccard > 0.2 else 0, abs=1e-6)


def test_clusters_are_numbered_by_size():
    assert by_size(np.array([7, 3, 3, 9, 9, 9])).tolist() == [2, 1, 1, 0, 0, 0]


def test_it_is_a_scikit_learn_estimator():
    model = GraphClusterer(resolution=0.7, seed=3)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(ValueError, match="NaN"):
        copy.fit(np.array([[1.0], [np.nan]]))
