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
from research.report.trends_section import Trends, add_trends, trends_of

if TYPE_CHECKING:
    from research.discovery import DiscoverResult

__all__ = ["add_discovery", "discovery_page"]

_LONG = 700  # characters of a passage that are shown


def discovery_page(result: DiscoverResult, folder: Path | None = None, *, found: Trends | None = None) -> Page:
    """Make the page of a discovery.

    Parameters
    ----------
    result : DiscoverResult
        What `research.discover` gave.
    folder : Path, optional
        Where its figures are also written as files.
    found : Trends, optional
        What `trends_of` gave, where it is there already.

    Returns
    -------
    Page
        Ready to be written.
    """
    page = Page(f"Topics in {result.corpus.name}")
    add_discovery(page, result, folder, found=found)
    return page


def add_discovery(page: Page, result: DiscoverResult, folder: Path | None = None, *, found: Trends | None = None) -> None:
    """Add a discovery to a page: first what was found, then the evidence, then how it was done."""
    page.paragraph(_summary(result))
    page.notes(result.notes)
    if result.topics:
        _add_topics(page, result, folder)
        _add_choice(page, result, folder)
        add_trends(page, found or trends_of(result), folder)
    _add_cleaning(page, result)
    page.section("How this was done")
    settings = ", ".join(f"{name} {value}" for name, value in result.settings.items() if value is not None)
    page.paragraph(
        "Page furniture was taken out; each text was represented by its sentence embedding and, where all are in one "
        "script, by the latent dimensions of its stemmed words. Topics are the consensus of many partitions (Leiden) "
        "of the graph of shared nearest neighbours, each of other articles, another neighbourhood and another seed; a "
        "linear model then puts texts at the borders right. The strength of a text is how probable its topic is by "
        "that model of all other texts; its stability is the share of the partitions in which it stands among the "
        "texts of its topic. A topic's stability is its mean Jaccard similarity with its likeness in the partitions "
        "(Hennig 2007). Its words rank high both by class-based TF-IDF, as in BERTopic, and by log-odds with the "
        "corpus as prior. Copies of a text count "
        f"once.{_guided(result)} Settings: {settings}."
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
    stays = result.stabilities[np.isfinite(result.stabilities)]
    last = (
        f"{told:,} of {len(result.units):,} {result.unit}s state a theme of the codebook."
        if guided
        else f"{int((stays >= 0.75).sum()):,} of {len(stays):,} {result.unit}s stay in their topic in three quarters of the "
        "partitions of other articles."
        if len(stays)
        else ""
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
                t.stability,
                t.nearest,
            )
            for t in result.topics
        ],
        columns=["topic", "size", "articles", "label", "further keywords", "mean strength", "stability", "most like"],
    )
    table["most like"] = table["most like"].astype("Int64")
    page.table(
        table,
        "Every topic: how many texts of how many articles, the words that tell it from the others, how clear it is, whether it "
        "comes back when other articles are drawn (.75 and more is stable, below .5 it dissolves), and the topic that it "
        "resembles most.",
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


def _add_choice(page: Page, result: DiscoverResult, folder: Path | None) -> None:
    """Say why there are as many topics, and what leaving unclear texts out would cost."""
    import matplotlib.pyplot as plt

    choice = result.choice
    if choice is None or not np.isfinite(choice.stability).any():
        return
    page.section("How many topics")
    page.paragraph(choice.sentence(sum(not topic.theme for topic in result.topics)))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(7.5, 3.6))
        figures.stability_curve(choice, ax)
    page.figure(
        drawing,
        "stability",
        "How far partitions of other articles agree at each resolution, with two standard errors, and about how many topics "
        "there are.",
        folder,
    )
    costs = result.thresholds()
    page.table(
        costs,
        "No text is left out. If those whose strength is below a threshold were: how many, how many articles would have none "
        "left, and how stable the others are.",
    )


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
