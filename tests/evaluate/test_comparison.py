"""Tests of differences: against scipy, counting every order, closed testing, power by integration, and simulated nulls."""

from __future__ import annotations

import math
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from research.evaluate import (
    Undefined,
    bootstrap_by_group,
    cliffs_delta,
    cohens_d,
    compare_paired,
    compare_systems,
    holm,
    minimum_detectable_difference,
    permutation_test,
    randomization_test,
)

P_VALUES = st.lists(st.floats(0, 1), max_size=7)
NUMBERS = st.lists(st.integers(-20, 20), min_size=1, max_size=12)


@given(P_VALUES)
def test_holm_is_closed_testing_by_bonferroni(p_values):
    found = holm(p_values)
    everyone = range(len(p_values))
    for at in everyone:
        families = [family for size in range(1, len(p_values) + 1) for family in combinations(everyone, size) if at in family]
        expected = max(min(1.0, len(family) * min(p_values[one] for one in family)) for family in families)
        assert found[at] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.2], [0.2]),
        ([0.6, 0.7], [1.0, 1.0]),
        ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
        ([], []),
    ],
)
def test_holm_of_cases_by_hand(p_values, adjusted):
    assert holm(p_values) == pytest.approx(adjusted)


@given(P_VALUES, st.randoms(use_true_random=False))
def test_holm_keeps_the_order_lies_between_nothing_and_bonferroni_and_follows_its_input(p_values, random):
    found = holm(p_values)
    assert all(p <= one <= min(1, len(p_values) * p) + 1e-15 for p, one in zip(p_values, found, strict=True))
    for (p, one), (q, other) in combinations(zip(p_values, found, strict=True), 2):
        assert one <= other if p <= q else one >= other
    order = list(range(len(p_values)))
    random.shuffle(order)
    assert holm([p_values[at] for at in order]) == [found[at] for at in order]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7), st.integers(0, 6), st.floats(0, 1))
def test_a_larger_p_value_makes_no_adjusted_one_smaller(p_values, at, larger):
    raised = list(p_values)
    raised[at % len(raised)] = max(larger, raised[at % len(raised)])
    assert all(one <= other for one, other in zip(holm(p_values), holm(raised), strict=True))


def test_holm_raises_one_false_alarm_among_many_as_rarely_as_the_level_says():
    rng = np.random.default_rng(0)
    alarms = np.mean([min(holm(family)) < 0.05 for family in rng.random((2000, 10))])
    assert 0.03 < alarms < 0.07


def test_an_undefined_p_value_is_no_part_of_a_family():
    with pytest.raises(ValueError, match="undefined"):
        holm([0.1, math.nan])


def mean_difference(labels, scores):
    return lambda order: float(scores[labels[order] == 1].mean() - scores[labels[order] == 0].mean())


@settings(max_examples=15)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6), st.integers(1, 5))
def test_the_permutation_test_draws_from_all_orders_evenly(scores, ones):
    labels, scores = np.array([1] * ones + [0] * (6 - ones)), np.array(scores)
    statistic = mean_difference(labels, scores)
    value, p = permutation_test(statistic, 6, draws=1500)
    every = [statistic(np.array(order)) for order in permutations(range(6))]
    assert value == every[0]
    exact = np.mean(np.array(every) >= value - 1e-9)
    assert p == pytest.approx(exact, abs=0.05)


def test_the_permutation_test_is_that_of_scipy():
    rng = np.random.default_rng(4)
    one, other = rng.normal(0.7, 1, 8), rng.normal(0, 1, 9)
    labels, scores = np.array([1] * 8 + [0] * 9), np.r_[one, other]
    expected = stats.permutation_test(
        (one, other), lambda a, b, axis: a.mean(axis) - b.mean(axis), n_resamples=np.inf, alternative="greater", vectorized=True
    )
    value, p = permutation_test(mean_difference(labels, scores), 17, draws=4000)
    assert value == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, abs=0.015)


