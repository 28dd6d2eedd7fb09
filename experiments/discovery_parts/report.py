"""The report: headlines, tables, figure, and a page that says in sentences what was found and how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from research.evaluate import Effect, Halves
from research.messages import Message, joined, listed, message, word
from research.report import Page
from research.report.figures import bars_with_intervals
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Headline, Outcome, Run
from research.runs.records import interval

from .cells import DEALT, MEMORY, SECONDS
from .comparison import SHUFFLED, TESTED, Values, effects, over_draws
from .ways import DEFAULTS, KNOWN, OURS, WAYS, WORDS, lacking


@dataclass(frozen=True, eq=False)
class Report:
    """What there is to report: draws of so many articles out of so many, and every way's scores on them."""

    name: str
    labelled: bool  # classes are labels of lines, not the articles' own sections
    encoder: str
    ways: tuple[str, ...]  # asked for, whether they are there or not
    draws: int
    drawn: int
    pool: int
    values: Values
    outcomes: Sequence[Outcome]

    @cached_property
    def summary(self) -> dict[str, dict[str, Halves]]:
        return {
            way: {metric: over_draws(row, self.drawn, self.pool) for metric, row in metrics.items()}
            for way, metrics in self.values.items()
        }

    @cached_property
    def effects(self) -> list[Effect]:
        return effects(self.values, self.drawn, self.pool)


def headlines(run: Run, report: Report) -> None:
    """Set our mean of each metric beside the controls and BERTopic's defaults."""
    summary, name = report.summary, report.name
    told = {
        "AMI": message("Topics agree with the theme on which two language models agree ({name})", name=name)
        if report.labelled
        else message("Topics agree with the articles' sections ({name})", name=name),
        "NPMI": message("Words of a topic belong together in articles that it was not made from ({name})", name=name),
        "stability": message("Topics come back with another seed, another order and other articles ({name})", name=name),
    }
    against = {SHUFFLED: word("sections shuffled"), DEALT: word("words dealt anew"), DEFAULTS: DEFAULTS}
    if OURS not in summary:
        return
    for metric, what in told.items():
        mine = summary[OURS][metric]
        controls = [SHUFFLED, DEALT, DEFAULTS] if metric == "AMI" else [DEALT, DEFAULTS]
        for other in controls:
            if metric in summary.get(other, {}):
                held, control = summary[other][metric], against[other]
                run.headline(
                    Headline(what, OURS, metric, mine.mean, mine.low, mine.high, control, held.mean, held.low, held.high)
                )


def scores_table(report: Report) -> pd.DataFrame:
    """One row a way and metric: mean over the draws, its interval, on how many draws it is defined."""
    rows = [
        (way, way in KNOWN, metric, found.mean, found.low, found.high, found.draws)
        for way, metrics in report.summary.items()
        for metric, found in metrics.items()
    ]
    return pd.DataFrame(rows, columns=["way", "number of topics given", "metric", "value", "low", "high", "draws"])


def effects_table(compared: Sequence[Effect]) -> pd.DataFrame:
    return pd.DataFrame(
        [(e.step, e.metric, e.halves.mean, e.halves.low, e.halves.high, e.p, e.detectable, e.sentence()) for e in compared],
        columns=["comparison", "metric", "difference", "low", "high", "p", "detectable", "sentence"],
    )


