"""Figures of themes, drawn on the axes that they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.messages import message
from research.report.isolation import visible
from research.report.language import told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["themes_by_article"]

_TITLE = 46  # characters of a title


def themes_by_article(
    titles: Sequence[str], sizes: Sequence[int], themes: Sequence[str], counts: npt.NDArray[np.integer[Any]], ax: Axes
) -> Axes:
    """Draw how many passages of each article state each theme, shaded by their share of the article's passages.

    Parameters
    ----------
    titles : sequence of str, length n
        The articles, the first one on top.
    sizes : sequence of int, length n
        How many passages each has.
    themes : sequence of str, length k
        Their names.
    counts : ndarray of int, shape (n, k)
        Passages that state a theme.
    ax : Axes
        Where to draw.
    """
    shares = counts / np.maximum(np.asarray(sizes), 1)[:, None]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in zip(*np.nonzero(counts), strict=True):
        tint = "white" if shares[row, column] > 0.6 else "black"
        ax.text(column, row, str(counts[row, column]), ha="center", va="center", color=tint, size=8)
    ax.set_xticks(range(len(themes)), [told(theme) for theme in themes])
    ax.xaxis.tick_top()
    if len(themes) > 4:
        ax.tick_params(axis="x", labelrotation=25)
        for label in ax.get_xticklabels():
            label.set(ha="left", rotation_mode="anchor")
    ax.set_yticks(range(len(titles)), [f"{_short(title)}  (n = {size})" for title, size in zip(titles, sizes, strict=True)])
    ax.tick_params(length=0, labelsize=8)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_xlabel(told(message("passages that state the theme (n: passages of the article)")), fontsize=8)
    return ax


def _short(title: str) -> str:
    clean = " ".join(visible(title).split())
    return clean if len(clean) <= _TITLE else clean[:_TITLE].rsplit(" ", 1)[0] + " …"
