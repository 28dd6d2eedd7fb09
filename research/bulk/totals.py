"""Counts of articles by group, outlet and month, which add up over partitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd

    from research.corpus.documents import Document

__all__ = ["OTHERS", "Totals"]

#: Stands for the outlets of a partition that has too many to be told apart.
OTHERS = "…"
_MOST = 2_000


class Totals:
    """How many articles of each outlet and month are in each group.

    Examples
    --------
    >>> from research.corpus.documents import Document
    >>> totals = Totals()
    >>> totals.add("sanctions", Document("a", "نص", source="sada"))
    >>> Totals.sum([totals, totals]).table()["articles"].tolist()
    [2]
    """

    def __init__(self, counts: Counter[tuple[str, str, str]] | None = None) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter() if counts is None else counts
        self._outlets: set[str] = set()

    def add(self, group: str, document: Document) -> None:
        """Count an article in a group."""
        source = document.source
        if source not in self._outlets:
            if len(self._outlets) < _MOST:
                self._outlets.add(source)
            else:
                source = OTHERS
        month = document.date.strftime("%Y-%m") if document.date else ""
        self._counts[group, source, month] += 1

    def by(self, column: int) -> Counter[str]:
        """Count by group (0), outlet (1) or month (2)."""
        found = Counter[str]()
        for key, count in self._counts.items():
            found[key[column]] += count
        return found

    def total(self) -> int:
        """Count all."""
        return self._counts.total()

    def table(self) -> pd.DataFrame:
        """Give one row a group, outlet and month: group, source, month, articles."""
        import pandas as pd

        rows = [(*key, count) for key, count in sorted(self._counts.items())]
        return pd.DataFrame(rows, columns=["group", "source", "month", "articles"])

    def plain(self) -> list[list[Any]]:
        """Give what JSON can hold."""
        return [[*key, count] for key, count in sorted(self._counts.items())]

    @classmethod
    def of_plain(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """Make totals of what `plain` gave."""
        return cls(Counter({(str(a), str(b), str(c)): int(n) for a, b, c, n in rows}))

    @classmethod
    def sum(cls, several: Iterable[Totals]) -> Self:
        """Add totals up."""
        counts = Counter[tuple[str, str, str]]()
        for one in several:
            counts.update(one._counts)
        return cls(counts)
