"""How a tagger learns from labelled passages: a regression for each part and theme, cross-fitted by article, and their sum."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from research.errors import DataError
from research.themes.by_codebook import NOTHING, codebook_scores, odds
from research.themes.fusion import Fusion, FusionInput

__all__ = ["Learned", "Rows", "article_codes", "checked_labels", "enough_labels", "learn"]

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_ENOUGH = 8  # labelled passages that state a theme, and articles that they come from, below which it is not learned
_ENOUGH_GROUPS = 4
_REGULARISATION = {"embeddings": 3.0, "words": 10.0}


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned from labels.

    Attributes
    ----------
    given : FusionInput
        Which parts there are, and how far the codebook is trusted.
    heads : dict of (str, int) to LogisticRegression
        What each part learned of each theme; there is none where all answers are equal.
    fusion : dict of int to Fusion
        The last step of every theme that was learned.
    cross_fitted : ndarray of float64, shape (n, themes)
        Scores of the labelled passages by models that have not seen their article; NaN where there are none.
    """

    given: FusionInput
    heads: dict[tuple[str, int], LogisticRegression]
    fusion: dict[int, Fusion]
    cross_fitted: Scores

    def log_odds(self, theme: int, matrices: Mapping[str, Any], counts: Scores) -> Scores:
        """Give the log odds of a theme that was learned, shape (n,).

        Parameters
        ----------
        theme : int
            Its number.
        matrices : mapping of str to array or sparse matrix, shape (n, features)
            What each learned part sees of the passages.
        counts : ndarray of float64, shape (n, 3)
            How many different seeds, words that meet, and hints of the theme each of them holds.
        """
        logits = []
        for part in self.given.learned:
            head = self.heads.get((part, theme))
            logits.append(np.zeros(len(counts)) if head is None else head.decision_function(matrices[part]))
        return self.fusion[theme].log_odds(self.given.columns(counts, logits), self.given.prior(counts))

    def codebook_odds(self, theme: int, counts: Scores) -> float:
        """Give what the codebook's words of one passage, counts of shape (3,), add to the log odds, learned or not."""
        row = counts[None, :]
        if theme not in self.fusion:
            return float(odds(codebook_scores(row, np.full(1, NOTHING)))[0])
        if not self.given.by_codebook:
            return 0.0
        fusion = self.fusion[theme]
        return float(fusion.scale * (self.given.columns(row, ())[0] @ fusion.weights[-3:] + self.given.prior(row)[0]))

    def word_weights(self, theme: int) -> Scores | None:
        """Give what every learned term adds to the log odds for each unit of its TF-IDF; None where none was learned."""
        head = self.heads.get(("words", theme))
        if head is None or theme not in self.fusion:
            return None
        fusion = self.fusion[theme]
        weights: Scores = head.coef_[0] * fusion.weights[self.given.learned.index("words")] * fusion.scale
        return weights


def checked_labels(y: npt.ArrayLike | None, n: int, n_themes: int) -> Labels:
    """Give labels as numbers: 1 stated, 0 not, NaN open.

    Parameters
    ----------
    y : array, shape (n, themes), or None
        Labels as a user gives them, -1 may stand for open; None where there are none.
    n, n_themes : int
        How many passages and themes there are.

    Returns
    -------
    ndarray of float64, shape (n, n_themes)
        All NaN without labels.

    Raises
    ------
    DataError
        If labels and passages do not fit together.

    Examples
    --------
    >>> checked_labels([[1, -1]], 1, 2).tolist()
    [[1.0, nan]]
    """
    if y is None:
        return np.full((n, n_themes), np.nan)
    truth = np.asarray(y, dtype=np.float64)
    if truth.shape != (n, n_themes):
        raise DataError(
            f"labels of shape {truth.shape} for {n} passages and {n_themes} themes", remedy="give one column a theme"
        )
    truth = np.where(truth == -1, np.nan, truth)
    if not np.isin(truth[~np.isnan(truth)], (0, 1)).all():
        raise DataError("a label is neither 0 nor 1", remedy="1 states the theme, 0 does not, NaN is open")
    return truth


def article_codes(groups: Sequence[Hashable] | None, n: int) -> Rows:
    """Give the number of every passage's article, shape (n,); each has its own when none are named.

    Examples
    --------
    >>> article_codes(["b", "a", "b"], 3).tolist(), article_codes(None, 2).tolist()
    ([1, 0, 1], [0, 1])
    """
    codes: Rows = np.unique(
        np.array([str(group) for group in groups] if groups is not None else range(n)), return_inverse=True
    )[1]
    return codes


