"""Text that runs from the right and text that runs from the left in one line: each kept from reordering the other.

Unicode Standard Annex 9: what stands around a run in ``<bdi>`` with a direction of its own takes it for one neutral character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from research.report.language import Language, spoken

__all__ = ["isolated", "visible"]

_LETTERS = r"\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
_MARKS = "،؛؟٪٫٬٭۔"  # they stand in words of the script, or between them, and begin none
_ARABIC_RUN = re.compile(
    rf"(?![{_MARKS}])[{_LETTERS}][^\x00-\x40\x5b-\x60\x7b-\x7f]*(?:[\s،؛.\-–«»\"'()]*[{_LETTERS}][^\x00-\x40\x5b-\x60\x7b-\x7f]*)*"
)
_OTHER = re.compile(rf"[^{_LETTERS}«»\n]+")
_LATIN = re.compile(r"[^\W\d_]")
_ALNUM = re.compile(r"[^\W_]")
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
# What steers a terminal, and what no XML may hold; the others of their kind are blanks.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BLANKS = re.compile("[\x0b\x0c\x1c-\x1f\x85]")
_DIVIDES = re.compile(r":\s+|\s(?=\()")
_REMARK = re.compile(r"\([^\s()]+\)\W*")
_NUMBER = re.compile(r"\d")
_WHOLE = 40  # characters up to which a number and its interval stay in one line, where halves of them would change places
_SIGNS = "+-−±~≥≤<>#@"
_PAIRS = {")": "(", "]": "["}


def visible(text: str) -> str:
    """Take out what would reorder or hide the text around it, and show what is no character as the sign for that.

    Examples
    --------
    >>> visible("a\\u202eb\\ud800 \\x1b[31m")
    'ab� �[31m'
    """
    return _CONTROLS.sub("\ufffd", _BLANKS.sub(" ", _BIDI_CONTROLS.sub("", text)))


def isolated(text: str, language: Language | None = None) -> Markup:
    """Escape a text, and isolate in it every run that is written the other way than the page.

    Parameters
    ----------
    text : str
        What is to be shown.
    language : {"en", "ar"}, optional
        That of the page; the one that is spoken when not given.

    Returns
    -------
    Markup
        In an English page runs of Arabic are isolated, in an Arabic one Latin words, numbers and intervals.

    Examples
    --------
    >>> str(isolated("3 of العقوبات <"))
    '3 of <bdi lang="ar" dir="rtl">العقوبات</bdi> &lt;'
    >>> str(isolated("الثبات 0.61 [0.60, 0.63]", "ar"))
    'الثبات <bdi class="whole" dir="ltr">0.61 [0.60, 0.63]</bdi>'
    """
    text = visible(text)
    return _with_latin_runs(text) if (language or spoken()) == "ar" else _with_arabic_runs(text)


def _with_arabic_runs(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _ARABIC_RUN.finditer(text):
        parts += [escape(text[at : found.start()]), Markup('<bdi lang="ar" dir="rtl">{}</bdi>').format(found.group())]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _with_latin_runs(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _OTHER.finditer(text):
        for piece in _pieces(text, found.start(), found.end()):
            start, end = _core(text, *piece)
            if start == end:
                continue
            run = text[start:end]
            kind = Markup(' lang="en"') if _LATIN.search(run) else Markup("")
            if " " in run and len(run) <= _WHOLE and _NUMBER.search(run):
                kind += Markup(' class="whole"')
            parts += [escape(text[at:start]), Markup('<bdi{} dir="ltr">{}</bdi>').format(kind, run)]
            at = end
    return Markup("").join([*parts, escape(text[at:])])


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Divide a run where the line goes on from the right: after a name and a colon comes its value, after a number a remark.

    What has words on both sides is left as it is: it may be a headline.
    """
    for found in _DIVIDES.finditer(text, start, end):
        after = text[found.end() : end]
        if not _LATIN.search(after) or (_REMARK.fullmatch(after) and not _LATIN.search(text[start : found.start()])):
            yield start, found.end()
            start = found.end()
    yield start, end


def _core(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a run to what belongs to its words and numbers: signs and closed brackets, not the sentence's punctuation."""
    words = [found.start() for found in _ALNUM.finditer(text, start, end)]
    if not words:
        return start, start
    first, last = words[0], words[-1] + 1
    while first > start and (text[first - 1] in _SIGNS or (text[first - 1] in "([" and _closes(text, first - 1, last, end))):
        first -= 1
    while last < end and (text[last] == "%" or text[last : last + 2] == " %" or _opened(text, first, last)):
        last += 2 if text[last] == " " else 1
    return first, last


def _closes(text: str, opening: int, last: int, end: int) -> bool:
    close = {"(": ")", "[": "]"}[text[opening]]
    return close in text[opening:last] or text[last:end].startswith(close)


def _opened(text: str, first: int, last: int) -> bool:
    """Tell whether the character at the end closes a bracket that was opened in the run."""
    close = text[last]
    return close in _PAIRS and text[first:last].count(_PAIRS[close]) > text[first:last].count(close)
