"""Several labels an article, label by label: a table, F1 and calibration as a figure, the words that go with each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.classification.several_result import SeveralResult
from research.messages import Message, count, joined, message, word
from research.report import class_figures, figures
from research.report.class_estimates import by_tenths, texts_of
from research.report.class_reading import add_terms
from research.report.language import told
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification.several_estimate import SeveralEstimate
    from research.report.page import Page

__all__ = ["add_labels"]

_DRAWN = 30  # labels of a figure that is still legible
_SAID = 5  # labels that a sentence names
# Columns of a result's table, which are plain text there and looked up.
_COLUMNS = (
    word("label"), word("learned"), word("given"), word("threshold"), word("precision"), word("recall"), word("F1"),
    word("interval"), word("by chance"), word("F1 in test"),
)  # fmt: skip


def add_labels(page: Page, result: SeveralResult, folder: Path | None) -> None:
    """Add to a page what there is to say of each label.

    Parameters
    ----------
    page : Page
        Where to add it.
    result : SeveralResult
        What `research.classify_several` gave.
    folder : Path, optional
        Where the figure is also written as a file.
    """
    page.section(message("The labels"))
    if result.held_out is not None:
        page.paragraph(_best_and_worst(result.labels, result.held_out))
    page.table(*_table(result))
    _add_figure(page, result, folder)
    lead = message("These words go with each label where it is probable, by models that had not seen the articles.")
    add_terms(page, word("label"), result.labels, result, lead)


def _table(result: SeveralResult) -> tuple[pd.DataFrame, Message]:
    """Give the table of labels, and what it shows."""
    table = result.classes().drop(columns=["terms", "low", "high", "support"])
    table = table.rename(columns={"f1": "F1", "f1_shuffled": "by chance"})
    caption = [message("Each label: from how many articles it was learned, how many got it, and from which probability on.")]
    if (found := result.held_out) is not None:
        between = [
            message("{low:.2f} to {high:.2f}", low=one.low, high=one.high) if np.isfinite(one.low) else None for one in found.f1
        ]
        table.insert(7, "interval", pd.Series(between, dtype=object))  # a column of text would not keep how it was made
        caption.append(
            message(
                "On held-out training articles: precision (share of its answers that are right), recall (share of its articles "
                "that are found), and F1 with its 95 % interval, beside F1 when sets of labels are dealt anew (by chance)."
            )
        )
    else:
        table = table.drop(columns=["precision", "recall", "F1", "by chance"])
    if (tested := result.tested) is not None:
        table["F1 in test"] = [round(one.value, 4) for one in tested.f1]
        caption.append(message("Last, F1 on the test articles."))
    return table, joined(caption, by=" ")


def _best_and_worst(labels: Sequence[str], found: SeveralEstimate) -> Message:
    known = [(one.value, name) for name, one in zip(labels, found.f1, strict=True) if np.isfinite(one.value)]
    ranked = sorted(known, key=lambda entry: (-entry[0], entry[1]))
    if len(ranked) <= _SAID:
        return message("On held-out training articles, F1 by label: {labels}.", labels=_with_f1(ranked))
    return message(
        "On held-out training articles, F1 is highest for {best}, lowest for {worst}; its median over {labels} is "
        "{median:.2f}.",
        best=_with_f1(ranked[:2]),
        worst=_with_f1(ranked[-2:]),
        labels=count("{n:,} label", "{n:,} labels", n=len(ranked)),
        median=float(np.median([value for value, _ in ranked])),
    )


def _with_f1(ranked: Sequence[tuple[float, str]]) -> Message:
    return joined(f"{name} {value:.2f}" for value, name in ranked)


def _add_figure(page: Page, result: SeveralResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    found = result.estimate
    if found is None:
        return
    articles = texts_of(result, found)
    page.paragraph(_how_true(found, articles))
    shown = np.argsort([-np.nan_to_num(one.value, nan=-1.0) for one in found.f1], kind="stable")[:_DRAWN]
    middle, low, high = ([getattr(found.f1[at], side) for at in shown] for side in ("value", "low", "high"))
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(10.5, max(4.0, 1.2 + 0.3 * len(shown))))
        names = [f"{_short(result.labels[at])}  (n = {found.support[at]:,})" for at in shown]
        figures.bars_with_intervals(
            names,
            middle,
            low,
            high,
            axes[0],
            xlabel=message("F1 (bars: 95 % interval; ×: labels dealt anew)"),
            title=message("F1 by label"),
        )
        axes[0].plot(found.chance_f1[shown], np.arange(len(shown))[::-1], "x", color="#7F7F7F", markersize=6)
        axes[0].set_xlim(-0.02, 1.02)
        class_figures.reliability_of_bins(found.bins, axes[1], title=message("Is it so as often as it says?"))
        axes[1].set_xlabel(told(message("probability of a label (figures: pairs of article and label)")))
        axes[1].set_ylabel(told(message("share that is so")))
    description = [message("Left: F1 of each label on {articles}.", articles=articles)]
    if len(shown) < len(found.f1):
        most = count("The {k:,} best of {n:,} label.", "The {k:,} best of {n:,} labels.", n=len(found.f1), k=len(shown))
        description.append(most)
    description.append(message("Right: on the line probabilities are true."))
    page.figure(drawing, "labels", joined(description, by=" "), folder)


def _how_true(found: SeveralEstimate, articles: Message) -> Message:
    counts = np.array([n for _, _, n in found.bins])
    said, right = (float(np.average([one[side] for one in found.bins], weights=counts)) for side in (0, 1))
    return joined(
        [
            message(
                "A label has a probability of {said:.1%} on average on {articles}, and {right:.1%} of all pairs of article and "
                "label are so.",
                said=said,
                articles=articles,
                right=right,
            ),
            by_tenths(found.calibration_error),
        ],
        by=" ",
    )


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
