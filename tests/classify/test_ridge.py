"""Ridge regression in the sum of kernels: every number derived again with a plain solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.classifiers.ridge import Candidate, Kernels, Mix, balance_weights, fit_ridge, solve
from research.features.views import Views, learn_views

NAMES = ["عقوبات", "سفن", "مصرف", "كأس", "فريق", "هدف", "مطر", "ريح", "ships", "cup", "rain", "على", "في"]
WORDS, LEXICAL, MEANING = Mix(words=1.0), Mix(words=0.3, characters=0.7), Mix(meaning=1.0)
ALL = Mix(words=0.25, characters=0.25, meaning=0.5)
MIXES = [WORDS, LEXICAL, MEANING, ALL]


def sample(n=40, k=3, d=8, seed=0):
    """Texts with classes that some of their words tell, one of them blank."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, k, n)
    codes[:k] = range(k)
    texts = [" ".join([NAMES[3 * code + rng.integers(3)], *rng.choice(NAMES, 4)]) for code in codes]
    texts[-1] = ""
    rows = (rng.normal(size=(n, d)) + 2 * np.eye(d)[codes]).astype(np.float32)
    rows[-1] = np.nan
    space, seen = learn_views(texts, rows)
    return texts, space, seen, np.eye(k)[codes], codes


def kernel_by_hand(one, other, mix):
    found = mix.words * (one.words @ other.words.T).toarray().astype(np.float64)
    found = found + mix.characters * (one.characters @ other.characters.T).toarray()
    if mix.meaning:
        closeness = one.meaning.astype(np.float64) @ other.meaning.astype(np.float64).T
        found = found + mix.meaning * np.exp(-2.0 * (1.0 - closeness))
    return found


def weights_by_hand(codes, power):
    counts = np.bincount(codes)
    raw = (counts[codes] / len(codes)) ** -power
    return raw / raw.mean()


def duals_by_hand(seen, targets, codes, one):
    weights = weights_by_hand(codes, one.balance)
    offsets = (weights[:, None] * targets).sum(axis=0) / weights.sum()
    system = kernel_by_hand(seen, seen, one.mix) + one.penalty * np.diag(1 / weights)
    return np.linalg.solve(system, targets - offsets), offsets


# Weights


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_weights_by_hand(power):
    codes = np.array([0] * 6 + [1] * 3 + [2])
    found = balance_weights(np.eye(3)[codes], power)
    np.testing.assert_allclose(found, weights_by_hand(codes, power))
    assert found.mean() == pytest.approx(1)
    if power == 1:
        assert [found[codes == code].sum() for code in range(3)] == pytest.approx([10 / 3] * 3)
    if power == 0:
        assert found.tolist() == [1.0] * 10


def test_weights_of_a_class_that_does_not_occur_change_nothing():
    targets = np.eye(2)[[0, 0, 1]]
    wider = np.column_stack([targets, np.zeros(3)])
    np.testing.assert_allclose(balance_weights(targets, 1.0), balance_weights(wider, 1.0))
    assert balance_weights(np.zeros((3, 2)), 0.5).tolist() == [1, 1, 1]


def test_a_text_of_several_classes_has_the_mean_of_their_weights():
    targets = np.array([[1.0, 0], [1, 0], [1, 0], [0, 1], [1, 1]])
    found = balance_weights(targets, 1.0)
    assert found[4] == pytest.approx((found[0] + found[3]) / 2)


def test_a_text_of_no_class_weighs_as_one_of_a_class_of_mean_size():
    targets = np.array([[1.0, 0], [0, 1], [0, 0], [0, 0]])
    found = balance_weights(targets, 1.0)
    assert found[2] == pytest.approx(found[0])


@settings(max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.floats(0, 1), st.randoms(use_true_random=False))
def test_weights_do_not_depend_on_the_order(codes, power, chance):
    order = list(range(len(codes)))
    chance.shuffle(order)
    targets = np.eye(5)[codes]
    found = balance_weights(targets, power)
    assert found.mean() == pytest.approx(1)
    np.testing.assert_allclose(balance_weights(targets[order], power), found[order], rtol=1e-9)


# Kernels


