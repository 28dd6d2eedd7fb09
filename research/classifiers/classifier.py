"""A classifier of texts that chooses by itself what to look at, and says how sure it is by what it has not seen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from research.classifiers.ridge import Candidate, Kernels, Mix, Scores, fit_ridge
from research.classifiers.selection import CANDIDATES, Choice, best_by_meaning, choose, unseen_scores
from research.classifiers.splits import Split, by_group, by_source
from research.classifiers.terms import class_terms
from research.classifiers.unlike import learn_familiar
from research.errors import ConfigError, DataError
from research.features import EmbeddingStore, Encoder, get_encoder, window_means
from research.features.views import Views, learn_views

__all__ = ["ENOUGH", "TextClassifier"]

_TRIED_ON = 4_000  # texts on which candidates are tried
# Texts up to which all are compared with all. Beyond, pieces of words are not looked at (words suffice then, in a fifth of the
# time), and one part of five is held out to say how sure a score is.
_WHOLE = 8_000
_FOLDS, _FEWER = 5, 3
#: Texts of another language from which on their mean is trusted.
ENOUGH = 20
_SHARPEST = 100.0
_UNKNOWN = 4.0  # sharpness where nothing could be held out


class TextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify texts by ridge regression on their words, the pieces of their words and their meaning.

    Parameters
    ----------
    encoder : str, Encoder or None
        See `research.features.get_encoder`; None looks at words alone.
    candidate : Candidate, optional
        How to learn; chosen on held-out texts when not given.
    seconds : float, optional
        The time for choosing; no limit when not given. With a limit, what is chosen depends on the machine.
    store : bool
        Whether embeddings are kept on disk for the next time.
    seed : int
        Seed of the divisions.

    Attributes
    ----------
    classes_ : ndarray of object, shape (k,)
        The names of the classes, ascending.
    choice_ : Choice
        What was tried, and what was taken.
    held_out_ : ndarray of float64, shape (n, k)
        The probabilities of every text by models that have not seen its article; NaN where none could be made.
    space_ : ViewSpace
        How texts are seen.
    model_ : RidgeModel
        What gives them scores.
    terms_ : tuple of tuple of Term
        The words that go with each class, in the order of the classes.
    familiar_ : Familiar
        What tells whether a text is like those that were learned from.
    sharpness_ : float
        What scores are multiplied by to become log odds.
    calibrated_ : bool
        Whether that was learned from held-out texts.
    by_meaning_ : RidgeModel or None
        What gives scores by meaning alone, to texts of another language, and None without an encoder.
    meaning_sharpness_ : float
        The sharpness of those.

    Notes
    -----
    The same texts give the same answer in any order. A probability is the softmax of the scores, their sharpness the most
    likely one on held-out texts: Guo, C. and others (2017). On calibration of modern neural networks.

    Examples
    --------
    >>> texts = ["فرض عقوبات على السفن", "عقوبات جديدة على الشركات", "فاز الفريق بالكأس", "كأس العالم والفريق"]
    >>> model = TextClassifier(encoder=None).fit(texts, ["sanctions", "sanctions", "sport", "sport"])
    >>> model.predict(["عقوبات على المصارف", "الفريق في الكأس"]).tolist()
    ['sanctions', 'sport']
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

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        groups: Sequence[Hashable] | None = None,
        sources: Sequence[str] | None = None,
    ) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Sentences, passages or articles.
        labels : sequence of str, length n
            The class of each.
        groups : sequence, optional
            The article of each, which is held out as a whole; each text its own when not given.
        sources : sequence of str, optional
            The outlet of each. Where there are several, candidates are tried on outlets that they have not seen.

        Returns
        -------
        TextClassifier
            Itself.

        Raises
        ------
        ConfigError
            If a parameter has a value that it cannot have.
        DataError
            If there is no text, or not one label a text.
        """
        self.check_params()
        lines, given = list(texts), [str(label) for label in labels]
        owners: list[Hashable] = list(range(len(lines))) if groups is None else list(groups)
        outlets = None if sources is None else [str(source) for source in sources]
        for name, values in (("labels", given), ("groups", owners), ("sources", outlets)):
            if values is not None and len(values) != len(lines):
                raise DataError(f"{len(values)} {name} for {len(lines)} texts", remedy="give one each")
        if not lines:
            raise DataError("there is no text to learn from", remedy="give labelled texts")
        # Equal texts of one class stand next to each other: what is learned does not depend on the order that they came in.
        order = sorted(range(len(lines)), key=lambda row: (lines[row], given[row], "" if groups is None else str(owners[row])))
        lines, given = [lines[row] for row in order], [given[row] for row in order]
        owners = list(range(len(lines))) if groups is None else [owners[row] for row in order]
        outlets = None if outlets is None else [outlets[row] for row in order]
        names = sorted(set(given))
        place = {name: column for column, name in enumerate(names)}
        self.classes_ = np.array(names, dtype=object)
        codes = np.array([place[label] for label in given])
        targets = np.eye(len(self.classes_))[codes]
        self.space_, seen = learn_views(lines, self.embeddings(lines))
        mixes = None if self.candidate is None else [self.candidate.mix, Mix(meaning=1.0)]
        kernels = Kernels(seen, mixes) if len(seen) <= _WHOLE else None
        self.choice_ = self._choose(seen, kernels, given, targets, owners, outlets)
        splits = divisions(given, owners, self.seed, folds=_FOLDS)
        found = held_out_scores(seen, kernels, targets, splits, self.choice_.chosen)
        told = ~np.isnan(found).any(axis=1)
        self.calibrated_ = bool(told.any()) and len(self.classes_) > 1
        self.sharpness_ = sharpness_of(found[told], codes[told]) if self.calibrated_ else _UNKNOWN
        self.held_out_ = np.empty_like(found)
        self.held_out_[order] = self.probabilities(found)
        self.model_ = fit_ridge(seen, targets, self.choice_.chosen, kernels)
        self._learn_by_meaning(seen, kernels, targets, codes, splits)
        del kernels
        self.terms_ = class_terms(seen.words, self.space_.surface.words.vocabulary, self.probabilities(found))
        self.familiar_ = learn_familiar(seen, owners)
        return self

    def check_params(self) -> None:
        """Raise ConfigError if a parameter has a value that it cannot have."""
        if self.seconds is not None and not self.seconds >= 0:
            raise ConfigError(f"seconds is {self.seconds}", remedy="give 0 or more")
        if self.seed < 0:
            raise ConfigError(f"seed is {self.seed}", remedy="give 0 or more")
        if self.candidate is not None:
            mix, penalty = self.candidate.mix, self.candidate.penalty
            if not mix.words + mix.characters + (0 if self.encoder is None else mix.meaning) > 0:
                raise ConfigError("the candidate looks at nothing", remedy="give a view a share; meaning needs an encoder")
            if not 0 < penalty < np.inf:
                raise ConfigError(f"penalty is {penalty}", remedy="give more than 0")

    def embeddings(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Give the meaning of every text, shape (n, d); without an encoder d is 0."""
        if self.encoder is None:
            return np.zeros((len(texts), 0), np.float32)
        coder = self._coder()
        return window_means(texts, coder, EmbeddingStore.of(coder) if self.store else None)

    def _coder(self) -> Encoder:
        """Make the encoder once: it reads its weights at the first text."""
        if not isinstance(self.encoder, str):
            assert self.encoder is not None
            return self.encoder
        made: dict[str, Encoder] = self.__dict__.setdefault("_made", {})
        if self.encoder not in made:
            made[self.encoder] = get_encoder(self.encoder)
        return made[self.encoder]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_made"}

    def _choose(
        self,
        seen: Views,
        kernels: Kernels | None,
        labels: list[str],
        targets: Scores,
        owners: list[Hashable],
        outlets: list[str] | None,
    ) -> Choice:
        if self.candidate is not None:
            return Choice((), (self.candidate,), 0, "", True)
        candidates = [one for one in CANDIDATES if seen.meaning.shape[1] or not one.mix.meaning]
        if kernels is None:
            candidates = [one for one in candidates if not one.mix.characters]
        rows = np.arange(len(seen))
        if len(rows) > _TRIED_ON:
            rows = np.sort(np.random.default_rng(self.seed).permutation(rows)[:_TRIED_ON])
        held_out, splits = "articles", divisions([labels[row] for row in rows], [owners[row] for row in rows], self.seed)
        if outlets is not None and splits and len(set(outlets) - {""}) > 1:
            named, of = [outlets[row] for row in rows], [owners[row] for row in rows]
            try:
                splits = by_source(named, of) if len(set(named) - {""}) <= _FOLDS else _in_parts(named, of, self.seed)
                held_out = "outlets"
            except DataError:
                pass  # an outlet shares an article with every other text: articles are held out
        if kernels is None:
            kernels, targets = Kernels(seen.take(rows), [one.mix for one in candidates]), targets[rows]
        else:
            splits = [Split(rows[one.train], rows[one.test], one.name) for one in splits]
        return choose(kernels, targets, splits, held_out=held_out, candidates=candidates, seconds=self.seconds)

    def _learn_by_meaning(
        self, seen: Views, kernels: Kernels | None, targets: Scores, codes: npt.NDArray[np.intp], splits: Sequence[Split]
    ) -> None:
        """Learn what texts get that share no word with these: a model of words and meaning says little by its one half."""
        self.by_meaning_, self.meaning_sharpness_ = None, _UNKNOWN
        if not seen.meaning.shape[1] or targets.shape[1] < 2:
            return
        alone = (best_by_meaning(self.choice_),)
        if alone == self.choice_.chosen:
            self.by_meaning_, self.meaning_sharpness_ = self.model_, self.sharpness_
            return
        self.by_meaning_ = fit_ridge(seen, targets, alone, kernels)
        found = held_out_scores(seen, kernels, targets, splits if len(seen) <= _TRIED_ON else splits[:1], alone)
        told = ~np.isnan(found).any(axis=1)
        if told.any():
            self.meaning_sharpness_ = sharpness_of(found[told], codes[told])

    def adapted(self, texts: Sequence[str]) -> Self:
        """Give a copy for texts of another language, which have no labels: it compares meanings alone, from their mean.

        Words that no text shares with those that were learned from say nothing, and embeddings of one language lie around a
        centre of their own. With fewer than twenty texts that is not known well, and the centre stays.
        """
        check_is_fitted(self)
        made = copy(self)
        if self.by_meaning_ is not None:
            made.model_, made.sharpness_ = self.by_meaning_, self.meaning_sharpness_
        if self.encoder is not None and len(texts) >= ENOUGH:
            made.space_ = self.space_.centred_at(self.embeddings(list(texts)))
        return made

    def views(self, texts: Sequence[str]) -> Views:
        """See texts as the model does."""
        check_is_fitted(self)
        return self.space_.views(list(texts), self.embeddings(list(texts)))

    def scores(self, texts: Sequence[str]) -> Scores:
        """Give the score of every class, shape (n, k)."""
        check_is_fitted(self)
        return self.model_.scores(self.views(texts))

    def probabilities(self, scores: Scores) -> Scores:
        """Turn scores into probabilities, shape (n, k)."""
        if len(self.classes_) == 1:
            return np.where(np.isnan(scores), np.nan, 1.0)
        found: Scores = softmax(self.sharpness_ * scores, axis=1)
        return found

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Give the probability of every class, shape (n, k)."""
        check_is_fitted(self)
        return self.probabilities(self.scores(texts))

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.object_]:
        """Give every text its most probable class, an array of str."""
        check_is_fitted(self)
        found: npt.NDArray[np.object_] = self.classes_[self.scores(texts).argmax(axis=1)]
        return found


