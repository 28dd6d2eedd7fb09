"""Words that tell two groups apart: an independent derivation, and what must hold whatever is counted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.evaluate import log_odds, reason

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60), max_size=8)


def by_hand(counts, others, prior, strength):
    """Write out the paper's equations for one term after another."""
    total, scores = sum(prior.values()), {}
    first, second = sum(counts.values()), sum(others.values())
    for term in {*counts, *others}:
        a = strength * prior[term] / total
        one, two = counts.get(term, 0) + a, others.get(term, 0) + a
        delta = math.log(one / (first + strength - one)) - math.log(two / (second + strength - two))
        scores[term] = delta / math.sqrt(1 / one + 1 / two)
    return scores


@pytest.mark.parametrize("strength", [0.5, 10, 500])
def test_the_scores_are_those_of_the_paper(strength):
    counts, others = {"ship": 12, "oil": 3, "said": 50}, {"ship": 2, "grain": 7, "said": 90}
    prior = {"ship": 40, "oil": 25, "grain": 30, "said": 900, "unused": 5}
    expected = by_hand(counts, others, prior, strength)
    assert log_odds(counts, others, prior=prior, strength=strength) == pytest.approx(expected)
    together = {term: counts.get(term, 0) + others.get(term, 0) for term in expected}
    assert log_odds(counts, others, strength=strength) == pytest.approx(by_hand(counts, others, together, strength))


@given(COUNTS, COUNTS)
def test_swapping_the_groups_turns_the_signs(counts, others):
    there, back = log_odds(counts, others), log_odds(others, counts)
    assert there.keys() == back.keys() == {t for given in (counts, others) for t, n in given.items() if n}
    for term, score in there.items():
        assert score == pytest.approx(-back[term], nan_ok=True)
        assert reason(score) == reason(back[term])


@given(COUNTS, COUNTS)
def test_the_order_is_by_score_then_by_name_whatever_the_order_of_the_counts(counts, others):
    found = log_odds(counts, others)
    turned = log_odds(dict(reversed(counts.items())), dict(reversed(others.items())))
    assert list(found) == list(turned)
    ranks = [(math.isnan(score), 0.0 if math.isnan(score) else -score, term) for term, score in found.items()]
    assert ranks == sorted(ranks)


def test_equal_shares_of_terms_score_nothing():
    scores = log_odds({"a": 10, "b": 30}, {"a": 20, "b": 60})
    assert all(abs(score) < 0.2 for score in scores.values())
    same = log_odds({"a": 10, "b": 30}, {"a": 10, "b": 30})
    assert same == {"a": 0.0, "b": 0.0}


def test_of_two_terms_with_one_ratio_the_frequent_one_is_surer():
    scores = log_odds({"rare": 2, "often": 60, "said": 400}, {"rare": 1, "often": 30, "said": 470})
    assert list(scores) == ["often", "rare", "said"]
    assert scores["often"] > 2 * scores["rare"] > 0


def test_an_overwhelming_prior_leaves_no_difference():
    scores = log_odds({"a": 30, "b": 5}, {"a": 5, "b": 30}, strength=1e9)
    assert scores["a"] > 0 > scores["b"]
    assert max(map(abs, scores.values())) < 0.01


def test_what_is_undefined_says_why():
    assert {t: reason(s) for t, s in log_odds({"a": 1}, {}).items()} == {"a": "a group has no terms"}
    assert {t: reason(s) for t, s in log_odds({"a": 1}, {"a": 2}).items()} == {"a": "there is no other term"}
    found = log_odds({"a": 1, "new": 2}, {"a": 2, "b": 3}, prior={"a": 5, "b": 5})
    assert {t: reason(s) for t, s in found.items()} == {"a": "", "b": "", "new": "the prior does not know it"}
    assert list(found)[-1] == "new"
    assert log_odds({}, {}) == {}
    assert {reason(s) for s in log_odds({"a": 1, "b": 1}, {"a": 2}, prior={}).values()} == {"the prior does not know it"}


@pytest.mark.parametrize("strength", [0, -1, math.nan, math.inf])
def test_a_prior_must_count_for_something(strength):
    with pytest.raises(ValueError, match="strength"):
        log_odds({"a": 1}, {"b": 1}, strength=strength)


def test_counts_are_not_negative():
    with pytest.raises(ValueError, match="negative"):
        log_odds({"a": -1}, {"b": 1})
