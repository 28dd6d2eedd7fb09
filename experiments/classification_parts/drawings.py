"""The figures of the page that are not among the package's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.messages import message
from research.report.figures import reliability, risk_curve
from research.report.language import told

from .results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def confusion(counts: npt.NDArray[np.intp], classes: Sequence[str], ax: Axes, *, title: str) -> Axes:
    """Draw how many texts of each class got which class, tinted by their share of the class."""
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        tint = "white" if shares[row, column] > 0.6 else "black"
        ax.text(column, row, f"{count:,}", ha="center", va="center", color=tint, size=9)
    ax.set_xticks(range(len(classes)), classes)
    ax.set_yticks(range(len(classes)), classes)
    ax.tick_params(length=0)
    ax.set_xlabel(told(message("class that was given")))
    ax.set_ylabel(told(message("true class")))
    ax.set_title(told(title))
    return turned(ax)


def turned(ax: Axes) -> Axes:
    """Turn the names below, which would meet otherwise."""
    for label in ax.get_xticklabels():
        label.set(rotation=30, ha="right", rotation_mode="anchor")
    return ax


def certainty(results: Results, axes: Any) -> None:
    """Draw how often the default is right where it says how sure it is, and how seldom it errs where it answers less."""
    left, right = axes
    reliability(results.confidence, results.right, left, title=message("Whether it is as often right as it says"))
    left.set_xlabel(told(message("probability of the class that was given (n at each point; bars: 95 % interval)")))
    left.set_ylabel(told(message("share that is right")))
    risk_curve(results.curve, right, title=message("Errors where it answers what it is surest of"))
    right.set_xlabel(told(message("share of {texts:,} texts that are answered, the surest first", texts=len(results.truth))))
