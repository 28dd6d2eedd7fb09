"""Topics inside topics: a tree that can be cut anywhere, and that is cut where the topics are."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from research.topics.graph import by_size

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Hierarchy", "build_hierarchy"]

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A tree over n rows.

    Attributes
    ----------
    leaves : ndarray of int64, shape (n,)
        The finest groups, from 0.
    merges : tuple of (int, int, float)
        In order: two groups that become one, and in which share of the partitions their rows are together. A merge makes a
        group with the next number after all groups before.
    topics : int
        How many groups are left where the topics are.
    """

    leaves: Labels
    merges: tuple[tuple[int, int, float], ...]
    topics: int

    @property
    def most(self) -> int:
        """How many groups the finest cut has."""
        return int(self.leaves.max(initial=0)) + 1

    @property
    def fewest(self) -> int:
        """How many groups the coarsest cut has: one, where the tree goes up to its root."""
        return self.most - len(self.merges)

    def cut(self, groups: int) -> Labels:
        """Cut into a number of groups.

        Parameters
        ----------
        groups : int
            From `fewest` to `most`.

        Returns
        -------
        ndarray of int64, shape (n,)
            From 0, the largest first. Each group of a coarser cut is made of whole groups of a finer one.

        Examples
        --------
        >>> tree = Hierarchy(np.array([0, 1, 2, 2]), ((0, 1, 0.9), (2, 3, 0.1)), 2)
        >>> tree.cut(3).tolist(), tree.cut(2).tolist(), tree.cut(1).tolist()
        ([1, 2, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0])
        """
        from research.errors import ConfigError

        if not isinstance(groups, Integral) or not self.fewest <= groups <= self.most:
            raise ConfigError(f"{groups} groups", remedy=f"the tree can be cut into {self.fewest} to {self.most}")
        member = np.arange(self.most + len(self.merges))
        for step, (one, other, _) in enumerate(self.merges[: self.most - groups]):
            member[np.isin(member, (one, other))] = self.most + step
        return by_size(member[self.leaves])

    def table(self) -> pd.DataFrame:
        """Give one row a merge: group, first, second, together, groups (how many are left after it)."""
        import pandas as pd

        rows = [
            (self.most + step, one, other, round(share, 4), self.most - step - 1)
            for step, (one, other, share) in enumerate(self.merges)
        ]
        return pd.DataFrame(rows, columns=["group", "first", "second", "together", "groups"])


def build_hierarchy(labels: Labels, finer: Labels, partitions: npt.NDArray[np.int32], smallest: int) -> Hierarchy:
    """Build the tree above and below some topics.

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
        The topics, from 0 without gaps.
    finer : ndarray of int64, shape (n,)
        Finer clusters of the same rows; what they have in common with a topic becomes a group of it.
    partitions : ndarray of int32, shape (p, n)
        Partitions at all resolutions, -1 where a row is not held; how often rows are together in them decides what joins.
    smallest : int
        A group of fewer rows is no group of its own.

    Returns
    -------
    Hierarchy
        Groups join inside their topics first, then topics join, each time the two that are most often together (average
        linkage).

    Examples
    --------
    >>> tree = build_hierarchy(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]), np.array([[0, 0, 1, 1]], np.int32), 1)
    >>> tree.most, tree.topics, tree.cut(tree.topics).tolist()
    (3, 2, [0, 0, 1, 1])
    """
    leaves = _leaves(labels, finer, smallest)
    count = int(leaves.max()) + 1
    topic = np.zeros(count, np.int64)
    topic[leaves] = labels
    joint = _together(leaves, partitions)
    sizes = np.bincount(leaves).astype(np.float64)
    merges: list[tuple[int, int, float]] = []
    number = list(range(count))
    # Only pairs that may join now are above -1: the first of the highest in the upper triangle is the next.
    open_ = np.triu(np.ones((count, count), bool), 1)
    for inside in (True, False):
        while True:
            allowed = open_ & (topic[:, None] == topic) if inside else open_
            if not allowed.any():
                break
            one, other = (int(place) for place in np.unravel_index(np.where(allowed, joint, -1.0).argmax(), joint.shape))
            merges.append((number[one], number[other], float(joint[one, other])))
            weight = sizes[[one, other]] / sizes[[one, other]].sum()
            joint[one] = joint[:, one] = weight[0] * joint[one] + weight[1] * joint[other]
            sizes[one] += sizes[other]
            number[one] = count + len(merges) - 1
            open_[other] = open_[:, other] = False
    return Hierarchy(leaves, tuple(merges), int(labels.max()) + 1)


def _leaves(labels: Labels, finer: Labels, smallest: int) -> Labels:
    cells = np.unique(labels * (int(finer.max()) + 1) + finer, return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(cells)
    for topic in range(int(labels.max()) + 1):
        here = np.flatnonzero(labels == topic)
        own = np.unique(cells[here])
        largest = own[sizes[own].argmax()]
        cells[here] = np.where(sizes[cells[here]] < smallest, largest, cells[here])
    return by_size(cells)


def _together(groups: Labels, partitions: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """How probable it is that a row of one group and a row of another are together, over the partitions."""
    count = int(groups.max()) + 1
    joint, known = np.zeros((count, count)), np.zeros((count, count))
    for found in partitions:
        held = np.flatnonzero(found >= 0)
        width = int(found.max(initial=0)) + 1
        cells = (
            np.bincount(groups[held] * width + found[held], minlength=count * width).reshape(count, width).astype(np.float64)
        )
        sizes = cells.sum(axis=1)
        both = np.outer(sizes, sizes) > 0
        shares = cells / np.maximum(sizes, 1)[:, None]
        joint += (shares @ shares.T) * both
        known += both
    result: npt.NDArray[np.float64] = np.divide(joint, known, out=np.zeros_like(joint), where=known > 0)
    return result.round(9)
