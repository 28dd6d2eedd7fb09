import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus.duplicates import Copy, _with_company, near_duplicates
from research.errors import ConfigError

STORY = (
    "قررت بلدية الوادي نقل سوق الجمعة إلى ساحة المحطة القديمة ابتداء من مطلع الشهر المقبل بعد شكاوى متكررة من سكان الشارع "
    "الرئيس الذين لا يجدون مكانا لسياراتهم وقالت رئيسة المجلس إن الساحة تتسع لمئتي بسطة وإن الباعة سيدفعون نصف الرسوم في السنة "
    "الأولى على أن تتكفل البلدية بالإنارة والماء والحراسة الليلية وأن يعاد النظر في القرار إذا تراجع عدد المتسوقين"
)
WORDS = STORY.split()


def shingles(text: str, size: int = 3) -> set[tuple[str, ...]]:
    """Word n-grams, derived anew: the test texts have plain letters and blanks only."""
    line = re.findall(r"\w+", text)
    return {tuple(line[at : at + size]) for at in range(len(line) - size + 1)} or ({tuple(line)} if line else set())


def jaccard(first: str, second: str, size: int = 3) -> float:
    a, b = shingles(first, size), shingles(second, size)
    return len(a & b) / len(a | b)


def invented(seed: int, length: int = 60) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("بتجدرسعفقلمن", k=chance.randint(3, 7))) for _ in range(length))


def edited(text: str, changes: int, seed: int) -> str:
    chance = random.Random(seed)
    line = text.split()
    for at in chance.sample(range(len(line)), changes):
        line[at] = "".join(chance.choices("حخصضطظ", k=5))
    return " ".join(line)


def groups(texts: list[str], threshold: float, size: int = 3) -> list[int]:
    """By hand: the first text that each is connected with through pairs that are similar enough."""
    wordy = [number for number, text in enumerate(texts) if shingles(text, size)]
    pairs = [(a, b) for a in wordy for b in wordy if a < b and jaccard(texts[a], texts[b], size) >= threshold]
    first = list(range(len(texts)))
    for _ in texts:
        for a, b in pairs:
            first[a] = first[b] = min(first[a], first[b])
    return first


@pytest.mark.parametrize("texts", [[], [STORY], [""], ["", ""], ["؟ !", "؟ !"], [" \n", "\u200f"]])
def test_nothing_repeats_where_there_is_nothing_to_compare(texts):
    assert near_duplicates(texts) == []


def test_the_same_words_in_another_spelling_are_an_exact_copy():
    spelt = STORY.replace("إلى", "الى").replace("قررت", "قرّرتْ").replace("سوق", "ســـوق").replace(" الشهر", "، «الشهر»  \u200f")
    assert spelt != STORY
    assert near_duplicates([STORY, invented(1), spelt]) == [Copy(2, 0, 1.0)]


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_a_lightly_edited_text_is_a_copy_with_its_similarity(changes):
    for seed in range(10):
        other = edited(STORY, changes, seed)
        expected = jaccard(STORY, other)
        assert expected > 0.7
        assert near_duplicates([STORY, other]) == [Copy(1, 0, round(expected, 4))]


def test_a_text_with_a_sentence_before_and_after_is_a_copy():
    longer = "وأضافت الصحيفة ما يلي " + STORY + " وفق ما نقله مراسلها"
    (copy,) = near_duplicates([STORY, longer])
    assert copy == Copy(1, 0, round(jaccard(STORY, longer), 4))


def test_different_texts_that_share_a_sentence_are_no_copies():
    sentence = "وتقول البلدية إن القرار نهائي ولا رجعة فيه هذا العام"
    texts = [f"{invented(seed)} {sentence} {invented(seed + 100)}" for seed in range(12)]
    assert 0 < jaccard(texts[0], texts[1]) < 0.1
    assert near_duplicates(texts) == []


def test_the_order_of_words_counts():
    turned = " ".join(reversed(WORDS))
    assert near_duplicates([STORY, turned]) == []
    assert near_duplicates([STORY, turned], ngram=1) == [Copy(1, 0, 1.0)]


def test_a_text_shorter_than_a_shingle_is_a_copy_of_the_same_only():
    assert near_duplicates(["يتبع", "انتهى", "يتبع", "يتبع غدا", "غدا يتبع"]) == [Copy(2, 0, 1.0)]


