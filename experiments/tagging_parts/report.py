"""The report: a page with tables and figures that says in sentences how well themes are found and how that was measured."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd

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
    page = Page("How well themes are found" + (f" in real news ({results.name})" if results.real else ""))
    _opening(page, report)
    page.section("Against controls")
    add_headlines(page, run.headlines)
    _figures(page, run, report)
    _calibration(page, run, report.calibration)
    if report.transfer is not None:
        page.section("From one language to the other")
        page.table(
            report.transfer,
            "All parts, learned from the labels of one language and asked in the other; beside it the same passages with labels of both (their own articles held out).",
        )
    page.table(
        report.compared,
        "The best way minus each other one: difference, 95 % interval (a single test), p after Holm, and what could have been seen.",
    )
    page.section("How this was done")
    page.paragraph(_method(report))
    return page


def _opening(page: Page, report: Report) -> None:
    results, arms, compared = report.results, report.arms, report.compared
    best = arms.iloc[2:].sort_values("macro-F1", ascending=False).iloc[0]
    ours = arms.set_index("tagger").loc[ALL]
    worse = [row.other for row in compared.itertuples() if row.best == best.tagger and row.p <= 0.05]
    page.paragraph(
        f"{len(results.asked.texts):,} passages of {len(set(results.asked.articles)):,} articles, labelled with {len(results.themes)} themes by two language models independently (an upper bound on people's "
        f"agreement). The tagger with all its parts reaches a macro-F1 of {ours['macro-F1']:.2f} (95 % interval {ours['low']:.2f} to {ours['high']:.2f}, articles drawn anew). "
        f"The highest is that of: {best.tagger}, {best['macro-F1']:.2f}. "
        + (
            f"It is better than {', '.join(worse)}, by a test that exchanges whole articles and allows for the number of comparisons."
            if worse
            else "It cannot be told apart from the others by a test that exchanges whole articles."
        )
    )


def _figures(page: Page, run: Run, report: Report) -> None:
    results, arms, table = report.results, report.arms, report.by_theme
    n, articles = len(results.asked.texts), len(set(results.asked.articles))
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8, 4.2))
        bars_with_intervals(
            arms["tagger"], arms["macro-F1"], arms["low"], arms["high"], ax,
            xlabel=f"macro-F1 over {len(results.themes)} themes ({n} passages, {articles} articles; 95 % interval)", title="Themes found",
        )  # fmt: skip
    page.figure(
        drawing,
        "macro-f1",
        "Macro-F1 of each way of tagging with its interval; the two controls are on top.",
        run.folder,
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 4))
        heat_map(report.f1_by_arm, ax, title="F1 by theme")
    page.figure(drawing, "f1-by-theme", "F1 of each theme by each way of tagging.", run.folder)
    shown = table[["theme", "passages"]].copy()
    for metric in ("precision", "recall", "F1"):
        ranges = zip(table[metric], table[f"{metric} low"], table[f"{metric} high"], strict=True)
        shown[metric] = [interval(*numbers) for numbers in ranges]
    page.table(shown, "All parts: precision, recall and F1 of every theme with 95 % intervals (articles drawn anew).")


def _calibration(page: Page, run: Run, found: Calibration) -> None:
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9, 4.2))
        reliability(found.scores, found.truth, axes[0], title="Do scores mean what they say?")
        risk_curve(found.curve, axes[1], title="Errors when only the surest is answered")
    page.figure(
        drawing,
        "calibration",
        f"Left: share of passages that state a theme among those with about the same score (all parts; expected calibration error {found.error:.3f}). "
        "Right: share of wrong decisions among the surest.",
        run.folder,
    )
    with figure_style():
        drawing, ax = plt.subplots(figsize=(8.5, 4.2))
        risk_curves(found.by_theme, ax, title="Errors by theme when only the surest is answered")
    page.figure(
        drawing,
        "abstention",
        "By theme: share of wrong decisions among the surest; at the right, where nothing is left open.",
        run.folder,
    )


def _method(report: Report) -> str:
    disputed = int((~report.results.asked.usable).sum())
    how = (
        f"The tagger learned from {report.labels}; it has seen no label of these paragraphs, and its codebook was not written from them."
        if report.results.real
        else f"Each article's passages, and those of copies of one wire, are held out together ({report.folds} folds, {report.seeds} divisions); weights are learned on the other articles only, thresholds are fixed. The articles were written for this project, many of them without the usual key words: real agency news is easier."
    )
    return (
        f"{how} The codebook counts once more as a prior beside what was learned, because labelled articles may use the expected words less often than other news does. {disputed} pairs of passage and theme on which the two readers differ are neither learned nor scored. An undecided passage counts as one without the theme. The floor decides by frequency "
        "alone; the control learns shuffled labels, and sees the codebook's words all the same. The codebook without labels decides by its seeds, words that meet, and hints."
    )


def add_articles(page: Page, run: Run, tagged: TagResult, found: Evidence) -> None:
    """Write every article with its themes as a page of its own, and say how often a decision needs its evidence."""
    write_csv(tagged.table(), run.folder / "themes.csv")
    write_csv(tagged.seeds(), run.folder / "seeds.csv")
    tagging_page(tagged).write(run.folder / "articles.html")
    page.section("The articles")
    page.paragraph(
        f"Of {found.tested} decisions that were tested by cutting their evidence out of the passage, {interval(found.value, found.low, found.high)} fall "
        "(share, with a 95 % interval, articles drawn anew)."
    )
    page.links(
        [
            (
                "articles.html",
                "articles.html",
                "every passage with its themes and its evidence, to be searched and filtered",
            )
        ]
    )
