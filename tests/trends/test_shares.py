"""Intervals and tests of shares, each derived anew in another way."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import fisher_exact, norm, t

from research.evaluate import bootstrap_by_group, holm, log_odds, reason
from research.trends.shares import excess_p_values, share_intervals
from research.trends.words import compare_words

GROUP = st.integers(0, 9).flatmap(lambda size: st.tuples(st.just(size), st.lists(st.integers(0, size), min_size=2, max_size=2)))
EXCESS = st.lists(GROUP, min_size=2, max_size=5)


def one_column(values) -> sparse.csr_array:
    return sparse.csr_array(np.array(values, dtype=float)[:, None])


def wider(n: int) -> float:
    return float(norm.cdf(-math.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1)))


def test_the_interval_is_that_of_all_samples():
    part, totals = np.array([30, 0, 0, 12, 5, 0.0]), np.array([30, 40, 20, 24, 50, 10.0])
    draws = np.array(list(product(range(6), repeat=6)))
    every = part[draws].sum(axis=1) / totals[draws].sum(axis=1)
    low, high = share_intervals(one_column(part), totals, draws=20_000)
    assert low[0] == pytest.approx(np.quantile(every, wider(6)), abs=0.02)
    assert high[0] == pytest.approx(np.quantile(every, 1 - wider(6)), abs=0.03)


def test_the_interval_is_that_of_the_bootstrap_by_group():
    rng = np.random.default_rng(5)
    totals = rng.integers(50, 400, 60).astype(float)
    part = np.where(rng.random(60) < 0.4, totals * rng.random(60), 0)
    expected = bootstrap_by_group(
        lambda drawn: float(part[drawn].sum() / totals[drawn].sum()), range(60), draws=4000, level=1 - 2 * wider(60), seed=1
    )
    low, high = share_intervals(one_column(part), totals, draws=4000, seed=2)
    assert low[0] == pytest.approx(expected.low, abs=0.01)
    assert high[0] == pytest.approx(expected.high, abs=0.01)


def test_two_articles_give_the_range_and_one_gives_nothing():
    low, high = share_intervals(one_column([10, 0]), np.array([10, 30.0]))
    assert (low[0], high[0]) == (0, 1)
    assert np.isnan(share_intervals(one_column([10]), np.array([10.0]))).all()


def test_blocks_do_not_change_the_draws(monkeypatch):
    part, totals = one_column([3, 0, 5, 2]), np.array([10, 8, 5, 9.0])
    whole = share_intervals(part, totals, draws=50)
    monkeypatch.setattr("research.trends.shares._CELLS", 28)
    assert np.array_equal(whole, share_intervals(part, totals, draws=50))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    population = np.where(rng.random(20_000) < 0.4, rng.random(20_000), 0)
    hits = 0
    for seed in range(200):
        low, high = share_intervals(one_column(rng.choice(population, 40)), np.ones(40), draws=300, seed=seed)
        hits += low[0] <= population.mean() <= high[0]
    assert 0.88 <= hits / 200 <= 0.99


@given(EXCESS)
def test_p_values_are_fishers_with_holms_adjustment(groups):
    sizes, counts = np.array([size for size, _ in groups]), np.array([held for _, held in groups])
    found, expected = excess_p_values(counts, sizes)
    cells, raw = [], []
    for group, name in product(range(len(sizes)), range(2)):
        if not counts[:, name].sum():
            assert reason(found[group][name]) == "no article that has a group states it"
            continue
        k, n, K, N = counts[group, name], sizes[group], counts[:, name].sum(), sizes.sum()
        table = [[k, n - k], [K - k, N - n - K + k]]
        raw.append(fisher_exact(table, alternative="greater").pvalue)
        cells.append(found[group][name])
        if n < N:
            assert expected[group, name] == pytest.approx(n * (K - k) / (N - n))
    assert cells == pytest.approx(holm(raw))


def test_with_one_group_there_is_nothing_to_compare():
    found, expected = excess_p_values(np.array([[3, 0]]), np.array([5]))
    assert {reason(p) for p in found[0]} == {"there is no other group"}
    assert np.isnan(expected).all()


def test_a_planted_burst_is_found_and_chance_is_not():
    sizes = np.full(24, 20)
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        counts = rng.binomial(20, 0.15, (24, 8))
        found, _ = excess_p_values(counts, sizes)
        alarms += min(map(min, found)) <= 0.05
        counts[7, 3] = 16
        planted, _ = excess_p_values(counts, sizes)
        assert planted[7][3] < 0.001
    assert alarms <= 10


# -- words ------------------------------------------------------------------------------------------------------------

ARTICLES = st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=1), min_size=10, max_size=24)


@settings(max_examples=25)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_scores_of_words_are_log_odds_of_their_articles(terms, random):
    chosen = [True] * 5 + [False] * 5 + [random.random() < 0.5 for _ in terms[10:]]
    tested, words, why = compare_words(terms, chosen, most=20, draws=20)
    sides = [[held for held, side in zip(terms, chosen, strict=True) if side is wanted] for wanted in (True, False)]
    known = {term for term in set().union(*terms) if sum(term in held for held in terms) >= 3}
    counts = [{term: sum(term in held for held in side) for term in known} for side in sides]
    if why:
        assert (tested, words) == (0, ())
        assert len(known) < 2
        return
    scores = log_odds(*counts)
    assert tested == len(known)
    assert {one.word for one in words} == {term for term, score in scores.items() if score}
    for one in words:
        assert one.z == pytest.approx(scores[one.word])
        assert (one.articles, one.other_articles) == (counts[0][one.word], counts[1][one.word])


def test_chance_makes_no_word_sure():
    rng = np.random.default_rng(3)
    vocabulary = [f"w{n}" for n in range(200)]
    alarms = 0
    for seed in range(100):
        terms = [frozenset(rng.choice(vocabulary, 30, replace=False).tolist()) for _ in range(20)]
        _, words, _ = compare_words(terms, [True] * 10 + [False] * 10, draws=99, seed=seed)
        alarms += min(one.p for one in words) <= 0.05
    assert alarms <= 12


def test_words_do_not_depend_on_which_side_is_named_first():
    terms = [frozenset("ab")] * 6 + [frozenset("bc")] * 7
    one, other = (compare_words(terms, chosen, draws=50)[1] for chosen in ([True] * 6 + [False] * 7, [False] * 6 + [True] * 7))
    assert {(w.word, round(w.z, 9)) for w in one} == {(w.word, round(-w.z, 9)) for w in other}


def test_why_words_are_not_compared():
    assert compare_words([frozenset("ab")] * 9, [True] * 4 + [False] * 5)[2] == "4 and 5 articles: each side needs 5"
    assert compare_words([frozenset("a")] * 12, [True] * 6 + [False] * 6)[2] == "not two words are in 3 articles"
