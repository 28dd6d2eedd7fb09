"""The choice of a way to learn: scores as scikit-learn gives them, the time, and who answers together."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from research.classifiers import selection
from research.classifiers.ridge import Candidate, Kernels, Mix, fit_ridge
from research.classifiers.selection import CANDIDATES, choose, macro_f1_of
from research.classifiers.splits import by_group
from research.features.views import learn_views

NAMES = ["عقوبات", "سفن", "مصرف", "كأس", "فريق", "هدف", "مطر", "ريح", "غيوم"]
LEXICAL = tuple(one for one in CANDIDATES if not one.mix.meaning)


@pytest.fixture(scope="module")
def known():
    rng = np.random.default_rng(1)
    codes = rng.choice(3, 60, p=[0.6, 0.3, 0.1])
    codes[:9] = [0, 1, 2] * 3
    texts = [" ".join([*rng.choice(NAMES[3 * code : 3 * code + 3], 2), *rng.choice(NAMES, 3)]) for code in codes]
    seen = learn_views(texts, np.zeros((60, 0), np.float32))[1]
    splits = by_group(codes.tolist(), list(range(60)), folds=5)
    return seen, Kernels(seen), np.eye(3)[codes], codes, splits


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_macro_f1_equals_that_of_scikit_learn(pairs):
    truth, answers = (np.array(side) for side in zip(*pairs, strict=True))
    expected = f1_score(truth, answers, average="macro", zero_division=0)  # over the classes that occur or were given
    assert macro_f1_of(np.eye(5)[truth], np.eye(5)[answers] - 0.3) == pytest.approx(expected)


def test_macro_f1_at_its_ends():
    assert macro_f1_of(np.eye(3), np.eye(3)) == 1
    assert macro_f1_of(np.eye(3), np.roll(np.eye(3), 1, axis=1)) == 0
    assert macro_f1_of(np.ones((4, 1)), np.zeros((4, 1))) == 1


def test_what_was_tried_by_hand(known):
    """Scores derived again by models that are fitted to the training part alone."""
    seen, kernels, targets, codes, splits = known
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL)
    for one in found.tried:
        answers = np.empty(60, int)
        for split in splits:
            part = seen.take(split.train)
            model = fit_ridge(part, targets[split.train], [one.candidate], Kernels(part))
            answers[split.test] = model.scores(seen.take(split.test)).argmax(axis=1)
        right = (answers == codes).mean()
        assert one.macro_f1 == pytest.approx(f1_score(codes, answers, average="macro", zero_division=0))
        assert one.error == pytest.approx(np.sqrt(right * (1 - right) / 60))
    assert found.texts == 60
    assert found.held_out == "articles"


def test_every_candidate_and_the_best_one_balanced_are_tried(known):
    _, kernels, targets, _, splits = known
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL)
    assert tuple(one.candidate for one in found.tried[:-1]) == LEXICAL
    best = max(found.tried[:-1], key=lambda one: one.macro_f1).candidate
    assert found.tried[-1].candidate == replace(best, balance=1.0)
    assert found.complete


def test_who_answers_is_within_a_standard_error_of_the_best(known):
    _, kernels, targets, _, splits = known
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL)
    best = max(found.tried, key=lambda one: one.macro_f1)
    near = [one for one in found.tried if one.macro_f1 >= best.macro_f1 - best.error]
    assert found.chosen[0] == best.candidate
    assert 1 <= len(found.chosen) == min(3, len(near))
    taken = [next(one for one in found.tried if one.candidate == name).macro_f1 for name in found.chosen]
    assert taken == sorted(taken, reverse=True)
    left = [one.macro_f1 for one in near if one.candidate not in found.chosen]
    assert not left or min(taken) >= max(left)


def easy(n=60):
    """Texts whose words tell nothing, and whose meanings tell the class for certain."""
    codes = np.arange(n) % 2
    seen = learn_views([NAMES[at % 5] for at in range(n)], np.eye(2, dtype=np.float32)[codes])[1]
    return Kernels(seen), np.eye(2)[codes], by_group(codes.tolist(), list(range(n)), folds=5)


def test_one_that_is_clearly_the_best_answers_alone():
    kernels, targets, splits = easy()
    candidates = [Candidate(Mix(words=1.0)), Candidate(Mix(meaning=1.0), balance=1.0), Candidate(Mix(characters=1.0))]
    found = choose(kernels, targets, splits, held_out="articles", candidates=candidates)
    assert found.tried[1].macro_f1 == 1
    assert max(found.tried[0].macro_f1, found.tried[2].macro_f1) < 0.8
    assert set(found.chosen) == {candidates[1]}


def test_equal_ones_keep_their_order():
    kernels, targets, splits = easy()
    candidates = [Candidate(Mix(meaning=1.0), penalty) for penalty in (0.3, 0.1, 0.5, 0.2)]
    found = choose(kernels, targets, splits, held_out="articles", candidates=candidates)
    assert {one.macro_f1 for one in found.tried} == {1.0}
    assert found.chosen == tuple(candidates[:3])


def test_no_time_tries_one(known):
    _, kernels, targets, _, splits = known
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL, seconds=0)
    assert [one.candidate for one in found.tried] == [LEXICAL[0]]
    assert found.chosen == (LEXICAL[0],)
    assert not found.complete


def test_no_further_one_is_begun_when_the_time_is_up(known, monkeypatch):
    _, kernels, targets, _, splits = known
    clock = itertools.count(0, 10)  # every look at the clock is ten seconds later
    monkeypatch.setattr(selection.time, "monotonic", lambda: next(clock))
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL, seconds=35)
    assert 2 <= len(found.tried) <= 5
    assert not found.complete


def test_without_a_limit_all_are_tried(known, monkeypatch):
    _, kernels, targets, _, splits = known
    clock = itertools.count(0, 1e9)
    monkeypatch.setattr(selection.time, "monotonic", lambda: next(clock))
    found = choose(kernels, targets, splits, held_out="articles", candidates=LEXICAL, seconds=None)
    assert found.complete
    assert len(found.tried) == len(LEXICAL) + 1


def test_nothing_to_try_on(known):
    _, kernels, targets, _, _ = known
    found = choose(kernels, targets, [], held_out="articles", candidates=LEXICAL)
    assert (found.tried, found.chosen, found.texts, found.complete) == ((), (LEXICAL[0],), 0, True)


def test_one_part_counts_its_own_texts_alone(known):
    seen, kernels, targets, codes, splits = known
    found = choose(kernels, targets, splits[:1], held_out="articles", candidates=LEXICAL[:1])
    part = seen.take(splits[0].train)
    model = fit_ridge(part, targets[splits[0].train], [LEXICAL[0]], Kernels(part))
    answers = model.scores(seen.take(splits[0].test)).argmax(axis=1)
    expected = f1_score(codes[splits[0].test], answers, average="macro", zero_division=0)
    assert found.tried[0].macro_f1 == pytest.approx(expected)


def test_a_part_that_lacks_a_class(known):
    _, kernels, targets, codes, splits = known
    rare = np.flatnonzero(codes == 2)
    split = replace(splits[0], train=np.setdiff1d(np.arange(60), rare), test=rare)
    found = choose(kernels, targets, [split], held_out="articles", candidates=LEXICAL)
    assert {one.macro_f1 for one in found.tried} == {0.0}


def test_the_candidates_are_as_promised():
    assert len(set(CANDIDATES)) == len(CANDIDATES) == 15
    for one in CANDIDATES:
        assert one.mix.words + one.mix.characters + one.mix.meaning == pytest.approx(1)
        assert one.penalty > 0