@pytest.mark.parametrize("mix", MIXES)
def test_kernels_by_hand(mix):
    _, _, seen, _, _ = sample()
    kernels = Kernels(seen)
    np.testing.assert_allclose(kernels.mixed(mix), kernel_by_hand(seen, seen, mix), atol=2e-6)
    rows, columns = np.array([7, 2, 39]), np.array([0, 39])
    np.testing.assert_allclose(
        kernels.mixed(mix, rows, columns), kernel_by_hand(seen.take(rows), seen.take(columns), mix), atol=2e-6
    )


def test_kernels_for_some_mixes_alone():
    _, _, seen, _, _ = sample()
    kernels = Kernels(seen, [WORDS, MEANING])
    for mix in (WORDS, MEANING, Mix(words=0.5, meaning=0.5)):
        np.testing.assert_allclose(kernels.mixed(mix), kernel_by_hand(seen, seen, mix), atol=2e-6)


def test_a_mixed_kernel_is_the_callers_own():
    _, _, seen, _, _ = sample()
    kernels = Kernels(seen)
    kernels.mixed(WORDS)[:] = 7
    np.testing.assert_allclose(kernels.mixed(WORDS), kernel_by_hand(seen, seen, WORDS), atol=2e-6)


def test_kernels_of_more_texts_than_one_block_holds():
    n = 1030
    texts = [NAMES[at % 13] + " " + NAMES[at % 7] for at in range(n)]
    _, seen = learn_views(texts, np.zeros((n, 0), np.float32))
    found = Kernels(seen).mixed(WORDS)
    assert found.shape == (n, n)
    np.testing.assert_allclose(found, kernel_by_hand(seen, seen, WORDS), atol=2e-6)


# The dense solution


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize(("penalty", "balance"), [(0.1, 0.0), (1.0, 0.5), (3.0, 1.0)])
def test_the_dense_solution_by_hand(mix, penalty, balance):
    _, _, seen, targets, codes = sample()
    one = Candidate(mix, penalty, balance)
    duals, offsets = solve(Kernels(seen).mixed(mix), targets, one)
    expected, shares = duals_by_hand(seen, targets, codes, one)
    np.testing.assert_allclose(offsets, shares)
    np.testing.assert_allclose(duals, expected, atol=1e-4)
    if balance == 1:
        assert offsets == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("mix", MIXES)
def test_linear_weights_give_the_scores_of_the_dual_form(mix):
    texts, space, seen, targets, codes = sample()
    one = Candidate(mix, 0.5)
    model = fit_ridge(seen, targets, [one], Kernels(seen))
    duals, offsets = duals_by_hand(seen, targets, codes, one)
    rows = np.random.default_rng(5).normal(size=(3, 8)).astype(np.float32)
    others = space.views([texts[0] + " كلمة جديدة", "", texts[1]], rows)
    for asked in (seen, others):
        np.testing.assert_allclose(model.scores(asked), offsets + kernel_by_hand(asked, seen, mix) @ duals, atol=1e-4)


def test_a_text_of_which_nothing_is_seen_gets_the_shares_of_the_classes():
    _, space, seen, targets, codes = sample()
    model = fit_ridge(seen, targets, [Candidate(LEXICAL, balance=0.0)], Kernels(seen))
    blank = space.views(["", "!"], np.full((2, 8), np.nan, np.float32))
    np.testing.assert_allclose(model.scores(blank), np.tile(np.bincount(codes) / len(codes), (2, 1)), atol=1e-6)


@pytest.mark.parametrize("dense", [True, False])
def test_several_candidates_are_the_mean_of_single_ones(dense):
    _, _, seen, targets, _ = sample()
    kernels = Kernels(seen) if dense else None
    candidates = [Candidate(WORDS, 0.5), Candidate(MEANING, 2.0, 1.0), Candidate(ALL, 0.1, 0.0)]
    whole = fit_ridge(seen, targets, candidates, kernels).scores(seen)
    single = [fit_ridge(seen, targets, [one], kernels).scores(seen) for one in candidates]
    np.testing.assert_allclose(whole, np.mean(single, axis=0), atol=5e-6)


def test_views_that_are_not_used_take_no_room():
    _, _, seen, targets, _ = sample()
    model = fit_ridge(seen, targets, [Candidate(WORDS)], Kernels(seen))
    assert len(model.words)
    assert len(model.characters) == len(model.support) == len(model.meaning) == 0
    model = fit_ridge(seen, targets, [Candidate(MEANING)], Kernels(seen))
    assert len(model.words) == len(model.characters) == 0
    assert len(model.support) == len(seen)


