"""From answers and known classes to an honest estimate, with its interval and its controls."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from research.classification.result import Estimate
from research.evaluate import (
    as_decisions,
    bootstrap_by_group,
    calibration_error,
    f1_by_label,
    macro_f1,
    precision_by_label,
    recall_by_label,
    selective_risk,
    shuffled,
)

__all__ = ["estimate"]

_SEEN = 2.8  # standard errors: what is found in four of five cases at the 5 % level


def estimate(
    what: str,
    truth: Sequence[str],
    probabilities: npt.NDArray[np.float64],
    classes: Sequence[str],
    groups: Sequence[Hashable],
    *,
    majority: str,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Estimate how good answers are.

    Parameters
    ----------
    what : str
        Where the texts come from.
    truth : sequence of str, length n
        Their classes, n above 0; one that is not among ``classes`` makes every answer wrong.
    probabilities : ndarray of float64, shape (n, k)
        Of every class, by models that have not seen the texts.
    classes : sequence of str, length k
        The classes that can be given.
    groups : sequence, length n
        The article of each.
    majority : str
        The most frequent class of the training texts.
    draws : int
        Bootstrap samples.
    seed : int
        Of the draws.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    >>> found = estimate("three texts", ["a", "b", "a"], sure, ["a", "b"], [1, 2, 3], majority="a")
    >>> round(found.accuracy.value, 2), found.confusion.tolist(), round(found.majority_accuracy, 2)
    (0.67, [[1, 1], [0, 1]], 0.67)
    """
    # In an order of their own, so that what is drawn and dealt does not depend on that of the articles.
    order = sorted(range(len(truth)), key=lambda row: (str(groups[row]), truth[row], tuple(probabilities[row])))
    truth, groups, probabilities = [truth[row] for row in order], [groups[row] for row in order], probabilities[order]
    known = set(classes)
    every = [*classes, *sorted(set(truth) - known)]
    answers = [classes[at] for at in probabilities.argmax(axis=1)]
    right = np.array([answer == label for answer, label in zip(answers, truth, strict=True)])
    so, said = as_decisions(truth, every), as_decisions(answers, every)
    dealt = as_decisions(shuffled(list(truth), seed=seed), every)
    sure = probabilities.max(axis=1)
    accuracy = bootstrap_by_group(lambda drawn: float(right[drawn].mean()), groups, draws=draws, seed=seed)
    at = {name: column for column, name in enumerate(classes)}
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    for label, answer in zip(truth, answers, strict=True):
        if label in at:
            confusion[at[label], at[answer]] += 1
    k = len(classes)
    return Estimate(
        what=what,
        texts=len(truth),
        accuracy=accuracy,
        macro_f1=bootstrap_by_group(lambda drawn: macro_f1(so[drawn], said[drawn]), groups, draws=draws, seed=seed),
        chance_accuracy=float((dealt & said).any(axis=1).mean()),
        chance_macro_f1=macro_f1(dealt, said),
        majority_accuracy=float(np.mean([label == majority for label in truth])),
        detectable=_SEEN * (accuracy.high - accuracy.low) / (2 * 1.96),
        precision=precision_by_label(so, said)[:k],
        recall=recall_by_label(so, said)[:k],
        f1=f1_by_label(so, said)[:k],
        confusion=confusion,
        calibration_error=calibration_error(sure, right),
        risk=selective_risk(sure, right),
        bins=_bins(sure, right),
        unknown=sum(label not in known for label in truth),
    )


def _bins(sure: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[tuple[float, float, int], ...]:
    tenth = np.minimum((sure * 10).astype(int), 9)
    return tuple(
        (float(sure[tenth == at].mean()), float(right[tenth == at].mean()), int((tenth == at).sum()))
        for at in np.unique(tenth).tolist()
    )