def test_groups_exchange_their_labels_whole_and_with_groups_of_their_size_only():
    groups = list("abacbdde")  # a, b, d have two items, c and e one
    sizes = {name: groups.count(name) for name in groups}
    seen = set()

    def statistic(order):
        assert sorted(order.tolist()) == list(range(8))
        sources = {}
        for name in sizes:
            places = [at for at, group in enumerate(groups) if group == name]
            given_ = [groups[order[at]] for at in places]
            assert len(set(given_)) == 1
            assert sizes[given_[0]] == sizes[name]
            assert [order[at] for at in places] == sorted(order[at] for at in places)
            sources[name] = given_[0]
        seen.add(tuple(sources[name] for name in "abcde"))
        return 0.0

    assert permutation_test(statistic, 8, groups=groups, draws=300) == (0.0, 1.0)
    assert len(seen) == math.factorial(3) * math.factorial(2)


def test_the_grouped_permutation_test_has_the_share_of_all_exchanges_of_groups():
    groups = np.repeat(np.arange(6), 3)
    of_group, noise = np.array([1, 1, 1, 0, 0, 0]), np.random.default_rng(2).normal(size=18)
    scores = np.array([2.0, 0.4, 1.1, 0.3, 0.6, -1])[groups] + 0.2 * noise
    statistic = mean_difference(of_group[groups], scores)
    means = scores.reshape(6, 3).mean(axis=1)
    every = [means[list(chosen)].sum() for chosen in combinations(range(6), 3)]
    exact = np.mean(np.array(every) >= means[:3].sum() - 1e-9)
    _, p = permutation_test(statistic, 18, groups=groups.tolist(), draws=3000)
    assert p == pytest.approx(exact, abs=0.03)


def test_the_first_order_is_that_of_the_data_and_p_is_never_zero():
    orders = []

    def statistic(order):
        orders.append(order.tolist())
        return 1.0 if len(orders) == 1 else 0.0

    assert permutation_test(statistic, 30, draws=9) == (1.0, 0.1)
    assert orders[0] == list(range(30))
    assert len(orders) == 10
    assert permutation_test(lambda order: 5.0, 4, draws=7) == (5.0, 1.0)


def test_where_the_statistic_is_undefined_on_the_data_so_is_p():
    value, p = permutation_test(lambda order: Undefined("one cluster"), 4)
    assert value.reason == "one cluster"
    assert isinstance(p, Undefined)
    value, p = randomization_test(lambda said: Undefined("no label"), np.zeros(2), np.ones(2), "ab")
    assert math.isnan(value)
    assert p.reason == "the score is undefined for one of the two"


def test_the_permutation_test_of_grouped_data_without_an_effect_alarms_as_often_as_the_level_says():
    rng = np.random.default_rng(6)
    groups, p_values = np.repeat(np.arange(12), 4), []
    single = []
    for seed in range(200):
        scores = rng.normal(size=12)[groups] + 0.3 * rng.normal(size=48)
        labels = rng.permutation([0, 1] * 6)[groups]
        statistic = mean_difference(labels, scores)
        p_values.append(permutation_test(statistic, 48, groups=groups.tolist(), draws=99, seed=seed)[1])
        single.append(permutation_test(statistic, 48, draws=99, seed=seed)[1])
    assert 0.05 <= np.mean(np.array(p_values) <= 0.1) <= 0.16
    assert np.mean(np.array(single) <= 0.1) > 0.2  # had the items been exchanged one by one


@settings(max_examples=12)
@given(st.integers(3, 7), st.integers(0, 999))
def test_the_randomization_test_draws_from_all_exchanges_of_groups_evenly(count, seed):
    rng = np.random.default_rng(seed)
    groups = np.r_[np.arange(count), rng.integers(0, count, 10)]
    one, other = rng.integers(0, 4, (2, len(groups)))

    def statistic(said):
        return float(np.median(said) + said.max() / 4)

    difference, p = randomization_test(statistic, one, other, groups.tolist(), draws=1200, seed=seed)
    assert difference == statistic(one) - statistic(other)
    reached = []
    for turned in product([False, True], repeat=count):
        first = np.array([b if turned[g] else a for a, b, g in zip(one, other, groups, strict=True)])
        second = np.array([a if turned[g] else b for a, b, g in zip(one, other, groups, strict=True)])
        reached.append(abs(statistic(first) - statistic(second)) >= abs(difference))
    assert p == pytest.approx(np.mean(reached), abs=0.06)


