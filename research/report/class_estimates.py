"""How far classes or labels can be trusted, in sentences that follow from their numbers, and how they were learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from research.messages import Message, count, joined, message, word
from research.report import class_figures, figures
from research.report.page import Page
from research.report.provenance import add_provenance, command_of
from research.report.style import figure_style

if TYPE_CHECKING:
    from research.classification import ClassifyResult, Estimate
    from research.classification.several_estimate import SeveralEstimate
    from research.classification.several_result import SeveralResult
    from research.evaluate import Interval

__all__ = ["add_certainty", "add_method", "by_tenths", "compared", "estimated", "interval_of", "limits", "texts_of"]

# What the table of what was tried holds: results keep it as plain text, which is looked up.
_TRIED = (
    word("sees"), word("penalty"), word("balance"), word("macro_f1"), word("error"), word("answers"),
    word("words"), word("meaning"), word("words + characters"), word("words + characters + meaning"),
    word("words + characters + meaning, mostly meaning"), word("True"), word("False"),
)  # fmt: skip


def texts_of(result: ClassifyResult | SeveralResult, found: Estimate | SeveralEstimate) -> Message:
    """Say on how many articles an estimate rests, and where they come from."""
    if found is result.tested:
        return count("{n:,} article of the test corpus", "{n:,} articles of the test corpus", n=found.texts)
    return count("{n:,} training article that was held out", "{n:,} training articles that were held out", n=found.texts)


def interval_of(found: Interval, form: str) -> Message:
    """Say between what a number lies, each end in a form such as ``.1%``."""
    if not np.isfinite(found.low):
        return message("no interval: too few articles")
    return message("95 % interval {low} to {high}", low=format(found.low, form), high=format(found.high, form))


def estimated(result: ClassifyResult, found: Estimate) -> Message:
    """Say what one estimate says, beside what knowing nothing reaches."""
    frequent = Counter(one.label for one in result.learned).most_common(1)[0][0]
    accuracy, reached = found.accuracy, max(found.chance_accuracy, found.majority_accuracy)
    said = [
        message(
            "Of {articles}, {share:.1%} were given the class that they have ({interval}); macro-F1, the mean F1 of the "
            "classes, is {macro_f1:.2f} ({interval_of_macro_f1}).",
            articles=texts_of(result, found),
            share=accuracy.value,
            interval=interval_of(accuracy, ".1%"),
            macro_f1=found.macro_f1.value,
            interval_of_macro_f1=interval_of(found.macro_f1, ".2f"),
        ),
        message(
            "With their labels dealt anew it would be {share:.1%} and {macro_f1:.2f}; giving all of them the most frequent "
            "class, {frequent}, {share_of_frequent:.1%}.",
            share=found.chance_accuracy,
            macro_f1=found.chance_macro_f1,
            frequent=frequent,
            share_of_frequent=found.majority_accuracy,
        ),
    ]
    if np.isfinite(accuracy.low):
        said.append(
            message("The interval lies above both.")
            if accuracy.low > reached
            else message("The interval does not lie above both: this cannot be told from an answer that knows nothing.")
        )
    if np.isfinite(found.detectable) and found.detectable > 0:
        said.append(
            message(
                "On so few articles a difference of less than {points:.1f} points from another classifier would probably go "
                "unseen.",
                points=100 * found.detectable,
            )
        )
    if found is result.held_out and result.classifier.choice_.tried:
        said.append(
            message(
                "How to learn and the scale of the probabilities were chosen on the same articles, which makes these figures "
                "slightly too good."
            )
        )
    return joined(said, by=" ")


def limits(result: ClassifyResult) -> Message:
    """Say of which articles these figures tell nothing."""
    held_out, tested, choice = result.held_out, result.tested, result.classifier.choice_
    said = []
    if tested is None and result.articles:
        said.append(
            message(
                "How often the classes of the classified articles are right was not measured: they have no labels to compare "
                "with."
            )
        )
        if held_out is not None:
            said.append(message("The figures above hold for articles like the training articles."))
    if tested is not None and held_out is not None:
        same = message("The intervals of the accuracy on test and on held-out training articles overlap.")
        said.append(compared(tested.accuracy, held_out.accuracy, same))
    best = [one.macro_f1 for one in choice.tried if one.candidate in choice.chosen]
    if choice.held_out == "outlets" and best and held_out is not None:
        said.append(
            message(
                "When whole outlets were held out, macro-F1 was {of_others:.2f}, beside {of_known:.2f} for those of known "
                "outlets: expect the former of outlets that the training articles do not hold.",
                of_others=max(best),
                of_known=held_out.macro_f1.value,
            )
        )
    return joined(said, by=" ")


def compared(tested: Interval, held_out: Interval, same: Message) -> Message:
    """Say whether test articles are answered as well as held-out ones; ``same`` where no difference is shown."""
    if tested.high < held_out.low:
        return message("The test articles are answered worse than held-out training articles: trust the figures of the test.")
    if tested.low > held_out.high:
        return message("The test articles are answered better than held-out training articles: they may be easier.")
    return same if np.isfinite([tested.low, held_out.low]).all() else Message("")


# -- how sure -----------------------------------------------------------------------------------------------------------


def add_certainty(page: Page, result: ClassifyResult, folder: Path | None = None) -> None:
    """Add whether probabilities are true, what leaving answers open saves, and what became of the articles."""
    import matplotlib.pyplot as plt

    found = result.tested or result.held_out
    if found is None or len(result.classes) < 2:
        return
    page.section(message("How sure it is"))
    page.paragraph(_how_true(result, found))
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9.5, 4))
        class_figures.reliability_of_bins(found.bins, axes[0], title=message("Is it right as often as it says?"))
        figures.risk_curve(found.risk, axes[1], title=message("Errors when only the surest is answered"))
    description = message("Left: on the line probabilities are true. Right: what leaving answers open saves.")
    page.figure(drawing, "certainty", description, folder)
    _add_decisions(page, result, found)


def _how_true(result: ClassifyResult, found: Estimate) -> Message:
    said = sum(mean * n for mean, _, n in found.bins) / found.texts
    way = (
        message("too sure")
        if said > found.accuracy.high
        else message("not sure enough")
        if said < found.accuracy.low
        else message("neither too sure nor not sure enough")
    )
    half = int(np.searchsorted(found.risk.coverage, 0.5 - 1e-12))
    return joined(
        [
            message(
                "On {articles} the answers have a probability of {said:.1%} on average, and {right:.1%} are right "
                "({interval}): on the whole it is {way}.",
                articles=texts_of(result, found),
                said=said,
                right=found.accuracy.value,
                interval=interval_of(found.accuracy, ".1%"),
                way=way,
            ),
            by_tenths(found.calibration_error),
            message(
                "Of the surest {share:.0%}, {wrong:.1%} are wrong; of all, {wrong_of_all:.1%}.",
                share=found.risk.coverage[half],
                wrong=found.risk.risk[half],
                wrong_of_all=found.risk.risk[-1],
            ),
        ],
        by=" ",
    )


def by_tenths(error: float) -> Message:
    """Say how far probabilities are from what is so, which a sentence before has said of their mean."""
    return message(
        "By tenths of the probability the two differ by {points:.1f} points (expected calibration error, which is above 0 by "
        "chance alone where there are few articles).",
        points=100 * error,
    )


def _add_decisions(page: Page, result: ClassifyResult, found: Estimate) -> None:
    if not result.articles:
        return
    of = Counter(one.decision for one in result.articles)
    named = [("given", word("given")), ("abstain", word("left open")), ("none", word("no text, no class"))]
    rows = [(name, of[key], f"{of[key] / len(result.articles):.0%}") for key, name in named]
    table = pd.DataFrame(rows, columns=[word("decision"), word("articles"), word("share")])
    page.table(table, message("What became of the articles."), words=("decision",))
    wanted = result.settings.get("precision")
    if wanted is None:
        page.paragraph(message("Every article with a text got its most probable class: no precision was asked for."))
    elif not np.isfinite(result.threshold):
        page.paragraph(
            message(
                "A precision of {precision:.2f} was asked for, which no probability reached on held-out articles.",
                precision=wanted,
            )
        )
    else:
        page.paragraph(_given_from(result, found, wanted))


def _given_from(result: ClassifyResult, found: Estimate, precision: float) -> Message:
    answered = np.flatnonzero(found.risk.threshold >= result.threshold)
    articles = texts_of(result, found)
    reached = (
        message(
            "of {articles}, {share:.0%} reach it, and {right:.1%} of these are right",
            articles=articles,
            share=found.risk.coverage[answered[-1]],
            right=1 - found.risk.risk[answered[-1]],
        )
        if len(answered)
        else message("none of {articles} reaches it", articles=articles)
    )
    known = {"threshold": result.threshold, "precision": precision, "reached": reached}
    return joined(
        [
            message(
                "A class is given from a probability of {threshold:.2f} on, chosen for a precision of {precision:.2f}: "
                "{reached}.",
                **known,
            )
            if found is result.tested
            else message(
                "A class is given from a probability of {threshold:.2f} on, chosen for a precision of {precision:.2f}: "
                "{reached}, the articles on which it was chosen.",
                **known,
            ),
            message("The most probable class of what was left open is in predictions.csv, in the column second."),
        ],
        by=" ",
    )


# -- how it was done ----------------------------------------------------------------------------------------------------


def add_method(page: Page, result: ClassifyResult | SeveralResult, tried: Message, learned: Sequence[Message]) -> None:
    """Add how it was done: what was tried, which ``tried`` describes, and how what answers learned, sentence by sentence."""
    page.section(message("How this was done"), appendix=True)
    if result.classifier.choice_.tried:
        taken = message("Those that answer are the best, and at most two that cannot be told from it.")
        page.table(result.choice_table(), joined([tried, taken], by=" "), words=("sees", "answers"))
    else:
        page.paragraph(message("Nothing could be held out to choose how to learn: the first way was taken untried."))
    page.paragraph(
        joined(
            [
                message("Page furniture was taken out where that was asked for."),
                message(
                    "Texts can be compared by their words and pairs of words, the pieces of their words, and their meaning "
                    "(sentence embeddings); settings say which were chosen."
                ),
                *learned,
                message("Intervals are from drawing articles anew."),
                message("Settings: {settings}.", settings=_settings(result.settings)),
            ],
            by=" ",
        )
    )
    chosen = result.settings
    given = {
        "--train": "TRAIN",
        "--test": result.corpus.name,
        "--encoder": chosen["encoder"],
        "--precision": chosen.get("precision"),
        "--seconds": chosen["seconds"],
        "--seed": chosen["seed"] or None,
    }
    line = command_of("classify", "", given)
    add_provenance(page, result.corpus, chosen, line.replace(" --out", " --several --out") if "separator" in chosen else line)


def _settings(settings: Mapping[str, Any]) -> Message:
    """List settings by the names that one types, which are the same in every language."""
    shown = {name: _setting(name, value) for name, value in settings.items() if value is not None}
    return joined(joined([name, value], by=" ") for name, value in shown.items())


def _setting(name: str, value: object) -> str:
    if isinstance(value, list):
        ways = [word(way) for way in dict.fromkeys(map(str, value))]
        return reduce(lambda some, another: message("{some} and {another}", some=some, another=another), ways)
    return repr(value) if name == "separator" else str(value)
