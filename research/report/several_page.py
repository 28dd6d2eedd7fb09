"""The page of articles that may have several labels: how far these can be trusted, what is missed, and what is too much."""

from __future__ import annotations

from pathlib import Path

from research.classification.several_result import SeveralResult
from research.messages import count, message
from research.report.class_estimates import add_method
from research.report.explorers import label_explorer
from research.report.page import Page
from research.report.provenance import add_unsaid
from research.report.several_answers import add_cooccurrence, add_errors
from research.report.several_estimates import told_of_estimate, told_of_limits
from research.report.several_labels import add_labels

__all__ = ["several_page"]


def several_page(result: SeveralResult, folder: Path | None = None) -> Page:
    """Make the page of a result with several labels an article.

    Parameters
    ----------
    result : SeveralResult
        What `research.classify_several` gave.
    folder : Path, optional
        Where its figures are also written as files.

    Returns
    -------
    Page
        Ready to be written.

    Examples
    --------
    >>> from research.classification.several import classify_several
    >>> from research.corpus import Corpus, Document
    >>> train = [("a", "فرض عقوبات على السفن", "sanctions"), ("b", "عقوبات على الشركات", "sanctions"),
    ...          ("c", "فاز الفريق بالكأس", "sport"), ("d", "كأس العالم والفريق", "sport; cups")]
    >>> known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in train))
    >>> new = Corpus("new", (Document("e", "عقوبات على المصارف"),))
    >>> page = several_page(classify_several(known, new, encoder="none"))
    >>> page.title, "3 labels were learned from 4 labelled articles" in page.html()
    ('Labels in new', True)
    """
    page = Page(message("Labels in {corpus}", corpus=result.corpus.name))
    page.paragraph(result.summary())
    for found in (result.tested, result.held_out):
        if found is not None:
            page.paragraph(told_of_estimate(result, found))
    if unknown := told_of_limits(result):
        page.paragraph(unknown)
    add_labels(page, result, folder)
    add_cooccurrence(page, result)
    add_errors(page, result)
    _add_explorer(page, result)
    add_unsaid(page, result.notes)
    _add_method(page, result)
    return page


def _add_explorer(page: Page, result: SeveralResult) -> None:
    if result.articles:
        page.section(message("Look through the articles"))
        page.explorer(label_explorer(result))


def _add_method(page: Page, result: SeveralResult) -> None:
    tried = message(
        "What was tried on {articles}, some of which were held out in turn: what is compared, how strongly it is smoothed, how "
        "far rare labels are weighed up, macro-F1, and the standard error of the share of articles with exactly their labels.",
        articles=count("{n:,} training article", "{n:,} training articles", n=result.classifier.choice_.texts),
    )
    learned = [
        message("One ridge regression learns all labels from that."),
        message(
            "On articles that were held out, near copies together, the scores of each label become probabilities (Platt 1999), "
            "and it is given from the probability on for which the highest F1 is to be expected (Lipton and others 2014). For "
            "the figures, both were learned anew without the articles that are scored."
        ),
    ]
    add_method(page, result, tried, learned)