def test_the_randomization_test_of_a_mean_is_scipys_of_paired_samples():
    rng = np.random.default_rng(8)
    one, other = rng.normal(0.4, 1, 10), rng.normal(0, 1, 10)
    expected = stats.permutation_test(
        (one, other),
        lambda a, b, axis: (a - b).mean(axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    difference, p = randomization_test(lambda said: float(said.mean()), one, other, range(10), draws=4000)
    assert difference == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, abs=0.025)
    turned, same = randomization_test(lambda said: float(said.mean()), other, one, range(10), draws=4000)
    assert (turned, same) == (pytest.approx(-difference), pytest.approx(p))


def test_the_randomization_test_exchanges_whole_rows_of_decisions():
    one, other = np.zeros((6, 3), bool), np.ones((6, 3), bool)
    groups = list("aabbcc")

    def statistic(said):
        assert all(row.all() or not row.any() for row in said)
        assert all((said[at] == said[at + 1]).all() for at in (0, 2, 4))
        return float(said.mean())

    difference, p = randomization_test(statistic, one, other, groups, draws=3000)
    assert difference == -1
    assert p == pytest.approx(2 / 8, abs=0.03)


def test_the_randomization_test_of_grouped_systems_alike_alarms_as_often_as_the_level_says():
    rng = np.random.default_rng(9)
    groups, p_values, single = np.repeat(np.arange(16), 5), [], []
    for seed in range(200):
        truth = rng.random(80) < 0.5
        # Two systems that err as often, each in whole articles.
        one, other = (truth ^ (rng.random(16) < 0.4)[groups] for _ in range(2))

        def accuracy(said, truth=truth):
            return float((said == truth).mean())

        p_values.append(randomization_test(accuracy, one, other, groups.tolist(), draws=99, seed=seed)[1])
        single.append(randomization_test(accuracy, one, other, range(80), draws=99, seed=seed)[1])
    assert 0.03 <= np.mean(np.array(p_values) <= 0.1) <= 0.15
    assert np.mean(np.array(single) <= 0.1) > 0.2  # had the passages been exchanged one by one


def test_every_group_is_exchanged_as_often_as_not():
    exchanged = []

    def statistic(said):
        exchanged.append(said)
        return float(said[0])

    randomization_test(statistic, np.zeros(4), np.ones(4), "abca", draws=3000)
    assert np.mean(exchanged[2::2], axis=0) == pytest.approx([0.5] * 4, abs=0.04)
    assert np.array_equal(np.array(exchanged[2::2]), 1 - np.array(exchanged[3::2]))


def test_two_systems_that_are_the_same_do_not_differ():
    said = np.arange(10.0)
    assert randomization_test(lambda x: float(x.mean()), said, said, range(10), draws=50) == (0.0, 1.0)
    found = compare_paired(said, said, draws=50)
    assert (found.difference, found.low, found.high, found.p, found.effect, found.detectable) == (0, 0, 0, 1, 0, 0)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=7))
def test_p_of_a_few_pairs_is_the_share_of_all_ways_of_turning_signs(pairs):
    differences = [a - b for a, b in pairs]
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=len(pairs))]
    found = compare_paired([a for a, _ in pairs], [b for _, b in pairs], draws=20)
    assert found.p == pytest.approx(np.mean([one >= abs(sum(differences)) for one in sums]))
    assert found.p >= 2 / 2 ** len(pairs)
    assert found.difference == pytest.approx(sum(differences) / len(pairs))
    assert found.n == len(pairs)


