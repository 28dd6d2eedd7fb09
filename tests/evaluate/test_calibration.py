"""Calibration and selective risk: against loops in exact fractions, scikit-learn, and averages over every order of a tie."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from research.evaluate import Undefined, brier_score, calibration_error, selective_risk

# 97 is prime: but for 0 and 1, no such share lies between two bins.
FORECASTS = st.lists(st.tuples(st.integers(0, 97), st.booleans()), min_size=1, max_size=40)


def by_fractions(groups) -> float:
    """Expected calibration error of bins that are given as lists of (probability, truth)."""
    n = sum(len(group) for group in groups)
    return float(
        sum((abs(sum(p for p, _ in group) - sum(map(int, (t for _, t in group)))) for group in groups), Fraction()) / n
    )


@given(FORECASTS, st.integers(1, 12))
def test_error_by_width_is_that_of_exact_fractions(forecasts, bins):
    groups: dict[int, list] = {}
    for part, right in forecasts:
        groups.setdefault(min(part * bins // 97, bins - 1), []).append((Fraction(part, 97), right))
    found = calibration_error([part / 97 for part, _ in forecasts], [right for _, right in forecasts], bins=bins)
    assert found == pytest.approx(by_fractions(list(groups.values())), abs=1e-12)


def test_a_probability_between_two_bins_is_in_the_upper_one_and_the_last_bin_holds_one():
    # Eighths are exact: 1/8 is not with 0.1, 1 is with 7/8.
    assert calibration_error([0.1, 0.125], [True, False], bins=8) == pytest.approx((0.9 + 0.125) / 2)
    assert calibration_error([0.1, 0.124], [True, False], bins=8) == pytest.approx((1 - 0.224) / 2)
    assert calibration_error([0.875, 1.0], [False, True], bins=8) == pytest.approx(0.875 / 2)


@given(FORECASTS)
def test_error_by_width_is_that_of_scikit_learns_curve(forecasts):
    given_, right = np.array([0.01 + part / 99 for part, _ in forecasts]), np.array([right for _, right in forecasts])
    frequency, forecast = calibration_curve(right, given_, n_bins=7)
    weights = np.histogram(given_, np.linspace(0, 1, 8))[0]
    expected = np.average(np.abs(frequency - forecast), weights=weights[weights > 0])
    assert calibration_error(given_, right, bins=7) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 999))
def test_error_by_mass_is_that_of_cutting_the_sorted_items(per_bin, bins, seed):
    rng = np.random.default_rng(seed)
    n = per_bin * bins
    parts, right = rng.permutation(1000)[:n], rng.random(n) < 0.5
    ranked = sorted((Fraction(int(part), 1000), bool(truth)) for part, truth in zip(parts, right, strict=True))
    if bins in (1, 2, 4):  # whose shares of the items a float holds exactly
        expected = by_fractions([ranked[at : at + per_bin] for at in range(0, n, per_bin)])
        assert calibration_error(parts / 1000, right, bins=bins, by="mass") == pytest.approx(expected, abs=1e-12)
    finest = calibration_error(parts / 1000, right, bins=1, by="mass")
    assert finest == pytest.approx(by_fractions([ranked]), abs=1e-12)


def test_ten_items_fall_into_ten_bins_of_equal_mass():
    given_ = np.arange(1, 11) / 20
    right = np.arange(10) % 2 == 0
    expected = float(np.mean(np.abs(given_ - right)))
    assert calibration_error(given_, right, bins=10, by="mass") == pytest.approx(expected)


def test_equal_probabilities_share_a_bin_of_equal_mass():
    # Cut after half of the items, 0.3 would be torn apart.
    given_, right = [0.1, 0.3, 0.3, 0.3, 0.3, 0.9], [False, True, False, False, False, True]
    expected = by_fractions(
        [
            [(Fraction(1, 10), False), *[(Fraction(3, 10), at == 0) for at in range(4)]],
            [(Fraction(9, 10), True)],
        ]
    )
    assert calibration_error(given_, right, bins=2, by="mass") == pytest.approx(expected)


@pytest.mark.parametrize("by", ["width", "mass"])
@given(forecasts=FORECASTS, bins=st.integers(1, 12), random=st.randoms(use_true_random=False))
def test_calibration_error_is_bounded_and_free_of_order_and_of_the_name_of_the_label(by, forecasts, bins, random):
    given_, right = np.array([part / 97 for part, _ in forecasts]), np.array([right for _, right in forecasts])
    found = calibration_error(given_, right, bins=bins, by=by)
    # Never below the gap of the means, never above the mean gap of the items.
    assert abs(given_.mean() - right.mean()) - 1e-12 <= found <= np.abs(given_ - right).mean() + 1e-12
    order = list(range(len(given_)))
    random.shuffle(order)
    assert calibration_error(given_[order], right[order], bins=bins, by=by) == pytest.approx(found, abs=1e-12)
    if by == "width" and not np.isin(given_, [0, 1]).any():
        assert calibration_error(1 - given_, ~right, bins=bins) == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize("by", ["width", "mass"])
def test_a_forecaster_that_means_what_it_says_errs_little_and_one_that_is_off_by_a_fifth_errs_by_that(by):
    rng = np.random.default_rng(1)
    truly = rng.uniform(0.25, 0.75, 40_000)
    right = rng.random(40_000) < truly
    assert calibration_error(truly, right, by=by) < 0.015
    assert calibration_error(truly + 0.2, right, by=by) == pytest.approx(0.2, abs=0.01)
    few = [calibration_error(truly[at : at + 20], right[at : at + 20], by=by) for at in range(0, 2000, 20)]
    assert np.mean(few) > 0.1  # few items a bin: far from 0 for a perfect forecaster


@given(FORECASTS)
def test_brier_score_is_that_of_scikit_learn(forecasts):
    given_, right = [part / 97 for part, _ in forecasts], [right for _, right in forecasts]
    assert brier_score(given_, right) == pytest.approx(brier_score_loss(right, given_, labels=[False, True]), abs=1e-12)


@pytest.mark.parametrize(("said", "score"), [(0.0, 0.25), (0.5, 0.25), (1.0, 0.75), (0.25, 0.1875)])
def test_brier_score_of_one_forecast_for_all_is_least_at_the_frequency(said, score):
    assert brier_score([said] * 4, [True, False, False, False]) == pytest.approx(score)


@pytest.mark.parametrize("measure", [calibration_error, brier_score])
def test_calibration_of_nothing_is_undefined(measure):
    found = measure([], [])
    assert isinstance(found, Undefined)
    assert found.reason == "there is no item"


def test_a_confident_forecaster_that_is_always_right_errs_by_nothing_and_one_that_never_is_by_one():
    truth = np.array([True, False, True])
    for measure in (calibration_error, brier_score):
        assert measure(truth, truth) == 0
        assert measure(~truth, truth) == 1


@pytest.mark.parametrize("wrong", [-0.01, 1.01, math.nan])
@pytest.mark.parametrize("by", ["width", "mass"])
def test_what_is_no_probability_is_refused(wrong, by):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        calibration_error([0.5, wrong], [True, False], by=by)


@pytest.mark.parametrize("measure", [calibration_error, brier_score, selective_risk])
def test_one_probability_an_item_is_needed(measure):
    with pytest.raises(ValueError, match="one probability an item"):
        measure([0.5, 0.5], [True])
    with pytest.raises(ValueError, match="one probability an item"):
        measure([[0.5, 0.5]], [[True, False]])


def areas(sure, right) -> list[float]:
    """Area under the risk for every order in which the items can be answered, the surest first."""
    found = []
    for order in permutations(range(len(sure))):
        if all(sure[one] >= sure[other] for one, other in pairwise(order)):
            wrong = [1 - right[at] for at in order]
            found.append(sum(sum(wrong[:k]) / k for k in range(1, len(order) + 1)) / len(order))
    return found


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6))
def test_area_is_the_mean_over_every_order_of_ties_and_excess_is_over_the_best_order_of_all(items):
    sure, right = [s for s, _ in items], [int(r) for _, r in items]
    found = selective_risk(sure, right)
    orders = areas(sure, right)
    assert found.area == pytest.approx(sum(orders) / len(orders), abs=1e-12)
    assert found.excess == pytest.approx(found.area - min(areas([0] * len(sure), right)), abs=1e-12)


@given(st.lists(st.tuples(st.integers(-3, 6), st.booleans()), min_size=1, max_size=40))
def test_every_point_is_the_risk_of_answering_from_its_threshold_on(items):
    sure, right = np.array([s for s, _ in items]), np.array([r for _, r in items])
    found = selective_risk(sure, right)
    assert found.threshold.tolist() == sorted(set(sure.tolist()), reverse=True)
    for coverage, risk, threshold in zip(found.coverage, found.risk, found.threshold, strict=True):
        answered = right[sure >= threshold]
        assert coverage == pytest.approx(len(answered) / len(right))
        assert risk == pytest.approx(1 - answered.mean())
    assert found.coverage[-1] == 1
    assert found.excess + 1e-12 >= 0
    assert 0 <= found.area <= 1


@given(st.lists(st.tuples(st.integers(-3, 6), st.booleans()), min_size=1, max_size=30), st.floats(0, 1))
def test_coverage_at_a_risk_is_the_most_that_can_be_answered(items, risk):
    sure, right = np.array([s for s, _ in items]), np.array([r for _, r in items])
    possible = [float((sure >= cut).mean()) for cut in set(sure.tolist()) if (~right[sure >= cut]).mean() <= risk + 1e-12]
    assert selective_risk(sure, right).coverage_at(risk) == pytest.approx(max(possible, default=0))


def test_coverage_at_looks_past_a_stretch_that_errs_more():
    found = selective_risk([5, 4, 3, 2, 1], [False, True, True, True, True])
    assert found.coverage_at(0.2) == 1
    assert found.coverage_at(0.1) == 0


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=30))
def test_only_the_order_of_confidences_matters(items):
    sure, right = np.array([s for s, _ in items], float), [r for _, r in items]
    one, other = selective_risk(sure, right), selective_risk(np.exp(sure) * 7 - 3, right)
    assert one.risk.tolist() == other.risk.tolist()
    assert one.coverage.tolist() == other.coverage.tolist()
    assert (one.area, one.excess) == (other.area, other.excess)


def test_confidence_that_ranks_errors_last_has_no_excess_and_one_that_knows_nothing_has_the_error_rate():
    right = np.arange(20) < 15
    assert selective_risk(-np.arange(20), right).excess == pytest.approx(0)
    assert selective_risk(np.zeros(20), right).area == pytest.approx(0.25)
    assert selective_risk(np.arange(20), right).area > 0.25
    rng = np.random.default_rng(2)
    areas_ = [selective_risk(rng.random(200), rng.random(200) < 0.75).area for _ in range(60)]
    assert np.mean(areas_) == pytest.approx(0.25, abs=0.02)


def test_selective_risk_of_nothing_is_undefined_and_answers_nothing():
    found = selective_risk([], [])
    assert found.area.reason == found.excess.reason == "there is no item"
    assert [len(part) for part in (found.coverage, found.risk, found.threshold)] == [0, 0, 0]
    assert found.coverage_at(1.0) == 0


def test_a_confidence_must_be_a_number():
    with pytest.raises(ValueError, match="confidence is not a number"):
        selective_risk([0.1, math.nan], [True, True])
