"""The head of a classifier: ridge regression in the sum of the views' kernels.

Words and pieces of words compare linearly, so their part is a weight for every gram, which can be read; meaning compares by a
Gaussian of the distance, so that part is a weight for every text that was learned from. Where these are too many, the Gaussian
is approximated by some of them, and the system is solved step by step instead of at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from research.cores import one_blas_thread, usable_cores
from research.features.views import Views

__all__ = ["Candidate", "Kernels", "Mix", "RidgeModel", "balance_weights", "fit_ridge", "solve"]

Scores = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

_LANDMARKS = 2_000  # texts that stand for all of them in the Gaussian where the system is not built
_BLOCK = 1_024
_DIGITS = 6
_SMALL = 1_000
_STEPS, _NEAR = 200, 1e-4
_WIDTH = 2.0  # what one minus the cosine of two meanings is multiplied by


@dataclass(frozen=True)
class Mix:
    """How much each view counts in the kernel; the three shares add up to 1."""

    words: float = 0.0
    characters: float = 0.0
    meaning: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """One way to learn.

    Attributes
    ----------
    mix : Mix
        What of the texts is compared.
    penalty : float
        Above 0; higher makes the scores smoother.
    balance : float
        0: every text counts the same; 1: every class counts the same, whatever its size; between them a power between.
    """

    mix: Mix
    penalty: float = 1.0
    balance: float = 0.5

    @property
    def name(self) -> str:
        """What is seen, in words."""
        parts = [name for name in ("words", "characters", "meaning") if getattr(self.mix, name)]
        return " + ".join(parts) + (", mostly meaning" if len(parts) > 1 and self.mix.meaning > 0.6 else "")


def balance_weights(targets: Scores, power: float) -> Scores:
    """Weigh texts by how rare their classes are.

    Parameters
    ----------
    targets : ndarray of float64, shape (n, k)
        1 where a text has a class.
    power : float
        0 gives every text the same weight, 1 every class.

    Returns
    -------
    ndarray of float64, shape (n,)
        Of mean 1. A text of several classes has the mean of their weights, one of none the weight of a class of mean size.

    Examples
    --------
    >>> balance_weights(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]]), 1.0).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    share = targets.mean(axis=0)
    present = share > 0
    of_class = np.zeros(len(share))
    of_class[present] = (share[present] / (share.sum() / max(1, present.sum()))) ** -power
    counts = targets.sum(axis=1)
    found = np.divide(targets @ of_class, counts, out=np.ones(len(targets)), where=counts > 0)
    weights: Scores = found / found.mean()
    return weights


class Kernels:
    """How alike texts are in each view, computed once for every way to mix them.

    Parameters
    ----------
    seen : Views
        Of n texts.
    mixes : sequence of Mix, optional
        What will be asked for; views that none of them needs are left out.

    Examples
    --------
    >>> from research.features.views import learn_views
    >>> seen = learn_views(["فرض عقوبات", "كأس العالم"], np.eye(2, dtype=np.float32))[1]
    >>> Kernels(seen).mixed(Mix(words=0.5, meaning=0.5)).round(3).tolist()
    [[1.0, 0.009], [0.009, 1.0]]
    """

    def __init__(self, seen: Views, mixes: Sequence[Mix] | None = None) -> None:
        self._of: dict[str, Matrix] = {}
        for name in ("words", "characters", "meaning"):
            if mixes is not None and not any(getattr(mix, name) for mix in mixes):
                continue
            if name != "meaning":
                self._of[name] = _linear(getattr(seen, name))
            elif seen.meaning.shape[1]:
                self._of[name] = _gaussian(seen.meaning, seen.meaning).astype(np.float32)

    def mixed(self, mix: Mix, rows: Rows | None = None, columns: Rows | None = None) -> Scores:
        """Give the mixed kernel of some texts with others, shape (rows, columns); of all with all where none are named."""
        shares = [(getattr(mix, name), whole) for name, whole in self._of.items() if getattr(mix, name)]
        if rows is None or columns is None:
            found = np.zeros(shares[0][1].shape)
            for share, whole in shares:
                found += share * whole
            return found
        found = np.zeros((len(rows), len(columns)))
        place = np.ix_(rows, columns)
        for share, whole in shares:
            found += share * whole[place]
        return found