@pytest.mark.parametrize(("n", "within"), [(11, 1e-9), (12, 1e-9), (13, 0.015), (16, 0.015)])
def test_p_of_pairs_is_scipys_counted_up_to_twelve_and_drawn_beyond(n, within):
    rng = np.random.default_rng(n)
    one, other = rng.normal(0.4, 1, n), rng.normal(0, 1, n)
    expected = stats.permutation_test(
        (one - other,), lambda d, axis: d.mean(axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    found = compare_paired(one, other)
    assert found.p == pytest.approx(expected.pvalue, abs=within)
    assert found.p == compare_paired(other, one).p


def test_p_of_drawn_signs_counts_the_data_themselves():
    # All of twelve differences point one way: two of 4,096. Of thirteen, no draw of nine is likely to reach them.
    assert compare_paired(np.arange(1.0, 13), np.zeros(12), draws=9).p == 2 / 4096
    assert compare_paired(np.arange(1.0, 14), np.zeros(13), draws=9).p == 1 / 10


def test_the_interval_of_pairs_is_scipys_student_interval():
    rng = np.random.default_rng(3)
    one, other = rng.exponential(1, 40), rng.exponential(0.8, 40)
    for level in (0.8, 0.95):
        found = compare_paired(one, other, level=level)
        expected = stats.ttest_rel(one, other).confidence_interval(level)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert compare_paired(one, other, seed=0) == compare_paired(one, other, seed=0) != compare_paired(one, other, seed=1)


def test_outputs_and_groups_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="they are no pairs"):
        compare_paired([1, 2, 3], [1])
    with pytest.raises(ValueError, match="3 groups for 4 labels"):
        permutation_test(lambda order: 1.0, 4, groups="aab")
    with pytest.raises(ValueError, match="2 groups"):
        randomization_test(np.mean, np.ones(3), np.zeros(3), "ab")


def test_draws_without_a_value_do_not_count():
    found = permutation_test(lambda order: 1.0 if order[0] == 0 else math.nan, 4, draws=200)[1]
    assert "is undefined on" in found.reason
    found = permutation_test(lambda order: math.nan if order[0] == 3 else 1.0, 4, draws=200)
    assert found == (1.0, 1.0)  # every draw that has a value reaches it


def test_a_system_without_a_score_is_compared_as_undefined():
    truth = np.arange(8) % 2
    systems = {"right": truth, "wrong": 1 - truth, "none": np.full(8, np.nan)}

    def score(said, rows):
        return float("nan") if np.isnan(said).any() else float((said == truth[rows]).mean())

    found = {row.other: row for row in compare_systems(score, systems, range(8), draws=200)}
    assert set(found) == {"wrong", "none"}
    assert found["wrong"].p < 0.05
    assert isinstance(found["none"].p, Undefined)


def test_pairs_without_a_difference_alarm_as_often_as_the_level_says_and_the_interval_holds_the_mean():
    rng = np.random.default_rng(5)
    alarms = hits = 0
    for seed in range(300):
        found = compare_paired(rng.normal(size=25), rng.normal(size=25), draws=199, seed=seed)
        alarms += found.p <= 0.1
        hits += found.low <= 0 <= found.high
    assert 15 <= alarms <= 45  # of 300
    assert 265 <= hits <= 295


def test_up_to_twelve_pairs_the_test_is_exact_whatever_the_distribution():
    rng = np.random.default_rng(15)
    alarms = 0
    for _ in range(400):
        alarms += compare_paired(rng.standard_cauchy(8), np.zeros(8), draws=2).p <= 16 / 256
    assert 0.035 <= alarms / 400 <= 0.095


def test_pairs_with_an_undefined_value_are_left_out():
    one, other = [1.0, math.nan, 4.0, 2.0, 7.0, math.inf], [0.0, 1.0, Undefined("no label"), 0.5, 2.0, 3.0]
    assert repr(compare_paired(one, other)) == repr(compare_paired([1.0, 2.0, 7.0], [0.0, 0.5, 2.0]))
    assert cohens_d(one, other) == cohens_d([1.0, 2.0, 7.0], [0.0, 0.5, 2.0])


@pytest.mark.parametrize(("one", "other", "n"), [([], [], 0), ([1.0], [0.5], 1), ([math.nan, 2.0], [1.0, 1.0], 1)])
def test_below_two_pairs_a_comparison_is_undefined_with_a_reason(one, other, n):
    found = compare_paired(one, other)
    assert found.n == n
    for part in (found.low, found.high, found.p, found.effect, found.detectable, cohens_d(one, other)):
        assert isinstance(part, Undefined)
        assert part.reason == f"{n} pairs: two at least are needed"
    assert isinstance(found.difference, Undefined) == (n == 0)


def test_two_pairs_can_be_compared():
    found = compare_paired([1.0, 3.0], [0.0, 0.0])
    assert (found.difference, found.p, found.n) == (2.0, 0.5, 2)


def test_p_does_not_depend_on_the_unit():
    pairs = np.array(
        [2574641.14316813, 1743283.3867028193, 30111.182442342397, 787995.550637323, 713270.0809987874, 3362418.920213741]
    )
    assert compare_paired(pairs, np.zeros(6), draws=9).p == 2 / 64


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=2, max_size=15))
def test_cohens_d_is_the_paired_t_over_the_root_of_the_number(pairs):
    one, other = (np.array(column, float) for column in zip(*pairs, strict=True))
    found = cohens_d(one, other)
    if len(set((one - other).tolist())) == 1:
        assert found == 0 if (one == other).all() else found.reason == "all differences are the same"
        return
    assert found == pytest.approx(stats.ttest_rel(one, other).statistic / math.sqrt(len(pairs)), abs=1e-9)
    assert cohens_d(other, one) == pytest.approx(-found)
    assert cohens_d(3 * one, 3 * other) == pytest.approx(found)


