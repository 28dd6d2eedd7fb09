from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.text import normalize
from research.text.lexicon import STOP_WORD_GROUPS, names, nisba_base, stop_words
from research.text.stems import split_clitics, stem

arabic_words = st.text("ابتجدرسعفقكلمنهويء", min_size=1, max_size=9)


def split(display, counts=()):
    found = split_clitics(normalize(display), display, Counter(normalize(" ".join(counts)).split()))
    return found.bare, found.shown


# -- proclitics ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "bare", "shown"),
    [
        ("السفينة", "سفينه", "السفينة"),
        ("والسفينة", "سفينه", "السفينة"),
        ("فالسفينة", "سفينه", "السفينة"),
        ("بالسفينة", "سفينه", "السفينة"),
        ("كالسفينة", "سفينه", "السفينة"),
        ("وبالسفينة", "سفينه", "السفينة"),
        ("فبالسفينة", "سفينه", "السفينة"),
        ("وكالسفينة", "سفينه", "السفينة"),
        ("للسفينة", "سفينه", "السفينة"),
        ("وللسفينة", "سفينه", "السفينة"),
        ("فللسفينة", "سفينه", "السفينة"),
        ("للأسماك", "اسماك", "الأسماك"),
        ("السفن", "سفن", "السفن"),
    ],
)
def test_what_stands_before_an_article_shows_in_the_spelling(word, bare, shown):
    assert split(word) == (bare, shown)


@pytest.mark.parametrize(
    "word", ["ألوان", "ألمانيا", "إلهام", "آلات", "والد", "بالغ", "كالح", "فالق", "لله", "الى", "ولد", "بيت", "كلب", "فم"]
)
def test_what_only_looks_like_an_article_or_proclitic_stays(word):
    assert split(word) == (normalize(word), word)
    # Not even texts that hold what would be left, once for ten of the whole.
    rest = word[1:]
    assert split(word, [word] * 10 + [rest]) == (normalize(word), word)


@pytest.mark.parametrize("word", ["ولد", "كرد", "بنت", "فجر", "لحم"])
def test_a_word_of_three_letters_is_never_cut(word):
    assert split(word, [word, word[1:], word[1:]]) == (word, word)


@pytest.mark.parametrize(("letter", "word"), [(letter, word) for letter in "وفبلك" for word in ("سفينة", "أسماك")])
def test_a_single_letter_is_cut_where_the_texts_have_the_rest(letter, word):
    joined = letter + word
    assert split(joined) == (normalize(joined), joined)
    assert split(joined, [joined, word]) == (normalize(word), word)
    # The rest with its article attests it too: the article is not part of the word.
    assert split(joined, [joined, "ال" + word]) == (normalize(word), word)
    # The rest is too rare to be what the word is made of.
    assert split(joined, [joined] * 5 + [word]) == (normalize(joined), joined)
    # An article before the whole proves that its first letter is its own.
    assert split(joined, [joined, word, "ال" + joined]) == (normalize(joined), joined)


def test_two_letters_are_cut_one_after_the_other():
    assert split("ولسفينة", ["ولسفينة", "لسفينة", "سفينة"]) == ("سفينه", "سفينة")
    assert split("ولسفينة", ["ولسفينة", "سفينة"]) == ("ولسفينه", "ولسفينة")


@pytest.mark.parametrize("word", ["وزير", "وفد", "وكالة", "فريق", "بوتين", "لبنان", "كتاب", "بلدان", "كيان"])
def test_a_first_letter_that_belongs_to_the_word_stays(word):
    texts = [word] * 4 + ["ال" + word, word[1:]]
    assert split(word, texts) == (normalize(word), word)


@given(arabic_words, st.dictionaries(arabic_words, st.integers(1, 9), max_size=6), st.text("وفبلكا", max_size=4))
def test_what_is_left_is_an_end_of_the_word(word, counts, clitics):
    whole = clitics + word
    found = split_clitics(whole, whole, counts)
    assert found.bare
    assert whole.endswith(found.bare)
    assert found.shown in (found.bare, "ال" + found.bare)


def test_a_display_form_of_another_length_is_not_used():
    assert split_clitics("strasse", "Straße", {}).shown == "strasse"


