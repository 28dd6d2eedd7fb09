"""Every key under which one written word may be looked up: for lists that people wrote, where a miss costs more than a hit.

The analyser decides on one key a word, because a wrong cut makes two subjects one. A codebook's seeds were chosen by a person:
here a word has as many readings as its letters allow, and it is the seed that picks one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from research.text.stems import stem
from research.text.tokens import is_arabic

__all__ = ["EXACT", "readings", "seed_key"]

#: Marks a reading that is the written word itself, without proclitics and article but not stemmed.
EXACT = "="

_CONJUNCTIONS, _PREPOSITIONS, _FUTURE = "وف", "بلك", "س"
_POSSESSIVE = re.compile("['’]s?$")
_LEAST = 3  # letters that must be left
# What the present tense puts before the root, and what persons put after it.
_VERB_PREFIXES = "يتنا"
_VERB_SUFFIXES = ("ونها", "وها", "تها", "تهم", "ون", "وا", "تا", "ان", "ها", "ت")
_PRONOUNS = ("هما", "كما", "ها", "هم", "نا", "كم", "ه")


@lru_cache(maxsize=200_000)
def readings(word: str) -> frozenset[str]:
    """Give the keys that a normalised word may stand for.

    Parameters
    ----------
    word : str
        One word, normalised by every step.

    Returns
    -------
    frozenset of str
        Stems of the word with and without its possible proclitics, article, accusative ending, pronouns and verbal affixes; and
        the word with and without its proclitics, article and accusative ending as it is, marked by `EXACT`.

    Examples
    --------
    >>> seed_key("صاروخ") in readings("وبصاروخا"), seed_key("قصف") in readings("ستقصفها"), seed_key("حظر") in readings("نظر")
    (True, True, False)
    """
    if not is_arabic(word):
        # Russia's, the missiles', two F-16s
        plain = _POSSESSIVE.sub("", word)
        forms = {word, plain, plain.removesuffix("s") if plain[-2:-1].isdigit() else plain}
        return frozenset({*(stem(form) for form in forms), *forms, EXACT + word, EXACT + plain})
    bare = _bare(word)
    forms = {*bare, *(form for whole in bare for form in _inflected(whole))}
    exact = {*bare, *(form[:-1] for form in bare if form.endswith("ا") and len(form) > _LEAST)}
    return frozenset({*(stem(form) for form in forms), *(EXACT + form for form in exact)})


@lru_cache(maxsize=20_000)
def seed_key(word: str) -> str:
    """Give the one key of a word that a person put on a list: its article is taken off, nothing else is guessed.

    Parameters
    ----------
    word : str
        One word, normalised by every step.

    Examples
    --------
    >>> seed_key("العقوبات") == seed_key("عقوبه")
    True
    """
    if is_arabic(word) and word.startswith("ال") and len(word) >= 5:
        word = word[2:]
    return stem(word)


def _bare(word: str) -> set[str]:
    """Take off, in order, a conjunction, the future's or a preposition's letter, and the article, each or not."""
    found = {word}
    for letters in (_CONJUNCTIONS, _PREPOSITIONS + _FUTURE):
        found |= {form[1:] for form in found if form[0] in letters and len(form) > _LEAST}
    found |= {form[2:] for form in found if form.startswith(("ال", "لل")) and len(form) >= _LEAST + 2}
    return found


def _inflected(word: str) -> set[str]:
    found = set()
    if word.endswith("ا") and len(word) > _LEAST + 1:
        found.add(word[:-1])
    for pronoun in _PRONOUNS:
        rest = word.removesuffix(pronoun)
        if rest != word and len(rest) >= _LEAST:
            # The ت that the pronoun brought out is the final ة of the noun.
            found |= {rest, rest[:-1] + "ه"} if rest.endswith("ت") else {rest}
    verbs = {word}
    if word[0] in _VERB_PREFIXES and len(word) > _LEAST:
        verbs.add(word[1:])
    for form in list(verbs):
        verbs |= {form.removesuffix(end) for end in _VERB_SUFFIXES if form.endswith(end) and len(form) - len(end) >= _LEAST}
    return found | (verbs - {word})
