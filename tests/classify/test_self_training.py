"""Self-training: the guard's figures derived anew, help that is taken, harm that is not, classes kept in check, any order."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score

from research.classifiers import self_training as module
from research.classifiers.classifier import TextClassifier
from research.classifiers.ridge import Candidate, Kernels, Mix, fit_ridge
from research.classifiers.self_training import Guard, SelfTrainingClassifier, _judged, _surest
from research.classifiers.splits import by_group
from research.errors import ConfigError, DataError
from research.features.views import learn_views

ONE = Candidate(Mix(words=1.0), 0.5)
LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهي"
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد"]


def word(kind, at):
    """Give a word of a class, not an inflection of any other."""
    return LETTERS[kind] + LETTERS[at % 26] + LETTERS[(at * 7 + 3) % 26] + LETTERS[(at // 26 + 5 * kind) % 26]


def chained(each, seed, most=24, length=3, kinds=2):
    """Texts with words of a class that stand near each other in a ring: the far ones share none."""
    rng = np.random.default_rng(seed)
    labels = [("أ", "ب", "ج")[at % kinds] for at in range(kinds * each)]
    texts = []
    for label in labels:
        start, kind = int(rng.integers(most)), "أبج".index(label)
        own = [word(kind, (start + int(step)) % most) for step in rng.integers(0, 6, length)]
        texts.append(" ".join([*own, *rng.choice(COMMON, 2)]))
    return texts, labels


def made(rounds=3, share=0.3, seed=0, **more):
    return SelfTrainingClassifier(TextClassifier(encoder=None, candidate=ONE, **more), rounds=rounds, share=share, seed=seed)


# Help and harm


def test_rounds_that_help_are_taken():
    """Twelve texts of a class do not tell all of its words; unlabelled ones tell which words stand near those."""
    texts, labels = chained(12, 3)
    asked, truth = chained(200, 99)
    model = made().fit(texts, labels, chained(150, 7)[0])
    plain = TextClassifier(encoder=None, candidate=ONE).fit(texts, labels)
    before, after = ((one.predict(asked) == truth).mean() for one in (plain, model))
    assert model.guard_.taken > 0
    assert model.guard_.scores[model.guard_.taken] == max(model.guard_.scores)
    assert model.guard_.scores[model.guard_.taken] - model.guard_.scores[0] > model.guard_.error
    assert 1 - after < (1 - before) / 2
    assert "the gain is above its standard error" in model.guard_.reason


def test_rounds_that_harm_are_not_taken():
    """In unlabelled texts a word of one class stands among words of the other."""
    texts, labels = chained(15, 3)
    rng = np.random.default_rng(1)
    wrong = [f"{word(0, at % 24)} {' '.join(word(1, int(one)) for one in rng.integers(0, 24, 6))}" for at in range(60)]
    wrong += [f"{word(1, at % 24)} {' '.join(word(0, int(one)) for one in rng.integers(0, 24, 6))}" for at in range(60)]
    texts = [f"{text} {word(0, at % 24)} {word(0, at % 24)}" if at % 2 == 0 else text for at, text in enumerate(texts)]
    model = made().fit(texts, labels, wrong)
    assert min(model.guard_.scores[1:]) < model.guard_.scores[0]
    assert model.guard_.taken == 0
    assert "the gain is not above" in model.guard_.reason
    assert set(model.pseudo_labels_) == {""}


def test_no_round_is_the_plain_classifier_to_the_last_bit():
    texts, labels = chained(8, 5)
    asked = chained(30, 98)[0]
    plain = TextClassifier(encoder=None, candidate=ONE).fit(texts, labels)
    model = made(rounds=0).fit(texts, labels, chained(40, 7)[0])
    assert model.guard_.taken == 0
    assert (model.predict_proba(asked) == plain.predict_proba(asked)).all()
    assert (model.predict(asked) == plain.predict(asked)).all()
    assert (model.classifier_.held_out_ == plain.held_out_).all()
    assert (model.classes_ == plain.classes_).all()


# The guard


def derived(texts, labels, others, groups, rounds, share):
    """The held-out answers of every round, by models that are fitted whole."""
    names = sorted(set(labels))
    seen = learn_views([*texts, *others], np.zeros((len(texts) + len(others), 0), np.float32))[1]
    alone = learn_views(texts, np.zeros((len(texts), 0), np.float32))[1]
    codes, n, m = np.array([names.index(label) for label in labels]), len(texts), len(others)
    said = np.zeros((rounds + 1, n), int)
    for split in by_group(labels, groups, folds=5):
        counts = np.bincount(codes[split.train], minlength=len(names))
        room = (counts + 1) / (len(split.train) + len(names))
        part = alone.take(split.train)
        model = fit_ridge(part, np.eye(len(names))[codes[split.train]], [ONE], Kernels(part))
        said[0, split.test] = model.scores(alone.take(split.test)).argmax(axis=1)
        rows, given_codes = split.train, codes[split.train]
        for at in range(rounds + 1):
            part = seen.take(rows)
            model = fit_ridge(part, np.eye(len(names))[given_codes], [ONE], Kernels(part))
            if at:
                said[at, split.test] = model.scores(seen.take(split.test)).argmax(axis=1)
            scores = model.scores(seen.take(np.arange(n, n + m)))
            rows, given_codes = list(split.train), list(codes[split.train])
            for kind in range(len(names)):
                own = [row for row in range(m) if scores[row].argmax() == kind]
                own.sort(key=lambda row: (-np.diff(np.sort(scores[row]))[-1], row))
                kept = own[: round(room[kind] * (at + 1) * share * m)]
                rows, given_codes = rows + [n + row for row in kept], given_codes + [kind] * len(kept)
            rows, given_codes = np.array(rows), np.array(given_codes)
    return [[names[code] for code in one] for one in said]


@pytest.mark.parametrize("grouped", [False, True])
def test_scores_are_those_of_models_that_have_seen_nothing_of_held_out_articles(grouped):
    texts, labels = chained(10, 11, kinds=3)
    order = sorted(range(30), key=lambda row: (texts[row], labels[row]))
    texts, labels = [texts[row] for row in order], [labels[row] for row in order]
    others = sorted(set(chained(20, 12, kinds=3)[0]))
    groups = [f"article {row // 2}" for row in range(30)] if grouped else list(range(30))
    model = made(rounds=2, share=0.25).fit(texts, labels, others, groups if grouped else None)
    said = derived(texts, labels, others, groups, 2, 0.25)
    expected = [f1_score(labels, one, average="macro") for one in said]
    np.testing.assert_allclose(model.guard_.scores, expected, atol=1e-9)
    best = 1 + int(np.argmax(expected[1:]))
    gains = []
    for left_out in sorted(set(groups)):
        rows = [row for row in range(30) if groups[row] != left_out]
        kept = [labels[row] for row in rows]
        one, other = (f1_score(kept, [said[at][row] for row in rows], average="macro") for at in (0, best))
        gains.append(other - one)
    n = len(gains)
    error = np.sqrt((n - 1) / n * sum((gain - np.mean(gains)) ** 2 for gain in gains))
    assert model.guard_.error == pytest.approx(error, abs=1e-9)
    assert model.guard_.taken == (best if expected[best] - expected[0] > error else 0)
    assert len(set(model.guard_.scores)) > 1


def answers(right, n=20):
    """Scores of 2n texts, half of each class, with so many right answers in each."""
    truth = np.eye(2)[np.repeat([0, 1], n)]
    found = truth.copy()
    for start in (0, n):
        found[start : start + n - right] = found[start : start + n - right, ::-1]
    return truth, found


def test_one_more_right_answer_decides_nothing():
    truth, plain = answers(12)
    better = plain.copy()
    better[0] = truth[0]
    guard = _judged([plain, better], truth, list(range(40)))
    assert guard.scores[1] > guard.scores[0]
    assert guard.taken == 0


def test_the_best_round_is_taken_and_of_equal_ones_the_earliest():
    truth, plain = answers(12)
    rounds = [answers(right)[1] for right in (13, 18, 18, 15)]
    guard = _judged([plain, *rounds], truth, list(range(40)))
    assert guard.scores == pytest.approx((0.6, 0.65, 0.9, 0.9, 0.75))
    assert guard.taken == 2
    # All texts of one article: however many answers are better, they are better once.
    assert _judged([plain, *rounds], truth, [int(at % 20 > 7) for at in range(40)]).taken == 0


def test_no_difference_is_no_reason():
    truth, plain = answers(12)
    guard = _judged([plain, plain], truth, list(range(40)))
    assert (guard.taken, guard.error) == (0, 0)


def test_a_worse_round_is_never_taken():
    truth, plain = answers(12)
    assert _judged([plain, answers(4)[1]], truth, list(range(40))).taken == 0


def test_what_was_found_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Guard((), 0.0, 0, "").taken = 1


@pytest.mark.parametrize(
    ("labels", "groups", "others", "rounds", "told"),
    [
        (["أ", "أ", "ب", "ب"], None, 40, 0, "no rounds were asked for"),
        (["أ"] * 4, None, 40, 2, "there is one class"),
        (["أ", "أ", "أ", "ب"], None, 40, 2, "the class 'ب' has labelled texts of one article only"),
        (["أ", "أ", "ب", "ب"], [1, 2, 3, 3], 40, 2, "the class 'ب' has labelled texts of one article only"),
        (["أ", "أ", "ب", "ب"], None, 0, 2, "0 unlabelled texts"),
        (["أ", "أ", "ب", "ب"], None, 3, 2, "3 unlabelled texts"),
    ],
)
def test_where_nothing_can_be_held_out_or_given_a_label_it_is_the_plain_one(labels, groups, others, rounds, told):
    texts, asked = chained(2, 5)[0], chained(20, 98)[0]
    model = made(rounds=rounds).fit(texts, labels, chained(50, 7)[0][:others], groups)
    plain = TextClassifier(encoder=None, candidate=ONE).fit(texts, labels, groups)
    assert (model.predict_proba(asked) == plain.predict_proba(asked)).all()
    assert told in model.guard_.reason
    assert "\n" not in model.guard_.reason
    assert (model.guard_.scores, model.guard_.taken) == ((), 0)
    assert np.isnan(model.guard_.error)


# Labels that are given


def always(monkeypatch, taken):
    """Let the guard take so many rounds."""
    judged = module._judged
    monkeypatch.setattr(module, "_judged", lambda *given: dataclasses.replace(judged(*given), taken=taken))


def test_no_class_runs_away(monkeypatch):
    """Nine of ten unlabelled texts are of one class; of it no more get a label than its share of the labelled ones allows."""
    always(monkeypatch, 2)
    texts, labels = chained(6, 3)
    many, kinds = chained(100, 7)
    flood = [text for text, kind in zip(many, kinds, strict=True) if kind == "أ"]
    flood += [text for text, kind in zip(many, kinds, strict=True) if kind == "ب"][:10]
    model = made(rounds=3, share=0.2).fit(texts, labels, flood)
    different = len(set(flood) - set(texts))
    counts = {name: len({t for t, given in zip(flood, model.pseudo_labels_, strict=True) if given == name}) for name in "أب"}
    assert 0 < counts["ب"] <= counts["أ"] == round(0.5 * 2 * 0.2 * different)


def test_the_surest_of_each_class_get_a_label():
    scores = np.array([[0.9, 0.1], [0.8, 0.1], [0.6, 0.5], [0.4, 0.5], [0.1, 0.7], [0.9, 0.1]])
    assert _surest(scores, np.array([1 / 3, 1 / 6])).tolist() == [[1, 0], [0, 0], [0, 0], [0, 0], [0, 1], [1, 0]]
    assert _surest(scores, np.array([1.0, 0.0])).sum(axis=0).tolist() == [4, 0]


def test_the_answers_are_those_of_a_model_that_learned_the_given_labels(monkeypatch):
    always(monkeypatch, 1)
    texts, labels = chained(8, 3)
    others, asked = chained(40, 7)[0], chained(30, 98)[0]
    model = made(rounds=1).fit(texts, labels, [*others, texts[0], " "])
    assert model.pseudo_labels_.shape == (len(others) + 2,)
    assert model.pseudo_labels_[-2:].tolist() == ["", ""]  # a labelled text, and a blank one
    learned = dict(zip(others, model.pseudo_labels_[:-2], strict=True))
    extra = sorted(text for text, given_label in learned.items() if given_label and text not in texts)
    assert extra
    lines = sorted(zip(texts, labels, strict=True)) + [(text, learned[text]) for text in extra]
    every = [*sorted(texts), *sorted(set(others) - set(texts))]
    space = learn_views(every, np.zeros((len(every), 0), np.float32))[0]
    seen = space.views([text for text, _ in lines], np.zeros((len(lines), 0), np.float32))
    targets = np.array([[label == name for name in model.classes_] for _, label in lines], float)
    expected = fit_ridge(seen, targets, [ONE], Kernels(seen)).scores(space.views(asked, np.zeros((60, 0), np.float32)))
    np.testing.assert_allclose(model.classifier_.scores(asked), expected, atol=1e-5)
    assert (model.predict(asked) == model.classes_[expected.argmax(axis=1)]).all()
    sure = model.predict_proba(asked)
    np.testing.assert_allclose(sure.sum(axis=1), 1)
    assert (model.classes_[sure.argmax(axis=1)] == model.predict(asked)).all()


def test_what_was_held_out_stands_in_the_order_of_the_texts(monkeypatch):
    for taken in (0, 2):
        always(monkeypatch, taken)
        texts, labels = chained(8, 3)
        model = made(rounds=2).fit(texts, labels, chained(40, 7)[0])
        said = model.classes_[model.classifier_.held_out_.argmax(axis=1)]
        assert f1_score(labels, said, average="macro") == pytest.approx(model.guard_.scores[taken])
        monkeypatch.undo()


def test_of_too_many_texts_some_are_drawn(monkeypatch):
    texts, labels = chained(6, 3)
    others = chained(60, 7)[0]
    always(monkeypatch, 1)
    monkeypatch.setattr(module, "_MOST", 52)
    model = made(rounds=1, share=1.0).fit(texts, labels, others)
    assert 0 < len({text for text, label in zip(others, model.pseudo_labels_, strict=True) if label}) <= 40
    monkeypatch.setattr(module, "_MOST", 12)
    assert "12 labelled texts" in made().fit(texts, labels, others).guard_.reason


# Any order, odd inputs


@settings(max_examples=4)
@given(st.permutations(range(16)), st.permutations(range(40)))
def test_order_does_not_matter(order, other_order):
    texts, labels = chained(8, 3)
    others, asked = chained(20, 7)[0], chained(10, 98)[0]
    one = made(rounds=1).fit(texts, labels, others)
    two = made(rounds=1).fit([texts[at] for at in order], [labels[at] for at in order], [others[at] for at in other_order])
    assert one.guard_ == two.guard_
    assert (one.predict_proba(asked) == two.predict_proba(asked)).all()
    assert two.pseudo_labels_.tolist() == [one.pseudo_labels_[at] for at in other_order]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"rounds": -1}, "rounds is -1"),
        ({"share": 0}, "share is 0 for 3 rounds"),
        ({"share": 0.5}, "share is 0.5 for 3 rounds"),
        ({"share": float("nan")}, "share is nan"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_parameters_that_cannot_be_are_named(more, told):
    with pytest.raises(ConfigError, match=told):
        made(**more).fit(["نص"], ["أ"], [])
    with pytest.raises(ConfigError, match="no TextClassifier"):
        SelfTrainingClassifier("use").fit(["نص"], ["أ"], [])


def test_texts_labels_and_groups_go_together():
    with pytest.raises(DataError, match="1 labels for 2 texts"):
        made().fit(["نص", "خبر"], ["أ"], [])
    with pytest.raises(DataError, match="1 groups for 2 texts"):
        made().fit(["نص", "خبر"], ["أ", "ب"], [], [0])
    with pytest.raises(DataError, match="no text to learn from"):
        made().fit([], [], ["نص"])


def test_it_is_an_estimator_as_others():
    model = made()
    for ask in (model.predict, model.predict_proba):
        with pytest.raises(NotFittedError):
            ask(["نص"])
    texts, labels = chained(6, 3)
    fitted = model.fit(texts, labels, chained(20, 7)[0])
    assert not hasattr(model.classifier, "classes_")  # what was given stays as it was
    again = clone(fitted)
    assert not hasattr(again, "classes_")
    assert (again.rounds, again.share, again.seed, again.classifier.candidate) == (3, 0.3, 0, ONE)
    asked = chained(10, 98)[0]
    assert (pickle.loads(pickle.dumps(fitted)).predict_proba(asked) == fitted.predict_proba(asked)).all()
