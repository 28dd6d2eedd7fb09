"""The classifier: held-out answers that have not seen their text, any order, odd inputs, probabilities, other processes."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict

from research.classifiers import classifier as module
from research.classifiers import selection
from research.classifiers.classifier import TextClassifier
from research.classifiers.ridge import Candidate, Kernels, Mix, fit_ridge, solve
from research.classifiers.selection import best_by_meaning
from research.classifiers.splits import by_group
from research.errors import ConfigError, DataError
from research.features import encoders

NAMES = {
    "عقوبات": ["عقوبات", "حظر", "مصرف", "تجميد", "سفن"],
    "رياضة": ["كأس", "فريق", "هدف", "ملعب", "مدرب"],
    "weather": ["rain", "wind", "storm", "clouds", "snow"],
}
COMMON = ["على", "في", "اليوم", "قال", "the", "new", "today", "من", "بعد", "قبل"]
TEXTS = ["فرض عقوبات على السفن", "عقوبات على الشركات", "فاز الفريق بالكأس", "كأس العالم والفريق"]
LABELS = ["عقوبات", "عقوبات", "رياضة", "رياضة"]
QUICK = Candidate(Mix(words=0.5, characters=0.5), 0.5)


class Hashed:
    """An encoder whose vector is the sum of its words' random ones."""

    name, version, dimension, parallel = "hashed", "1", 24, False

    def encode(self, texts):
        rows = [sum(self._word(word) for word in text.split()) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.dimension)

    def _word(self, word):
        return np.random.default_rng(zlib.crc32(word.encode("utf-8", "surrogatepass"))).normal(size=self.dimension)

    def fingerprint(self):
        return "0" * 64


