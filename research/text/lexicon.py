"""The word lists that ship with the package: function words, and names with several spellings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from research.errors import ConfigError
from research.text.normalize import normalize
from research.text.tokens import words

__all__ = ["STOP_WORD_GROUPS", "names", "nisba_base", "stop_words", "without_article"]

#: The groups of stop words, each of which can be asked for by itself.
STOP_WORD_GROUPS: tuple[str, ...] = ("function", "news", "calendar", "english")

_CONJUNCTIONS = ("و", "ف")
# Endings of the adjective of a country's name, longest first, as they stand after normalisation.
_NISBA = ("يتين", "يات", "يون", "يين", "يان", "يه", "يا", "ي")
# What a country's name loses before them: سوريا and سورية, فرنسا, غانا.
_COUNTRY_ENDING = re.compile("(?:يا|يه|ا|ه)$")


@cache
def _stop_word_groups() -> Mapping[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    group: set[str] = set()
    for line in files("research.text").joinpath("data/stopwords.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = groups.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            group.update(normalize(line).split())
    return {name: frozenset(forms) for name, forms in groups.items()}


def stop_words(groups: Iterable[str] = STOP_WORD_GROUPS) -> frozenset[str]:
    """Give the stop words of some groups, normalised like the text, each also with a conjunction before it.

    Parameters
    ----------
    groups : iterable of str
        Names from `STOP_WORD_GROUPS`.

    Returns
    -------
    frozenset of str
        Normalised forms.

    Raises
    ------
    ConfigError
        If a group has an unknown name.

    Examples
    --------
    >>> "الي" in stop_words(), "وقالت" in stop_words(["news"]), "قالت" in stop_words(["function"])
    (True, True, False)
    """
    known = _stop_word_groups()
    forms: set[str] = set()
    for name in groups:
        if name not in known:
            raise ConfigError(f"unknown group of stop words {name!r}", remedy=f"groups are {', '.join(known)}")
        forms |= known[name]
        if name != "english":
            forms |= {conjunction + form for conjunction in _CONJUNCTIONS for form in known[name]}
    return frozenset(forms)


def without_article(word: str) -> str:
    """Take the article off a normalised word of a name, where three letters are left.

    Examples
    --------
    >>> without_article("الشماليه"), without_article("الي")
    ('شماليه', 'الي')
    """
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@cache
def _lexicon() -> tuple[Mapping[tuple[str, ...], str], Mapping[str, str], Mapping[str, str]]:
    data = tomllib.loads(files("research.text").joinpath("data/names.toml").read_text(encoding="utf-8"))
    by_words: dict[tuple[str, ...], str] = {}
    by_base: dict[str, str] = {}
    for forms in data["country"] + data["name"]:
        for form in forms:
            first, *rest = words(normalize(form))
            for begin in _readings(first, form):
                by_words[begin, *(without_article(word) for word in rest)] = forms[0]
    by_form: dict[str, str] = {}
    for forms in data["country"]:
        key = normalize(forms[0])
        for form in forms:
            for bare in _readings(normalize(form), form):
                by_form[bare] = key
                base = _COUNTRY_ENDING.sub("", bare)
                if len(base) >= 3:
                    by_base[base] = key
    by_form |= {normalize(plural): normalize(country) for country, plural in data["people"]}
    return by_words, by_form, by_base


def _readings(word: str, form: str) -> tuple[str, ...]:
    """Give a name's first word without its article; ألمانيا has none, but the texts that write المانيا make it look so."""
    bare = without_article(word)
    return (bare,) if bare == word or form.startswith("ال") else (word, bare)


def names() -> Mapping[tuple[str, ...], str]:
    """Give the known names: the words of each spelling, normalised and without article, to the name's first form.

    Examples
    --------
    >>> names()["بيونغيانغ",] == names()["بيونغ", "يانغ"] == "بيونغ يانغ"
    True
    """
    return _lexicon()[0]


@lru_cache(maxsize=200_000)
def nisba_base(word: str) -> str | None:
    """Give the country that a word names or is the adjective of, normalised, or None.

    An adjective is told by its ending alone: what is left of some names without it is another word (سور, ترك, جورج).

    Parameters
    ----------
    word : str
        One normalised word, without article and proclitics.

    Examples
    --------
    >>> nisba_base("اميركيه"), nisba_base("امريكي"), nisba_base("روسيا"), nisba_base("روسيه")
    ('اميركا', 'اميركا', 'روسيا', 'روسيا')
    >>> nisba_base("مصرف"), nisba_base("سوره")
    (None, None)
    """
    _, forms, bases = _lexicon()
    if word in forms:
        return forms[word]
    for ending in _NISBA if word.endswith(_NISBA) else ():
        if word.endswith(ending) and word[: -len(ending)] in bases:
            return bases[word[: -len(ending)]]
    return None
