"""The lines of a saved page that are not news: told by what such lines are, where they stand, and that they recur.

A line is furniture when its kind shows in its wording and form (an imperative to the reader, a credit in brackets, a chain
of section names) and its place allows it. Wording alone is not enough inside the body, where news may speak of subscribers
and comments; place alone is not enough anywhere. Where nothing is certain the line stays: a line of furniture that stays
costs less than a line of news that goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from research.corpus.documents import Document
from research.corpus.wording import ABOVE, ADDRESS, CAPTION, CREDIT_END, HEADLINE_SOURCE, KINDS, SPOKEN
from research.text.dates import parse_date
from research.text.normalize import normalize
from research.text.sentences import paragraphs
from research.text.tokens import words

__all__ = ["Removed", "find_furniture", "least_pages", "short_lines"]

_SENTENCE_END = re.compile(r"[.!?؟…۔:][\"'»”’)\]\s]*$")
_NO_END = re.compile(r"(?:^|[\s./])[^\W\d]\.$|\.{4,}$")  # an initial; the dots of a form
_DIGITS = re.compile(r"\d+")
_CHAIN = re.compile(r"\s[|›»>/•·●▪■◆]\s|^[#•·]|\s#|\s[-–—]\s.{2,40}\s[-–—]\s")
_BREADCRUMBS = re.compile(r"\w\s+[›»>]\s+\w[^›»>«]*\s[›»>]\s+\w")
_LABEL = re.compile(r"^\W*(?:[^\W\d]+ ){0,3}[^\W\d]+\s?[:—–]\s(?![\"«“])")
_FULL_BODY, _OPEN_BODY = 12, 22  # words of a paragraph that closes as a sentence, and of one that does not
_SECTION, _TAIL_LINE = 4, 7  # longest section name, and longest stray line after the body, in words
_HEADLINE = 8  # words from which a line inside the body that closes with its source is another article's headline
_DISCIPLINE = 0.7  # share of paragraphs that must close as sentences before a missing full stop tells anything


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch of a document that is not news, and why it is taken for that."""

    document: str
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    folded: str
    size: int  # words
    ended: bool  # closes as a sentence does
    body: bool  # is a paragraph of running text


def find_furniture(documents: Iterable[Document], *, recurring: Collection[str] | None = None) -> list[Removed]:
    """Find what is not news in documents that come from the same places.

    Parameters
    ----------
    documents : iterable of Document
        Together they show which short lines recur; one alone works too, by wording and place.
    recurring : collection of str, optional
        The short lines that recur in a larger corpus of which these documents are a part, as `short_lines` gives them.

    Returns
    -------
    list of Removed
        Whole lines, in the order of the documents and of their texts. A document never loses all of its lines.

    Examples
    --------
    >>> body = "وصل الوزير إلى العاصمة صباح اليوم في زيارة تستمر يومين يلتقي خلالها عددا من المسؤولين."
    >>> page = Document("a", f"وصول الوزير إلى العاصمة في زيارة رسمية\\nكتبت هيئة التحرير\\n{body}\\nشارك المقال\\nالتعليقات")
    >>> [(line.text, line.reason) for line in find_furniture([page])]
    [('كتبت هيئة التحرير', 'byline'), ('شارك المقال', 'share prompt'), ('التعليقات', 'comment form')]
    """
    pages = [(document, _lines(document.text)) for document in documents]
    if recurring is None:
        recurring = _recurring([lines for _, lines in pages])
    return [
        Removed(document.id, line.start, line.end, line.text, reason)
        for document, lines in pages
        for line, reason in _judged(lines, document.title, recurring)
    ]


