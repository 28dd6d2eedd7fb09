"""Agreement of clusters with classes that are known, never without what the clusters left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a partition with classes.

    Attributes
    ----------
    ami, ari : float
        Adjusted mutual information and adjusted Rand index over all items, those left out as one cluster; at most 1, about 0
        for chance, NaN below two items.
    coverage : float
        Share of the items that were not left out.
    ami_covered, ari_covered : float
        The same two over the items that were not left out; NaN below two of them.
    clusters : int
        How many clusters there are, what was left out aside.
    """

    ami: float
    ari: float
    coverage: float
    ami_covered: float
    ari_covered: float
    clusters: int


def agreement(classes: Sequence[Any], clusters: Sequence[int], *, outlier: int = -1) -> Agreement:
    """Measure how far clusters agree with classes.

    Parameters
    ----------
    classes : sequence, length n
        The known class of every item.
    clusters : sequence of int, length n
        Its cluster.
    outlier : int
        The cluster number that stands for being left out.

    Returns
    -------
    Agreement
        Over all items, and over those that have a cluster.

    Notes
    -----
    Vinh, N. X., Epps, J. and Bailey, J. (2010). Information theoretic measures for clusterings comparison. JMLR 11. Hubert, L.
    and Arabie, P. (1985). Comparing partitions. By scikit-learn.

    Examples
    --------
    >>> found = agreement(["a", "a", "b", "b"], [0, 0, 1, -1])
    >>> found.coverage, found.ari_covered
    (0.75, 1.0)
    """
    known, given = np.asarray(classes, dtype=object), np.asarray(clusters)
    if len(known) != len(given):
        raise ValueError(f"{len(known)} classes for {len(given)} clusters")
    inside = given != outlier
    ami, ari = _scores(known, given)
    ami_covered, ari_covered = _scores(known[inside], given[inside])
    coverage = float(inside.mean()) if len(given) else math.nan
    return Agreement(ami, ari, coverage, ami_covered, ari_covered, len(np.unique(given[inside])))


def _scores(known: Any, given: Any) -> tuple[float, float]:
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    if len(known) < 2:
        return math.nan, math.nan
    names = np.unique(known.astype(str), return_inverse=True)[1]
    return float(adjusted_mutual_info_score(names, given)), float(adjusted_rand_score(names, given))
