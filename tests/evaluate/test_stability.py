"""Stability of topics and partitions, against trying every matching and counting pairs."""

from __future__ import annotations

import math
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.evaluate import Undefined, match_topics, partition_stability, topic_stability

RUN = st.lists(st.sets(st.sampled_from("abcdef"), max_size=4), max_size=5)


def likeness(one, other) -> float:
    everything = {*one, *other}
    return sum(word in one and word in other for word in everything) / len(everything) if everything else 0.0


def best_total(topics, others) -> float:
    """The largest summed similarity over every way of giving partners."""
    few, many = sorted((topics, others), key=len)
    return max(sum(map(likeness, few, order)) for order in permutations(many, len(few)))


def rand_index(a, b) -> float:
    pairs = list(combinations(range(len(a)), 2))
    same_a, same_b = ([x[i] == x[j] for i, j in pairs] for x in (a, b))
    both = sum(p and q for p, q in zip(same_a, same_b, strict=True))
    expected = sum(same_a) * sum(same_b) / len(pairs)
    most = (sum(same_a) + sum(same_b)) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


@settings(max_examples=80)
@given(RUN, RUN)
def test_no_other_matching_has_a_larger_sum_and_no_topic_is_dropped(topics, others):
    found = match_topics(topics, others)
    assert sum(match.similarity for match in found) == pytest.approx(best_total(topics, others), abs=1e-12)
    assert [match.topic for match in found if match.topic is not None] == list(range(len(topics)))
    assert sorted(match.other for match in found if match.other is not None) == list(range(len(others)))
    alone = [match.other for match in found if match.topic is None]
    assert alone == sorted(alone)
    assert found[len(topics) :] == [match for match in found if match.topic is None]
    for match in found:
        if match.topic is None or match.other is None:
            assert match.similarity == 0
        else:
            assert match.similarity == pytest.approx(likeness(topics[match.topic], others[match.other]))
            assert match.similarity > 0


@given(RUN, RUN)
def test_matching_is_as_good_from_either_side(topics, others):
    one, other = match_topics(topics, others), match_topics(others, topics)
    assert sum(m.similarity for m in one) == pytest.approx(sum(m.similarity for m in other))


def test_the_best_partner_is_given_up_where_the_sum_gains():
    # Greedily the first takes its better partner (2/3) and leaves the second with nothing.
    topics, others = [{"a", "b", "c"}, {"a", "b"}], [{"a", "b"}, {"c", "d"}]
    assert [(m.topic, m.other) for m in match_topics(topics, others)] == [(0, 1), (1, 0)]
    greedy = [{"a", "b", "c"}, {"a", "b", "d"}], [{"a", "b"}, {"c", "x"}]
    assert [(m.topic, m.other) for m in match_topics(*greedy)] == [(0, 1), (1, 0)]


@given(st.permutations([{"a", "b"}, {"c"}, {"d", "e", "f"}, {"g", "a"}]))
def test_a_run_that_is_the_same_in_another_order_is_matched_wholly(order):
    topics = [{"a", "b"}, {"c"}, {"d", "e", "f"}, {"g", "a"}]
    found = match_topics(topics, order)
    assert [(m.similarity, order[m.other]) for m in found] == [(1.0, topic) for topic in topics]


def test_topics_that_share_nothing_have_no_partner():
    found = match_topics([{"a"}, set()], [{"b"}, set()])
    assert [(m.topic, m.other, m.similarity) for m in found] == [(0, None, 0), (1, None, 0), (None, 0, 0), (None, 1, 0)]
    assert match_topics([], []) == []
    assert [(m.topic, m.other) for m in match_topics([], [{"a"}])] == [(None, 0)]
    assert [(m.topic, m.other) for m in match_topics([["a"]], [])] == [(0, None)]


def test_a_word_that_is_named_twice_counts_once():
    assert match_topics([["a", "a", "b"]], [["b", "a"]])[0].similarity == 1


@settings(max_examples=60)
@given(RUN, st.lists(RUN, min_size=1, max_size=3))
def test_the_stability_of_topics_sums_to_that_of_the_best_matchings(reference, runs):
    found = topic_stability(reference, runs)
    assert len(found) == len(reference)
    assert all(0 <= value <= 1 for value in found)
    expected = sum(best_total(reference, run) for run in runs) / len(runs)
    assert sum(found) == pytest.approx(expected, abs=1e-12)


def test_stability_of_a_topic_is_its_mean_over_runs_and_a_run_without_it_counts_as_nothing():
    found = topic_stability([{"a", "b"}, {"c", "d"}], [[{"c", "d"}, {"a", "b"}], [{"a"}], []])
    assert found == pytest.approx([(1 + 0.5 + 0) / 3, (1 + 0 + 0) / 3])


def test_without_another_run_stability_is_undefined():
    found = topic_stability([{"a"}, {"b"}], [])
    assert [type(value) for value in found] == [Undefined, Undefined]
    assert {value.reason for value in found} == {"there is no other run"}
    assert topic_stability([], [[{"a"}]]) == []


@given(st.integers(2, 4), st.integers(2, 12), st.integers(0, 999))
def test_partition_stability_is_the_mean_over_pairs_of_what_both_hold(count, n, seed):
    partitions = np.random.default_rng(seed).integers(-1, 3, (count, n))
    scores = []
    for one, other in combinations(partitions.tolist(), 2):
        both = [(a, b) for a, b in zip(one, other, strict=True) if a != -1 and b != -1]
        if len(both) >= 2:
            scores.append(rand_index(*zip(*both, strict=True)))
    found = partition_stability(list(partitions))
    if scores:
        assert found == pytest.approx(sum(scores) / len(scores), abs=1e-9)
    else:
        assert found.reason == "no two partitions share two items"


@given(st.lists(st.integers(0, 3), min_size=2, max_size=20), st.permutations(range(4)))
def test_partitions_that_differ_in_numbering_only_are_wholly_stable(codes, numbers):
    one, other = np.array(codes), np.array([numbers[code] for code in codes])
    assert partition_stability([one, other, one]) == pytest.approx(1)


def test_partitions_by_chance_are_as_stable_as_nothing():
    rng = np.random.default_rng(0)
    assert abs(partition_stability([rng.integers(0, 4, 2000) for _ in range(4)])) < 0.01


def test_another_number_can_stand_for_absence():
    one, other = np.array([0, 0, 1, 1, -1]), np.array([0, 0, 1, 9, -1])
    assert partition_stability([one, other], absent=9) == pytest.approx(1)
    assert partition_stability([one, other]) < 1


@pytest.mark.parametrize("partitions", [[], [[0, 1]]])
def test_below_two_partitions_stability_is_undefined(partitions):
    found = partition_stability([np.array(partition) for partition in partitions])
    assert math.isnan(found)
    assert found.reason == f"{len(partitions)} partitions: two at least are needed"


def test_samples_that_share_one_item_say_nothing():
    found = partition_stability([np.array([0, 1, -1]), np.array([-1, 1, 0])])
    assert found.reason == "no two partitions share two items"
