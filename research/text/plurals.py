"""Plurals, duals and accusatives that the stemmer keeps apart from their singular, known by their shape."""

from __future__ import annotations

import re

__all__ = ["SHAPES", "is_plural", "plurals_of"]

# The shape of a singular, and those of its plurals. Only shapes that are hardly ever two words: a first hamza
# must be written (أعلام, not إعلام), and مقتل is no singular of مقاتل.
#: Patterns, each with the templates of what it becomes.
SHAPES = tuple(
    (re.compile(f"^(?:{singular})$"), plurals)
    for singular, plurals in (
        (r"(.)(.)(.)", (r"أ\1\2ا\3", r"أ\1\2\3", r"\1\2و\3")),  # سعر أسعار، سهم أسهم، حرب حروب
        (r"(.)(.)ا(.)", (r"أ\1\2\3ة",)),  # سلاح أسلحة
        (r"(.)(.)ي(.)", (r"\1\2\3اء", r"أ\1\2\3اء")),  # وزير وزراء، صديق أصدقاء
        (r"(.)(.)[اوي](.)ة", (r"\1\2ائ\3",)),  # قذيفة قذائف
        (r"(.)(.)ي(.)ة", (r"\1\2\3",)),  # سفينة سفن
        (r"(.)ا(.)(.)ة?", (r"\1وا\2\3",)),  # هاتف هواتف، قاعدة قواعد
        (r"(.)ا(.)[اوي](.)", (r"\1وا\2ي\3",)),  # صاروخ صواريخ
        (r"(.)(.)(.)(.)ة|([^م])(.)(.)(.)", (r"\1\5\2\6ا\3\7\4\8",)),  # محكمة محاكم، عنصر عناصر
        (r"(.)(.)(.)[اوي](.)", (r"\1\2ا\3ي\4",)),  # مشروع مشاريع
        (r"(.{2,})اة", (r"\1يات", r"\1وات")),  # مباراة مباريات، قناة قنوات
        (r"(.{3,})ة", (r"\1تين",)),  # دولة دولتين
        (r"(.{3,})", (r"\1ين",)),  # لاعب لاعبين
        (r"(.{4,})", (r"\1ا",)),  # دولار دولارا
    )
)


def is_plural(word: str, of: str) -> bool:
    """Tell whether a written word is, by its shape, a plural, dual or accusative of another.

    Parameters
    ----------
    word : str
        Without its article, as it is written: the hamza tells a plural from a verbal noun (أعلام, إعلام).
    of : str
        The singular, without its article.

    Returns
    -------
    bool
        False as well where the words are the same.

    Examples
    --------
    >>> is_plural("صواريخ", "صاروخ"), is_plural("أسعار", "سعر"), is_plural("إعلام", "علم"), is_plural("مقاتل", "مقتل")
    (True, True, False, False)
    """
    return word in plurals_of(of)


def plurals_of(word: str) -> frozenset[str]:
    """Give what would be, by its shape, a plural, dual or accusative of a written word; most of it is no word.

    Examples
    --------
    >>> "صواريخ" in plurals_of("صاروخ")
    True
    """
    return frozenset(
        singular.sub(plural, word) for singular, plurals in SHAPES if singular.fullmatch(word) for plural in plurals
    ) - {word}
