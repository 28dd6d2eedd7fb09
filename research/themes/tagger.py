"""Which themes a passage states: a codebook's words, embeddings and learned words, weighed by whatever labels there are.

Three parts look at a passage. The codebook's words need no label. A logistic regression on embeddings and one on TF-IDF terms
learn from labels. What each says of unseen articles (cross-fitting) teaches a last logistic regression how far to trust it. To
its log odds the codebook's own score is added once more, as a prior: labelled articles are few and differ from other news in
how often they use the expected words. The sum, scaled to the labels, is the score. A theme with too few labels is scored by the
codebook alone, and its score is no probability.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from research.errors import ConfigError, DataError
from research.features import EmbeddingStore, Encoder, embed
from research.text.analyzer import ArabicAnalyzer, same
from research.text.normalize import ANALYSIS_STEPS
from research.themes.codebook import Codebook
from research.themes.matching import Match, Matcher

__all__ = ["PARTS", "Seen", "ThemeTagger"]

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.float64]

#: What may look at a passage.
PARTS: tuple[str, ...] = ("codebook", "embeddings", "words")

_ENOUGH = 8  # labelled passages that state a theme, and articles that they come from, below which it is not learned
_ENOUGH_GROUPS = 4
_MOST_HINTS = 3
_BLOCK = 2_000  # texts that are looked at together
_NO_PHRASES = 1_000_000_000
_REGULARISATION = {"embeddings": 3.0, "words": 10.0, "fusion": 10.0}
# Scores of the codebook alone: a seed, two hints, one hint, nothing. They order passages; they are no probabilities.
_SEED, _SEED_STEP, _MOST, _HINTS, _HINT, _NOTHING = 0.8, 0.05, 0.95, 0.6, 0.4, 0.25
_PRIOR_NOTHING = 0.12  # what the codebook's prior gives a passage without any of its words
# Present from the first on, from the second on too likely to be ruled out: of a codebook alone, and of what was learned.
_BY_CODEBOOK, _LEARNED = (0.5, 0.3), (0.4, 0.2)


@dataclass(frozen=True, eq=False)
class Seen:
    """What the parts see in some texts.

    Attributes
    ----------
    matches : list of list of Match
        The codebook's words in every text.
    counts : ndarray of float64, shape (n, themes, 3)
        How many different seeds, words that meet, and hints each text holds.
    embeddings : ndarray of float32, shape (n, d)
        Zeros for a blank text.
    terms : list of list of (str, int, int) or None
        Terms with their characters; None before the words were learned.
    """

    matches: list[list[Match]]
    counts: npt.NDArray[np.float64]
    embeddings: Matrix
    terms: list[list[tuple[str, int, int]]] | None


class ThemeTagger(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Give every theme of a codebook to the passages that state it.

    Parameters
    ----------
    codebook : Codebook
        What `research.themes.load_codebook` gives.
    encoder : Encoder or None
        See `research.features.get_encoder`; None leaves embeddings out.
    store : EmbeddingStore or None
        Where embeddings are kept.
    parts : sequence of str
        Names from `PARTS`: what may look at a passage.
    trust : float
        How much the codebook's own log odds count beside what was learned; 0 leaves them out.
    folds : int
        Into how many parts the labelled articles are divided for cross-fitting.
    seed : int
        Seed of that division.
    analyzer : ArabicAnalyzer or None
        Not fitted; makes terms of the words that are learned, phrases of names only. Its normalisation steps are also those
        in which the codebook's words are compared. None takes every step.

    Attributes
    ----------
    classes_ : ndarray of str, shape (themes,)
        The themes' keys.
    calibrated_ : ndarray of bool, shape (themes,)
        Whether a theme's score is a probability, learned from labels.
    thresholds_ : ndarray of float64, shape (themes,)
        From this score on a theme is present.
    open_from_ : ndarray of float64, shape (themes,)
        From this score on it is not ruled out.
    texts_, truth_ : list of str, ndarray of float64
        What was learned from.
    cross_fitted_ : ndarray of float64, shape (n, themes)
        Scores of the labelled texts by models that have not seen their article; NaN where a theme was not learned.

    Notes
    -----
    Stacking: Wolpert, D. (1992). Stacked generalization. Neural Networks 5. The last step is Platt's scaling of all parts
    together: Platt, J. (1999). Probabilistic outputs for support vector machines. By scikit-learn.

    Examples
    --------
    >>> from research.themes.codebook import Codebook, Theme
    >>> sanctions = Theme("sanctions", {"en": "Sanctions"}, "", {"ar": ("عقوبات",)})
    >>> tagger = ThemeTagger(Codebook("1", {}, (sanctions,)), encoder=None).fit(["فرضت عقوبات", "فاز الفريق"])
    >>> tagger.predict(["رفعت العقوبات عن المصرف", "أمطار غزيرة"]).tolist(), tagger.calibrated_.tolist()
    ([[True], [False]], [False])
    """

    classes_: npt.NDArray[np.str_]
    calibrated_: npt.NDArray[np.bool_]
    thresholds_: Scores
    open_from_: Scores
    cross_fitted_: Scores

    def __init__(
        self,
        codebook: Codebook,
        encoder: Encoder | None = None,
        store: EmbeddingStore | None = None,
        parts: Sequence[str] = PARTS,
        trust: float = 1.0,
        folds: int = 8,
        seed: int = 0,
        analyzer: ArabicAnalyzer | None = None,
    ) -> None:
        self.codebook = codebook
        self.encoder = encoder
        self.store = store
        self.parts = parts
        self.trust = trust
        self.folds = folds
        self.seed = seed
        self.analyzer = analyzer

    # -- learning -----------------------------------------------------------------------------------------------------

    def fit(
        self,
        X: Sequence[str],
        y: npt.ArrayLike | None = None,
        groups: Sequence[Hashable] | None = None,
        embeddings: Matrix | None = None,
    ) -> Self:
        """Learn from labelled passages, or, without labels, only take the codebook's words.

        Parameters
        ----------
        X : sequence of str, length n
            Passages.
        y : array, shape (n, themes), optional
            1 where a passage states a theme, 0 where not, NaN (or -1) where that is open.
        groups : sequence, length n, optional
            The article of every passage: those of one article are never on both sides. Each its own when not given.
        embeddings : ndarray of float32, shape (n, d), optional
            Ready embeddings of the passages.

        Returns
        -------
        ThemeTagger
            Itself.

        Raises
        ------
        ConfigError
            If a part is unknown or the division impossible.
        DataError
            If labels and passages do not fit together.
        """
        self._check()
        texts = list(X)
        truth = self._truth(y, len(texts))
        if groups is not None and len(groups) != len(texts):
            raise DataError(f"{len(groups)} articles for {len(texts)} passages", remedy="name the article of every passage")
        n_themes = len(self.codebook.themes)
        self.classes_ = np.array(self.codebook.keys)
        self.texts_, self.truth_ = texts, truth
        self.matcher_ = Matcher(self.codebook, ANALYSIS_STEPS if self.analyzer is None else self.analyzer.steps)
        self.calibrated_ = np.zeros(n_themes, bool)
        self.thresholds_, self.open_from_ = np.full(n_themes, _BY_CODEBOOK[0]), np.full(n_themes, _BY_CODEBOOK[1])
        self.cross_fitted_ = np.full((len(texts), n_themes), np.nan)
        self.analyzer_: ArabicAnalyzer | None = None
        self.heads_: dict[tuple[str, int], LogisticRegression] = {}
        self.fusion_: dict[int, _Fusion] = {}
        self._odds: dict[tuple[Hashable, ...], float] = {}  # of the counts that were met: there are few
        self.examples_ = self._embed_examples()
        codes = np.unique(
            np.array([str(group) for group in groups] if groups is not None else range(len(texts))), return_inverse=True
        )[1]
        for theme in range(n_themes):
            stated = truth[:, theme] == 1
            self.calibrated_[theme] = (
                stated.sum() >= _ENOUGH
                and len(set(codes[stated])) >= _ENOUGH_GROUPS
                and (truth[:, theme] == 0).sum() >= _ENOUGH
            )
        self.thresholds_[self.calibrated_], self.open_from_[self.calibrated_] = _LEARNED
        if self.calibrated_.any():
            with threadpool_limits(1):  # matrices this small gain nothing from threads
                self._learn(texts, truth, codes, embeddings)
        return self

    def _check(self) -> None:
        unknown = [part for part in self.parts if part not in PARTS]
        if unknown or not self.parts:
            raise ConfigError(f"unknown part {unknown[0]!r}" if unknown else "no part", remedy=f"parts are {', '.join(PARTS)}")
        if not self.trust >= 0:
            raise ConfigError(f"trust is {self.trust}", remedy="give 0 or more")
        if self.folds < 2:
            raise ConfigError(f"folds is {self.folds}", remedy="give at least 2")

    def _truth(self, y: npt.ArrayLike | None, n: int) -> Labels:
        n_themes = len(self.codebook.themes)
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

    def _learn(self, texts: list[str], truth: Labels, codes: npt.NDArray[np.intp], embeddings: Matrix | None) -> None:
        learned = [part for part in ("embeddings", "words") if part in self.parts]
        matrices: dict[str, Any] = {}
        if "words" in learned:
            # Names are joined, so that they can be left out; other phrases would hide the words that they share.
            given = ArabicAnalyzer() if self.analyzer is None else clone(self.analyzer)
            self.analyzer_ = given.set_params(min_count=_NO_PHRASES).fit(texts)
        seen = self.look(texts, embeddings)
        if seen.terms is not None:
            self.vectorizer_ = TfidfVectorizer(analyzer=same, sublinear_tf=True, dtype=np.float64)
            matrices["words"] = self.vectorizer_.fit_transform([[term for term, _, _ in row] for row in seen.terms])
        if "embeddings" in learned:
            matrices["embeddings"] = seen.embeddings
        chosen = [int(theme) for theme in np.flatnonzero(self.calibrated_)]
        # What each learned part says of articles that it has not seen.
        said = {part: np.zeros(truth.shape) for part in learned}
        for train, test in GroupKFold(min(self.folds, len(set(codes))), shuffle=True, random_state=self.seed).split(
            truth, groups=codes
        ):
            for theme in chosen:
                for part in learned:
                    head = _head(part, matrices[part], truth[:, theme], train)
                    said[part][test, theme] = 0.0 if head is None else head.decision_function(matrices[part][test])
        for theme in chosen:
            known = np.flatnonzero(~np.isnan(truth[:, theme]))
            for part in learned:
                head = _head(part, matrices[part], truth[:, theme], known)
                if head is not None:
                    self.heads_[part, theme] = head
            columns = self._columns(seen.counts[:, theme], [said[part][:, theme] for part in learned])
            prior = self._prior(seen.counts[:, theme])
            answers = truth[:, theme]
            self.fusion_[theme] = _Fusion.learn(columns[known], prior[known], answers[known])
            # The last step has few weights: its own cross-fitting needs no second round of the parts'.
            again = GroupKFold(min(self.folds, len(set(codes))), shuffle=True, random_state=self.seed + 1)
            for train, test in again.split(truth, groups=codes):
                rows = train[~np.isnan(answers[train])]
                if 0 < answers[rows].sum() < len(rows):
                    model = _Fusion.learn(columns[rows], prior[rows], answers[rows])
                    self.cross_fitted_[test, theme] = expit(model.log_odds(columns[test], prior[test]))

    def _prior(self, counts: npt.NDArray[np.float64]) -> Scores:
        """Log odds that the codebook alone gives one theme, weighed by the trust in it; counts of shape (n, 3)."""
        if "codebook" not in self.parts:
            return np.zeros(len(counts))
        seeds, hints = counts[:, :2].sum(axis=1), counts[:, 2]
        score = np.select(
            [seeds > 0, hints >= 2, hints == 1],
            [np.minimum(_SEED + _SEED_STEP * (seeds - 1), _MOST), np.full(len(counts), _HINTS), np.full(len(counts), _HINT)],
            _PRIOR_NOTHING,
        )
        result: Scores = self.trust * odds(score)
        return result

    def _columns(self, counts: npt.NDArray[np.float64], logits: Sequence[Scores]) -> Scores:
        """What the last step sees of one theme, shape (n, columns)."""
        columns = list(logits)
        if "codebook" in self.parts:
            seeds, together, hints = counts.T
            columns += [
                (seeds + together > 0).astype(float),
                (seeds + together > 1).astype(float),
                np.minimum(hints, _MOST_HINTS),
            ]
        return np.column_stack(columns)

    # -- use ----------------------------------------------------------------------------------------------------------

    def look(self, texts: Sequence[str], embeddings: Matrix | None = None) -> Seen:
        """Let every part see some texts; `scores` takes the result."""
        self._must_be_fitted()
        looked = [self.matcher_.look(text) for text in texts]
        matches = [found for found, _ in looked]
        counts = np.zeros((len(texts), len(self.classes_), 3))
        kinds = {"seed": 0, "together": 1, "hint": 2}
        for row, found in enumerate(matches):
            for theme, kind, _ in {(match.theme, match.kind, match.seed) for match in found}:
                counts[row, theme, kinds[kind]] += 1
        if embeddings is None and self.encoder is not None and "embeddings" in self.parts:
            embeddings = embed(texts, self.encoder, self.store)
        if embeddings is None:
            embeddings = np.zeros((len(texts), 1), np.float32)
        if len(embeddings) != len(texts):
            raise DataError(f"{len(embeddings)} embeddings for {len(texts)} texts", remedy="give one row a text")
        located = None
        if self.analyzer_ is not None:
            located = [self._topical(text, titles) for text, (_, titles) in zip(texts, looked, strict=True)]
        return Seen(matches, counts, np.nan_to_num(embeddings), located)

    def scores(self, seen: Seen) -> Scores:
        """Score every theme in texts that were looked at.

        Returns
        -------
        ndarray of float64, shape (n, themes)
            0 to 1; a probability where the theme is calibrated.
        """
        found = np.zeros(seen.counts.shape[:2])
        if not len(found):
            return found
        words = self.word_matrix(seen)
        with threadpool_limits(1):
            for theme in range(len(self.classes_)):
                if theme not in self.fusion_:
                    found[:, theme] = self._by_codebook(theme, seen)
                else:
                    found[:, theme] = expit(self._fused(theme, seen, words))
        return found

    def _fused(self, theme: int, seen: Seen, words: Any) -> Scores:
        logits = []
        for part in ("embeddings", "words"):
            if part in self.parts:
                head = self.heads_.get((part, theme))
                matrix = seen.embeddings if part == "embeddings" else words
                logits.append(np.zeros(len(seen.counts)) if head is None else head.decision_function(matrix))
        columns = self._columns(seen.counts[:, theme], logits)
        return self.fusion_[theme].log_odds(columns, self._prior(seen.counts[:, theme]))

    def word_matrix(self, seen: Seen) -> Any:
        """Give the TF-IDF matrix of located terms, None where words were not learned."""
        if self.analyzer_ is None or seen.terms is None:
            return None
        return self.vectorizer_.transform([[term for term, _, _ in row] for row in seen.terms])

    def _topical(self, text: str, titles: Sequence[tuple[int, int]]) -> list[tuple[str, int, int]]:
        """Give the terms of a text with their characters, without names and titles.

        Which countries the labelled articles tell of, and which minister speaks, says nothing about what a theme is.
        """
        assert self.analyzer_ is not None
        return [
            (term, start, end)
            for term, start, end in self.analyzer_.locate(text)
            if not self.analyzer_.is_name(term) and not any(first < end and start < last for first, last in titles)
        ]

    def word_weights(self, theme: int) -> Scores | None:
        """Give what every learned term adds to a theme's log odds for each unit of its TF-IDF; None where none was learned."""
        head = self.heads_.get(("words", theme))
        if head is None or theme not in self.fusion_:
            return None
        place = [part for part in ("embeddings", "words") if part in self.parts].index("words")
        fusion = self.fusion_[theme]
        weights: Scores = head.coef_[0] * fusion.weights[place] * fusion.scale
        return weights

    def codebook_weights(self, theme: int, counts: npt.NDArray[np.float64]) -> dict[str, float]:
        """Give what the seeds and the hints of a passage add to a theme's log odds, from their counts, shape (3,)."""
        without_hints, nothing = counts * (1, 1, 0), counts * 0
        steps = [self._codebook_odds(theme, one) for one in (counts, without_hints, nothing)]
        return {"seed": steps[1] - steps[2], "hint": steps[0] - steps[1]}

    def _codebook_odds(self, theme: int, counts: npt.NDArray[np.float64]) -> float:
        """What the codebook's words add to a theme's log odds, for the counts of one passage."""
        key = theme, self.trust, tuple(self.parts), *counts.tolist()
        if key not in self._odds:
            self._odds[key] = self._odds_of(theme, counts[None, :])
        return self._odds[key]

    def _odds_of(self, theme: int, row: npt.NDArray[np.float64]) -> float:
        if theme in self.fusion_:
            if "codebook" not in self.parts:
                return 0.0
            fusion = self.fusion_[theme]
            return float(fusion.scale * (self._columns(row, ())[0] @ fusion.weights[-3:] + self._prior(row)[0]))
        return float(odds(self._codebook_score(row, np.full(1, _NOTHING)))[0])

    def score_without(self, theme: int, score: float, before: tuple[int, int], after: tuple[int, int]) -> float:
        """Give a passage's score for a theme with fewer of the codebook's words.

        Parameters
        ----------
        theme : int
            Its number.
        score : float
            With all words.
        before, after : (int, int)
            How many different seeds (with words that meet) and hints the passage holds, with all words and with fewer.
        """
        odds_of = [self._codebook_odds(theme, np.array([seeds, 0.0, hints])) for seeds, hints in (before, after)]
        return float(expit(odds(score) - odds_of[0] + odds_of[1]))

    def primary(self, texts: Sequence[str], embeddings: Matrix | None = None) -> tuple[npt.NDArray[np.int64], Scores]:
        """Give every text its surest theme.

        Parameters
        ----------
        texts : sequence of str, length n
            Passages; those that were learned from are scored by models that had not seen their article.
        embeddings : ndarray of float32, shape (n, d), optional
            Ready embeddings.

        Returns
        -------
        (ndarray of int64, shape (n,), ndarray of float64, shape (n,))
            The theme with the highest score among those that are present, -1 where none is; its score, NaN where none is.
        """
        given, sure = np.full(len(texts), -1, np.int64), np.full(len(texts), np.nan)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            found = self.scores(self.look(block, None if embeddings is None else embeddings[start : start + _BLOCK]))
            found = self.by_others(block, found)
            present = np.where(found >= self.thresholds_, found, -1.0)
            best = present.argmax(axis=1)
            kept = np.flatnonzero(present[np.arange(len(block)), best] >= 0)
            given[start + kept], sure[start + kept] = best[kept], present[kept, best[kept]]
        return given, sure

    def by_others(self, texts: Sequence[str], scores: Scores) -> Scores:
        """Put the scores of models that had not seen their article in the place of those of texts that were learned from."""
        unseen = self.unseen_scores()
        return (
            np.stack(
                [np.where(np.isnan(own := unseen.get(text, row)), row, own) for text, row in zip(texts, scores, strict=True)]
            )
            if len(texts)
            else scores
        )

    def unseen_scores(self) -> dict[str, Scores]:
        """Give the cross-fitted scores of the labelled texts, by text; of equal ones the first."""
        found: dict[str, Scores] = {}
        for text, row in zip(self.texts_, self.cross_fitted_, strict=True):
            found.setdefault(text, row)
        return found

    def embeddings_of(self, texts: Sequence[str]) -> Matrix | None:
        """Embed texts that nobody will ask for again: the store is read and left as it is."""
        return embed(texts, self.encoder) if self.encoder is not None and "embeddings" in self.parts else None

    def _by_codebook(self, theme: int, seen: Seen) -> Scores:
        """Order passages by the codebook alone: seeds, then hints, then how much they resemble an example."""
        found = np.zeros(len(seen.counts))
        examples = self.examples_[theme]
        if len(examples) and seen.embeddings.shape[1] == examples.shape[1]:
            nearest = (seen.embeddings @ examples.T).max(axis=1, initial=0.0)
            # Resemblance decides only where there is nothing else to go by.
            only = not self.codebook.themes[theme].has_words
            found = np.clip(nearest, 0, 1) * (1.0 if only else _NOTHING)
        return self._codebook_score(seen.counts[:, theme], found) if "codebook" in self.parts else found

    def _codebook_score(self, counts: npt.NDArray[np.float64], otherwise: Scores) -> Scores:
        """Score by the codebook's words, counts of shape (n, 3); where there is none, as given."""
        seeds, hints = counts[:, :2].sum(axis=1), counts[:, 2]
        found = np.where(hints == 1, np.maximum(otherwise, _HINT), otherwise)
        found = np.where(hints >= 2, np.maximum(found, _HINTS), found)
        return np.where(seeds > 0, np.minimum(_SEED + _SEED_STEP * (seeds - 1), _MOST), found)

    def _embed_examples(self) -> list[Matrix]:
        if self.encoder is None or "embeddings" not in self.parts:
            return [np.zeros((0, 1), np.float32) for _ in self.codebook.themes]
        rows = [[*theme.examples, *filter(None, [theme.definition])] for theme in self.codebook.themes]
        return [np.nan_to_num(embed(texts, self.encoder, self.store)) for texts in rows]

    def predict_proba(self, X: Sequence[str], embeddings: Matrix | None = None) -> Scores:
        """Score every theme in every text, shape (n, themes); see `calibrated_` for which scores are probabilities."""
        return self.scores(self.look(list(X), embeddings))

    def predict(self, X: Sequence[str], embeddings: Matrix | None = None) -> npt.NDArray[np.bool_]:
        """Tell which themes are present, shape (n, themes)."""
        present: npt.NDArray[np.bool_] = self.predict_proba(X, embeddings) >= self.thresholds_
        return present

    def abstains(self, scores: Scores) -> npt.NDArray[np.bool_]:
        """Tell which scores are below the threshold but too high to rule the theme out."""
        open_: npt.NDArray[np.bool_] = (scores < self.thresholds_) & (scores >= self.open_from_)
        return open_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def _must_be_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError("this ThemeTagger has not seen any text yet: call fit first")


