"""The page of a discovery: what was found, the topics with their passages, where and when, what could not be said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.report import figures
from research.report.page import Page
from research.report.style import figure_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from research.discovery import DiscoverResult

__all__ = ["add_discovery", "discovery_page", "shares_by"]

_MOST_BARS = 24
_LONG = 700  # characters of a passage that are shown


def discovery_page(result: DiscoverResult, folder: Path | None = None) -> Page:
    """Make the page of a discovery.

    Parameters
    ----------
    result : DiscoverResult
        What `research.discover` gave.
    folder : Path, optional
        Where its figures are also written as files.

    Returns
    -------
    Page
        Ready to be written.
    """
    page = Page(f"Topics in {result.corpus.name}")
    add_discovery(page, result, folder)
    return page


def add_discovery(page: Page, result: DiscoverResult, folder: Path | None = None) -> None:
    """Add a discovery to a page: first what was found, then the evidence, then how it was done."""
    page.paragraph(_summary(result))
    page.notes(result.notes)
    if result.topics:
        _add_topics(page, result, folder)
        _add_shares(page, result, folder)
    _add_cleaning(page, result)
    page.section("How this was done")
    settings = ", ".join(f"{name} {value}" for name, value in result.settings.items() if value is not None)
    page.paragraph(
        "Page furniture was taken out; each text was represented by its sentence embedding and by the latent dimensions of its "
        "stemmed words; topics are communities (Leiden) of the graph of shared nearest neighbours; BERTopic scored their words "
        "by class-based TF-IDF. Copies of a text count once. The strength of a passage is the share of its nearest neighbours "
        f"that are in its topic.{_guided(result)} Settings: {settings}."
    )


def _guided(result: DiscoverResult) -> str:
    if not any(topic.theme for topic in result.topics):
        return ""
    return (
        " A codebook guided this: each of its themes is a topic and stays one whatever its size; a passage that states "
        "several is "
        "counted with the surest, whose score is its strength there; the other topics are what the passages without a theme "
        "form."
    )


def _summary(result: DiscoverResult) -> str:
    usable, everything = len(result.corpus.usable), len(result.corpus)
    lost = f" ({everything - usable} more could not be used)" if everything > usable else ""
    if not result.topics:
        return f"There is nothing to group in {everything} articles{lost}."
    biggest = max(result.topics, key=lambda topic: topic.size)
    dated = [document.date for document in result.corpus.usable if document.date is not None]
    span = f", dated {min(dated):%Y-%m-%d} to {max(dated):%Y-%m-%d}" if dated else ""
    named = f" ({biggest.label})" if biggest.label else ""
    guided = {topic.number for topic in result.topics if topic.theme}
    told = int(np.isin(result.assigned, sorted(guided)).sum())
    clear = int((np.nan_to_num(result.strengths) >= 0.5).sum())
    last = (
        f"{told:,} of {len(result.units):,} {result.unit}s state a theme of the codebook."
        if guided
        else f"For {clear:,} of {len(result.units):,} {result.unit}s at least half of the nearest neighbours are in the same "
        "topic."
    )
    topics = "1 topic was" if len(result.topics) == 1 else f"{len(result.topics)} topics were"
    return (
        f"In {len(result.units):,} {result.unit}s of {usable:,} articles{lost}{span}, {topics} found. The largest, topic "
        f"{biggest.number}{named}, holds {biggest.size:,} {result.unit}s of {biggest.articles:,} articles. "
        f"{last}"
    )


def _add_topics(page: Page, result: DiscoverResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    page.section("The topics")
    with figure_style():
        sizes, ax = plt.subplots(figsize=(8, 1.2 + 0.34 * len(result.topics)))
        figures.topic_sizes(result, ax)
    page.figure(sizes, "topic-sizes", "How many texts each topic has, with its first keywords.", folder)
    table = pd.DataFrame(
        [
            (
                t.number,
                t.size,
                t.articles,
                t.label,
                "؛ ".join(k.term for k in t.keywords[0 if t.theme else 4 :]),
                _strength(result, t.number),
            )
            for t in result.topics
        ],
        columns=["topic", "size", "articles", "label", "further keywords", "mean strength"],
    )
    page.table(
        table, "Every topic: how many texts of how many articles, the words that tell it from the others, how clear it is."
    )
    if np.isfinite(result.places).any() and len(result.units) > 2:
        with figure_style():
            drawing, ax = plt.subplots(figsize=(7.5, 6.5))
            figures.topic_map(result, ax)
        page.figure(
            drawing,
            "map",
            "Every text among its neighbours; colour and number are the topic, faint texts lie between topics.",
            folder,
        )
    page.section("Passages that stand for each topic")
    for topic in filter(lambda one: one.size, result.topics):
        shown = [(_cut(result.units[index].text), _source(result, index)) for index in topic.exemplars]
        page.passages(f"Topic {topic.number}: {topic.label or 'no keyword'}", shown)


def _strength(result: DiscoverResult, number: int) -> float:
    values = result.strengths[result.assigned == number]
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG].rsplit(" ", 1)[0] + " …"


def _source(result: DiscoverResult, index: int) -> str:
    unit = result.units[index]
    document = result.corpus[unit.document]
    told = [part for part in (document.source, f"{document.date:%Y-%m-%d}" if document.date else "") if part]
    return " · ".join([*told, f"{unit.document}, characters {unit.start} to {unit.end}"])


def shares_by(result: DiscoverResult, keys: dict[str, str]) -> tuple[pd.DataFrame, list[int]]:
    """Give each group's share of text by topic, and its number of articles.

    Parameters
    ----------
    result : DiscoverResult
        What was discovered.
    keys : dict of str to str
        The group of every article that has one.

    Returns
    -------
    (DataFrame, list of int)
        Rows are groups in order, columns topic numbers, rows sum to 1.
    """
    text: dict[str, Counter[int]] = {}
    articles: dict[str, set[str]] = {}
    for unit, topic in zip(result.units, result.assigned, strict=True):
        if unit.document in keys:
            group = keys[unit.document]
            text.setdefault(group, Counter())[int(topic)] += len(unit.text)
            articles.setdefault(group, set()).add(unit.document)
    groups = sorted(text)
    numbers = [topic.number for topic in result.topics]
    table = pd.DataFrame([[text[g][n] / text[g].total() for n in numbers] for g in groups], index=groups, columns=numbers)
    return table, [len(articles[group]) for group in groups]


def _add_shares(page: Page, result: DiscoverResult, folder: Path | None) -> None:
    outlets = {document.id: document.source for document in result.corpus.usable if document.source}
    months = {document.id: f"{document.date:%Y-%m}" for document in result.corpus.usable if document.date}
    undated = len(result.corpus.usable) - len(months)
    for name, keys, title in (("outlets", outlets, "Topics by outlet"), ("months", months, "Topics by month")):
        if len(set(keys.values())) < 2:
            continue
        page.section(title)
        table, counts = shares_by(result, keys)
        # The months with most articles when there are too many for one figure; outlets likewise.
        kept = sorted(sorted(range(len(counts)), key=lambda at: (-counts[at], at))[:_MOST_BARS])
        left = f" {len(counts) - len(kept)} {name} with the fewest articles are not drawn." if len(kept) < len(counts) else ""
        page.figure(
            _bars(table.iloc[kept], [counts[at] for at in kept], title),
            f"topics-by-{name[:-1]}",
            _caption(name, undated, counts) + left,
            folder,
        )


def _bars(table: pd.DataFrame, counts: list[int], title: str) -> Figure:
    import matplotlib.pyplot as plt

    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 1.3 + 0.36 * len(table)))
        figures.shares(table, ax, names=[str(name) for name in table.index], counts=counts, title=title)
    return drawing


def _caption(name: str, undated: int, counts: list[int]) -> str:
    few = sum(count < 5 for count in counts)
    lone = f" {few} of {len(counts)} {name} have fewer than five articles: their shares say little." if few else ""
    without = f" {undated} articles have no date that could be read." if name == "months" and undated else ""
    return f"Share of the text of each of the {name} by topic.{lone}{without}"


def _add_cleaning(page: Page, result: DiscoverResult) -> None:
    page.section("What was left out, and copies")
    reasons = Counter(line.reason for line in result.cleaned.removed)
    table = pd.DataFrame(
        [(reason, reasons[reason]) for reason in sorted(reasons, key=lambda name: (-reasons[name], name))],
        columns=["reason", "lines"],
    )
    if len(table):
        page.table(table, "Lines of the saved pages that were taken for furniture, and articles that could not be used.")
    articles = sum(repeat.passage is None for repeat in result.cleaned.repeats)
    passages = len(result.cleaned.repeats) - articles
    page.paragraph(
        f"{passages:,} passages repeat an earlier one and {articles:,} articles share much of their words with an earlier one "
        "(by date); they stay in every table."
    )
