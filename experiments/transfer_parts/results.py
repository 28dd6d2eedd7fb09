"""What the cells allow to say: every way's scores in each direction, and what is lost against learning in the language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from classification_parts import seen_from

from research.evaluate import Interval, as_decisions, bootstrap_by_group, compare_systems, f1_by_label, holm, macro_f1
from research.messages import Message, message, word
from research.runs import Outcome

from .cells import Codes, answers
from .texts import Material, Part
from .ways import (
    DEFAULT,
    MAJORITY,
    MEANT,
    MEANT_OWN,
    MEANT_PLAIN,
    OURS,
    OURS_EVERY,
    OWN,
    OWN_EVERY,
    RIVALS,
    SHUFFLED,
    WAYS,
    Way,
    named,
)


@dataclass(frozen=True)
class Direction:
    """From the language that is learned in to that of the tested texts."""

    learned: str
    tested: str

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Message:
        """What pages call it."""
        return message("{learned} to {tested}", learned=word(self.learned), tested=word(self.tested))


@dataclass(frozen=True)
class Compared:
    """One way less another, on the same texts.

    Attributes
    ----------
    direction : Direction
        Where.
    one, other : str
        Which.
    encoder : str
        That of the one.
    difference, low, high : float
        In macro-F1, with its interval (a single test).
    p : float
        Two-sided, adjusted by Holm's method over all comparisons of the run.
    detectable : float
        The smallest difference that these texts would show in four cases of five at the first step of Holm's method.
    lost : bool
        Whether the other learned in the language itself: the difference is what is lost, with its sign turned.
    """

    direction: Direction
    one: str
    other: str
    encoder: str
    difference: float
    low: float
    high: float
    p: float
    detectable: float
    lost: bool


@dataclass(frozen=True, eq=False)
class Results:
    """What every way said of the texts of each language; ways that failed on a part are left out."""

    name: str
    encoders: tuple[str, ...]
    seen: Material
    parts: Mapping[int, Sequence[Part]]
    draws: int
    outcomes: Sequence[Outcome] = field(default=())

    @cached_property
    def directions(self) -> tuple[Direction, Direction]:
        one, other = self.seen.languages
        return Direction(one, other), Direction(other, one)

    @cached_property
    def every_part(self) -> list[Part]:
        """The parts of every draw, in their order."""
        return [part for seed in sorted(self.parts) for part in self.parts[seed]]

    def has_more(self, language: str) -> bool:
        """Tell whether a language has labels that the other has no equal of."""
        return any(len(part.drawn[language]) < len(part.train[language]) for part in self.every_part)

    def labels(self, language: str, *, every: bool) -> float:
        """From how many labels is learned, mean over the parts."""
        return float(np.mean([len((part.train if every else part.drawn)[language]) for part in self.every_part]))

    def rows(self, language: str) -> Codes:
        """The tested texts of a language, part by part; each once a draw."""
        return np.concatenate([part.test[language] for part in self.every_part])

    @cached_property
    def _done(self) -> dict[tuple[str, str, str, bool], list[Outcome]]:
        """The outcomes of what learned in all parts, in their order."""
        found: dict[tuple[str, str, str, bool], list[Outcome]] = {}
        for outcome in sorted(self.outcomes, key=lambda one: (one.cell.seed or 0, one.cell.fold or 0)):
            chosen = outcome.cell.settings
            if outcome.ok:
                key = chosen["learner"], chosen["encoder"], chosen["learned"], chosen["all_labels"]
                found.setdefault(key, []).append(outcome)
        return {key: parts for key, parts in found.items() if len(parts) == len(self.every_part)}

    def _asked(self, direction: Direction) -> list[tuple[str, Way, str]]:
        """Give the name, the way and the encoder of all that was measured in a direction."""
        found: list[tuple[str, Way, str]] = []
        for way in WAYS:
            encoders = [""] if way.learner == MAJORITY else self.encoders[:1] if way.learner == SHUFFLED else self.encoders
            if way.every and not self.has_more(direction.tested if way.own else direction.learned):
                continue
            found += [(named(way.name, encoder, self.encoders), way, encoder) for encoder in encoders]
        return found

    @cached_property
    def said(self) -> dict[Direction, dict[str, Codes]]:
        """Every way's classes of the tested texts."""
        found: dict[Direction, dict[str, Codes]] = {}
        for direction in self.directions:
            found[direction] = {}
            for name, way, encoder in self._asked(direction):
                key = way.learner, encoder, direction.tested if way.own else direction.learned, way.every
                if key in self._done:
                    found[direction][name] = np.concatenate(
                        [answers(one.data, self.seen.classes, direction.tested, way.how) for one in self._done[key]]
                    )
        return found

    def weights_of_meaning(self, language: str, encoder: str, *, every: bool) -> list[float]:
        """How much of what the default chose to look at is meaning, for every part; no value where it failed on one."""
        return [one.data["meaning"] for one in self._done.get((DEFAULT, encoder, language, every), ())]

    def truth(self, direction: Direction) -> npt.NDArray[np.bool_]:
        return self._decided(self.seen.codes[self.rows(direction.tested)])

    def groups(self, direction: Direction) -> list[int]:
        return [self.seen.groups[row] for row in self.rows(direction.tested)]

    def _decided(self, codes: Codes) -> npt.NDArray[np.bool_]:
        return as_decisions(codes.tolist(), range(len(self.seen.classes)))

    @cached_property
    def summary(self) -> dict[Direction, dict[str, dict[str, Interval]]]:
        """Every way's macro-F1 and accuracy in each direction with their intervals, articles drawn anew."""
        found: dict[Direction, dict[str, dict[str, Interval]]] = {}
        for direction, said in self.said.items():
            truth, groups, found[direction] = self.truth(direction), self.groups(direction), {}

            def drawn(statistic: Any, groups: list[int] = groups) -> Interval:
                return bootstrap_by_group(statistic, groups, draws=self.draws)

            for way, codes in said.items():
                decided = self._decided(codes)
                right = (decided & truth).any(axis=1)
                found[direction][way] = {
                    "macro-F1": drawn(lambda rows, d=decided, t=truth: macro_f1(t[rows], d[rows])),
                    "accuracy": drawn(lambda rows, r=right: float(r[rows].mean())),
                }
        return found

    @cached_property
    def by_class(self) -> dict[Direction, dict[str, npt.NDArray[np.float64]]]:
        return {
            direction: {way: f1_by_label(self.truth(direction), self._decided(codes)) for way, codes in said.items()}
            for direction, said in self.said.items()
        }

    def _pairs(self, direction: Direction) -> list[tuple[str, str, str, bool]]:
        """Give what is compared with what: its encoder, and whether the other learned in the language itself."""
        known, first = self.said[direction], self.encoders[0]

        def name(way: str, encoder: str) -> str:
            return named(way, encoder, self.encoders)

        found = []
        for encoder in self.encoders:
            found.append((name(OURS, encoder), name(OWN, encoder), encoder, True))
            most = [name(way, encoder) for way in (OURS_EVERY, OWN_EVERY)]
            if set(most) & set(known):
                one, other = (
                    every if every in known else name(few, encoder) for every, few in zip(most, (OURS, OWN), strict=True)
                )
                found.append((one, other, encoder, True))
            found.append((name(MEANT, encoder), name(MEANT_OWN, encoder), encoder, True))
            found += [(name(OURS, encoder), name(way, encoder), encoder, False) for way in RIVALS]
            found.append((name(MEANT, encoder), name(MEANT_PLAIN, encoder), encoder, False))
        found += [(name(way, first), name(way, encoder), first, False) for way in (OURS,) for encoder in self.encoders[1:]]
        return [pair for pair in found if pair[0] in known and pair[1] in known]

    @cached_property
    def compared(self) -> list[Compared]:
        """Compare our way with learning in the language, and with the other ways from the other language."""
        asked, found = [], []
        for direction, said in self.said.items():
            truth, groups = self.truth(direction), self.groups(direction)
            decided = {way: self._decided(codes) for way, codes in said.items()}

            def score(given: Any, rows: Codes, truth: npt.NDArray[np.bool_] = truth) -> float:
                return macro_f1(truth[rows], given)

            for one, other, encoder, lost in self._pairs(direction):
                # It turns to the better of the two that it is given: at most a change of sign.
                systems = {one: decided[one], other: decided[other]}
                pair = compare_systems(score, systems, groups, draws=self.draws)[0]
                asked.append((direction, one, other, encoder, lost))
                found.append(pair)
        adjusted = iter(holm([pair.p for pair in found if not math.isnan(pair.p)]))
        rows = []
        for (direction, one, other, encoder, lost), pair in zip(asked, found, strict=True):
            low, high = (pair.low, pair.high) if pair.best == one else (-pair.high, -pair.low)
            difference = pair.difference if pair.best == one else -pair.difference
            p = pair.p if math.isnan(pair.p) else next(adjusted)
            least = seen_from((high - low) / (2 * NormalDist().inv_cdf(0.975)), len(found))
            rows.append(Compared(direction, one, other, encoder, difference, low, high, p, least, lost))
        return rows

    def against(self, direction: Direction, one: str, other: str) -> Compared | None:
        """Give a comparison, if it could be made."""
        return next((row for row in self.compared if (row.direction, row.one, row.other) == (direction, one, other)), None)
