"""What moves over time and outlets: plain data that gives tables; `shown` shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from research.evaluate import reason
from research.shown import Plotted
from research.trends.dates import Dates
from research.trends.shares import FEW, Share
from research.trends.stated import Stated
from research.trends.words import WordComparison

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sighting", "TrendResult"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a topic or theme is first and last seen.

    Attributes
    ----------
    number : int
        Its place among the names.
    articles, undated : int
        How many articles state it, and how many of them have no date to go by.
    first, last : datetime.date or None
        None where no article that states it is dated.
    first_id, last_id : str
        The articles; of several on one day, the first by id.
    """

    number: int
    articles: int
    undated: int
    first: date | None
    first_id: str
    last: date | None
    last_id: str


@dataclass(frozen=True, eq=False, repr=False)
class TrendResult(Plotted):
    """Topics or themes by month, quarter, year or outlet.

    Attributes
    ----------
    by : {"month", "quarter", "year", "outlet"}
        What articles are grouped by.
    stated : Stated
        What is stated where.
    rows : tuple of Share
        Every group and name.
    seen : tuple of Sighting
        Every name.
    comparisons : tuple of WordComparison
        Over time the later half of each name's articles against the earlier; by outlet each outlet against all others.
    counted : tuple of Dates
        Every article by what can be said of its date.
    draws, seed : int
        Of the intervals.
    """

    by: str
    stated: Stated
    rows: tuple[Share, ...]
    seen: tuple[Sighting, ...]
    comparisons: tuple[WordComparison, ...]
    counted: tuple[Dates, ...]
    draws: int
    seed: int

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have articles, in order."""
        return tuple(dict.fromkeys(row.group for row in self.rows))

    def table(self) -> pd.DataFrame:
        """Give the shares."""
        return self.shares()

    def shares(self) -> pd.DataFrame:
        """Give one row a group and name: how many articles, the share of text with its interval, and whether it stands out.

        Columns: by, group, topic (or theme), label, articles, group_articles, share, low, high, status (why there is no
        interval, or that it is too narrow), reports and group_reports (copies counted once), expected (reports, as in all
        other groups together), p (of at least so many, adjusted).
        """
        return self._table(self.rows)

    def bursts(self, level: float = 0.05) -> pd.DataFrame:
        """Give the rows of `shares` in which more reports state a name than all other groups explain, the surest first.

        Parameters
        ----------
        level : float
            The chance of one false alarm among all of them.
        """
        found = [row for row in self.rows if row.p <= level]
        return self._table(sorted(found, key=lambda row: (row.p, row.group, row.number)))

    def _table(self, rows: tuple[Share, ...] | list[Share]) -> pd.DataFrame:
        import pandas as pd

        cells = [
            (self.by, row.group, *self._name(row.number), row.articles, row.group_articles,
             *(round(value, 4) for value in (row.share, row.low, row.high)), share_status(row), row.reports,
             row.group_reports, round(row.expected, 2), _rounded(row.p))
            for row in rows
        ]  # fmt: skip
        names = [
            "by", "group", self.stated.kind, "label", "articles", "group_articles", "share", "low", "high", "status", "reports",
            "group_reports", "expected", "p",
        ]  # fmt: skip
        return pd.DataFrame(cells, columns=names)

    def sightings(self) -> pd.DataFrame:
        """Give one row a topic (or theme): label, articles, undated, first, first_id, last, last_id, status."""
        import pandas as pd

        rows = []
        for one in self.seen:
            status = "" if one.first else "no article of it has a date" if one.articles else "no article states it"
            days = [None if day is None else day.isoformat() for day in (one.first, one.last)]
            rows.append(
                (*self._name(one.number), one.articles, one.undated, days[0], one.first_id, days[1], one.last_id, status)
            )
        names = [self.stated.kind, "label", "articles", "undated", "first", "first_id", "last", "last_id", "status"]
        return pd.DataFrame(rows, columns=names)

    def changed_words(self) -> pd.DataFrame:
        """Give one row a word that stands out, and one with the reason where nothing could be compared.

        Columns: topic (or theme), label, side, other, side_articles, other_articles, word, articles and articles_other (that
        use it), z (above 0: the side uses it more), p (chance that any of the tested words stands out as much), tested,
        status.
        """
        import pandas as pd

        rows = []
        for one in self.comparisons:
            about = (*self._name(one.number), one.side, one.other, one.articles, one.other_articles)
            told: list[tuple[object, ...]] = [
                (w.word, w.articles, w.other_articles, round(w.z, 3), _rounded(w.p)) for w in one.words
            ]
            rows += [(*about, *cells, one.tested, one.reason) for cells in told or [(None, None, None, math.nan, math.nan)]]
        names = [
            self.stated.kind, "label", "side", "other", "side_articles", "other_articles", "word", "articles", "articles_other",
            "z", "p", "tested", "status",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=names).astype({"articles": "Int64", "articles_other": "Int64"})

    def dates(self) -> pd.DataFrame:
        """Give how many articles are dated and how many are not, and why: status, articles, examples; they sum to all."""
        import pandas as pd

        return pd.DataFrame([(one.status, one.articles, one.examples) for one in self.counted],
                            columns=["status", "articles", "examples"])  # fmt: skip

    def _name(self, number: int) -> tuple[int | str, str]:
        return self.stated.names[number], self.stated.labels[number]


def share_status(row: Share) -> str:
    """Say what is wrong with a share's interval; empty when nothing is."""
    if math.isnan(row.low):
        return reason(row.low)
    return f"fewer than {FEW} articles: the interval is too narrow" if row.group_reports < FEW else ""


def _rounded(p: float) -> float:
    """Keep three significant digits."""
    return p if math.isnan(p) else float(f"{p:.3g}")
