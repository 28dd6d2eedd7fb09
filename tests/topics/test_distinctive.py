"""Log-odds of all topics at once: equal to the formula for one topic, defined where there is something to compare."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from research.errors import ConfigError, DataError
from research.evaluate import log_odds
from research.topics.ctfidf import class_tfidf, count_terms, ranked_terms
from research.topics.distinctive import log_odds_words, mean_rank

texts_and_labels = st.lists(
    st.tuples(st.lists(st.sampled_from("ابجدهوز"), max_size=6), st.integers(0, 2)), min_size=1, max_size=20
)


def two_sides(terms, labels, topic):
    """In how many texts of a topic and of all others each term is."""
    sides = Counter(), Counter()
    for row, label in zip(terms, labels, strict=True):
        sides[int(label != topic)].update(set(row))
    return sides


def by_hand(here, there, term, strength):
    """Equations 15, 20 and 22 for one term, prior in proportion to both sides together."""
    both = here + there
    prior = strength * both[term] / both.total()
    sides = [(side[term] + prior, side.total() - side[term] + strength - prior) for side in (here, there)]
    (one, one_rest), (two, two_rest) = sides
    return (math.log(one / one_rest) - math.log(two / two_rest)) / math.sqrt(1 / one + 1 / two)


@given(texts_and_labels, st.sampled_from([None, 0.5, 40.0]))
def test_every_score_is_the_formula_and_what_is_not_stored_is_below_zero(pairs, strength):
    terms, labels = [row for row, _ in pairs], np.array([label for _, label in pairs])
    counts, vocabulary = count_terms(terms)
    found = log_odds_words(counts, labels, 3, strength=strength)
    for topic in range(3):
        here, there = two_sides(terms, labels, topic)
        part = slice(found.indptr[topic], found.indptr[topic + 1])
        stored = {vocabulary[at]: value for at, value in zip(found.indices[part], found.data[part], strict=True)}
        assert stored.keys() == here.keys()
        weight = strength or (here + there).total()
        for term in vocabulary:
            if not there or len(vocabulary) == 1:
                assert math.isnan(stored.get(term, math.nan))
            elif term in stored:
                assert stored[term] == pytest.approx(by_hand(here, there, term, weight), abs=1e-9)
            elif here:
                assert by_hand(here, there, term, weight) < 0


@given(texts_and_labels)
def test_it_agrees_with_the_function_for_two_groups(pairs):
    terms, labels = [row for row, _ in pairs], np.array([label for _, label in pairs])
    counts, vocabulary = count_terms(terms)
    found = log_odds_words(counts, labels, 3, strength=25.0).toarray()
    for topic in range(3):
        here, there = two_sides(terms, labels, topic)
        expected = log_odds(here, there, strength=25.0)
        for at, term in enumerate(vocabulary):
            if term in here:
                assert found[topic, at] == pytest.approx(expected[term], abs=1e-9, nan_ok=True)


def test_a_text_counts_once_however_often_it_repeats_a_term():
    labels = np.array([0, 0, 1])
    once, _ = count_terms([["قمه", "وفد"], ["وفد"], ["هدف"]])
    often, _ = count_terms([["قمه"] * 9 + ["وفد"], ["وفد"] * 4, ["هدف"]])
    assert np.array_equal(log_odds_words(once, labels, 2).toarray(), log_odds_words(often, labels, 2).toarray())


def test_what_all_topics_use_comes_after_what_one_uses():
    rows = [["خبر", "سفن"]] * 6 + [["خبر", "كاس"]] * 6
    counts, vocabulary = count_terms(rows)
    labels = np.repeat([0, 1], 6)
    assert [[term for term, _ in topic] for topic in ranked_terms(log_odds_words(counts, labels, 2), vocabulary)] == [
        ["سفن"],
        ["كاس"],
    ]


def test_a_strong_prior_draws_scores_to_zero():
    counts, _ = count_terms([["ا", "ب"], ["ا", "ج"], ["ج"], ["ج", "ب"]])
    labels = np.array([0, 0, 1, 1])
    spread = [np.abs(log_odds_words(counts, labels, 2, strength=s).data).max() for s in (1, 100, 1e6)]
    assert spread[0] > spread[1] > spread[2]
    assert spread[2] < 0.01


def test_one_topic_has_nothing_to_be_told_from():
    counts, vocabulary = count_terms([["قمه", "وفد"], ["وفد"]])
    found = log_odds_words(counts, np.array([0, 0]), 1)
    assert np.isnan(found.data).all()
    assert len(found.data) == 2
    assert ranked_terms(found, vocabulary) == ((),)
    # Joined with scores that are defined, those decide.
    joined = mean_rank(class_tfidf(counts, np.array([0, 0]), 1), found)
    assert [term for term, _ in ranked_terms(joined, vocabulary)[0]] == [
        term for term, _ in ranked_terms(class_tfidf(counts, np.array([0, 0]), 1), vocabulary)[0]
    ]


def test_options_and_labels_that_cannot_be():
    counts, _ = count_terms([["قمه"], ["هدف"]])
    for strength in (0, -1, math.nan, math.inf):
        with pytest.raises(ConfigError, match="strength"):
            log_odds_words(counts, np.array([0, 1]), 2, strength=strength)
    with pytest.raises(DataError, match="no topic 3"):
        log_odds_words(counts, np.array([0, 3]), 2)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=9), st.integers(0, 9))
def test_mean_rank_is_one_over_the_mean_of_both_ranks(pairs, seed):
    first, second = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    columns = np.random.default_rng(seed).permutation(9)[: len(pairs)]
    one, other = (sparse.csr_matrix((values, columns, [0, len(pairs)]), shape=(1, 9)) for values in (first, second))
    found = mean_rank(one, other).toarray()[0]
    for at, column in enumerate(columns):
        # A rank is one more than how many are better, and half of those that are equal.
        ranks = [1 + sum(v > values[at] for v in values) + (values.count(values[at]) - 1) / 2 for values in (first, second)]
        assert found[column] == pytest.approx(2 / sum(ranks))


def test_two_ways_must_score_the_same_terms():
    one = sparse.csr_matrix(np.array([[1.0, 2.0, 0.0]]))
    for other in ([[1.0, 0.0, 2.0]], [[1.0, 2.0]]):
        with pytest.raises(DataError, match="same terms"):
            mean_rank(one, sparse.csr_matrix(np.array(other)))
