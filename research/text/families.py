"""Which written words of some texts one word that a reader looks for may mean: its other spellings, inflections and numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from research.text.lexicon import without_article
from research.text.normalize import DISPLAY_STEPS, normalize
from research.text.plurals import plurals_of
from research.text.readings import readings, seed_key
from research.text.tokens import is_arabic, words

__all__ = ["WordFamilies", "word_families"]

_LEAST = 3  # letters of the shortest singular that has a shape


@dataclass(frozen=True)
class WordFamilies:
    """The words of some texts, and which of them one word stands for.

    Attributes
    ----------
    forms : tuple of str
        The distinct words, normalised by every step, in alphabetical order.
    key_of : tuple of str
        The stem of every form, taken for a word that somebody looks for.
    members : mapping of str to tuple of int
        For every such stem the forms that may be it: with proclitics, article, pronouns, in the plural.
    """

    forms: tuple[str, ...]
    key_of: tuple[str, ...]
    members: dict[str, tuple[int, ...]]

    def of(self, word: str) -> tuple[str, ...]:
        """Give the forms that a written word may mean.

        Examples
        --------
        >>> word_families(["أُطلق الصاروخُ، لا السفن", "صواريخ وبصاروخين"]).of("صاروخ")
        ('الصاروخ', 'صواريخ', 'وبصاروخين')
        """
        return tuple(self.forms[number] for number in self.members.get(seed_key(normalize(word)), ()))


def word_families(texts: Iterable[str]) -> WordFamilies:
    """Group the words of some texts.

    Parameters
    ----------
    texts : iterable of str
        As they are written.

    Returns
    -------
    WordFamilies
        A form belongs to a stem if the stem is one of its readings (see `research.text.readings`), as for a codebook's seeds,
        or one is by its shape the plural of the other.

    Examples
    --------
    >>> word_families(["عقوبات جديدة", "العقوبة"]).of("العقوبات")
    ('العقوبه', 'عقوبات')
    """
    seen = Counter(word for text in texts for word in words(normalize(text, DISPLAY_STEPS)))
    written: dict[str, str] = {}  # the commonest spelling of each form
    for word, _ in sorted(seen.items(), key=lambda one: (-one[1], one[0])):
        written.setdefault(normalize(word), word)
    forms = tuple(sorted(written))
    key_of = tuple(seed_key(form) for form in forms)
    keys = set(key_of)
    members: dict[str, set[int]] = defaultdict(set)
    for number, form in enumerate(forms):
        for key in keys.intersection(readings(form)) | {key_of[number]}:
            members[key].add(number)
    spelt = {(seed_key(form), one) for form, word in written.items() if is_arabic(form) for one in _spellings(word)}
    for one, other in _plurals(sorted(spelt)):
        members[one], members[other] = (members[one] | members[other],) * 2
    return WordFamilies(forms, key_of, {key: tuple(sorted(members[key])) for key in sorted(members)})


def _spellings(word: str) -> set[str]:
    """Give a written word without its article, and without the alef of the accusative."""
    bare = without_article(word)
    return {bare, bare[:-1]} if bare.endswith("ا") and len(bare) > _LEAST + 1 else {bare}


def _plurals(spelt: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Find the stems that are each other's plural, by their spellings."""
    keys: dict[str, set[str]] = defaultdict(set)
    for key, word in spelt:
        keys[word].add(key)
    pairs = {
        (one, other)
        for singular in keys
        # Short words that end in a weak letter are verbs as often: نوى is no singular of نووي.
        if not (len(singular) == _LEAST and singular[-1] in "يىوا")
        for plural in plurals_of(singular)
        for one in keys.get(plural, ())
        for other in keys[singular]
        if one != other
    }
    return sorted(pairs)