def sample(n=60, noise=8, telling=2, seed=0):
    rng = np.random.default_rng(seed)
    labels = [list(NAMES)[code] for code in rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    labels[:6] = [*NAMES] * 2
    return [" ".join([*rng.choice(NAMES[one], telling), *rng.choice(COMMON, noise)]) for one in labels], labels


def words_alone(**more):
    return TextClassifier(encoder=None, **more)


# What was not seen


def test_held_out_answers_do_not_come_from_memory():
    """Every text has a word of its own, and a label by chance: it can be learned by heart, and not be known unseen."""
    rng = np.random.default_rng(3)
    n = 160
    texts = [f"وحيد{chr(0x0627 + at % 30)}{chr(0x0633 + at // 30)} فريد{at} نص في اليوم" for at in range(n)]
    labels = [("أ", "ب")[code] for code in rng.permutation(np.arange(n) % 2)]
    model = words_alone(candidate=Candidate(Mix(words=1.0), 0.01)).fit(texts, labels)
    assert (model.predict(texts) == labels).all()
    unseen = model.classes_[model.held_out_.argmax(axis=1)]
    assert abs((unseen == labels).mean() - 0.5) < 4 * 0.5 / np.sqrt(n)
    assert model.held_out_.max() < 0.75  # and it is known that nothing is known


@pytest.mark.parametrize("encoder", [None, Hashed()])
def test_held_out_answers_are_those_of_models_fitted_to_the_others(encoder):
    texts, labels = sample(50)
    one = QUICK if encoder is None else Candidate(Mix(0.25, 0.25, 0.5), 1.0)
    model = TextClassifier(encoder=encoder, candidate=one, store=False).fit(texts, labels)
    order = sorted(range(50), key=lambda row: (texts[row], labels[row]))
    lines, given_labels = [texts[row] for row in order], [labels[row] for row in order]
    seen = model.views(lines)
    targets = (np.array(given_labels)[:, None] == model.classes_).astype(float)
    for split in by_group(given_labels, list(range(50)), folds=5):
        part = seen.take(split.train)
        scores = fit_ridge(part, targets[split.train], [one], Kernels(part)).scores(seen.take(split.test))
        expected = softmax(model.sharpness_ * scores, axis=1)
        np.testing.assert_allclose(model.held_out_[[order[at] for at in split.test]], expected, atol=2e-4)


def test_an_article_is_held_out_as_a_whole():
    """Passages of one article share a word of its own that tells the label, which no other article has."""
    rng = np.random.default_rng(1)
    articles = np.repeat(np.arange(40), 4)
    names = [f"فريد{chr(0x0627 + at % 20)}{at}" for at in range(40)]
    label_of = rng.permutation(np.arange(40) % 2)
    texts = [f"{names[at]} {names[at]} نص {COMMON[rng.integers(10)]}" for at in articles]
    labels = [("a", "b")[label_of[at]] for at in articles]
    apart = words_alone(candidate=QUICK).fit(texts, labels)
    whole = words_alone(candidate=QUICK).fit(texts, labels, [f"article {at}" for at in articles])
    right = [(model.classes_[model.held_out_.argmax(axis=1)] == labels).mean() for model in (apart, whole)]
    assert right[0] > 0.9
    assert right[1] < 0.75


def test_groups_may_be_an_array():
    groups = np.array([0, 0, 1, 1, 2, 2] * 10)
    texts, labels = sample()
    one, other = (words_alone(candidate=QUICK).fit(texts, labels, kind) for kind in (groups, groups.tolist()))
    assert (one.held_out_ == other.held_out_).all()


def test_many_outlets_do_not_take_more_than_the_time(monkeypatch):
    texts, labels = sample(120)
    solved = []
    monkeypatch.setattr(selection, "solve", lambda *system: solved.append(1) or solve(*system))
    words_alone(seconds=0).fit(texts, labels, sources=[f"outlet {at}" for at in range(120)])
    assert 0 < len(solved) <= 30


def test_outlets_are_held_out_where_there_are_several():
    texts, labels = sample()
    assert words_alone(seconds=0).fit(texts, labels, sources=["a", "b", ""] * 20).choice_.held_out == "outlets"
    for sources in (["a"] * 60, [""] * 60, None, ["a", ""] * 30):
        assert words_alone(seconds=0).fit(texts, labels, sources=sources).choice_.held_out == "articles"
    shared = words_alone(seconds=0).fit(texts, labels, ["same"] * 59 + ["other"], ["a", "b"] * 29 + ["a", "a"])
    assert np.isfinite(shared.predict_proba(texts)).all()


# Any order


@settings(max_examples=8)
@given(st.permutations(range(40)))
def test_the_order_of_texts_does_not_matter(order):
    texts, labels = sample(40)
    texts[5], labels[5] = texts[4], labels[4]  # a copy with the same label
    texts[7] = texts[6]  # and one with any
    groups, sources = [at // 2 for at in range(40)], ["x", "y"] * 20
    turned = [[column[at] for at in order] for column in (texts, labels, groups, sources)]
    one = TextClassifier(encoder=Hashed(), store=False).fit(texts, labels, groups, sources)
    other = TextClassifier(encoder=Hashed(), store=False).fit(*turned)
    assert one.choice_ == other.choice_
    assert one.sharpness_ == other.sharpness_
    assert (one.held_out_[order] == other.held_out_).all()
    asked = [*texts, "نص جديد عن كأس"]
    assert (one.predict_proba(asked) == other.predict_proba(asked)).all()
    assert one.terms_ == other.terms_
    assert one.familiar_.least == other.familiar_.least


def test_a_text_gets_the_same_alone_and_among_others():
    texts, labels = sample()
    model = TextClassifier(encoder=Hashed(), store=False).fit(texts, labels)
    together = model.predict_proba(texts)
    assert all((model.predict_proba([text])[0] == row).all() for text, row in zip(texts, together, strict=True))


# Probabilities


def test_probabilities():
    texts, labels = sample()
    model = words_alone().fit(texts, labels)
    for found in (model.predict_proba([*texts, "", "zzz"]), model.held_out_):
        np.testing.assert_allclose(found.sum(axis=1), 1)
        assert (found >= 0).all()
    assert model.classes_.tolist() == sorted(NAMES)
    assert (model.predict(texts) == model.classes_[model.predict_proba(texts).argmax(axis=1)]).all()
    assert model.score(texts, labels) > 0.9


@pytest.mark.parametrize("noise", [4, 14])
def test_the_sharpness_is_the_most_likely_one(noise):
    texts, labels = sample(150, noise=noise, telling=1)
    rng = np.random.default_rng(0)
    labels = [one if rng.random() > 0.2 else list(NAMES)[rng.integers(3)] for one in labels]
    model = words_alone(candidate=QUICK).fit(texts, labels)
    codes = np.searchsorted(model.classes_, labels)
    scores = np.log(model.held_out_) / model.sharpness_  # up to a constant a row

    wanted = np.full((150, 3), 1 / (152 * 3))
    wanted[np.arange(150), codes] += 151 / 152

    def surprise(sharpness):
        return -(wanted * np.log(softmax(sharpness * scores, axis=1))).sum()

    grid = np.exp(np.linspace(0, np.log(100), 4001))
    best = grid[np.argmin([surprise(one) for one in grid])]
    assert model.sharpness_ == pytest.approx(best, rel=0.01)
    assert model.calibrated_


def test_a_temperature_that_is_known_is_found():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20_000, 4))
    codes = np.array([rng.choice(4, p=row) for row in softmax(5.0 * scores, axis=1)])
    assert module.sharpness_of(scores, codes) == pytest.approx(5.0, rel=0.05)


