"""What is shown of each kind of result in a notebook: sentences, a table, a figure, and which passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd

from research.classification import ClassifyResult
from research.classification.several_result import SeveralResult
from research.cleaning import CleanResult
from research.corpus import Corpus
from research.discovery import AssignResult, DiscoverResult
from research.messages import Message, count, joined, message, word
from research.report import classification_page, discovery_page, tagging_page
from research.report.class_estimates import estimated
from research.report.class_reading import surface_terms
from research.report.explorer import Explorer
from research.report.explorers import class_explorer, label_explorer, theme_explorer, topic_explorer
from research.report.plots import placed
from research.report.trends_section import told_of_dates
from research.tagging import TagResult
from research.trends import TrendResult

__all__ = ["ROWS", "View", "view_of"]

#: Rows of a table that are shown at most.
ROWS = 40
_SOME_ROWS = 20  # of a table whose rows are alike
_PASSAGES = 6
_TOPICS, _ARTICLES, _CLASSES = 40, 12, 12  # of a figure


@dataclass(frozen=True, slots=True)
class View:
    """What is shown: sentences, so many rows of a table, what the figure is drawn of, its kind and options, and passages."""

    said: Sequence[str]
    table: Callable[[], pd.DataFrame]
    rows: int = ROWS
    drawn: Any = None
    kind: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    passages: Explorer | None = None


@singledispatch
def view_of(result: Any) -> View | None:  # noqa: ARG001
    """Give what is shown of a result; None for a kind of which a table alone is."""
    return None


def _articles(corpus: Corpus) -> Message:
    usable, everything = len(corpus.usable), len(corpus)
    articles = count("{n:,} article", "{n:,} articles", n=usable)
    if everything > usable:
        articles = message("{articles} ({lost} more could not be used)", articles=articles, lost=everything - usable)
    days = [document.date for document in corpus.usable if document.date is not None]
    if not days:
        return articles
    span = {"first": f"{min(days):%Y-%m-%d}", "last": f"{max(days):%Y-%m-%d}"}
    return message("{articles}, dated {first} to {last}", articles=articles, **span)


@view_of.register
def _(result: Corpus) -> View:
    return View([joined([result.name, _articles(result)], by=" · ")], result.table, _SOME_ROWS)


@view_of.register
def _(result: CleanResult) -> View:
    articles = sum(repeat.passage is None for repeat in result.repeats)
    copies = message(
        "{passages} and {articles}; they stay in every table.",
        passages=count(
            "{n:,} passage repeats an earlier one", "{n:,} passages repeat an earlier one", n=len(result.repeats) - articles
        ),
        articles=count(
            "{n:,} article shares much of its words with an earlier one (by date)",
            "{n:,} articles share much of their words with an earlier one (by date)",
            n=articles,
        ),
    )
    reasons = Counter(line.reason for line in result.removed)
    ranked = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
    caption = message("Lines of the saved pages that were taken for furniture, and articles that could not be used.")
    lines = joined(joined([word(reason), f"{reasons[reason]:,}"], by=" ") for reason in ranked)
    passages = count("{n:,} passage", "{n:,} passages", n=len(result.passages))
    read = joined([passages, _articles(result.corpus)], by=" · ")
    return View([read, joined([caption, lines], by=" ") if ranked else "", copies], result.table, _SOME_ROWS)


@view_of.register
def _(result: DiscoverResult) -> View:
    return _of_topics(result, discovery_page.summary(result), result.table)


@view_of.register
def _(result: AssignResult) -> View:
    here = placed(result)
    units = (
        count("{n:,} passage", "{n:,} passages", n=len(here.units))
        if result.unit == "passage"
        else count("{n:,} document", "{n:,} documents", n=len(here.units))
    )
    articles = count("{n:,} article", "{n:,} articles", n=len(here.corpus.usable))
    said = message("{passages} of {articles} were put among topics that were found before.", passages=units, articles=articles)
    return _of_topics(here, said, result.table)


def _of_topics(result: DiscoverResult, said: str, table: Callable[[], pd.DataFrame]) -> View:
    """Show topics, and of each of the largest the text that stands for it."""
    largest = sorted(result.topics, key=lambda topic: (-topic.size, topic.number))[:_PASSAGES]
    rows: list[int] = []
    for topic in largest:
        members = np.flatnonzero(result.assigned == topic.number)
        if len(members):
            surest = members[np.nan_to_num(result.strengths[members]).argmax()]
            rows.append(int(topic.exemplars[0] if topic.exemplars else surest))
    some = replace(
        result,
        units=tuple(result.units[row] for row in rows),
        assigned=result.assigned[rows],
        strengths=result.strengths[rows],
    )
    drawn = replace(result, topics=result.topics[:_TOPICS])
    return View([said], table, drawn=drawn, kind="sizes", passages=topic_explorer(some))


@view_of.register
def _(result: TagResult) -> View:
    rows = _of_every_theme(result)
    evidence = {
        (at, theme): result.evidence[row, theme]
        for at, row in enumerate(rows)
        for theme in range(len(result.themes))
        if (row, theme) in result.evidence
    }
    some = replace(
        result,
        cleaned=replace(result.cleaned, passages=tuple(result.passages[row] for row in rows)),
        scores=result.scores[rows],
        decisions=result.decisions[rows],
        evidence=evidence,
    )
    return View(
        [tagging_page.summary(result)],
        result.table,
        drawn=result,
        kind="articles",
        options={"most": _ARTICLES},
        passages=theme_explorer(some),
    )


def _of_every_theme(result: TagResult) -> list[int]:
    """Give passages to show: of every theme in turn the surest, from an article of which none is shown yet if there is one."""
    order = np.argsort(-result.scores, axis=0, kind="stable")
    ranked = [[int(row) for row in order[:, theme] if result.present[row, theme]] for theme in range(len(result.themes))]
    taken: list[int] = []
    while len(taken) < _PASSAGES and any(ranked):
        for rows in filter(None, ranked):
            seen = {result.passages[row].document for row in taken}
            chosen = next((row for row in rows if result.passages[row].document not in seen), rows[0])
            rows.remove(chosen)
            if chosen not in taken:
                taken.append(chosen)
    return sorted(taken[:_PASSAGES])


@view_of.register
def _(result: TrendResult) -> View:
    topics, over_time = result.stated.kind == "topic", result.by != "outlet"
    if over_time:
        title = message("Topics over time") if topics else message("Themes over time")
    else:
        title = message("Topics by outlet") if topics else message("Themes by outlet")
    dates = told_of_dates(result) if over_time and result.stated.documents else ""
    names = ["group", result.stated.kind, "label", "articles", "group_articles", "share", "low", "high", "p"]
    return View([title, dates], lambda: result.shares()[names], _SOME_ROWS, drawn=result)


@view_of.register
def _(result: ClassifyResult) -> View:
    found = result.tested or result.held_out
    said: list[str] = [classification_page.summary(result)]
    if found is not None:
        said.append(estimated(result, found).parts[0])
    rows = _in_turn([one.label if one.evidence else "" for one in result.articles], [one.score for one in result.articles])
    rows = rows or _in_turn([one.label for one in result.articles], [one.score for one in result.articles])
    some = replace(result, articles=tuple(result.articles[row] for row in rows))
    kind = "confusion" if len(result.classes) <= _CLASSES else "reliability"
    return View(
        said,
        lambda: result.table().assign(terms=surface_terms(result)),
        drawn=result,
        kind=kind,
        passages=class_explorer(some),
    )


@view_of.register
def _(result: SeveralResult) -> View:
    at = {name: column for column, name in enumerate(result.labels)}
    surest = [
        max(((float(sure[at[name]]), name) for name in one.labels), default=(0.0, ""))
        for one, sure in zip(result.articles, result.probabilities, strict=True)
    ]
    rows = _in_turn([name for _, name in surest], [sure for sure, _ in surest])
    some = replace(result, articles=tuple(result.articles[row] for row in rows), probabilities=result.probabilities[rows])
    return View(
        [result.summary()],
        lambda: result.classes().assign(terms=surface_terms(result)),
        drawn=result,
        kind="labels",
        passages=label_explorer(some),
    )


def _in_turn(names: Sequence[str], scores: Sequence[float]) -> list[int]:
    """Give rows to show: of every name in turn the surest; rows without a name are not among them."""
    turn: Counter[str] = Counter()
    ranked = []
    for row in sorted(range(len(names)), key=lambda row: (-np.nan_to_num(scores[row]), row)):
        if names[row]:
            ranked.append((turn[names[row]], names[row], row))
            turn[names[row]] += 1
    return sorted(row for _, _, row in sorted(ranked)[:_PASSAGES])
