"""Which articles have a date that can be believed, and the month, quarter or year that it lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from research.corpus.documents import Document
from research.errors import ConfigError
from research.messages import message, word

__all__ = ["BY", "EARLIEST", "By", "Dates", "check_by", "consecutive", "date_problem", "period_of"]

By = Literal["month", "quarter", "year", "outlet"]
BY: tuple[str, ...] = get_args(By)

#: An article that says to be older is misread: a date of another calendar, a number that is none.
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Dates:
    """Articles whose dates are alike in what can be said of them.

    Attributes
    ----------
    status : str
        ``dated``, or why there is no date to go by.
    articles : int
        How many.
    examples : str
        Up to three of them: id and the date as it was written.
    """

    status: str
    articles: int
    examples: str


def check_by(by: str) -> None:
    """Refuse what articles cannot be grouped by.

    Raises
    ------
    ConfigError
        If it is none of `BY`.
    """
    if by not in BY:
        raise ConfigError(f"articles cannot be grouped by {by!r}", remedy=f"groups are {', '.join(BY)}")


def date_problem(document: Document, *, earliest: date = EARLIEST, latest: date | None = None) -> str:
    """Say why an article's date cannot be used; empty when it can.

    Parameters
    ----------
    document : Document
        The article.
    earliest : datetime.date
        What is dated before is taken for misread.
    latest : datetime.date, optional
        What is dated after is taken for misread; without it every later date is believed, so that a result does not depend on
        the day of its making.

    Examples
    --------
    >>> date_problem(Document("a", "نص", date=date(1445, 9, 2), date_text="1445-09-02"))
    'date before 1900-01-01'
    >>> date_problem(Document("b", "نص", date_text="قريبا")), date_problem(Document("c", "نص"))
    ('date cannot be read', 'date missing')
    """
    if document.date is None:
        return word("date cannot be read") if document.date_text else word("date missing")
    if document.date < earliest:
        return message("date before {day}", day=earliest.isoformat())
    if latest is not None and document.date > latest:
        return message("date after {day}", day=latest.isoformat())
    return ""


def count_dates(documents: Sequence[Document], without: int, problems: Sequence[str]) -> tuple[Dates, ...]:
    """Count articles by what can be said of their dates, those that can be used first; every article is counted once."""
    held: dict[str, list[Document]] = {"": []}
    for document, problem in zip(documents, problems, strict=True):
        held.setdefault(problem, []).append(document)
    order = ["", *sorted(status for status in held if status)]
    rows = [Dates(status or word("dated"), len(held[status]), _examples(held[status]) if status else "") for status in order]
    return (*rows, Dates(word("article without text"), without, "")) if without else tuple(rows)


def _examples(documents: Sequence[Document]) -> str:
    return "; ".join(f"{one.id}: {one.date_text}" if one.date_text else one.id for one in documents[:3])


def period_of(day: date, by: str) -> str:
    """Name the month, quarter or year of a day so that names sort by time.

    Examples
    --------
    >>> period_of(date(2024, 5, 3), "month"), period_of(date(2024, 5, 3), "quarter"), period_of(date(2024, 5, 3), "year")
    ('2024-05', '2024-Q2', '2024')
    """
    if by == "year":
        return f"{day.year:04}"
    return f"{day.year:04}-Q{(day.month + 2) // 3}" if by == "quarter" else f"{day.year:04}-{day.month:02}"


def consecutive(first: str, last: str) -> list[str]:
    """Name every month, quarter or year from one to another, whether it holds articles or not.

    Examples
    --------
    >>> consecutive("2023-11", "2024-02"), consecutive("2023-Q4", "2024-Q1"), consecutive("2023", "2024")
    (['2023-11', '2023-12', '2024-01', '2024-02'], ['2023-Q4', '2024-Q1'], ['2023', '2024'])
    """
    mark, parts = ("-Q", 4) if "Q" in first else ("-", 12) if "-" in first else ("", 1)

    def number(name: str) -> int:
        year, _, part = name.partition(mark) if mark else (name, "", "1")
        return int(year) * parts + int(part) - 1

    def name(at: int) -> str:
        year, part = divmod(at, parts)
        return f"{year:04}{mark}{part + 1:0{2 if parts == 12 else 1}}" if mark else f"{year:04}"

    return [name(at) for at in range(number(first), number(last) + 1)]