def _linear(rows: sparse.csr_matrix) -> Matrix:
    n = rows.shape[0]
    found, turned = np.empty((n, n), np.float32), rows.T.tocsr()

    def block(start: int) -> None:
        found[start : start + _BLOCK] = (rows[start : start + _BLOCK] @ turned).toarray()

    with ThreadPoolExecutor(usable_cores()) as threads:
        list(threads.map(block, range(0, n, _BLOCK)))
    return found


def _gaussian(one: Matrix, other: Matrix) -> Scores:
    closeness: Scores = one.astype(np.float64) @ other.T.astype(np.float64)
    closeness -= 1
    closeness *= _WIDTH
    return np.exp(closeness, out=closeness)


def solve(system: Scores, targets: Scores, candidate: Candidate) -> tuple[Scores, Scores]:
    """Solve for what every text adds to the scores of the texts that are like it; the system is overwritten.

    Returns
    -------
    (ndarray of float64, ndarray of float64)
        The weights of the texts, shape (n, k), and the score of a text that is like none, shape (k,).
    """
    weights = balance_weights(targets, candidate.balance)
    offsets = _shares(targets, weights)
    system.flat[:: len(system) + 1] += candidate.penalty / weights
    # Threads cost small systems more than they bring.
    with one_blas_thread(len(system) < _SMALL):
        return cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), targets - offsets), offsets


def _shares(targets: Scores, weights: Scores) -> Scores:
    found: Scores = np.average(targets, axis=0, weights=weights)
    return found


@dataclass(frozen=True, eq=False)
class RidgeModel:
    """What was learned: a score for each of k classes, by the sum of what the views say.

    Attributes
    ----------
    width : float
        What one minus the cosine of two meanings is multiplied by in the exponent.
    words : ndarray of float32, shape (words, k)
        What a gram adds to each score; of no rows where the view is not used.
    characters : ndarray of float32, shape (pieces, k)
        The same for the pieces of words.
    support : ndarray of float32, shape (m, d)
        Meanings that others are compared with.
    meaning : ndarray of float32, shape (m, k)
        What the likeness with each of them adds.
    offsets : ndarray of float64, shape (k,)
        The score of a text of which nothing is seen: the share of the class among the texts, as they were weighted.
    """

    width: float
    words: Matrix
    characters: Matrix
    support: Matrix
    meaning: Matrix
    offsets: Scores

    def scores(self, seen: Views) -> Scores:
        """Give each class's score, shape (n, k), rounded: a text gets the same alone and among others."""
        found = np.tile(self.offsets, (len(seen), 1))
        for start in range(0, len(seen), _BLOCK):
            part = slice(start, start + _BLOCK)
            if len(self.words):
                found[part] += seen.words[part] @ self.words
            if len(self.characters):
                found[part] += seen.characters[part] @ self.characters
            if len(self.support):
                found[part] += _gaussian(seen.meaning[part], self.support) @ self.meaning
        return found.round(_DIGITS)


