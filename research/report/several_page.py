"""The page of articles that may have several labels: how far these can be trusted, what is missed, and what is too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.report import class_figures, figures
from research.report.class_estimates import _between
from research.report.class_reading import Quoted, add_readable, beginning, surface_terms
from research.report.page import Page
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification.several_estimate import SeveralEstimate
from research.classification.several_result import SeveralResult

__all__ = ["several_page"]

_DRAWN = 30  # labels of a figure that is still legible
_PAIRS, _WRONG = 12, 3
_SAID = 5  # labels that a sentence names


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
    page = Page(f"Labels in {result.corpus.name}")
    page.paragraph(result.summary())
    for found in (result.tested, result.held_out):
        if found is not None:
            page.paragraph(_estimated(result, found))
    if told := _limits(result):
        page.paragraph(told)
    page.notes(result.notes)
    _add_labels(page, result, folder)
    _add_together(page, result)
    _add_wrong(page, result)
    _add_method(page, result)
    return page


# -- can it be trusted --------------------------------------------------------------------------------------------------


def _estimated(result: SeveralResult, found: SeveralEstimate) -> str:
    """Say what one estimate says, beside what knowing nothing reaches."""
    macro, micro, whole = found.macro_f1, found.micro_f1, found.subset_accuracy
    told = (
        f"On {found.texts:,} {found.what}, macro-F1, the mean F1 of the labels, is {macro.value:.2f}{_between(macro, '.2f')}; "
        f"micro-F1, over all pairs of article and label, {micro.value:.2f}{_between(micro, '.2f')}. Exactly the labels that "
        f"they have were given to {whole.value:.1%} of the articles{_between(whole, '.1%')}. With their sets of labels dealt "
        f"anew these would be {found.chance_macro_f1:.2f}, {found.chance_micro_f1:.2f} and {found.chance_subset_accuracy:.1%}; "
        f"giving every label to every article, macro-F1 would be {found.all_macro_f1:.2f}."
    )
    if np.isfinite(macro.low):
        above = macro.low > max(found.chance_macro_f1, found.all_macro_f1)
        told += f" The interval of macro-F1 {'lies' if above else 'does not lie'} above both"
        told += "." if above else ": this cannot be told from answers that know nothing."
    if np.isfinite(found.detectable) and found.detectable > 0:
        told += (
            f" A difference of less than {found.detectable:.2f} in macro-F1 from another classifier would probably go unseen."
        )
    if found is result.held_out:
        told += " Every article was answered by models, and from thresholds, that did not have its labels"
        chosen = bool(result.classifier.choice_.tried)
        told += "; how to learn was chosen on all, which makes these figures slightly too good." if chosen else "."
    return told


def _limits(result: SeveralResult) -> str:
    """Say of which articles these figures tell nothing."""
    held_out, tested = result.held_out, result.tested
    if tested is None:
        if not result.articles:
            return ""
        why = "those that are labelled are copies of training articles, or hold no text"
        why = "nobody has labelled them" if all(one.truth is None for one in result.articles) else why
        return f"How often the labels of these articles are right was not measured: {why}." + (
            " The figures above hold for articles like the training articles." if held_out is not None else ""
        )
    if held_out is None or not np.isfinite([tested.macro_f1.low, held_out.macro_f1.low]).all():
        return ""
    if tested.macro_f1.high < held_out.macro_f1.low:
        return "The test articles are answered worse than held-out training articles: trust the figures of the test."
    if tested.macro_f1.low > held_out.macro_f1.high:
        return "The test articles are answered better than held-out training articles: they may be easier."
    return "The intervals of macro-F1 on test and on held-out training articles overlap."


# -- label by label -----------------------------------------------------------------------------------------------------


def _add_labels(page: Page, result: SeveralResult, folder: Path | None) -> None:
    page.section("The labels")
    if result.held_out is not None:
        page.paragraph(_best_and_worst(result.labels, result.held_out))
    table = result.classes().drop(columns=["terms", "low", "high", "support"])
    table = table.rename(columns={"f1": "F1", "f1_shuffled": "by chance"})
    caption = "Each label: from how many articles it was learned, how many got it, and from which probability on"
    if (found := result.held_out) is not None:
        between = [f"{one.low:.2f} to {one.high:.2f}" if np.isfinite(one.low) else None for one in found.f1]
        table.insert(7, "interval", between)
        caption += (
            ". On held-out training articles: precision (share of its answers that are right), recall (share of its articles "
            "that are found), and F1 with its 95 % interval, beside F1 when sets of labels are dealt anew (by chance)"
        )
    else:
        table = table.drop(columns=["precision", "recall", "F1", "by chance"])
    if (tested := result.tested) is not None:
        table["F1 in test"] = [round(one.value, 4) for one in tested.f1]
        caption += "; last, F1 on the test articles"
    page.table(table, f"{caption}.")
    _add_figure(page, result, folder)
    terms = surface_terms(cast("Any", result))
    if any(terms):
        page.paragraph("These words go with each label where it is probable, by models that had not seen the articles.")
        table = pd.DataFrame({"label": result.labels, "terms": terms})
        page.table(table, "The strongest terms first, as articles write them.")


def _best_and_worst(labels: Sequence[str], found: SeveralEstimate) -> str:
    known = [(one.value, name) for name, one in zip(labels, found.f1, strict=True) if np.isfinite(one.value)]
    ranked = sorted(known, key=lambda entry: (-entry[0], entry[1]))
    if len(ranked) <= _SAID:
        return "On held-out training articles, F1 by label: " + ", ".join(f"{name} {value:.2f}" for value, name in ranked) + "."
    best, worst = (", ".join(f"{name} {value:.2f}" for value, name in part) for part in (ranked[:2], ranked[-2:]))
    middle = float(np.median([value for value, _ in ranked]))
    told = f"On held-out training articles, F1 is highest for {best}, lowest for {worst}"
    return f"{told}; its median over {len(ranked):,} labels is {middle:.2f}."


def _add_figure(page: Page, result: SeveralResult, folder: Path | None) -> None:
    import matplotlib.pyplot as plt

    found = result.estimate
    if found is None:
        return
    counts = np.array([n for _, _, n in found.bins])
    said, right = (float(np.average([one[side] for one in found.bins], weights=counts)) for side in (0, 1))
    page.paragraph(
        f"A label has a probability of {said:.1%} on average on {found.texts:,} {found.what}, and {right:.1%} of all pairs of "
        f"article and label are so. By tenths of the probability the two differ by {100 * found.calibration_error:.1f} points "
        "(expected calibration error, which is above 0 by chance alone where there are few articles)."
    )
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
            xlabel="F1 (bars: 95 % interval; ×: labels dealt anew)",
            title="F1 by label",
        )
        axes[0].plot(found.chance_f1[shown], np.arange(len(shown))[::-1], "x", color="#7F7F7F", markersize=6)
        axes[0].set_xlim(-0.02, 1.02)
        class_figures.reliability_of_bins(found.bins, axes[1], title="Is it so as often as it says?")
        axes[1].set_xlabel("probability of a label (figures: pairs of article and label)")
        axes[1].set_ylabel("share that is so")
    more = f" The {len(shown):,} best of {len(found.f1):,} labels." if len(shown) < len(found.f1) else ""
    page.figure(
        drawing,
        "labels",
        f"Left: F1 of each label on {found.texts:,} {found.what}.{more} Right: on the line probabilities are true.",
        folder,
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


def _add_together(page: Page, result: SeveralResult) -> None:
    answered = _answered(result)
    if not answered:
        return
    page.section("How many labels an article has, and which come together")
    has, got = (Counter(min(len(one[side]), 4) for one in answered) for side in (2, 3))
    rows = [("4 or more" if size == 4 else str(size), has[size], got[size]) for size in range(5)]
    where = "test" if result.tested is not None else "held-out training"
    table = pd.DataFrame(rows, columns=["labels", "articles that have so many", "articles that were given so many"])
    page.table(table, f"{len(answered):,} {where} articles by how many labels they have, and were given.")
    pairs = [Counter((a, b) for one in answered for a in one[side] for b in one[side] if a < b) for side in (2, 3)]
    ranked = sorted(set(pairs[0]) | set(pairs[1]), key=lambda pair: (-pairs[0][pair] - pairs[1][pair], pair))
    if not ranked:
        page.paragraph("No article has two labels, and none was given two.")
        return
    cells = [(f"{a} + {b}", pairs[0][a, b], pairs[1][a, b]) for a, b in ranked[:_PAIRS]]
    more = f" The first of {len(ranked):,} pairs." if len(ranked) > _PAIRS else ""
    table = pd.DataFrame(cells, columns=["labels", "articles that have both", "articles that were given both"])
    page.table(table, f"Labels that come together.{more}")


def _add_wrong(page: Page, result: SeveralResult) -> None:
    answered = _answered(result)
    if not answered:
        return
    page.section("What is missed, and what is too much")
    at = {name: column for column, name in enumerate(result.labels)}
    missed = [(one[4][at[name]], name, one) for one in answered for name in one[2] if name in at and name not in one[3]]
    extra = [(-one[4][at[name]], name, one) for one in answered for name in one[3] if name not in one[2]]
    where = "test" if result.tested is not None else "held-out training"
    page.paragraph(
        f"On {len(answered):,} {where} articles, {len(missed):,} learned labels that an article has were missed, and "
        f"{len(extra):,} were given that it does not have. Those about which the answer is surest come first: they are errors "
        "of the classifier, or labels to look at again."
    )
    for found, caption in (
        (missed, "Labels that were missed: the least probable first"),
        (extra, "Labels that were given too much: the most probable first"),
    ):
        turn: Counter[str] = Counter()
        rows: list[list[str | float | Quoted]] = []
        for sure, name, (id, text, has, _, _) in sorted(found, key=lambda entry: (entry[0], entry[1], entry[2][0])):
            turn[name] += 1
            if turn[name] <= _WRONG and len(rows) < _PAIRS:
                rows.append([Quoted(beginning(text), id), name, abs(float(sure)), ", ".join(has) or "none of the labels"])
        if rows:
            head = ["article", "label", "its probability", "labels that the article has"]
            add_readable(page, head, rows, f"{caption}, at most {_WRONG} a label and {_PAIRS} in all.")


# -- how it was done ----------------------------------------------------------------------------------------------------


def _add_method(page: Page, result: SeveralResult) -> None:
    page.section("How this was done")
    choice = result.classifier.choice_
    if choice.tried:
        page.table(
            result.choice_table(),
            f"What was tried on {choice.texts:,} training articles, some of which were held out in turn: what is compared, how "
            "strongly it is smoothed, how far rare labels are weighed up, macro-F1, and the standard error of the share of "
            "articles with exactly their labels. Those that answer are the best, and at most two that cannot be told from it.",
        )
    else:
        page.paragraph("Nothing could be held out to choose how to learn: the first way was taken untried.")
    known = {**result.settings, "separator": repr(result.settings["separator"])}
    settings = ", ".join(f"{name} {_told(value)}" for name, value in known.items() if value is not None)
    page.paragraph(
        "Page furniture was taken out where that was asked for. Texts can be compared by their words and pairs of words, the "
        "pieces of their words, and their meaning (sentence embeddings); settings say which were chosen. One ridge regression "
        "learns all labels from that. On articles that were held out, near copies together, the scores of each label become "
        "probabilities (Platt 1999), and it is given from the probability on for which the highest F1 is to be expected "
        "(Lipton and others 2014). For the figures, both were learned anew without the articles that are scored. Intervals are "
        f"from drawing articles anew. Settings: {settings}."
    )


def _told(value: object) -> str:
    return " and ".join(dict.fromkeys(map(str, value))) if isinstance(value, list) else str(value)
