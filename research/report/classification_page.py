"""The page of a classification: how far its classes can be trusted, what is confused, how sure it is, and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from research.report import class_figures
from research.report.class_estimates import add_certainty, estimated, limits
from research.report.class_reading import (
    Quoted,
    add_confused,
    add_explained,
    add_readable,
    beginning,
    confusions,
    surface_terms,
)
from research.report.page import Page
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification import ClassifyResult

__all__ = ["classification_page"]

_DRAWN = 12  # classes of a matrix that is still legible
_PAIRS, _SUSPECTS, _EXPLAINED = 20, 20, 12
_FEW = 10  # articles below which a mean loss is told, and nothing concluded from it


def classification_page(result: ClassifyResult, folder: Path | None = None, *, explained: int = _EXPLAINED) -> Page:
    """Make the page of a classification.

    Parameters
    ----------
    result : ClassifyResult
        What `research.classify` gave.
    folder : Path, optional
        Where its figures are also written as files.
    explained : int
        At most so many articles are shown with the sentences that carry their answers.

    Returns
    -------
    Page
        Ready to be written.

    Examples
    --------
    >>> from research.classification import classify
    >>> from research.corpus import Corpus, Document
    >>> train = [("a", "فرض عقوبات على السفن", "sanctions"), ("b", "عقوبات على الشركات", "sanctions"),
    ...          ("c", "فاز الفريق بالكأس", "sport"), ("d", "كأس العالم والفريق", "sport")]
    >>> known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in train))
    >>> new = Corpus("new", (Document("e", "عقوبات على المصارف"),))
    >>> page = classification_page(classify(known, new, encoder="none"))
    >>> page.title, "2 classes were learned from 4 labelled articles" in page.html()
    ('Classes in new', True)
    """
    page = Page(f"Classes in {result.corpus.name}")
    page.paragraph(_summary(result))
    for found in (result.tested, result.held_out):
        if found is not None:
            page.paragraph(estimated(result, found))
    if told := limits(result):
        page.paragraph(told)
    page.notes(result.notes)
    _add_classes(page, result)
    _add_confusions(page, result, folder)
    add_certainty(page, result, folder)
    _add_reasons(page, result, explained)
    _add_suspects(page, result)
    _add_method(page, result)
    return page


# -- can it be trusted --------------------------------------------------------------------------------------------------


def _summary(result: ClassifyResult) -> str:
    of = Counter(one.decision for one in result.articles)
    classes = "1 class was" if len(result.classes) == 1 else f"{len(result.classes):,} classes were"
    learned = f"{classes} learned from {len(result.learned):,} labelled articles"
    if not result.articles:
        return f"{learned}. There was no article to classify."
    parts = [f"{of['given']:,} of {len(result.articles):,} articles of {result.corpus.name} got one"]
    if of["abstain"]:
        parts.append(f"{of['abstain']:,} were left open because no class was probable enough")
    if of["none"]:
        parts.append(f"{of['none']:,} could not be used")
    return f"{learned}; {', '.join(parts)}."


# -- the classes and what is confused -----------------------------------------------------------------------------------


def _add_classes(page: Page, result: ClassifyResult) -> None:
    page.section("The classes")
    table = result.table().rename(columns={"label": "class", "learned": "learned from", "f1": "F1"}).drop(columns="terms")
    caption = "Each class: from how many articles it was learned, how many got it"
    if any(one.decision == "abstain" for one in result.articles):
        left = Counter(one.label for one in result.articles if one.decision == "abstain")
        table.insert(3, "left open", [left[name] for name in result.classes])
        caption += " and how many were left open that would have"
    caption += (
        ". Precision (share of its answers that are right), recall (share of its articles that are found) and F1 are those on "
        "held-out training articles"
    )
    if result.tested is not None:
        table["test articles"], table["F1 in test"] = result.tested.confusion.sum(axis=1), result.tested.f1.round(4)
        caption += ", the last two figures those of the test"
    page.table(table, f"{caption}.")
    terms = surface_terms(result)
    if any(terms):
        page.paragraph("These words go with the answers of each class, by models that had not seen the articles.")
        page.table(
            pd.DataFrame({"class": result.classes, "terms": terms}), "The strongest terms first, as articles write them."
        )


def _add_confusions(page: Page, result: ClassifyResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    found = result.tested or result.held_out
    if found is None or len(result.classes) < 2:
        return
    page.section("What is confused with what")
    pairs = confusions(found)
    if result.tested is not None and result.tested.unknown:
        page.paragraph(f"{result.tested.unknown:,} articles of classes that were not learned are wrong as well; not shown.")
    if len(result.classes) <= _DRAWN:
        side = 2.2 + 0.62 * len(result.classes)
        with figure_style():
            drawing, ax = plt.subplots(figsize=(2 + side, side))
            class_figures.confusion_matrix(found.confusion, result.classes, ax, title=f"{found.texts:,} {found.what}")
        page.figure(
            drawing,
            "confusion",
            "How many articles of each class (row) were given to each class (column); the darker, the larger its share of the "
            "row. Every most probable class counts, also where it was left open.",
            folder,
        )
    elif pairs:
        totals = found.confusion.sum(axis=1)
        rows = [
            (result.classes[row], result.classes[column], count, f"{count / totals[row]:.0%} of {totals[row]:,}")
            for count, row, column in pairs[:_PAIRS]
        ]
        page.table(
            pd.DataFrame(rows, columns=["class that it has", "class that it was given", "articles", "share of the first"]),
            f"The most frequent confusions of {found.texts:,} {found.what}, of {len(pairs):,} that occur.",
        )
    if not pairs:
        page.paragraph(f"None: of {found.texts:,} {found.what}, none was given another class that was learned.")
    add_confused(page, result, found)


# -- why ----------------------------------------------------------------------------------------------------------------


def _add_reasons(page: Page, result: ClassifyResult, most: int) -> None:
    if result.faithfulness is None:
        return
    page.section("Why: the sentences that carry the answers")
    page.paragraph(_faithful(result))
    explained = sum(bool(one.evidence) for one in result.articles)
    if not explained or most < 1:
        return
    page.paragraph(
        f"Here are {min(most, explained):,} of {explained:,} articles with such sentences, of every class some; "
        "predictions.csv has all. What is underlined, in the colour of the class, lowers its probability when it is cut out; "
        "the figure beside the class is how much, in log odds. Long stretches without a mark are shortened ([…])."
    )
    add_explained(page, result, most)


def _faithful(result: ClassifyResult) -> str:
    found = result.faithfulness
    assert found is not None
    told = (
        f"{found.texts:,} articles were asked for again without each of their sentences; in {found.tested:,} of them some "
        "sentence carries the answer."
    )
    if not found.tested:
        return told
    told += (
        f" Without these sentences the probability of the class falls by {100 * found.drop:.0f} points on average, and "
        f"{found.changed:.0%} of the answers change."
    )
    if not found.compared:
        return f"{told} No article has as much other text that could be cut out instead, so nothing says if that is much."
    # Over the compared alone: the loss without the control, and what more is lost without the evidence.
    drop = found.control_drop + found.advantage
    told += (
        f" In {found.compared:,} of them there is as much other text: there the probability falls by {100 * drop:.0f} points "
        f"without the sentences, and {_change(found.control_drop)} without as much other text, drawn at random "
        f"({found.control_changed:.0%} of the answers change). "
    )
    return told + (
        "They are too few to conclude from."
        if found.compared < _FEW
        else "So the answers rest on the marked sentences more than on others."
        if found.advantage > 0
        else "So the answers do not rest on the marked sentences more than on others: do not read them as reasons."
    )


def _change(drop: float) -> str:
    points = round(100 * drop)
    return f"falls by {points}" if points > 0 else f"rises by {-points}" if points < 0 else "stays the same"


# -- labels, and how it was done ----------------------------------------------------------------------------------------


def _add_suspects(page: Page, result: ClassifyResult) -> None:
    if not result.suspects:
        return
    page.section("Labels to look at again")
    rows: list[list[str | float | Quoted]] = [
        [Quoted(beginning(result.learned[one.row].text), result.learned[one.row].id), one.given, one.likely, one.score]
        for one in result.suspects[:_SUSPECTS]
    ]
    more = (
        f"The first {len(rows):,} of {len(result.suspects):,}; suspects.csv has all."
        if len(rows) < len(result.suspects)
        else ""
    )
    add_readable(
        page,
        ["article", "label", "more likely", "probability of the label"],
        rows,
        "Likely errors or hard cases, for review: training articles whose label models that had not seen them find improbable. "
        f"{more}",
    )


def _add_method(page: Page, result: ClassifyResult) -> None:
    page.section("How this was done")
    choice = result.classifier.choice_
    if choice.tried:
        page.table(
            result.choice_table(),
            f"What was tried on {choice.texts:,} training articles, of which {choice.held_out} were held out in turn: what is "
            "compared, how strongly it is smoothed, how far rare classes are weighed up, macro-F1, and the standard error of "
            "the share that is right. Those that answer are the best, and at most two that cannot be told from it.",
        )
    else:
        page.paragraph("Nothing could be held out to choose how to learn: the first way was taken untried.")
    held = (
        ""
        if result.held_out is None
        else (
            f" {result.held_out.texts:,} training articles were held out in turn, near copies together, each answered "
            "by models that had not seen it: these answers gave the scale of the probabilities, the figures for held-out "
            "articles, the terms, and the labels to look at again (confident learning, Northcutt and others 2021)."
        )
    )
    settings = ", ".join(f"{name} {_told(value)}" for name, value in result.settings.items() if value is not None)
    page.paragraph(
        "Page furniture was taken out where that was asked for. Texts can be compared by their words and pairs of words, "
        "the pieces of their words, and their meaning (sentence embeddings); settings say which were chosen. Ridge regression "
        f"learns from that, and its scores become probabilities by one scale.{held} Intervals are from drawing articles anew. "
        f"Settings: {settings}."
    )


def _told(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
