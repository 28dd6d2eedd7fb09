"""Words, pairs and pieces of words: what scikit-learn gives for the same tokens, and a row that knows its own text alone."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from research.features.surface import learn_surface
from research.text.normalize import normalize
from research.text.tokens import words

ARABIC = "ابتحدرسعفقكلمنهويأإؤئىة"
MARKS = "\u064b\u064e\u064f\u0650\u0651\u0640\u200f"
MESSY = ARABIC + ARABIC + MARKS + "abcABCéİß" + "019٣٤" + ".,،؛!؟«»'-_#" + "     \n\t\u00a0" + "서б"

messy = st.text(st.sampled_from(MESSY), max_size=40)
few_words = st.lists(
    st.sampled_from(["عقوبات", "على", "السفن", "العقوبات", "the", "ships", "Ships", "S-400", "3.5"]), max_size=9
)
texts_of = st.lists(st.one_of(messy, few_words.map(" ".join)), min_size=1, max_size=8)


def tokens(text):
    return words(normalize(text))


def pairs_too(text):
    found = tokens(text)
    return found + [f"{one} {two}" for one, two in pairwise(found)]


def sklearn_words():
    return TfidfVectorizer(analyzer=pairs_too, sublinear_tf=True, norm="l2")


def sklearn_pieces():
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, norm="l2", lowercase=False,
        preprocessor=lambda text: " ".join(tokens(text)),
    )  # fmt: skip


def test_a_small_case_by_hand():
    space, seen, _ = learn_surface(["مطر مطر ريح", "ريح"])
    assert space.words.vocabulary == ("ريح", "مطر", "مطر ريح", "مطر مطر")
    rare, common = np.log(3 / 2) + 1, np.log(3 / 3) + 1
    row = np.array([common, rare * (1 + np.log(2)), rare, rare])
    np.testing.assert_allclose(space.words.weights, [common, rare, rare, rare], rtol=1e-6)
    np.testing.assert_allclose(seen.toarray()[0], row / np.linalg.norm(row), rtol=1e-5)
    np.testing.assert_allclose(seen.toarray()[1], [1, 0, 0, 0])


@settings(max_examples=80)
@given(texts_of)
def test_both_views_equal_those_of_scikit_learn(texts):
    space, seen, pieces = learn_surface(texts)
    if not any(map(tokens, texts)):
        assert space.words.vocabulary == space.characters.vocabulary == ()
        assert seen.shape == pieces.shape == (len(texts), 0)
        return
    for theirs, grams, ours in ((sklearn_words(), space.words, seen), (sklearn_pieces(), space.characters, pieces)):
        expected = theirs.fit_transform(texts)
        assert list(grams.vocabulary) == theirs.get_feature_names_out().tolist()
        np.testing.assert_allclose(grams.weights, theirs.idf_, rtol=1e-6)
        np.testing.assert_allclose(ours.toarray(), expected.toarray(), atol=2e-6)


@settings(max_examples=60)
@given(texts_of, texts_of)
def test_unseen_texts_equal_those_of_scikit_learn(texts, others):
    space = learn_surface(texts)[0]
    found = space.rows(others)
    if not any(map(tokens, texts)):
        assert [view.shape for view in found] == [(len(others), 0)] * 2
        return
    for theirs, ours in zip((sklearn_words(), sklearn_pieces()), found, strict=True):
        np.testing.assert_allclose(ours.toarray(), theirs.fit(texts).transform(others).toarray(), atol=2e-6)


@settings(max_examples=60)
@given(texts_of, st.randoms(use_true_random=False))
def test_a_row_depends_on_its_own_text_alone(texts, chance):
    space, *learned = learn_surface(texts)
    together = space.rows(texts)
    order = list(range(len(texts)))
    chance.shuffle(order)
    turned = space.rows([texts[at] for at in order])
    for view in range(2):
        whole = together[view].toarray()
        assert (whole == learned[view].toarray()).all()
        assert (whole[order] == turned[view].toarray()).all()
        for at, text in enumerate(texts):
            assert (space.rows([text])[view].toarray()[0] == whole[at]).all()


@settings(max_examples=40)
@given(texts_of, st.randoms(use_true_random=False))
def test_what_counts_does_not_depend_on_the_order_of_the_texts(texts, chance):
    shuffled = texts[:]
    chance.shuffle(shuffled)
    one, other = learn_surface(texts)[0], learn_surface(shuffled)[0]
    for kind in ("words", "characters"):
        a, b = getattr(one, kind), getattr(other, kind)
        assert a.vocabulary == b.vocabulary == tuple(sorted(a.vocabulary))
        assert (a.weights == b.weights).all()


@pytest.mark.parametrize("texts", [[], [""], ["", " \n ", "!؟ …"]])
def test_texts_without_a_word(texts):
    space, seen, pieces = learn_surface(texts)
    assert seen.shape == pieces.shape == (len(texts), 0)
    assert [view.shape for view in space.rows(["كلمة"])] == [(1, 0), (1, 0)]


def test_texts_of_one_word_and_of_unseen_words():
    space, seen, pieces = learn_surface(["عقوبات", "و"])
    assert space.words.vocabulary == ("عقوبات", "و")
    assert " و " in space.characters.vocabulary
    assert seen.toarray().tolist() == [[1, 0], [0, 1]]
    np.testing.assert_allclose(np.sqrt((pieces.toarray() ** 2).sum(axis=1)), 1, rtol=1e-6)
    unseen = space.rows(["قمة", "", "عقوبات قمة"])
    assert unseen[0].toarray().tolist() == [[0, 0], [0, 0], [1, 0]]
    assert unseen[1][0].nnz == unseen[1][1].nnz == 0
    assert space.rows([])[0].shape == (0, 2)


@pytest.mark.parametrize("asked", [[], [""], [" ", "!؟"]])
def test_texts_without_a_word_have_rows_as_wide_as_others(asked):
    space = learn_surface(["فرض عقوبات", "كأس العالم"])[0]
    shapes = [view.shape for view in space.rows(asked)]
    assert shapes == [(len(asked), len(space.words.vocabulary)), (len(asked), len(space.characters.vocabulary))]


def test_spellings_that_differ_in_marks_alone_are_one_word():
    space, seen, _ = learn_surface(["شُؤون", "شـؤون", "SHIPS", "ships"])
    assert len(space.words.vocabulary) == 2
    assert (seen[0] != seen[1]).nnz == (seen[2] != seen[3]).nnz == 0


def test_a_pair_is_told_from_a_word_and_does_not_cross_texts():
    space, _, _ = learn_surface(["ا ب", "ج"])
    assert "ا ب" in space.words.vocabulary
    assert "ب ج" not in space.words.vocabulary
    only = space.rows(["ب ا"])[0].toarray()[0]
    assert only[space.words.vocabulary.index("ا ب")] == 0


@pytest.mark.parametrize(("n", "kept"), [(199, True), (200, False)])
def test_grams_of_one_text_count_in_few_texts_only(n, kept):
    texts = ["كلمة وحيدة", *["كلمة أخرى"] * (n - 1)]
    space = learn_surface(texts)[0]
    assert ("وحيده" in space.words.vocabulary) is kept
    assert "اخري" in space.words.vocabulary
    assert ("وحيده" in learn_surface(texts, least=1)[0].words.vocabulary) is True
    assert learn_surface(texts, least=n)[0].words.vocabulary == ("كلمه",)


def test_with_a_least_number_of_texts_it_still_equals_scikit_learn():
    chance = random.Random(3)
    names = [f"كلمة{letter}" for letter in ARABIC]
    texts = [" ".join(chance.choices(names, k=chance.randint(0, 12))) for _ in range(230)]
    space, seen, pieces = learn_surface(texts)
    for theirs, grams, ours in ((sklearn_words(), space.words, seen), (sklearn_pieces(), space.characters, pieces)):
        theirs.set_params(min_df=2)
        expected = theirs.fit_transform(texts)
        assert list(grams.vocabulary) == theirs.get_feature_names_out().tolist()
        assert abs(ours - expected).max() < 2e-6
    for one, other in zip(space.rows(texts), (seen, pieces), strict=True):
        assert (one != other).nnz == 0


def test_what_no_encoding_holds_is_no_error():
    space = learn_surface(["\ud800 عقوبات", "كلمة\x00كلمة", "a" * 5000])[0]
    assert "عقوبات" in space.words.vocabulary
    assert all(sparse.issparse(view) and np.isfinite(view.data).all() for view in space.rows(["\udfff", "b" * 5000]))
