"""Words of classes: their scores by hand, and no words where there is nothing to tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from research.classifiers.terms import class_terms


def held(*columns):
    return sparse.csr_matrix(np.array(columns, dtype=float).T)


def sure_of(first):
    first = np.asarray(first, dtype=float)
    return np.column_stack([first, 1 - first])


def texts_of(found):
    return [[term.text for term in terms] for terms in found]


def test_a_score_by_hand():
    first = np.array([0.9, 0.8, 0.7, 0.4, 0.3, 0.2, 0.1, 0.2])
    found = class_terms(held([1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 1, 1, 1]), ["عقوبات", "كأس"], sure_of(first))
    n, count = 8, 3
    error = first.std() / np.sqrt(count) * np.sqrt(1 - count / n)  # of a mean of so many, drawn without putting back
    assert texts_of(found) == [["عقوبات"], ["كأس"]]
    assert found[0][0].score == pytest.approx((first[:3].mean() - first.mean()) / error)
    assert found[0][0].texts == 3
    assert found[1][0].texts == 4


def test_how_often_a_term_stands_in_a_text_does_not_count():
    first = [0.9, 0.8, 0.7, 0.1, 0.1, 0.2]
    once, often = held([1, 1, 1, 0, 0, 0]), held([0.2, 7, 0.5, 0, 0, 0])
    assert class_terms(once, ["عقوبات"], sure_of(first)) == class_terms(often, ["عقوبات"], sure_of(first))


def test_rows_without_probabilities_are_left_out():
    first = [0.9, 0.8, 0.7, 0.1, 0.1, 0.2]
    columns = [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]
    plain = class_terms(held(*columns), ["عقوبات", "كأس"], sure_of(first))
    more = [[*column, 1, 1] for column in columns]
    assert class_terms(held(*more), ["عقوبات", "كأس"], sure_of([*first, np.nan, np.nan])) == plain


@pytest.mark.parametrize("n", [0, 1, 5])
def test_nothing_is_told_where_nothing_was_held_out(n):
    assert class_terms(held([1] * n, [0] * n), ["عقوبات", "كأس"], np.full((n, 2), np.nan)) == ((), ())


@pytest.mark.parametrize("value", [0.5, 0.1, 1 / 3, 0.123456])
@pytest.mark.parametrize("n", [7, 10, 59])
def test_answers_that_are_all_the_same_tell_nothing(value, n):
    rows = np.arange(n)
    words = held(rows % 2 > 0, rows % 3 > 0)
    assert class_terms(words, ["عقوبات", "كأس"], np.full((n, 3), value)) == ((), (), ())


def test_a_term_of_every_text_tells_nothing():
    found = class_terms(held([1] * 6, [1, 1, 1, 0, 0, 0]), ["على", "عقوبات"], sure_of([0.9, 0.8, 0.7, 0.1, 0.1, 0.2]))
    assert texts_of(found) == [["عقوبات"], []]


def test_one_class_has_no_terms():
    assert class_terms(held([1, 0, 1]), ["عقوبات"], np.ones((3, 1))) == ((),)


def test_rare_terms_are_left_out_where_there_are_many_texts():
    n = 40
    first = np.r_[np.full(20, 0.9), np.full(20, 0.1)]
    twice, thrice = np.zeros(n), np.zeros(n)
    twice[:2], thrice[5:8] = 1, 1
    assert texts_of(class_terms(held(twice, thrice), ["نادرة", "عقوبات"], sure_of(first))) == [["عقوبات"], []]


def test_a_term_inside_a_stronger_one_or_around_it_is_left_out():
    first = np.r_[np.full(10, 0.9), np.full(10, 0.1)]
    rows = np.arange(20)
    found = class_terms(held(rows < 10, rows < 8, (rows < 6) & True), ["كأس", "كأس العالم", "قمة"], sure_of(first))
    assert texts_of(found)[0] == ["كأس", "قمة"]
    found = class_terms(held(rows < 8, rows < 10), ["كأس", "كأس العالم"], sure_of(first))
    assert texts_of(found)[0] == ["كأس العالم"]


def test_terms_that_only_share_a_word_are_both_kept():
    first = np.r_[np.full(10, 0.9), np.full(10, 0.1)]
    rows = np.arange(20)
    found = class_terms(held(rows < 10, rows < 8), ["رفع العقوبات", "العقوبات الجديدة"], sure_of(first))
    assert texts_of(found)[0] == ["رفع العقوبات", "العقوبات الجديدة"]


def test_the_strongest_come_first_and_not_more_than_asked_for():
    rng = np.random.default_rng(0)
    first = rng.random(100)
    columns = rng.random((30, 100)) < 0.2 + 0.5 * first
    names = [f"كلمة{number}" for number in range(30)]
    found = class_terms(held(*columns), names, sure_of(first), most=4)[0]
    scores = [term.score for term in found]
    assert len(found) == 4
    assert scores == sorted(scores, reverse=True)
    everything = class_terms(held(*columns), names, sure_of(first), most=99)[0]
    assert everything[:4] == found
    assert min(term.score for term in everything) > 1
