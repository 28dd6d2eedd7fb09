"""Lexical matrices: words, characters, and their latent dimensions. Each takes texts and is a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from research.cores import one_blas_thread
from research.features.neighbours import unit_rows
from research.text.analyzer import ArabicAnalyzer, same
from research.text.normalize import normalize

if TYPE_CHECKING:  # each of these takes a tenth of a second to import, and topics need none of them
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

__all__ = ["LatentSpace", "char_tfidf", "learn_latent", "lsa", "word_tfidf"]


def word_tfidf(*, min_df: int | float = 1, max_df: int | float = 1.0, analyzer: ArabicAnalyzer | None = None) -> Pipeline:
    """TF-IDF of terms: stems, names and phrases, without stop words.

    Parameters
    ----------
    min_df, max_df : int or float
        Terms in fewer or more texts are left out (a count, or a share).
    analyzer : ArabicAnalyzer, optional
        Another analyser than the default one.

    Returns
    -------
    sklearn.pipeline.Pipeline
        From texts to a sparse matrix, shape (n texts, n terms), rows of length 1.

    Examples
    --------
    >>> word_tfidf().fit_transform(["فرض عقوبات", "العقوبات والأسلحة"]).shape
    (2, 3)
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(analyzer=same, min_df=min_df, max_df=max_df, sublinear_tf=True, dtype=np.float32)
    return make_pipeline(analyzer or ArabicAnalyzer(), vectorizer)


def char_tfidf(*, min_df: int | float = 1, ngram_range: tuple[int, int] = (2, 5)) -> TfidfVectorizer:
    """TF-IDF of the character n-grams inside normalised words.

    Parameters
    ----------
    min_df : int or float
        N-grams in fewer texts are left out.
    ngram_range : (int, int)
        Shortest and longest n-gram.

    Returns
    -------
    sklearn.feature_extraction.text.TfidfVectorizer
        From texts to a sparse matrix, shape (n texts, n n-grams), rows of length 1.

    Examples
    --------
    >>> one, two = char_tfidf().fit_transform(["أسلحة", "اسلحه"])
    >>> bool((one != two).nnz == 0)
    True
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char_wb", preprocessor=normalize, ngram_range=ngram_range, min_df=min_df, sublinear_tf=True, dtype=np.float32
    )


class LatentSemantics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Truncated singular value decomposition with no more dimensions than the matrix has.

    Parameters
    ----------
    dimension : int
        At most this many.
    seed : int
        Seed of the randomised decomposition.

    Attributes
    ----------
    components_ : ndarray, shape (dimensions, n terms)
        Right singular vectors.
    """

    def __init__(self, dimension: int = 200, seed: int = 0) -> None:
        self.dimension = dimension
        self.seed = seed

    def fit(self, matrix: sparse.csr_matrix, y: Any = None) -> Self:
        """Decompose a matrix, shape (n texts, n terms)."""
        from sklearn.decomposition import TruncatedSVD

        most = min(self.dimension, matrix.shape[0] - 1, matrix.shape[1] - 1)
        if most < 1:  # one text or one term: nothing is latent
            self.components_ = np.ones((1, matrix.shape[1]), dtype=np.float32)
        else:
            with np.errstate(invalid="ignore"):  # rows that are all alike have no variance to explain
                self.components_ = TruncatedSVD(most, random_state=self.seed).fit(matrix).components_
        return self

    def transform(self, matrix: sparse.csr_matrix) -> npt.NDArray[np.float32]:
        """Project a matrix, to shape (n texts, dimensions)."""
        return np.asarray(matrix @ self.components_.T, dtype=np.float32)


