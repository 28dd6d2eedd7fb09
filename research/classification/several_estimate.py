"""How good answers of several labels are, with intervals and controls."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.evaluate import Interval, calibration_error, precision_by_label, recall_by_label, shuffled
from research.evaluate.resampling import group_codes

__all__ = ["SeveralEstimate", "estimate_several"]

Scores = npt.NDArray[np.float64]
Decisions = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

_SEEN = 2.8  # standard errors: what is found in four of five cases at the 5 % level
_DEALS = 20


@dataclass(frozen=True, eq=False)
class SeveralEstimate:
    """How good answers are, on texts whose labels are known and that had no part in models or thresholds.

    Attributes
    ----------
    what : str
        Where the texts come from.
    texts : int
        How many.
    macro_f1, micro_f1, subset_accuracy : Interval
        The mean F1 of the labels, the F1 of all decisions, and the share of texts that were given exactly their labels; each
        with an interval by drawing articles anew.
    chance_macro_f1, chance_micro_f1, chance_subset_accuracy : float
        The same when the texts' sets of labels are dealt anew: what as many answers reach without knowing anything.
    all_macro_f1, all_micro_f1 : float
        What giving every label to every text reaches.
    detectable : float
        A difference in macro-F1 from another classifier below this would probably go unseen on these texts.
    precision, recall : ndarray of float64, shape (k,)
        Of each label; NaN where it was never given, or does not occur.
    f1 : tuple of Interval, length k
        Of each label; NaN where it neither was given nor occurs.
    chance_f1 : ndarray of float64, shape (k,)
        The same when sets of labels are dealt anew.
    support, given : ndarray of int64, shape (k,)
        How many texts have each label, and how many got it.
    calibration_error : float
        Mean difference of what is said to be probable and what is so, over all pairs of text and label.
    bins : tuple of (float, float, int)
        Mean probability, share that is so, pairs of text and label: by tenths of the probability.
    unknown : int
        Texts with labels that no training article has; they are never quite right, and these labels count with an F1 of 0.
    """

    what: str
    texts: int
    macro_f1: Interval
    micro_f1: Interval
    subset_accuracy: Interval
    chance_macro_f1: float
    chance_micro_f1: float
    chance_subset_accuracy: float
    all_macro_f1: float
    all_micro_f1: float
    detectable: float
    precision: Scores
    recall: Scores
    f1: tuple[Interval, ...]
    chance_f1: Scores
    support: Counts
    given: Counts
    calibration_error: float
    bins: tuple[tuple[float, float, int], ...]
    unknown: int


def estimate_several(
    what: str,
    truth: Sequence[Sequence[str]],
    probabilities: Scores,
    given: Decisions,
    classes: Sequence[str],
    groups: Sequence[Hashable],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> SeveralEstimate:
    """Estimate how good answers are.

    Parameters
    ----------
    what : str
        Where the texts come from.
    truth : sequence of sequences of str, length n
        Their labels, n above 0.
    probabilities : ndarray of float64, shape (n, k)
        Of every label, by models that have not seen the texts.
    given : ndarray of bool, shape (n, k)
        Whether each text was given each label.
    classes : sequence of str, length k
        The labels that can be given.
    groups : sequence, length n
        The article of each.
    draws : int
        Bootstrap samples.
    seed : int
        Of the draws.

    Returns
    -------
    SeveralEstimate

    Examples
    --------
    >>> said = np.array([[True, False], [True, True], [False, False]])
    >>> found = estimate_several("texts", [["a"], ["a"], ["b"]], said * 0.9, said, ["a", "b"], [1, 2, 3])
    >>> round(found.macro_f1.value, 2), round(found.subset_accuracy.value, 2), found.support.tolist()
    (0.5, 0.33, [2, 1])
    """
    # In an order of their own, so that what is drawn and dealt does not depend on that of the articles.
    order = sorted(
        range(len(truth)),
        key=lambda row: (str(groups[row]), sorted(truth[row]), probabilities[row].tolist(), given[row].tolist()),
    )
    groups, probabilities, k = [groups[row] for row in order], probabilities[order], len(classes)
    every = [*classes, *sorted({name for own in truth for name in own} - set(classes))]
    so = np.array([[name in truth[row] for name in every] for row in order], dtype=bool)
    said = np.column_stack([given[order], np.zeros((len(order), len(every) - k), bool)])
    found = _drawn(_counts(so, said), groups, draws, seed)
    dealt = [so[np.array(shuffled(range(len(so)), seed=seed + at), dtype=np.intp)] for at in range(_DEALS)]
    chance = np.mean([_scored(_counts(one, said).sum(axis=0)) for one in dealt], axis=0)
    everything = _scored(_counts(so, np.arange(len(every)) < np.full((len(so), 1), k)).sum(axis=0))
    pairs, right = probabilities.ravel(), so[:, :k].ravel()
    macro = found[0]
    return SeveralEstimate(
        what=what,
        texts=len(so),
        macro_f1=macro,
        micro_f1=found[1],
        subset_accuracy=found[2],
        chance_macro_f1=float(chance[0]),
        chance_micro_f1=float(chance[1]),
        chance_subset_accuracy=float(chance[2]),
        all_macro_f1=float(everything[0]),
        all_micro_f1=float(everything[1]),
        detectable=_SEEN * (macro.high - macro.low) / (2 * 1.96),
        precision=precision_by_label(so, said)[:k],
        recall=recall_by_label(so, said)[:k],
        f1=tuple(found[3 : 3 + k]),
        chance_f1=chance[3 : 3 + k],
        support=so[:, :k].sum(axis=0),
        given=said[:, :k].sum(axis=0),
        calibration_error=calibration_error(pairs, right),
        bins=_bins(pairs, right),
        unknown=int(so[:, k:].any(axis=1).sum()),
    )


def _counts(so: Decisions, said: Decisions) -> Scores:
    """Give what of each text adds up: one, whether it is quite right, then for every label right, given, and so."""
    whole = np.column_stack([np.ones(len(so)), (so == said).all(axis=1)])
    return np.column_stack([whole, so & said, said, so]).astype(np.float64)


def _scored(totals: Scores) -> Scores:
    """Give macro-F1, micro-F1, subset accuracy, and the F1 of every label, from sums of `_counts`; along the last axis."""
    both, said, so = np.split(totals[..., 2:], 3, axis=-1)
    size = said + so
    f1 = np.divide(2 * both, size, out=np.full(both.shape, np.nan), where=size > 0)
    known, total = (size > 0).sum(axis=-1), size.sum(axis=-1)
    macro = np.divide(np.nansum(f1, axis=-1), known, out=np.full(known.shape, np.nan), where=known > 0)
    micro = np.divide(2 * both.sum(axis=-1), total, out=np.full(total.shape, np.nan), where=total > 0)
    right = totals[..., 1] / totals[..., 0]
    return np.concatenate([np.stack([macro, micro, right], axis=-1), f1], axis=-1)


def _drawn(counts: Scores, groups: Sequence[Hashable], draws: int, seed: int) -> list[Interval]:
    """Give what `bootstrap_by_group` gives for every score, in one pass: sums of groups are drawn instead of texts."""
    names, codes = group_codes(groups)
    sums = np.zeros((names, counts.shape[1]))
    np.add.at(sums, codes, counts)
    values = _scored(counts.sum(axis=0))
    if names < 2:
        return [Interval(float(value), float("nan"), float("nan"), 0.95, 0) for value in values]
    rng = np.random.default_rng(seed)
    drawn = _scored(np.array([np.bincount(rng.integers(0, names, names), minlength=names) @ sums for _ in range(draws)]))
    intervals = []
    for value, column in zip(values, drawn.T, strict=True):
        defined = column[np.isfinite(column)]
        low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) > draws / 2 else (np.nan, np.nan)
        if low == high:  # all were right, or none: drawing them again tells nothing of others
            low = high = np.nan
        intervals.append(Interval(float(value), float(low), float(high), 0.95, len(defined)))
    return intervals


def _bins(sure: Scores, right: Decisions) -> tuple[tuple[float, float, int], ...]:
    tenth = np.minimum((sure * 10).astype(int), 9)
    return tuple(
        (float(sure[tenth == at].mean()), float(right[tenth == at].mean()), int((tenth == at).sum()))
        for at in np.unique(tenth).tolist()
    )
