"""What the draws allow to say: every way's scores over them, and ours less each other's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from research.evaluate import Effect, Halves, Undefined, over_halves, step_effects
from research.messages import message, word
from research.runs import Outcome

from .cells import DEALT
from .ways import OURS, WAYS

Values = Mapping[str, Mapping[str, Sequence[float]]]  # way -> metric -> one a draw

SHUFFLED = word("sections shuffled (control)")
TESTED = ("AMI", "ARI", "NPMI", word("stability"))


def widened(values: Sequence[float], drawn: int, pool: int) -> list[float]:
    """Move values over draws apart so far that their deviation is the standard error of their mean for other articles.

    Draws share articles, and their deviation alone would be too small: the delete-d jackknife multiplies the variance by
    (articles kept / articles left out), and the mean of k draws adds 1 / k to that.
    """
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return list(values)
    mean = math.fsum(defined) / len(defined)
    factor = math.sqrt(drawn / (pool - drawn) + 1 / len(defined))
    return [value if math.isnan(value) else mean + factor * (value - mean) for value in values]


def over_draws(values: Sequence[float], drawn: int, pool: int) -> Halves:
    return over_halves(widened(values, drawn, pool))


def effects(values: Values, drawn: int, pool: int) -> list[Effect]:
    """Compare our way with each other one, draw by draw; p-values adjusted over all comparisons."""
    if OURS not in values:
        return []
    others: dict[str, dict[str, list[float]]] = {
        message("{ours} instead of {way}", ours=OURS, way=word(way)): {
            metric: widened(differences(metrics[metric], values[OURS][metric]), drawn, pool) for metric in TESTED
        }
        for way, metrics in values.items()
        if way not in {OURS, DEALT, SHUFFLED}
    }
    # The differences are taken, and widened, already: on our side there is nothing left to subtract from.
    nothing = {metric: [0.0] * len(values[OURS][metric]) for metric in TESTED}
    return step_effects(nothing, others)


def differences(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Subtract draw by draw; an undefined value keeps its reason."""
    return [next((x for x in pair if math.isnan(x)), pair[0] - pair[1]) for pair in zip(ones, others, strict=True)]


def by_way(outcomes: Sequence[Outcome], draws: int) -> dict[str, dict[str, list[float]]]:
    """Give every way's scores, one a draw, and those of our topics against shuffled classes; a way that failed on all has none."""
    found: dict[str, dict[str, list[float]]] = {}
    for outcome in outcomes:
        if outcome.cell.fold is None or not outcome.ok:
            continue
        parts = {
            outcome.cell.model: outcome.metrics,
            **({SHUFFLED: outcome.data["shuffled"]} if outcome.cell.model == OURS else {}),
        }
        for way, metrics in parts.items():
            for metric, value in metrics.items():
                row = found.setdefault(way, {}).setdefault(metric, [Undefined("failed on this draw")] * draws)
                row[outcome.cell.fold] = value
    # The controls come last.
    return {way: found[way] for way in sorted(found, key=[*WAYS, DEALT, SHUFFLED].index)}