def held_out_scores(
    seen: Views, kernels: Kernels | None, targets: Scores, splits: Sequence[Split], chosen: Sequence[Candidate]
) -> Scores:
    """Give the scores of texts by models that have not seen their articles; NaN where none could be made."""
    if kernels is not None:
        return unseen_scores(kernels, targets, splits, chosen)
    found = np.full(targets.shape, np.nan)
    for split in splits[:1]:
        model = fit_ridge(seen.take(split.train), targets[split.train], chosen)
        found[split.test] = model.scores(seen.take(split.test))
    return found


def divisions(labels: list[str], owners: list[Hashable], seed: int, folds: int | None = None) -> list[Split]:
    """Hold articles out in turn; nothing can be held out of one article."""
    if len(set(owners)) < 2 or len(set(labels)) < 2:
        return []
    return by_group(labels, owners, folds=folds or (_FOLDS if len(labels) <= 1_000 else _FEWER), seed=seed)


def _in_parts(outlets: list[str], owners: list[Hashable], seed: int) -> list[Split]:
    """Hold out a fifth of many outlets at a time; a text without an outlet is always learned from."""
    codes = dict(zip(sorted(set(outlets) - {""}), _dealt(len(set(outlets) - {""}), seed), strict=True))
    return by_source(["" if not outlet else str(codes[outlet]) for outlet in outlets], owners)


def _dealt(count: int, seed: int) -> list[int]:
    return (np.random.default_rng(seed).permutation(count) % _FOLDS).tolist()  # type: ignore[no-any-return]


def sharpness_of(scores: Scores, codes: npt.NDArray[np.intp]) -> float:
    """Find the multiple of the scores under which the classes are most likely.

    Few answers that are all right do not make the next one certain: as if one more text had been answered at random (Platt, J.
    (1999). Probabilistic outputs for support vector machines).
    """
    n, k = scores.shape
    wanted = np.full((n, k), 1 / ((n + 2) * k))
    wanted[np.arange(n), codes] += 1 - 1 / (n + 2)

    def surprise(log: float) -> float:
        return -float((wanted * log_softmax(np.exp(log) * scores, axis=1)).sum())

    return float(np.exp(minimize_scalar(surprise, bounds=(0.0, np.log(_SHARPEST)), method="bounded").x))
