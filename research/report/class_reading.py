"""What of a classification is for reading: confusions side by side, and articles with the sentences that carry the answer."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.messages import count, joined, listed, message, word
from research.report.page import MarkedPassage, Page, Piece, Quoted, Tag
from research.text.tokens import tokenize

if TYPE_CHECKING:
    from research.classification import Classified, ClassifyResult, Estimate
    from research.classification.several_result import SeveralResult

__all__ = ["add_confused", "add_explained", "add_terms", "beginning", "confusions", "surface_terms"]

_SHOWN = 300  # characters of an article's beginning
_CONFUSIONS, _EACH = 3, 2
_UNMARKED = 400  # characters from which on a stretch without evidence is shortened
_READ = 2_000  # articles in which the written forms of terms are looked for


def add_terms(page: Page, kind: str, names: Sequence[str], result: ClassifyResult | SeveralResult, lead: str) -> None:
    """Add the strongest terms of each class or label (``kind``) below a sentence on where they are from."""
    terms = surface_terms(result)
    if any(terms):
        page.paragraph(lead)
        table = pd.DataFrame({kind: list(names), word("terms"): terms})
        page.table(table, message("The strongest terms first, as articles write them."))


def surface_terms(result: ClassifyResult | SeveralResult, most: int = 8) -> list[str]:
    """Give the terms of each class as its articles write them most often, in the order of the classes."""
    terms = [[term.text for term in of_class[:most]] for of_class in result.classifier.terms_]
    wanted = {term for of_class in terms for term in of_class}
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for one in result.learned[:_READ]:
        words = [(token.text, one.text[token.start : token.end]) for token in tokenize(one.text)]
        for key, form in words:
            if key in wanted:
                forms[key][form] += 1
        for (key, form), (other, next_form) in pairwise(words):
            if (pair := f"{key} {other}") in wanted:
                forms[pair][f"{form} {next_form}"] += 1
    best = {key: min(found, key=lambda form: (-found[form], form)) for key, found in forms.items()}
    return [listed([best.get(term, term) for term in of_class]) for of_class in terms]


def confusions(found: Estimate) -> list[tuple[int, int, int]]:
    """Give the confusions, the most frequent first: articles, the class that they have, the class that they were given."""
    counts = found.confusion
    pairs = [(int(counts[row, column]), row, column) for row, column in np.argwhere(counts).tolist() if row != column]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))


# -- confusions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answered:
    id: str
    text: str
    truth: str
    label: str
    sure: tuple[float, ...]


def _answered(result: ClassifyResult) -> list[_Answered]:
    """Give every article whose class is known and that was answered by a model that has not seen it."""
    if result.tested is not None:
        known = [(one.id, one.text, one.truth, sure) for one, sure in zip(result.articles, result.probabilities, strict=True)]
    else:
        known = [(one.id, one.text, one.label, one.probabilities) for one in result.learned]
    return [
        _Answered(id, text, truth, result.classes[int(sure.argmax())], tuple(sure.tolist()))
        for id, text, truth, sure in known
        if truth and not np.isnan(sure).any()
    ]


def add_confused(page: Page, result: ClassifyResult, found: Estimate) -> None:
    """Add the most frequent confusions: articles that were taken for another class, beside articles of that class."""
    answered = _answered(result)
    for wrongly, row, column in confusions(found)[:_CONFUSIONS]:
        has, given = result.classes[row], result.classes[column]
        wrong = _surest((one for one in answered if (one.truth, one.label) == (has, given)), column)
        right = _surest((one for one in answered if one.truth == one.label == given), column)
        rows = [
            [_quoted(side[at], result.classes, (column, row)) if at < len(side) else "" for side in (wrong, right)]
            for at in range(max(len(wrong), len(right)))
        ]
        total = int(found.confusion[row].sum())
        page.paragraph(
            count(
                "{k:,} of {n:,} article of {has} ({share:.0%}) was taken for {given}.",
                "{k:,} of {n:,} articles of {has} ({share:.0%}) were taken for {given}.",
                n=total,
                k=wrongly,
                has=has,
                share=wrongly / total,
                given=given,
            )
        )
        head = [word("wrongly given"), word("rightly given")]
        page.table(pd.DataFrame(rows, columns=head, dtype=object), message("Given {given}; the surest answers.", given=given))


def _surest(answered: Iterable[_Answered], column: int) -> list[_Answered]:
    return sorted(answered, key=lambda one: (-one.sure[column], one.id))[:_EACH]


def _quoted(one: _Answered, classes: Sequence[str], columns: tuple[int, int]) -> Quoted:
    sure = joined(f"{classes[column]} {one.sure[column]:.2f}" for column in columns)
    return Quoted(beginning(one.text), joined([one.id, sure], by=" · "))


def beginning(text: str, most: int = _SHOWN) -> str:
    """Give the beginning of a text, up to a word's end.

    Examples
    --------
    >>> beginning("one two three", 9)
    'one two …'
    """
    return text if len(text) <= most else f"{_whole(text[:most])} …"


def _whole(text: str) -> str:
    """Leave out what stands after the last blank, which may be half a word."""
    return re.split(r"\s+\S*$", text, maxsplit=1)[0] or text


# -- articles with their evidence ---------------------------------------------------------------------------------------


def add_explained(page: Page, result: ClassifyResult, most: int) -> None:
    """Add articles with the sentences that carry their answers marked, of every class some."""
    shown = _of_every_class([one for one in result.articles if one.evidence], most)
    page.legend(result.classes)
    for one in shown:
        document = result.corpus[one.id]
        answer = (
            message("given {label} ({probability:.2f})", label=one.label, probability=one.score)
            if one.decision == "given"
            else message("left open, most probably {label} ({probability:.2f})", label=one.label, probability=one.score)
        )
        truth = message("labelled {label}", label=one.truth) if one.truth else ""
        source = joined([answer, truth, document.source, one.id], by=" · ")
        page.article(document.title or one.id, source, _marked(one, result.classes.index(one.label)))


def _of_every_class(articles: Sequence[Classified], most: int) -> list[Classified]:
    turn: Counter[str] = Counter()
    ranked = []
    for one in articles:
        ranked.append((turn[one.label], one.label, one))
        turn[one.label] += 1
    ranked.sort(key=lambda entry: entry[:2])
    return sorted((one for _, _, one in ranked[:most]), key=lambda one: one.label)


def _marked(one: Classified, number: int) -> list[MarkedPassage]:
    """Cut an article into its lines, and these into what is evidence and what is not."""
    passages = []
    at = 0
    for line in one.text.split("\n"):
        stop = at + len(line)
        spans = [(max(span.start, at), min(span.end, stop), span) for span in one.evidence]
        held = sorted((start, end, span.weight) for start, end, span in spans if start < end)
        pieces, last = [], at
        for start, end, weight in held:
            pieces.append(Piece(_shortened(one.text[last:start])))
            note = message("without it the log odds of {label} fall by {weight:.2f}", label=one.label, weight=weight)
            pieces.append(Piece(one.text[start:end], (number,), note))
            last = end
        pieces.append(Piece(_shortened(one.text[last:stop])))
        tags = tuple(Tag(number, f"{one.label} {weight:+.2f}") for _, _, weight in held)
        if line.strip():
            passages.append(MarkedPassage(tuple(piece for piece in pieces if piece.text), tags))
        at = stop + 1
    return passages


def _shortened(text: str) -> str:
    if len(text) <= _UNMARKED:
        return text
    half = _UNMARKED // 2
    end = re.sub(r"^\S*\s+", "", text[-half:])
    return f"{_whole(text[:half])} […] {end}"
