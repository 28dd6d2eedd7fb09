"""Divisions of labelled texts into a part to learn from and a part to be tested on, with no article on both sides.

Which texts are tested together depends on the names of articles, outlets and labels and on the seed, never on the order in
which the texts come.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from research.corpus.duplicates import near_duplicates
from research.errors import ConfigError, DataError
from research.evaluate.resampling import group_codes

__all__ = ["Split", "by_group", "by_source", "by_time", "join_duplicates"]

_Codes = npt.NDArray[np.intp]
_Members = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Split:
    """One division of texts.

    Attributes
    ----------
    train, test : ndarray of int
        Indices of the texts, ascending; no text is in both, and neither is empty.
    name : str
        What is held out, such as "fold 0", "without bbc" or "from 2018-05-01 on".
    """

    train: _Codes
    test: _Codes
    name: str


def join_duplicates(texts: Sequence[str], groups: Sequence[Hashable], *, threshold: float = 0.7) -> tuple[list[int], int]:
    """Make one group of all articles that hold copies of one another, so that no copy is tested by what learned from its like.

    Parameters
    ----------
    texts : sequence of str, length n
        The texts.
    groups : sequence, length n
        The article of every text.
    threshold : float
        Least similarity of two copies, above 0 and at most 1; see `near_duplicates`.

    Returns
    -------
    list of int, length n
        The joined group of every text, numbered from 0 by the names of the articles.
    int
        How many texts have a copy, or a copy of a copy, in another article; both sides of a pair count.

    Raises
    ------
    ConfigError
        If ``threshold`` is not such a number.

    Examples
    --------
    >>> join_duplicates(["وصل الوفد إلى موسكو", "بدأت القمة", "وصل الوفدُ إلى مـوسكو"], ["b", "c", "a"])
    ([0, 1, 0], 2)
    """
    names, codes = _numbered(groups, len(texts))
    original = np.arange(len(texts))
    for copy in near_duplicates(texts, threshold=threshold):
        original[copy.index] = copy.of
    links = coo_array((np.ones(len(texts), np.int8), (codes, codes[original])), shape=(names, names))
    _, component = connected_components(links, directed=False)
    first = np.full(names, names)
    np.minimum.at(first, component, np.arange(names))
    _, joined = np.unique(first[component[codes]], return_inverse=True)
    articles = np.unique(np.column_stack([original, codes]), axis=0)
    spread = np.bincount(articles[:, 0], minlength=len(texts)) > 1
    return [int(code) for code in joined], int(spread[original].sum())


def by_group(labels: Sequence[Hashable], groups: Sequence[Hashable], *, folds: int = 5, seed: int = 0) -> list[Split]:
    """Divide texts into folds, whole articles together, every label as even over the folds as the articles allow.

    Parameters
    ----------
    labels : sequence, length n
        The label of every text.
    groups : sequence, length n
        The article of every text.
    folds : int
        How many parts, at least 2; fewer when there are fewer articles.
    seed : int
        Seed of the order in which articles are dealt out where their labels do not decide it.

    Returns
    -------
    list of Split
        Every text is tested in exactly one. A label whose texts all come from one article is not learned where they are tested.

    Raises
    ------
    DataError
        If there are fewer than two articles.
    ConfigError
        If ``folds`` is below 2.

    Notes
    -----
    The greedy method of scikit-learn's StratifiedGroupKFold, with sums of squares instead of standard deviations. That one
    refuses labels that all have fewer texts than folds, and by rounding it may leave a fold empty; this one does neither.

    Examples
    --------
    >>> splits = by_group(["war", "war", "talks", "talks"], ["a", "b", "c", "d"], folds=2)
    >>> [len(set(split.test) & {0, 1}) for split in splits]
    [1, 1]
    """
    if folds < 2:
        raise ConfigError(f"folds is {folds}", remedy="give at least 2")
    names, codes = _numbered(groups, len(labels))
    if names < 2:
        raise DataError(f"the labelled texts come from {_count(names, 'article')}", remedy="give at least two articles")
    kinds, kind = group_codes(labels)
    counts = np.zeros((names, kinds))
    np.add.at(counts, (codes, kind), 1)
    fold = _deal(counts, min(folds, names), seed)[codes]
    return [Split(*_sides(fold != at, fold == at), f"fold {at}") for at in range(min(folds, names))]


def _deal(counts: npt.NDArray[np.float64], folds: int, seed: int) -> _Codes:
    """Give every group a fold: what is hardest to place goes first, to where its labels are rarest."""
    totals = counts.sum(axis=0)
    order = np.random.default_rng(seed).permutation(len(counts))
    order = order[np.argsort(-((counts[order] / totals) ** 2).sum(axis=1), kind="stable")]
    held, fold = np.zeros((folds, len(totals))), np.zeros(len(counts), np.intp)
    for group in order:
        # How much the squares of the folds' shares would grow; it is exactly 0 in an empty fold, so that none stays empty.
        growth = (held * (counts[group] / totals**2)).sum(axis=1)
        fold[group] = at = np.lexsort((held.sum(axis=1), growth))[0]
        held[at] += counts[group]
    return fold


def by_source(sources: Sequence[str], groups: Sequence[Hashable] | None = None) -> list[Split]:
    """Test on one outlet what was learned from all others.

    Parameters
    ----------
    sources : sequence of str, length n
        The outlet of every text; texts with an empty one are learned from and never tested.
    groups : sequence, length n, optional
        The article of every text. One that is tested is not learned from, whoever else carries it.

    Returns
    -------
    list of Split
        One an outlet, by name.

    Raises
    ------
    DataError
        If there are fewer than two outlets, or one shares its articles with all others.

    Examples
    --------
    >>> [(split.name, split.train.tolist()) for split in by_source(["bbc", "", "dw"])]
    [('without bbc', [1, 2]), ('without dw', [0, 1])]
    """
    outlets = sorted(set(sources) - {""})
    if len(outlets) < 2:
        raise DataError(f"the labelled texts name {_count(len(outlets), 'outlet')}", remedy="name at least two outlets")
    _, codes = _numbered(range(len(sources)) if groups is None else groups, len(sources))
    column = np.array(sources, dtype=object)
    splits = []
    for outlet in outlets:
        test = column == outlet
        train = ~np.isin(codes, codes[test])
        if not train.any():
            raise DataError(
                f"no text is left to learn from without {outlet}: it shares an article with every other text",
                remedy="add articles that are not copies of its own",
            )
        splits.append(Split(*_sides(train, test), f"without {outlet}"))
    return splits


def by_time(dates: Sequence[date | None], groups: Sequence[Hashable] | None = None, *, share: float = 0.25) -> Split:
    """Test on the latest texts what was learned from earlier ones.

    Parameters
    ----------
    dates : sequence of date or None, length n
        The date of every text; texts without one are on neither side.
    groups : sequence, length n, optional
        The article of every text. One that is tested is not learned from.
    share : float
        Which part of the dated texts to test on, above 0 and below 1. Texts of one day stay together, so that it is met as
        nearly as the days allow; of two parts that are as near, the smaller.

    Returns
    -------
    Split
        It is named by the first day that is tested.

    Raises
    ------
    DataError
        If fewer than two texts have a date, all have the same, or all earlier texts are of articles that are tested.
    ConfigError
        If ``share`` is not such a number.

    Examples
    --------
    >>> split = by_time([date(2018, 5, 1), date(2018, 3, 1), None, date(2018, 4, 1)], share=1 / 3)
    >>> split.name, split.train.tolist(), split.test.tolist()
    ('from 2018-05-01 on', [1, 3], [0])
    """
    if not 0 < share < 1:
        raise ConfigError(f"share is {share}", remedy="give a number above 0 and below 1")
    _, codes = _numbered(range(len(dates)) if groups is None else groups, len(dates))
    days = sorted(day for day in dates if day is not None)
    if len(days) < 2:
        raise DataError(f"{_count(len(days), 'labelled text')} with a date", remedy="give at least two, of different days")
    if days[0] == days[-1]:
        raise DataError(f"all labelled texts are of {days[0].isoformat()}", remedy="give texts of at least two days")
    # The starts of days, latest first: of equally near ones the first, which tests less.
    starts = [at for at in range(len(days) - 1, 0, -1) if days[at] != days[at - 1]]
    start = days[min(starts, key=lambda at: abs(len(days) - at - share * len(days)))]
    test = np.array([day is not None and day >= start for day in dates])
    train = np.array([day is not None and day < start for day in dates]) & ~np.isin(codes, codes[test])
    if not train.any():
        raise DataError(
            f"no text is left to learn from before {start.isoformat()}: all belong to articles that are tested",
            remedy="give earlier articles, or the same date to all texts of one",
        )
    return Split(*_sides(train, test), f"from {start.isoformat()} on")


def _numbered(groups: Sequence[Hashable], n: int) -> tuple[int, _Codes]:
    if len(groups) != n:
        raise ValueError(f"{n} texts, but {len(groups)} groups")
    return group_codes(groups)


def _sides(train: _Members, test: _Members) -> tuple[_Codes, _Codes]:
    return np.flatnonzero(train), np.flatnonzero(test)


def _count(number: int, name: str) -> str:
    return f"{number or 'no'} {name}{'' if number == 1 else 's'}"
