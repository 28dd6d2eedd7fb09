"""The graph of shared neighbours, its communities, small clusters that join others, numbers by size, an order of content."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from research.features.neighbours import nearest_neighbours, unit_rows
from research.topics.graph import (
    by_size,
    canonical_order,
    communities,
    default_neighbours,
    default_smallest,
    merge_small,
    shared_neighbour_graph,
)


def some_rows(n: int, d: int = 4, seed: int = 5) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32))


def cliques(*sizes: int, bridge: float = 0.0) -> sparse.csr_matrix:
    matrix = sparse.block_diag([np.ones((size, size)) - np.eye(size) for size in sizes]).toarray()
    for end in np.cumsum(sizes)[:-1]:
        matrix[end - 1, end] = matrix[end, end - 1] = bridge
    return sparse.csr_matrix(matrix)


@pytest.mark.parametrize("block", [7, 2048])
def test_weights_are_the_jaccard_similarity_of_neighbourhoods(monkeypatch, block):
    monkeypatch.setattr("research.topics.graph._GRAPH_BLOCK", block)
    neighbours = nearest_neighbours(some_rows(30), 6)
    graph = shared_neighbour_graph(neighbours, least=0.2).toarray()
    hoods = [{row, *found} for row, found in enumerate(neighbours.indices.tolist())]
    for a in range(30):
        for b in range(30):
            jaccard = len(hoods[a] & hoods[b]) / len(hoods[a] | hoods[b])
            assert graph[a, b] == pytest.approx(jaccard if a != b and jaccard > 0.2 else 0, abs=1e-6)


@given(n=st.integers(2, 40), k=st.integers(1, 40), seed=st.integers(0, 50))
def test_a_graph_is_symmetric_and_without_loops(n, k, seed):
    graph = shared_neighbour_graph(nearest_neighbours(some_rows(n, 3, seed), k))
    assert (graph != graph.T).nnz == 0
    assert not graph.diagonal().any()
    assert graph.nnz == 0 or (graph.data.min() > 0 and graph.data.max() <= 1)


def test_communities_are_the_parts_of_a_graph_and_numbered_by_first_row():
    graph = cliques(4, 6, 5, bridge=0.1)
    turned = np.r_[10:15, 0:4, 4:10]
    assert communities(graph, 1.0).tolist() == [0] * 4 + [1] * 6 + [2] * 5
    assert communities(graph[turned][:, turned].tocsr(), 1.0).tolist() == [0] * 5 + [1] * 4 + [2] * 6


def test_communities_without_edges_are_one_and_with_a_high_resolution_many():
    assert communities(sparse.csr_matrix((5, 5)), 1.0).tolist() == [0] * 5
    assert communities(cliques(4, 6), 1e6).tolist() == list(range(10))
    assert communities(cliques(4, 6, bridge=0.1), 1e-9).tolist() == [0] * 10


def test_a_row_without_edges_is_a_community_of_its_own():
    graph = sparse.block_diag([cliques(3, 3), sparse.csr_matrix((1, 1))]).tocsr()
    assert communities(graph, 1.0).tolist() == [0, 0, 0, 1, 1, 1, 2]


def test_a_seed_gives_the_same_communities_again():
    graph = shared_neighbour_graph(nearest_neighbours(some_rows(200, 8), 10))
    assert np.array_equal(communities(graph, 2.0, seed=3), communities(graph, 2.0, seed=3))


def test_small_clusters_join_those_that_they_share_most_neighbours_with():
    rng = np.random.default_rng(0)
    centres = np.array([[1, 0, 0], [0, 1, 0], [0.95, 0.05, 0.3]])
    truth = np.repeat([0, 1, 2], [30, 30, 3])
    rows = unit_rows((centres[truth] + 0.05 * rng.normal(size=(63, 3))).astype(np.float32), centre=False)
    neighbours = nearest_neighbours(rows, 8)
    merged = merge_small(truth, shared_neighbour_graph(neighbours), neighbours, 5)
    assert merged[60:].tolist() == [0, 0, 0]
    assert np.array_equal(merged[:60], truth[:60])


@given(n=st.integers(2, 40), width=st.integers(1, 12), smallest=st.integers(1, 60), seed=st.integers(0, 50))
def test_no_cluster_is_left_below_the_least_size_unless_it_is_the_only_one(n, width, smallest, seed):
    rng = np.random.default_rng(seed)
    neighbours = nearest_neighbours(some_rows(n, 3, seed), 5)
    labels = rng.integers(0, width, n)
    merged = merge_small(labels, shared_neighbour_graph(neighbours), neighbours, smallest)
    sizes = np.bincount(merged)
    assert len(np.unique(merged)) == 1 or sizes[sizes > 0].min() >= smallest
    for cluster in np.unique(labels):  # whole clusters join
        assert len(np.unique(merged[labels == cluster])) == 1


def test_clusters_are_numbered_by_size():
    assert by_size(np.array([7, 3, 3, 9, 9, 9])).tolist() == [2, 1, 1, 0, 0, 0]
    assert by_size(np.array([5, 5, 2, 2])).tolist() == [0, 0, 1, 1]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_numbers_by_size_are_the_same_partition(labels):
    given, found = np.array(labels), by_size(np.array(labels))
    sizes = np.bincount(found)
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() > 0
    assert np.array_equal(given[:, None] == given, found[:, None] == found)


def test_the_order_is_one_of_content():
    rows = some_rows(20)
    turned = np.random.default_rng(1).permutation(20)
    assert np.array_equal(rows[canonical_order(rows)], rows[turned][canonical_order(rows[turned])])


def test_equal_rows_come_in_an_order_of_their_groups():
    rows = np.repeat(some_rows(4), 2, axis=0)
    groups = np.array(["a", "b", "a", "c", "b", "c", "a", "a"])
    straight = [groups[row] for row in canonical_order(rows, groups.tolist())]
    for seed in range(5):
        turned = np.random.default_rng(seed).permutation(8)
        order = canonical_order(rows[turned], groups[turned].tolist())
        assert [groups[turned][row] for row in order] == straight


def test_sizes_grow_with_the_number_of_rows():
    assert [default_neighbours(n) for n in (0, 1, 2, 6, 900, 10**6)] == [0, 0, 1, 5, 30, 30]
    sizes = [default_smallest(n) for n in range(1, 3000)]
    assert sizes[0] == 1
    assert (np.diff(sizes) >= 0).all()
