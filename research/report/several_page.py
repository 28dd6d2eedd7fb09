"""The page of articles that may have several labels: how far these can be trusted, what is missed, and what is too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.classification.several_result import SeveralResult
from research.messages import Message, count, joined, message, word
from research.report import class_figures, figures
from research.report.class_estimates import add_method, by_tenths, compared, interval_of, texts_of
from research.report.class_reading import add_terms, beginning
from research.report.explorers import label_explorer
from research.report.language import told
from research.report.page import Page, Quoted
from research.report.provenance import add_unsaid
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification.several_estimate import SeveralEstimate

__all__ = ["several_page"]

_DRAWN = 30  # labels of a figure that is still legible
_PAIRS, _WRONG = 12, 3
_SAID = 5  # labels that a sentence names
# Columns of a result's table, which are plain text there and looked up.
_COLUMNS = (
    word("label"), word("learned"), word("given"), word("threshold"), word("precision"), word("recall"), word("F1"),
    word("interval"), word("by chance"), word("F1 in test"),
)  # fmt: skip


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
            page.paragraph(_estimated(result, found))
    if unknown := _limits(result):
        page.paragraph(unknown)
    _add_labels(page, result, folder)
    _add_together(page, result)
    _add_wrong(page, result)
    _add_explorer(page, result)
    add_unsaid(page, result.notes)
    _add_method(page, result)
    return page


# -- can it be trusted --------------------------------------------------------------------------------------------------


def _estimated(result: SeveralResult, found: SeveralEstimate) -> Message:
    """Say what one estimate says, beside what knowing nothing reaches."""
    macro, micro, whole = found.macro_f1, found.micro_f1, found.subset_accuracy
    said = [
        message(
            "On {articles}, macro-F1, the mean F1 of the labels, is {macro_f1:.2f} ({interval_of_macro_f1}); micro-F1, over "
            "all pairs of article and label, {micro_f1:.2f} ({interval_of_micro_f1}).",
            articles=texts_of(result, found),
            macro_f1=macro.value,
            interval_of_macro_f1=interval_of(macro, ".2f"),
            micro_f1=micro.value,
            interval_of_micro_f1=interval_of(micro, ".2f"),
        ),
        message(
            "Exactly the labels that they have were given to {share:.1%} of the articles ({interval}).",
            share=whole.value,
            interval=interval_of(whole, ".1%"),
        ),
        message(
            "With their sets of labels dealt anew these would be {macro_f1:.2f}, {micro_f1:.2f} and {share:.1%}; giving every "
            "label to every article, macro-F1 would be {macro_f1_of_all:.2f}.",
            macro_f1=found.chance_macro_f1,
            micro_f1=found.chance_micro_f1,
            share=found.chance_subset_accuracy,
            macro_f1_of_all=found.all_macro_f1,
        ),
    ]
    if np.isfinite(macro.low):
        said.append(
            message("The interval of macro-F1 lies above both.")
            if macro.low > max(found.chance_macro_f1, found.all_macro_f1)
            else message(
                "The interval of macro-F1 does not lie above both: this cannot be told from answers that know nothing."
            )
        )
    if np.isfinite(found.detectable) and found.detectable > 0:
        said.append(
            message(
                "A difference of less than {difference:.2f} in macro-F1 from another classifier would probably go unseen.",
                difference=found.detectable,
            )
        )
    if found is result.held_out:
        said.append(
            message(
                "Every article was answered by models, and from thresholds, that did not have its labels; how to learn was "
                "chosen on all, which makes these figures slightly too good."
            )
            if result.classifier.choice_.tried
            else message("Every article was answered by models, and from thresholds, that did not have its labels.")
        )
    return joined(said, by=" ")


def _limits(result: SeveralResult) -> Message:
    """Say of which articles these figures tell nothing."""
    held_out, tested = result.held_out, result.tested
    if tested is not None:
        same = message("The intervals of macro-F1 on test and on held-out training articles overlap.")
        return Message("") if held_out is None else compared(tested.macro_f1, held_out.macro_f1, same)
    if not result.articles:
        return Message("")
    said = [
        message("How often the labels of these articles are right was not measured: nobody has labelled them.")
        if all(one.truth is None for one in result.articles)
        else message(
            "How often the labels of these articles are right was not measured: those that are labelled are copies of training "
            "articles, or hold no text."
        )
    ]
    if held_out is not None:
        said.append(message("The figures above hold for articles like the training articles."))
    return joined(said, by=" ")


# -- label by label -----------------------------------------------------------------------------------------------------


def _add_labels(page: Page, result: SeveralResult, folder: Path | None) -> None:
    page.section(message("The labels"))
    if result.held_out is not None:
        page.paragraph(_best_and_worst(result.labels, result.held_out))
    page.table(*_table(result))
    _add_figure(page, result, folder)
    lead = message("These words go with each label where it is probable, by models that had not seen the articles.")
    add_terms(page, word("label"), result.labels, result, lead)


def _table(result: SeveralResult) -> tuple[pd.DataFrame, Message]:
    """Give the table of labels, and what it shows."""
    table = result.classes().drop(columns=["terms", "low", "high", "support"])
    table = table.rename(columns={"f1": "F1", "f1_shuffled": "by chance"})
    caption = [message("Each label: from how many articles it was learned, how many got it, and from which probability on.")]
    if (found := result.held_out) is not None:
        between = [
            message("{low:.2f} to {high:.2f}", low=one.low, high=one.high) if np.isfinite(one.low) else None for one in found.f1
        ]
        table.insert(7, "interval", pd.Series(between, dtype=object))  # a column of text would not keep how it was made
        caption.append(
            message(
                "On held-out training articles: precision (share of its answers that are right), recall (share of its articles "
                "that are found), and F1 with its 95 % interval, beside F1 when sets of labels are dealt anew (by chance)."
            )
        )
    else:
        table = table.drop(columns=["precision", "recall", "F1", "by chance"])
    if (tested := result.tested) is not None:
        table["F1 in test"] = [round(one.value, 4) for one in tested.f1]
        caption.append(message("Last, F1 on the test articles."))
    return table, joined(caption, by=" ")


def _best_and_worst(labels: Sequence[str], found: SeveralEstimate) -> Message:
    known = [(one.value, name) for name, one in zip(labels, found.f1, strict=True) if np.isfinite(one.value)]
    ranked = sorted(known, key=lambda entry: (-entry[0], entry[1]))
    if len(ranked) <= _SAID:
        return message("On held-out training articles, F1 by label: {labels}.", labels=_with_f1(ranked))
    return message(
        "On held-out training articles, F1 is highest for {best}, lowest for {worst}; its median over {labels} is "
        "{median:.2f}.",
        best=_with_f1(ranked[:2]),
        worst=_with_f1(ranked[-2:]),
        labels=count("{n:,} label", "{n:,} labels", n=len(ranked)),
        median=float(np.median([value for value, _ in ranked])),
    )


def _with_f1(ranked: Sequence[tuple[float, str]]) -> Message:
    return joined(f"{name} {value:.2f}" for value, name in ranked)


def _add_figure(page: Page, result: SeveralResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    found = result.estimate
    if found is None:
        return
    articles = texts_of(result, found)
    page.paragraph(_how_true(found, articles))
    shown = np.argsort([-np.nan_to_num(one.value, nan=-1.0) for one in found.f1], kind="stable")[:_DRAWN]
    middle, low, high = ([getattr(found.f1[at], side) for at in shown] for side in ("value", "low", "high"))
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(10.5, max(4.0, 1.2 + 0.3 * len(shown))))
        names = [f"{_short(result.labels[at])}  (n = {found.support[at]:,})" for at in shown]
        figures.bars_with_intervals(
            names,
            middle,
            low,
            high,
            axes[0],
            xlabel=message("F1 (bars: 95 % interval; ×: labels dealt anew)"),
            title=message("F1 by label"),
        )
        axes[0].plot(found.chance_f1[shown], np.arange(len(shown))[::-1], "x", color="#7F7F7F", markersize=6)
        axes[0].set_xlim(-0.02, 1.02)
        class_figures.reliability_of_bins(found.bins, axes[1], title=message("Is it so as often as it says?"))
        axes[1].set_xlabel(told(message("probability of a label (figures: pairs of article and label)")))
        axes[1].set_ylabel(told(message("share that is so")))
    description = [message("Left: F1 of each label on {articles}.", articles=articles)]
    if len(shown) < len(found.f1):
        most = count("The {k:,} best of {n:,} label.", "The {k:,} best of {n:,} labels.", n=len(found.f1), k=len(shown))
        description.append(most)
    description.append(message("Right: on the line probabilities are true."))
    page.figure(drawing, "labels", joined(description, by=" "), folder)


def _how_true(found: SeveralEstimate, articles: Message) -> Message:
    counts = np.array([n for _, _, n in found.bins])
    said, right = (float(np.average([one[side] for one in found.bins], weights=counts)) for side in (0, 1))
    return joined(
        [
            message(
                "A label has a probability of {said:.1%} on average on {articles}, and {right:.1%} of all pairs of article and "
                "label are so.",
                said=said,
                articles=articles,
                right=right,
            ),
            by_tenths(found.calibration_error),
        ],
        by=" ",
    )


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


# -- which come together, which are wrong -------------------------------------------------------------------------------

Answered = tuple[str, str, tuple[str, ...], tuple[str, ...], npt.NDArray[np.float64]]


def _answered(result: SeveralResult) -> list[Answered]:
    """Give id, text, labels that it has, labels that it was given, and probabilities of all articles of the estimate."""
    if result.tested is not None:
        known = zip(result.articles, result.probabilities, strict=True)
        return [(one.id, one.text, one.truth, one.labels, sure) for one, sure in known if one.scored and one.truth is not None]
    return [(one.id, one.text, one.labels, one.given, one.probabilities) for one in result.learned if one.given is not None]


def _articles(result: SeveralResult, n: int) -> Message:
    if result.tested is not None:
        return count("{n:,} test article", "{n:,} test articles", n=n)
    return count("{n:,} held-out training article", "{n:,} held-out training articles", n=n)


def _add_together(page: Page, result: SeveralResult) -> None:
    answered = _answered(result)
    if not answered:
        return
    page.section(message("How many labels an article has, and which come together"))
    has, got = (Counter(min(len(one[side]), 4) for one in answered) for side in (2, 3))
    rows = [(word("4 or more") if size == 4 else str(size), has[size], got[size]) for size in range(5)]
    head = [word("labels"), word("articles that have so many"), word("articles that were given so many")]
    caption = message("{articles} by how many labels they have, and were given.", articles=_articles(result, len(answered)))
    page.table(pd.DataFrame(rows, columns=head), caption, words=("labels",))
    pairs = [Counter((a, b) for one in answered for a in one[side] for b in one[side] if a < b) for side in (2, 3)]
    ranked = sorted(set(pairs[0]) | set(pairs[1]), key=lambda pair: (-pairs[0][pair] - pairs[1][pair], pair))
    if not ranked:
        page.paragraph(message("No article has two labels, and none was given two."))
        return
    cells = [(f"{a} + {b}", pairs[0][a, b], pairs[1][a, b]) for a, b in ranked[:_PAIRS]]
    head = [word("labels"), word("articles that have both"), word("articles that were given both")]
    said = [message("Labels that come together.")]
    if len(ranked) > _PAIRS:
        said.append(count("The first of {n:,} pair.", "The first of {n:,} pairs.", n=len(ranked)))
    page.table(pd.DataFrame(cells, columns=head), joined(said, by=" "))


def _add_wrong(page: Page, result: SeveralResult) -> None:
    answered = _answered(result)
    if not answered:
        return
    page.section(message("What is missed, and what is too much"))
    at = {name: column for column, name in enumerate(result.labels)}
    missed = [(one[4][at[name]], name, one) for one in answered for name in one[2] if name in at and name not in one[3]]
    extra = [(-one[4][at[name]], name, one) for one in answered for name in one[3] if name not in one[2]]
    page.paragraph(_wrong(_articles(result, len(answered)), len(missed), len(extra)))
    for found, caption in (
        (
            missed,
            message(
                "Labels that were missed: the least probable first, at most {of_each} a label and {most} in all.",
                of_each=_WRONG,
                most=_PAIRS,
            ),
        ),
        (
            extra,
            message(
                "Labels that were given too much: the most probable first, at most {of_each} a label and {most} in all.",
                of_each=_WRONG,
                most=_PAIRS,
            ),
        ),
    ):
        turn: Counter[str] = Counter()
        rows: list[list[str | float | Quoted]] = []
        for sure, name, (id, text, has, _, _) in sorted(found, key=lambda entry: (entry[0], entry[1], entry[2][0])):
            turn[name] += 1
            if turn[name] <= _WRONG and len(rows) < _PAIRS:
                own = joined(has) if has else message("none of the labels")
                rows.append([Quoted(beginning(text), id), name, abs(float(sure)), own])
        if rows:
            head = [word("article"), word("label"), word("its probability"), word("labels that the article has")]
            page.table(pd.DataFrame(rows, columns=head, dtype=object), caption)


def _wrong(articles: Message, missed: int, extra: int) -> Message:
    return joined(
        [
            message(
                "On {articles}, {missed}, and {given_too_much}.",
                articles=articles,
                missed=count(
                    "{n:,} learned label that an article has was missed",
                    "{n:,} learned labels that an article has were missed",
                    n=missed,
                ),
                given_too_much=count(
                    "{n:,} was given that it does not have", "{n:,} were given that it does not have", n=extra
                ),
            ),
            message(
                "Those about which the answer is surest come first: they are errors of the classifier, or labels to look at "
                "again."
            ),
        ],
        by=" ",
    )


# -- how it was done ----------------------------------------------------------------------------------------------------


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
