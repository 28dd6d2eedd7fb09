"""The part of a page that tells when and where topics or themes are stated, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from research.messages import count, joined, message, word
from research.report.language import told
from research.report.trend_figures import add_shares, all_periods, busiest_outlets
from research.report.trend_names import GROUP, KIND, labelled
from research.report.trend_results import Trends
from research.report.trend_tables import add_bursts, add_words
from research.trends import TrendResult

if TYPE_CHECKING:
    from research.report.page import Page

__all__ = ["add_trends", "told_of_dates"]

# Columns of a result's tables, which lose their marks there.
_COLUMNS = (
    word("status"), word("articles"), word("examples"), word("label"), word("undated"), word("first"), word("first_id"),
    word("last"), word("last_id"),
)  # fmt: skip


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
    page.paragraph(told_of_dates(time))
    if len(time.counted) > 1:
        statuses = [told(one.status) for one in time.counted]  # some hold a day, which no list of words does
        page.table(
            time.dates().assign(status=statuses),
            message("Every article by what can be said of its date; the last column holds examples as written."),
        )
    if len(time.groups) > 1:
        add_shares(page, time, all_periods(time), folder)
    if time.groups:
        add_bursts(page, time)
        sightings = labelled(stated, time.sightings().drop(columns=["status"]))
        caption = message("When each {kind} is first and last stated, and in which article.", kind=KIND[stated.kind])
        page.table(sightings, caption)
        add_words(page, time)
    if len(outlets.groups) > 1:
        page.section(message("Topics by outlet") if topics else message("Themes by outlet"))
        add_shares(page, outlets, busiest_outlets(outlets), folder)
        add_bursts(page, outlets)
        add_words(page, outlets)
    elif stated.documents:
        page.paragraph(_no_outlets(outlets))


def told_of_dates(found: TrendResult) -> str:
    """Say how many articles have a date to go by, from when to when, and why the others are in no period."""
    counts = {one.status: one.articles for one in found.counted}
    dated, everything = counts["dated"], sum(counts.values())
    span = [day for one in found.seen for day in (one.first, one.last) if day is not None]
    if dated == everything:
        return _told_of_all(everything, span)
    rest = [message("{status}: {n:,}", status=one.status, n=one.articles) for one in found.counted if one.status != "dated"]
    others = message("The others are in no {group} ({rest}).", group=GROUP[found.by], rest=joined(rest, by="; "))
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