def test_what_is_said_to_be_probable_comes_true():
    texts, labels = sample(240, noise=10, telling=1, seed=4)
    rng = np.random.default_rng(1)
    labels = [one if rng.random() > 0.3 else list(NAMES)[rng.integers(3)] for one in labels]
    model = words_alone(candidate=QUICK).fit(texts, labels)
    right = model.classes_[model.held_out_.argmax(axis=1)] == labels
    assert model.held_out_.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.08)


@pytest.mark.parametrize("n", [6, 20, 60])
def test_a_few_right_answers_do_not_make_certain(n):
    """Of n held-out answers all are right: an error rate of 1 / n would not be strange."""
    names = ["عقوبات حظر تجميد", "كأس فريق هدف"]
    texts, labels = [f"{names[at % 2]} {COMMON[at % 10]}" for at in range(n)], ["ab"[at % 2] for at in range(n)]
    model = words_alone(candidate=QUICK).fit(texts, labels)
    assert (model.classes_[model.held_out_.argmax(axis=1)] == labels).all()
    assert model.predict_proba(texts).max() < 1 - 1e-3 / n


# Little or odd input


def test_one_class():
    model = words_alone().fit(TEXTS, ["a"] * 4)
    assert model.predict(["كلمة", "", "غيرها"]).tolist() == ["a"] * 3
    assert model.predict_proba(["كلمة"]).tolist() == [[1.0]]
    assert not model.calibrated_
    assert model.terms_ == ((),)


def test_held_out_answers_of_one_class_are_not_made_up():
    assert np.isnan(words_alone().fit(TEXTS, ["a"] * 4).held_out_).all()


@pytest.mark.parametrize("encoder", [None, Hashed()])
@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["عقوبات"], ["a"]),
        (["عقوبات", "كأس"], ["a", "b"]),
        (["عقوبات", "كأس", "مطر"], ["a", "b", "c"]),
        (["عقوبات جديدة"] * 4, ["a", "b", "a", "b"]),
        (["عقوبات جديدة", "عقوبات جديدة"], ["a", "b"]),
        (["", ""], ["a", "b"]),
        (["", "  ", "!؟", "كأس"], ["a", "b", "a", "b"]),
        (["و", "a", "1"], ["x", "x", "y"]),
    ],
)
def test_few_texts_that_tell_little(encoder, texts, labels):
    model = TextClassifier(encoder=encoder, store=False).fit(texts, labels)
    asked = [*texts, "نص لم يره", "English"]
    found = model.predict_proba(asked)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert set(model.predict(asked)) <= set(labels)
    assert model.held_out_.shape == (len(texts), len(set(labels)))
    assert not np.isinf(model.held_out_).any()
    assert 1 <= model.sharpness_ <= 100
    assert len(model.terms_) == len(set(labels))


