"""How far several labels an article can be trusted: each estimate beside chance, and of which articles it tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.classification.several_result import SeveralResult
from research.messages import Message, joined, message
from research.report.class_estimates import compared, interval_of, texts_of

if TYPE_CHECKING:
    from research.classification.several_estimate import SeveralEstimate

__all__ = ["told_of_estimate", "told_of_limits"]


def told_of_estimate(result: SeveralResult, found: SeveralEstimate) -> Message:
    """Say what one estimate says, beside what knowing nothing reaches.

    Parameters
    ----------
    result : SeveralResult
        What `research.classify_several` gave.
    found : SeveralEstimate
        That of the test articles, or that of held-out training articles.
    """
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


def told_of_limits(result: SeveralResult) -> Message:
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
