"""What a reader is shown of a topic: words that do not repeat each other, of more than one article, and apt passages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus.documents import Passage
from research.discovery.describe import describe_topics
from research.discovery.find import FoundTopics
from research.features import represent
from research.topics import TopicClusterer, choose_keywords

WORDS = ["مجلس", "امن", "دولي", "قرار", "عقوب", "سفن"]


def described(texts, scored, *, articles=None, labels=None, wires=None):
    """Describe topics whose terms are scored by hand: words in the order in which they are to be considered."""
    seen = represent(texts, np.eye(len(texts), dtype=np.float32), latent=0)
    words = tuple(tuple((seen.analyzer.key(word), 1 / (at + 1)) for at, word in enumerate(topic)) for topic in scored)
    labels = np.zeros(len(texts), np.int64) if labels is None else np.array(labels)
    clusterer = TopicClusterer().fit(np.eye(2, dtype=np.float32))  # its answer is not looked at
    undefined = np.full(len(texts), np.nan), np.full(len(words), np.nan)
    found = FoundTopics(
        labels, np.ones(len(texts)), *undefined, words, seen, clusterer.choice_, clusterer.hierarchy_, clusterer
    )
    ids = [f"a{n}" for n in range(len(texts))] if articles is None else articles
    units = [Passage(id, n, 0, len(text), text) for n, (id, text) in enumerate(zip(ids, texts, strict=True))]
    return describe_topics(found, units, np.arange(len(texts)), wires=wires or {})


def shown(*words):
    """What is shown of words that each stand in texts enough."""
    (topic,) = described([f"{word}." for word in words for _ in range(3)], [words])
    return [keyword.term for keyword in topic.keywords]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("صاروخ", "صواريخ"), ("الهاتف", "الهواتف"), ("الأسعار", "سعر"), ("أسهم", "سهم"), ("سلاح", "الأسلحة"),
        ("قذائف", "قذيفة"), ("محكمة", "المحاكم"), ("مشروع", "مشاريع"), ("مباراة", "مباريات"), ("الوزراء", "وزير"),
        ("دولار", "دولارا"), ("سفينة", "السفن"), ("عنصر", "عناصر"), ("قناة", "قنوات"), ("القانون", "قوانين"),
    ],
)  # fmt: skip
def test_singular_and_plural_are_shown_once(one, other):
    assert shown(one, other, "عقوبات") == [one, "عقوبات"]
    assert shown(other, one, "عقوبات") == [other, "عقوبات"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("مقتل", "مقاتل"), ("سلام", "إسلام"), ("إسلام", "سلم"), ("قتل", "قتال"), ("مصر", "مصير"), ("كاتب", "كتاب")],
)
def test_two_words_of_one_root_are_two_words(one, other):
    assert shown(one, other) == [one, other]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map("_".join),
    st.data(),
)
def test_every_keyword_brings_a_word_of_its_own(first, data):
    others = data.draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True), max_size=8))
    terms = list(dict.fromkeys([first, *("_".join(words) for words in others)]))
    scored = [(term, 1 / (at + 1)) for at, term in enumerate(terms)]
    chosen = [keyword.term for keyword in choose_keywords(scored, dict.fromkeys(terms, 5), n_texts=9)]
    assert chosen[0] == first
    before: set[str] = set()
    for term in chosen:
        assert not set(term.split("_")) <= before
        before |= set(term.split("_"))
    assert not any(
        a != b and "_" in a and b.startswith(f"{a}_") and chosen.index(a) < chosen.index(b) for a in chosen for b in chosen
    )


def test_a_phrase_that_goes_on_from_another_is_left_out_and_one_before_it_is_not():
    terms = ["مجلس_امن", "مجلس_امن_دولي", "قرار_مجلس_امن", "سفن", "سفن_حرب"]
    scored = [(term, 1 / (at + 1)) for at, term in enumerate(terms)]
    chosen = choose_keywords(scored, dict.fromkeys(terms, 5), n_texts=9)
    assert [keyword.term for keyword in chosen] == ["مجلس_امن", "قرار_مجلس_امن", "سفن", "سفن_حرب"]


def test_what_one_article_repeats_is_no_keyword_of_a_topic_of_several():
    texts = ["خشب وعقوبات.", "خشب وسفن.", "عقوبات.", "سفن وعقوبات.", "سفن."]
    words = ["خشب", "عقوبات", "سفن"]
    (several,) = described(texts, [words], articles=["a", "a", "b", "c", "d"])
    assert [keyword.term for keyword in several.keywords] == ["عقوبات", "سفن"]
    assert [keyword.support for keyword in several.keywords] == [3, 3]
    (few,) = described(texts, [words], articles=["a", "a", "b", "c", "c"])
    assert "خشب" in [keyword.term for keyword in few.keywords]
    # Two articles with one wire are one.
    (wire,) = described(texts, [words], articles=["a", "e", "b", "c", "d"], wires={"e": "a"})
    assert [keyword.term for keyword in wire.keywords] == ["عقوبات", "سفن"]


def test_a_topic_that_shares_no_word_between_articles_still_has_keywords():
    texts = ["خشب.", "خشب كثير.", "عقوبات.", "سفن.", "مطر."]
    (topic,) = described(texts, [["خشب", "عقوبات"]], articles=["a", "a", "b", "c", "d"])
    assert [keyword.term for keyword in topic.keywords] == ["خشب"]


def test_of_passages_as_near_the_one_that_holds_the_keywords_is_shown():
    filler = "كان ذلك في صباح يوم من أيام الشتاء الباردة التي لا تنتهي قريبا في تلك البلاد البعيدة كما يروي أهلها لمن زارهم"
    texts = [f"{filler}.", f"عقوبات على سفن {filler}.", f"سفن {filler}.", f"عقوبات {filler}.", f"{filler} أيضا."]
    (topic,) = described(texts, [["عقوبات", "سفن"]])
    assert topic.exemplars[0] == 1
    assert set(topic.exemplars[1:]) == {2, 3}
