"""Whether a probability means what it says, and whether what is surest is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from research.evaluate.undefined import Undefined

__all__ = ["SelectiveRisk", "brier_score", "calibration_error", "selective_risk"]

Floats = npt.NDArray[np.float64]


def _checked(probabilities: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[Floats, Floats]:
    given, right = np.asarray(probabilities, dtype=float), np.asarray(truth, dtype=float)
    if given.shape != right.shape or given.ndim != 1:
        raise ValueError(f"shapes {given.shape} and {right.shape}: one probability an item is needed")
    return given, right


def calibration_error(
    probabilities: npt.ArrayLike,
    truth: npt.ArrayLike,
    *,
    bins: int = 10,
    by: Literal["width", "mass"] = "width",
) -> float:
    """Expected calibration error: how far probabilities are from frequencies, on average.

    Parameters
    ----------
    probabilities : array of float, shape (n,)
        Probability that each item has the label, 0 to 1.
    truth : array of bool, shape (n,)
        Whether it has.
    bins : int
        How many bins.
    by : {"width", "mass"}
        Bins of equal width, or of (nearly) equal numbers of items, equal probabilities together.

    Returns
    -------
    float
        0 to 1, 0 is best: absolute difference of mean probability and frequency, averaged over the bins by their items.
        Undefined without items. With few items a bin it is above 0 even for a perfect forecaster.

    Notes
    -----
    Naeini, M. P., Cooper, G. and Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian binning. AAAI.
    Nguyen, K. and O'Connor, B. (2015). Posterior calibration and exploratory analysis. EMNLP (bins by mass).

    Examples
    --------
    >>> round(calibration_error([0.9, 0.9, 0.1, 0.1], [True, False, False, False]), 3)
    0.25
    """
    given, right = _checked(probabilities, truth)
    if not len(given):
        return Undefined("there is no item")
    _must_be_probabilities(given)
    if bins < 1 or by not in {"width", "mass"}:
        raise ValueError(f"{bins} bins by {by!r}: one at least, by width or mass")
    if by == "width":
        bin_of = np.minimum((given * bins).astype(int), bins - 1)
    else:
        ranks = np.searchsorted(np.sort(given), given, side="left")
        bin_of = ranks * bins // len(given)
    weights = np.bincount(bin_of, minlength=bins)
    gaps = np.abs(np.bincount(bin_of, given, bins) - np.bincount(bin_of, right, bins))
    return float(gaps[weights > 0].sum() / len(given))


def _must_be_probabilities(given: Floats) -> None:
    if ((given < 0) | (given > 1) | np.isnan(given)).any():
        raise ValueError("a probability is not between 0 and 1")


def brier_score(probabilities: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Mean squared difference of probability and truth.

    Parameters
    ----------
    probabilities : array of float, shape (n,)
        Probability that each item has the label.
    truth : array of bool, shape (n,)
        Whether it has.

    Returns
    -------
    float
        0 to 1, 0 is best; undefined without items.

    Notes
    -----
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78. He sums over
    both outcomes, which gives twice this.

    Examples
    --------
    >>> brier_score([1.0, 0.5], [True, False])
    0.125
    """
    given, right = _checked(probabilities, truth)
    _must_be_probabilities(given)
    return float(((given - right) ** 2).mean()) if len(given) else Undefined("there is no item")


@dataclass(frozen=True, eq=False)
class SelectiveRisk:
    """How often a model errs when it answers only what it is surest of.

    Attributes
    ----------
    coverage : ndarray of float64
        Shares of the items that are answered, rising, the last one 1.
    risk : ndarray of float64
        Share of errors among the answered.
    threshold : ndarray of float64
        The confidence from which on is answered.
    area : float
        Area under the curve, 0 to 1, lower is better; undefined without items.
    excess : float
        The area less that of a model with the same errors whose confidence ranks them perfectly.
    """

    coverage: Floats
    risk: Floats
    threshold: Floats
    area: float
    excess: float

    def coverage_at(self, risk: float) -> float:
        """Largest share that can be answered with at most this risk; 0 where none can."""
        fits = self.coverage[self.risk <= risk + 1e-12]
        return float(fits.max()) if len(fits) else 0.0


def selective_risk(confidence: npt.ArrayLike, correct: npt.ArrayLike) -> SelectiveRisk:
    """Trace the risk of a model that abstains on what it is least sure of.

    Parameters
    ----------
    confidence : array of float, shape (n,)
        How sure each answer is; only the order matters. Equal ones are answered or left together.
    correct : array of bool, shape (n,)
        Whether each answer is right.

    Returns
    -------
    SelectiveRisk
        One point for every distinct confidence.

    Notes
    -----
    Geifman, Y. and El-Yaniv, R. (2017). Selective classification for deep neural networks. NeurIPS. The area is the mean risk
    over the coverages 1/n, 2/n, …, 1, with the expected risk inside a tie.

    Examples
    --------
    >>> found = selective_risk([0.9, 0.8, 0.2, 0.1], [True, True, False, True])
    >>> found.risk.round(2).tolist(), found.coverage_at(0.0)
    ([0.0, 0.0, 0.33, 0.25], 0.5)
    """
    sure, right = _checked(confidence, correct)
    n = len(sure)
    if not n:
        nothing = np.zeros(0)
        return SelectiveRisk(nothing, nothing, nothing, Undefined("there is no item"), Undefined("there is no item"))
    if np.isnan(sure).any():
        raise ValueError("a confidence is not a number")
    levels, level = np.unique(-sure, return_inverse=True)
    answered = np.cumsum(np.bincount(level))
    errors = np.cumsum(np.bincount(level, 1 - right))
    # Inside a tie the order is open: errors come in evenly.
    counts = np.arange(1, n + 1)
    expected = np.interp(counts, np.r_[0, answered], np.r_[0, errors])
    best = np.maximum(counts - right.sum(), 0)
    area, least = float((expected / counts).mean()), float((best / counts).mean())
    return SelectiveRisk(answered / n, errors / answered, -levels, area, area - least)
