import itertools

import pytest
from hypothesis import given
from written_arabic import messy, messy_words, prose

from research.text import DISPLAY_STEPS, normalize, tokenize
from research.text.tokens import BREAK, is_arabic, words, words_and_breaks


@given(messy_words)
def test_the_span_of_a_token_is_its_word_in_the_original(text):
    for token in tokenize(text):
        assert normalize(text[token.start : token.end]) == token.text


@given(messy)
def test_the_span_of_a_token_holds_its_word_even_inside_a_ligature_of_several(text):
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in normalize(text[token.start : token.end])


@given(messy_words)
def test_tokens_stand_in_order_and_do_not_overlap(text):
    spans = [(token.start, token.end) for token in tokenize(text)]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


@given(messy)
def test_tokens_are_the_words_of_the_normalised_text(text):
    assert [token.text for token in tokenize(text)] == words(normalize(text))
    assert [token.text for token in tokenize(text, DISPLAY_STEPS)] == words(normalize(text, DISPLAY_STEPS))


@given(prose)
def test_no_letter_and_no_digit_is_lost(text):
    folded = normalize(text)
    assert sum(c.isalnum() for word in words(folded) for c in word) == sum(c.isalnum() for c in folded)


@given(messy)
def test_breaks_are_all_that_is_added_to_the_words(text):
    found = words_and_breaks(normalize(text))
    assert [word for word in found if word != BREAK] == words(normalize(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وصلت البعثة.فاستقبلت", ["وصلت", "البعثة", "فاستقبلت"]),
        ("بِعْثَةٌ أُمَمِيَّة", ["بِعْثَةٌ", "أُمَمِيَّة"]),
        ("عـــاجل:خبر", ["عـــاجل", "خبر"]),
        ("#قمة_هانوي @user_1", ["قمة", "هانوي", "user", "1"]),
        ("جونغ-أون وجونغ–أون", ["جونغ", "أون", "وجونغ", "أون"]),
        ("منظومة S-400 و F-16A", ["منظومة", "S-400", "و", "F-16A"]),
        ("ارتفع 3.5% إلى 1,250.75", ["ارتفع", "3.5", "إلى", "1,250.75"]),
        ("عام 2024.", ["عام", "2024"]),
        ("don't Ukraine’s", ["don't", "Ukraine’s"]),
        ("قال 'لا'", ["قال", "لا"]),
        ("أكّد Łukasz أن Путин و 평양", ["أكّد", "Łukasz", "أن", "Путин", "و", "평양"]),
        ("🙂 … — ،", []),
        ("", []),
    ],
)
def test_what_a_word_is(text, expected):
    assert words(text) == expected


def test_foreign_words_inside_arabic_keep_their_place():
    text = "التقى «Sergei Лавров» في 평양 يومَ الأحد"
    assert [text[token.start : token.end] for token in tokenize(text)] == text.replace("«", "").replace("»", "").split()
    assert [token.text for token in tokenize(text)][1:3] == ["sergei", "лавров"]


def test_arabic_figures_with_arabic_separators_are_one_number():
    (token,) = tokenize("  ١٬٢٥٠٫٧٥ ")
    assert (token.text, token.start, token.end) == ("1,250.75", 2, 10)


@pytest.mark.parametrize("point", list('.,،؛;:!?؟()[]{}"«»“”…|/—\n\r\u2028\u2029'))
def test_punctuation_stands_between_words(point):
    assert words_and_breaks(f"قمح{point}شعير") == ["قمح", BREAK, "شعير"]
    assert words_and_breaks(f"قمح {point}{point} شعير") in (["قمح", BREAK, "شعير"], ["قمح", BREAK, BREAK, "شعير"])


@pytest.mark.parametrize("dash", list("-–−"))
def test_a_dash_between_blanks_separates_and_one_inside_a_name_does_not(dash):
    assert words_and_breaks(f"قمح {dash} شعير") == ["قمح", BREAK, "شعير"]
    assert words_and_breaks(f"جونغ{dash}أون") == ["جونغ", "أون"]


@pytest.mark.parametrize("joiner", [" ", "_", " #", "'", " % "])
def test_what_is_no_punctuation_of_sentences_does_not_separate(joiner):
    assert words_and_breaks(f"قمح{joiner}شعير") == ["قمح", "شعير"]


@pytest.mark.parametrize(
    ("word", "expected"), [("كييف", True), ("پوتین", True), ("Kyiv", False), ("Київ", False), ("١٢", False)]
)
def test_what_is_written_in_arabic_letters(word, expected):
    assert is_arabic(word) is expected
