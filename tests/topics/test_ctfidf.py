"""Class-based TF-IDF on counts: equal to BERTopic's own, whatever the order of texts; counting; ranking."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from research.errors import DataError
from research.text.term_lists import TermLists
from research.topics import topic_words
from research.topics.ctfidf import class_tfidf, count_terms, ranked_terms, topic_counts

texts_and_labels = st.lists(
    st.tuples(st.lists(st.sampled_from("ابجدهوزحطي"), max_size=8), st.integers(0, 3)), min_size=1, max_size=25
)


def split(pairs):
    terms, labels = [list(terms) for terms, _ in pairs], np.array([label for _, label in pairs])
    return terms, np.searchsorted(np.unique(labels), labels)  # without gaps, as the library numbers them


@given(texts_and_labels)
def test_it_is_what_the_library_computes(pairs):
    from bertopic.vectorizers import ClassTfidfTransformer

    terms, labels = split(pairs)
    counts, vocabulary = count_terms(terms)
    summed = topic_counts(counts, labels, labels.max() + 1)
    if len(vocabulary) < 2 or summed.sum() < summed.shape[0]:
        return  # the library fails on one term, and with less than one a topic it has zeros alone; see below
    library = ClassTfidfTransformer(reduce_frequent_words=True)
    theirs = library.fit(summed.copy()).transform(summed.copy())
    assert np.abs(class_tfidf(counts, labels, labels.max() + 1) - theirs).max() < 1e-9


def test_it_is_the_formula():
    terms, labels = [["قمه", "وفد", "قمه"], ["وفد"], ["هدف", "وفد"], []], np.array([0, 0, 1, 1])
    counts, vocabulary = count_terms(terms)
    found = class_tfidf(counts, labels, 2).toarray()
    here = [Counter({"قمه": 2, "وفد": 2}), Counter({"هدف": 1, "وفد": 1})]
    for topic in (0, 1):
        for at, term in enumerate(vocabulary):
            share = here[topic][term] / here[topic].total()
            expected = math.sqrt(share) * math.log(1 + 3 / (here[0][term] + here[1][term]))  # six terms in two topics
            assert found[topic, at] == pytest.approx(expected, abs=1e-12)


def test_the_first_words_are_those_of_the_fitted_model():
    rng = np.random.default_rng(0)
    terms = [[f"t{at}" for at in rng.zipf(1.6, 30) % 80] for _ in range(60)]
    labels = rng.integers(0, 4, 60)
    counts, vocabulary = count_terms(terms)
    ours = ranked_terms(class_tfidf(counts, labels, 4), vocabulary, most=200)
    theirs = topic_words(terms, labels, rng.normal(size=(60, 3)).astype(np.float32), most=200).scored
    for topic in range(4):
        assert dict(ours[topic]) == pytest.approx(dict(theirs[topic]), abs=1e-6)
        assert len(ours[topic]) > 20


@given(texts_and_labels, st.integers(0, 9))
def test_the_order_of_texts_does_not_matter(pairs, seed):
    terms, labels = split(pairs)
    order = np.random.default_rng(seed).permutation(len(terms))
    straight, mixed = count_terms(terms), count_terms([terms[at] for at in order])
    assert straight[1] == mixed[1]
    assert (straight[0][order] != mixed[0]).nnz == 0
    one, other = class_tfidf(straight[0], labels, 4), class_tfidf(mixed[0], labels[order], 4)
    assert ranked_terms(one, straight[1]) == ranked_terms(other, mixed[1])


@given(texts_and_labels)
def test_counts_are_those_of_each_text(pairs):
    terms, _ = split(pairs)
    counts, vocabulary = count_terms(terms)
    assert vocabulary == sorted({term for row in terms for term in row})
    for row, found in zip(terms, counts.toarray(), strict=True):
        assert {term: n for term, n in zip(vocabulary, found, strict=True) if n} == Counter(row)


@given(texts_and_labels, st.integers(0, 3), st.integers(0, 25))
def test_terms_that_are_numbers_are_counted_as_the_lists_that_they_stand_for(pairs, least, start):
    terms, _ = split(pairs)
    kept = TermLists.of(terms)[start:]  # of its vocabulary, some terms are in no text then
    codes = kept.codes.tolist()
    counts, vocabulary = count_terms(kept, least=least)
    expected, known = count_terms(terms[start:], least=least)
    assert vocabulary == known
    assert counts.toarray().tolist() == expected.toarray().tolist()
    assert kept.codes.tolist() == codes
    assert kept == terms[start:]


def test_terms_of_one_text_are_left_out_where_there_are_many_texts():
    terms = [["خبر", f"once{at}"] for at in range(500)]
    assert count_terms(terms)[1] == ["خبر"]
    assert len(count_terms(terms[:499])[1]) == 500
    assert count_terms([["ا"], ["ا"], ["ب"]], least=2)[1] == ["ا"]


def test_a_topic_without_texts_has_no_scores_and_changes_none():
    counts, _ = count_terms([["قمه", "وفد"], ["هدف"], ["هدف", "وفد"]])
    without = class_tfidf(counts, np.array([0, 1, 1]), 2).toarray()
    among = class_tfidf(counts, np.array([0, 2, 2]), 4).toarray()
    assert np.array_equal(among[[0, 2]], without)
    assert not among[[1, 3]].any()


def test_fewer_terms_than_topics_are_still_told_apart():
    counts, vocabulary = count_terms([["قمه"], [], []])
    assert ranked_terms(class_tfidf(counts, np.array([0, 1, 2]), 3), vocabulary) == (
        (("قمه", pytest.approx(math.log(2))),),
        (),
        (),
    )


@pytest.mark.parametrize("terms", [[], [[]], [[], []]])
def test_no_terms_at_all(terms):
    counts, vocabulary = count_terms(terms)
    found = class_tfidf(counts, np.zeros(len(terms), np.int64), 1)
    assert (counts.shape, found.shape, ranked_terms(found, vocabulary)) == ((len(terms), 0), (1, 0), ((),))


def test_labels_that_cannot_be_are_named():
    counts, _ = count_terms([["قمه"], ["هدف"]])
    with pytest.raises(DataError, match="1 labels for 2 texts"):
        class_tfidf(counts, np.array([0]), 1)
    with pytest.raises(DataError, match="no topic -1"):
        class_tfidf(counts, np.array([0, -1]), 2)
    with pytest.raises(DataError, match="no topic 2"):
        class_tfidf(counts, np.array([0, 2]), 2)


def test_ranked_terms_leave_out_what_does_not_speak_for_a_topic():
    scores = sparse.csr_matrix(np.array([[0.3, -1.0, 0.3, 0.9, np.nan]]))
    assert ranked_terms(scores, ["a", "b", "c", "d", "e"]) == ((("d", 0.9), ("a", 0.3), ("c", 0.3)),)
    assert ranked_terms(scores, ["a", "b", "c", "d", "e"], most=2) == ((("d", 0.9), ("a", 0.3)),)
