"""Intervals by drawing whole groups: what is drawn, how wide they are, and how often they hold the truth."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc
from scipy.stats import bootstrap, t

from research.evaluate import Undefined, bootstrap_by_group, halves, over_halves

GROUPS = st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=20).filter(lambda groups: len(set(groups)) > 1)


def test_the_bootstrap_draws_whole_groups():
    groups = list("aabbbc")
    seen: set[tuple[int, ...]] = set()

    def statistic(drawn):
        counts = Counter(groups[index] for index in drawn)
        seen.add(tuple(sorted(counts.values())))
        whole = {"a": 2, "b": 3, "c": 1}
        assert all(count % whole[group] == 0 for group, count in counts.items())
        assert sum(count // whole[group] for group, count in counts.items()) == 3
        return float(len(drawn))

    found = bootstrap_by_group(statistic, groups, draws=50)
    assert len(seen) > 3
    assert found.value == 6
    assert found.low <= 6 <= found.high


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(100):
        effects = rng.normal(0, 1, 30)
        values = np.repeat(effects, 4) + rng.normal(0, 0.1, 120)
        groups = np.repeat(np.arange(30), 4).tolist()
        found = bootstrap_by_group(lambda drawn, values=values: float(values[drawn].mean()), groups, draws=200)
        hits += found.low <= 0 <= found.high
    assert 85 <= hits <= 100  # drawing passages instead of articles covers about 67


def test_undefined_statistics_and_single_groups_have_no_interval():
    assert math.isnan(bootstrap_by_group(lambda drawn: 1.0, ["a", "a"]).low)
    assert math.isnan(bootstrap_by_group(lambda drawn: math.nan, ["a", "b"], draws=20).low)
    assert str(bootstrap_by_group(lambda drawn: 0.5, ["a", "b"], draws=20)) == "0.500 [0.500, 0.500]"


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_of_single_items_is_scipys_percentile_bootstrap(level):
    values = np.random.default_rng(1).exponential(size=60)
    found = bootstrap_by_group(lambda drawn: float(values[drawn].mean()), range(60), draws=4000, level=level)
    expected = bootstrap((values,), np.mean, n_resamples=4000, confidence_level=level, method="percentile", rng=2)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval), abs=0.02)
    assert (found.value, found.level, found.draws) == (pytest.approx(values.mean()), level, 4000)


def test_undefined_draws_are_left_out_and_counted():
    values = np.array([1.0, 2.0, 3.0, 4.0])

    def statistic(drawn):
        return float(values[drawn].mean()) if 0 in drawn else math.nan

    found = bootstrap_by_group(statistic, "abcd", draws=400)
    assert found.draws / 400 == pytest.approx(1 - 0.75**4, abs=0.08)
    assert found.low < found.value < found.high


def test_a_statistic_that_is_undefined_on_most_draws_has_no_interval():
    # Of three groups the first is missing in 8 of 27 draws.
    found = bootstrap_by_group(lambda drawn: math.nan if 0 in drawn else 1.0, "abc")
    assert 200 < found.draws < 400
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_the_interval_comes_back_with_its_seed_and_differs_with_another():
    values = np.random.default_rng(1).normal(size=40)
    found = [bootstrap_by_group(lambda drawn: float(values[drawn].mean()), range(40), draws=99, seed=s) for s in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


@given(GROUPS, st.integers(0, 8), st.integers(0, 99))
def test_a_half_holds_half_of_the_groups_and_each_of_them_whole(groups, draws, seed):
    found = halves(groups, draws=draws, seed=seed)
    assert len(found) == draws
    for half in found:
        assert half.dtype == bool
        assert half.shape == (len(groups),)
        inside = {group for group, chosen in zip(groups, half, strict=True) if chosen}
        outside = {group for group, chosen in zip(groups, half, strict=True) if not chosen}
        assert not inside & outside
        assert len(inside) == len(set(groups)) // 2


@given(GROUPS, st.integers(0, 6), st.integers(0, 6), st.integers(0, 99))
def test_a_longer_list_of_halves_begins_with_the_shorter_one(groups, few, more, seed):
    longer = halves(groups, draws=few + more, seed=seed)
    assert [half.tolist() for half in halves(groups, draws=few, seed=seed)] == [half.tolist() for half in longer[:few]]


def test_one_group_cannot_be_halved():
    with pytest.raises(ValueError, match="1 groups cannot be halved"):
        halves("aaa")


def test_a_number_and_its_name_are_two_groups():
    for half in halves([1, "1"], draws=5):
        assert half.sum() == 1
    assert bootstrap_by_group(lambda drawn: float(len(drawn)), [1, "1"], draws=9).draws == 9


@given(GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_choose_the_half(groups, random):
    order = list(range(len(groups)))
    random.shuffle(order)
    half, shuffled_half = halves(groups, draws=1)[0], halves([groups[at] for at in order], draws=1)[0]
    assert shuffled_half.tolist() == half[order].tolist()


def test_every_half_is_as_likely():
    counts = Counter(frozenset(np.flatnonzero(half).tolist()) for half in halves("abcd", draws=3000))
    assert set(counts) == {frozenset(pair) for pair in combinations(range(4), 2)}
    assert all(count / 3000 == pytest.approx(1 / 6, abs=0.03) for count in counts.values())
    assert not np.array_equal(halves("abcdefgh", draws=3, seed=0), halves("abcdefgh", draws=3, seed=1))


VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=30)


def beyond(distance: float, free: int) -> float:
    """Two-sided tail of Student's t, by the incomplete beta function."""
    return float(betainc(free / 2, 0.5, free / (free + distance**2)))