def test_the_first_in_the_given_order_is_the_original():
    other = edited(STORY, 1, 1)
    similarity = round(jaccard(STORY, other), 4)
    assert near_duplicates([other, invented(1), STORY, other]) == [Copy(2, 0, similarity), Copy(3, 0, 1.0)]
    assert near_duplicates([STORY, invented(1), other, other]) == [Copy(2, 0, similarity), Copy(3, 0, similarity)]


def test_copies_of_copies_are_one_group_with_one_original():
    chain = [" ".join(WORDS[at : at + 40]) for at in range(0, 21, 4)]
    assert jaccard(chain[0], chain[1]) >= 0.7 > jaccard(chain[0], chain[2])
    copies = near_duplicates(chain)
    assert [(copy.index, copy.of) for copy in copies] == [(number, 0) for number in range(1, 6)]
    assert [copy.similarity for copy in copies] == [round(jaccard(chain[0], text), 4) for text in chain[1:]]


def test_the_threshold_is_the_least_similarity():
    other = edited(STORY, 4, 7)
    similarity = jaccard(STORY, other)
    assert near_duplicates([STORY, other], threshold=similarity) == [Copy(1, 0, round(similarity, 4))]
    assert near_duplicates([STORY, other], threshold=similarity + 1e-9) == []
    assert near_duplicates([STORY, STORY, other], threshold=1) == [Copy(1, 0, 1.0)]


@pytest.mark.parametrize("threshold", [0.2, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("ngram", [1, 3])
def test_the_same_groups_as_by_comparing_every_pair(threshold, ngram):
    texts = []
    for seed in range(8):
        story = invented(seed)
        texts += [story, edited(story, 2, seed), edited(story, 8, seed), edited(story, 20, seed)]
    random.Random(3).shuffle(texts)
    expected = groups(texts, threshold, ngram)
    found = list(range(len(texts)))
    for copy in near_duplicates(texts, threshold=threshold, ngram=ngram):
        found[copy.index] = copy.of
        assert copy.similarity == round(jaccard(texts[copy.index], texts[copy.of], ngram), 4)
    assert found == expected


@given(st.lists(st.lists(st.sampled_from(WORDS[:12]), max_size=12).map(" ".join), max_size=8), st.sampled_from([0.3, 0.7, 1.0]))
def test_copies_are_within_the_groups_that_every_pair_gives_and_exact_ones_are_all_found(texts, threshold):
    expected = groups(texts, threshold)
    copies = near_duplicates(texts, threshold=threshold)
    assert [copy.index for copy in copies] == sorted({copy.index for copy in copies})
    originals = {copy.of for copy in copies}
    assert not originals & {copy.index for copy in copies}
    for copy in copies:
        assert copy.of < copy.index
        assert expected[copy.of] == expected[copy.index]
        assert copy.similarity == round(jaccard(texts[copy.of], texts[copy.index]), 4)
    copied = {copy.index for copy in copies}
    for index, text in enumerate(texts):
        if text and text in texts[:index]:
            assert index in copied
    assert near_duplicates(texts, threshold=threshold) == copies


@pytest.mark.parametrize("threshold", [0, -0.1, 1.01, 5, float("nan"), float("inf")])
def test_a_threshold_that_is_none_is_named(threshold):
    with pytest.raises(ConfigError, match=rf"^threshold is {threshold}; give a number above 0"):
        near_duplicates([STORY, STORY], threshold=threshold)


@pytest.mark.parametrize("ngram", [0, -2])
def test_a_shingle_has_a_word_at_least(ngram):
    with pytest.raises(ConfigError, match=rf"^ngram is {ngram}; "):
        near_duplicates([STORY, invented(1)], ngram=ngram)


@given(
    st.lists(st.lists(st.sampled_from(WORDS[:9]), max_size=14), max_size=7), st.sampled_from([0.28, 0.3, 0.5, 0.55, 0.8, 1.0])
)
def test_a_text_with_a_similar_one_has_company(lines, threshold):
    texts = list(dict.fromkeys(" ".join(line) for line in lines if line))
    grams = [frozenset(" ".join(gram) for gram in shingles(text)) for text in texts]
    kept = _with_company(grams, range(len(texts)), threshold)
    similar = {a for a in range(len(texts)) for b in range(len(texts)) if a != b and jaccard(texts[a], texts[b]) >= threshold}
    assert similar <= set(kept)


def test_company_at_the_very_threshold_counts():
    whole = frozenset(map(str, range(25)))
    assert _with_company([whole, frozenset(map(str, range(7)))], [0, 1], 7 / 25) == [0, 1]
    assert _with_company([whole, frozenset(map(str, range(7)))], [0, 1], 0.28) == [0, 1]
