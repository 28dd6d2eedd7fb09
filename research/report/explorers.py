"""What each kind of result gives a reader to look through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.messages import Message, message, word
from research.report import figures
from research.report.explorer import Explored, Explorer, Mark, Statement, explorer_of
from research.report.provenance import article_rows

if TYPE_CHECKING:
    from research.classification import ClassifyResult
    from research.classification.several_result import SeveralResult
    from research.discovery import DiscoverResult
    from research.tagging import TagResult

__all__ = ["class_explorer", "label_explorer", "theme_explorer", "themes_told", "topic_explorer"]

_UNCALIBRATED = message("not calibrated: it orders passages, and is no probability")


def theme_explorer(result: TagResult) -> Explorer:
    """Give every passage with its themes and their evidence, for a reader to look through."""
    place = {document.id: number for number, document in enumerate(result.corpus)}
    passages = []
    for row, passage in enumerate(result.passages):
        told = themes_told(result, row)
        states = tuple(Statement(t, float(result.scores[row, t]), bool(result.present[row, t])) for t in told)
        marks = tuple(
            Mark(span.start, span.end, theme, f"{span.feature}, {span.weight:+.2f}")
            for theme in told
            if result.present[row, theme]
            for span in result.evidence[row, theme].spans
        )
        article = place[passage.document]
        passages.append(Explored(article, passage.number, passage.start, passage.end, passage.text, states, marks))
    score = (
        message("a probability, on articles like the labelled ones")
        if all(theme.calibrated for theme in result.themes)
        else message("a probability where the theme is calibrated; elsewhere it orders passages, and is no probability")
        if any(theme.calibrated for theme in result.themes)
        else _UNCALIBRATED
    )
    return explorer_of(word("Theme"), [theme.name for theme in result.themes], article_rows(result.corpus), passages, score)


def themes_told(result: TagResult, row: int) -> list[int]:
    """Give the themes of a passage that are present or open, the surest first."""
    order = np.argsort(-result.scores[row], kind="stable")
    return [int(theme) for theme in order if result.present[row, theme] or result.open[row, theme]]


def topic_explorer(result: DiscoverResult) -> Explorer:
    """Give every text with its topic, for a reader to look through."""
    place = {document.id: number for number, document in enumerate(result.corpus)}
    row_of = {topic.number: row for row, topic in enumerate(result.topics)}
    passages = []
    for unit, topic, strength in zip(result.units, result.assigned, result.strengths, strict=True):
        states = (Statement(row_of[int(topic)], float(strength)),) if int(topic) in row_of else ()
        passages.append(Explored(place[unit.document], unit.number, unit.start, unit.end, unit.text, states))
    names = [topic.label if topic.theme else figures.topic_name(topic.number, topic.label) for topic in result.topics]
    score = message("how probable the topic is by a linear model of all other texts; in a theme of a codebook, its score")
    return explorer_of(word("Topic"), names, article_rows(result.corpus), passages, score)


def class_explorer(result: ClassifyResult) -> Explorer:
    """Give every article with its class and the sentences that carry it, for a reader to look through."""
    number = {name: at for at, name in enumerate(result.classes)}
    passages = []
    for at, one in enumerate(result.articles):
        states = (Statement(number[one.label], one.score, one.decision == "given"),) if one.label else ()
        marks = tuple(Mark(span.start, span.end, number[one.label], f"{span.weight:+.2f}") for span in one.evidence)
        passages.append(Explored(at, 0, 0, len(one.text), one.text, states, marks))
    return _of_articles(word("Class"), result, result.classes, passages)


def label_explorer(result: SeveralResult) -> Explorer:
    """Give every article with its labels, for a reader to look through."""
    number = {name: at for at, name in enumerate(result.labels)}
    passages = []
    for at, one in enumerate(result.articles):
        sure = {name: float(result.probabilities[at, number[name]]) for name in one.labels}
        states = tuple(Statement(number[name], sure[name]) for name in sorted(sure, key=lambda name: -sure[name]))
        passages.append(Explored(at, 0, 0, len(one.text), one.text, states))
    return _of_articles(word("Label"), result, result.labels, passages)


def _of_articles(
    kind: Message, result: ClassifyResult | SeveralResult, names: Sequence[str], passages: Sequence[Explored]
) -> Explorer:
    place = {document.id: number for number, document in enumerate(result.corpus)}
    ids = [one.id for one in result.articles]
    placed = [replace(passage, article=place[id]) for passage, id in zip(passages, ids, strict=True)]
    score = message("how probable it is") if result.held_out is not None else _UNCALIBRATED
    return explorer_of(kind, names, article_rows(result.corpus), placed, score)
