"""From a discovery or a tagging to what moves over time and outlets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from research.discovery import DiscoverResult
from research.errors import ConfigError
from research.messages import count, message, word
from research.tagging import TagResult
from research.trends.dates import EARLIEST, By, check_by, count_dates, date_problem, period_of
from research.trends.result import Sighting, TrendResult
from research.trends.shares import group_shares
from research.trends.stated import Stated, stated_in
from research.trends.words import WordComparison, compare_words

__all__ = ["trends"]

_MOST_OUTLETS = 12  # whose words are compared


def trends(
    result: DiscoverResult | TagResult | Stated,
    by: By = "month",
    *,
    draws: int = 1000,
    seed: int = 0,
    earliest: date = EARLIEST,
    latest: date | None = None,
    words: bool = True,
) -> TrendResult:
    """Follow topics or themes over time or over outlets.

    The same articles give the same answer, whatever their order.

    Parameters
    ----------
    result : DiscoverResult, TagResult or Stated
        What `research.discover` or `research.tag` gave; or what `stated_in` made of it, which spares reading it twice.
    by : {"month", "quarter", "year", "outlet"}
        What articles are grouped by. Those without a date that can be used, or without an outlet, are in no group.
    draws : int
        How many samples of articles the intervals are made of; at least 1.
    seed : int
        Seed of the draws, 0 or more.
    earliest, latest : datetime.date
        What is dated outside is taken for misread; without a latest day every later date is believed.
    words : bool
        Whether words are compared, which takes longer than all the rest.

    Returns
    -------
    TrendResult
        Tables of shares, bursts, sightings, changed words and dates.

    Raises
    ------
    ConfigError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> import research
    >>> found = research.tag(research.load("seeds/articles"), "seeds/themes.toml", labels=False, encoder="none")
    >>> by_outlet = trends(found, by="outlet", draws=200, words=False)
    >>> by_outlet.shares()[["group", "theme", "share", "low", "high"]].shape[1], len(by_outlet.groups) > 2
    (5, True)
    """
    check_by(by)
    if draws < 1 or seed < 0:
        raise ConfigError(f"draws is {draws} and seed {seed}", remedy="give at least 1 draw, and a seed of 0 or more")
    if latest is not None and latest < earliest:
        raise ConfigError(f"the latest day, {latest}, is before the earliest, {earliest}", remedy="swap them")
    stated = result if isinstance(result, Stated) else stated_in(result)
    problems = [date_problem(document, earliest=earliest, latest=latest) for document in stated.documents]
    groups = _groups(stated, by, problems)
    compare = _by_outlet if by == "outlet" else _by_half
    return TrendResult(
        by,
        stated,
        group_shares(stated, groups, draws=draws, seed=seed),
        _sightings(stated, problems),
        compare(stated, groups, seed) if words else (),
        count_dates(stated.documents, len(stated.without), problems),
        draws,
        seed,
    )


def _groups(stated: Stated, by: str, problems: Sequence[str]) -> list[str | None]:
    if by == "outlet":
        return [document.source or None for document in stated.documents]
    return [
        None if problem or document.date is None else period_of(document.date, by)
        for document, problem in zip(stated.documents, problems, strict=True)
    ]


def _stating(stated: Stated, number: int) -> list[int]:
    """Give the articles that state a name."""
    column = stated.characters[:, [number]].toarray().ravel()
    return [int(at) for at in np.flatnonzero(column)]


def _sightings(stated: Stated, problems: Sequence[str]) -> tuple[Sighting, ...]:
    found = []
    for number in range(len(stated.names)):
        held = _stating(stated, number)
        dated = [one for at in held if not problems[at] and (one := stated.documents[at]).date is not None]
        first = min(dated, key=lambda one: (one.date, one.id), default=None)
        last = min(dated, key=lambda one: (-one.date.toordinal() if one.date else 0, one.id), default=None)
        found.append(
            Sighting(
                number,
                len(held),
                len(held) - len(dated),
                first.date if first else None,
                first.id if first else "",
                last.date if last else None,
                last.id if last else "",
            )
        )
    return tuple(found)


# -- words ------------------------------------------------------------------------------------------------------------


def _by_half(stated: Stated, groups: Sequence[str | None], seed: int) -> tuple[WordComparison, ...]:
    """Compare the later half of each name's articles with the earlier one."""
    found = []
    for number in range(len(stated.names)):
        held = _reports(stated, [at for at in _stating(stated, number) if groups[at] is not None])
        day = _halving([_day(stated, at) for at in held])
        if day is None:
            why = message("its articles are not of two days")
            found.append(WordComparison(number, word("later"), word("earlier"), 0, len(held), 0, (), why))
            continue
        later = [at for at in held if _day(stated, at) >= day]
        earlier = [at for at in held if _day(stated, at) < day]
        sides = message("from {day}", day=day.isoformat()), message("before {day}", day=day.isoformat())
        found.append(_compared(stated, number, sides, later, earlier, _terms(stated, number), seed))
    return tuple(found)


