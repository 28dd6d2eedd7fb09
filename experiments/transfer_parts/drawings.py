"""The figures of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from research.messages import message, word
from research.report import Page
from research.report.figures import bars_with_intervals, heat_map
from research.report.language import told
from research.report.style import colour, figure_style
from research.runs import Run

from .results import Results
from .ways import OURS, OWN, named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def add_figures(page: Page, run: Run, results: Results) -> None:
    """Draw the losses, every way's score, and our way's classes."""
    import matplotlib.pyplot as plt

    losses = [row for row in results.compared if row.lost]
    if losses:
        with figure_style():
            drawing, ax = plt.subplots(figsize=(8, 0.5 * len(losses) + 1.2))
            _losses(results, ax)
        description = message("What is lost against learning in the language, with its interval.")
        page.figure(drawing, "lost", description, run.folder)
    number = len(results.seen.classes)
    ways = max(len(found) for found in results.summary.values())
    if ways:
        with figure_style():
            drawing, axes = plt.subplots(2, 1, figsize=(8, 2 * (0.32 * ways + 1.1)), sharex=True)
            drawing.set_layout_engine("constrained", h_pad=0.15)  # a title does not touch what is above it
            for direction, ax in zip(results.directions, axes, strict=True):
                found = {way: metrics["macro-F1"] for way, metrics in results.summary[direction].items()}
                values, low, high = ([getattr(one, end) for one in found.values()] for end in ("value", "low", "high"))
                tested, learned = word(direction.tested), word(direction.learned)
                xlabel = message(
                    "macro-F1 over {classes} classes ({texts:,} {language} texts; 95 % interval)",
                    classes=number,
                    texts=len(set(results.rows(direction.tested).tolist())),
                    language=tested,
                )
                title = message("{tested} texts by what was learned in {learned}", tested=tested, learned=learned)
                bars_with_intervals(list(found), values, low, high, ax, xlabel=xlabel, title=title)
        description = message("Macro-F1 of each way in each direction with its interval.")
        page.figure(drawing, "macro-f1", description, run.folder)
    detail = _classes(results)
    if len(detail):
        with figure_style():
            drawing, ax = plt.subplots(figsize=(max(6.0, 1.0 * number + 4.5), 0.34 * len(detail) + 1.6))
            heat_map(detail, ax, title=message("F1 by class"))
            for label in ax.get_xticklabels():
                label.set(rotation=30, ha="right", rotation_mode="anchor")
        description = message("F1 of each class; hatched where it is undefined.")
        page.figure(drawing, "f1-by-class", description, run.folder)


def _losses(results: Results, ax: Axes) -> None:
    """Draw each loss as a point with its interval beside zero, the first on top."""
    losses = [row for row in results.compared if row.lost]
    names = []
    for place, row in zip(range(len(losses) - 1, -1, -1), losses, strict=True):
        tint = colour(0) if row.p <= 0.05 else "#999999"
        ax.hlines(place, -row.high, -row.low, color=tint, linewidth=3, alpha=0.5)
        ax.plot(-row.difference, place, "o", color=tint, markersize=6)
        name = message("{direction}: {way}\nagainst {other}", direction=row.direction.name, way=row.one, other=row.other)
        names.append(told(name))
    ax.axvline(0, color="#444444", linewidth=0.8)
    ax.set_yticks(range(len(losses) - 1, -1, -1), names)
    ax.set_ylim(-0.6, len(losses) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(told(message("macro-F1 lost (95 % interval; grey: not told from 0)")))
    ax.set_title(told(message("What is lost")))


def _classes(results: Results) -> pd.DataFrame:
    """F1 of each class by our way and by learning in the language."""
    rows = {}
    for direction, found in results.by_class.items():
        for encoder in results.encoders:
            for way, row in (
                (OURS, direction.name),
                (OWN, message("{language} in itself", language=word(direction.tested))),
            ):
                name = named(way, encoder, results.encoders)
                if name in found:
                    rows[named(row, encoder, results.encoders)] = found[name]
    columns = [name.replace("_", " ") for name in results.seen.classes]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.set_axis(pd.Index(list(rows), dtype=object))
