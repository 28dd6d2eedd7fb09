"""The report: a page with tables and figures that says in sentences how well themes are found and how that was measured."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd

from research.messages import Message, joined, message, word
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map, reliability, risk_curve, risk_curves
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.report.tagging_page import tagging_page
from research.runs import Run
from research.runs.records import interval
from research.tagging import TagResult

from .cells import ALL
from .results import Calibration, Evidence, Results


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that is told of the results; what does not apply is None."""

    results: Results
    arms: pd.DataFrame
    by_theme: pd.DataFrame
    f1_by_arm: pd.DataFrame
    compared: pd.DataFrame
    calibration: Calibration
    transfer: pd.DataFrame | None
    labels: str
    folds: int
    seeds: int


def write_tables(run: Run, report: Report) -> None:
    detail = report.f1_by_arm.rename_axis("tagger").reset_index()
    tables = {"macro_f1": report.arms, "by_theme": report.by_theme, "f1_by_arm": detail, "differences": report.compared}
    for name, table in tables.items():
        write_csv(table, run.folder / f"{name}.csv")
    if report.transfer is not None:
        write_csv(report.transfer, run.folder / "transfer.csv")


def page_of(run: Run, report: Report) -> Page:
    """Make the page, and write its figures into the run's folder."""
    results = report.results
    page = Page(
        message("How well themes are found in real news ({corpus})", corpus=results.name)
        if results.real
        else message("How well themes are found")
    )
    _opening(page, report)
    page.section(message("Against controls"))
    add_headlines(page, run.headlines)
    _figures(page, run, report)
    _calibration(page, run, report.calibration)
    if report.transfer is not None:
        page.section(message("From one language to the other"))
        page.table(
            report.transfer,
            message(
                "All parts, learned from the labels of one language and asked in the other; beside it the same passages with "
                "labels of both (their own articles held out)."
            ),
            words=["from, to"],
        )
    page.table(
        report.compared,
        message(
            "The best way minus each other one: difference, 95 % interval (a single test), p after Holm, and what could have "
            "been seen."
        ),
        words=["best", "other"],
    )
    page.section(message("How this was done"))
    page.paragraph(_method(report))
    return page


def _opening(page: Page, report: Report) -> None:
    results, arms, compared = report.results, report.arms, report.compared
    best = arms.iloc[2:].sort_values("macro-F1", ascending=False).iloc[0]
    ours = arms.set_index("tagger").loc[ALL]
    worse = [word(row.other) for row in compared.itertuples() if row.best == best.tagger and row.p <= 0.05]
    page.paragraph(
        joined(
            [
                message(
                    "{passages:,} passages of {articles:,} articles, labelled with {themes} themes by two language models "
                    "independently (an upper bound on people's agreement). The tagger with all its parts reaches a macro-F1 of "
                    "{value:.2f} (95 % interval {low:.2f} to {high:.2f}, articles drawn anew).",
                    passages=len(results.asked.texts),
                    articles=len(set(results.asked.articles)),
                    themes=len(results.themes),
                    value=ours["macro-F1"],
                    low=ours["low"],
                    high=ours["high"],
                ),
                message("The highest is that of: {best}, {value:.2f}.", best=word(best.tagger), value=best["macro-F1"]),
                message(
                    "It is better than {others}, by a test that exchanges whole articles and allows for the number of "
                    "comparisons.",
                    others=joined(worse),
                )
                if worse
                else message("It cannot be told apart from the others by a test that exchanges whole articles."),
            ],
            by=" ",
        )
    )


