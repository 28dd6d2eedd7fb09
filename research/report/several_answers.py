"""What articles were given beside what they have: how many labels, which co-occur, which are missed and which too much."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.classification.several_result import SeveralResult
from research.messages import Message, count, joined, message, word
from research.report.class_reading import beginning
from research.report.page import Page, Quoted

__all__ = ["add_cooccurrence", "add_errors"]

_PAIRS, _WRONG = 12, 3  # pairs or errors of a table, errors of one label


class _Answer(NamedTuple):
    """An article of the estimate: the labels that it has, those that it was given, and the probability of each."""

    id: str
    text: str
    has: tuple[str, ...]
    given: tuple[str, ...]
    probabilities: npt.NDArray[np.float64]


def _answers(result: SeveralResult) -> list[_Answer]:
    """Give the articles of the estimate: those of the test that have labels, else training articles that were held out."""
    if result.tested is not None:
        known = zip(result.articles, result.probabilities, strict=True)
        return [
            _Answer(one.id, one.text, one.truth, one.labels, sure)
            for one, sure in known
            if one.scored and one.truth is not None
        ]
    return [
        _Answer(one.id, one.text, one.labels, one.given, one.probabilities) for one in result.learned if one.given is not None
    ]


def _articles(result: SeveralResult, n: int) -> Message:
    if result.tested is not None:
        return count("{n:,} test article", "{n:,} test articles", n=n)
    return count("{n:,} held-out training article", "{n:,} held-out training articles", n=n)


def add_cooccurrence(page: Page, result: SeveralResult) -> None:
    """Add to a page how many labels articles have and were given, and which of them together."""
    answered = _answers(result)
    if not answered:
        return
    page.section(message("How many labels an article has, and which come together"))
    sides = [one.has for one in answered], [one.given for one in answered]
    has, got = (Counter(min(len(labels), 4) for labels in side) for side in sides)
    rows = [(word("4 or more") if size == 4 else str(size), has[size], got[size]) for size in range(5)]
    head = [word("labels"), word("articles that have so many"), word("articles that were given so many")]
    caption = message("{articles} by how many labels they have, and were given.", articles=_articles(result, len(answered)))
    page.table(pd.DataFrame(rows, columns=head), caption, words=("labels",))
    pairs = [Counter((a, b) for labels in side for a in labels for b in labels if a < b) for side in sides]
    ranked = sorted(set(pairs[0]) | set(pairs[1]), key=lambda pair: (-pairs[0][pair] - pairs[1][pair], pair))
    if not ranked:
        page.paragraph(message("No article has two labels, and none was given two."))
        return
    cells = [(f"{a} + {b}", pairs[0][a, b], pairs[1][a, b]) for a, b in ranked[:_PAIRS]]
    head = [word("labels"), word("articles that have both"), word("articles that were given both")]
    said = [message("Labels that come together.")]
    if len(ranked) > _PAIRS:
        said.append(count("The first of {n:,} pair.", "The first of {n:,} pairs.", n=len(ranked)))
    page.table(pd.DataFrame(cells, columns=head), joined(said, by=" "))


def add_errors(page: Page, result: SeveralResult) -> None:
    """Add to a page the labels that were missed and those that were given too much, the surest errors first."""
    answered = _answers(result)
    if not answered:
        return
    page.section(message("What is missed, and what is too much"))
    at = {name: column for column, name in enumerate(result.labels)}
    missed = [
        (one.probabilities[at[name]], name, one) for one in answered for name in one.has if name in at and name not in one.given
    ]
    extra = [(-one.probabilities[at[name]], name, one) for one in answered for name in one.given if name not in one.has]
    page.paragraph(_wrong(_articles(result, len(answered)), len(missed), len(extra)))
    for found, caption in (
        (
            missed,
            message(
                "Labels that were missed: the least probable first, at most {of_each} a label and {most} in all.",
                of_each=_WRONG,
                most=_PAIRS,
            ),
        ),
        (
            extra,
            message(
                "Labels that were given too much: the most probable first, at most {of_each} a label and {most} in all.",
                of_each=_WRONG,
                most=_PAIRS,
            ),
        ),
    ):
        turn: Counter[str] = Counter()
        rows: list[list[str | float | Quoted]] = []
        for sure, name, one in sorted(found, key=lambda entry: (entry[0], entry[1], entry[2].id)):
            turn[name] += 1
            if turn[name] <= _WRONG and len(rows) < _PAIRS:
                own = joined(one.has) if one.has else message("none of the labels")
                rows.append([Quoted(beginning(one.text), one.id), name, abs(float(sure)), own])
        if rows:
            head = [word("article"), word("label"), word("its probability"), word("labels that the article has")]
            page.table(pd.DataFrame(rows, columns=head, dtype=object), caption)


def _wrong(articles: Message, missed: int, extra: int) -> Message:
    return joined(
        [
            message(
                "On {articles}, {missed}, and {given_too_much}.",
                articles=articles,
                missed=count(
                    "{n:,} learned label that an article has was missed",
                    "{n:,} learned labels that an article has were missed",
                    n=missed,
                ),
                given_too_much=count(
                    "{n:,} was given that it does not have", "{n:,} were given that it does not have", n=extra
                ),
            ),
            message(
                "Those about which the answer is surest come first: they are errors of the classifier, or labels to look at "
                "again."
            ),
        ],
        by=" ",
    )
