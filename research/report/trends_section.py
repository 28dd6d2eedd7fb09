"""The part of a page that tells when and where topics or themes are stated, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.messages import count, joined, message, word
from research.report import figures
from research.report.language import told
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
# What is stated, and what articles are grouped by, as a sentence needs them.
_KIND = {"topic": word("topic"), "theme": word("theme")}
_THE_KIND = {"topic": word("the topic"), "theme": word("the theme")}
_GROUP = {"month": word("month"), "quarter": word("quarter"), "year": word("year"), "outlet": word("outlet")}
_THE_GROUP = {
    "month": word("the month"), "quarter": word("the quarter"), "year": word("the year"), "outlet": word("the outlet"),
}  # fmt: skip
_ALL_OTHERS = {
    "month": word("all other months"),
    "quarter": word("all other quarters"),
    "year": word("all other years"),
    "outlet": word("all other outlets"),
}
_THE_OTHERS = {
    "month": word("the other months"),
    "quarter": word("the other quarters"),
    "year": word("the other years"),
    "outlet": word("the other outlets"),
}
_SHARE_OF = {
    "month": message("share of the month's text"),
    "quarter": message("share of the quarter's text"),
    "year": message("share of the year's text"),
    "outlet": message("share of the outlet's text"),
}
# Columns of a result's tables, which lose their marks there.
_COLUMNS = (
    word("status"), word("articles"), word("examples"), word("label"), word("undated"), word("first"), word("first_id"),
    word("last"), word("last_id"),
)  # fmt: skip


class Trends(NamedTuple):
    """A result over time, by month, and by outlet; where a month has articles enough the first two are one."""

    over_time: TrendResult
    by_month: TrendResult
    by_outlet: TrendResult

    def shares(self) -> pd.DataFrame:
        """Give the shares by month, by outlet, and by what the page groups by, one below the other."""
        different = [] if self.over_time is self.by_month else [self.over_time]
        parts = [one.shares() for one in (self.by_month, *different, self.by_outlet) if one.rows]
        return pd.concat(parts, ignore_index=True) if parts else self.by_month.shares()


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
    topics = stated.kind == "topic"
    page.section(message("Topics over time") if topics else message("Themes over time"))
    page.paragraph(_told_of_dates(time))
    if len(time.counted) > 1:
        statuses = [told(one.status) for one in time.counted]  # some hold a day, which no list of words does
        page.table(
            time.dates().assign(status=statuses),
            message("Every article by what can be said of its date; the last column holds examples as written."),
        )
    if len(time.groups) > 1:
        _add_figure(page, time, _consecutive(time), folder)
    if time.groups:
        _add_bursts(page, time)
        sightings = _labelled(stated, time.sightings().drop(columns=["status"]))
        caption = message("When each {kind} is first and last stated, and in which article.", kind=_KIND[stated.kind])
        page.table(sightings, caption)
        _add_words(page, time)
    if len(outlets.groups) > 1:
        page.section(message("Topics by outlet") if topics else message("Themes by outlet"))
        _add_figure(page, outlets, _busiest(outlets), folder)
        _add_bursts(page, outlets)
        _add_words(page, outlets)
    elif stated.documents:
        page.paragraph(_no_outlets(outlets))


def _told_of_dates(found: TrendResult) -> str:
    counts = {one.status: one.articles for one in found.counted}
    dated, everything = counts["dated"], sum(counts.values())
    span = [day for one in found.seen for day in (one.first, one.last) if day is not None]
    if dated == everything:
        return _told_of_all(everything, span)
    rest = [message("{status}: {n:,}", status=one.status, n=one.articles) for one in found.counted if one.status != "dated"]
    others = message("The others are in no {group} ({rest}).", group=_GROUP[found.by], rest=joined(rest, by="; "))
    return joined([_told_of_some(dated, everything, span), others], by=" ")


def _told_of_all(n: int, span: Sequence[date]) -> str:
    if not span:
        return count("The {n:,} article has a date.", "All {n:,} articles have a date.", n=n)
    return count(
        "The {n:,} article has a date, from {first} to {last}.",
        "All {n:,} articles have a date, from {first} to {last}.",
        n=n,
        first=min(span).isoformat(),
        last=max(span).isoformat(),
    )


def _told_of_some(k: int, n: int, span: Sequence[date]) -> str:
    if not span:
        return count("{k:,} of {n:,} article has a date to go by.", "{k:,} of {n:,} articles have a date to go by.", n=n, k=k)
    return count(
        "{k:,} of {n:,} article has a date to go by, from {first} to {last}.",
        "{k:,} of {n:,} articles have a date to go by, from {first} to {last}.",
        n=n,
        k=k,
        first=min(span).isoformat(),
        last=max(span).isoformat(),
    )


def _no_outlets(found: TrendResult) -> str:
    if found.groups:
        return message(
            "All articles with a source are of one outlet, {outlet}: there is nothing to compare it with.",
            outlet=found.groups[0],
        )
    return message("No article says which outlet it is from: nothing can be said of outlets.")


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
        (drawing.supylabel if over_time else drawing.supxlabel)(told(_SHARE_OF[found.by]), fontsize=9)
    return drawing


def _top(found: TrendResult, groups: Sequence[str], numbers: Sequence[int]) -> float:
    """Give the largest value that a figure must hold: the wide bar of a few articles would press all others flat."""
    drawn, shown = frozenset(groups), frozenset(numbers)
    rows = [row for row in found.rows if row.group in drawn and row.number in shown]
    return max(float(np.fmax(row.share, row.high)) if row.group_reports >= FEW else row.share for row in rows) or 1.0


def _title(stated: Stated, number: int) -> str:
    label = told(stated.labels[number])
    if stated.kind == "theme":
        return label
    return figures.topic_name(int(stated.names[number]), label, 2)


def _labelled(stated: Stated, table: pd.DataFrame) -> pd.DataFrame:
    """Name the topics or themes of a table as the page's language does."""
    named = {name: told(label) for name, label in zip(stated.names, stated.labels, strict=True)}
    return table.assign(label=[named[name] for name in table[stated.kind]])


