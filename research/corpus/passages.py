"""Documents into passages: paragraphs, groups of sentences where a paragraph is long, or single sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from research.corpus.documents import Document, Passage
from research.errors import ConfigError
from research.text.sentences import paragraphs, sentences

__all__ = ["PassageUnit", "split_passages"]

PassageUnit = Literal["paragraph", "sentence"]


def split_passages(
    document: Document,
    *,
    unit: PassageUnit = "paragraph",
    max_chars: int = 800,
    leave_out: Iterable[tuple[int, int]] = (),
) -> list[Passage]:
    """Divide a document.

    Parameters
    ----------
    document : Document
        One document; an unusable one has no passages.
    unit : {"paragraph", "sentence"}
        Paragraphs are the lines of the text; a paragraph longer than ``max_chars`` is divided between sentences.
    max_chars : int
        Longest passage, in characters.
    leave_out : iterable of (int, int)
        Spans of whole paragraphs that are not news.

    Returns
    -------
    list of Passage
        In reading order, numbered from 0, not overlapping; ``document.text[p.start:p.end] == p.text`` for each.

    Examples
    --------
    >>> document = Document("a", "وصل الوفد. بدأت المحادثات.\\n\\nانتهت القمة.")
    >>> [passage.text for passage in split_passages(document)]
    ['وصل الوفد. بدأت المحادثات.', 'انتهت القمة.']
    >>> [passage.start for passage in split_passages(document, unit="sentence")]
    [0, 11, 28]
    """
    if unit not in ("paragraph", "sentence"):
        raise ConfigError(f"unknown passage unit {unit!r}", remedy="units are paragraph and sentence")
    if max_chars < 1:
        raise ConfigError(f"max_chars is {max_chars}", remedy="give at least 1")
    left_out = set(leave_out)
    spans: list[tuple[int, int]] = []
    for start, end in paragraphs(document.text):
        if (start, end) in left_out:
            continue
        if unit == "paragraph" and end - start <= max_chars:
            spans.append((start, end))
        else:
            parts = list(sentences(document.text, start, end, max_chars=max_chars))
            spans.extend(parts if unit == "sentence" else _grouped(parts, max_chars))
    return [Passage(document.id, number, start, end, document.text[start:end]) for number, (start, end) in enumerate(spans)]


def _grouped(parts: Sequence[tuple[int, int]], max_chars: int) -> Iterator[tuple[int, int]]:
    """Join neighbouring sentences while they fit."""
    start, end = parts[0]
    for first, last in parts[1:]:
        if last - start > max_chars:
            yield start, end
            start = first
        end = last
    yield start, end