def test_each_of_two_equal_texts_with_other_labels_is_as_probable():
    model = words_alone().fit(["عقوبات جديدة"] * 4, ["a", "b", "a", "b"])
    np.testing.assert_allclose(model.predict_proba(["عقوبات جديدة"]), [[0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize("asked", [[""], [" ", "!؟"], ["…"], []])
@pytest.mark.parametrize("encoder", [None, Hashed()])
def test_texts_without_a_word_get_an_answer(encoder, asked):
    model = TextClassifier(encoder=encoder, candidate=Candidate(Mix(0.5, 0.5)), store=False).fit(TEXTS, LABELS)
    found = model.predict_proba(asked)
    assert found.shape == (len(asked), 2)
    assert np.isfinite(found).all()
    assert (found == model.predict_proba([*asked, *TEXTS])[: len(asked)]).all()


def test_one_article_leaves_nothing_to_hold_out():
    model = words_alone().fit(TEXTS, LABELS, ["same"] * 4)
    assert not model.calibrated_
    assert np.isnan(model.held_out_).all()
    assert model.choice_.tried == ()
    assert model.predict(TEXTS).tolist() == LABELS


@pytest.mark.parametrize(
    "names", [["أ ب ج", "  فراغ  "], ["x" * 5000, "x" * 4999 + "y"], ["", "نص"], ["a\nb", "a,b"], ["1", "01"], ["é", "e\u0301"]]
)
def test_labels_of_any_kind(names):
    labels = [names[0], names[0], names[1], names[1]]
    model = words_alone().fit(TEXTS, labels)
    assert model.classes_.tolist() == sorted(names)
    assert model.predict(TEXTS).tolist() == labels


def test_labels_that_differ_in_a_zero_at_their_end():
    assert words_alone().fit(TEXTS, ["a", "a", "a\0", "a\0"]).classes_.tolist() == ["a", "a\0"]


def test_labels_that_are_numbers_are_names():
    assert words_alone().fit(TEXTS, [1, 1, 2, 2]).predict(TEXTS).tolist() == ["1", "1", "2", "2"]


def test_arabic_and_english_mixed():
    texts = ["rain and wind today", "storm with rain مطر", "فاز الفريق بالكأس", "the team won كأس"]
    model = words_alone().fit(texts, ["weather", "weather", "رياضة", "رياضة"])
    assert model.predict(["RAIN!", "الكأسُ"]).tolist() == ["weather", "رياضة"]


def test_arrays_are_texts_too():
    model = words_alone().fit(np.array(TEXTS, dtype=object), np.array(LABELS))
    assert model.predict(np.array(TEXTS)).tolist() == LABELS
    assert (model.held_out_ == words_alone().fit(TEXTS, LABELS).held_out_).all()


def test_columns_of_a_table_keep_their_order():
    texts, labels = sample(30)
    table = pd.DataFrame({"text": texts, "label": labels}).sample(frac=1, random_state=0)
    one = words_alone(candidate=QUICK).fit(table["text"], table["label"])
    other = words_alone(candidate=QUICK).fit(table["text"].tolist(), table["label"].tolist())
    assert (one.held_out_ == other.held_out_).all()


def test_what_no_encoding_holds():
    model = words_alone().fit([*TEXTS, "\ud800 عقوبات"], [*LABELS, "عقوبات"])
    assert model.predict(["عقوبات \udfff\x00"]).tolist() == ["عقوبات"]


# Parameters


@pytest.mark.parametrize(
    ("texts", "labels", "more"),
    [
        ([], [], {}),
        (TEXTS, LABELS[:3], {}),
        (TEXTS, LABELS, {"groups": ["a"]}),
        (TEXTS, LABELS, {"sources": []}),
    ],
)
def test_lists_that_do_not_fit(texts, labels, more):
    with pytest.raises(DataError) as error:
        words_alone().fit(texts, labels, **more)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("more", [{"seconds": -1}, {"encoder": "nonsense"}])
def test_values_that_a_parameter_cannot_have(more):
    with pytest.raises(ConfigError) as error:
        TextClassifier(**{"encoder": None, **more}).fit(TEXTS, LABELS)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "one",
    [
        Candidate(Mix()),
        Candidate(Mix(meaning=1.0)),
        Candidate(Mix(words=1.0), penalty=0.0),
        Candidate(Mix(words=1.0), penalty=-1.0),
        Candidate(Mix(words=1.0), penalty=float("nan")),
    ],
)
def test_candidates_that_cannot_learn(one):
    with pytest.raises(ConfigError) as error:
        words_alone(candidate=one).fit([*TEXTS, TEXTS[0]], [*LABELS, LABELS[0]])
    assert "\n" not in str(error.value)


def test_a_seed_that_none_can_have():
    with pytest.raises(ConfigError):
        words_alone(seed=-1).fit(TEXTS, LABELS)


def test_meaning_counts_nothing_without_an_encoder():
    labels = ["a", "b", "b", "b"]
    one = words_alone(candidate=Candidate(Mix(words=0.5, meaning=0.5))).fit(TEXTS, labels)
    other = words_alone(candidate=Candidate(Mix(words=0.5))).fit(TEXTS, labels)
    np.testing.assert_allclose(one.scores(TEXTS), other.scores(TEXTS), atol=1e-5)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "scores", "views"])
