"""Words and numbers with their place in the original text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from research.text.normalize import ANALYSIS_STEPS, normalize_aligned

__all__ = ["BREAK", "Token", "is_arabic", "located_words_and_breaks", "pieces", "tokenize", "words", "words_and_breaks"]

#: What `words_and_breaks` puts where punctuation separates two words.
BREAK = "\n"

_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640"
# A number with its separators; a Latin name with its number (S-400); letters of any script with their marks. The
# underscore of hashtags and every hyphen between words separate: «كيم جونغ-أون» and «كيم جونغ أون» are the same words.
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[A-Za-z]+-\d+[A-Za-z]*|(?:[^\W_][{_MARKS}]*)+(?:['’](?=[A-Za-z])[A-Za-z]+)?")
# A dash breaks where it stands between blanks; the hyphen inside a name does not.
_WORD_OR_BREAK = re.compile(rf"{_WORD.pattern}|[.,،؛;:!?؟()\[\]{{}}\"«»“”…\n\r\u2028\u2029|/—]+|(?<=\s)[-–−](?=\s)")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its normalised form and its span in the original text, in characters."""

    text: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """List the words of a text that is normalised already (no offsets; the fast way for whole corpora).

    Examples
    --------
    >>> words("اشترت 3.5 مليون طن من #كوريا_الشمالية، S-400")
    ['اشترت', '3.5', 'مليون', 'طن', 'من', 'كوريا', 'الشمالية', 'S-400']
    """
    return _WORD.findall(text)


def words_and_breaks(text: str) -> list[str]:
    """List the words of a text with `BREAK` where punctuation stands between them, which no phrase crosses.

    Examples
    --------
    >>> words_and_breaks("فازت كوريا، الشمالية قالت: جونغ-أون")
    ['فازت', 'كوريا', '\\n', 'الشمالية', 'قالت', '\\n', 'جونغ', 'أون']
    """
    return [word if word[0].isalnum() else BREAK for word in _WORD_OR_BREAK.findall(text)]


def pieces(text: str) -> list[str]:
    """List what `words_and_breaks` lists, punctuation as it stands; what does not begin with a letter or digit is a break.

    Examples
    --------
    >>> pieces("فازت كوريا، قالت")
    ['فازت', 'كوريا', '،', 'قالت']
    """
    return _WORD_OR_BREAK.findall(text)


def located_words_and_breaks(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what `words_and_breaks` lists, each with its start and end in the given text.

    Examples
    --------
    >>> list(located_words_and_breaks("فازت كوريا،"))
    [('فازت', 0, 4), ('كوريا', 5, 10), ('\\n', 10, 11)]
    """
    for found in _WORD_OR_BREAK.finditer(text):
        word = found.group()
        yield (word if word[0].isalnum() else BREAK), found.start(), found.end()


def tokenize(text: str, steps: Iterable[str] = ANALYSIS_STEPS) -> Iterator[Token]:
    """Yield the words of a text, normalised, with their spans in the original.

    Parameters
    ----------
    text : str
        Any text.
    steps : iterable of str
        Normalisation steps, see `research.text.normalize.STEPS`.

    Yields
    ------
    Token
        In reading order. ``text[token.start:token.end]`` of the original is the word with its diacritics.

    Examples
    --------
    >>> [(token.text, token.start, token.end) for token in tokenize("حذّرت سيؤول")]
    [('حذرت', 0, 5), ('سيءول', 6, 11)]
    """
    aligned = normalize_aligned(text, steps)
    for found in _WORD.finditer(aligned.text):
        start, end = aligned.span(found.start(), found.end())
        yield Token(found.group(), start, end)


def is_arabic(word: str) -> bool:
    """Tell whether a word is written in Arabic letters.

    Examples
    --------
    >>> is_arabic("موسكو"), is_arabic("Moscow"), is_arabic("2024")
    (True, False, False)
    """
    return _ARABIC.search(word) is not None