def lsa(
    dimension: int = 200,
    *,
    n_texts: int,
    min_df: int | None = None,
    max_df: float | None = None,
    seed: int = 0,
    analyzer: Any = None,
) -> Pipeline:
    """Latent semantic analysis: the leading singular vectors of the word TF-IDF matrix.

    Parameters
    ----------
    dimension : int
        At most this many dimensions.
    n_texts : int
        How many texts it will be fitted on: it has fewer dimensions than that, and rare terms count only where there are few.
    min_df : int, optional
        Least number of texts a term is in; by default 1 below 200 texts, else 2, and 3 from 2,000 on.
    max_df : float, optional
        Largest share of the texts a term is in; by default all below 20 texts, else half.
    seed : int
        Seed of the randomised decomposition.
    analyzer : ArabicAnalyzer, optional
        Another analyser than the default one.

    Returns
    -------
    sklearn.pipeline.Pipeline
        From texts to a dense matrix, shape (n texts, at most dimension), rows of length 1.

    Notes
    -----
    Deerwester, S. and others (1990). Indexing by latent semantic analysis. By scikit-learn.

    Examples
    --------
    >>> lsa(2, n_texts=3).fit_transform(["فرض عقوبات", "العقوبات والأسلحة", "كأس العالم"]).shape
    (3, 2)
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    least = min_df if min_df is not None else 1 if n_texts < 200 else 2 if n_texts < 2000 else 3
    most = max_df if max_df is not None else 0.5 if n_texts >= 20 else 1.0
    words = word_tfidf(min_df=least, max_df=most, analyzer=analyzer)
    return make_pipeline(words[0], words[1], LatentSemantics(dimension, seed), Normalizer(copy=False))


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """What latent semantic analysis has learned, as plain data: it places lists of terms, known ones and new ones alike.

    Attributes
    ----------
    vocabulary : tuple of str
        The terms that count.
    weights : ndarray of float32, shape (terms,)
        Inverse document frequency of each.
    components : ndarray of float32, shape (dimensions, terms)
        Right singular vectors.
    """

    vocabulary: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    components: npt.NDArray[np.float32]

    def rows(self, terms: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Place texts, given as terms: shape (n texts, dimensions), of length 1; zeros for a text without a known term.

        A row depends on its own terms alone, to the last bit.

        Examples
        --------
        >>> terms = [["عقوبات", "سفن"], ["عقوبات", "شركات"], ["كأس", "فريق"]]
        >>> space = learn_latent(terms, 2, min_df=1)
        >>> bool((space.rows(terms)[1] == space.rows(terms[1:2])[0]).all()), bool(space.rows([["سماء"]]).any())
        (True, False)
        """
        return unit_rows(self._weighted(terms) @ np.ascontiguousarray(self.components.T), centre=False)

    def _weighted(self, terms: Sequence[Sequence[str]]) -> sparse.csr_matrix:
        """Give TF-IDF, tf as 1 + log, rows of length 1: as `word_tfidf` does, by sums in the order of the vocabulary."""
        n, width = len(terms), max(1, len(self.vocabulary))
        place = {term: column for column, term in enumerate(self.vocabulary)}
        columns = np.fromiter((place.get(term, -1) for line in terms for term in line), np.int64)
        cells = np.repeat(np.arange(n), [len(line) for line in terms]) * width + columns
        cells, counts = np.unique(cells[columns >= 0], return_counts=True)
        rows, columns = np.divmod(cells, width)
        values = (1 + np.log(counts)) * self.weights[columns]
        values /= np.sqrt(np.bincount(rows, values**2, minlength=n))[rows]
        starts = np.searchsorted(rows, np.arange(n + 1))
        return sparse.csr_matrix((values.astype(np.float32), columns, starts), shape=(n, len(self.vocabulary)))


def learn_latent(terms: Sequence[Sequence[str]], dimension: int, *, min_df: int | None = None, seed: int = 0) -> LatentSpace:
    """Learn a latent space from texts, given as terms.

    Parameters
    ----------
    terms : sequence of sequences of str, length n
        Terms in reading order; the last digits of what is learned depend on the order of the texts.
    dimension : int
        At most this many dimensions.
    min_df : int, optional
        As in `lsa`.
    seed : int
        Seed of the randomised decomposition.

    Returns
    -------
    LatentSpace
        Of at most n - 1 dimensions, of 1 at least.

    Examples
    --------
    >>> learn_latent([["عقوبات", "سفن"], ["عقوبات", "شركات"], ["كأس", "فريق"]], 2, min_df=1).components.shape
    (2, 5)
    """

    def fitted(**bounds: Any) -> list[Any]:
        pipeline = lsa(dimension, n_texts=len(terms), seed=seed, **bounds)[1:-1].fit(terms)
        return [step for _, step in pipeline.steps]

    with one_blas_thread():  # the last digits depend on the number of threads, too
        try:
            vectorizer, decomposition = fitted(min_df=min_df)
        except ValueError:  # no term is within the bounds: texts share none, or all of them, and every term counts
            vectorizer, decomposition = fitted(min_df=1, max_df=1.0)
        return LatentSpace(
            tuple(vectorizer.get_feature_names_out().tolist()),
            np.asarray(vectorizer.idf_, dtype=np.float32),
            np.ascontiguousarray(decomposition.components_, dtype=np.float32),
        )