def costs_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Seconds and memory of every way."""
    costs = [outcome for outcome in outcomes if outcome.cell.fold is None and outcome.ok]
    rows = [(outcome.cell.model, outcome.metrics[SECONDS], outcome.metrics[MEMORY]) for outcome in costs]
    return pd.DataFrame(rows, columns=[word("way"), SECONDS, MEMORY])


def missing_ways(run: Run, ways: Sequence[str]) -> list[Message]:
    """Say which ways are missing, wholly or on some draws, and why."""
    told = [message("{way}: not installed ({package}).", way=word(way), package=lacking(way)) for way in ways if lacking(way)]
    failed: dict[tuple[str, str], list[Message]] = {}
    for outcome in run.missing:
        fold = outcome.cell.fold
        at = message("time and memory") if fold is None else message("draw {number}", number=fold)
        failed.setdefault((outcome.cell.model, outcome.status), []).append(at)
    return told + [
        message("{way}, {where}: {why}.", way=word(way), where=joined(at), why=why) for (way, why), at in failed.items()
    ]


def page_of(run: Run, report: Report) -> Page:
    """Make the page, and write its tables and figure into the run's folder."""
    page = Page(message("Our topics and those of other ways ({name})", name=report.name))
    write_csv(scores_table(report), run.folder / "scores.csv")
    write_csv(effects_table(report.effects), run.folder / "effects.csv")
    write_csv(costs_table(report.outcomes), run.folder / "costs.csv")
    page.paragraph(_summary(report))
    page.notes([effect.sentence() for effect in report.effects if effect.shown])
    page.section(message("Against controls and BERTopic's defaults"))
    add_headlines(page, run.headlines)
    page.notes(missing_ways(run, report.ways))
    if report.values:
        _figure(page, run, report)
    page.table(
        _shown(report),
        message("Means over the draws with 95 % intervals; (K) marks ways that are given the known number of classes."),
    )
    page.table(
        pd.DataFrame(
            [(e.step, e.metric, e.shown_as(), "–" if math.isnan(e.p) else f"{e.p:.3f}", e.sentence()) for e in report.effects],
            columns=[word("comparison"), word("metric"), word("difference"), word("p"), word("what it allows to say")],
            dtype=object,  # columns of texts would lose what tells them
        ),
        message(
            "Ours less the other way on the same draws, with its interval (a single test); p after Holm; * shown after "
            "correction."
        ),
    )
    page.table(
        costs_table(report.outcomes),
        message(
            "One fit on the first draw in a process of its own with one thread, from ready texts and embeddings to topics and "
            "words: what another library imports and compiles counts, the start of Python and of this package does not. Memory "
            "is the peak of the whole process."
        ),
        words=["way"],
    )
    page.section(message("Words of the largest topics"))
    page.table(
        _words_shown(report.outcomes),
        message("First words of the five largest topics of the first draw; · is an empty word."),
        words=["way"],
    )
    page.section(message("How this was done"))
    page.paragraph(_method(report))
    return page


def _summary(report: Report) -> Message:
    shown = [effect for effect in report.effects if effect.shown]
    tested = [effect for effect in report.effects if effect.tested]
    told = [
        message(
            "{draws} times {drawn:,} of {pool:,} articles were drawn ({name}), and every way formed topics of the same texts "
            "with the same embeddings.",
            draws=report.draws,
            drawn=report.drawn,
            pool=report.pool,
            name=report.name,
        )
    ]
    for metric in TESTED:
        means = {way: of[metric].mean for way, of in report.summary.items() if way in WAYS and not math.isnan(of[metric].mean)}
        if OURS in means:
            best = max(means, key=lambda way: means[way])
            told.append(
                message("The highest {metric} is {highest:.2f}, that is ours.", metric=word(metric), highest=means[best])
                if best == OURS
                else message(
                    "The highest {metric} is {highest:.2f}, that of {way}; ours is {ours:.2f}.",
                    metric=word(metric),
                    highest=means[best],
                    way=_marked(best),
                    ours=means[OURS],
                )
            )
    told += [
        message(
            "Of {tested} differences that could be tested, {shown} can be told from noise after correction for their number.",
            tested=len(tested),
            shown=len(shown),
        )
        if shown
        else message(
            "Of {tested} differences that could be tested, none can be told from noise after correction for their number.",
            tested=len(tested),
        ),
        message("The ways marked (K) are given the known number of classes, which favours them; the others find their own."),
    ]
    return joined(told, by=" ")


def _marked(way: str) -> Message:
    return message("{way} (K)", way=word(way)) if way in KNOWN else word(way)