def _logistic(name: str) -> LogisticRegression:
    return LogisticRegression(C=_REGULARISATION[name], max_iter=2000)


def _head(part: str, matrix: Any, truth: Labels, rows: npt.NDArray[np.intp]) -> LogisticRegression | None:
    rows = rows[~np.isnan(truth[rows])]
    answers = truth[rows].astype(int)
    return _logistic(part).fit(matrix[rows], answers) if 0 < answers.sum() < len(answers) else None


@dataclass(frozen=True, eq=False)
class _Fusion:
    """The last step of one theme: weights of what the parts say, then Platt's scaling of their sum with the prior."""

    weights: Scores
    intercept: float
    centre: float  # the labelled passages' mean prior: a codebook that says the same of all of them says nothing
    scale: float
    shift: float

    @classmethod
    def learn(cls, columns: Scores, prior: Scores, answers: Labels) -> _Fusion:
        model = _logistic("fusion").fit(columns, answers.astype(int))
        centre = float(prior.mean())
        summed = model.decision_function(columns) + prior - centre
        platt = LogisticRegression(C=100.0, max_iter=2000).fit(summed[:, None], answers.astype(int))
        return cls(model.coef_[0], float(model.intercept_[0]), centre, float(platt.coef_[0, 0]), float(platt.intercept_[0]))

    def log_odds(self, columns: Scores, prior: Scores) -> Scores:
        result: Scores = self.scale * (columns @ self.weights + self.intercept + prior - self.centre) + self.shift
        return result


def odds(score: Scores | float) -> Any:
    """Log odds of scores, finite."""
    return logit(np.clip(score, 1e-6, 1 - 1e-6))
