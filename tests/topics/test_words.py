"""Words of topics: BERTopic's scores against class-based TF-IDF computed here, keywords without repeats, labels."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from research.topics import choose_keywords, topic_words
from research.topics.keywords import label_of

TERMS = [["قمه", "وفد", "قمه"], ["وفد", "حوار"], ["كره", "هدف"], ["هدف", "هدف", "مدرب"], ["كره"]]
LABELS = np.array([1, 1, 0, 0, 0])


def test_scores_are_class_based_tf_idf():
    found = topic_words(TERMS, LABELS, np.eye(5, dtype=np.float32))
    counts = [
        Counter(term for row, label in zip(TERMS, LABELS, strict=True) if label == topic for term in row) for topic in (0, 1)
    ]
    average = int(sum(count.total() for count in counts) / 2)  # BERTopic takes a whole number of words
    overall = counts[0] + counts[1]
    for topic in (0, 1):
        share = {term: math.sqrt(count / counts[topic].total()) for term, count in counts[topic].items()}
        expected = {term: share[term] * math.log(1 + average / overall[term]) for term in share}
        scored = dict(found.scored[topic])
        assert scored == {term: pytest.approx(value, rel=1e-6) for term, value in expected.items()}
        assert [term for term, _ in found.scored[topic]] == sorted(scored, key=lambda term: -scored[term])


def test_the_numbers_of_clusters_are_ours_whatever_their_sizes():
    found = topic_words(TERMS, LABELS, np.eye(5, dtype=np.float32))
    assert {term for term, _ in found.scored[1]} == {"قمه", "وفد", "حوار"}


def test_texts_without_any_term():
    found = topic_words([[], []], np.array([0, 1]), np.eye(2, dtype=np.float32))
    assert found.scored == ((), ())
    assert found.model is None


def test_a_topic_without_terms_among_others_has_none():
    found = topic_words([["قمه"], [], ["هدف"]], np.array([0, 1, 2]), np.eye(3, dtype=np.float32))
    assert [len(scored) for scored in found.scored] == [1, 0, 1]


def test_keywords_do_not_repeat_the_words_of_a_phrase():
    scored = [("مجلس_امن", 0.9), ("امن", 0.8), ("قرار_مجلس_امن", 0.7), ("مجلس", 0.6), ("عقوب", 0.5)]
    chosen = choose_keywords(scored, dict.fromkeys([term for term, _ in scored], 5), n_texts=9)
    assert [keyword.term for keyword in chosen] == ["مجلس_امن", "قرار_مجلس_امن", "عقوب"]


def test_keywords_need_support_once_there_are_texts_enough():
    scored = [("نادر", 0.9), ("شائع", 0.1)]
    support = {"نادر": 1, "شائع": 3}
    assert [k.term for k in choose_keywords(scored, support, n_texts=3)] == ["نادر", "شائع"]
    assert [k.term for k in choose_keywords(scored, support, n_texts=4)] == ["شائع"]
    assert choose_keywords(scored, support, n_texts=200) == []


def test_labels_use_the_comma_of_their_script():
    assert label_of(["العقوبات", "السفن"]) == "العقوبات، السفن"
    assert label_of(["sanctions", "ships"]) == "sanctions, ships"
    assert label_of(["sanctions", "العقوبات", "ships"]) == "sanctions, العقوبات, ships"
    assert label_of([]) == ""


def test_a_vocabulary_of_one_term():
    """BERTopic itself fails on it."""
    found = topic_words([["قمه"], [], ["قمه", "قمه"]], np.array([0, 1, 0]), np.eye(3, dtype=np.float32))
    assert found.scored == ((("قمه", 1.0),), ())
