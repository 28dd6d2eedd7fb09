"""An estimate of answers: every number derived again with scikit-learn, or by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from research.classification.estimate import estimate
from research.classification.result import _plain

CLASSES = ["a", "b", "c"]
FEW = 40  # bootstrap samples, where intervals are not what is looked at


def case(n=60, seed=0, names=CLASSES):
    rng = np.random.default_rng(seed)
    truth = rng.choice(names, n).tolist()
    sure = rng.dirichlet([1, 1, 1], n)
    for row, name in enumerate(truth):
        if name in CLASSES:
            sure[row, CLASSES.index(name)] += 0.5
    return truth, sure / sure.sum(axis=1, keepdims=True), [row // 2 for row in range(n)]


def answers_of(sure):
    return [CLASSES[at] for at in sure.argmax(axis=1)]


truths = st.lists(st.sampled_from(["a", "b", "c", "unknown", "ب"]), min_size=1, max_size=25)


@settings(max_examples=60)
@given(truths, st.integers(0, 999))
def test_scores_equal_those_of_scikit_learn(truth, seed):
    sure = np.random.default_rng(seed).dirichlet([1, 1, 1], len(truth))
    found = estimate("texts", truth, sure, CLASSES, range(len(truth)), majority="a", draws=FEW)
    answers = answers_of(sure)
    assert found.texts == len(truth)
    assert found.accuracy.value == pytest.approx(accuracy_score(truth, answers))
    assert found.macro_f1.value == pytest.approx(f1_score(truth, answers, average="macro", zero_division=0))
    precision, recall, f1, _ = precision_recall_fscore_support(truth, answers, labels=CLASSES, zero_division=np.nan)
    np.testing.assert_allclose(found.precision, precision)
    np.testing.assert_allclose(found.recall, recall)
    occurs = [name in truth or name in answers for name in CLASSES]
    np.testing.assert_allclose(found.f1[occurs], f1[occurs])
    assert np.isnan(found.f1[~np.array(occurs)]).all()
    known = [at for at, name in enumerate(truth) if name in CLASSES]
    expected = np.zeros((3, 3), int)
    if known:
        expected = confusion_matrix([truth[at] for at in known], [answers[at] for at in known], labels=CLASSES)
    assert found.confusion.tolist() == expected.tolist()
    assert found.unknown == len(truth) - len(known)
    assert found.majority_accuracy == pytest.approx(truth.count("a") / len(truth))


def test_texts_of_unknown_classes_count_as_wrong():
    sure = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    found = estimate("texts", ["a", "x", "b", "y"], sure, CLASSES, range(4), majority="x", draws=FEW)
    assert found.accuracy.value == 0.5
    assert found.precision[:2].tolist() == [0.5, 0.5]
    assert found.recall[:2].tolist() == [1, 1]
    assert np.isnan(found.recall[2])
    assert found.macro_f1.value == pytest.approx((2 / 3 + 2 / 3 + 0 + 0) / 4)
    assert found.majority_accuracy == 0.25
    assert found.unknown == 2
    assert found.confusion.sum() == 2


def test_intervals_draw_whole_articles():
    truth, sure, groups = case()
    found = estimate("texts", truth, sure, CLASSES, groups, majority="a", draws=500, seed=3)
    answers = np.array(answers_of(sure))
    right = answers == truth
    rng = np.random.default_rng(99)
    drawn, scores = [], []
    for _ in range(400):
        rows = np.concatenate([np.flatnonzero(np.array(groups) == at) for at in rng.integers(0, 30, 30)])
        drawn.append(right[rows].mean())
        scores.append(f1_score(np.array(truth)[rows], answers[rows], average="macro", zero_division=0))
    assert [found.accuracy.low, found.accuracy.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.05)
    assert [found.macro_f1.low, found.macro_f1.high] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.05)
    assert found.detectable == pytest.approx(2.8 * (found.accuracy.high - found.accuracy.low) / 3.92)


def test_texts_of_one_article_make_the_interval_wider():
    rng = np.random.default_rng(1)
    truth = np.repeat(rng.choice(CLASSES, 20), 5).tolist()
    sure = np.repeat(rng.dirichlet([1, 1, 1], 20), 5, axis=0)
    apart = estimate("texts", truth, sure, CLASSES, range(100), majority="a")
    together = estimate("texts", truth, sure, CLASSES, np.repeat(range(20), 5).tolist(), majority="a")
    assert together.accuracy.high - together.accuracy.low > 1.5 * (apart.accuracy.high - apart.accuracy.low)


def test_one_article_has_no_interval():
    truth, sure, _ = case(10)
    found = estimate("texts", truth, sure, CLASSES, ["same"] * 10, majority="a", draws=FEW)
    assert np.isnan([found.accuracy.low, found.accuracy.high, found.detectable]).all()
    assert np.isfinite(found.accuracy.value)
    assert json.loads(json.dumps(_plain(found, tuple(CLASSES)), allow_nan=False))["accuracy"]["low"] is None


def test_chance_is_what_dealt_labels_reach():
    """The mean over many deals is known: the sum of the products of the shares of truth and answers."""
    truth, sure, _ = case(300)
    answers = answers_of(sure)
    found = [
        estimate("texts", truth, sure, CLASSES, range(300), majority="a", draws=1, seed=seed).chance_accuracy
        for seed in range(20)
    ]
    expected = sum(truth.count(name) * answers.count(name) for name in CLASSES) / 300**2
    assert np.mean(found) == pytest.approx(expected, abs=0.03)
    assert len(set(found)) > 1


def test_chance_macro_f1_belongs_to_the_same_deal():
    truth, sure, groups = case(80)
    found = estimate("texts", truth, sure, CLASSES, groups, majority="a", draws=FEW, seed=2)
    order = sorted(range(80), key=lambda at: (str(groups[at]), truth[at], tuple(sure[at])))  # not that in which they came
    own = [truth[at] for at in order]
    dealt = [own[at] for at in np.random.default_rng(2).permutation(80)]
    answers = answers_of(sure[order])
    assert found.chance_accuracy == pytest.approx(accuracy_score(dealt, answers))
    assert found.chance_macro_f1 == pytest.approx(f1_score(dealt, answers, average="macro", zero_division=0))


def test_calibration_and_bins_by_hand():
    truth, sure, groups = case(90)
    found = estimate("texts", truth, sure, CLASSES, groups, majority="a", draws=FEW)
    top, right = sure.max(axis=1), np.array(answers_of(sure)) == truth
    expected, bins = 0.0, []
    for low in range(10):
        rows = (top >= low / 10) & (top < (low + 1) / 10) if low < 9 else top >= 0.9
        if rows.any():
            expected += rows.mean() * abs(top[rows].mean() - right[rows].mean())
            bins.append((top[rows].mean(), right[rows].mean(), rows.sum()))
    assert found.calibration_error == pytest.approx(expected)
    np.testing.assert_allclose(found.bins, bins)
    assert sum(size for _, _, size in found.bins) == 90


def test_certain_answers_have_a_bin():
    found = estimate("texts", ["a", "b"], np.array([[1.0, 0, 0], [1.0, 0, 0]]), CLASSES, [0, 1], majority="a", draws=FEW)
    assert found.bins == ((1.0, 0.5, 2),)
    assert found.calibration_error == 0.5


def test_the_risk_curve_by_hand():
    truth, sure, groups = case(50)
    found = estimate("texts", truth, sure, CLASSES, groups, majority="a", draws=FEW)
    top, right = sure.max(axis=1), np.array(answers_of(sure)) == truth
    for coverage, risk, threshold in zip(found.risk.coverage, found.risk.risk, found.risk.threshold, strict=True):
        answered = top >= threshold
        assert coverage == pytest.approx(answered.mean())
        assert risk == pytest.approx(1 - right[answered].mean())


@settings(max_examples=20)
@given(st.permutations(range(30)))
def test_the_order_of_texts_changes_no_score(order):
    truth, sure, groups = case(30)
    one = estimate("texts", truth, sure, CLASSES, groups, majority="a", draws=FEW)
    turned = [truth[at] for at in order], sure[order], CLASSES, [groups[at] for at in order]
    other = estimate("texts", *turned, majority="a", draws=FEW)
    assert (one.confusion == other.confusion).all()
    np.testing.assert_allclose(one.f1, other.f1)
    for name in ("accuracy", "macro_f1"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))
    assert one.calibration_error == pytest.approx(other.calibration_error)


def test_plain_data_can_be_written_as_json():
    sure = np.array([[1.0, 0, 0]])
    plain = _plain(estimate("one text", ["ب"], sure, CLASSES, ["x"], majority="a", draws=FEW), tuple(CLASSES))
    again = json.loads(json.dumps(plain, allow_nan=False))
    assert again == plain
    assert again["unknown_classes"] == 1
    assert again["classes"]["b"] == {"precision": None, "recall": None, "f1": None, "texts": 0}
    assert again["accuracy"] == {"value": 0.0, "low": None, "high": None}
