"""Which themes a passage states: a codebook's words, embeddings and learned words, weighed by whatever labels there are.

Three parts look at a passage. The codebook's words need no label. A logistic regression on embeddings and one on TF-IDF terms
learn from labels. What each says of unseen articles (cross-fitting) teaches a last logistic regression how far to trust it. To
its log odds the codebook's own score is added once more, as a prior: labelled articles are few and differ from other news in
how often they use the expected words. The sum, scaled to the labels, is the score. A theme with too few labels is scored by the
codebook alone, and its score is no probability.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from research.errors import ConfigError, DataError
from research.features import EmbeddingStore, Encoder, embed
from research.text.analyzer import ArabicAnalyzer, same
from research.text.normalize import ANALYSIS_STEPS
from research.themes.by_codebook import codebook_scores, odds, resemblance
from research.themes.codebook import Codebook
from research.themes.fusion import Fusion, FusionInput
from research.themes.learning import Learned, Rows, article_codes, checked_labels, enough_labels, learn
from research.themes.matching import Matcher
from research.themes.parts import PARTS, Seen, check_parts, count_matches, embed_examples, topical_terms
from research.themes.thresholds import open_scores, surest, thresholds_of

__all__ = ["PARTS", "Scores", "Seen", "ThemeTagger", "odds"]

Matrix = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.float64]

_BLOCK = 2_000  # texts that are looked at together
_NO_PHRASES = 1_000_000_000

_Fusion = Fusion  # its name in taggers that were pickled before it had a file of its own


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
        texts, n_themes = list(X), len(self.codebook.themes)
        truth = checked_labels(y, len(texts), n_themes)
        if groups is not None and len(groups) != len(texts):
            raise DataError(f"{len(groups)} articles for {len(texts)} passages", remedy="name the article of every passage")
        codes = article_codes(groups, len(texts))
        self.classes_ = np.array(self.codebook.keys)
        self.texts_, self.truth_ = texts, truth
        self.matcher_ = Matcher(self.codebook, ANALYSIS_STEPS if self.analyzer is None else self.analyzer.steps)
        self.calibrated_ = enough_labels(truth, codes)
        self.thresholds_, self.open_from_ = thresholds_of(self.calibrated_)
        self.cross_fitted_ = np.full((len(texts), n_themes), np.nan)
        self.analyzer_: ArabicAnalyzer | None = None
        self.heads_: dict[tuple[str, int], LogisticRegression] = {}
        self.fusion_: dict[int, Fusion] = {}
        self._odds: dict[tuple[Hashable, ...], float] = {}  # of the counts that were met: there are few
        coder = self.encoder if "embeddings" in self.parts else None
        self.examples_ = embed_examples(self.codebook, coder, self.store)
        if self.calibrated_.any():
            with threadpool_limits(1):  # matrices this small gain nothing from threads
                self._learn(texts, truth, codes, embeddings)
        return self

    def _check(self) -> None:
        check_parts(self.parts)
        if not self.trust >= 0:
            raise ConfigError(f"trust is {self.trust}", remedy="give 0 or more")
        if self.folds < 2:
            raise ConfigError(f"folds is {self.folds}", remedy="give at least 2")

    def _learn(self, texts: list[str], truth: Labels, codes: Rows, embeddings: Matrix | None) -> None:
        given = self._learned().given
        matrices: dict[str, Any] = {}
        if "words" in given.learned:
            # Names are joined, so that they can be left out; other phrases would hide the words that they share.
            analyzer = ArabicAnalyzer() if self.analyzer is None else clone(self.analyzer)
            self.analyzer_ = analyzer.set_params(min_count=_NO_PHRASES).fit(texts)
        seen = self.look(texts, embeddings)
        if seen.terms is not None:
            self.vectorizer_ = TfidfVectorizer(analyzer=same, sublinear_tf=True, dtype=np.float64)
            matrices["words"] = self.vectorizer_.fit_transform([[term for term, _, _ in row] for row in seen.terms])
        if "embeddings" in given.learned:
            matrices["embeddings"] = seen.embeddings
        themes = [int(theme) for theme in np.flatnonzero(self.calibrated_)]
        learned = learn(matrices, seen.counts, truth, codes, themes, given, folds=self.folds, seed=self.seed)
        self.heads_, self.fusion_, self.cross_fitted_ = learned.heads, learned.fusion, learned.cross_fitted

    def _learned(self) -> Learned:
        return Learned(FusionInput(tuple(self.parts), self.trust), self.heads_, self.fusion_, self.cross_fitted_)

    # -- use ----------------------------------------------------------------------------------------------------------

    def look(self, texts: Sequence[str], embeddings: Matrix | None = None) -> Seen:
        """Let every part see some texts; `scores` takes the result."""
        self._must_be_fitted()
        looked = [self.matcher_.look(text) for text in texts]
        if embeddings is None and self.encoder is not None and "embeddings" in self.parts:
            embeddings = embed(texts, self.encoder, self.store)
        if embeddings is None:
            embeddings = np.zeros((len(texts), 1), np.float32)
        if len(embeddings) != len(texts):
            raise DataError(f"{len(embeddings)} embeddings for {len(texts)} texts", remedy="give one row a text")
        located = None
        if self.analyzer_ is not None:
            located = [topical_terms(self.analyzer_, text, titles) for text, (_, titles) in zip(texts, looked, strict=True)]
        matches = [found for found, _ in looked]
        return Seen(matches, count_matches(matches, len(self.classes_)), np.nan_to_num(embeddings), located)

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
        learned, matrices = self._learned(), {"embeddings": seen.embeddings, "words": self.word_matrix(seen)}
        with threadpool_limits(1):
            for theme in range(len(self.classes_)):
                if theme in self.fusion_:
                    found[:, theme] = expit(learned.log_odds(theme, matrices, seen.counts[:, theme]))
                else:
                    found[:, theme] = self._by_codebook(theme, seen)
        return found

    def _by_codebook(self, theme: int, seen: Seen) -> Scores:
        """Order passages by the codebook alone: seeds, then hints, then how much they resemble an example."""
        alike = resemblance(seen.embeddings, self.examples_[theme], has_words=self.codebook.themes[theme].has_words)
        return codebook_scores(seen.counts[:, theme], alike) if "codebook" in self.parts else alike

    def word_matrix(self, seen: Seen) -> Any:
        """Give the TF-IDF matrix of located terms, None where words were not learned."""
        if self.analyzer_ is None or seen.terms is None:
            return None
        return self.vectorizer_.transform([[term for term, _, _ in row] for row in seen.terms])

    def word_weights(self, theme: int) -> Scores | None:
        """Give what every learned term adds to a theme's log odds for each unit of its TF-IDF; None where none was learned."""
        return self._learned().word_weights(theme)

    def codebook_weights(self, theme: int, counts: npt.NDArray[np.float64]) -> dict[str, float]:
        """Give what the seeds and the hints of a passage add to a theme's log odds, from their counts, shape (3,)."""
        without_hints, nothing = counts * (1, 1, 0), counts * 0
        steps = [self._codebook_odds(theme, one) for one in (counts, without_hints, nothing)]
        return {"seed": steps[1] - steps[2], "hint": steps[0] - steps[1]}

    def _codebook_odds(self, theme: int, counts: npt.NDArray[np.float64]) -> float:
        """What the codebook's words add to a theme's log odds, for the counts of one passage."""
        key = theme, self.trust, tuple(self.parts), *counts.tolist()
        if key not in self._odds:
            self._odds[key] = self._learned().codebook_odds(theme, counts)
        return self._odds[key]

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
            known = None if embeddings is None else embeddings[start : start + _BLOCK]
            found = self.by_others(block, self.predict_proba(block, known))
            given[start : start + _BLOCK], sure[start : start + _BLOCK] = surest(found, self.thresholds_)
        return given, sure

    def by_others(self, texts: Sequence[str], scores: Scores) -> Scores:
        """Put the scores of models that had not seen their article in the place of those of texts that were learned from."""
        unseen = self.unseen_scores()
        rows = [np.where(np.isnan(own := unseen.get(text, row)), row, own) for text, row in zip(texts, scores, strict=True)]
        return np.stack(rows) if rows else scores

    def unseen_scores(self) -> dict[str, Scores]:
        """Give the cross-fitted scores of the labelled texts, by text; of equal ones the first."""
        found: dict[str, Scores] = {}
        for text, row in zip(self.texts_, self.cross_fitted_, strict=True):
            found.setdefault(text, row)
        return found

    def embeddings_of(self, texts: Sequence[str]) -> Matrix | None:
        """Embed texts that nobody will ask for again: the store is read and left as it is."""
        return embed(texts, self.encoder) if self.encoder is not None and "embeddings" in self.parts else None

    def predict_proba(self, X: Sequence[str], embeddings: Matrix | None = None) -> Scores:
        """Score every theme in every text, shape (n, themes); see `calibrated_` for which scores are probabilities."""
        return self.scores(self.look(list(X), embeddings))

    def predict(self, X: Sequence[str], embeddings: Matrix | None = None) -> npt.NDArray[np.bool_]:
        """Tell which themes are present, shape (n, themes)."""
        present: npt.NDArray[np.bool_] = self.predict_proba(X, embeddings) >= self.thresholds_
        return present

    def abstains(self, scores: Scores) -> npt.NDArray[np.bool_]:
        """Tell which scores are below the threshold but too high to rule the theme out."""
        return open_scores(scores, self.thresholds_, self.open_from_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def _must_be_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError("this ThemeTagger has not seen any text yet: call fit first")
