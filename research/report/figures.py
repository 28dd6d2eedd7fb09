"""Figures: from records and results to axes. Each function draws on the axes that it is given and returns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from research.messages import count, listed, message, word
from research.report.isolation import visible
from research.report.language import told
from research.report.style import colour
from research.text.tokens import is_arabic

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from research.discovery import DiscoverResult
    from research.evaluate import Effect, SelectiveRisk
    from research.topics import Choice
    from research.trends import Share

__all__ = [
    "SURE", "bars_with_intervals", "effects_with_intervals", "heat_map", "reliability", "risk_curve", "risk_curves",
    "share_by_outlet", "share_over_time", "stability_curve", "topic_map", "topic_name", "topic_sizes",
]  # fmt: skip

#: From this adjusted p on a burst, or a word, is told as sure.
SURE = 0.05

_TICK = 52  # characters of a name beside an axis


def topic_name(number: int, label: str, words: int = 3) -> str:
    """Give a topic's number and the first words of its label."""
    parts = [part for part in told(label).replace(", ", "، ").split("، ") if part][:words]
    return f"{number}  {told(listed(parts))}" if parts else told(message("{number}  (no keyword)", number=number))


def _tick(name: str) -> str:
    """Shorten a name to what stands beside an axis; one with Arabic in it begins on the right, whatever it begins with."""
    name = visible(name)
    short = name if len(name) <= _TICK else name[:_TICK].rsplit(" ", 1)[0].rstrip("،,") + " …"
    return f"\u200f{short}" if is_arabic(short) else short


def topic_sizes(result: DiscoverResult, ax: Axes) -> Axes:
    """Draw how many texts each topic has."""
    topics = result.topics[::-1]
    bars = ax.barh(
        range(len(topics)), [topic.size for topic in topics], color=[colour(topic.number) for topic in topics], height=0.7
    )
    ax.set_yticks(range(len(topics)), [_tick(topic_name(topic.number, topic.label, 4)) for topic in topics])
    ax.set_ylim(-0.6, len(topics) - 0.4)
    ax.bar_label(bars, padding=3, fmt="{:,.0f}")
    ax.set_xlabel(told(_what_is_counted(result)))
    ax.set_title(told(message("Topics by size")))
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.1)
    return ax


def _what_is_counted(result: DiscoverResult) -> str:
    articles, units = len(result.corpus.usable), len(result.units)
    if result.unit == "passage":
        return count(
            "passages (n = {units}, from {n} article)", "passages (n = {units}, from {n} articles)", n=articles, units=units
        )
    return count(
        "documents (n = {units}, from {n} article)", "documents (n = {units}, from {n} articles)", n=articles, units=units
    )


def stability_curve(choice: Choice, ax: Axes) -> Axes:
    """Draw how far partitions agree at each resolution, each with its number of topics, and the one that was taken."""
    known = np.flatnonzero(np.isfinite(choice.stability))
    x = np.log2(np.array(choice.resolutions))[known]
    errors = np.nan_to_num(2 * choice.errors[known])
    ax.errorbar(x, choice.stability[known], yerr=errors, color=colour(0), marker="o", capsize=3)
    for at, place in zip(x, known, strict=True):
        ax.annotate(
            f"{choice.topics[place]:.0f}",
            (at, choice.stability[place] + 2 * np.nan_to_num(choice.errors[place])),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontweight="bold" if place == choice.chosen else "normal",
        )
    ax.axvline(float(np.log2(choice.resolutions[choice.chosen])), color=colour(1), linewidth=1, linestyle=":", zorder=0)
    ax.set_xticks(x, [f"{choice.resolutions[place]:.2g}" for place in known])
    ax.set_ylim(min(0.0, float(choice.stability[known].min()) - 0.1), 1.15)
    ax.set_xlabel(told(message("resolution (dotted: taken; figures: about how many topics)")))
    ax.set_ylabel(told(message("agreement (adjusted Rand index)")))
    ax.set_title(told(message("How many topics come back")))
    return ax


def topic_map(result: DiscoverResult, ax: Axes) -> Axes:
    """Draw every text where it lies among its neighbours, coloured by topic, each topic's number at its middle."""
    from matplotlib.patheffects import withStroke

    many = len(result.units) > 2000
    filled = [topic for topic in result.topics if topic.size]  # a theme of a codebook may have no passage
    for topic in filled:
        members = result.places[result.assigned == topic.number]
        strong = np.nan_to_num(result.strengths[result.assigned == topic.number], nan=1.0)
        ax.scatter(
            members[:, 0],
            members[:, 1],
            s=4 if many else 16,
            color=colour(topic.number),
            alpha=0.35 + 0.6 * strong,
            linewidths=0,
        )
    taken: list[tuple[float, float]] = []
    span = np.nanmax(np.ptp(result.places, axis=0)) if len(result.units) > 1 else 1.0
    for topic in filled:
        x, y = np.median(result.places[result.assigned == topic.number], axis=0)
        while any(abs(x - a) < 0.035 * span and abs(y - b) < 0.035 * span for a, b in taken):
            y += 0.04 * span  # numbers do not cover one another
        taken.append((x, y))
        ax.text(x, y, str(topic.number), color=colour(topic.number), weight="bold", size=13, ha="center", va="center",
                path_effects=[withStroke(linewidth=3, foreground="white")])  # fmt: skip
    ax.set(xticks=[], yticks=[], aspect="equal")
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title(told(_what_the_map_holds(result)))
    return ax


