"""The part of a page that tells when and where topics or themes are stated, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.report import figures
from research.report.style import colour, figure_style
from research.topics.keywords import label_of
from research.trends import Share, Stated, TrendResult, WordComparison, stated_in, trends
from research.trends.dates import consecutive, date_problem, period_of
from research.trends.shares import FEW

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from research.discovery import DiscoverResult
    from research.report.page import Page
    from research.tagging import TagResult
    from research.trends import By

__all__ = ["Trends", "add_trends", "trends_of"]

_MOST_PANELS = 12
_MOST_OUTLETS = 12
_MOST_PERIODS = 120  # that one line of a figure holds
_FEW_PERIODS = 4  # from so many on a longer period is a choice
_ACROSS = 3
_WORDS = 4
_MOST_COMPARISONS = 40
_SURE = 0.05


class Trends(NamedTuple):
    """A result over time, by month, and by outlet; where a month has articles enough the first two are one."""

    over_time: TrendResult
    by_month: TrendResult
    by_outlet: TrendResult

    def shares(self) -> pd.DataFrame:
        """Give the shares by month, by outlet, and by what the page groups by, one below the other."""
        different = [] if self.over_time is self.by_month else [self.over_time]
        told = [one.shares() for one in (self.by_month, *different, self.by_outlet) if one.rows]
        return pd.concat(told, ignore_index=True) if told else self.by_month.shares()


def trends_of(result: DiscoverResult | TagResult, *, draws: int = 1000, seed: int = 0) -> Trends:
    """Follow a result over time and over outlets.

    Parameters
    ----------
    result : DiscoverResult or TagResult
        What was found.
    draws : int
        How many samples the intervals are made of.
    seed : int
        Seed of the draws.

    Returns
    -------
    Trends
        Over time by month; by quarter or year where most months have too few articles for an interval, or there are more
        months than a figure can hold.

    Examples
    --------
    >>> import research
    >>> found = trends_of(research.tag(research.load("seeds/articles"), "seeds/themes.toml", labels=False, encoder="none"))
    >>> found.over_time.by, found.by_month.by, found.by_outlet.by
    ('quarter', 'month', 'outlet')
    """
    stated = stated_in(result)
    by = _period(stated)
    by_month = trends(stated, by="month", draws=draws, seed=seed, words=by == "month")
    over_time = by_month if by == "month" else trends(stated, by=by, draws=draws, seed=seed)
    return Trends(over_time, by_month, trends(stated, by="outlet", draws=draws, seed=seed))


def _period(stated: Stated) -> By:
    """Choose the shortest period of which a figure can hold all and half have articles enough; a year where none is so."""
    days = [one.date for one in stated.documents if one.date is not None and not date_problem(one)]
    fitting: list[By] = ["month", "quarter"]
    for by in fitting:
        sizes = Counter(period_of(day, by) for day in days)
        if sizes and len(consecutive(min(sizes), max(sizes))) > _MOST_PERIODS:
            continue
        if len(sizes) < _FEW_PERIODS or np.median(list(sizes.values())) >= FEW:
            return by
    return "year" if len({day.year for day in days}) >= _FEW_PERIODS else "quarter"


def add_trends(page: Page, found: Trends, folder: Path | None = None) -> None:
    """Add to a page what there is to say of time and of outlets.

    Parameters
    ----------
    page : Page
        Where to add it.
    found : Trends
        What `trends_of` gave.
    folder : Path, optional
        Where figures are also written as files.
    """
    time, outlets = found.over_time, found.by_outlet
    stated = time.stated
    if not stated.documents or not stated.names:
        return
    page.section(f"{stated.kind.capitalize()}s over time")
    page.paragraph(_told_of_dates(time))
    if len(time.counted) > 1:
        page.table(time.dates(), "Every article by what can be said of its date; the last column holds examples as written.")
    if len(time.groups) > 1:
        _add_figure(page, time, _consecutive(time), folder)
    if time.groups:
        _add_bursts(page, time)
        sightings = time.sightings().drop(columns=["status"])
        page.table(sightings, f"When each {stated.kind} is first and last stated, and in which article.")
        _add_words(page, time)
    if len(outlets.groups) > 1:
        page.section(f"{stated.kind.capitalize()}s by outlet")
        _add_figure(page, outlets, _busiest(outlets), folder)
        _add_bursts(page, outlets)
        _add_words(page, outlets)
    elif stated.documents:
        page.paragraph(_no_outlets(outlets))


def _told_of_dates(found: TrendResult) -> str:
    counts = {one.status: one.articles for one in found.counted}
    dated, everything = counts["dated"], sum(counts.values())
    span = [day for one in found.seen for day in (one.first, one.last) if day is not None]
    when = f", from {min(span).isoformat()} to {max(span).isoformat()}" if span else ""
    if dated == everything:
        return f"All {everything:,} articles have a date{when}."
    rest = "; ".join(f"{status}: {count:,}" for status, count in counts.items() if status != "dated")
    return f"{dated:,} of {everything:,} articles have a date to go by{when}. The others are in no {found.by} ({rest})."


def _no_outlets(found: TrendResult) -> str:
    if found.groups:
        return f"All articles with a source are of one outlet, {found.groups[0]}: there is nothing to compare it with."
    return "No article says which outlet it is from: nothing can be said of outlets."


# -- figures ----------------------------------------------------------------------------------------------------------


def _consecutive(found: TrendResult) -> list[str]:
    every = consecutive(found.groups[0], found.groups[-1])
    return every if len(every) <= 3 * _MOST_PERIODS else list(found.groups)


def _busiest(found: TrendResult) -> list[str]:
    sizes = {row.group: row.group_articles for row in found.rows}
    return sorted(sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_OUTLETS])


def _add_figure(page: Page, found: TrendResult, groups: Sequence[str], folder: Path | None) -> None:
    overall = _overall(found)
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


def _overall(found: TrendResult) -> npt.NDArray[np.float64]:
    """Give the share of each name in all text."""
    shares: npt.NDArray[np.float64] = found.stated.characters.sum(axis=0) / found.stated.totals.sum()
    return shares


def _panels(found: TrendResult, groups: Sequence[str], numbers: Sequence[int], overall: npt.NDArray[np.float64]) -> Figure:
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    over_time = found.by != "outlet"
    across = min(_ACROSS, len(numbers))
    down = -(-len(numbers) // across)
    height = 1.75 if over_time else 0.8 + 0.21 * len(groups)
    draw: Callable[..., Axes] = figures.share_over_time if over_time else figures.share_by_outlet
    with figure_style(), plt.rc_context({"font.size": 8}):
        drawing, axes = plt.subplots(
            down, across, figsize=(3.1 * across, height * down + 0.3), sharex=True, sharey=True, squeeze=False
        )
        for ax, number in zip(axes.flat, numbers, strict=False):
            rows: dict[str, Share] = {row.group: row for row in found.rows if row.number == number}
            draw(rows, groups, ax, overall=float(overall[number]), tint=colour(number), title=_title(found.stated, number))
        for ax in axes.flat[len(numbers) :]:
            ax.set_visible(False)
        for ax in axes.flat[len(numbers) - across : len(numbers)]:
            ax.xaxis.set_tick_params(labelbottom=True)  # above a place that is empty, too
        value = axes[0, 0].yaxis if over_time else axes[0, 0].xaxis
        value.set_major_formatter(PercentFormatter(1, decimals=0))
        top = _top(found, groups, numbers)
        (axes[0, 0].set_ylim if over_time else axes[0, 0].set_xlim)(-0.03 * top, 1.06 * top)
        (drawing.supylabel if over_time else drawing.supxlabel)(f"share of the {found.by}'s text", fontsize=9)
    return drawing


def _top(found: TrendResult, groups: Sequence[str], numbers: Sequence[int]) -> float:
    """Give the largest value that a figure must hold: the wide bar of a few articles would press all others flat."""
    drawn, shown = frozenset(groups), frozenset(numbers)
    rows = [row for row in found.rows if row.group in drawn and row.number in shown]
    return max(float(np.fmax(row.share, row.high)) if row.group_reports >= FEW else row.share for row in rows) or 1.0


def _title(stated: Stated, number: int) -> str:
    label = stated.labels[number]
    if stated.kind == "theme":
        return label
    return figures.topic_name(int(stated.names[number]), label, 2)


def _caption(found: TrendResult, groups: Sequence[str], numbers: Sequence[int], everything: int) -> str:
    kind, by = found.stated.kind, found.by
    sizes = {row.group: row.group_articles for row in found.rows}
    counts = [sizes[group] for group in groups if group in sizes]
    gaps = len(groups) - len(counts)
    parts = [
        f"Share of the text of each {by} that states each {kind}. Points are shares; bars are 95 % intervals over draws of "
        f"whole articles; hollow points have no interval, because the {by} has one article, or none that states the {kind}. "
        f"The dashed line is the {kind}'s share of all text.",
        f"Articles in each {by}: {min(counts):,} to {max(counts):,}.",
    ]
    if any(row.high > _top(found, groups, numbers) for row in found.rows if row.number in numbers):
        parts.append(f"Bars of fewer than {FEW} articles may be cut off at the edge.")
    if found.by != "outlet" and gaps:
        parts.append(f"The line is broken where a {by} has no article ({gaps} of {len(groups)}).")
    if any(row.p <= _SURE for row in found.rows) and found.by != "outlet":
        parts.append("A black triangle marks a burst.")
    if kind == "theme":
        parts.append("A passage can state several themes: shares do not sum to 100 %.")
    if len(numbers) < everything:
        parts.append(f"The {len(numbers)} of {everything} {kind}s with most text are drawn; shares.csv holds all.")
    if found.by == "outlet" and len(groups) < len(found.groups):
        parts.append(f"The {len(groups)} of {len(found.groups)} outlets with most articles are drawn; shares.csv holds all.")
    return " ".join(parts)


# -- tables -----------------------------------------------------------------------------------------------------------


def _add_bursts(page: Page, found: TrendResult) -> None:
    kind, by = found.stated.kind, found.by
    table = found.bursts(_SURE)
    test = (
        f"Fisher's exact test of every {kind} in every {by} against all others, adjusted by Holm's method; an article and its "
        "copies count once"
    )
    if not len(table):
        page.paragraph(
            f"No {by} has more articles that state a {kind} than those of all other {by}s explain ({test}). With few articles "
            f"in each {by} only a large excess can show."
        )
        return
    shown = table[["group", kind, "label", "reports", "group_reports", "expected", "p"]].head(30)
    shown.columns = [by, kind, "label", "articles", "of", "expected", "adjusted p"]
    shown = shown.assign(**{"adjusted p": [f"{value:.2g}" for value in shown["adjusted p"]]})
    more = f" The surest 30 of {len(table):,} are shown." if len(table) > 30 else ""
    page.table(shown, f"Where more articles state a {kind} than the other {by}s explain ({test}).{more}")


def _add_words(page: Page, found: TrendResult) -> None:
    compared = [one for one in found.comparisons if one.tested]
    kind, over_time = found.stated.kind, found.by != "outlet"
    if not compared:
        if found.comparisons:
            page.paragraph(f"Words within a {kind} were not compared: {found.comparisons[0].reason}.")
        return
    telling = [one for one in compared if any(word.p <= _SURE for word in one.words)]
    page.paragraph(
        f"Words within a {kind}, {'later articles against earlier ones' if over_time else 'each outlet against all others'}: "
        f"log-odds ratios, the {kind}'s own words as prior; an article counts a word once. In {len(telling):,} of "
        f"{len(compared):,} comparisons a word stands out more than the first of all words does in 19 of 20 random deals of "
        f"the articles. Only such words are sure; the others may well be chance.{_told_of_sample(found.stated)}"
    )
    shown = (compared if over_time else telling)[:_MOST_COMPARISONS]
    if not shown:
        return
    there = ("since", "before") if over_time else ("here", "elsewhere")
    rows = [
        (_title(found.stated, one.number), one.side, one.articles, one.other_articles, *_words(one, 1), *_words(one, -1))
        for one in shown
    ]
    columns = [kind, "the later half" if over_time else "outlet", "articles", "the other side's"]
    columns += [name for side in there for name in (f"more {side}", f"sure {side}")]
    left = f" {len(shown)} of {len(compared):,} comparisons are shown." if len(shown) < len(compared) else ""
    page.table(
        pd.DataFrame(rows, columns=columns),
        f"Words by which the two sides of a {kind} differ most, the first one first, and how many of them are sure.{left}",
    )


def _told_of_sample(stated: Stated) -> str:
    read = int(stated.read.sum())
    return f" Words were read in {read:,} of {len(stated.documents):,} articles." if read < len(stated.documents) else ""


def _words(compared: WordComparison, sign: int) -> tuple[str, int]:
    """Give the words that stand out most on a side, the first one first, and how many chance hardly explains."""
    ranked = sorted((word for word in compared.words if word.z * sign > 0), key=lambda word: -word.z * sign)[:_WORDS]
    return label_of([word.word for word in ranked], most=_WORDS), sum(word.p <= _SURE for word in ranked)