def test_what_has_not_learned_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(words_alone(), method)(TEXTS)


def test_a_clone_has_the_same_parameters_and_has_learned_nothing():
    model = words_alone(candidate=QUICK, seconds=3, seed=5).fit(TEXTS, LABELS)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert set(copy.get_params()) == {"encoder", "candidate", "seconds", "store", "seed"}
    assert not hasattr(copy, "model_")
    assert (copy.fit(TEXTS, LABELS).predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()
    assert copy.set_params(seconds=1).seconds == 1


def test_fitting_again_forgets():
    model = words_alone().fit(TEXTS, LABELS)
    again = model.fit(["a b", "c d"], ["x", "y"])
    fresh = words_alone().fit(["a b", "c d"], ["x", "y"])
    assert again is model
    assert (again.predict_proba(["a", "c"]) == fresh.predict_proba(["a", "c"])).all()


def test_it_is_an_estimator_of_scikit_learn():
    texts, labels = sample(30)
    found = cross_val_predict(words_alone(candidate=QUICK), texts, labels, cv=3, method="predict_proba")
    assert found.shape == (30, 3)
    assert np.isfinite(found).all()


def test_it_can_be_pickled():
    model = TextClassifier(encoder=Hashed(), store=False).fit(TEXTS, LABELS)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()


def test_it_can_be_pickled_with_the_bundled_encoder():
    model = TextClassifier(store=False, candidate=Candidate(Mix(meaning=1.0))).fit(TEXTS[1:3], LABELS[1:3])
    written = pickle.dumps(model)
    assert len(written) < 1_000_000  # the weights stay in their package
    assert (pickle.loads(written).predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()


def test_what_was_given_is_not_changed():
    texts, labels, groups = TEXTS[::-1], LABELS[::-1], [3, 2, 1, 0]
    words_alone().fit(texts, labels, groups, ["b", "a", "b", "a"])
    assert (texts, labels, groups) == (TEXTS[::-1], LABELS[::-1], [3, 2, 1, 0])


def test_a_given_way_to_learn_is_taken():
    model = words_alone(candidate=QUICK).fit(TEXTS, LABELS)
    assert model.choice_.chosen == (QUICK,)
    assert model.choice_.tried == ()
    assert model.calibrated_


def test_no_time_tries_one():
    assert len(words_alone(seconds=0).fit(*sample()).choice_.tried) == 1


def test_the_weights_of_an_encoder_are_read_once(monkeypatch):
    made = []
    _, package, name = encoders.ENCODERS["use"]
    monkeypatch.setitem(encoders.ENCODERS, "use", (lambda: made.append(1) or Hashed(), package, name))
    model = TextClassifier(store=False).fit(TEXTS, LABELS)
    for text in TEXTS:
        model.predict([text])
    assert len(made) <= 1


# Texts of another language


def test_a_centre_of_their_own():
    texts, labels = sample(40)
    others = [" ".join(np.random.default_rng(at).choice(["x", "y", "z", "u", "v", "w"], 6)) for at in range(20)]
    model = TextClassifier(encoder=Hashed(), store=False).fit(texts, labels)
    before = model.predict_proba(others)
    adapted = model.adapted(others)
    alone = TextClassifier(encoder=Hashed(), store=False, candidate=best_by_meaning(model.choice_)).fit(texts, labels)
    np.testing.assert_allclose(adapted.space_.centre, Hashed().encode(others).mean(axis=0), atol=1e-6)
    assert (model.predict_proba(others) == before).all()  # it is left as it was
    # Of few the centre is not known, and still no word of theirs was learned.
    np.testing.assert_allclose(model.adapted(others[:19]).predict_proba(others), alone.predict_proba(others), atol=1e-5)
    np.testing.assert_allclose(adapted.predict_proba(others), alone.adapted(others).predict_proba(others), atol=1e-5)
    assert model.choice_.chosen[0].mix.words > 0
    assert (adapted.classes_ == model.classes_).all()
    blank = model.adapted([""] * 30)
    assert np.isfinite(blank.predict_proba([*others, ""])).all()


def test_words_alone_have_no_centre():
    model = words_alone().fit(TEXTS, LABELS)
    assert (model.adapted(["x y"] * 30).predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()


# Many texts


@pytest.mark.parametrize("encoder", [None, Hashed()])
def test_the_way_of_many_texts(encoder, monkeypatch):
    texts, labels = sample(120)
    usual = TextClassifier(encoder=encoder, store=False, candidate=Candidate(Mix(words=1.0))).fit(texts, labels)
    monkeypatch.setattr(module, "_WHOLE", 50)
    monkeypatch.setattr(module, "_TRIED_ON", 80)
    same = TextClassifier(encoder=encoder, store=False, candidate=Candidate(Mix(words=1.0))).fit(texts, labels)
    np.testing.assert_allclose(same.scores(texts), usual.scores(texts), atol=1e-3)
    told = ~np.isnan(same.held_out_).any(axis=1)
    assert 0.1 < told.mean() < 0.3
    scores = [np.log(model.held_out_[told]) / model.sharpness_ for model in (same, usual)]
    centred = [one - one.mean(axis=1, keepdims=True) for one in scores]
    np.testing.assert_allclose(*centred, atol=1e-3)

    model = TextClassifier(encoder=encoder, store=False).fit(texts, labels)
    assert model.choice_.texts == 80
    assert not any(one.candidate.mix.characters for one in model.choice_.tried)
    assert (model.predict(texts) == labels).mean() > 0.9
    order = np.random.default_rng(0).permutation(120).tolist()
    other = TextClassifier(encoder=encoder, store=False).fit([texts[at] for at in order], [labels[at] for at in order])
    assert (other.predict_proba(texts) == model.predict_proba(texts)).all()
    np.testing.assert_array_equal(other.held_out_, model.held_out_[order])


# Elsewhere

ELSEWHERE = """
import json, sys
sys.path.insert(0, {folder!r})
from test_classifier import Hashed, TextClassifier, sample
texts, labels = sample(120, telling=1)
model = TextClassifier(encoder=Hashed(), store=False, seconds=1e9).fit(texts, labels, [at // 2 for at in range(120)])
print(json.dumps([model.predict(texts).tolist(), model.predict_proba(texts).tolist(), model.held_out_.tolist(),
                  [repr(one) for one in model.choice_.chosen], [[term.text for term in terms] for terms in model.terms_]]))
"""


def elsewhere(threads, hash_seed):
    variables = {**os.environ, "OPENBLAS_NUM_THREADS": str(threads), "PYTHONHASHSEED": str(hash_seed), "RESEARCH_PROGRESS": "0"}
    code = ELSEWHERE.format(folder=os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_other_processes_and_numbers_of_threads_give_the_same():
    one, other = elsewhere(1, 1), elsewhere(2, 2)
    for place in (0, 3, 4):
        assert one[place] == other[place]
    for place in (1, 2):
        np.testing.assert_allclose(one[place], other[place], atol=1e-5)


@pytest.mark.slow
def test_the_bundled_encoder():
    texts = ["فرض عقوبات على السفن", "تجميد أموال المصرف", "فاز الفريق بالكأس", "سجل اللاعب هدفا", "", "rain today"]
    labels = ["sanctions", "sanctions", "sport", "sport", "sport", "weather"]
    coder = encoders.get_encoder()
    model, again = TextClassifier(encoder=coder, store=False), TextClassifier(encoder=coder, store=False)
    model.fit(texts, labels)
    again.fit(texts[::-1], labels[::-1])
    found = model.predict_proba([*texts, " "])
    assert np.isfinite(found).all()
    assert (again.predict_proba([*texts, " "]) == found).all()
    assert (again.held_out_ == model.held_out_[::-1]).all()
    assert model.predict(["فرض عقوبات على السفن", "سجل اللاعب هدفا", "rain today"]).tolist() == [
        "sanctions",
        "sport",
        "weather",
    ]
    named = TextClassifier(encoder="use", store=False).fit(texts, labels)
    assert (named.held_out_ == model.held_out_).all()