@given(VALUES, st.sampled_from([0.5, 0.9, 0.95]))
def test_the_summary_over_halves_is_that_of_students_t(values, level):
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    found = over_halves(values, level=level)
    assert (found.mean, found.deviation) == pytest.approx((mean, deviation), abs=1e-9)
    assert found.high - found.mean == pytest.approx(found.mean - found.low, abs=1e-9)
    assert found.draws == len(values)
    if deviation > 1e-6:
        assert beyond((found.high - found.mean) / deviation, len(values) - 1) == pytest.approx(1 - level, abs=1e-6)
        assert found.p == pytest.approx(beyond(mean / deviation, len(values) - 1), abs=1e-6)
        if abs(found.p - (1 - level)) > 1e-6:
            assert (not found.low <= 0 <= found.high) == (found.p < 1 - level)


@given(VALUES, st.floats(0.01, 100), st.sampled_from([-1, 1]))
def test_the_summary_over_halves_follows_the_unit_and_the_sign(values, unit, sign):
    one, other = over_halves(values), over_halves([sign * unit * value for value in values])
    assert other.deviation == pytest.approx(unit * one.deviation, rel=1e-6, abs=1e-9)
    assert other.mean == pytest.approx(sign * unit * one.mean, rel=1e-6, abs=1e-9)
    if one.deviation > 1e-6:
        assert other.p == pytest.approx(one.p, abs=1e-6)


def test_what_is_detectable_is_detected_in_four_cases_of_five():
    rng = np.random.default_rng(1)
    for halves_ in (10, 20, 60):
        # Both the value and its deviation, which the halves tell only roughly, vary from corpus to corpus.
        known = over_halves(rng.normal(0, 0.5, halves_))
        values = rng.normal(known.detectable, known.deviation, 3000)
        deviations = known.deviation * np.sqrt(rng.chisquare(halves_ - 1, 3000) / (halves_ - 1))
        seen = [beyond(value / deviation, halves_ - 1) < 0.05 for value, deviation in zip(values, deviations, strict=True)]
        assert np.mean(seen) == pytest.approx(0.8, abs=0.03)


def test_the_same_value_on_all_halves_is_certain():
    same = over_halves([0.5] * 8)
    assert (same.mean, same.low, same.high, same.deviation, same.p) == (0.5, 0.5, 0.5, 0, 0)
    nothing = over_halves([0.0] * 8)
    assert (nothing.mean, nothing.p, nothing.detectable) == (0, 1, 0)


@pytest.mark.parametrize(
    "values", [[], [0.5], [math.nan] * 5, [0.5, 0.6, math.nan, math.nan], [0.5, math.nan], [0.1, 0.2, Undefined("x"), math.inf]]
)
def test_a_value_that_is_undefined_on_half_of_the_halves_is_undefined(values):
    found = over_halves(values)
    n = sum(map(math.isfinite, values))
    assert found.draws == n
    for part in (found.mean, found.low, found.high, found.deviation, found.p, found.detectable):
        assert isinstance(part, Undefined)
        assert part.reason == f"defined on {n} of {len(values)} halves"


def test_a_few_undefined_halves_are_left_out():
    assert over_halves([0.1, 0.3, math.nan]) == over_halves([0.1, 0.3])


def clustered(rng, n):
    effects = rng.normal(0.3, 1, n)
    return np.repeat(effects, 3) + rng.normal(0, 0.2, 3 * n), np.repeat(np.arange(n), 3).tolist()


def test_the_interval_over_halves_covers_the_mean_of_clustered_data_as_often_as_it_says():
    rng = np.random.default_rng(11)
    hits = 0
    for seed in range(200):
        values, groups = clustered(rng, 40)
        found = over_halves([float(values[half].mean()) for half in halves(groups, seed=seed)])
        hits += found.low <= 0.3 <= found.high
    assert 176 <= hits <= 198


def test_the_interval_over_halves_covers_a_median_which_is_not_smooth():
    rng = np.random.default_rng(12)
    hits = 0
    for seed in range(200):
        values = rng.normal(0.3, 1, 41)  # an odd number of groups: the half is the smaller one
        found = over_halves([float(np.median(values[half])) for half in halves(range(41), seed=seed)])
        hits += found.low <= 0.3 <= found.high
    assert 172 <= hits <= 199


def test_the_deviation_over_halves_is_the_standard_error_of_the_whole():
    values, groups = clustered(np.random.default_rng(13), 60)
    means = values.reshape(60, 3).mean(axis=1)
    found = over_halves([float(values[half].mean()) for half in halves(groups, draws=4000)])
    assert found.deviation == pytest.approx(means.std(ddof=1) / math.sqrt(60), rel=0.05)
    low, high = t.interval(0.95, 59, means.mean(), means.std(ddof=1) / math.sqrt(60))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)


def test_a_difference_that_is_none_is_found_significant_as_often_as_the_level_says():
    rng = np.random.default_rng(14)
    hits = 0
    for seed in range(300):
        values = rng.normal(0, 1, 40)
        hits += over_halves([float(values[half].mean()) for half in halves(range(40), seed=seed)]).p < 0.05
    assert 5 <= hits <= 33  # of 300: about 5 %, a little more for the noise of twenty halves