# -- stems ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forms",
    [
        ("سفينة", "سفينه", "سفينتها", "سفينته", "سفينتهم"),
        ("عقوبة", "عقوبات", "عقوباتها"),
        ("أسلحة", "أسلحتهم", "اسلحة"),
        ("وزارة", "وزارتها", "وزارات"),
        ("صاروخي", "صاروخية"),
        ("مهندس", "مهندسون", "مهندسين"),
        ("sanction", "sanctions"),
        ("أميركا", "أمريكا", "أمريكي", "أميركية", "أميركيون", "الأمريكيين", "أمريكان"),
        ("روسيا", "روسي", "روسية", "روسيات", "روس"),
        ("ألمانيا", "المانيا", "ألماني", "ألمانية", "ألمان"),
        ("السعودية", "سعودي", "سعوديون", "سعوديات"),
        ("سوريا", "سورية", "سوري", "سوريين"),
        ("الهند", "هندي", "هنديون"),
        ("سنغافورة", "سنغافوري"),
        ("فرنسا", "فرنسي", "فرنسيتين"),
    ],
)
def test_forms_of_one_word_have_one_stem(forms):
    assert len({stem(split_clitics(normalize(form), form, {}).bare) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("رؤوس", "روس"),
        ("رؤوس", "روسيا"),
        ("فريق", "رفيق"),
        ("لبنان", "لبن"),
        ("مصر", "مصرف"),
        ("بوتين", "بوت"),
        ("قانون", "قان"),
        ("سكان", "سك"),
        ("حرية", "حر"),
        ("سور", "سوريا"),
        ("سورة", "سوريا"),
        ("ترك", "تركيا"),
        ("تركة", "تركيا"),
        ("جورج", "جورجيا"),
        ("كوب", "كوبا"),
        ("هندسة", "الهند"),
        ("يمين", "اليمن"),
        ("عراقة", "عرق"),
        ("متهم", "مت"),
        ("علم", "عالم"),
    ],
)
def test_words_of_two_subjects_have_two_stems(one, other):
    assert stem(split_clitics(normalize(one), one, {}).bare) != stem(split_clitics(normalize(other), other, {}).bare)


@pytest.mark.parametrize("word", ["москва", "평양", "łódź", "s-400", "3.5", "don't", "تي"])
def test_what_is_neither_arabic_nor_english_stays(word):
    assert stem(word) == word


@pytest.mark.parametrize("name", ["واشنطن", "كوبنهاغن", "هورايزن"])
def test_the_end_of_a_foreign_name_is_no_ending(name):
    assert stem(name) == name


@given(arabic_words)
def test_a_stem_is_never_empty(word):
    assert stem(word)


# -- lexicon -------------------------------------------------------------------------------------------------------------


def test_stop_words_are_normalised_and_take_a_conjunction():
    forms = stop_words()
    assert all(normalize(form) == form and form.split() == [form] for form in forms)
    assert {"الي", "والي", "فالي", "هذه", "وقالت", "فقال", "the"} <= forms
    assert "وthe" not in forms
    assert not forms & {"عقوبات", "سفينه", "صاروخ", "اتفاق", "انتخابات", "اقتصاد", "زلزال"}


def test_groups_of_stop_words_are_apart_and_together_all():
    assert stop_words([]) == frozenset()
    assert frozenset().union(*(stop_words([group]) for group in STOP_WORD_GROUPS)) == stop_words()
    for group, word in zip(STOP_WORD_GROUPS, ["علي", "صرحت", "فبراير", "which"], strict=True):
        assert [other for other in STOP_WORD_GROUPS if word in stop_words([other])] == [group]


def test_an_unknown_group_is_named_with_those_that_there_are():
    with pytest.raises(ConfigError) as raised:
        stop_words(["function", "nouns"])
    assert "'nouns'" in str(raised.value)
    assert all(group in str(raised.value) for group in STOP_WORD_GROUPS)


def test_every_spelling_of_a_name_leads_to_its_first_form():
    known = names()
    assert set(known.values()) >= {"بيونغ يانغ", "سيول", "كيم جونغ أون", "الأمم المتحدة", "أميركا"}
    for first in set(known.values()):
        words = normalize(first).split()
        bare = tuple(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words)
        assert known[bare] == first
    assert all(part == normalize(part) and part for form in known for part in form)


@pytest.mark.parametrize(
    ("word", "country"),
    [
        ("اميركي", "اميركا"),
        ("امريكيون", "اميركا"),
        ("الماني", "المانيا"),
        ("مانيا", "المانيا"),
        ("سعودي", "السعوديه"),
        ("صيني", "الصين"),
        ("روس", "روسيا"),
        ("اتراك", "تركيا"),
        ("سور", None),
        ("قطره", None),
        ("ترك", None),
        ("مصرف", None),
        ("ي", None),
        ("", None),
    ],
)
def test_the_country_of_an_adjective(word, country):
    assert nisba_base(word) == country