def _caption(found: TrendResult, groups: Sequence[str], numbers: Sequence[int], everything: int) -> str:
    group = _GROUP[found.by]
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
            the_group=_THE_GROUP[found.by],
            kind=_KIND[found.stated.kind],
            the_kind=_THE_KIND[found.stated.kind],
        ),
        message("Articles in each {group}: {least:,} to {most:,}.", group=group, least=min(counts), most=max(counts)),
    ]
    if any(row.high > _top(found, groups, numbers) for row in found.rows if row.number in numbers):
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
    if any(row.p <= _SURE for row in found.rows) and over_time:
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


# -- tables -----------------------------------------------------------------------------------------------------------


def _add_bursts(page: Page, found: TrendResult) -> None:
    kind, group = _KIND[found.stated.kind], _GROUP[found.by]
    table = found.bursts(_SURE)
    test = message(
        "Fisher's exact test of every {kind} in every {group} against all others, adjusted by Holm's method; an article and "
        "its copies count once",
        kind=kind,
        group=group,
    )
    if not len(table):
        page.paragraph(
            message(
                "No {group} has more articles that state a {kind} than those of {all_other_groups} explain ({test}). With few "
                "articles in each {group} only a large excess can show.",
                group=group,
                kind=kind,
                all_other_groups=_ALL_OTHERS[found.by],
                test=test,
            )
        )
        return
    shown = _labelled(found.stated, table.head(30))
    shown = shown[["group", found.stated.kind, "label", "reports", "group_reports", "expected", "p"]]
    shown.columns = [group, kind, word("label"), word("articles"), word("of"), word("expected"), word("adjusted p")]
    shown = shown.assign(**{"adjusted p": [f"{value:.2g}" for value in shown["adjusted p"]]})
    caption = message(
        "Where more articles state a {kind} than {the_other_groups} explain ({test}).",
        kind=kind,
        the_other_groups=_THE_OTHERS[found.by],
        test=test,
    )
    more = message("The surest {k} of {n:,} are shown.", k=30, n=len(table)) if len(table) > 30 else ""
    page.table(shown, joined([caption, more], by=" "))


def _add_words(page: Page, found: TrendResult) -> None:
    compared = [one for one in found.comparisons if one.tested]
    kind, over_time = _KIND[found.stated.kind], found.by != "outlet"
    if not compared:
        if found.comparisons:
            reason = found.comparisons[0].reason
            page.paragraph(message("Words within a {kind} were not compared: {reason}.", kind=kind, reason=reason))
        return
    telling = [one for one in compared if any(changed.p <= _SURE for changed in one.words)]
    page.paragraph(_told_of_words(found, len(compared), len(telling)))
    shown = (compared if over_time else telling)[:_MOST_COMPARISONS]
    if not shown:
        return
    rows = [
        (_title(found.stated, one.number), told(one.side), one.articles, one.other_articles, *_words(one, 1), *_words(one, -1))
        for one in shown
    ]
    sides = (
        (word("more since"), word("sure since"), word("more before"), word("sure before"))
        if over_time
        else (word("more here"), word("sure here"), word("more elsewhere"), word("sure elsewhere"))
    )
    side = word("the later half") if over_time else word("outlet")
    columns = [kind, side, word("articles"), word("the other side's"), *sides]
    caption = message(
        "Words by which the two sides of a {kind} differ most, the first one first, and how many of them are sure.", kind=kind
    )
    left = (
        count("{k} of {n:,} comparison is shown.", "{k} of {n:,} comparisons are shown.", n=len(compared), k=len(shown))
        if len(shown) < len(compared)
        else ""
    )
    page.table(pd.DataFrame(rows, columns=columns), joined([caption, left], by=" "))


def _told_of_words(found: TrendResult, compared: int, telling: int) -> str:
    """Say how words were compared, and what is sure."""
    sides = word("each outlet against all others") if found.by == "outlet" else word("later articles against earlier ones")
    return joined(
        [
            message(
                "Words within a {kind}, {sides}: log-odds ratios, {the_kind}'s own words as prior; an article counts a word "
                "once.",
                kind=_KIND[found.stated.kind],
                sides=sides,
                the_kind=_THE_KIND[found.stated.kind],
            ),
            count(
                "In {k:,} of {n:,} comparison a word stands out more than the first of all words does in 19 of 20 random deals "
                "of the articles.",
                "In {k:,} of {n:,} comparisons a word stands out more than the first of all words does in 19 of 20 random "
                "deals of the articles.",
                n=compared,
                k=telling,
            ),
            message("Only such words are sure; the others may well be chance."),
            _told_of_sample(found.stated),
        ],
        by=" ",
    )


def _told_of_sample(stated: Stated) -> str:
    read, everything = int(stated.read.sum()), len(stated.documents)
    if read == everything:
        return ""
    return count(
        "Words were read in {k:,} of {n:,} article.", "Words were read in {k:,} of {n:,} articles.", n=everything, k=read
    )


def _words(compared: WordComparison, sign: int) -> tuple[str, int]:
    """Give the words that stand out most on a side, the first one first, and how many chance hardly explains."""
    ranked = sorted((one for one in compared.words if one.z * sign > 0), key=lambda one: -one.z * sign)[:_WORDS]
    return label_of([one.word for one in ranked], most=_WORDS), sum(one.p <= _SURE for one in ranked)
