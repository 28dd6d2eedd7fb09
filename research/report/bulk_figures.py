"""Figures of a corpus in partitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.bulk.result import Group
from research.messages import message
from research.report.figures import topic_name
from research.report.language import told
from research.report.style import colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["shares_beside_sample"]

_MOST = 40


def shares_beside_sample(groups: Sequence[Group], whole: int, sampled: int, ax: Axes) -> Axes:
    """Draw each group's share of all articles as a bar, and that of the sample as a mark, the largest on top.

    Parameters
    ----------
    groups : sequence of Group
        Topics, themes or classes; the first forty by size are drawn.
    whole, sampled : int
        How many articles there are, and how many of them in the sample.
    ax : Axes
        Where to draw.
    """
    ranked = sorted(groups, key=lambda one: (-one.articles, one.key))[:_MOST]
    rows = np.arange(len(ranked))[::-1]
    shares = [100 * one.articles / whole if whole else 0 for one in ranked]
    marks = [100 * one.sampled / sampled if sampled else 0 for one in ranked]
    ax.barh(rows, shares, color=colour(0), height=0.62)
    ax.plot(marks, rows, "D", color="#111111", markersize=4, markerfacecolor="white")
    for row, share, mark in zip(rows, shares, marks, strict=True):
        ax.annotate(f"{share:.1f}%", (max(share, mark), row), xytext=(7, 0), textcoords="offset points", va="center")
    names = [topic_name(int(one.key), one.label) if one.key.isdecimal() else one.label for one in ranked]
    ax.set_yticks(rows, [told(name) for name in names])
    ax.set_ylim(-0.6, len(ranked) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.15)
    ax.set_xlabel(told(message("share of articles, % (n = {whole:,}; marks: the sample, n = {n:,})", whole=whole, n=sampled)))
    return ax
