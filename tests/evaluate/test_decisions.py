"""Scores of decisions, against scikit-learn and counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.preprocessing import label_binarize

from research.evaluate import Undefined, as_decisions, f1_by_label, macro_f1, precision_by_label, recall_by_label

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))


def drawn(size):
    n, labels, seed = size
    rng = np.random.default_rng(seed)
    return rng.random((n, labels)) < 0.4, rng.random((n, labels)) < 0.4


@pytest.mark.parametrize(
    ("by_label", "library"), [(f1_by_label, f1_score), (precision_by_label, precision_score), (recall_by_label, recall_score)]
)
@given(size=SIZES)
def test_scores_by_label_are_those_of_scikit_learn(by_label, library, size):
    truth, decided = drawn(size)
    expected = [library(truth[:, at], decided[:, at], zero_division=np.nan) for at in range(truth.shape[1])]
    assert by_label(truth, decided) == pytest.approx(np.array(expected), nan_ok=True)


@given(SIZES)
def test_macro_f1_is_the_mean_over_labels_that_occur_or_were_given(size):
    truth, decided = drawn(size)
    there = [at for at in range(truth.shape[1]) if truth[:, at].any() or decided[:, at].any()]
    if there:
        expected = f1_score(truth[:, there], decided[:, there], average="macro", zero_division=0)
        expected = expected if len(there) > 1 else f1_score(truth[:, there[0]], decided[:, there[0]])
        assert macro_f1(truth, decided) == pytest.approx(expected)
    else:
        assert isinstance(macro_f1(truth, decided), Undefined)


@given(SIZES)
def test_f1_is_the_harmonic_mean_where_precision_and_recall_are_both_defined(size):
    truth, decided = drawn(size)
    precision, recall = precision_by_label(truth, decided), recall_by_label(truth, decided)
    for p, r, f in zip(precision, recall, f1_by_label(truth, decided), strict=True):
        if p > 0 and r > 0:
            assert f == pytest.approx(2 / (1 / p + 1 / r))
        elif math.isnan(p) and math.isnan(r):
            assert math.isnan(f)
        else:
            assert f == 0


@given(SIZES)
def test_exchanging_truth_and_decisions_exchanges_precision_and_recall(size):
    truth, decided = drawn(size)
    assert precision_by_label(truth, decided) == pytest.approx(recall_by_label(decided, truth), nan_ok=True)
    assert f1_by_label(truth, decided) == pytest.approx(f1_by_label(decided, truth), nan_ok=True)


@given(SIZES, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_items_and_follow_the_order_of_labels(size, random):
    truth, decided = drawn(size)
    rows, columns = list(range(truth.shape[0])), list(range(truth.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = f1_by_label(truth[rows][:, columns], decided[rows][:, columns])
    assert mixed == pytest.approx(f1_by_label(truth, decided)[columns], nan_ok=True)
    assert macro_f1(truth[rows][:, columns], decided[rows][:, columns]) == pytest.approx(macro_f1(truth, decided), nan_ok=True)


def test_a_label_that_was_never_given_has_no_precision_and_one_that_never_occurs_no_recall():
    truth = np.array([[1, 0, 0], [1, 0, 0]])
    decided = np.array([[0, 1, 0], [0, 0, 0]])
    assert precision_by_label(truth, decided).tolist() == pytest.approx([math.nan, 0, math.nan], nan_ok=True)
    assert recall_by_label(truth, decided).tolist() == pytest.approx([0, math.nan, math.nan], nan_ok=True)
    assert f1_by_label(truth, decided).tolist() == pytest.approx([0, 0, math.nan], nan_ok=True)
    assert macro_f1(truth, decided) == 0


@pytest.mark.parametrize("shape", [(0, 3), (4, 3), (4, 0), (0, 0)])
def test_where_no_label_occurs_macro_f1_is_undefined(shape):
    nothing = np.zeros(shape, bool)
    found = macro_f1(nothing, nothing)
    assert isinstance(found, Undefined)
    assert found.reason == "no label occurs or was given"
    assert np.isnan(f1_by_label(nothing, nothing)).all()
    assert f1_by_label(nothing, nothing).shape == (shape[1],)


def test_the_right_decisions_score_one_and_their_opposite_nothing():
    truth = np.array([[True, False], [False, True], [True, True]])
    assert f1_by_label(truth, truth).tolist() == [1, 1]
    assert macro_f1(truth, truth) == 1
    assert macro_f1(truth, ~truth) == 0


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=20))
def test_labels_become_the_decisions_of_scikit_learns_binarizer(labels):
    classes = ["c", "a", "b"]
    # With a fourth class the binarizer writes a column each even of few; the last is dropped.
    expected = label_binarize(labels, classes=[*classes, "d"])[:, :3].astype(bool)
    found = as_decisions(labels, classes)
    assert found.dtype == bool
    assert found.tolist() == expected.tolist()


def test_what_is_no_class_decides_for_none():
    assert as_decisions([None, "x", ("a", 1)], ["a", ("a", 1)]).tolist() == [[False, False], [False, False], [False, True]]
    assert as_decisions([], ["a", "b"]).shape == (0, 2)
    assert as_decisions(["a"], []).shape == (1, 0)


@given(st.lists(st.sampled_from("abx"), min_size=1, max_size=15), st.integers(0, 99))
def test_an_abstention_costs_recall_and_not_precision(labels, seed):
    kept = np.random.default_rng(seed).random(len(labels)) < 0.6
    truth = as_decisions(labels, "ab")
    decided = as_decisions([label if keep else None for label, keep in zip(labels, kept, strict=True)], "ab")
    for column, name in enumerate("ab"):
        there = [keep for label, keep in zip(labels, kept, strict=True) if label == name]
        assert precision_by_label(truth, decided)[column] == pytest.approx(1 if any(there) else math.nan, nan_ok=True)
        expected = sum(there) / len(there) if there else math.nan
        assert recall_by_label(truth, decided)[column] == pytest.approx(expected, nan_ok=True)
