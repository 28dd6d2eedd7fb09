"""Labels that are likely wrong, by what models say that have not seen the texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.errors import DataError

__all__ = ["Suspect", "suspect_labels"]

_ROUNDING = 1e-3  # how far a row of probabilities may be from a sum of 1


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is likely wrong.

    Attributes
    ----------
    row : int
        Which text, counted from 0.
    given : str
        The label that it has.
    likely : str
        The label that the models find likeliest.
    score : float
        The probability of the given label: 0 is most suspicious.
    margin : float
        How much likelier the other label is; above 0.
    """

    row: int
    given: str
    likely: str
    score: float
    margin: float


def suspect_labels(labels: Sequence[str], probabilities: npt.ArrayLike, classes: Sequence[str]) -> tuple[Suspect, ...]:
    """Find labels that are likely wrong.

    Parameters
    ----------
    labels : sequence of str, length n
        One label a text.
    probabilities : array of float, shape (n, classes)
        Of every class, by models that have not seen the text; each row adds up to 1. A row with NaN is left out.
    classes : sequence of str
        The class of every column.

    Returns
    -------
    tuple of Suspect
        Most suspicious first: by score, then by margin, then by row. Empty where fewer than two classes have a text: there is
        no other label that a text could have. A class without a text is never the likely one.

    Raises
    ------
    DataError
        If a label is no class, a class is named twice, or the probabilities are none or not one row a label.

    Notes
    -----
    Confident learning: a text is a suspect if some other class is as likely for it as that class is, on average, for the texts
    that carry its label, and the given label is not the likeliest. The average makes up for models that are surer of some
    classes than of others. Northcutt, C. G., Jiang, L. and Chuang, I. L. (2021). Confident learning: estimating uncertainty in
    dataset labels. JAIR 70. By the library cleanlab: its filter "confident_learning", which counts the pairs off the diagonal
    of the confident joint, and its score "self_confidence". Both were made for probabilities of unseen texts: those of a model
    that learned the wrong label will repeat it.

    Examples
    --------
    >>> sure, wrong = [0.9, 0.1], [0.1, 0.9]
    >>> suspect_labels(["sport", "sport", "economy", "sport"], [sure, sure, wrong, wrong], ["sport", "economy"])
    (Suspect(row=3, given='sport', likely='economy', score=0.1, margin=0.8),)
    """
    given, table = _codes(labels, classes), _checked(probabilities, len(labels), len(classes))
    rows = np.flatnonzero(~np.isnan(table).any(axis=1))
    # Only classes that have a text take part: how likely the others are for their own texts is not known.
    shown, codes = np.unique(given[rows], return_inverse=True)
    if len(shown) < 2:
        return ()
    # Not at the top: it loads the whole library, and few who import this package need it.
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    known = table[np.ix_(rows, shown)]
    scores = get_label_quality_scores(codes, known, method="self_confidence")
    likely = known.argmax(axis=1)
    # Processes would cost more than they save, and this filter takes none.
    wrong = np.flatnonzero(find_label_issues(codes, known, filter_by="confident_learning", n_jobs=1))
    found = [
        Suspect(
            row=int(rows[at]),
            given=classes[shown[codes[at]]],
            likely=classes[shown[likely[at]]],
            score=float(scores[at]),
            margin=float(known[at, likely[at]] - scores[at]),
        )
        for at in wrong
    ]
    return tuple(sorted(found, key=lambda suspect: (suspect.score, -suspect.margin, suspect.row)))


def _codes(labels: Sequence[str], classes: Sequence[str]) -> npt.NDArray[np.intp]:
    number = {name: at for at, name in enumerate(classes)}
    if len(number) < len(classes):
        twice = next(name for at, name in enumerate(classes) if number[name] != at)
        raise DataError(f"the class {twice!r} is named twice", where="classes", remedy="name each class once")
    for row, label in enumerate(labels):
        if label not in number:
            names = ", ".join(classes) or "none"
            raise DataError(f"unknown label {label!r}", where=f"labels, row {row}", remedy=f"the classes are {names}")
    return np.array([number[label] for label in labels], dtype=np.intp)


def _checked(probabilities: npt.ArrayLike, n: int, width: int) -> npt.NDArray[np.float64]:
    table = np.asarray(probabilities, dtype=np.float64)
    if n == 0 and table.size == 0:
        return table.reshape(0, width)
    if table.shape != (n, width):
        raise DataError(
            f"shape {table.shape} for {n} labels and {width} classes",
            where="probabilities",
            remedy="give one row a label and one column a class",
        )
    known = ~np.isnan(table).any(axis=1)
    off = known & ((table < 0).any(axis=1) | (abs(table.sum(axis=1) - 1) > _ROUNDING))
    if off.any():
        raise DataError(
            "not probabilities",
            where=f"probabilities, row {int(off.argmax())}",
            remedy="give numbers from 0 to 1 that add up to 1, or NaN where there is no answer",
        )
    return table