def test_a_share_of_meaning_counts_nothing_where_there_is_no_meaning():
    texts, _, _, targets, _ = sample(n=20)
    targets[:12] = np.eye(3)[0]
    _, seen = learn_views(texts, np.zeros((20, 0), np.float32))
    with_share = fit_ridge(seen, targets, [Candidate(Mix(words=0.5, meaning=0.5))], Kernels(seen)).scores(seen)
    without = fit_ridge(seen, targets, [Candidate(Mix(words=0.5))], Kernels(seen)).scores(seen)
    np.testing.assert_allclose(with_share, without, atol=1e-5)


def test_one_class():
    _, _, seen, _, _ = sample(n=10)
    for kernels in (Kernels(seen), None):
        scores = fit_ridge(seen, np.ones((10, 1)), [Candidate(ALL)], kernels).scores(seen)
        np.testing.assert_allclose(scores, 1.0)


def test_texts_of_which_nothing_is_seen():
    _, seen = learn_views(["", "", ""], np.zeros((3, 0), np.float32))
    for kernels in (Kernels(seen), None):
        scores = fit_ridge(seen, np.eye(2)[[0, 1, 0]], [Candidate(WORDS, balance=0.0)], kernels).scores(seen)
        np.testing.assert_allclose(scores, [[2 / 3, 1 / 3]] * 3, atol=1e-5)


def test_a_text_gets_the_same_scores_alone_and_among_others():
    _, _, seen, targets, _ = sample()
    model = fit_ridge(seen, targets, [Candidate(ALL)], Kernels(seen))
    together = model.scores(seen)
    for at in range(len(seen)):
        assert (model.scores(seen.take(np.array([at])))[0] == together[at]).all()
    assert model.scores(seen.take(np.array([], dtype=np.intp))).shape == (0, 3)


# Step by step


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize(("penalty", "balance"), [(0.1, 0.5), (2.0, 1.0)])
def test_step_by_step_it_comes_to_the_same(mix, penalty, balance):
    texts, space, seen, targets, _ = sample(n=60, seed=4)
    one = [Candidate(mix, penalty, balance)]
    dense, gradual = fit_ridge(seen, targets, one, Kernels(seen)), fit_ridge(seen, targets, one)
    rows = np.random.default_rng(6).normal(size=(2, 8)).astype(np.float32)
    others = space.views([texts[3], "نص جديد على السفن"], rows)
    for asked in (seen, others):
        np.testing.assert_allclose(gradual.scores(asked), dense.scores(asked), atol=1e-3)


def test_equal_texts_do_not_stop_the_landmarks():
    _, _, seen, targets, _ = sample(n=20)
    twice = Views(*(getattr(seen.take(np.repeat(np.arange(20), 3)), name) for name in ("words", "characters", "meaning")))
    one, targets = [Candidate(ALL, 0.5)], np.repeat(targets, 3, axis=0)
    dense, gradual = fit_ridge(twice, targets, one, Kernels(twice)), fit_ridge(twice, targets, one)
    np.testing.assert_allclose(gradual.scores(twice), dense.scores(twice), atol=1e-3)


def test_fewer_landmarks_than_texts_still_tell_the_classes(monkeypatch):
    monkeypatch.setattr("research.classifiers.ridge._LANDMARKS", 30)
    _, _, seen, targets, codes = sample(n=120, seed=2)
    model = fit_ridge(seen, targets, [Candidate(MEANING, 0.5)])
    dense = fit_ridge(seen, targets, [Candidate(MEANING, 0.5)], Kernels(seen))
    assert len(model.support) <= 30
    one, other = (found.scores(seen).argmax(axis=1) for found in (model, dense))
    assert (one == other).mean() > 0.9
    assert (one == codes).mean() > 0.7


def test_names_say_what_is_seen():
    assert Candidate(WORDS).name == "words"
    assert Candidate(LEXICAL).name == "words + characters"
    assert Candidate(MEANING).name == "meaning"
    assert Candidate(ALL).name == "words + characters + meaning"
    assert Candidate(Mix(0.1, 0.1, 0.8)).name == "words + characters + meaning, mostly meaning"
