"""How far the classes of a classification can be trusted, in sentences that follow from its numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from research.report import class_figures, figures
from research.report.page import Page
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification import ClassifyResult, Estimate
    from research.evaluate import Interval

__all__ = ["add_certainty", "estimated", "limits"]


def estimated(result: ClassifyResult, found: Estimate) -> str:
    """Say what one estimate says, beside what knowing nothing reaches."""
    frequent = Counter(one.label for one in result.learned).most_common(1)[0][0]
    accuracy, reached = found.accuracy, max(found.chance_accuracy, found.majority_accuracy)
    told = (
        f"Of {found.texts:,} {found.what}, {accuracy.value:.1%} were given the class that they have"
        f"{_between(accuracy, '.1%')}; macro-F1, the mean F1 of the classes, is {found.macro_f1.value:.2f}"
        f"{_between(found.macro_f1, '.2f')}. With their labels dealt anew it would be {found.chance_accuracy:.1%} and "
        f"{found.chance_macro_f1:.2f}; giving all of them the most frequent class, {frequent}, "
        f"{found.majority_accuracy:.1%}."
    )
    if np.isfinite(accuracy.low):
        if accuracy.low > reached:
            told += " The interval lies above both."
        else:
            told += " The interval does not lie above both: this cannot be told from an answer that knows nothing."
    if np.isfinite(found.detectable) and found.detectable > 0:
        told += (
            f" On so few articles a difference of less than {100 * found.detectable:.1f} points from another classifier would "
            "probably go unseen."
        )
    if found is result.held_out and result.classifier.choice_.tried:
        told += (
            " How to learn and the scale of the probabilities were chosen on the same articles, which makes these figures "
            "slightly too good."
        )
    return told


def _between(interval: Interval, form: str) -> str:
    if not np.isfinite(interval.low):
        return " (no interval: too few articles)"
    return f" (95 % interval {interval.low:{form}} to {interval.high:{form}})"


def limits(result: ClassifyResult) -> str:
    """Say of which articles these figures tell nothing."""
    held_out, tested, choice = result.held_out, result.tested, result.classifier.choice_
    parts = []
    if tested is None and result.articles:
        parts.append(
            "How often the classes of the classified articles are right was not measured: they have no labels to compare with."
            + (" The figures above hold for articles like the training articles." if held_out is not None else "")
        )
    if tested is not None and held_out is not None:
        if tested.accuracy.high < held_out.accuracy.low:
            parts.append("The test articles are answered worse than held-out training articles: trust the figures of the test.")
        elif tested.accuracy.low > held_out.accuracy.high:
            parts.append("The test articles are answered better than held-out training articles: they may be easier.")
        else:
            parts.append("The intervals of the accuracy on test and on held-out training articles overlap.")
    best = [one.macro_f1 for one in choice.tried if one.candidate in choice.chosen]
    if choice.held_out == "outlets" and best and held_out is not None:
        parts.append(
            f"When whole outlets were held out, macro-F1 was {max(best):.2f}, beside {held_out.macro_f1.value:.2f} for those "
            "of known outlets: expect the former of outlets that the training articles do not hold."
        )
    return " ".join(parts)


# -- how sure -----------------------------------------------------------------------------------------------------------


def add_certainty(page: Page, result: ClassifyResult, folder: Path | None = None) -> None:
    """Add whether probabilities are true, what leaving answers open saves, and what became of the articles."""
    import matplotlib.pyplot as plt

    found = result.tested or result.held_out
    if found is None or len(result.classes) < 2:
        return
    page.section("How sure it is")
    said = sum(mean * n for mean, _, n in found.bins) / found.texts
    right = found.accuracy.value
    low, high = found.accuracy.low, found.accuracy.high
    way = "too sure" if said > high else "not sure enough" if said < low else "neither too sure nor not sure enough"
    half = int(np.searchsorted(found.risk.coverage, 0.5 - 1e-12))
    page.paragraph(
        f"On {found.texts:,} {found.what} the answers have a probability of {said:.1%} on average, and {right:.1%} are "
        f"right{_between(found.accuracy, '.1%')}: on the whole it is {way}. By tenths of the probability the two differ by "
        f"{100 * found.calibration_error:.1f} points (expected calibration error, which is above 0 by chance alone where "
        f"there are few articles). Of the surest {found.risk.coverage[half]:.0%}, {found.risk.risk[half]:.1%} are wrong; of "
        f"all, {found.risk.risk[-1]:.1%}."
    )
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9.5, 4))
        class_figures.reliability_of_bins(found.bins, axes[0], title="Is it right as often as it says?")
        figures.risk_curve(found.risk, axes[1], title="Errors when only the surest is answered")
    page.figure(
        drawing, "certainty", "Left: on the line probabilities are true. Right: what leaving answers open saves.", folder
    )
    _add_decisions(page, result, found)


def _add_decisions(page: Page, result: ClassifyResult, found: Estimate) -> None:
    if not result.articles:
        return
    of = Counter(one.decision for one in result.articles)
    named = [("given", "given"), ("abstain", "left open"), ("none", "no text, no class")]
    rows = [(name, of[key], f"{of[key] / len(result.articles):.0%}") for key, name in named]
    page.table(pd.DataFrame(rows, columns=["decision", "articles", "share"]), "What became of the articles.")
    wanted = result.settings.get("precision")
    if wanted is None:
        page.paragraph("Every article with a text got its most probable class: no precision was asked for.")
    elif not np.isfinite(result.threshold):
        page.paragraph(f"A precision of {wanted:.2f} was asked for, which no probability reached on held-out articles.")
    else:
        answered = np.flatnonzero(found.risk.threshold >= result.threshold)
        told = (
            f"of {found.texts:,} {found.what}, {found.risk.coverage[answered[-1]]:.0%} reach it, and "
            f"{1 - found.risk.risk[answered[-1]]:.1%} of these are right"
            if len(answered)
            else f"none of {found.texts:,} {found.what} reaches it"
        )
        where = "" if found is result.tested else ", the articles on which it was chosen"
        page.paragraph(
            f"A class is given from a probability of {result.threshold:.2f} on, chosen for a precision of {wanted:.2f}: {told}"
            f"{where}. The most probable class of what was left open is in predictions.csv, in the column second."
        )
