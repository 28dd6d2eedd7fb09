"""Which words tell one group of texts from another, and how surely."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["log_odds", "log_odds_scores"]

_Floats = npt.NDArray[np.float64]


def log_odds(
    counts: Mapping[str, int], others: Mapping[str, int], *, prior: Mapping[str, int] | None = None, strength: float = 500.0
) -> dict[str, float]:
    """Score how much more often each term is used in one group of texts than in another, as z-scores.

    Parameters
    ----------
    counts, others : mapping of str to int
        How often each term occurs in the one group and in the other.
    prior : mapping of str to int, optional
        How often each term occurs in a larger body of text; by default in both groups together.
    strength : float
        How many occurrences the prior counts for in each group; a prior far above what was counted draws every score to 0.

    Returns
    -------
    dict of str to float
        For every term of either group, the log-odds ratio over its standard deviation: above 0 where the first group uses it
        more. The highest first, equal ones by name, undefined ones last: where a group has no terms, where the prior does not
        know the term, where it is the only one there is.

    Raises
    ------
    ValueError
        If a count is negative, or the strength not above 0.

    Notes
    -----
    Monroe, B. L., Colaresi, M. P. and Quinn, K. M. (2008). Fightin' words: lexical feature selection and evaluation for
    identifying the content of political conflict. Political Analysis 16, equations 15, 19, 20 and 22.

    Examples
    --------
    >>> scores = log_odds({"سفن": 8, "قال": 20}, {"صواريخ": 9, "قال": 21}, strength=10)
    >>> list(scores), scores["سفن"] > 2, abs(scores["قال"]) < 0.5
    (['سفن', 'قال', 'صواريخ'], True, True)
    """
    if not strength > 0 or not math.isfinite(strength):
        raise ValueError(f"the strength of the prior must be above 0 and finite, not {strength}")
    for given in (counts, others, prior or {}):
        if any(count < 0 for count in given.values()):
            raise ValueError("counts cannot be negative")
    terms = sorted({term for given in (counts, others) for term, count in given.items() if count})
    y, z = (np.array([given.get(term, 0) for term in terms], dtype=float) for given in (counts, others))
    if not y.sum() or not z.sum():
        return dict.fromkeys(terms, Undefined("a group has no terms"))
    background = {term: int(a + b) for term, a, b in zip(terms, y, z, strict=True)} if prior is None else prior
    known = np.array([background.get(term, 0) for term in terms], dtype=float)
    scores = log_odds_scores(y, z, known, total=sum(background.values()), strength=strength)
    found: dict[str, float] = {}
    for term, score, count in zip(terms, scores, known, strict=True):
        why = "" if math.isfinite(score) else "there is no other term" if count else "the prior does not know it"
        found[term] = Undefined(why) if why else float(score)
    defined = sorted((term for term in terms if not math.isnan(found[term])), key=lambda term: (-found[term], term))
    return {term: found[term] for term in [*defined, *(term for term in terms if math.isnan(found[term]))]}


def log_odds_scores(first: _Floats, second: _Floats, prior: _Floats, *, total: float, strength: float = 500.0) -> _Floats:
    """Give the z-scores of `log_odds` for counts in arrays, for many pairs of groups at once.

    Parameters
    ----------
    first, second : ndarray of float64, shape (terms,) or (terms, pairs)
        How often each term occurs in the two groups.
    prior : ndarray of float64, shape (terms,)
        How often it occurs in the larger body of text.
    total : float
        Of all terms of that body.
    strength : float
        How many occurrences the prior counts for.

    Returns
    -------
    ndarray of float64, shape as the counts
        NaN where the prior does not know a term or knows no other that occurs.

    Examples
    --------
    >>> log_odds_scores(np.array([3.0, 1.0]), np.array([1.0, 3.0]), np.array([4.0, 4.0]), total=8, strength=2).round(3)
    array([ 1.601, -1.601])
    """
    prior = prior.reshape(-1, *[1] * (first.ndim - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha, rest = strength * prior / np.float64(total), strength * (total - prior) / np.float64(total)
        one, other = first + alpha, second + alpha
        ratio = np.log(one / (first.sum(axis=0) - first + rest)) - np.log(other / (second.sum(axis=0) - second + rest))
        scores: _Floats = ratio / np.sqrt(1 / one + 1 / other)
    return np.where(np.isfinite(scores) & (prior > 0), scores, np.nan)
