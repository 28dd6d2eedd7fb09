"""Agreement of clusters with classes that are known, never without what the clusters left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["Agreement", "ClusterScores", "agreement"]


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """How far a partition agrees with classes.

    Attributes
    ----------
    ami, ari : float
        Adjusted mutual information and adjusted Rand index; at most 1, about 0 for chance.
    homogeneity, completeness, v_measure : float
        Whether clusters hold one class, whether a class is in one cluster, and their harmonic mean; 0 to 1, not adjusted for
        chance.
    purity : float
        Share of items in the commonest class of their cluster; 1 when every item is a cluster, so read it with the number of
        clusters.
    """

    ami: float
    ari: float
    homogeneity: float
    completeness: float
    v_measure: float
    purity: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a partition with classes.

    Attributes
    ----------
    everything : ClusterScores
        Over all items, those left out as one cluster; undefined below two items.
    covered : ClusterScores
        Over the items that were not left out; undefined below two of them.
    coverage : float
        Share of the items that were not left out.
    clusters : int
        How many clusters there are, what was left out aside.
    """

    everything: ClusterScores
    covered: ClusterScores
    coverage: float
    clusters: int

    @property
    def ami(self) -> float:
        """Adjusted mutual information over all items."""
        return self.everything.ami

    @property
    def ari(self) -> float:
        """Adjusted Rand index over all items."""
        return self.everything.ari


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
    and Arabie, P. (1985). Comparing partitions. Rosenberg, A. and Hirschberg, J. (2007). V-measure. EMNLP. By scikit-learn.
    Purity: Manning, C. D., Raghavan, P. and Schütze, H. (2008). Introduction to information retrieval, chapter 16.3.

    Examples
    --------
    >>> found = agreement(["a", "a", "b", "b"], [0, 0, 1, -1])
    >>> found.coverage, found.covered.ari, found.everything.purity
    (0.75, 1.0, 1.0)
    """
    known, given = _codes(classes), np.asarray(clusters)
    if len(known) != len(given):
        raise ValueError(f"{len(known)} classes for {len(given)} clusters")
    inside = given != outlier
    coverage = float(inside.mean()) if len(given) else Undefined("there is no item")
    return Agreement(_scores(known, given), _scores(known[inside], given[inside]), coverage, len(np.unique(given[inside])))


def _codes(names: Sequence[Any]) -> npt.NDArray[np.int64]:
    known: dict[Any, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)


def _scores(known: npt.NDArray[np.int64], given: npt.NDArray[np.int64]) -> ClusterScores:
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, homogeneity_completeness_v_measure

    if len(known) < 2:
        why = Undefined(f"{len(known)} items: two at least are needed")
        return ClusterScores(why, why, why, why, why, why)
    names, codes = _codes(known.tolist()), _codes(given.tolist())
    homogeneity, completeness, v = homogeneity_completeness_v_measure(names, codes)
    table = np.zeros((codes.max() + 1, names.max() + 1), dtype=np.int64)
    np.add.at(table, (codes, names), 1)
    purity = table.max(axis=1).sum() / len(names)
    ami, ari = adjusted_mutual_info_score(names, codes), adjusted_rand_score(names, codes)
    return ClusterScores(*map(float, (ami, ari, homogeneity, completeness, v, purity)))
