"""Plurals by their shape: what newspapers write is found, and words that only look alike are left apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.text.plurals import is_plural

LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"

# One pair for every shape, and for some shapes pairs of several roots.
PAIRS = [
    ("سوق", "أسواق"),
    ("سهم", "أسهم"),
    ("حرب", "حروب"),
    ("سلاح", "أسلحة"),
    ("وزير", "وزراء"),
    ("صديق", "أصدقاء"),
    ("قذيفة", "قذائف"),
    ("رسالة", "رسائل"),
    ("سفينة", "سفن"),
    ("هاتف", "هواتف"),
    ("قاعدة", "قواعد"),
    ("صاروخ", "صواريخ"),
    ("قانون", "قوانين"),
    ("محكمة", "محاكم"),
    ("عنصر", "عناصر"),
    ("مشروع", "مشاريع"),
    ("تقرير", "تقارير"),
    ("مباراة", "مباريات"),
    ("قناة", "قنوات"),
    ("دولة", "دولتين"),
    ("لاعب", "لاعبين"),
    ("دولار", "دولارا"),
]
APART = [
    ("علم", "إعلام"),
    ("مقتل", "مقاتل"),
    ("سفر", "سفير"),
    ("حكم", "حاكم"),
    ("نفط", "نقاط"),
    ("عقوبة", "عقبة"),
    ("بيت", "بيت"),
    ("", "ين"),
    ("بعد", "بعدا"),
    ("missile", "missiles"),
]


@pytest.mark.parametrize(("singular", "plural"), PAIRS)
def test_a_plural_is_one_of_its_singular_and_not_the_other_way_round(singular, plural):
    assert is_plural(plural, singular)
    assert not is_plural(singular, plural)


@pytest.mark.parametrize(("word", "other"), APART)
def test_words_that_only_look_alike_are_left_apart(word, other):
    assert not is_plural(other, word)
    assert not is_plural(word, other)


@given(st.text(LETTERS, min_size=3, max_size=3))
def test_a_broken_plural_keeps_the_letters_of_its_root_in_order(root):
    first, second, third = root
    assert is_plural(f"أ{first}{second}ا{third}", root)
    assert is_plural(f"{first}وا{second}{third}", f"{first}ا{second}{third}")
    assert not is_plural(f"أ{first}{second}ا{third}", root[:2] + ("ب" if third != "ب" else "ت"))


WORDS = st.text(LETTERS + "أاةء", max_size=7) | st.text(max_size=4)


@given(WORDS, WORDS)
def test_any_two_strings_have_an_answer_and_only_one_is_the_plural(word, other):
    assert not (is_plural(word, other) and is_plural(other, word))
    assert not is_plural(word, word)
