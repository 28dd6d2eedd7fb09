"""The last step of a theme's score: how far to trust what each part says, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from research.themes.by_codebook import prior_odds
from research.themes.parts import LEARNED_PARTS

__all__ = ["Fusion", "FusionInput"]

Scores = npt.NDArray[np.float64]

_MOST_HINTS = 3
_REGULARISATION, _PLATT = 10.0, 100.0


@dataclass(frozen=True, slots=True)
class FusionInput:
    """What the last step is given of a theme: columns to weigh, and the codebook's prior.

    Attributes
    ----------
    parts : tuple of str
        What looks at passages, of `research.themes.parts.PARTS`.
    trust : float
        How much the codebook's own log odds count beside what was learned.

    Examples
    --------
    >>> given = FusionInput(("codebook", "words"), 1.0)
    >>> counts = np.array([[1.0, 1, 0], [0, 0, 9]])
    >>> given.columns(counts, [np.array([0.5, -0.5])]).tolist()
    [[0.5, 1.0, 1.0, 0.0], [-0.5, 0.0, 0.0, 3.0]]
    """

    parts: tuple[str, ...]
    trust: float

    @property
    def learned(self) -> tuple[str, ...]:
        """The parts that learn from labels, in the order of their columns."""
        return tuple(part for part in LEARNED_PARTS if part in self.parts)

    @property
    def by_codebook(self) -> bool:
        """Whether the codebook's words are among the parts."""
        return "codebook" in self.parts

    def columns(self, counts: Scores, logits: Sequence[Scores]) -> Scores:
        """Give what is weighed, shape (n, columns): what the learned parts say, then the codebook's words.

        Parameters
        ----------
        counts : ndarray of float64, shape (n, 3)
            How many different seeds, words that meet, and hints each passage holds.
        logits : sequence of ndarray of float64, shape (n,)
            What each learned part says.

        Returns
        -------
        ndarray of float64, shape (n, len(logits) + 3), or without the last three where the codebook is no part
        """
        columns = list(logits)
        if self.by_codebook:
            seeds, together, hints = counts.T
            columns += [
                (seeds + together > 0).astype(float),
                (seeds + together > 1).astype(float),
                np.minimum(hints, _MOST_HINTS),
            ]
        return np.column_stack(columns)

    def prior(self, counts: Scores) -> Scores:
        """Give the codebook's own log odds, weighed by the trust in it, shape (n,); 0 where it is no part."""
        return self.trust * prior_odds(counts) if self.by_codebook else np.zeros(len(counts))


@dataclass(frozen=True, eq=False)
class Fusion:
    """The last step of one theme: weights of what the parts say, then Platt's scaling of their sum with the prior.

    Attributes
    ----------
    weights, intercept : ndarray of float64, shape (columns,), float
        Of the logistic regression on the columns.
    centre : float
        The labelled passages' mean prior: a codebook that says the same of all of them says nothing.
    scale, shift : float
        Platt's.
    """

    weights: Scores
    intercept: float
    centre: float
    scale: float
    shift: float

    @classmethod
    def learn(cls, columns: Scores, prior: Scores, answers: Scores) -> Fusion:
        """Learn from labelled passages.

        Parameters
        ----------
        columns, prior : ndarray of float64, shape (n, columns), shape (n,)
            What a `FusionInput` gives.
        answers : ndarray of float64, shape (n,)
            1 where the theme is stated, 0 where not; both must occur.

        Returns
        -------
        Fusion
            The weights.
        """
        truth = answers.astype(int)
        model = LogisticRegression(C=_REGULARISATION, max_iter=2000).fit(columns, truth)
        centre = float(prior.mean())
        summed = model.decision_function(columns) + prior - centre
        platt = LogisticRegression(C=_PLATT, max_iter=2000).fit(summed[:, None], truth)
        return cls(model.coef_[0], float(model.intercept_[0]), centre, float(platt.coef_[0, 0]), float(platt.intercept_[0]))

    def log_odds(self, columns: Scores, prior: Scores) -> Scores:
        """Give the log odds of passages, shape (n,), of columns and priors as in `learn`."""
        result: Scores = self.scale * (columns @ self.weights + self.intercept + prior - self.centre) + self.shift
        return result
