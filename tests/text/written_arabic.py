"""What a saved text may contain, for tests that hold for any text."""

from hypothesis import strategies as st

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآؤئىةپگچیکٱ"
HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
HAMZA_MARKS = "\u0653\u0654\u0655"
TATWEEL = "\u0640"
# One character each that stands for one or two letters of one word.
SHAPES = "\ufe8d\ufe8e\ufedf\ufee0\ufefb\ufefc\ufef7\ufdf2\ufc5e\ufb8e\ufeb3"
# One character that stands for several words.
SENTENCE_SHAPES = "\ufdfa\ufdfb"
BIDI = "\u200e\u200f\u202a\u202b\u202c\u2066\u2069\u061c\u200d\u200c\ufeff\u00ad"
LATIN = "abzABZéÉñßİŁœ"
CYRILLIC = "абвЖЙёЁ"
HANGUL = "서울평양"
JAMO = "\u1100\u1161\u11a8"
MARKS = "\u0301\u0308"
DIGITS = "019٠٣٩۴"
POINTS = ".,،؛;:!?؟…«»\"'()-_#%٪٫٬/"
SPACES = " \t\n\u00a0\u2003\u3000"

_KINDS = [LETTERS, HARAKAT, HAMZA_MARKS, TATWEEL, SHAPES, BIDI, LATIN, CYRILLIC, HANGUL, JAMO, MARKS, DIGITS, POINTS, SPACES]


def _of(kinds: list[str], max_size: int) -> st.SearchStrategy[str]:
    # First a kind, then one of it: the few letters of Hangul are as likely as the many of Arabic.
    return st.lists(st.one_of([st.sampled_from(kind) for kind in kinds]), max_size=max_size).map("".join)


#: Everything at once, in any order.
messy = st.one_of(_of([*_KINDS, SENTENCE_SHAPES], 40), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))

#: The same without the characters that stand for several words.
messy_words = _of(_KINDS, 40)

#: What reads like prose: words, points and blanks.
prose = _of([LETTERS, LETTERS, LETTERS, LATIN, DIGITS, POINTS, " ", " ", " \n\u2028\r\t"], 120)
