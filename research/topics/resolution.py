"""How many topics: the resolution at which partitions of resampled rows agree with each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from research.messages import count, joined, message
from research.topics.partitions import Partitions, adjusted_rand

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DEFAULT", "GRID", "Choice", "choose_resolution", "stability_curve"]

Curve = npt.NDArray[np.float64]

#: The resolution where stability decides nothing.
DEFAULT = 2**-0.5
#: The resolutions that are compared.
GRID: tuple[float, ...] = tuple(2 ** (step / 2) for step in range(-4, 5))
_STABLE = 0.9  # partitions that agree less than this do not choose
_PRIOR = 0.015  # what each doubling or halving of the default must bring in stability
_PAIRS = 150  # pairs of partitions that are compared at most
_ROWS = 5000  # rows that are compared at least, where there are so many: more would change the third digit


@dataclass(frozen=True, eq=False)
class Choice:
    """Why there are as many topics as there are.

    Attributes
    ----------
    resolutions : tuple of float
        The resolutions that were compared, ascending.
    topics : ndarray of float64
        How many clusters of the least size or more there are at each, on average over the partitions.
    stability : ndarray of float64
        The mean adjusted Rand index between partitions of different subsets of the rows; NaN where it is undefined.
    errors : ndarray of float64
        Its standard error (jackknife over partitions); NaN below three partitions.
    chosen : int
        The place of the resolution that was taken.
    runner_up : int or None
        The place of the most stable resolution that gives another number of topics.
    reason : {"stable", "undecidable", "asked", "nothing to divide"}
        ``stable``: partitions agree there. ``undecidable``: they agree at no resolution, and the default was taken.
        ``asked``: the user gave the resolution or the number of topics.
    """

    resolutions: tuple[float, ...]
    topics: Curve
    stability: Curve
    errors: Curve
    chosen: int
    runner_up: int | None
    reason: str

    @property
    def decided(self) -> bool:
        """Whether stability decided."""
        return self.reason == "stable"

    def table(self) -> pd.DataFrame:
        """Give one row a resolution: resolution, topics, stability, error, chosen."""
        import pandas as pd

        return pd.DataFrame(
            {
                "resolution": [round(value, 4) for value in self.resolutions],
                "topics": np.round(self.topics, 1),
                "stability": np.round(self.stability, 3),
                "error": np.round(self.errors, 3),
                "chosen": [place == self.chosen for place in range(len(self.resolutions))],
            }
        )

    def sentence(self, topics: int) -> str:
        """Say why there are so many topics."""
        if self.reason == "nothing to divide":
            return message("There is nothing to divide: the texts are too few or too much alike for more than one topic.")
        if self.reason == "asked":
            asked = message("The number of topics, {topics}, follows from what was asked for.", topics=topics)
            return joined([asked, self._agreement(runner_up=False)], by=" ")
        if self.decided:
            best = message("The number of topics, {topics}, is the one at which the topics come back best.", topics=topics)
            return joined([best, self._agreement()], by=" ")
        undecided = count(
            "How many topics there are cannot be decided from these texts: the {n} of the default resolution is shown.",
            "How many topics there are cannot be decided from these texts: the {n} of the default resolution are shown.",
            n=topics,
        )
        return joined([undecided, self._agreement()], by=" ")

    def _agreement(self, *, runner_up: bool = True) -> str:
        """Say how far partitions agree where the topics were taken, and at the runner-up; empty where it is undefined."""
        here = float(self.stability[self.chosen])
        if math.isnan(here):
            return ""
        if self.runner_up is None or not runner_up:
            if self.reason == "undecidable":
                return message(
                    "Partitions of other subsets of the texts agree by {agreement:.2f} there (adjusted Rand index; .90 would "
                    "decide).",
                    agreement=here,
                )
            return message("Partitions of other subsets of the texts agree by {agreement:.2f} there.", agreement=here)
        values = {
            "agreement": here,
            "topics": float(self.topics[self.runner_up]),
            "other": float(self.stability[self.runner_up]),
        }
        if self.reason == "undecidable":
            return message(
                "Partitions of other subsets of the texts agree by {agreement:.2f} there (adjusted Rand index; .90 would "
                "decide); the runner-up has about {topics:.0f} ({other:.2f}).",
                **values,
            )
        return message(
            "Partitions of other subsets of the texts agree by {agreement:.2f} there; the runner-up has about {topics:.0f} "
            "({other:.2f}).",
            **values,
        )


def stability_curve(partitions: Partitions) -> tuple[Curve, Curve]:
    """How far partitions of different subsets agree at each resolution.

    Parameters
    ----------
    partitions : Partitions
        At least two.

    Returns
    -------
    (ndarray of float64, ndarray of float64)
        For each resolution the mean adjusted Rand index over pairs of partitions, and its standard error by the jackknife over
        partitions, NaN where it is undefined.

    Notes
    -----
    Lange, T. and others (2004). Stability-based validation of clustering solutions. Neural Computation 16.

    Examples
    --------
    >>> same = Partitions(np.array([[[0, 0, 1]], [[1, 1, 0]], [[0, 0, 1]]], np.int32), (1.0,))
    >>> [values.tolist() for values in stability_curve(same)]
    [[1.0], [0.0]]
    """
    runs, width = partitions.labels.shape[:2]
    # Partitions at every distance from each other are compared equally often.
    steps = [(step, one) for step in range(1, runs // 2 + 1) for one in range(runs) if 2 * step < runs or one < step]
    pairs = [(one, (one + step) % runs) for step, one in steps]
    pairs = pairs[:_PAIRS]
    means, errors = np.full(width, np.nan), np.full(width, np.nan)
    labels = partitions.labels[:, :, :: max(1, partitions.labels.shape[2] // _ROWS)]
    for place in range(width):
        found = np.array([adjusted_rand(labels[a, place], labels[b, place]) for a, b in pairs])
        known = np.isfinite(found)
        if not known.any():
            continue
        means[place] = found[known].mean()
        without = [
            found[kept].mean() for left in range(runs) if (kept := known & np.array([left not in pair for pair in pairs])).any()
        ]
        if len(without) > 2:
            spread = np.array(without) - np.mean(without)
            errors[place] = math.sqrt((len(without) - 1) / len(without) * float(spread @ spread))
    return means, errors


def choose_resolution(partitions: Partitions, smallest: int) -> Choice:
    """Choose the resolution at which partitions agree best, near the default where several do.

    Parameters
    ----------
    partitions : Partitions
        Of subsets of the rows, at a range of resolutions.
    smallest : int
        Clusters below this size are not counted.

    Returns
    -------
    Choice
        Each doubling or halving of the default resolution must bring .015 in stability; a stability below .90 chooses nothing,
        nor does an end of the range.

    Examples
    --------
    >>> halves = np.array([[0, 0, 0, 1, 1, 1]] * 4, np.int32)
    >>> noise = np.array([[0, 1, 0, 1, 0, 1], [0, 0, 0, 1, 1, 0], [0, 1, 1, 0, 1, 0], [1, 0, 0, 0, 1, 1]], np.int32)
    >>> choice = choose_resolution(Partitions(np.stack([halves, noise], axis=1), (0.7, 1.4)), 2)
    >>> choice.chosen, choice.reason
    (0, 'stable')
    """
    stability, errors = stability_curve(partitions)
    topics = np.array([_count(partitions.labels[:, place], smallest) for place in range(len(partitions.resolutions))])
    nearest = int(np.argmin([abs(math.log2(value / DEFAULT)) for value in partitions.resolutions]))
    # Agreement on one cluster is no finding; nor is an end of the range a peak, as nobody knows what is beyond.
    inner = np.arange(len(topics)) % max(len(topics) - 1, 1) > 0 if len(topics) > 2 else np.ones(len(topics), bool)
    worth = np.where(np.isfinite(stability) & (topics >= 1.5) & inner, stability, -np.inf)
    scores = worth - _PRIOR * np.abs(np.log2(np.array(partitions.resolutions) / DEFAULT))
    best = int(scores.argmax())
    stable = bool(worth[best] >= _STABLE)
    chosen = best if stable else nearest
    differs = (np.abs(topics - topics[chosen]) >= 0.75) & np.isfinite(worth)
    others = np.flatnonzero(differs).tolist()
    runner_up = max(others, key=lambda place: scores[place], default=None)
    return Choice(partitions.resolutions, topics, stability, errors, chosen, runner_up, "stable" if stable else "undecidable")


def _count(labels: npt.NDArray[np.int32], smallest: int) -> float:
    sizes = [np.bincount(found[found >= 0]) for found in labels]
    held = [(found >= 0).mean() for found in labels]
    return float(np.mean([(size >= smallest * share).sum() for size, share in zip(sizes, held, strict=True)]))
