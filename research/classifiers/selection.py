"""Which views, how they are mixed, how smooth and how balanced: chosen by what held-out texts say, within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from research.classifiers.ridge import Candidate, Kernels, Mix, Scores, solve
from research.classifiers.splits import Split
from research.evaluate import macro_f1
from research.progress import progress

__all__ = [
    "CANDIDATES", "Choice", "Tried", "best_by_meaning", "choose", "highest", "macro_f1_of", "together", "unseen_scores",
]  # fmt: skip

Decisions = npt.NDArray[np.bool_]

_WORDS, _LEXICAL, _MEANING = Mix(words=1.0), Mix(words=0.5, characters=0.5), Mix(meaning=1.0)
_ALL, _MOSTLY = Mix(words=0.25, characters=0.25, meaning=0.5), Mix(words=0.125, characters=0.125, meaning=0.75)
_PENALTIES = (0.5, 2.0, 0.1)
_MOST = 3  # candidates that answer together

#: Every mix with every penalty, the most promising first, so that a short time is spent well.
CANDIDATES: tuple[Candidate, ...] = tuple(
    Candidate(mix, penalty) for penalty in _PENALTIES for mix in (_ALL, _MEANING, _LEXICAL, _MOSTLY, _WORDS)
)


@dataclass(frozen=True)
class Tried:
    """A candidate, its macro-F1 on all held-out texts together, and the standard error of its share of right answers."""

    candidate: Candidate
    macro_f1: float
    error: float


@dataclass(frozen=True)
class Choice:
    """What was tried and what was taken.

    Attributes
    ----------
    tried : tuple of Tried
        In the order in which they were tried.
    chosen : tuple of Candidate
        Those that answer together: the best, and the next ones within one standard error of it, at most three.
    texts : int
        On how many texts they were tried; 0 where there was nothing to try on.
    held_out : str
        What was held out: articles, or outlets.
    complete : bool
        Whether there was time for all.
    """

    tried: tuple[Tried, ...]
    chosen: tuple[Candidate, ...]
    texts: int
    held_out: str
    complete: bool


def best_by_meaning(choice: Choice) -> Candidate:
    """Give the best of what was tried that looks at meaning alone; an untried one where none was.

    Examples
    --------
    >>> best_by_meaning(Choice((), CANDIDATES[:1], 0, "", True)).mix
    Mix(words=0.0, characters=0.0, meaning=1.0)
    """
    tried = [one for one in choice.tried if one.candidate.mix == _MEANING]
    return max(tried, key=lambda one: one.macro_f1).candidate if tried else Candidate(_MEANING, _PENALTIES[0])


def together(tried: Sequence[Tried]) -> tuple[Candidate, ...]:
    """Give those that answer together: the best, and the next ones within one standard error of it, at most three."""
    ranked = sorted(tried, key=lambda one: -one.macro_f1)  # equal ones keep their order
    return tuple(one.candidate for one in ranked if one.macro_f1 >= ranked[0].macro_f1 - ranked[0].error)[:_MOST]


def highest(scores: Scores) -> Decisions:
    """Give every text the class of its highest score, shape (n, k)."""
    found = np.zeros(scores.shape, bool)
    found[np.arange(len(scores)), scores.argmax(axis=1)] = True
    return found


def macro_f1_of(truth: Scores, scores: Scores) -> float:
    """Macro-F1 where every text gets the class of its highest score, over the classes that occur or were given.

    Examples
    --------
    >>> macro_f1_of(np.eye(2), np.array([[0.9, 0.1], [0.8, 0.2]])).__round__(3)
    0.333
    """
    return macro_f1(truth > 0, highest(scores))


def unseen_scores(kernels: Kernels, targets: Scores, splits: Sequence[Split], chosen: Sequence[Candidate]) -> Scores:
    """Give the scores of texts by models that have not seen their articles, shape (n, k); NaN where none was held out.

    Several candidates answer together: their mean.
    """
    found = np.full(targets.shape, np.nan)
    for split in splits:
        found[split.test] = 0
        for one in chosen:
            duals, offsets = solve(kernels.mixed(one.mix, split.train, split.train), targets[split.train], one)
            found[split.test] += (offsets + kernels.mixed(one.mix, split.test, split.train) @ duals) / len(chosen)
    return found


def choose(
    kernels: Kernels,
    targets: Scores,
    splits: Sequence[Split],
    *,
    held_out: str,
    candidates: Sequence[Candidate] = CANDIDATES,
    seconds: float | None = None,
    decide: Callable[[Scores], Decisions] = highest,
) -> Choice:
    """Try candidates on held-out texts, and take the best.

    Parameters
    ----------
    kernels : Kernels
        Of all n texts.
    targets : ndarray of float64, shape (n, k)
        1 where a text has a class.
    splits : sequence of Split
        What of them is learned from and what is tested; none: the first candidate is taken untried.
    held_out : str
        What they hold out, for the record.
    candidates : sequence of Candidate
        In the order in which they are tried.
    seconds : float, optional
        No further candidate is begun after this time; one is always tried.
    decide : callable
        Gives the classes of all texts by their scores, which are NaN where a text was not held out.

    Returns
    -------
    Choice

    Notes
    -----
    Candidates within a standard error of the best cannot be told from it, and their mean errs less than any of them: at most
    three answer together. The best one's rarer classes are at last given their full weight, to see whether that is better.
    """
    if not splits:
        return Choice((), (candidates[0],), 0, held_out, True)
    began = time.monotonic()
    tested = np.sort(np.concatenate([split.test for split in splits]))
    truth = targets[tested] > 0
    tried: list[Tried] = []

    def stream() -> Iterator[Candidate]:
        yield from candidates
        yield replace(max(tried, key=lambda one: one.macro_f1).candidate, balance=1.0)

    total = len(candidates) + 1
    for candidate in progress(stream(), "choosing a classifier", total=total):
        if tried and seconds is not None and time.monotonic() - began > seconds:
            break
        given = decide(unseen_scores(kernels, targets, splits, [candidate]))[tested]
        right = float((given == truth).all(axis=1).mean())
        tried.append(Tried(candidate, macro_f1(truth, given), float(np.sqrt(right * (1 - right) / len(tested)))))
    texts = len(np.unique(np.concatenate([np.concatenate([split.train, split.test]) for split in splits])))
    return Choice(tuple(tried), together(tried), texts, held_out, len(tried) == total)