def enough_labels(truth: Labels, codes: Rows) -> npt.NDArray[np.bool_]:
    """Tell which themes have labels enough to be learned, shape (themes,).

    Parameters
    ----------
    truth : ndarray of float64, shape (n, themes)
        What `checked_labels` gives.
    codes : ndarray of int, shape (n,)
        The article of every passage.

    Returns
    -------
    ndarray of bool, shape (themes,)
        True where enough passages of enough articles state the theme, and enough do not.

    Examples
    --------
    >>> truth = np.repeat([[1.0, 1.0], [0.0, np.nan]], 8, axis=0)
    >>> enough_labels(truth, np.arange(16)).tolist(), enough_labels(truth, np.zeros(16, np.intp)).tolist()
    ([True, False], [False, False])
    """
    return np.array(
        [
            (column == 1).sum() >= _ENOUGH and len(set(codes[column == 1])) >= _ENOUGH_GROUPS and (column == 0).sum() >= _ENOUGH
            for column in truth.T
        ],
        dtype=bool,
    )


def learn(
    matrices: Mapping[str, Any],
    counts: npt.NDArray[np.float64],
    truth: Labels,
    codes: Rows,
    themes: Sequence[int],
    given: FusionInput,
    *,
    folds: int,
    seed: int,
) -> Learned:
    """Learn themes from labelled passages.

    Parameters
    ----------
    matrices : mapping of str to array or sparse matrix, shape (n, features)
        What each learned part sees.
    counts : ndarray of float64, shape (n, themes, 3)
        What `research.themes.parts.count_matches` gives.
    truth, codes : ndarray, shape (n, themes), shape (n,)
        Labels and articles.
    themes : sequence of int
        Which themes are learned, see `enough_labels`.
    given : FusionInput
        Which parts there are, and how far the codebook is trusted.
    folds, seed : int
        Into how many parts the articles are divided, and the seed of that.

    Returns
    -------
    Learned
        What scores new passages, and the scores of these ones by models that have not seen their article.

    Examples
    --------
    >>> truth = np.tile([[1.0], [0.0]], (8, 1))
    >>> given, counts = FusionInput(("words",), 1.0), np.zeros((16, 1, 3))
    >>> found = learn({"words": truth * 2 - 1}, counts, truth, np.arange(16), [0], given, folds=4, seed=0)
    >>> bool(((found.cross_fitted > 0.5) == truth).all()), list(found.heads)
    (True, [('words', 0)])
    """
    said = _said_unseen(matrices, truth, codes, themes, given.learned, folds, seed)
    found = Learned(given, {}, {}, np.full(truth.shape, np.nan))
    for theme in themes:
        answers = truth[:, theme]
        known = np.flatnonzero(~np.isnan(answers))
        for part in given.learned:
            head = _head(part, matrices[part], answers, known)
            if head is not None:
                found.heads[part, theme] = head
        columns = given.columns(counts[:, theme], [said[part][:, theme] for part in given.learned])
        prior = given.prior(counts[:, theme])
        found.fusion[theme] = Fusion.learn(columns[known], prior[known], answers[known])
        # The last step has few weights: its own cross-fitting needs no second round of the parts'.
        for train, test in _divided(truth, codes, folds, seed + 1):
            rows = train[~np.isnan(answers[train])]
            if 0 < answers[rows].sum() < len(rows):
                model = Fusion.learn(columns[rows], prior[rows], answers[rows])
                found.cross_fitted[test, theme] = expit(model.log_odds(columns[test], prior[test]))
    return found


def _said_unseen(
    matrices: Mapping[str, Any],
    truth: Labels,
    codes: Rows,
    themes: Sequence[int],
    parts: Sequence[str],
    folds: int,
    seed: int,
) -> dict[str, Scores]:
    """Give what each learned part says of articles that it has not seen: log odds, shape (n, themes)."""
    said = {part: np.zeros(truth.shape) for part in parts}
    for train, test in _divided(truth, codes, folds, seed):
        for theme in themes:
            for part in parts:
                head = _head(part, matrices[part], truth[:, theme], train)
                said[part][test, theme] = 0.0 if head is None else head.decision_function(matrices[part][test])
    return said


def _divided(truth: Labels, codes: Rows, folds: int, seed: int) -> Iterator[tuple[Rows, Rows]]:
    found: Iterator[tuple[Rows, Rows]] = GroupKFold(min(folds, len(set(codes))), shuffle=True, random_state=seed).split(
        truth, groups=codes
    )
    return found


def _head(part: str, matrix: Any, answers: Labels, rows: Rows) -> LogisticRegression | None:
    rows = rows[~np.isnan(answers[rows])]
    known = answers[rows].astype(int)
    if not 0 < known.sum() < len(known):
        return None
    return LogisticRegression(C=_REGULARISATION[part], max_iter=2000).fit(matrix[rows], known)
