"""A fitted classifier's answers: the class of every article, how sure, and whether it is like what was learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from research.classification.articles import ArticleText, main_script
from research.classification.result import Classified, Scores
from research.classifiers.classifier import TextClassifier
from research.classifiers.deletion import Span

__all__ = ["answer", "given_answers", "probabilities_of", "seen_as"]


def seen_as(model: TextClassifier, learned: Sequence[str], given: Sequence[str]) -> TextClassifier:
    """Give a classifier that sees texts of another script than it learned from as those lie; itself where the script is one.

    Parameters
    ----------
    model : TextClassifier
        A fitted one that has an encoder.
    learned : sequence of str
        What it learned from.
    given : sequence of str
        What it shall see, or a sample of that.
    """
    return model.adapted(given) if main_script(given) not in ("", main_script(learned)) else model


def answer(model: TextClassifier, wanted: Sequence[ArticleText], threshold: float = 0.0) -> tuple[Classified, ...]:
    """Give articles their classes by a fitted classifier; every one has a row, those without text with a reason.

    Parameters
    ----------
    model : TextClassifier
        See `seen_as` for articles in another script.
    wanted : sequence of ArticleText
        See `research.classification.articles.article_texts`.
    threshold : float
        The probability from which on a class is given and not left open.

    Examples
    --------
    >>> from research.classification.articles import article_texts
    >>> from research.corpus import Corpus, Document
    >>> model = TextClassifier(encoder=None).fit(["فرض عقوبات", "عقوبات", "كأس الفريق", "فاز الفريق"], [*"aabb"])
    >>> [one.label for one in answer(model, article_texts(Corpus("new", (Document("e", "عقوبات"),)), False))]
    ['a']
    """
    classes = tuple(str(name) for name in model.classes_)
    return given_answers(wanted, *probabilities_of(model, wanted), classes, threshold, {})


def probabilities_of(model: TextClassifier, wanted: Sequence[ArticleText]) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """Give every article its probabilities, NaN without text, and tell which are unlike all that was learned from."""
    probabilities = np.full((len(wanted), len(model.classes_)), np.nan)
    unlike = np.zeros(len(wanted), bool)
    usable = [at for at, one in enumerate(wanted) if one.text.strip()]
    if usable:
        seen = model.views([wanted[at].text for at in usable])
        probabilities[usable] = model.probabilities(model.model_.scores(seen))
        unlike[usable] = model.familiar_.unlike(seen)
    return probabilities, unlike


def given_answers(
    wanted: Sequence[ArticleText],
    probabilities: Scores,
    unlike: npt.NDArray[np.bool_],
    classes: tuple[str, ...],
    threshold: float,
    evidence: Mapping[int, tuple[Span, ...]],
) -> tuple[Classified, ...]:
    """Put probabilities into rows.

    Parameters
    ----------
    wanted : sequence of ArticleText
        The articles.
    probabilities : ndarray, shape (n_articles, n_classes)
        See `probabilities_of`.
    unlike : ndarray of bool, shape (n_articles,)
        See `probabilities_of`.
    classes : tuple of str
        The columns of ``probabilities``.
    threshold : float
        The probability from which on a class is given and not left open.
    evidence : mapping of int to tuple of Span
        What carries the answer, by the position of the article.
    """
    return tuple(
        _classified(one, probabilities[at], classes, threshold, bool(unlike[at]), evidence.get(at, ()))
        for at, one in enumerate(wanted)
    )


def _classified(
    one: ArticleText,
    sure: Scores,
    classes: tuple[str, ...],
    threshold: float,
    unlike: bool,
    evidence: tuple[Span, ...],
) -> Classified:
    if np.isnan(sure).any():
        return Classified(one.id, one.text, "", float("nan"), "", "none", False, one.label, reason=one.problem)
    order = np.argsort(-sure, kind="stable")
    score = float(sure[order[0]])
    second = classes[order[1]] if len(classes) > 1 else ""
    decision = "given" if score >= threshold else "abstain"
    places = tuple(one.place(span.start, span.end) for span in evidence)
    return Classified(one.id, one.text, classes[order[0]], score, second, decision, unlike, one.label, evidence, places)
