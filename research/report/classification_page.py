"""The page of a classification: how far its classes can be trusted, what is confused, how sure it is, and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from research.messages import Message, count, joined, message, word
from research.report import class_figures
from research.report.class_estimates import add_certainty, add_method, estimated, limits, texts_of
from research.report.class_reading import (
    add_confused,
    add_explained,
    add_terms,
    beginning,
    confusions,
)
from research.report.explorers import class_explorer
from research.report.page import Page, Quoted
from research.report.provenance import add_unsaid
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification import ClassifyResult
    from research.classifiers.deletion import Faithfulness

__all__ = ["classification_page", "summary"]

_DRAWN = 12  # classes of a matrix that is still legible
_PAIRS, _SUSPECTS, _EXPLAINED = 20, 20, 12
# Columns of a result's table, and what can be held out, which are plain text there and looked up.
_LOOKED_UP = (
    word("class"), word("learned from"), word("given"), word("left open"), word("precision"), word("recall"), word("F1"),
    word("test articles"), word("F1 in test"), word("articles"), word("outlets"),
)  # fmt: skip
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
    page = Page(message("Classes in {corpus}", corpus=result.corpus.name))
    page.paragraph(summary(result))
    for found in (result.tested, result.held_out):
        if found is not None:
            page.paragraph(estimated(result, found))
    if unknown := limits(result):
        page.paragraph(unknown)
    _add_classes(page, result)
    _add_confusions(page, result, folder)
    add_certainty(page, result, folder)
    _add_reasons(page, result, explained)
    _add_explorer(page, result)
    _add_suspects(page, result)
    add_unsaid(page, result.notes)
    _add_method(page, result)
    return page


# -- can it be trusted --------------------------------------------------------------------------------------------------


def summary(result: ClassifyResult) -> Message:
    """Say in one sentence what was learned and given."""
    learned = count(
        "{n:,} class was learned from {articles}",
        "{n:,} classes were learned from {articles}",
        n=len(result.classes),
        articles=count("{n:,} labelled article", "{n:,} labelled articles", n=len(result.learned)),
    )
    if not result.articles:
        return message("{learned}. There was no article to classify.", learned=learned)
    of = Counter(one.decision for one in result.articles)
    parts = [
        count(
            "{k:,} of {n:,} article of {corpus} got one",
            "{k:,} of {n:,} articles of {corpus} got one",
            n=len(result.articles),
            k=of["given"],
            corpus=result.corpus.name,
        )
    ]
    if of["abstain"]:
        parts.append(
            count(
                "{n:,} was left open because no class was probable enough",
                "{n:,} were left open because no class was probable enough",
                n=of["abstain"],
            )
        )
    if of["none"]:
        parts.append(count("{n:,} could not be used", "{n:,} could not be used", n=of["none"]))
    return message("{learned}; {became}.", learned=learned, became=joined(parts))


# -- the classes and what is confused -----------------------------------------------------------------------------------


def _add_classes(page: Page, result: ClassifyResult) -> None:
    page.section(message("The classes"))
    table = result.table().rename(columns={"label": "class", "learned": "learned from", "f1": "F1"}).drop(columns="terms")
    caption = [message("Each class: from how many articles it was learned, how many got it.")]
    if any(one.decision == "abstain" for one in result.articles):
        left = Counter(one.label for one in result.articles if one.decision == "abstain")
        table.insert(3, "left open", [left[name] for name in result.classes])
        caption = [
            message(
                "Each class: from how many articles it was learned, how many got it and how many were left open that would "
                "have."
            )
        ]
    if result.tested is None:
        caption.append(
            message(
                "Precision (share of its answers that are right), recall (share of its articles that are found) and F1 are "
                "those on held-out training articles."
            )
        )
    else:
        table["test articles"], table["F1 in test"] = result.tested.confusion.sum(axis=1), result.tested.f1.round(4)
        caption.append(
            message(
                "Precision (share of its answers that are right), recall (share of its articles that are found) and F1 are "
                "those on held-out training articles, the last two figures those of the test."
            )
        )
    page.table(table, joined(caption, by=" "))
    lead = message("These words go with the answers of each class, by models that had not seen the articles.")
    add_terms(page, word("class"), result.classes, result, lead)


def _add_confusions(page: Page, result: ClassifyResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    found = result.tested or result.held_out
    if found is None or len(result.classes) < 2:
        return
    page.section(message("What is confused with what"))
    pairs = confusions(found)
    if result.tested is not None and result.tested.unknown:
        page.paragraph(
            count(
                "{n:,} article of a class that was not learned is wrong as well; not shown.",
                "{n:,} articles of classes that were not learned are wrong as well; not shown.",
                n=result.tested.unknown,
            )
        )
    if len(result.classes) <= _DRAWN:
        side = 2.2 + 0.62 * len(result.classes)
        with figure_style():
            drawing, ax = plt.subplots(figsize=(2 + side, side))
            class_figures.confusion_matrix(found.confusion, result.classes, ax, title=texts_of(result, found))
        page.figure(
            drawing,
            "confusion",
            message(
                "How many articles of each class (row) were given to each class (column); the darker, the larger its share of "
                "the row. Every most probable class counts, also where it was left open."
            ),
            folder,
        )
    elif pairs:
        totals = found.confusion.sum(axis=1)
        rows = [
            (
                result.classes[row],
                result.classes[column],
                wrong,
                message("{share:.0%} of {n:,}", share=wrong / totals[row], n=totals[row]),
            )
            for wrong, row, column in pairs[:_PAIRS]
        ]
        head = [word("class that it has"), word("class that it was given"), word("articles"), word("share of the first")]
        page.table(
            pd.DataFrame(rows, columns=head, dtype=object),  # columns of text would not keep how a cell was made
            message(
                "The most frequent confusions of {articles}, of {confusions:,} that occur.",
                articles=texts_of(result, found),
                confusions=len(pairs),
            ),
        )
    if not pairs:
        page.paragraph(
            message("None: of {articles}, none was given another class that was learned.", articles=texts_of(result, found))
        )
    add_confused(page, result, found)


# -- why ----------------------------------------------------------------------------------------------------------------


def _add_reasons(page: Page, result: ClassifyResult, most: int) -> None:
    if result.faithfulness is None:
        return
    page.section(message("Why: the sentences that carry the answers"))
    page.paragraph(_faithful(result))
    explained = sum(bool(one.evidence) for one in result.articles)
    if not explained or most < 1:
        return
    page.paragraph(
        joined(
            [
                count(
                    "Here is {k:,} of {n:,} article with such sentences, of every class some; predictions.csv has all.",
                    "Here are {k:,} of {n:,} articles with such sentences, of every class some; predictions.csv has all.",
                    n=explained,
                    k=min(most, explained),
                ),
                message(
                    "What is underlined, in the colour of the class, lowers its probability when it is cut out; the figure "
                    "beside the class is how much, in log odds. Long stretches without a mark are shortened ([…])."
                ),
            ],
            by=" ",
        )
    )
    add_explained(page, result, most)


def _faithful(result: ClassifyResult) -> Message:
    found = result.faithfulness
    assert found is not None
    said = [
        count(
            "{n:,} article was asked for again without each of its sentences; in {tested:,} of them some sentence carries the "
            "answer.",
            "{n:,} articles were asked for again without each of their sentences; in {tested:,} of them some sentence carries "
            "the answer.",
            n=found.texts,
            tested=found.tested,
        )
    ]
    if found.tested:
        said.append(
            message(
                "Without these sentences the probability of the class falls by {points} on average, and {changed:.0%} of the "
                "answers change.",
                points=_points(found.drop),
                changed=found.changed,
            )
        )
        said += _against_other_text(found)
    return joined(said, by=" ")


def _against_other_text(found: Faithfulness) -> list[Message]:
    if not found.compared:
        return [message("No article has as much other text that could be cut out instead, so nothing says if that is much.")]
    return [
        message(
            "In {compared:,} of them there is as much other text: there the probability falls by {points} without the "
            "sentences, and {change} without as much other text, drawn at random ({changed:.0%} of the answers change).",
            compared=found.compared,
            # Over the compared alone: the loss without the control, and what more is lost without the evidence.
            points=_points(found.control_drop + found.advantage),
            change=_change(found.control_drop),
            changed=found.control_changed,
        ),
        message("They are too few to conclude from.")
        if found.compared < _FEW
        else message("So the answers rest on the marked sentences more than on others.")
        if found.advantage > 0
        else message("So the answers do not rest on the marked sentences more than on others: do not read them as reasons."),
    ]


def _points(drop: float) -> Message:
    return count("{n} point", "{n} points", n=round(100 * drop))


def _change(drop: float) -> Message:
    points = round(100 * drop)
    if not points:
        return message("stays the same")
    return count("falls by {n}", "falls by {n}", n=points) if points > 0 else count("rises by {n}", "rises by {n}", n=-points)


# -- labels, and how it was done ----------------------------------------------------------------------------------------


def _add_suspects(page: Page, result: ClassifyResult) -> None:
    if not result.suspects:
        return
    page.section(message("Labels to look at again"))
    rows: list[list[str | float | Quoted]] = [
        [Quoted(beginning(result.learned[one.row].text), result.learned[one.row].id), one.given, one.likely, one.score]
        for one in result.suspects[:_SUSPECTS]
    ]
    caption = [
        message(
            "Likely errors or hard cases, for review: training articles whose label models that had not seen them find "
            "improbable."
        )
    ]
    if len(rows) < len(result.suspects):
        caption.append(message("The first {shown:,} of {n:,}; suspects.csv has all.", shown=len(rows), n=len(result.suspects)))
    head = [word("article"), word("label"), word("more likely"), word("probability of the label")]
    page.table(pd.DataFrame(rows, columns=head, dtype=object), joined(caption, by=" "))


def _add_explorer(page: Page, result: ClassifyResult) -> None:
    if result.articles:
        page.section(message("Look through the articles"))
        page.explorer(class_explorer(result))


def _add_method(page: Page, result: ClassifyResult) -> None:
    choice = result.classifier.choice_
    tried = message(
        "What was tried on {articles}, of which {held_out} were held out in turn: what is compared, how strongly it is "
        "smoothed, how far rare classes are weighed up, macro-F1, and the standard error of the share that is right.",
        articles=count("{n:,} training article", "{n:,} training articles", n=choice.texts),
        held_out=word(choice.held_out),
    )
    learned = [message("Ridge regression learns from that, and its scores become probabilities by one scale.")]
    if result.held_out is not None:
        learned.append(
            message(
                "{articles} were held out in turn, near copies together, each answered by models that had not seen it: these "
                "answers gave the scale of the probabilities, the figures for held-out articles, the terms, and the labels to "
                "look at again (confident learning, Northcutt and others 2021).",
                articles=count("{n:,} training article", "{n:,} training articles", n=result.held_out.texts),
            )
        )
    add_method(page, result, tried, learned)