def _figures(page: Page, run: Run, report: Report) -> None:
    results, arms, table = report.results, report.arms, report.by_theme
    names = [word(arm) for arm in arms["tagger"]]
    n, articles = len(results.asked.texts), len(set(results.asked.articles))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 4.2))
        bars_with_intervals(
            names, arms["macro-F1"], arms["low"], arms["high"], ax,
            xlabel=message("macro-F1 over {themes} themes ({passages} passages, {articles} articles; 95 % interval)",
                           themes=len(results.themes), passages=n, articles=articles),
            title=message("Themes found"),
        )  # fmt: skip
    page.figure(
        drawing,
        "macro-f1",
        message("Macro-F1 of each way of tagging with its interval; the two controls are on top."),
        run.folder,
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 4))
        detail = report.f1_by_arm.set_axis(pd.Index([word(arm) for arm in report.f1_by_arm.index], dtype=object))
        heat_map(detail, ax, title=message("F1 by theme"))
    page.figure(drawing, "f1-by-theme", message("F1 of each theme by each way of tagging."), run.folder)
    shown = table[["theme", "passages"]].copy()
    metrics = (word("precision"), word("recall"), "F1")
    for metric in metrics:
        ranges = zip(table[metric], table[f"{metric} low"], table[f"{metric} high"], strict=True)
        shown[metric] = [interval(*numbers) for numbers in ranges]
    page.table(
        shown,
        message("All parts: precision, recall and F1 of every theme with 95 % intervals (articles drawn anew)."),
        words=metrics,
    )


def _calibration(page: Page, run: Run, found: Calibration) -> None:
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9, 4.2))
        reliability(found.scores, found.truth, axes[0], title=message("Do scores mean what they say?"))
        risk_curve(found.curve, axes[1], title=message("Errors when only the surest is answered"))
    page.figure(
        drawing,
        "calibration",
        message(
            "Left: share of passages that state a theme among those with about the same score (all parts; expected calibration "
            "error {error:.3f}). Right: share of wrong decisions among the surest.",
            error=found.error,
        ),
        run.folder,
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 4.2))
        risk_curves(found.by_theme, ax, title=message("Errors by theme when only the surest is answered"))
    page.figure(
        drawing,
        "abstention",
        message("By theme: share of wrong decisions among the surest; at the right, where nothing is left open."),
        run.folder,
    )


def _method(report: Report) -> Message:
    how = (
        message(
            "The tagger learned from {labels}; it has seen no label of these paragraphs, and its codebook was not written from "
            "them.",
            labels=report.labels,
        )
        if report.results.real
        else message(
            "Each article's passages, and those of copies of one wire, are held out together ({folds} folds, {seeds} "
            "divisions); weights are learned on the other articles only, thresholds are fixed. The articles were written for "
            "this project, many of them without the usual key words: real agency news is easier.",
            folds=report.folds,
            seeds=report.seeds,
        )
    )
    rest = message(
        "The codebook counts once more as a prior beside what was learned, because labelled articles may use the expected words "
        "less often than other news does. {disputed} pairs of passage and theme on which the two readers differ are neither "
        "learned nor scored. An undecided passage counts as one without the theme. The floor decides by frequency alone; the "
        "control learns shuffled labels, and sees the codebook's words all the same. The codebook without labels decides by its "
        "seeds, words that meet, and hints.",
        disputed=int((~report.results.asked.usable).sum()),
    )
    return joined([how, rest], by=" ")


def add_articles(page: Page, run: Run, tagged: TagResult, found: Evidence) -> None:
    """Write every article with its themes as a page of its own, and say how often a decision needs its evidence."""
    write_csv(tagged.table(), run.folder / "themes.csv")
    write_csv(tagged.seeds(), run.folder / "seeds.csv")
    tagging_page(tagged).write(run.folder / "articles.html")
    page.section(message("The articles"))
    page.paragraph(
        message(
            "Of {tested} decisions that were tested by cutting their evidence out of the passage, {share} fall (share, with a "
            "95 % interval, articles drawn anew).",
            tested=found.tested,
            share=interval(found.value, found.low, found.high),
        )
    )
    page.links(
        [
            (
                "articles.html",
                "articles.html",
                message("every passage with its themes and its evidence, to be searched and filtered"),
            )
        ]
    )