def _what_the_map_holds(result: DiscoverResult) -> str:
    if result.unit == "passage":
        return count(
            "Map of {n} passage (near ones are alike; axes have no unit)",
            "Map of {n} passages (near ones are alike; axes have no unit)",
            n=len(result.units),
        )
    return count(
        "Map of {n} document (near ones are alike; axes have no unit)",
        "Map of {n} documents (near ones are alike; axes have no unit)",
        n=len(result.units),
    )


def share_over_time(
    rows: Mapping[str, Share], periods: Sequence[str], ax: Axes, *, overall: float, tint: str, title: str
) -> Axes:
    """Draw a topic's share of text by month, quarter or year, with its intervals.

    Parameters
    ----------
    rows : mapping of str to Share
        The topic's share in every period that has articles.
    periods : sequence of str
        Every period from the first to the last; where one has no articles the line is broken.
    ax : Axes
        Where to draw.
    overall : float
        The topic's share of all text, drawn as a dashed line.
    tint : str
        The topic's colour.
    title : str
        What people call it.
    """
    at = np.array([number for number, period in enumerate(periods) if period in rows])
    held = [rows[periods[number]] for number in at]
    shares, low, high = (np.array([getattr(row, name) for row in held]) for name in ("share", "low", "high"))
    line = np.full(len(periods), np.nan)
    line[at] = shares
    ax.axhline(overall, color="#888888", linewidth=0.8, linestyle=(0, (4, 3)))
    ax.vlines(at, low, high, color=tint, linewidth=3, alpha=0.3)
    ax.plot(np.arange(len(periods)), line, color=tint, linewidth=1.2)
    _points(ax, at, shares, np.isfinite(low), tint)
    for number, row in zip(at, held, strict=True):
        if row.p <= SURE:
            ax.text(float(number), 0.97, "▼", transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=8)
    years = [number for number, period in enumerate(periods) if period.endswith(("-01", "-Q1"))]
    if len(years) > 1:
        years = years[:: -(-len(years) // 5)]  # labels of more would meet
        ax.set_xticks(years, [periods[number][:4] for number in years])
    else:
        some = sorted({0, len(periods) // 2, len(periods) - 1})
        ax.set_xticks(some, [periods[number] for number in some])
    ax.set_xlim(-0.7, len(periods) - 0.3)
    ax.set_title(told(title), fontsize=9)
    return ax


def share_by_outlet(
    rows: Mapping[str, Share], outlets: Sequence[str], ax: Axes, *, overall: float, tint: str, title: str
) -> Axes:
    """Draw a topic's share of text in each outlet, with its intervals, the first outlet on top.

    Parameters
    ----------
    rows : mapping of str to Share
        The topic's share in every outlet.
    outlets : sequence of str
        Those that are drawn.
    ax : Axes
        Where to draw.
    overall : float
        The topic's share of all text, drawn as a dashed line.
    tint : str
        The topic's colour.
    title : str
        What people call it.
    """
    held = [rows[outlet] for outlet in outlets]
    shares, low, high = (np.array([getattr(row, name) for row in held]) for name in ("share", "low", "high"))
    at = np.arange(len(outlets))[::-1]
    ax.axvline(overall, color="#888888", linewidth=0.8, linestyle=(0, (4, 3)))
    ax.hlines(at, low, high, color=tint, linewidth=3, alpha=0.3)
    _points(ax, shares, at, np.isfinite(low), tint)
    ax.set_yticks(at, [visible(outlet) for outlet in outlets])
    ax.set_ylim(-0.6, len(outlets) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_title(told(title), fontsize=9)
    return ax


def _points(ax: Axes, x: npt.NDArray[Any], y: npt.NDArray[Any], sure: npt.NDArray[np.bool_], tint: str) -> None:
    """Draw points, hollow where there is no interval."""
    for chosen, fill in ((sure, tint), (~sure, "white")):
        if chosen.any():
            ax.plot(x[chosen], y[chosen], "o", color=tint, markersize=4, markerfacecolor=fill)


def bars_with_intervals(
    names: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    ax: Axes,
    *,
    xlabel: str,
    title: str,
) -> Axes:
    """Draw values as points with their intervals, the first on top."""
    rows = np.arange(len(names))[::-1]
    middle, bottom, top = (np.asarray(numbers, dtype=float) for numbers in (values, low, high))
    ax.hlines(rows, bottom, top, color="#999999", linewidth=3)
    ax.plot(middle, rows, "o", color=colour(0), markersize=8)
    for row, value, end in zip(rows, middle, np.fmax(top, middle), strict=True):
        ax.annotate(f"{value:z.2f}", (end, row), xytext=(8, 0), textcoords="offset points", va="center")
    ax.set_yticks(rows, [told(name) for name in names])
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(told(xlabel))
    ax.set_title(told(title))
    ax.margins(x=0.15)
    return ax


def effects_with_intervals(effects: Sequence[Effect], ax: Axes, *, xlabel: str, title: str) -> Axes:
    """Draw effects as points with their intervals around zero, the first on top; those beyond noise in colour."""
    rows = np.arange(len(effects))[::-1]
    for row, effect in zip(rows, effects, strict=True):
        found = effect.halves
        tint = colour(0) if effect.shown else "#999999"
        ax.hlines(row, found.low, found.high, color=tint, linewidth=3, alpha=0.5)
        ax.plot(found.mean, row, "o", color=tint, markersize=6)
    ax.axvline(0, color="#444444", linewidth=0.8)
    ax.set_yticks(rows, [told(word(effect.step)) for effect in effects])
    ax.set_ylim(-0.6, len(effects) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(told(xlabel))
    ax.set_title(told(title))
    return ax


def heat_map(table: pd.DataFrame, ax: Axes, *, title: str) -> Axes:
    """Draw a small table of numbers between 0 and 1 as a heat map with its figures; undefined cells are hatched."""
    values = table.to_numpy(dtype=float)
    shown = np.ma.masked_invalid(values)
    ax.patch.set(hatch="///", edgecolor="#BBBBBB")
    ax.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            if np.isfinite(value):
                ax.text(
                    column, row, f"{value:.2f}", ha="center", va="center", color="white" if value > 0.6 else "black", size=9
                )
    ax.set_xticks(range(len(table.columns)), [told(name) for name in table.columns])
    ax.set_yticks(range(len(table.index)), [told(name) for name in table.index])
    ax.tick_params(length=0)
    ax.set_title(told(title))
    return ax


def reliability(
    probabilities: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_], ax: Axes, *, title: str, bins: int = 10
) -> Axes:
    """Draw how often what was given about the same probability is so, in bins of equal width with their counts."""
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    used = np.flatnonzero(counts)
    mean, share = (np.bincount(bin_of, values, bins)[used] / counts[used] for values in (probabilities, truth.astype(float)))
    # Wilson's interval: it stays within 0 and 1 where a bin holds few.
    n, z = counts[used], 1.96
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    ax.vlines(mean, middle - reach, middle + reach, color=colour(0), linewidth=3, alpha=0.4)
    ax.plot(mean, share, "o-", color=colour(0), markersize=5)
    for x, y, held in zip(mean, share, n, strict=True):
        ax.annotate(f"{held:,}", (x, y), xytext=(5, -11), textcoords="offset points", fontsize=8)
    ax.set_xlim(-0.02, 1.08)
    ax.set_ylim(-0.06, 1.05)
    ax.set_xlabel(told(message("score (n at each point; bars: 95 % interval)")))
    ax.set_ylabel(told(message("share that states the theme")))
    ax.set_title(told(title))
    return ax


def risk_curve(curve: SelectiveRisk, ax: Axes, *, title: str) -> Axes:
    """Draw the share of errors among the surest answers against how many are answered."""
    ax.plot(curve.coverage, curve.risk, color=colour(1))
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, None)
    ax.set_xlabel(told(message("share of decisions that are answered, the surest first")))
    ax.set_ylabel(told(message("share of errors among them")))
    ax.set_title(told(title))
    return ax


def risk_curves(curves: Mapping[str, SelectiveRisk], ax: Axes, *, title: str) -> Axes:
    """Draw several such curves, each with its name and its share of errors where everything is answered."""
    for number, curve in enumerate(curves.values()):
        ax.plot(curve.coverage, curve.risk, color=colour(number), linewidth=1.6)
    # Names stand apart at the right, in the order of the curves' ends.
    ends = sorted((float(curve.risk[-1]), number, name) for number, (name, curve) in enumerate(curves.items()))
    top = max((end for end, _, _ in ends), default=1.0)
    at = -np.inf
    for end, number, name in ends:
        at = max(end, at + 0.07 * top)
        ax.annotate(
            f"{told(name)}  {end:.1%}", (1.03, at), color=colour(number), va="center", fontsize=9, annotation_clip=False
        )
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, None)
    ax.set_xlabel(told(message("share of passages that are answered, the surest first")))
    ax.set_ylabel(told(message("share of errors among them")))
    ax.set_title(told(title))
    return ax