def _shown(report: Report) -> pd.DataFrame:
    columns = [
        word("topics"),
        word("coverage"),
        *TESTED[:3],
        word("diversity"),
        word("words a topic"),
        word("stability"),
        word("stability over seeds"),
        word("stability over samples"),
    ]
    rows = []
    for way, metrics in report.summary.items():
        cells = [metrics.get(metric) for metric in columns]
        rows.append((_marked(way), *("–" if found is None else interval(found.mean, found.low, found.high) for found in cells)))
    # Columns of texts would lose what tells them.
    return pd.DataFrame(rows, columns=[word("way"), *columns], dtype=object)


def _words_shown(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    rows = [
        (outcome.cell.model, number, listed([term or "·" for term in topic]) or "–")
        for outcome in outcomes
        if outcome.ok and outcome.cell.fold == 0
        for number, topic in enumerate(outcome.data["words"], 1)
    ]
    return pd.DataFrame(rows, columns=[word("way"), word("topic by size"), word("words")], dtype=object)


def _figure(page: Page, run: Run, report: Report) -> None:
    import matplotlib.pyplot as plt

    ways = list(report.summary)
    with figure_style():
        drawing, axes = plt.subplots(2, 2, figsize=(13, 0.72 * len(ways) + 1.6))
        for metric, ax in zip(TESTED, axes.flat, strict=True):
            rows = {way: report.summary[way][metric] for way in ways if metric in report.summary[way]}
            rows = {way: found for way, found in rows.items() if not math.isnan(found.mean)}
            # Of few draws the interval is wider than the metric can be.
            least = -1.0 if metric == "NPMI" else -0.2
            numbers = (
                [min(1.0, max(least, getattr(found, end))) for found in rows.values()] for end in ("mean", "low", "high")
            )
            xlabel = message(
                "{metric} ({draws} draws of {drawn:,} articles, 95 % interval)",
                metric=word(metric),
                draws=report.draws,
                drawn=report.drawn,
            )
            bars_with_intervals([_marked(way) for way in rows], *numbers, ax, xlabel=xlabel, title=word(metric))
            ax.locator_params(axis="x", nbins=6)
    page.figure(
        drawing,
        "ways",
        message(
            "Each way's mean over the draws with its interval, by metric; controls below. Intervals are cut at 1, and at -1 "
            "(NPMI) or -0.2."
        ),
        run.folder,
    )


def _method(report: Report) -> Message:
    return joined(
        [
            message(
                "Every draw takes {drawn:,} of {pool:,} articles without repeats; equal texts are given once, and every way "
                "gets the same rows and embeddings ({encoder}).",
                drawn=report.drawn,
                pool=report.pool,
                encoder=report.encoder,
            ),
            message(
                "AMI and ARI are over all scored texts, what a way leaves out as one more cluster; classes are the theme of "
                "passages that speak of exactly one, both readers agreeing; the others take part in forming topics and are not "
                "scored."
            )
            if report.labelled
            else message(
                "AMI and ARI are over all scored texts, what a way leaves out as one more cluster; classes are the articles' "
                "sections."
            ),
            message(
                "Coverage is the share of all texts that have a topic. NPMI: of the first {words} words of each topic as "
                "single folded written words, counted in the passages of articles that are not in the draw; topics that have "
                "no two of these words there are left out of the mean, so read it beside the number of words a topic; it "
                "rewards frequent words, stop words too, and counts words that never meet as -1. Stability: adjusted Rand "
                "index with the partition from another seed with the rows in another order, and with that of the texts of "
                "nine articles in ten on the rows that both hold; the mean of the two.",
                words=WORDS,
            ),
            message(
                "{defaults}: embeddings given, language multilingual, all else as it comes, its tokeniser too; 'our terms' "
                "replaces the texts by our terms in surface form. NMF, LDA and k-means are scikit-learn's, on our terms and on "
                "embeddings; words of k-means by class-based TF-IDF.",
                defaults=DEFAULTS,
            ),
            message(
                "Draws share articles: intervals (Student's t) are widened by the delete-d jackknife's factor, and speak of "
                "other articles of this kind, of no other corpus. Words dealt anew: ours on the same words put into texts of "
                "the same lengths at random, against the true classes. Sections shuffled: our topics against classes dealt at "
                "random."
            ),
        ],
        by=" ",
    )
