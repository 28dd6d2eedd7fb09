import itertools
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from written_arabic import HARAKAT, LETTERS, TATWEEL, messy, messy_words

from research.errors import ConfigError
from research.text import ANALYSIS_STEPS, DISPLAY_STEPS, STEPS, normalize, normalize_aligned

some_steps = st.sets(st.sampled_from(list(STEPS))).map(tuple)


@given(messy, some_steps)
@example("و\u064e\u0654", ANALYSIS_STEPS)
@example("\u200fابدأ\u200f", ANALYSIS_STEPS)
@example("İstanbul", ("case",))
def test_both_ways_give_the_same_text_for_any_choice_of_steps(text, steps):
    assert normalize_aligned(text, steps).text == normalize(text, steps)


@given(messy, some_steps)
def test_offsets_go_forward_within_the_original(text, steps):
    aligned = normalize_aligned(text, steps)
    assert aligned.offsets.shape == (len(aligned.text) + 1,)
    assert aligned.offsets[-1] == len(text)
    assert (np.diff(aligned.offsets) >= 0).all()
    assert (aligned.offsets[:-1] >= 0).all()
    assert (aligned.offsets[:-1] < len(text)).all()


@given(messy_words)
def test_each_piece_of_the_original_becomes_what_its_offset_says(text):
    aligned = normalize_aligned(text)
    cuts = [*dict.fromkeys(aligned.offsets.tolist()), len(text)]
    for start, end in itertools.pairwise(cuts):
        here = np.flatnonzero(aligned.offsets[:-1] == start)
        assert normalize(text[start:end]) == "".join(aligned.text[i] for i in here)
    assert normalize(text[: cuts[0]]) == ""


@given(messy, st.data())
def test_a_span_holds_at_least_what_it_was_asked_for(text, data):
    aligned = normalize_aligned(text)
    start = data.draw(st.integers(0, len(aligned.text)))
    end = data.draw(st.integers(start, len(aligned.text)))
    first, last = aligned.span(start, end)
    assert 0 <= first <= last <= len(text)
    assert (first < last) == (start < end)
    if start < end:
        assert first <= aligned.offsets[start]
        assert last > aligned.offsets[end - 1]


@given(messy_words)
@example("مُؤَسَّسة")
@example("بِئْرٌ في القُرآن")
@example("سُئِلَ Ёлка 서울 Éva")
def test_composed_and_decomposed_text_are_the_same(text):
    assert normalize(unicodedata.normalize("NFD", text)) == normalize(unicodedata.normalize("NFC", text))


@given(st.text(LETTERS + HARAKAT + TATWEEL + " 0٣٪«»،.", max_size=60))
def test_normalising_twice_changes_nothing_more(text):
    once = normalize(text)
    assert normalize(once) == once


@given(messy, some_steps, st.randoms())
def test_the_order_in_which_steps_are_named_does_not_matter(text, steps, random):
    shuffled = random.sample(steps, len(steps))
    assert normalize(text, shuffled) == normalize(text, steps)


@given(messy)
def test_no_steps_leave_the_text_alone(text):
    assert normalize(text, ()) == text
    assert normalize_aligned(text, ()).offsets.tolist() == list(range(len(text) + 1))


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("compose", "ا\u0655ن سي\u0654ول Cafe\u0301 и\u0306 \u1109\u1165\u110b\u116e\u11af", "إن سئول Café й 서울"),
        ("presentation", "\ufefb\ufea3\ufec6 \ufdf2", "لاحظ الله"),
        ("bidi", "\u202bقمة\u202c \u200fمو\u00adسكو\ufeff", "قمة موسكو"),
        ("diacritics", "صَرَّحَ رَحْمٰن", "صرح رحمن"),
        ("tatweel", "عـــاجل", "عاجل"),
        ("spaces", "قمة\u00a0ثانية\tو\u3000ثالثة", "قمة ثانية و ثالثة"),
        ("quotes", "«نعم» “لا” ‘ربما’", '"نعم" "لا" \'ربما\''),
        ("digits", "٢٠٢٤ ۴۵ ٣٫٥٪ ١٬٠٠٠", "2024 45 3.5% 1,000"),
        ("alef", "أمن إلى آب ٱلله", "امن الى اب الله"),
        ("hamza", "مسؤول مسئول", "مسءول مسءول"),
        ("ya", "إلى هدى کیف", "إلي هدي كيف"),
        ("ta_marbuta", "قمة", "قمه"),
        ("case", "Moscow МОСКВА Straße", "moscow москва strasse"),
    ],
)
def test_a_step_does_what_its_name_says_and_only_when_asked(step, before, after):
    assert normalize(before, [step]) == after
    assert normalize(before, [other for other in STEPS if other != step]) != normalize(before)
    assert normalize_aligned(before, [step]).text == after


