"""What the cells allow to say: every way's scores over all tested texts, and the default's less each other's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from research.classifiers.splits import Split
from research.evaluate import (
    Interval,
    SelectiveRisk,
    as_decisions,
    bootstrap_by_group,
    brier_score,
    calibration_error,
    compare_systems,
    f1_by_label,
    holm,
    macro_f1,
    selective_risk,
)
from research.messages import Message, word
from research.runs import Outcome

from .cells import ANSWERING, LEARNING, Codes, Probabilities, answers
from .texts import Material
from .ways import OURS, SHUFFLED, WAYS, named

PRECISION = 0.95
COVERAGE = word("coverage at 95 % precision")
AREA = word("area under risk and coverage")


@dataclass(frozen=True)
class Compared:
    """The default less another way, on the same texts.

    Attributes
    ----------
    other : str
        Which.
    difference, low, high : float
        In macro-F1, with its interval (a single test).
    error : float
        The difference's standard error, by the width of the interval.
    p : float
        Two-sided, adjusted by Holm's method over all ways.
    detectable : float
        The smallest difference that these texts would show in four cases of five at the first step of Holm's method.
    """

    other: str
    difference: float
    low: float
    high: float
    error: float
    p: float
    detectable: float


@dataclass(frozen=True, eq=False)
class Results:
    """What every way said of the texts that it had not seen; ways that failed on a part are left out."""

    name: str
    held_out: str
    encoders: tuple[str, ...]
    seen: Material
    splits: Sequence[Split]
    outcomes: Sequence[Outcome]
    draws: int

    @cached_property
    def rows(self) -> Codes:
        """The tested texts, part by part."""
        return np.concatenate([split.test for split in self.splits])

    @cached_property
    def groups(self) -> list[int]:
        return [self.seen.groups[row] for row in self.rows]

    @cached_property
    def truth(self) -> Codes:
        return self.seen.codes[self.rows]

    @cached_property
    def ours(self) -> Message:
        return named(OURS, self.encoders[0], self.encoders)

    @cached_property
    def names(self) -> dict[str, Message]:
        """What the page calls every way; what comes from cells is plain text."""
        called = [named(way, encoder, self.encoders) for way in (*WAYS, SHUFFLED) for encoder in self.encoders]
        return dict(zip(called, called, strict=True))

    @cached_property
    def parts(self) -> dict[str, list[Outcome]]:
        """The outcomes of every way that answered for all parts, in their order."""
        found: dict[str, list[Outcome]] = {}
        for outcome in sorted(self.outcomes, key=lambda one: one.cell.fold or 0):
            if outcome.ok:
                found.setdefault(outcome.cell.model, []).append(outcome)
        asked = dict.fromkeys(outcome.cell.model for outcome in self.outcomes)
        return {way: found[way] for way in asked if len(found.get(way, ())) == len(self.splits)}

    @cached_property
    def said(self) -> dict[str, Codes]:
        """Every way's classes of the tested texts."""
        return {
            way: np.concatenate([answers(one.data, self.seen.classes)[0] for one in parts]) for way, parts in self.parts.items()
        }

    @cached_property
    def probabilities(self) -> Probabilities:
        """The default's probabilities of the tested texts."""
        found = [answers(one.data, self.seen.classes)[1] for one in self.parts[self.ours]]
        return np.concatenate([rows for rows in found if rows is not None])

    def decided(self, codes: Codes) -> npt.NDArray[np.bool_]:
        return as_decisions(codes.tolist(), range(len(self.seen.classes)))

    def score(self, codes: Codes, drawn: Codes | None = None) -> float:
        """Give macro-F1 over some of the tested texts."""
        at = np.arange(len(self.truth)) if drawn is None else drawn
        return macro_f1(self.decided(self.truth)[at], self.decided(codes)[at])

    @cached_property
    def summary(self) -> dict[str, dict[str, Interval]]:
        """Every way's macro-F1 and accuracy with their intervals, articles drawn anew."""
        truth, found = self.decided(self.truth), {}
        for way, codes in self.said.items():
            decided, right = self.decided(codes), codes == self.truth
            found[way] = {
                "macro-F1": self._interval(lambda drawn, decided=decided: macro_f1(truth[drawn], decided[drawn])),
                "accuracy": self._interval(lambda drawn, right=right: float(right[drawn].mean())),
            }
        return found

    def _interval(self, statistic: Any) -> Interval:
        return bootstrap_by_group(statistic, self.groups, draws=self.draws)

    @cached_property
    def by_class(self) -> dict[str, npt.NDArray[np.float64]]:
        truth = self.decided(self.truth)
        return {way: f1_by_label(truth, self.decided(codes)) for way, codes in self.said.items()}

    @cached_property
    def confusion(self) -> npt.NDArray[np.intp]:
        """How many texts of each class (rows) the default gave each class (columns)."""
        counts = np.zeros((len(self.seen.classes),) * 2, np.intp)
        np.add.at(counts, (self.truth, self.said[self.ours]), 1)
        return counts

    @cached_property
    def confidence(self) -> npt.NDArray[np.float64]:
        """The probability of the class that the default gave."""
        found: npt.NDArray[np.float64] = self.probabilities[np.arange(len(self.truth)), self.said[self.ours]]
        return found

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.said[self.ours] == self.truth
        return found

    @cached_property
    def curve(self) -> SelectiveRisk:
        return selective_risk(self.confidence, self.right)

    @cached_property
    def certainty(self) -> dict[str, Interval]:
        """How well the default knows how sure it can be; calibration has no interval, because drawing anew inflates it."""
        sure, right = self.confidence, self.right
        squares = self._squares()
        error = calibration_error(sure, right)
        return {
            word("calibration error"): Interval(error, math.nan, math.nan, 0.95, 0),
            "Brier": self._interval(lambda drawn: float(squares[drawn].mean())),
            AREA: self._interval(lambda drawn: selective_risk(sure[drawn], right[drawn]).area),
            COVERAGE: self._interval(lambda drawn: selective_risk(sure[drawn], right[drawn]).coverage_at(1 - PRECISION)),
        }

    def _squares(self) -> npt.NDArray[np.float64]:
        """Each text's squared differences, summed over the classes as Brier does."""
        truth = self.decided(self.truth)
        return np.array(
            [brier_score(given, known) * len(known) for given, known in zip(self.probabilities, truth, strict=True)]
        )

    @cached_property
    def compared(self) -> list[Compared]:
        """Compare the default with every other way; the control is no way."""
        others = [way for way in self.said if way not in {self.ours, SHUFFLED}]
        if self.ours not in self.said or not others:
            return []
        truth, decided = self.decided(self.truth), {way: self.decided(codes) for way, codes in self.said.items()}
        # `compare_systems` turns to the best of those that it is given; of two, that is at most a change of sign.
        pairs = [
            compare_systems(
                lambda given, drawn: macro_f1(truth[drawn], given),
                {self.ours: decided[self.ours], other: decided[other]},
                self.groups,
                draws=self.draws,
            )[0]
            for other in others
        ]
        adjusted = iter(holm([pair.p for pair in pairs if not math.isnan(pair.p)]))
        found = []
        for other, pair in zip(others, pairs, strict=True):
            low, high = (pair.low, pair.high) if pair.best == self.ours else (-pair.high, -pair.low)
            difference = pair.difference if pair.best == self.ours else -pair.difference
            error = (high - low) / (2 * NormalDist().inv_cdf(0.975))
            p = pair.p if math.isnan(pair.p) else next(adjusted)
            found.append(Compared(other, difference, low, high, error, p, seen_from(error, len(others))))
        return found

    @property
    def best(self) -> str:
        """The way of the highest macro-F1, the default where it is among several."""
        ways = [way for way in self.summary if way != SHUFFLED]
        return max(ways, key=lambda way: (self.summary[way]["macro-F1"].value, way == self.ours))

    @property
    def seconds(self) -> dict[str, tuple[float, float]]:
        """Every way's time to learn and to answer, mean over the parts."""
        return {
            way: (_mean([one.metrics[LEARNING] for one in parts]), _mean([one.metrics[ANSWERING] for one in parts]))
            for way, parts in self.parts.items()
        }

    @property
    def choices(self) -> list[Mapping[str, Any]]:
        """What the default chose for each part."""
        return [one.data["choice"] for one in self.parts.get(self.ours, ())]


def seen_from(error: float, comparisons: int, power: float = 0.8) -> float:
    """Give the smallest difference that would be seen with this standard error, at the first of so many steps of Holm's method."""
    normal = NormalDist()
    return (normal.inv_cdf(1 - 0.05 / (2 * comparisons)) + normal.inv_cdf(power)) * error


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
