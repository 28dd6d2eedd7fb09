"""A result followed over time, by periods that its dates allow, and over outlets."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from research.trends import Stated, TrendResult, stated_in, trends
from research.trends.dates import consecutive, date_problem, period_of
from research.trends.shares import FEW

if TYPE_CHECKING:
    from research.discovery import DiscoverResult
    from research.tagging import TagResult
    from research.trends import By

__all__ = ["MOST_PERIODS", "Trends", "shortest_period", "trends_of"]

#: Periods that one line of a figure holds.
MOST_PERIODS = 120
_FEW_PERIODS = 4  # from so many on a longer period is a choice


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
    by = shortest_period(stated)
    by_month = trends(stated, by="month", draws=draws, seed=seed, words=by == "month")
    over_time = by_month if by == "month" else trends(stated, by=by, draws=draws, seed=seed)
    return Trends(over_time, by_month, trends(stated, by="outlet", draws=draws, seed=seed))


def shortest_period(stated: Stated) -> By:
    """Choose the shortest period of which a figure can hold all and half have articles enough.

    Parameters
    ----------
    stated : Stated
        What is stated in which article.

    Returns
    -------
    {"month", "quarter", "year"}
        Where no period is so, a year if there are years enough to tell apart, else a quarter.
    """
    days = [one.date for one in stated.documents if one.date is not None and not date_problem(one)]
    fitting: list[By] = ["month", "quarter"]
    for by in fitting:
        sizes = Counter(period_of(day, by) for day in days)
        if sizes and len(consecutive(min(sizes), max(sizes))) > MOST_PERIODS:
            continue
        if len(sizes) < _FEW_PERIODS or np.median(list(sizes.values())) >= FEW:
            return by
    return "year" if len({day.year for day in days}) >= _FEW_PERIODS else "quarter"