def test_every_step_is_in_the_analysis_and_display_keeps_the_spelling():
    assert set(ANALYSIS_STEPS) == set(STEPS)
    assert normalize("سُـئِلَ «المسؤولُ» إلى أيّ مدىً ٣٫٥٪ Über", DISPLAY_STEPS) == "سئل «المسؤول» إلى أي مدى ٣٫٥٪ Über"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إعادة", "اعاده"),
        ("مسئولية", "مسؤوليه"),
        ("مستشفى", "مستشفي"),
        ("الرّئيسُ", "الرئيس"),
        ("القـــمّة", "القمة"),
        ("کوریا", "كوريا"),
        ("\ufedf\ufe92\ufee8\ufe8e\ufee5", "لبنان"),
        # letter shapes become letters before letters are folded
        ("\ufea7\ufec4\ufef4\ufe8c\ufe94 \ufe83\ufef3\ufec0\ufe8e", "خطيئة أيضا"),
        ("م\ufe76ن", "من"),
    ],
)
def test_spellings_of_one_word_come_together(one, other):
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("one", "other"), [("رؤوس", "روس"), ("علم", "عالم"), ("ماء", "ما"), ("بدء", "بدا"), ("ضيف", "صيف"), ("й", "и"), ("é", "e")]
)
def test_words_that_differ_stay_apart(one, other):
    assert normalize(one) != normalize(other)


def test_a_span_leads_back_over_marks_tatweel_and_ligatures():
    text = "رفض \u200fالمـــقتَرَحَ\u200f \ufefbحقًا"
    aligned = normalize_aligned(text)
    assert aligned.text == "رفض المقترح لاحقا"
    at = aligned.text.index("المقترح")
    assert text[slice(*aligned.span(at, at + 7))].strip("\u200f") == "المـــقتَرَحَ"
    at = aligned.text.index("لاحقا")
    assert text[slice(*aligned.span(at, at + 5))] == "\ufefbحقًا"
    # Half a ligature is the whole character.
    assert aligned.span(at, at + 1) == aligned.span(at + 1, at + 2) == (text.index("\ufefb"), text.index("\ufefb") + 1)


def test_an_empty_span_and_an_empty_text_have_a_place():
    assert normalize_aligned("").text == ""
    assert normalize_aligned("").span(0, 0) == (0, 0)
    assert normalize_aligned("\u200fنعم").span(0, 0) == (1, 1)
    assert normalize_aligned("ًّ").span(0, 0) == (2, 2)


@pytest.mark.parametrize("function", [normalize, normalize_aligned])
def test_an_unknown_step_is_named_with_those_that_there_are(function):
    with pytest.raises(ConfigError) as raised:
        function("نص", ["alef", "hamzah"])
    message = str(raised.value)
    assert "'hamzah'" in message
    assert all(step in message for step in STEPS)


@given(plain=st.text("سفنةأىك ـ«»٣٫", max_size=40), vowelled=st.text("سَفُنِةَّأًى", min_size=1, max_size=40))
def test_text_with_many_vowel_signs_is_normalised_as_any_other(plain, vowelled):
    vowelled = "سَ" * 60 + vowelled  # enough of them to go the other way
    for steps in (ANALYSIS_STEPS, DISPLAY_STEPS, ("diacritics",)):
        assert normalize(f"{vowelled}\n{plain}", steps) == f"{normalize(vowelled, steps)}\n{normalize(plain, steps)}"
        assert normalize(f"{plain * 9} {'س' * 9000}", steps) == f"{normalize(plain, steps) * 9} {'س' * 9000}"
