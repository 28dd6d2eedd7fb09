"""Prototypes: the mean that they are, descriptions with and without labels, probabilities, any order, odd inputs."""

from __future__ import annotations

import pickle
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from research.classifiers import prototypes as module
from research.classifiers.prototypes import SHARPNESS, PrototypeClassifier
from research.errors import ConfigError, DataError

NAMES = {"عقوبات": ["عقوبات", "حظر", "مصرف"], "رياضة": ["كأس", "فريق", "هدف"], "weather": ["rain", "wind", "storm"]}
COMMON = ["على", "في", "اليوم", "قال", "the", "new"]
ABOUT = {"عقوبات": ["حظر عقوبات", "تجميد مصرف"], "رياضة": ["كأس هدف فريق"], "weather": ["storm rain"]}


class Hashed:
    """An encoder whose vector is the sum of its words' random ones, off the origin."""

    name, version, dimension, parallel = "hashed", "1", 24, False

    def encode(self, texts):
        rows = [2.0 + sum(self._word(word) for word in text.split()) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.dimension)

    def _word(self, word):
        return np.random.default_rng(zlib.crc32(word.encode())).normal(size=self.dimension)

    def fingerprint(self):
        return "0" * 64


def sample(n=30, seed=0, telling=3):
    rng = np.random.default_rng(seed)
    labels = [list(NAMES)[at % 3] for at in range(n)]
    return [" ".join([*rng.choice(NAMES[one], telling), *rng.choice(COMMON, 2)]) for one in labels], labels


def made(**more):
    return PrototypeClassifier(encoder=Hashed(), store=False, **more)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


# What it is


@pytest.mark.parametrize("weight", [0.5, 2.0, 10.0])
def test_scores_are_cosines_with_weighted_means_of_centred_directions(weight):
    texts, labels = sample(20)
    other, asked = sample(40, seed=1)[0], sample(7, seed=2)[0]
    model = made(descriptions=ABOUT, weight=weight).fit(texts, labels, other)
    code = Hashed().encode
    centre = code([*texts, *other]).astype(float).mean(axis=0)
    prototypes = []
    for name in sorted(NAMES):
        own = unit(code([text for text, label in zip(texts, labels, strict=True) if label == name]) - centre)
        written = unit(code(ABOUT[name]) - centre)
        prototypes.append((own.sum(axis=0) + weight * written.mean(axis=0)) / (len(own) + weight))
    expected = unit(code(asked) - centre) @ unit(np.array(prototypes)).T
    assert model.classes_.tolist() == sorted(NAMES)
    np.testing.assert_allclose(model.scores(asked), expected, atol=1e-5)
    assert model.predict(asked).tolist() == [sorted(NAMES)[at] for at in expected.argmax(axis=1)]


def test_a_description_counts_for_as_many_labelled_texts_as_its_weight():
    texts, labels = sample(9)
    about = "حظر على مصرف"
    one = made(descriptions={"عقوبات": [about]}, weight=2.0).fit(texts, labels, [about, about])
    other = made().fit([*texts, about, about], [*labels, "عقوبات", "عقوبات"])
    asked = sample(12, seed=4)[0]
    np.testing.assert_allclose(one.scores(asked), other.scores(asked), atol=1e-5)


def test_descriptions_alone_are_enough():
    asked, truth = sample(60, seed=5)
    model = made(descriptions=ABOUT).fit([], [], unlabelled=sample(60, seed=6)[0])
    assert (model.predict(asked) == truth).mean() > 0.8
    assert not model.calibrated_
    assert model.sharpness_ == SHARPNESS == 8


def test_the_bundled_encoder_reads_descriptions_in_another_language():
    about = {"sport": ["football matches, teams and players"], "health": ["medicine, diseases and treatment"]}
    asked = [
        "سجل المهاجم هدفين في المباراة",
        "يعالج الطبيب المرضى بدواء",
        "فاز الفريق بالبطولة",
        "انتشر المرض في المدينة",
    ]
    model = PrototypeClassifier(descriptions=about, store=False).fit([], [], asked)
    assert model.predict(asked).tolist() == ["sport", "health", "sport", "health"]


def test_a_class_needs_a_label_or_a_description_not_both():
    texts, labels = sample(30)
    kept = [at for at, label in enumerate(labels) if label != "weather"]
    about = {name: ABOUT[name] for name in ("weather", "رياضة")}
    model = made(descriptions=about).fit([texts[at] for at in kept], [labels[at] for at in kept], sample(30, seed=7)[0])
    assert model.classes_.tolist() == sorted(NAMES)
    asked, truth = sample(60, seed=8)
    assert (model.predict(asked) == truth).mean() > 0.8
    assert not model.calibrated_


def test_unlabelled_texts_move_the_centre_and_nothing_else():
    texts, labels = sample(9)
    far = ["storm wind new"] * 30
    one, other = made().fit(texts, labels), made().fit(texts, labels, far)
    mean = Hashed().encode([*texts, *far]).astype(float).mean(axis=0)
    np.testing.assert_allclose(other.centre_, mean, atol=1e-6)
    assert abs(one.centre_ - other.centre_).max() > 0.05


# Probabilities


