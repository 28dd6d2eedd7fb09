"""The page of a discovery: what was found, the topics with their passages, where and when, what could not be said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.messages import count, joined, listed, message, word
from research.report import figures
from research.report.explorers import topic_explorer
from research.report.language import told
from research.report.page import Page
from research.report.provenance import add_provenance, add_unsaid, command_of, settings_told
from research.report.style import figure_style
from research.report.trend_results import Trends, trends_of
from research.report.trends_section import add_trends

if TYPE_CHECKING:
    from research.discovery import DiscoverResult
    from research.discovery.result import Topic

__all__ = ["add_appendix", "add_discovery", "discovery_page", "summary"]

_LONG = 700  # characters of a passage that are shown
# What other layers write into the tables below: marked here, as cells and names of columns lose their marks in a table.
_REASONS = (
    word("back to top"), word("byline"), word("comment form"), word("copyright"), word("date line"), word("newsletter"),
    word("notice"), word("page end"), word("picture credit"), word("reading time"), word("recurring line"),
    word("related links"), word("repeated headline"), word("section name"), word("share prompt"), word("social links"),
    word("tags"),
    word("unusable: a binary file, not text"),
    word("unusable: a link out of the folder"),
    word("unusable: a link to nothing"),
    word("unusable: empty"),
    word("unusable: neither UTF-8, UTF-16 nor Windows-1256"),
    word("unusable: no article found in the page"),
)  # fmt: skip
_COLUMNS = (
    word("threshold"), word("left out"), word("share"), word("articles without any"), word("stability of the others"),
)  # fmt: skip


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
    page = Page(message("Topics in {corpus}", corpus=result.corpus.name))
    add_discovery(page, result, folder, found=found)
    add_appendix(page, result)
    return page


def add_discovery(page: Page, result: DiscoverResult, folder: Path | None = None, *, found: Trends | None = None) -> None:
    """Add a discovery to a page: first what was found, then the evidence, then what could not be said."""
    _add_summary(page, result)
    if result.topics:
        _add_topics(page, result, folder)
        _add_exemplars(page, result)
        add_trends(page, found or trends_of(result), folder)
        _add_explorer(page, result)
        _add_choice(page, result, folder)
    add_unsaid(page, result.notes)


def add_appendix(page: Page, result: DiscoverResult, command: str = "") -> None:
    """Add how it was done and on what; the line that makes the page again is ``command``, where that is another one."""
    _add_cleaning(page, result)
    _add_method(page, result)
    add_provenance(page, result.corpus, result.settings, command or _command(result))


# -- what was found -----------------------------------------------------------------------------------------------------


def _add_summary(page: Page, result: DiscoverResult) -> None:
    page.paragraph(summary(result))


def summary(result: DiscoverResult) -> str:
    """Say in a few sentences which topics were found, and the largest of them."""
    usable, everything = len(result.corpus.usable), len(result.corpus)
    if not result.topics:
        return message("There is nothing to group in {articles}.", articles=_less(_articles(usable), everything - usable))
    biggest = max(result.topics, key=lambda topic: topic.size)
    return joined(
        [_found(result, _less(_articles(usable), everything - usable)), _largest(result, biggest), _last(result)], by=" "
    )


def _found(result: DiscoverResult, articles: str) -> str:
    where = _dated(result, articles)
    if result.unit == "document":
        return count(
            "In {articles}, {n} topic was found.", "In {articles}, {n} topics were found.", n=len(result.topics), articles=where
        )
    return count(
        "In {passages} of {articles}, {n} topic was found.",
        "In {passages} of {articles}, {n} topics were found.",
        n=len(result.topics),
        passages=_units(result, len(result.units)),
        articles=where,
    )


def _largest(result: DiscoverResult, biggest: Topic) -> str:
    named = joined([str(biggest.number), message("({label})", label=biggest.label) if biggest.label else ""], by=" ")
    if result.unit == "document":
        return message("The largest, topic {topic}, holds {articles}.", topic=named, articles=_articles(biggest.size))
    return message(
        "The largest, topic {topic}, holds {passages} of {articles}.",
        topic=named,
        passages=_units(result, biggest.size),
        articles=_articles(biggest.articles),
    )


def _articles(n: int) -> str:
    return count("{n:,} article", "{n:,} articles", n=n)


def _units(result: DiscoverResult, n: int) -> str:
    if result.unit == "passage":
        return count("{n:,} passage", "{n:,} passages", n=n)
    return count("{n:,} document", "{n:,} documents", n=n)


def _less(articles: str, lost: int) -> str:
    if not lost:
        return articles
    return message("{articles} ({lost} more could not be used)", articles=articles, lost=lost)


def _dated(result: DiscoverResult, articles: str) -> str:
    days = [document.date for document in result.corpus.usable if document.date is not None]
    if not days:
        return articles
    span = {"first": f"{min(days):%Y-%m-%d}", "last": f"{max(days):%Y-%m-%d}"}
    return message("{articles}, dated {first} to {last}", articles=articles, **span)


def _last(result: DiscoverResult) -> str:
    """Say how many passages state a theme, where a codebook guided; else how many come back in their topic."""
    guided = [topic.number for topic in result.topics if topic.theme]
    if guided:
        return count(
            "{k:,} of {n:,} passage states a theme of the codebook.",
            "{k:,} of {n:,} passages state a theme of the codebook.",
            n=len(result.units),
            k=int(np.isin(result.assigned, guided).sum()),
        )
    stays = result.stabilities[np.isfinite(result.stabilities)]
    if not len(stays):
        return ""
    n, k = len(stays), int((stays >= 0.75).sum())
    if result.unit == "passage":
        return count(
            "{k:,} of {n:,} passage stays in its topic in at least three quarters of the partitions of other articles.",
            "{k:,} of {n:,} passages stay in their topic in at least three quarters of the partitions of other articles.",
            n=n,
            k=k,
        )
    return count(
        "{k:,} of {n:,} document stays in its topic in at least three quarters of the partitions of other articles.",
        "{k:,} of {n:,} documents stay in their topic in at least three quarters of the partitions of other articles.",
        n=n,
        k=k,
    )


# -- the topics ---------------------------------------------------------------------------------------------------------


def _add_topics(page: Page, result: DiscoverResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    page.section(message("The topics"))
    with figure_style():
        sizes, ax = plt.subplots(figsize=(8, 1.2 + 0.34 * len(result.topics)))
        figures.topic_sizes(result, ax)
    page.figure(sizes, "topic-sizes", message("How many texts each topic has, with its first keywords."), folder)
    page.table(
        _topic_table(result),
        message(
            "Every topic: how many texts of how many articles, the words that tell it from the others, how clear it is, "
            "whether it comes back when other articles are drawn (.75 and more is stable, below .5 it dissolves), and the "
            "topic that it resembles most."
        ),
    )
    if np.isfinite(result.places).any() and len(result.units) > 2:
        with figure_style():
            drawing, ax = plt.subplots(figsize=(7.5, 6.5))
            figures.topic_map(result, ax)
        page.figure(
            drawing,
            "map",
            message("Every text among its neighbours; colour and number are the topic, faint texts lie between topics."),
            folder,
        )


def _topic_table(result: DiscoverResult) -> pd.DataFrame:
    rows = [
        (
            t.number,
            t.size,
            t.articles,
            told(t.label),
            told(listed([k.term for k in t.keywords[0 if t.theme else 4 :]])),
            _strength(result, t.number),
            t.stability,
            t.nearest,
        )
        for t in result.topics
    ]
    names = [
        word("topic"), word("size"), word("articles"), word("label"), word("further keywords"), word("mean strength"),
        word("stability"), word("most like"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype({"most like": "Int64"})


def _strength(result: DiscoverResult, number: int) -> float:
    values = result.strengths[result.assigned == number]
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _add_exemplars(page: Page, result: DiscoverResult) -> None:
    page.section(message("Passages that stand for each topic"))
    for topic in filter(lambda one: one.size, result.topics):
        shown = [(_cut(result.units[index].text), _source(result, index)) for index in topic.exemplars]
        title = message("Topic {number}: {label}", number=topic.number, label=topic.label or word("no keyword"))
        page.passages(title, shown)


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG].rsplit(" ", 1)[0] + " …"


def _source(result: DiscoverResult, index: int) -> str:
    unit = result.units[index]
    document = result.corpus[unit.document]
    place = message("{article}, characters {start} to {end}", article=unit.document, start=unit.start, end=unit.end)
    return joined([document.source, f"{document.date:%Y-%m-%d}" if document.date else "", place], by=" · ")


def _add_explorer(page: Page, result: DiscoverResult) -> None:
    page.section(message("Look through the passages"))
    page.explorer(topic_explorer(result))


# -- how many there are -------------------------------------------------------------------------------------------------


def _add_choice(page: Page, result: DiscoverResult, folder: Path | None) -> None:
    """Say why there are as many topics, and what leaving unclear texts out would cost."""
    import matplotlib.pyplot as plt

    choice = result.choice
    if choice is None or not np.isfinite(choice.stability).any():
        return
    page.section(message("How many topics"))
    page.paragraph(choice.sentence(sum(not topic.theme for topic in result.topics)))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(7.5, 3.6))
        figures.stability_curve(choice, ax)
    page.figure(
        drawing,
        "stability",
        message(
            "How far partitions of other articles agree at each resolution, with two standard errors, and about how many "
            "topics there are."
        ),
        folder,
    )
    page.table(
        result.thresholds(),
        message(
            "No text is left out. If those whose strength is below a threshold were: how many, how many articles would have "
            "none left, and how stable the others are."
        ),
    )


# -- how it was done ----------------------------------------------------------------------------------------------------


def _add_cleaning(page: Page, result: DiscoverResult) -> None:
    page.section(message("What was left out, and copies"), appendix=True)
    reasons = Counter(line.reason for line in result.cleaned.removed)
    table = pd.DataFrame(
        [(reason, reasons[reason]) for reason in sorted(reasons, key=lambda name: (-reasons[name], name))],
        columns=[word("reason"), word("lines")],
    )
    if len(table):
        caption = message("Lines of the saved pages that were taken for furniture, and articles that could not be used.")
        page.table(table, caption, words=("reason",))
    articles = sum(repeat.passage is None for repeat in result.cleaned.repeats)
    page.paragraph(
        message(
            "{passages} and {articles}; they stay in every table.",
            passages=count(
                "{n:,} passage repeats an earlier one",
                "{n:,} passages repeat an earlier one",
                n=len(result.cleaned.repeats) - articles,
            ),
            articles=count(
                "{n:,} article shares much of its words with an earlier one (by date)",
                "{n:,} articles share much of their words with an earlier one (by date)",
                n=articles,
            ),
        )
    )


def _add_method(page: Page, result: DiscoverResult) -> None:
    page.section(message("How this was done"), appendix=True)
    page.paragraph(
        joined(
            [
                message(
                    "Page furniture was taken out; each text was represented by its sentence embedding and, where all are in "
                    "one script, by the latent dimensions of its stemmed words."
                ),
                message(
                    "Topics are the consensus of many partitions (Leiden) of the graph of shared nearest neighbours, each of "
                    "other articles, another neighbourhood and another seed; a linear model then puts texts at the borders "
                    "right."
                ),
                message(
                    "The strength of a text is how probable its topic is by that model of all other texts; its stability is "
                    "the share of the partitions in which it stands among the texts of its topic."
                ),
                message(
                    "A topic's stability is its mean Jaccard similarity with its likeness in the partitions (Hennig 2007)."
                ),
                message(
                    "Its words rank high both by class-based TF-IDF, as in BERTopic, and by log-odds with the corpus as prior."
                ),
                message("Copies of a text count once."),
                _guided(result),
                message("Settings: {settings}.", settings=settings_told(result.settings)),
            ],
            by=" ",
        )
    )


def _command(result: DiscoverResult) -> str:
    """Give the line that finds these topics again."""
    chosen = result.settings
    given = {
        "--unit": chosen["unit"],
        "--encoder": chosen["encoder"],
        "--codebook": chosen["codebook"] and Path(chosen["codebook"]).name,
        "--topics": chosen["n_topics"],
        "--resolution": chosen["resolution"],
        "--min-topic-size": chosen["min_topic_size"],
        "--seed": chosen["seed"] or None,
    }
    return command_of("discover", result.corpus.name, given)


def _guided(result: DiscoverResult) -> str:
    if not any(topic.theme for topic in result.topics):
        return ""
    return message(
        "A codebook guided this: each of its themes is a topic and stays one whatever its size; a passage that states several "
        "is counted with the surest, whose score is its strength there; the other topics are what the passages without a theme "
        "form."
    )