def fit_ridge(seen: Views, targets: Scores, candidates: Sequence[Candidate], kernels: Kernels | None = None) -> RidgeModel:
    """Learn the scores of classes: the mean of what several candidates give, in one model.

    Parameters
    ----------
    seen : Views
        Of n texts.
    targets : ndarray of float64, shape (n, k)
        1 where a text has a class, 0 where it has not.
    candidates : sequence of Candidate
        At least one.
    kernels : Kernels, optional
        Of these texts. When not given the system is not built: it is solved by conjugate gradients, and the Gaussian is
        approximated by 2,000 evenly drawn texts where there are more.

    Returns
    -------
    RidgeModel

    Notes
    -----
    Saunders, C., Gammerman, A. and Vovk, V. (1998). Ridge regression learning algorithm in dual variables. ICML.
    Williams, C. and Seeger, M. (2001). Using the Nyström method to speed up kernel machines. NIPS.

    Examples
    --------
    >>> from research.features.views import learn_views
    >>> seen = learn_views(["فرض عقوبات", "كأس العالم"], np.eye(2, dtype=np.float32))[1]
    >>> fit_ridge(seen, np.eye(2), [Candidate(Mix(words=1.0))], Kernels(seen)).scores(seen).round(2).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    n, k = targets.shape
    duals = {name: np.zeros((n, k)) for name in ("words", "characters")}
    offsets: Scores = np.zeros(k)
    support = seen.meaning if kernels is not None else seen.meaning[:: max(1, -(-n // _LANDMARKS))]
    support = support if seen.meaning.shape[1] and any(one.mix.meaning for one in candidates) else support[:0]
    meaning = np.zeros((len(support), k))
    root = features = None
    if kernels is None and len(support):
        root, features = _landmarks(seen.meaning, support)
    for one in candidates:
        if kernels is not None:
            dual, offset = solve(kernels.mixed(one.mix), targets, one)
            meaning += one.mix.meaning * dual if len(support) else 0
        else:
            weights = balance_weights(targets, one.balance)
            offset = _shares(targets, weights)
            dual = _gradients(_product(seen, features, one.mix, one.penalty / weights), targets - offset)
            if one.mix.meaning and features is not None:
                pull = solve_triangular(root, features.T @ dual, lower=True, trans="T")
                meaning += one.mix.meaning * np.asarray(pull, dtype=np.float64)
        offsets = offsets + offset
        for name in duals:
            duals[name] += getattr(one.mix, name) * dual
    share = 1 / len(candidates)

    def weights_of(name: str) -> Matrix:
        if not duals[name].any():
            return np.zeros((0, k), np.float32)
        found: Matrix = (share * (getattr(seen, name).T @ duals[name])).astype(np.float32)
        return found

    return RidgeModel(
        _WIDTH,
        weights_of("words"),
        weights_of("characters"),
        np.ascontiguousarray(support),
        (share * meaning).astype(np.float32),
        share * offsets,
    )


def _landmarks(meaning: Matrix, support: Matrix) -> tuple[Scores, Matrix]:
    """Give the root of the landmarks' kernel, and features whose products approximate the Gaussian of all texts."""
    root = np.asarray(np.linalg.cholesky(_gaussian(support, support) + 1e-6 * np.eye(len(support))), dtype=np.float64)
    features = np.zeros((len(meaning), len(support)), np.float32)
    for start in range(0, len(meaning), _BLOCK):
        part = _gaussian(support, meaning[start : start + _BLOCK])
        features[start : start + _BLOCK] = solve_triangular(root, part, lower=True).T
    return root, features


def _product(seen: Views, features: Matrix | None, mix: Mix, ridge: Scores) -> Callable[[Matrix], Matrix]:
    """Give the function that multiplies by the system, without building it."""
    turned = [(getattr(mix, name), getattr(seen, name)) for name in ("words", "characters") if getattr(mix, name)]
    both = [(share, rows, rows.T.tocsr()) for share, rows in turned]
    diagonal = ridge[:, None].astype(np.float32)

    def product(vectors: Matrix) -> Matrix:
        found: Matrix = diagonal * vectors
        for share, rows, columns in both:
            found += share * (rows @ (columns @ vectors))
        if mix.meaning and features is not None:
            found += mix.meaning * (features @ (features.T @ vectors))
        return found

    return product


def _gradients(product: Callable[[Matrix], Matrix], targets: Scores) -> Scores:
    """Solve a positive definite system for several right sides, by conjugate gradients, each with steps of its own."""
    right = targets.astype(np.float32)
    found, left = np.zeros_like(right), right.copy()
    direction, size = left.copy(), (left**2).sum(axis=0, dtype=np.float64)
    enough = _NEAR**2 * size
    for _ in range(_STEPS):
        if (size <= enough).all():
            break
        moved = product(direction)
        curve = (direction * moved).sum(axis=0, dtype=np.float64)
        step = np.divide(size, curve, out=np.zeros_like(size), where=curve > 0)
        found += step.astype(np.float32) * direction
        left -= step.astype(np.float32) * moved
        before, size = size, (left**2).sum(axis=0, dtype=np.float64)
        direction = left + np.divide(size, before, out=np.zeros_like(size), where=before > 0).astype(np.float32) * direction
    return found.astype(np.float64)
