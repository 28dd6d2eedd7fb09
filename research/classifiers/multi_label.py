"""A classifier of texts that may have several labels at once, or none: each label is given from a score of its own on."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from copy import copy
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from research.classifiers.classifier import TextClassifier, held_out_scores
from research.classifiers.cuts import MIDDLE, best_cuts, few_articles, learn_cuts
from research.classifiers.ridge import Candidate, Kernels, Mix, Rows, Scores, fit_ridge
from research.classifiers.selection import CANDIDATES, Choice, best_by_meaning, choose, unseen_scores
from research.classifiers.splits import Split, by_group
from research.classifiers.terms import class_terms
from research.classifiers.unlike import learn_familiar
from research.errors import DataError
from research.features import Encoder
from research.features.views import Views, learn_views

__all__ = ["MultiLabelClassifier"]

Decisions = npt.NDArray[np.bool_]

_TRIED_ON, _WHOLE = 4_000, 8_000  # as in `TextClassifier`
_FOLDS, _FEWER, _MANY = 5, 3, 1_000


class MultiLabelClassifier(BaseEstimator):  # type: ignore[misc]
    """Give texts every label that they have, by ridge regression on their words, the pieces of words and their meaning.

    Parameters
    ----------
    encoder, candidate, seconds, store, seed
        As in `TextClassifier`.

    Attributes
    ----------
    classes_ : ndarray of object, shape (k,)
        The labels, ascending.
    thresholds_ : ndarray of float64, shape (k,)
        The probability from which on each is given.
    rare_ : tuple of str
        Labels of fewer than three articles that were held out: no threshold could be sought, and theirs is .5.
    held_out_ : ndarray of float64, shape (n, k)
        The probabilities of every text by models that have not seen its article; NaN where none could be made.
    held_out_given_ : ndarray of bool, shape (n, k)
        The labels that it would have been given, its article having had no part in the thresholds either.
    choice_ : Choice
        What was tried, and what was taken.
    terms_ : tuple of tuple of Term
        The words that go with each label, in the order of the labels.
    cuts_, meaning_cuts_ : Cuts
        From scores to probabilities and decisions; from those by meaning alone.
    scorer_ : TextClassifier
        How texts are seen and get scores; its own probabilities mean nothing here.

    Notes
    -----
    One regression answers for all labels. Which views it looks at is chosen on held-out articles by macro-F1. The same texts
    give the same answer in any order.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "عقوبات جديدة على الشركات", "فاز الفريق بالكأس", "كأس العالم والفريق"] * 3
    >>> labels = [{"sanctions"}, {"sanctions"}, {"sport"}, {"sport", "cups"}] * 3
    >>> model = MultiLabelClassifier(encoder=None).fit(texts, labels)
    >>> model.predict(["عقوبات على الشركات", "كأس العالم والفريق"])
    [('sanctions',), ('cups', 'sport')]
    """

    def __init__(
        self,
        *,
        encoder: str | Encoder | None = "use",
        candidate: Candidate | None = None,
        seconds: float | None = None,
        store: bool = True,
        seed: int = 0,
    ) -> None:
        self.encoder = encoder
        self.candidate = candidate
        self.seconds = seconds
        self.store = store
        self.seed = seed

    def fit(self, texts: Sequence[str], labels: Sequence[Collection[str]], groups: Sequence[Hashable] | None = None) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Sentences, passages or articles.
        labels : sequence of collections of str, length n
            The labels of each; an empty one says that none of them fits.
        groups : sequence, optional
            The article of each, which is held out as a whole; each text its own when not given.

        Returns
        -------
        MultiLabelClassifier
            Itself.

        Raises
        ------
        ConfigError
            If a parameter has a value that it cannot have.
        DataError
            If there is no text, no label at all, or not one set of labels a text.
        """
        scorer = TextClassifier(**self.get_params(deep=False))
        scorer.check_params()
        lines, sets = list(texts), _checked(labels)
        owners: list[Hashable] = list(range(len(lines))) if groups is None else list(groups)
        for name, count in (("sets of labels", len(sets)), ("groups", len(owners))):
            if count != len(lines):
                raise DataError(f"{count} {name} for {len(lines)} texts", remedy="give one each")
        names = sorted(set().union(*sets))
        if not names:
            raise DataError("no text has a label", remedy="give texts with labels")
        # Equal texts of the same labels stand next to each other: what is learned does not depend on the order.
        order = sorted(range(len(lines)), key=lambda row: (lines[row], sets[row], "" if groups is None else str(owners[row])))
        lines, sets = [lines[row] for row in order], [sets[row] for row in order]
        owners = list(range(len(lines))) if groups is None else [owners[row] for row in order]
        truth = np.array([[name in own for name in names] for own in sets], dtype=bool)
        self.classes_ = scorer.classes_ = np.array(names, dtype=object)
        scorer.space_, seen = learn_views(lines, scorer.embeddings(lines))
        mixes = None if self.candidate is None else [self.candidate.mix, Mix(meaning=1.0)]
        kernels = Kernels(seen, mixes) if len(seen) <= _WHOLE else None
        self.choice_ = self._choose(seen, kernels, truth, owners)
        targets = truth.astype(np.float64)
        splits = _divisions(truth, owners, _FOLDS, self.seed)
        scores = held_out_scores(seen, kernels, targets, splits, self.choice_.chosen)
        told = np.flatnonzero(~np.isnan(scores).any(axis=1))
        self.cuts_ = learn_cuts(scores[told], truth[told], [owners[row] for row in told])
        self.thresholds_ = self.cuts_.thresholds
        self.rare_ = tuple(name for name, few in zip(names, self.cuts_.rare, strict=True) if few)
        sure, given = np.full(truth.shape, np.nan), np.zeros(truth.shape, bool)
        for split in _divisions(truth[told], [owners[row] for row in told], _FOLDS, self.seed):
            rows, tested = told[split.train], told[split.test]
            of = [owners[row] for row in rows]
            within, so = self._answered_within(kernels, scores, truth, rows, of)
            cuts = learn_cuts(within, so, of[: len(so)])
            sure[tested] = cuts.probabilities(scores[tested])
            given[tested] = sure[tested] >= cuts.thresholds
        self.held_out_, self.held_out_given_ = np.empty_like(sure), np.empty_like(given)
        self.held_out_[order], self.held_out_given_[order] = sure, given
        scorer.model_ = fit_ridge(seen, targets, self.choice_.chosen, kernels)
        scorer.by_meaning_, self.meaning_cuts_ = None, self.cuts_
        if seen.meaning.shape[1]:
            alone = (best_by_meaning(self.choice_),)
            scorer.by_meaning_ = fit_ridge(seen, targets, alone, kernels)
            scores = held_out_scores(seen, kernels, targets, splits, alone)
            self.meaning_cuts_ = learn_cuts(scores[told], truth[told], [owners[row] for row in told])
        scorer.sharpness_ = scorer.meaning_sharpness_ = 1.0
        scorer.familiar_ = learn_familiar(seen, owners)
        self.scorer_ = scorer
        self.terms_ = class_terms(seen.words, scorer.space_.surface.words.vocabulary, sure)
        return self

    def _choose(self, seen: Views, kernels: Kernels | None, truth: Decisions, owners: list[Hashable]) -> Choice:
        if self.candidate is not None:
            return Choice((), (self.candidate,), 0, "", True)
        candidates = [one for one in CANDIDATES if seen.meaning.shape[1] or not one.mix.meaning]
        if kernels is None:
            candidates = [one for one in candidates if not one.mix.characters]
        rows = np.arange(len(seen))
        if len(rows) > _TRIED_ON:
            rows = np.sort(np.random.default_rng(self.seed).permutation(rows)[:_TRIED_ON])
        of = [owners[row] for row in rows]
        splits = _divisions(truth[rows], of, _FOLDS if len(rows) <= _MANY else _FEWER, self.seed)
        if kernels is None:
            kernels, truth = Kernels(seen.take(rows), [one.mix for one in candidates]), truth[rows]
        else:
            splits = [Split(rows[one.train], rows[one.test], one.name) for one in splits]
            of = owners

        def decide(scores: Scores) -> Decisions:
            """Give each label of a fold from the score on that was best on the other folds."""
            given = np.zeros(truth.shape, bool)
            for split in splits:
                cuts = best_cuts(scores[split.train], truth[split.train])
                few = few_articles(truth[split.train], [of[row] for row in split.train])
                given[split.test] = scores[split.test] >= np.where(few, MIDDLE, cuts)
            return given

        targets = truth.astype(np.float64)
        return choose(kernels, targets, splits, held_out="articles", candidates=candidates, seconds=self.seconds, decide=decide)

    def _answered_within(
        self, kernels: Kernels | None, scores: Scores, truth: Decisions, rows: Rows, owners: list[Hashable]
    ) -> tuple[Scores, Decisions]:
        """Give scores of some texts from which thresholds are learned for others, by models that saw none of the others.

        Where all texts were held out in turn, the models that answered these had learned from the others: they are asked anew.
        """
        if kernels is None:
            return scores[rows], truth[rows]
        inner = [
            Split(rows[one.train], rows[one.test], one.name) for one in _divisions(truth[rows], owners, _FOLDS - 1, self.seed)
        ]
        if not inner:
            return np.zeros((0, truth.shape[1])), truth[:0]
        return unseen_scores(kernels, truth.astype(np.float64), inner, self.choice_.chosen)[rows], truth[rows]

    def adapted(self, texts: Sequence[str]) -> Self:
        """Give a copy for texts of another language: it compares meanings alone, from their mean, as `TextClassifier` does."""
        check_is_fitted(self)
        made = copy(self)
        made.scorer_ = self.scorer_.adapted(texts)
        made.cuts_, made.thresholds_ = self.meaning_cuts_, self.meaning_cuts_.thresholds
        return made

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Give the probability of every label, shape (n, k); they need not add up to 1."""
        check_is_fitted(self)
        return self.cuts_.probabilities(self.scorer_.scores(texts))

    def named(self, probabilities: Scores) -> list[tuple[str, ...]]:
        """Give the labels, ascending, whose probability reaches their threshold."""
        return [tuple(self.classes_[row].tolist()) for row in probabilities >= self.thresholds_]

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Give every text its labels, ascending; none where none is probable enough."""
        return self.named(self.predict_proba(texts))


def _checked(labels: Sequence[Collection[str]]) -> list[tuple[str, ...]]:
    """Give the labels of each text, ascending."""
    for own in labels:
        if isinstance(own, str) or not isinstance(own, Collection):
            raise DataError(f"{str(own)[:60]!r} is no set of labels", remedy="give every text a set, such as {'sport'}")
    return [tuple(sorted({str(name) for name in own})) for own in labels]


def _divisions(truth: Decisions, owners: list[Hashable], folds: int, seed: int) -> list[Split]:
    """Hold articles out in turn, every label as even over the folds as they allow; nothing can be held out of one article."""
    if len(set(owners)) < 2:
        return []
    # A text of several labels counts once for each.
    with_none = np.column_stack([truth, ~truth.any(axis=1)])
    rows, columns = np.nonzero(with_none)
    splits = by_group(columns.tolist(), [owners[row] for row in rows], folds=folds, seed=seed)
    return [Split(np.unique(rows[one.train]), np.unique(rows[one.test]), one.name) for one in splits]
