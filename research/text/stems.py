"""Proclitics and stems, one word type at a time: conservative, because a wrong cut makes two subjects one.

Written Arabic joins conjunctions, prepositions and the article to the word after them. The article is cut where the
spelling shows it; a single letter is cut only when the texts themselves attest what is left (and do not attest the whole
with an article, which a proclitic cannot carry). What remains is stemmed by the Snowball stemmer for Arabic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import Stemmer

from research.text.lexicon import nisba_base
from research.text.tokens import is_arabic

__all__ = ["Split", "split_clitics", "stem"]

_BEFORE_ARTICLE = ("وبال", "وكال", "فبال", "وال", "فال", "بال", "كال")
_BEFORE_LL = ("ولل", "فلل", "لل")
_SINGLE = frozenset("وفبلك")
_FIRST = frozenset("ا") | _SINGLE  # with one of these begins every word that has a proclitic or an article
# How often what is left must occur for each time that the whole does.
_ATTESTED = 0.25


@dataclass(frozen=True, slots=True)
class Split:
    """A word without its proclitics.

    Attributes
    ----------
    bare : str
        The word without proclitics and article.
    shown : str
        The word without proclitics but with the article that it had: the form that people are shown.
    """

    bare: str
    shown: str


def split_clitics(word: str, display: str, counts: Mapping[str, int]) -> Split:
    """Take the proclitics off one word.

    Parameters
    ----------
    word : str
        The normalised word.
    display : str
        The same word as it was written (without diacritics): أ is not the alef of an article.
    counts : mapping of str to int
        How often each normalised word occurs in the texts at hand; may be empty.

    Returns
    -------
    Split
        Bare and shown form; both equal the word where nothing is certain.

    Examples
    --------
    >>> split_clitics("والعقوبات", "والعقوبات", {}).shown
    'العقوبات'
    >>> split_clitics("للاسلحه", "للأسلحة", {}).shown
    'الأسلحة'
    >>> counts = {"قال": 9, "وقال": 4, "وزير": 5, "الوزير": 2, "زير": 9}
    >>> split_clitics("وقال", "وقال", counts).bare, split_clitics("وزير", "وزير", counts).bare
    ('قال', 'وزير')
    """
    if len(word) != len(display):
        display = word
    if word[0] not in _FIRST:
        return Split(word, display)
    for prefix in _BEFORE_ARTICLE if display.startswith(_BEFORE_ARTICLE) else ():
        if display.startswith(prefix) and _rest_stands(word[len(prefix) :], counts):
            return Split(word[len(prefix) :], display[len(prefix) - 2 :])
    for prefix in _BEFORE_LL if display.startswith(_BEFORE_LL) else ():
        if display.startswith(prefix) and _rest_stands(word[len(prefix) :], counts):
            return Split(word[len(prefix) :], "ال" + display[len(prefix) :])
    if display.startswith("ال") and len(word) >= 5:
        return Split(word[2:], display)
    if word[0] in _SINGLE and len(word) >= 4:
        rest = word[1:]
        attested = counts.get(rest, 0) + counts.get("ال" + rest, 0)
        if attested and attested >= _ATTESTED * counts.get(word, 0) and "ال" + word not in counts:
            return split_clitics(rest, display[1:], counts)
    return Split(word, display)


def _rest_stands(rest: str, counts: Mapping[str, int]) -> bool:
    return len(rest) >= 4 or (len(rest) == 3 and (not counts or "ال" + rest in counts or rest in counts))


@cache
def _snowball(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)


def stem(bare: str) -> str:
    """Stem one normalised word without proclitics and article; the result is a key, not a word.

    Countries and their adjectives share one key. Other Arabic words go to the Snowball stemmer as definite nouns, which
    keeps it from taking a first letter for a preposition. English words have their own stemmer, other scripts are kept.

    Examples
    --------
    >>> stem("عقوبات") == stem("عقوبه"), stem("اميركي") == stem("امريكيه"), stem("وزارتها") == stem("وزاره")
    (True, True, True)
    >>> stem("فريق"), stem("بوتين"), stem("sanctions")
    ('فريق', 'بوتين', 'sanction')
    """
    if not is_arabic(bare):
        return str(_snowball("english").stemWord(bare)) if bare.isascii() and bare.isalpha() else bare
    country = nisba_base(bare)
    if country is not None:
        return country
    noun = _without_pronoun(bare)
    # Short words in -ان, -ين, -ون are names and singulars (بوتين، سكان، قانون) far more often than duals and plurals.
    if len(noun) <= 3 or (len(noun) <= 5 and noun[-1] == "ن"):
        return noun
    if noun[-1] == "ه":
        noun = noun[:-1] + "ة"
    stemmed = str(_snowball("arabic").stemWord("ال" + noun)).removeprefix("ال")
    if len(stemmed) < 3 or stemmed + "ن" == noun:
        return noun.replace("ة", "")
    return stemmed


def _without_pronoun(word: str) -> str:
    """Take off a possessive pronoun of the third person; the ت that it brought out becomes the final ة again."""
    for pronoun in ("هما", "هم", "ها"):
        if word.endswith(pronoun) and len(word) - len(pronoun) >= 4:
            word = word[: -len(pronoun)]
            break
    else:
        if not (word.endswith("ته") and len(word) >= 6):
            return word
        word = word[:-1]
    return word[:-1] + "ه" if word.endswith("ت") and not word.endswith("ات") else word