def _lines(text: str) -> list[_Line]:
    lines = []
    for start, end in paragraphs(text):
        # A tatweel between two blanks is a dash to those who type it.
        folded = " ".join(normalize(text[start:end].replace(" ـ ", " – ")).split())
        # Twenty characters count as a word at least: a line without blanks is no short line.
        size = max(len(words(folded[:4000])), len(folded) // 20)
        ended = _SENTENCE_END.search(folded[-40:]) is not None and _NO_END.search(folded[-8:]) is None
        body = size >= (_FULL_BODY if ended else _OPEN_BODY)
        lines.append(_Line(start, end, text[start:end], folded, size, ended, body))
    return lines


def short_lines(text: str) -> set[str]:
    """Give the short lines of a text as they are counted: normalised, and figures aside.

    Examples
    --------
    >>> short_lines("شارك 12 مرة\\nشارك 7 مرات")  == {"شارك 0 مره", "شارك 0 مرات"}
    True
    """
    return _short(_lines(text))


def _short(lines: Sequence[_Line]) -> set[str]:
    return {_DIGITS.sub("0", line.folded) for line in lines if line.size <= 12}


def least_pages(pages: int) -> int:
    """Tell in how many of so many pages a short line must stand to recur.

    Examples
    --------
    >>> least_pages(10), least_pages(10_000)
    (3, 50)
    """
    return max(3, pages // 200)


def _recurring(pages: Sequence[Sequence[_Line]]) -> frozenset[str]:
    """Short lines that stand in many pages: what a site prints around each of its articles."""
    seen: Counter[str] = Counter()
    for lines in pages:
        seen.update(_short(lines))
    return frozenset(line for line, count in seen.items() if count >= least_pages(len(pages)))


def _judged(lines: Sequence[_Line], title: str, recurring: Collection[str]) -> list[tuple[_Line, str]]:
    body = [number for number, line in enumerate(lines) if line.body and _by_wording(line, True) is None]
    while len(body) > 1 and _by_wording(lines[body[-1]], False) is not None:
        body.pop()
    # A long headline, or one that asks or trails off, is not where the body begins.
    if len(body) > 1 and _tops(lines, body[0]):
        body = body[1:]
    if not body:
        return []
    first, last = body[0], body[-1]
    ended = sum(lines[number].ended for number in body)
    disciplined = ended >= _DISCIPLINE * len(body) and ended >= 2
    title = normalize(" ".join(title.split()))
    headline = _headline(lines[:first], title)
    removed: dict[int, str] = {}
    for number, line in enumerate(lines):
        inside = first < number < last
        reason = _by_wording(line, inside) if number != headline else None
        if reason is None and not line.body and number != headline:
            head = lines[: min(number, first)]
            if _repeats(line, head, title if number else ""):
                reason = "repeated headline"
            elif _DIGITS.sub("0", line.folded) in recurring and not (inside and line.ended):
                reason = "recurring line"
            elif disciplined and not line.ended and line.size >= _HEADLINE and HEADLINE_SOURCE.search(line.folded) and inside:
                reason = "related links"
            elif disciplined and not line.ended and line.size <= 20 and CAPTION.match(line.folded):
                reason = "picture credit"
        if reason is not None:
            removed[number] = reason
    # What place alone tells comes last: a run of lines of one form is a list or a poem, and belongs to the article.
    for number in [number for number in range(len(lines)) if number not in removed and number != headline]:
        if lines[number].body or first < number < last or _in_list(lines, removed, number, first, last):
            continue
        reason = _by_place(lines[number], number, first, last, headline, removed, disciplined)
        if reason is not None:
            removed[number] = reason
    return [(lines[number], removed[number]) for number in sorted(removed)]


def _tops(lines: Sequence[_Line], number: int) -> bool:
    """Tell whether a line as long as a paragraph is a headline: only section names stand above, no full stop ends it."""
    line = lines[number]
    above = all(other.size <= _SECTION or _CHAIN.search(other.text) for other in lines[:number])
    return above and line.size <= _OPEN_BODY and not line.folded.rstrip('" ').endswith(".")


def _headline(head: Sequence[_Line], title: str) -> int | None:
    """The headline: the first line before the body that is too long for a section name and is nothing that stands above one.

    Headlines begin with the same words as bylines, tags and links (a team of experts, an office, a witness): there the place
    decides, not the wording.
    """
    for number, line in enumerate(head):
        if title and line.folded == title:
            return number
    lines = [
        number
        for number, line in enumerate(head)
        if line.size > _SECTION
        and not _BREADCRUMBS.search(line.text)
        and parse_date(line.text) is None
        and _by_wording(line, False) not in ABOVE
    ]
    # A chain of section names may be as long as a headline; where nothing else is one, a long chain is.
    plain = [number for number in lines if not _CHAIN.search(head[number].text)]
    long = [number for number in lines if head[number].size > _TAIL_LINE]
    return next(iter(plain or long), None)


def _by_wording(line: _Line, inside: bool) -> str | None:
    """What a line is by its cue; a line that closes as a sentence must also speak to the reader."""
    if line.size > 30:
        return None
    spoken = ADDRESS.search(line.folded) is not None
    asks = line.folded.endswith(("?", "؟", "!", "…"))
    for kind in KINDS:
        if line.size > kind.longest or (inside and not kind.inside) or not kind.cue.match(line.folded):
            continue
        if asks and kind.reason == "related links":
            return kind.reason  # to a headline that asks
        full_sentence = line.body or (line.ended and not line.folded.endswith(":"))
        if full_sentence and (inside or not spoken or kind.reason not in SPOKEN):
            continue
        return kind.reason
    if inside and not line.ended and 5 <= line.size <= 20 and CREDIT_END.search(line.folded):
        return "picture credit"
    return None


def _in_list(lines: Sequence[_Line], removed: dict[int, str], number: int, first: int, last: int) -> bool:
    """Tell whether a line after the body stands in a list or a poem.

    That is a run of three or more short lines of one form that nothing marks as furniture, or what follows a colon.
    """
    if number < first:
        return False
    low = high = number
    while low - 1 > last and low - 1 not in removed:
        low -= 1
    while high + 1 < len(lines) and high + 1 not in removed:
        high += 1
    run = lines[low : high + 1]
    if any(line.folded.endswith(":") for line in lines[last if low - 1 == last else low : number]):
        return True
    forms = {"label" if _LABEL.match(line.text) else "chain" if _CHAIN.search(line.text) else "plain" for line in run}
    unended = sum(not line.ended for line in run)
    return len(run) >= 3 and unended >= 2 and len(forms) == 1 and removed.get(low - 1) != "related links"


def _repeats(line: _Line, head: Sequence[_Line], title: str) -> bool:
    """Tell whether a line is the title or a line of the head again, whole or cut short."""
    if line.size < 4 or line.folded.endswith("."):
        return False
    start = line.folded.rstrip(" .…")
    others = [other.folded for other in head] + ([title] if title else [])
    return any(other == line.folded or (line.size >= 5 and other.startswith(start)) for other in others)


def _by_place(
    line: _Line, number: int, first: int, last: int, headline: int | None, removed: Mapping[int, str], disciplined: bool
) -> str | None:
    """What a line before or after the body is, when it does not close as a sentence does."""
    question = line.folded.endswith(("?", "؟"))
    if line.ended and not question:
        return None
    label = _LABEL.match(line.text) is not None
    if line.size <= 12 and not question:
        if parse_date(line.text) is not None:
            return "date line"
        if _BREADCRUMBS.search(line.text) or (_CHAIN.search(line.text) and not label):
            return "section name"
    if CREDIT_END.search(line.folded) and 5 <= line.size <= 20 and number > (headline if headline is not None else first):
        return "picture credit"
    if number < first and headline is not None and line.size <= _SECTION and not question:
        return "section name"
    if number > last:
        follows = removed.get(number - 1)
        if line.size < _OPEN_BODY and (follows == "related links" or (label and (follows or not question))):
            return "related links"
        if line.size <= _TAIL_LINE and not question and (disciplined or follows):
            return "page end"
    return None