def _by_outlet(stated: Stated, groups: Sequence[str | None], seed: int) -> tuple[WordComparison, ...]:
    """Compare each outlet's articles of a name with those of all other outlets, for the outlets with most articles."""
    sizes = Counter(group for group in groups if group is not None)
    largest = frozenset(sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_OUTLETS])
    others_of = word("all others")
    why = count(
        "only the {n} outlet with most articles is compared",
        "only the {n} outlets with most articles are compared",
        n=_MOST_OUTLETS,
    )
    found = []
    for number in range(len(stated.names)):
        told = [at for at in _stating(stated, number) if groups[at] is not None]
        terms = _terms(stated, number)
        for outlet in sorted({group for at in told if (group := groups[at]) is not None}):
            ours = _reports(stated, [at for at in told if groups[at] == outlet])
            others = _reports(stated, [at for at in told if groups[at] != outlet])
            if outlet not in largest:
                found.append(WordComparison(number, outlet, others_of, len(ours), len(others), 0, (), why))
                continue
            found.append(_compared(stated, number, (outlet, others_of), ours, others, terms, seed))
    return tuple(found)


def _compared(
    stated: Stated,
    number: int,
    sides: tuple[str, str],
    ours: Sequence[int],
    others: Sequence[int],
    terms: Mapping[int, frozenset[str]],
    seed: int,
) -> WordComparison:
    chosen = [True] * len(ours) + [False] * len(others)
    tested, words, reason = compare_words([terms[at] for at in (*ours, *others)], chosen, seed=seed)
    analyzer, _ = stated.terms
    shown = tuple(replace(one, word=analyzer.surface(one.word)) for one in words)
    return WordComparison(number, *sides, len(ours), len(others), tested, shown, reason)


def _halving(days: Sequence[date]) -> date | None:
    """Give the day with which the later half begins: articles of one day are not parted, so halves may differ in size."""
    order = sorted(days)
    starts = [at for at in range(1, len(order)) if order[at] != order[at - 1]]
    return order[min(starts, key=lambda at: (abs(2 * at - len(order)), at))] if starts else None


def _reports(stated: Stated, articles: Sequence[int]) -> list[int]:
    """Give one article for each report: of an article and its copies, the one that comes first by day and id."""
    first: dict[int, int] = {}
    for at in sorted(articles, key=lambda at: (_day(stated, at), stated.documents[at].id)):
        if stated.read[at]:
            first.setdefault(int(stated.origins[at]), at)
    return list(first.values())


def _day(stated: Stated, at: int) -> date:
    return stated.documents[at].date or date.min


def _terms(stated: Stated, number: int) -> dict[int, frozenset[str]]:
    """Give the terms of what each article that is read says of a name, by the article's number."""
    _, terms_of = stated.terms
    found: dict[int, frozenset[str]] = {}
    for row in np.flatnonzero(stated.states[:, [number]].toarray().ravel()):
        if int(row) in terms_of:
            at = int(stated.article[row])
            found[at] = found.get(at, frozenset()) | terms_of[int(row)]
    return found
