"""Boundaries of paragraphs and sentences, as spans of the text as it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from research.errors import ConfigError

__all__ = ["paragraphs", "sentences"]

Span = tuple[int, int]

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_CLOSERS = "\"'»”’)\\]}›"
# What may end a sentence: dots, Latin and Arabic question marks, an exclamation mark, an ellipsis, the Urdu full stop, and
# the quotes and brackets that close with it.
_END = re.compile(rf"[.!?؟…۔]+[{_CLOSERS}\u200e\u200f]*")
_CLAUSE = re.compile(rf"[؛;،,:][{_CLOSERS}]*\s|\s")
# Titles and units before a dot (أ.د. ، م. ، ص.ب.) and English ones; a single letter before a dot is an initial.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"«“\-])(?:[^\W\d_]|و?أ\.د|و[دمأ]|ص\.ب|ق\.م|د\.م|ر\.س|ت\.ب|هـ|ـه|إلخ|الخ|Mr|Mrs|Ms|Dr|Prof|St|vs|No|Inc|Ltd|Co|Jr|Sr"
    r"|Gen|Lt|Col|Sgt|Gov|Sen|Rep|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|e\.g|i\.e|(?:[A-Za-z]\.)+[A-Za-z])$"
)
_ENDS_LIST = re.compile(r"(?:إلخ|الخ|هـ)$")
# A quotation longer than this is taken for one that was never closed.
_QUOTE_REACH = 1000
_OPENERS = {"«": "»", "“": "”", "„": "”", "(": ")", "[": "]"}


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the lines of a text that are not blank, as spans without the blanks around them.

    Parameters
    ----------
    text : str
        The text as read.

    Yields
    ------
    (int, int)
        Start and end in characters.

    Examples
    --------
    >>> text = "عنوان\\n\\n  فقرة أولى.  \\n"
    >>> [text[start:end] for start, end in paragraphs(text)]
    ['عنوان', 'فقرة أولى.']
    """
    for line in _LINE.finditer(text):
        span = _stripped(text, *line.span())
        if span is not None:
            yield span


def sentences(text: str, start: int = 0, end: int | None = None, *, max_chars: int | None = None) -> Iterator[Span]:
    """Yield the sentences of one paragraph.

    A sentence ends at ``.``, ``!``, ``?``, ``؟`` or ``…`` with the closing quotes and brackets that follow, when a blank or
    an Arabic letter comes next (many saved articles lack the blank). A dot inside a number, after an initial or a known
    abbreviation, or before a lower-case letter does not end one, nor does anything inside a quotation that is still open. The
    semicolon ``؛`` joins clauses: it separates only where a sentence is longer than ``max_chars``.

    Parameters
    ----------
    text : str
        The text as read.
    start, end : int
        The paragraph, in characters of ``text``.
    max_chars : int, optional
        Longer sentences are divided, at ``؛``, else at a comma, else at a blank, else anywhere.

    Yields
    ------
    (int, int)
        Start and end in characters of ``text``, without the blanks around.

    Raises
    ------
    ConfigError
        If ``max_chars`` is not positive.

    Examples
    --------
    >>> text = "بلغ النمو 3.5 في المئة؟ نعم، قال د. سامي. انتهى"
    >>> [text[start:end] for start, end in sentences(text)]
    ['بلغ النمو 3.5 في المئة؟', 'نعم، قال د. سامي.', 'انتهى']
    """
    if max_chars is not None and max_chars < 1:
        raise ConfigError(f"max_chars is {max_chars}", remedy="give at least 1, or None for whole sentences")
    stop = len(text) if end is None else end
    at = start
    for found in _END.finditer(text, start, stop):
        if not _ends_sentence(text, at, found.start(), found.end(), stop):
            continue
        yield from _within(text, at, found.end(), max_chars)
        at = found.end()
    yield from _within(text, at, stop, max_chars)


def _ends_sentence(text: str, start: int, mark: int, after: int, stop: int) -> bool:
    if after >= stop:
        return True
    follows = text[after]
    dots = text[mark] == "." and text[mark : mark + 2] != ".."
    if dots:
        before, arabic_next = text[mark - 1 : mark], "\u0620" <= follows <= "\u064a"
        if not (follows.isspace() or (arabic_next and len(_last_word(text, start, mark)) > 2)):
            return False
        head = text[max(start, mark - 12) : mark]
        if _ABBREVIATION.search(head) and not (_ENDS_LIST.search(head) and before):
            return False
        rest = text[after : min(stop, after + 8)].lstrip()
        if rest[:1].islower():
            return False
    elif not follows.isspace() and not ("\u0620" <= follows <= "\u064a" and text[mark] in "؟!"):
        return False
    return not _open_quote(text[max(start, after - _QUOTE_REACH) : after], text[after : min(stop, after + _QUOTE_REACH)])


def _last_word(text: str, start: int, mark: int) -> str:
    head = text[max(start, mark - 30) : mark]
    return head.rsplit(None, 1)[-1] if head.strip() else ""


def _open_quote(sentence: str, rest: str) -> bool:
    """Tell whether a quotation or bracket is open at the end of ``sentence`` and closes in ``rest``, in the same paragraph."""
    for opener, closer in _OPENERS.items():
        if sentence.count(opener) > sentence.count(closer) and closer in rest:
            return True
    return sentence.count('"') % 2 == 1 and '"' in rest


def _stripped(text: str, start: int, end: int) -> Span | None:
    # Without a copy: what is left of a very long sentence is looked at once for each of its parts.
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _within(text: str, start: int, end: int, max_chars: int | None) -> Iterator[Span]:
    span = _stripped(text, start, end)
    if span is None:
        return
    start, end = span
    while max_chars is not None and end - start > max_chars:
        cut = _best_cut(text, start, start + max_chars)
        piece = _stripped(text, start, cut)
        if piece is not None:
            yield piece
        rest = _stripped(text, cut, end)
        if rest is None:
            return
        start, end = rest
    yield start, end


def _best_cut(text: str, start: int, limit: int) -> int:
    """Find where to divide: the last semicolon, else comma, else blank; in the second half of the room, else in the first."""
    for first_half in (False, True):
        best = {"؛": 0, "،": 0, " ": 0}
        # The blank after the last character that there is room for is not part of what is cut off.
        for found in _CLAUSE.finditer(text, start if first_half else start + (limit - start) // 2, limit + 1):
            mark = found.group()[0]
            best["؛" if mark in "؛;" else "،" if mark in "،,:" else " "] = found.end()
        if cut := best["؛"] or best["،"] or best[" "]:
            return cut
    return limit
