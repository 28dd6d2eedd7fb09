"""Agreement of clusters with classes: against counting pairs, dealing labels in every order, and entropies by hand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.evaluate import Undefined, agreement

ITEMS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 3)), min_size=2, max_size=25)


def rand_index(a, b) -> float:
    """Adjusted Rand index by counting pairs."""
    pairs = list(combinations(range(len(a)), 2))
    same_a, same_b = ([x[i] == x[j] for i, j in pairs] for x in (a, b))
    both = sum(p and q for p, q in zip(same_a, same_b, strict=True))
    expected = sum(same_a) * sum(same_b) / len(pairs)
    most = (sum(same_a) + sum(same_b)) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def entropy(labels) -> float:
    shares = [count / len(labels) for count in Counter(labels).values()]
    return -math.fsum(share * math.log(share) for share in shares)


def information(a, b) -> float:
    """Mutual information as what the joint labels lack of both entropies."""
    return entropy(a) + entropy(b) - entropy(list(zip(a, b, strict=True)))


def split(items):
    return [known for known, _ in items], [cluster for _, cluster in items]


@given(ITEMS)
def test_adjusted_rand_index_coverage_and_number_of_clusters_are_those_of_counting(items):
    classes, clusters = split(items)
    found = agreement(classes, clusters)
    assert found.ari == pytest.approx(rand_index(classes, clusters), abs=1e-9)
    inside = [(c, k) for c, k in items if k != -1]
    assert found.coverage == pytest.approx(len(inside) / len(items))
    assert found.clusters == len({k for _, k in inside})
    if len(inside) >= 2:
        assert found.covered.ari == pytest.approx(rand_index(*zip(*inside, strict=True)), abs=1e-9)
    else:
        assert math.isnan(found.covered.ari)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), min_size=3, max_size=6))
def test_ami_is_the_information_above_its_mean_over_every_order_of_the_labels(items):
    classes, clusters = split(items)
    orders = [information(classes, order) for order in permutations(clusters)]
    chance = math.fsum(orders) / len(orders)
    most = (entropy(classes) + entropy(clusters)) / 2
    if most - chance < 1e-9:  # the formula is 0 by 0; two partitions that are the same are 1 all the same
        if len(set(classes)) == len(set(clusters)) == 1:
            assert agreement(classes, clusters).ami == 1
        return
    assert agreement(classes, clusters).ami == pytest.approx(
        (information(classes, clusters) - chance) / (most - chance), abs=1e-7
    )


@given(ITEMS)
def test_homogeneity_completeness_and_purity_are_those_of_counting(items):
    classes, clusters = split(items)
    found = agreement(classes, clusters).everything
    shared = information(classes, clusters)
    homogeneity = shared / entropy(classes) if len(set(classes)) > 1 else 1.0
    completeness = shared / entropy(clusters) if len(set(clusters)) > 1 else 1.0
    assert found.homogeneity == pytest.approx(homogeneity, abs=1e-9)
    assert found.completeness == pytest.approx(completeness, abs=1e-9)
    both = homogeneity + completeness
    assert found.v_measure == pytest.approx(2 * homogeneity * completeness / both if both > 1e-9 else 0, abs=1e-6)
    commonest = sum(max(Counter(c for c, k in items if k == cluster).values()) for cluster in set(clusters))
    assert found.purity == pytest.approx(commonest / len(items))


def test_purity_of_the_textbook_case_of_seventeen_items_in_three_clusters():
    # Manning, Raghavan and Schuetze, figure 16.4: majorities of 5, 4 and 3 among 6, 6 and 5 items; their ARI follows from RI.
    classes = [*"xxxxxo", *"xoooo+", *"xx+++"]
    clusters = [0] * 6 + [1] * 6 + [2] * 5
    found = agreement(classes, clusters).everything
    assert found.purity == pytest.approx(12 / 17)
    # 20 pairs are together in both, 40 in clusters, 44 in classes, of 136.
    assert found.ari == pytest.approx((20 - 40 * 44 / 136) / (42 - 40 * 44 / 136))


@settings(max_examples=40)
@given(ITEMS, st.permutations(range(-1, 4)), st.permutations("abc"), st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_items_or_the_names_of_labels(items, numbers, letters, random):
    classes, clusters = split(items)
    mixed = list(items)
    random.shuffle(mixed)
    renamed = [("abc"[letters.index(known)], numbers[cluster + 1]) for known, cluster in mixed]
    before = agreement(classes, clusters)
    after = agreement(*split(renamed), outlier=numbers[0])
    assert astuple(after.everything) == pytest.approx(astuple(before.everything), abs=1e-9)
    assert astuple(after.covered) == pytest.approx(astuple(before.covered), abs=1e-9, nan_ok=True)
    assert (after.coverage, after.clusters) == (before.coverage, before.clusters)


@settings(max_examples=40)
@given(ITEMS)
def test_exchanging_classes_and_clusters_exchanges_homogeneity_and_completeness_only(items):
    classes, clusters = split(items)
    one, other = agreement(classes, clusters).everything, agreement(clusters, ["abc".index(c) for c in classes]).everything
    assert (one.ami, one.ari, one.v_measure) == pytest.approx((other.ami, other.ari, other.v_measure), abs=1e-9)
    assert (one.homogeneity, one.completeness) == pytest.approx((other.completeness, other.homogeneity), abs=1e-9)


@settings(max_examples=40)
@given(ITEMS)
def test_scores_stay_within_their_bounds(items):
    found = agreement(*split(items)).everything
    assert max(found.ami, found.ari) <= 1 + 1e-9
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in (found.homogeneity, found.completeness, found.v_measure, found.purity))
    assert found.purity >= 1 / 3 - 1e-9  # three classes: the commonest has a third at least


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30))
def test_classes_that_come_back_under_other_names_score_one(codes):
    found = agreement([f"class {code}" for code in codes], [7 - code for code in codes])
    assert astuple(found.everything) == pytest.approx([1] * 6)
    assert astuple(found.covered) == pytest.approx([1] * 6)
    assert found.coverage == 1


def test_chance_scores_about_zero_where_it_is_corrected_for_and_above_where_not():
    rng = np.random.default_rng(0)
    found = agreement(rng.integers(0, 5, 4000), rng.integers(0, 5, 4000)).everything
    assert abs(found.ami) < 0.01
    assert abs(found.ari) < 0.01
    many = agreement(rng.integers(0, 5, 400), np.arange(400) // 2).everything
    assert abs(many.ami) < 0.1
    assert abs(many.ari) < 0.02
    assert many.homogeneity > 0.5
    assert many.purity > 0.5


def test_one_cluster_tells_nothing_and_single_items_are_pure():
    together = agreement(["a", "b", "a", "b"], [0, 0, 0, 0])
    assert (together.ami, together.ari) == pytest.approx((0, 0), abs=1e-12)
    assert (together.everything.homogeneity, together.everything.completeness) == (0, 1)
    assert together.everything.purity == 0.5
    alone = agreement(["a", "b", "a", "b"], [0, 1, 2, 3])
    assert (alone.ami, alone.ari) == pytest.approx((0, 0), abs=1e-9)
    assert (alone.everything.homogeneity, alone.everything.purity) == pytest.approx((1, 1))
    assert alone.everything.completeness == pytest.approx(0.5)


@settings(max_examples=40)
@given(ITEMS)
def test_what_is_left_out_counts_as_one_cluster_or_not_at_all(items):
    classes, clusters = split(items)
    found = agreement(classes, clusters)
    as_cluster = agreement(classes, [9 if cluster == -1 else cluster for cluster in clusters], outlier=-1)
    assert astuple(found.everything) == pytest.approx(astuple(as_cluster.everything), abs=1e-9)
    inside = [(c, k) for c, k in items if k != -1]
    if len(inside) >= 2:
        assert astuple(found.covered) == pytest.approx(astuple(agreement(*split(inside)).everything), abs=1e-9)


def test_the_shortcuts_are_those_over_all_items():
    found = agreement(["a", "a", "b", "b", "b"], [0, 0, 1, 0, -1])
    assert found.ami == found.everything.ami != found.covered.ami
    assert found.ari == found.everything.ari != found.covered.ari


@pytest.mark.parametrize(
    ("classes", "clusters", "all_undefined"),
    [([], [], True), (["a"], [0], True), (["a", "b"], [-1, -1], False), (["a", "b", "c"], [-1, 4, -1], False)],
)
def test_agreement_of_too_little_is_undefined_with_a_reason(classes, clusters, all_undefined):
    found = agreement(classes, clusters)
    n = sum(cluster != -1 for cluster in clusters)
    for value in astuple(found.covered):
        assert isinstance(value, Undefined)
        assert value.reason == f"{n} items: two at least are needed"
    assert all(isinstance(value, Undefined) == all_undefined for value in astuple(found.everything))
    assert found.clusters == n
    if not classes:
        assert found.coverage.reason == "there is no item"


def test_a_cluster_is_needed_for_every_class():
    with pytest.raises(ValueError, match="2 classes for 1"):
        agreement(["a", "b"], [0])
