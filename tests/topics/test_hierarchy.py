"""The tree of topics: every cut nests in the next, the topics are one of its cuts, merges are those of average linkage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from research.errors import ConfigError
from research.topics.hierarchy import Hierarchy, build_hierarchy


def some_partitions(p: int, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, (p, n))
    labels[rng.random((p, n)) < 0.2] = -1
    return labels.astype(np.int32)


def compact(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1]


@st.composite
def trees(draw):
    n, seed = draw(st.integers(1, 40)), draw(st.integers(0, 500))
    rng = np.random.default_rng(seed)
    labels = compact(rng.integers(0, draw(st.integers(1, 5)), n))
    finer = rng.integers(0, draw(st.integers(1, 9)), n)
    smallest = draw(st.integers(1, 6))
    return labels, finer, some_partitions(draw(st.integers(1, 6)), n, seed), smallest


@given(trees())
def test_a_coarser_cut_is_made_of_whole_groups_of_a_finer_one(made):
    tree = build_hierarchy(*made)
    cuts = {groups: tree.cut(groups) for groups in range(1, tree.most + 1)}
    for groups, labels in cuts.items():
        assert np.array_equal(np.unique(labels), np.arange(groups))
        assert (np.diff(np.bincount(labels)) <= 0).all()
        if groups > 1:
            for group in range(groups):
                assert len(np.unique(cuts[groups - 1][labels == group])) == 1


@given(trees())
def test_the_topics_are_a_cut_of_the_tree(made):
    tree = build_hierarchy(*made)
    assert tree.topics == made[0].max() + 1
    assert adjusted_rand_score(made[0], tree.cut(tree.topics)) == 1


@given(trees())
def test_leaves_are_not_below_the_least_size_unless_a_whole_topic_is(made):
    labels, finer, partitions, smallest = made
    tree = build_hierarchy(labels, finer, partitions, smallest)
    sizes = np.bincount(tree.leaves)
    for leaf, size in enumerate(sizes.tolist()):
        own = labels[tree.leaves == leaf]
        assert len(np.unique(own)) == 1
        assert size >= smallest or len(np.unique(finer[labels == own[0]])) >= 1
        if size < smallest:  # then no other group of the topic has more, or the topic has no other
            assert size >= max(sizes[np.unique(tree.leaves[labels == own[0]])])


@given(trees())
def test_merges_are_those_of_average_linkage_over_rows(made):
    labels, finer, partitions, smallest = made
    tree = build_hierarchy(labels, finer, partitions, smallest)
    members = {leaf: np.flatnonzero(tree.leaves == leaf) for leaf in range(tree.most)}

    def share(one: int, other: int) -> float:
        """How often a row of one leaf and a row of another are together, the leaves' own mean over partitions."""
        values = []
        for found in partitions:
            a, b = (found[members[leaf]] for leaf in (one, other))
            a, b = a[a >= 0], b[b >= 0]
            if len(a) and len(b):
                values.append((a[:, None] == b).mean())
        return float(np.mean(values)) if values else 0.0

    between = {(a, b): share(a, b) for a in range(tree.most) for b in range(tree.most)}
    holds = {leaf: [leaf] for leaf in range(tree.most)}
    topic = {leaf: labels[rows[0]] for leaf, rows in members.items()}

    def linked(one: list[int], other: list[int]) -> float:
        weights = [(len(members[a]) * len(members[b]), between[a, b]) for a in one for b in other]
        return sum(w * v for w, v in weights) / sum(w for w, _ in weights)

    for step, (one, other, told) in enumerate(tree.merges):
        assert told == pytest.approx(linked(holds[one], holds[other]), abs=1e-8)
        alive = sorted(holds)
        pairs = [(a, b) for at, a in enumerate(alive) for b in alive[at + 1 :]]
        within = [(a, b) for a, b in pairs if topic[holds[a][0]] == topic[holds[b][0]]] if len(alive) > tree.topics else pairs
        assert told == pytest.approx(max(linked(holds[a], holds[b]) for a, b in within), abs=1e-8)
        assert (min(one, other), max(one, other)) in within
        holds[tree.most + step] = holds.pop(one) + holds.pop(other)
    assert len(holds) == 1


@pytest.mark.parametrize("groups", [0, -1, 4, 2.0, 1.5, "2", None])
def test_a_bad_number_is_refused(groups):
    tree = Hierarchy(np.array([0, 1, 2]), ((0, 1, 0.9), (2, 3, 0.1)), 2)
    with pytest.raises(ConfigError, match="1 to 3"):
        tree.cut(groups)


def test_a_tree_that_does_not_reach_its_root_is_cut_where_it_can_be():
    tree = Hierarchy(np.array([0, 1, 2, 2, 3]), ((0, 1, 0.5),), 4)
    assert (tree.fewest, tree.most) == (3, 4)
    assert adjusted_rand_score(tree.cut(4), tree.leaves) == 1
    assert tree.cut(3).tolist() == [0, 0, 1, 1, 2]
    with pytest.raises(ConfigError, match="3 to 4"):
        tree.cut(2)


def test_its_table_counts_groups_down():
    tree = Hierarchy(np.array([0, 1, 2]), ((0, 1, 0.9), (2, 3, 0.1)), 2)
    table = tree.table()
    assert table["groups"].tolist() == [2, 1]
    assert table["group"].tolist() == [3, 4]
    assert table["together"].tolist() == [0.9, 0.1]
    assert Hierarchy(np.zeros(3, np.int64), (), 1).table().empty
