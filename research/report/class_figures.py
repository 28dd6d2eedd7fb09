"""Figures of a classification. Each function draws on the axes that it is given and returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from research.messages import message
from research.report.language import told
from research.report.style import colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix", "reliability_of_bins"]

_LONG = 22  # characters of a class's name that are drawn


def confusion_matrix(confusion: npt.NDArray[np.int64], classes: Sequence[str], ax: Axes, *, title: str) -> Axes:
    """Draw how many texts of a class (row) were given to a class (column), the colour by the share of the row.

    Parameters
    ----------
    confusion : ndarray of int64, shape (k, k)
        Counts.
    classes : sequence of str, length k
        Of rows and columns.
    ax : Axes
        Where to draw.
    title : str
        What stands above.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, totals, out=np.full(confusion.shape, np.nan), where=totals > 0)
    ax.patch.set(hatch="///", edgecolor="#BBBBBB")  # rows without a text
    ax.imshow(np.ma.masked_invalid(shares), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.argwhere(np.isfinite(shares)).tolist():
        texts, share = int(confusion[row, column]), float(shares[row, column])
        tint = "white" if share > 0.6 else "black" if texts else "#999999"
        ax.text(column, row, f"{texts:,}", ha="center", va="center", color=tint, size=9)
    names = [name if len(name) <= _LONG else f"{name[: _LONG - 1]}…" for name in classes]
    ax.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
    counts = [f"{name}  (n = {total:,})" for name, total in zip(names, totals[:, 0].tolist(), strict=True)]
    ax.set_yticks(range(len(names)), counts)
    ax.set_xlabel(told(message("class that it was given")))
    ax.set_ylabel(told(message("class that it has")))
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title(told(title))
    return ax


def reliability_of_bins(bins: Sequence[tuple[float, float, int]], ax: Axes, *, title: str) -> Axes:
    """Draw how often answers of about the same probability are right, each bin with Wilson's interval and its count.

    Parameters
    ----------
    bins : sequence of (float, float, int)
        Mean probability, share that is right, texts.
    ax : Axes
        Where to draw.
    title : str
        What stands above.

    Notes
    -----
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22. Unlike the usual
    interval it stays within 0 and 1 where a bin holds few.
    """
    mean, share, n = (np.array([one[at] for one in bins], dtype=float) for at in range(3))
    z = 1.96
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    ax.vlines(mean, middle - reach, middle + reach, color=colour(0), linewidth=3, alpha=0.4)
    ax.plot(mean, share, "o-", color=colour(0), markersize=5)
    for x, y, count in zip(mean, share, n, strict=True):
        ax.annotate(f"{count:,.0f}", (x, y), xytext=(5, -11), textcoords="offset points", fontsize=8)
    ax.set_xlim(-0.02, 1.08)
    ax.set_ylim(-0.06, 1.05)
    ax.set_xlabel(told(message("probability of the answer (figures: articles; bars: 95 % interval)")))
    ax.set_ylabel(told(message("share that is right")))
    ax.set_title(told(title))
    return ax