@given(NUMBERS, NUMBERS)
def test_cliffs_delta_is_mann_and_whitneys_statistic_on_another_scale(one, other):
    found = cliffs_delta(one, other)
    wins = sum((a > b) - (a < b) for a in one for b in other)
    assert found == pytest.approx(wins / (len(one) * len(other)))
    if len({*one, *other}) > 1:
        u = stats.mannwhitneyu(one, other, method="asymptotic").statistic
        assert found == pytest.approx(2 * u / (len(one) * len(other)) - 1)
    assert cliffs_delta(other, one) == pytest.approx(-found)
    assert cliffs_delta([3 * a + 1 for a in one], [3 * b + 1 for b in other]) == found


def test_cliffs_delta_of_an_empty_sample_is_undefined():
    for one, other in (([], [1]), ([1], []), ([], [])):
        assert cliffs_delta(one, other).reason == "a sample is empty"


@pytest.mark.parametrize(("effect", "units"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_units_needed_are_those_of_the_power_tables(effect, units):
    # G*Power: paired, two-sided, level 0.05, power 0.8: this many units are enough, one less is not.
    assert minimum_detectable_difference(1.0, units) <= effect < minimum_detectable_difference(1.0, units - 1)


@pytest.mark.parametrize(
    ("n", "power", "level"),
    [
        *[(n, power, level) for n in (3, 5, 12, 60, 500) for power, level in ((0.8, 0.05), (0.5, 0.1), (0.2, 0.1))],
        (2, 0.8, 0.05),
        (12, 0.9, 0.01),
        (500, 0.99, 0.01),
    ],
)
def test_power_at_the_detectable_difference_is_what_was_asked_for(n, power, level):
    shift = minimum_detectable_difference(1.0, n, power=power, level=level) * math.sqrt(n)
    limit = stats.t.ppf(1 - level / 2, n - 1)

    def reached(ratio):  # given the sample's deviation over the true one
        return (stats.norm.sf(limit * ratio - shift) + stats.norm.cdf(-limit * ratio - shift)) * density(ratio)

    density = stats.chi(n - 1, scale=1 / math.sqrt(n - 1)).pdf
    assert integrate.quad(reached, 0, 6, limit=200, points=[0.02, 0.1, 0.5, 1, 1.5])[0] == pytest.approx(power, abs=1e-5)


def test_the_detectable_difference_is_found_in_four_simulations_of_five():
    rng = np.random.default_rng(7)
    differences = rng.normal(minimum_detectable_difference(2.0, 20), 2.0, (20_000, 20))
    assert np.mean(stats.ttest_1samp(differences, 0, axis=1).pvalue < 0.05) == pytest.approx(0.8, abs=0.01)


@given(st.floats(0.1, 50), st.integers(4, 200))
def test_the_detectable_difference_follows_the_unit_and_falls_with_the_units(deviation, n):
    found = minimum_detectable_difference(deviation, n)
    assert found == pytest.approx(deviation * minimum_detectable_difference(1.0, n))
    assert found > minimum_detectable_difference(deviation, n + 1)
    assert found < minimum_detectable_difference(deviation, n, power=0.9)
    assert found > minimum_detectable_difference(deviation, n, level=0.1)


def test_the_detectable_difference_of_too_few_units_is_undefined_and_of_no_deviation_nothing():
    for n in (0, 1):
        assert minimum_detectable_difference(1.0, n).reason == f"{n} units: two at least are needed"
    assert minimum_detectable_difference(0.0, 5) == 0


def test_a_comparison_holds_the_effect_and_what_its_units_would_show():
    rng = np.random.default_rng(16)
    one, other = rng.normal(1, 1, 18), rng.normal(0, 1, 18)
    found = compare_paired(one, other, draws=99)
    assert found.effect == pytest.approx(stats.ttest_rel(one, other).statistic / math.sqrt(18))
    assert found.detectable == pytest.approx(minimum_detectable_difference(np.std(one - other, ddof=1), 18))


def share_right(truth):
    return lambda said, rows: float((said == truth[rows]).mean())


def test_systems_are_compared_with_the_best_one_by_one_and_corrected_together():
    rng = np.random.default_rng(17)
    truth, groups = rng.random(60) < 0.5, np.repeat(np.arange(20), 3).tolist()
    systems = {
        name: truth ^ (rng.random(60) < errs) for name, errs in (("bad", 0.5), ("good", 0.0), ("fair", 0.25), ("near", 0.1))
    }
    found = compare_systems(share_right(truth), systems, groups, draws=300, seed=3)
    assert [(row.best, row.other) for row in found] == [("good", "bad"), ("good", "fair"), ("good", "near")]
    right = {name: (said == truth).astype(float) for name, said in systems.items()}
    single = []
    for row in found:
        gap = right["good"] - right[row.other]
        assert row.difference == pytest.approx(gap.mean())
        interval = bootstrap_by_group(lambda drawn, gap=gap: float(gap[drawn].mean()), groups, draws=300, seed=3)
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
        # Articles are all of one size: turning the sign of their gaps is the same test.
        signs = rng.choice([-1, 1], (4000, 20)) @ gap.reshape(20, 3).mean(axis=1) / 20
        single.append(float(np.mean(np.abs(signs) >= gap.mean() - 1e-9)))
        deviation = (row.high - row.low) / (stats.norm.ppf(0.975) - stats.norm.ppf(0.025))
        assert row.detectable == pytest.approx(deviation * (stats.norm.ppf(1 - 0.05 / 6) + stats.norm.ppf(0.8)))
    assert [row.p for row in found] == pytest.approx(holm(single), abs=0.06)
    alone = [
        compare_systems(share_right(truth), {name: systems[name] for name in ("good", row.other)}, groups, draws=300, seed=3)
        for row in found
    ]
    assert [row.p for row in found] == pytest.approx(holm([row.p for (row,) in alone]))
    assert found[0].p > alone[0][0].p


def test_of_equal_systems_the_first_is_the_best_and_one_alone_has_no_rival():
    truth = np.array([1, 0] * 8)
    (row,) = compare_systems(share_right(truth), {"one": truth, "other": truth.copy()}, range(16), draws=50)
    assert (row.best, row.other, row.difference, row.low, row.high, row.p, row.detectable) == ("one", "other", 0, 0, 0, 1, 0)
    assert compare_systems(share_right(truth), {"one": truth}, range(16), draws=50) == []