def test_sharpness_makes_labelled_texts_likeliest_each_left_out_of_its_own_prototype():
    texts, labels = sample(24, telling=4)
    labels[0] = "weather"  # not all of them are right
    order = sorted(range(24), key=lambda row: (texts[row], labels[row]))
    texts, labels = [texts[row] for row in order], [labels[row] for row in order]
    model = made(descriptions={"weather": ABOUT["weather"]}).fit(texts, labels)
    vectors = Hashed().encode(texts).astype(float)
    rows, names = unit(vectors - vectors.mean(axis=0)), sorted(NAMES)
    written = 2 * unit(Hashed().encode(ABOUT["weather"]) - vectors.mean(axis=0))[0]
    cosines = np.zeros((24, 3))
    for at in range(24):
        for column, name in enumerate(names):
            own = [row for row in range(24) if labels[row] == name and row != at]
            cosines[at, column] = rows[at] @ unit(rows[own].sum(axis=0) + (written if name == "weather" else 0))
    wanted = np.full((24, 3), 1 / 26 / 3)
    wanted[np.arange(24), [names.index(label) for label in labels]] += 1 - 1 / 26
    tried = np.exp(np.linspace(0, np.log(100), 4001))
    likely = [(wanted * log_softmax(sharp * cosines, axis=1)).sum() for sharp in tried]
    assert model.calibrated_
    assert 1.5 < tried[int(np.argmax(likely))] < 90  # inside, where the likeliest one is a maximum
    assert model.sharpness_ == pytest.approx(tried[int(np.argmax(likely))], rel=5e-3)


def test_one_text_in_a_class_cannot_be_left_out():
    texts, labels = sample(6)
    assert made().fit(texts, labels).calibrated_
    few = made().fit(texts[:5], labels[:5])
    assert not few.calibrated_
    assert few.sharpness_ == SHARPNESS
    assert not made().fit([*texts[:5], "  "], labels).calibrated_  # a blank one is none


def test_probabilities_add_up_and_agree_with_answers():
    texts, labels = sample(30)
    model = made(descriptions=ABOUT).fit(texts, labels)
    asked = [*sample(20, seed=9)[0], " ", ""]
    sure = model.predict_proba(asked)
    np.testing.assert_allclose(sure.sum(axis=1), 1)
    assert (model.classes_[sure.argmax(axis=1)] == model.predict(asked)).all()
    np.testing.assert_allclose(sure[-2:], 1 / 3)
    assert sure[:20].max(axis=1).min() > 1 / 3
    assert model.predict_proba([]).shape == (0, 3)
    assert model.predict([]).shape == (0,)


def test_a_text_gets_the_same_alone_and_among_others():
    model = made(descriptions=ABOUT).fit(*sample(30))
    asked = sample(50, seed=11)[0]
    assert (np.concatenate([model.predict_proba([text]) for text in asked]) == model.predict_proba(asked)).all()


@settings(max_examples=10)
@given(st.permutations(range(18)), st.permutations(range(10)), st.permutations(list(ABOUT)))
def test_order_does_not_matter(order, other_order, names):
    texts, labels = sample(18)
    other, asked = sample(10, seed=1)[0], sample(5, seed=2)[0]
    one = made(descriptions=ABOUT).fit(texts, labels, other)
    about = {name: ABOUT[name][::-1] for name in names}
    two = made(descriptions=about).fit(
        [texts[at] for at in order], [labels[at] for at in order], [other[at] for at in other_order]
    )
    assert (one.predict_proba(asked) == two.predict_proba(asked)).all()


# Odd inputs


def test_one_class_is_always_given():
    model = made(descriptions={"a": ["كأس"]}).fit([], [])
    assert model.predict_proba(["هدف", "مصرف"]).tolist() == [[1.0], [1.0]]
    assert not model.calibrated_


def test_labels_may_be_an_array_of_numbers():
    model = made().fit(["كأس هدف", "rain wind"], np.array([2, 10]))
    assert model.classes_.tolist() == ["10", "2"]
    assert model.predict(["كأس هدف"]).tolist() == ["2"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"weight": 0}, "weight is 0"),
        ({"weight": float("nan")}, "weight is nan"),
        ({"weight": float("inf")}, "weight is inf"),
        ({"encoder": None}, "need an encoder"),
        ({"descriptions": {"a": "one text"}}, "'a' is one text"),
    ],
)
def test_parameters_that_cannot_be_are_named(more, told):
    with pytest.raises(ConfigError, match=told):
        PrototypeClassifier(**{"encoder": Hashed(), "store": False, **more}).fit(["كأس"], ["a"])


@pytest.mark.parametrize(
    ("about", "texts", "labels", "told"),
    [
        (None, [], [], "nothing to learn from"),
        ({}, [], [], "nothing to learn from"),
        ({"a": ["كأس"], "b": []}, [], [], "of the class 'b'"),
        ({"a": ["كأس"], "b": [" "]}, ["هدف"], ["a"], "of the class 'b'"),
        (None, ["هدف", " "], ["a", "b"], "of the class 'b'"),
        (None, ["هدف"], [], "0 labels for 1 texts"),
    ],
)
def test_classes_of_which_nothing_is_known_are_named(about, texts, labels, told):
    with pytest.raises(DataError, match=told):
        made(descriptions=about).fit(texts, labels)


def test_it_is_an_estimator_as_others():
    model = made(descriptions=ABOUT, weight=3.0)
    for ask in (model.predict, model.predict_proba, model.scores):
        with pytest.raises(NotFittedError):
            ask(["كأس"])
    texts, labels = sample(12)
    fitted = model.fit(texts, labels)
    again = clone(fitted)
    assert (again.descriptions, again.weight, again.store) == (ABOUT, 3.0, False)
    assert not hasattr(again, "classes_")


def test_the_encoder_is_made_once_and_stays_out_of_files(monkeypatch):
    made_so_far = []

    def get_encoder(name):
        made_so_far.append(name)
        return Hashed()

    monkeypatch.setattr(module, "get_encoder", get_encoder)
    model = PrototypeClassifier(descriptions=ABOUT, store=False).fit(*sample(9))
    before = model.predict_proba(["كأس هدف"])
    assert made_so_far == ["use"]
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(["كأس هدف"]) == before).all()
    assert made_so_far == ["use", "use"]
