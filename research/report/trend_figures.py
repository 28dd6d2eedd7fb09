"""Figures of trends: a panel for every topic or theme, its share by period or by outlet, and the caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from research.messages import count, joined, message
from research.report.figures import SURE, share_by_outlet, share_over_time
from research.report.language import told
from research.report.style import colour, figure_style
from research.report.trend_names import GROUP, KIND, THE_GROUP, THE_KIND, title_of
from research.report.trend_results import MOST_PERIODS
from research.trends import Share, TrendResult
from research.trends.dates import consecutive
from research.trends.shares import FEW

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from research.report.page import Page

__all__ = ["SHARE_OF", "add_shares", "all_periods", "busiest_outlets", "overall_shares", "upper_limit"]

_MOST_PANELS = 12
_MOST_OUTLETS = 12
_ACROSS = 3
#: What the axis of a figure says, by what articles are grouped by.
SHARE_OF = {
    "month": message("share of the month's text"),
    "quarter": message("share of the quarter's text"),
    "year": message("share of the year's text"),
    "outlet": message("share of the outlet's text"),
}


def add_shares(page: Page, found: TrendResult, groups: Sequence[str], folder: Path | None) -> None:
    """Add to a page the shares of the topics or themes with most text; nothing where none is stated.

    Parameters
    ----------
    page : Page
        Where to add it.
    found : TrendResult
        The shares.
    groups : sequence of str
        Periods or outlets to draw, in their order.
    folder : Path, optional
        Where the figure is also written as a file.
    """
    overall = overall_shares(found)
    largest = [int(number) for number in np.argsort(-overall, kind="stable") if overall[number] > 0][:_MOST_PANELS]
    if not largest:
        return
    drawn = sorted(largest)
    page.figure(
        _panels(found, groups, drawn, overall),
        f"{found.stated.kind}s-by-{found.by}",
        _caption(found, groups, drawn, int((overall > 0).sum())),
        folder,
    )


def all_periods(found: TrendResult) -> list[str]:
    """Give every period from the first to the last; only those with articles where a few far dates make too many."""
    every = consecutive(found.groups[0], found.groups[-1])
    return every if len(every) <= 3 * MOST_PERIODS else list(found.groups)


def busiest_outlets(found: TrendResult) -> list[str]:
    """Give the outlets with most articles, as many as a figure holds, by name."""
    sizes = {row.group: row.group_articles for row in found.rows}
    return sorted(sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_OUTLETS])


def overall_shares(found: TrendResult) -> npt.NDArray[np.float64]:
    """Give the share of each topic or theme in all text, shape (k,)."""
    shares: npt.NDArray[np.float64] = found.stated.characters.sum(axis=0) / found.stated.totals.sum()
    return shares


def _panels(found: TrendResult, groups: Sequence[str], numbers: Sequence[int], overall: npt.NDArray[np.float64]) -> Figure:
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    over_time = found.by != "outlet"
    across = min(_ACROSS, len(numbers))
    down = -(-len(numbers) // across)
    height = 1.75 if over_time else 0.8 + 0.21 * len(groups)
    draw: Callable[..., Axes] = share_over_time if over_time else share_by_outlet
    with figure_style(), plt.rc_context({"font.size": 8}):
        drawing, axes = plt.subplots(
            down, across, figsize=(3.1 * across, height * down + 0.3), sharex=True, sharey=True, squeeze=False
        )
        for ax, number in zip(axes.flat, numbers, strict=False):
            rows: dict[str, Share] = {row.group: row for row in found.rows if row.number == number}
            draw(rows, groups, ax, overall=float(overall[number]), tint=colour(number), title=title_of(found.stated, number))
        for ax in axes.flat[len(numbers) :]:
            ax.set_visible(False)
        for ax in axes.flat[len(numbers) - across : len(numbers)]:
            ax.xaxis.set_tick_params(labelbottom=True)  # above a place that is empty, too
        value = axes[0, 0].yaxis if over_time else axes[0, 0].xaxis
        value.set_major_formatter(PercentFormatter(1, decimals=0))
        top = upper_limit(found, groups, numbers)
        (axes[0, 0].set_ylim if over_time else axes[0, 0].set_xlim)(-0.03 * top, 1.06 * top)
        (drawing.supylabel if over_time else drawing.supxlabel)(told(SHARE_OF[found.by]), fontsize=9)
    return drawing


def upper_limit(found: TrendResult, groups: Sequence[str], numbers: Sequence[int]) -> float:
    """Give the largest value that a figure must hold: the wide bar of a few articles would press all others flat."""
    drawn, shown = frozenset(groups), frozenset(numbers)
    rows = [row for row in found.rows if row.group in drawn and row.number in shown]
    return max(float(np.fmax(row.share, row.high)) if row.group_reports >= FEW else row.share for row in rows) or 1.0


def _caption(found: TrendResult, groups: Sequence[str], numbers: Sequence[int], everything: int) -> str:
    group = GROUP[found.by]
    sizes = {row.group: row.group_articles for row in found.rows}
    counts = [sizes[group] for group in groups if group in sizes]
    gaps = len(groups) - len(counts)
    over_time = found.by != "outlet"
    parts: list[str] = [
        message(
            "Share of the text of each {group} that states each {kind}. Points are shares; bars are 95 % intervals over draws "
            "of whole articles; hollow points have no interval, because {the_group} has one article, or none that states "
            "{the_kind}. The dashed line is {the_kind}'s share of all text.",
            group=group,
            the_group=THE_GROUP[found.by],
            kind=KIND[found.stated.kind],
            the_kind=THE_KIND[found.stated.kind],
        ),
        message("Articles in each {group}: {least:,} to {most:,}.", group=group, least=min(counts), most=max(counts)),
    ]
    if any(row.high > upper_limit(found, groups, numbers) for row in found.rows if row.number in numbers):
        parts.append(
            count(
                "Bars of fewer than {n} article may be cut off at the edge.",
                "Bars of fewer than {n} articles may be cut off at the edge.",
                n=FEW,
            )
        )
    if over_time and gaps:
        parts.append(
            message(
                "The line is broken where a {group} has no article ({gaps} of {all}).", group=group, gaps=gaps, all=len(groups)
            )
        )
    if any(row.p <= SURE for row in found.rows) and over_time:
        parts.append(message("A black triangle marks a burst."))
    if found.stated.kind == "theme":
        parts.append(message("A passage can state several themes: shares do not sum to 100 %."))
    if len(numbers) < everything:
        parts.append(_not_all_drawn(found.stated.kind, len(numbers), everything))
    if not over_time and len(groups) < len(found.groups):
        parts.append(_not_all_drawn("outlet", len(groups), len(found.groups)))
    return joined(parts, by=" ")


def _not_all_drawn(what: str, k: int, n: int) -> str:
    if what == "topic":
        return count(
            "The {k} of {n} topic with most text are drawn; shares.csv holds all.",
            "The {k} of {n} topics with most text are drawn; shares.csv holds all.",
            n=n,
            k=k,
        )
    if what == "theme":
        return count(
            "The {k} of {n} theme with most text are drawn; shares.csv holds all.",
            "The {k} of {n} themes with most text are drawn; shares.csv holds all.",
            n=n,
            k=k,
        )
    return count(
        "The {k} of {n} outlet with most articles are drawn; shares.csv holds all.",
        "The {k} of {n} outlets with most articles are drawn; shares.csv holds all.",
        n=n,
        k=k,
    )
