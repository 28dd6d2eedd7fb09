"""Controls hold what they should and nothing else: the words are the same, their company is gone or known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from sklearn.metrics import normalized_mutual_info_score

from research.evaluate import count_cooccurrence, deal_words, npmi, plant_themes, shuffled

TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=8)
SEED = st.integers(0, 99)


@given(st.lists(st.one_of(st.integers(), st.text(max_size=2), st.none()), max_size=20), SEED)
def test_shuffling_keeps_every_value_and_comes_back_with_its_seed(values, seed):
    before = list(values)
    found = shuffled(values, seed=seed)
    assert Counter(found) == Counter(values)
    assert found == shuffled(values, seed=seed)
    assert values == before


def test_every_order_is_as_likely():
    counts = Counter(tuple(shuffled("abc", seed=seed)) for seed in range(1200))
    assert len(counts) == 6
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_shuffled_labels_tell_nothing_of_the_old_ones():
    labels = [at % 4 for at in range(4000)]
    assert normalized_mutual_info_score(labels, shuffled(labels)) < 0.01


@given(TEXTS, SEED)
def test_dealing_keeps_lengths_and_the_words_of_all_texts(texts, seed):
    before = [list(text) for text in texts]
    dealt = deal_words(texts, seed=seed)
    assert [len(text) for text in dealt] == [len(text) for text in texts]
    assert Counter(word for text in dealt for word in text) == Counter(word for text in texts for word in text)
    assert dealt == deal_words(texts, seed=seed)
    assert texts == before


def test_another_seed_deals_otherwise():
    texts = [list("abcdefgh")] * 4
    assert len({str(deal_words(texts, seed=seed)) for seed in range(5)}) == 5
    assert len({str(shuffled(range(20), seed=seed)) for seed in range(5)}) == 5


def test_words_that_belonged_together_do_not_after_dealing():
    texts = [["a", "b", *"wxyz"], ["c", "d", *"wxyz"]] * 300
    before, after = (count_cooccurrence(some, "abcd") for some in (texts, deal_words(texts)))
    assert npmi([["a", "b"]], before) == pytest.approx([1])
    assert abs(npmi([["a", "b"]], after)[0]) < 0.1


def test_every_word_can_come_to_every_place():
    places = Counter(tuple(map(tuple, deal_words([["a"], ["b", "c"]], seed=seed))) for seed in range(1200))
    assert len(places) == 6
    assert chisquare(list(places.values())).pvalue > 0.001


def distinct(texts) -> int:
    return len({word for text in texts for word in text})


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), min_size=1, max_size=10), st.integers(1, 4), SEED)
def test_planted_texts_are_as_many_and_as_long_and_themes_take_turns(texts, themes, seed):
    before = [list(text) for text in texts]
    if distinct(texts) < themes:
        with pytest.raises(ValueError, match=f"{distinct(texts)} different words are too few for {themes} themes"):
            plant_themes(texts, themes=themes, seed=seed)
        return
    planted = plant_themes(texts, themes=themes, seed=seed)
    assert [len(text) for text in planted.texts] == [len(text) for text in texts]
    assert planted.themes.tolist() == [at % themes for at in range(len(texts))]
    assert planted.themes.dtype == np.int64
    assert {word for text in planted.texts for word in text} <= {word for text in texts for word in text}
    assert planted.texts == plant_themes(texts, themes=themes, seed=seed).texts
    assert texts == before


@given(st.integers(1, 5), st.integers(1, 6), SEED)
def test_wholly_planted_texts_hold_the_words_of_one_theme_which_no_other_has(themes, words, seed):
    texts = [[f"w{at}" for at in range(24)]] * (themes * 6)
    planted = plant_themes(texts, themes=themes, share=1.0, words=words, seed=seed)
    of = [{word for text in planted.texts[theme::themes] for word in text} for theme in range(themes)]
    assert sum(map(len, of)) == len(set().union(*of))
    size = min(words, 24 // themes)
    assert all(len(some) == size for some in of)  # 144 draws from at most 6 words: none is missed


def test_the_share_of_a_text_that_is_replaced_is_what_was_asked_for():
    # A word that stands in one text alone comes back in the dealt texts; a planted one is of its theme.
    texts = [[f"{text} {at}" for at in range(20)] for text in range(40)]
    for share, least in ((0.0, 0), (0.25, 5), (0.5, 10), (1.0, 20)):
        planted = plant_themes(texts, themes=4, share=share, words=2, seed=3)
        wholly = plant_themes(texts, themes=4, share=1.0, words=2, seed=3)
        themes = [{word for text in wholly.texts[theme::4] for word in text} for theme in range(4)]
        for theme, text in zip(planted.themes, planted.texts, strict=True):
            # Eight of 800 words are any theme's, so that a text holds few by dealing.
            assert least <= sum(word in themes[theme] for word in text) <= least + 2
        everything = Counter(word for text in planted.texts for word in text)
        assert (max(everything.values()) == 1) == (share == 0)


def test_without_a_share_planting_only_deals():
    texts = [list("abcd"), list("efgh"), list("abab")]
    planted = plant_themes(texts, themes=2, share=0.0)
    assert Counter(word for text in planted.texts for word in text) == Counter(word for text in texts for word in text)


def test_planted_themes_can_be_found_and_dealt_words_hold_none():
    rng = np.random.default_rng(5)
    texts = [[f"w{at}" for at in rng.integers(0, 200, 40)] for _ in range(200)]
    planted = plant_themes(texts, themes=4, share=0.5, words=10, seed=1)
    together = {theme: Counter(w for text in planted.texts[theme::4] for w in text).most_common(5) for theme in range(4)}
    topics = [[word for word, _ in words] for words in together.values()]
    vocabulary = {word for topic in topics for word in topic}
    assert len(vocabulary) == 20
    assert min(npmi(topics, count_cooccurrence(planted.texts, vocabulary))) > 0.2
    assert max(map(abs, npmi(topics, count_cooccurrence(deal_words(planted.texts), vocabulary)))) < 0.1


def test_planted_words_stand_anywhere_in_a_text():
    texts = [[f"{text} {at}" for at in range(100)] for text in range(4)]
    wholly, partly = (plant_themes(texts, themes=2, share=share, words=2, seed=2) for share in (1.0, 0.5))
    for text, theme in zip(partly.texts, map(set, wholly.texts), strict=True):
        # Two of 400 words are the theme's: those beside the fifty that were planted hardly matter.
        for half in (text[:50], text[50:]):
            assert 15 <= sum(word in theme for word in half) <= 35
    assert partly.texts[0] != partly.texts[2]
