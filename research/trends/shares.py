"""How much of each group's text states each name, how sure that is, and where it is more than elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.evaluate import Undefined, holm
from research.trends.stated import Stated

__all__ = ["FEW", "Share", "excess_p_values", "group_shares", "share_intervals"]

#: With fewer reports than this an interval is given, and said to be too narrow: of intervals for a topic that four articles in
#: ten state, 66 % held the true share with three articles, 84 % with five, 90 % with ten, 93 % with forty.
FEW = 8
_CELLS = 4_000_000  # of drawn articles that are held at once

_Indices = npt.NDArray[np.intp]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """What one group of articles states of one topic or theme.

    Attributes
    ----------
    group : str
        The month or outlet.
    number : int
        The place of the topic or theme among the names.
    articles, group_articles : int
        How many of the group's articles state it, of how many.
    reports, group_reports : int
        The same with copies counted once.
    share : float
        Of the characters of the group's text.
    low, high : float
        95 % interval over draws of whole reports; undefined with a reason.
    expected : float
        Reports that would state it if the group were like all others together.
    p : float
        Chance of at least so many reports if it were, adjusted for all groups and names; undefined with a reason.
    """

    group: str
    number: int
    articles: int
    group_articles: int
    reports: int
    group_reports: int
    share: float
    low: float
    high: float
    expected: float
    p: float


def group_shares(stated: Stated, groups: Sequence[str | None], *, draws: int = 1000, seed: int = 0) -> tuple[Share, ...]:
    """Give the share of every group and name.

    Parameters
    ----------
    stated : Stated
        What is stated where.
    groups : sequence of str or None, one an article
        The group of every article; those without one are left out.
    draws : int
        How many samples are drawn for the intervals.
    seed : int
        Seed of the draws; each group has its own, so that no other group can change its interval.

    Returns
    -------
    tuple of Share
        By group, then in the order of the names.

    Examples
    --------
    >>> import research
    >>> from research.trends import stated_in
    >>> stated = stated_in(research.tag(research.load("seeds/articles"), "seeds/themes.toml", labels=False, encoder="none"))
    >>> rows = group_shares(stated, [document.source for document in stated.documents], draws=100)
    >>> all(row.low <= row.share <= row.high for row in rows if row.low == row.low)
    True
    """
    named = sorted({group for group in groups if group is not None})
    at_name = {name: at for at, name in enumerate(named)}
    codes = np.array([-1 if group is None else at_name[group] for group in groups], dtype=np.intp)
    articles_of = np.bincount(codes[codes >= 0], minlength=len(named))
    held: list[tuple[sparse.csr_array, _Floats, _Indices]] = []  # of each group: characters and totals of reports, articles
    for at in range(len(named)):
        rows = np.flatnonzero(codes == at)
        merge = _merging(stated.origins[rows])
        part = stated.characters[rows]
        held.append(((merge @ part).tocsr(), merge @ stated.totals[rows], _column_counts(part)))
    counts = np.array([_column_counts(part) for part, _, _ in held]).reshape(len(named), len(stated.names))
    sizes = np.array([len(totals) for _, totals, _ in held], dtype=np.intp)
    p_values, expected = excess_p_values(counts, sizes)
    found: list[Share] = []
    for at, (name, (part, totals, articles)) in enumerate(zip(named, held, strict=True)):
        low, high = share_intervals(part, totals, draws=draws, seed=[seed, *name.encode("utf-8", "replace")])
        shares = part.sum(axis=0) / totals.sum()
        for number in range(len(stated.names)):
            reports, of = int(counts[at, number]), int(sizes[at])
            why = _no_interval(reports, of, float(low[number]), float(high[number]))
            interval = (Undefined(why), Undefined(why)) if why else (float(low[number]), float(high[number]))
            found.append(
                Share(name, number, int(articles[number]), int(articles_of[at]), reports, of, float(shares[number]), *interval,
                      float(expected[at, number]), p_values[at][number])
            )  # fmt: skip
    return tuple(found)


def _merging(origins: _Indices) -> sparse.csr_array:
    """Give the matrix that adds up articles and their copies, in the order of the originals, shape (reports, articles)."""
    own, report = np.unique(origins, return_inverse=True)
    return sparse.csr_array((np.ones(len(origins)), (report, np.arange(len(origins)))), shape=(len(own), len(origins)))


def _column_counts(part: sparse.csr_array) -> _Indices:
    counts: _Indices = np.bincount(part.indices[part.data > 0], minlength=part.shape[1])
    return counts


def _no_interval(reports: int, of: int, low: float, high: float) -> str:
    if of == 1:
        return "one article only, or copies of one"
    if not reports:
        return "no article of the group states it"
    return "the group's articles do not differ in it" if not low < high - 1e-12 else ""


def share_intervals(
    part: sparse.csr_array, totals: _Floats, *, draws: int = 1000, level: float = 0.95, seed: int | Sequence[int] = 0
) -> tuple[_Floats, _Floats]:
    """Bootstrap the shares of a group's text by drawing whole articles.

    Parameters
    ----------
    part : csr_array of float64, shape (articles, names)
        Characters of each article that state each name.
    totals : ndarray of float64, shape (articles,)
        Characters of each article, above 0.
    draws : int
        How many samples are drawn.
    level : float
        Nominal coverage.
    seed : int or sequence of int
        Seed of the draws.

    Returns
    -------
    (ndarray, ndarray) of float64, shape (names,)
        Lower and upper ends; NaN with fewer than two articles.

    Notes
    -----
    Percentile intervals of few articles are too narrow; they are taken at the wider level of Hesterberg, T. C. (2015). What
    teachers should know about the bootstrap. The American Statistician 69 ("expanded percentile interval"): the normal
    distribution's share beyond sqrt(n / (n - 1)) times Student's quantile. With two or three articles that is the range of
    what was drawn.

    Examples
    --------
    >>> part = sparse.csr_array(np.array([[10.0], [0.0], [5.0], [5.0]]))
    >>> low, high = share_intervals(part, np.full(4, 10.0))
    >>> float(low[0]) < 0.5 < float(high[0])
    True
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    n, names = part.shape
    if n < 2:
        return np.full(names, np.nan), np.full(names, np.nan)
    rng = np.random.default_rng(seed)
    shares = np.empty((draws, names))
    step = max(1, _CELLS // n)
    across = part.T.tocsr()
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        drawn = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(float)
        shares[start : start + rows] = (across @ times.T).T / (times @ totals)[:, None]
    beyond = float(norm.sf(math.sqrt(n / (n - 1)) * student.ppf((1 + level) / 2, n - 1)))
    low, high = np.quantile(shares, [beyond, 1 - beyond], axis=0)
    return low, high


def excess_p_values(counts: _Indices, sizes: _Indices) -> tuple[list[list[float]], _Floats]:
    """Test where more reports state a name than all other groups together explain.

    Parameters
    ----------
    counts : ndarray of int, shape (groups, names)
        Reports of each group that state each name.
    sizes : ndarray of int, shape (groups,)
        Reports of each group.

    Returns
    -------
    (list of lists of float, ndarray of float64), shapes (groups, names)
        One-sided p-values, adjusted by Holm's method over all groups and names (undefined with a reason for a name that no
        report states, and where there is no other group), and the number of reports that the other groups let expect.

    Notes
    -----
    Fisher's exact test: Fisher, R. A. (1934). Statistical methods for research workers, section 21.02. Given how many reports
    the group has and how many state the name at all, their number in the group is hypergeometric if it does not matter which
    group a report is in. Reports are taken as independent of one another.

    Examples
    --------
    >>> p, expected = excess_p_values(np.array([[8], [1], [1]]), np.array([10, 10, 10]))
    >>> [round(value, 4) for [value] in p], expected.ravel().tolist()
    ([0.0009, 1.0, 1.0], [1.0, 4.5, 4.5])
    """
    from scipy.stats import hypergeom

    everywhere, everything = counts.sum(axis=0), int(sizes.sum())
    others = (everything - sizes)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        expected: _Floats = np.where(others > 0, sizes[:, None] * (everywhere - counts) / others, np.nan)
    if len(sizes) < 2:
        return [[Undefined("there is no other group")] * counts.shape[1] for _ in sizes], expected
    raw = hypergeom.sf(counts - 1, everything, everywhere[None, :], sizes[:, None])
    tested = np.broadcast_to(everywhere > 0, counts.shape)
    adjusted = iter(holm(np.clip(raw[tested], 0.0, 1.0).tolist()))
    nothing = Undefined("no article that has a group states it")
    return [[next(adjusted) if cell else nothing for cell in row] for row in tested], expected
