"""What carries a classifier's prediction, found and checked by cutting it out; the classifier is only asked, never opened."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError, DataError

__all__ = ["DeletionCheck", "Faithfulness", "Span", "cut_out", "deletion_check", "faithfulness", "spans_that_carry"]

Predict = Callable[[list[str]], npt.ArrayLike]  # texts, some blank, to probabilities of two classes or more, (n, classes)
Kind = Literal["word", "clause", "sentence"]
Place = tuple[int, int]  # start and end, in characters

_CLIP = 1e-6  # Probabilities are kept this far from 0 and 1: beyond that, log odds tell rounding errors.
_LEAST = 1e-4  # Log odds below which a loss may be a rounding error.


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that carries a prediction.

    Attributes
    ----------
    start, end, text, kind : int, int, str, {"word", "clause", "sentence"}
        Its characters in the text, what stands there, and what that is or consists of.
    weight : float
        What the log odds of the predicted class lose when this stretch alone is cut out.
    """

    start: int
    end: int
    text: str
    weight: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class DeletionCheck:
    """What becomes of a prediction without its evidence, and without as much of something else.

    Attributes
    ----------
    target, characters : int
        The class that was predicted, and how long its evidence is; 0 where there is none, so that nothing was tested.
    before, without, control : float
        Probability of the class for the whole text, without its evidence, and without as many characters of other pieces.
    changed, control_changed : bool
        Whether another class is the most probable one then. For the control both are None where the others have too few.
    """

    target: int
    characters: int
    before: float
    without: float
    changed: bool
    control: float | None
    control_changed: bool | None


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How far the evidence of many predictions is what they rest on; NaN for what no text shows.

    Attributes
    ----------
    texts, tested, compared : int
        How many texts there are; those of them with evidence; those of these with a control of the same size.
    drop, changed : float
        Over the tested: what the probability loses on average without the evidence, and the share of decisions that change.
    control_drop, control_changed, advantage : float
        Over the compared: the same without the control, and how much more is lost on average without the evidence.
    """

    texts: int
    tested: int
    compared: int
    drop: float
    changed: float
    control_drop: float
    control_changed: float
    advantage: float


def cut_out(text: str, places: Iterable[Place]) -> str:
    """Cut stretches out of a text, in any order; they may overlap.

    Examples
    --------
    >>> cut_out("وصل القطار متأخرا", [(11, 17), (4, 10), (6, 10)])
    'وصل  '
    """
    for start, end in reversed(_merge(places)):
        text = text[:start] + text[end:]
    return text


def spans_that_carry(
    predict: Predict, text: str, target: int, located: Sequence[Place], *, most: int = 5, kind: Kind = "word"
) -> tuple[Span, ...]:
    """Find the pieces of a text without which a class would be less probable.

    Parameters
    ----------
    predict : callable
        Texts to probabilities, asked once for all pieces and once more for merged ones; no text left is given as one blank.
    text, target : str, int
        The text and the number of the class, as a rule the one that was predicted.
    located : sequence of (int, int)
        Where the pieces are that may be evidence, in any order; they may overlap.
    most, kind : int, {"word", "clause", "sentence"}
        How many pieces at most, before those that overlap or touch are merged, and what they are.

    Returns
    -------
    tuple of Span
        The heaviest first; none where no piece has an effect. A merged one weighs what is lost without all of it.

    Raises
    ------
    DataError, ConfigError
        If a piece is not inside the text; if `most` is not positive, or `predict` gives no probability of the class.

    Notes
    -----
    The difference of the log odds is the "weight of evidence" of Robnik-Šikonja & Kononenko (2008), "Explaining
    classifications for individual instances"; here in natural units, probabilities kept between 0.000001 and 0.999999, and
    below 0.0001 it counts as none. What a text says twice may have no effect when it is cut out once, and is not found.

    Examples
    --------
    >>> rain = lambda texts: [[0.2, 0.8] if "مطر" in text else [0.8, 0.2] for text in texts]
    >>> [(span.text, round(span.weight, 3)) for span in spans_that_carry(rain, "هطل مطر غزير", 1, [(0, 3), (4, 7), (8, 12)])]
    [('مطر', 2.773)]
    """
    if most < 1:
        raise ConfigError(f"{most} pieces at most", where="spans_that_carry", remedy="it must be 1 or more")
    _check_inside(text, located, "spans_that_carry")
    if not located:
        return ()
    lost = _lost_without(predict, text, target, sorted(set(located)))
    heaviest = sorted(lost, key=lambda place: (-lost[place], place))[:most]
    merged = _merge(place for place in heaviest if lost[place] > _LEAST)
    if new := [place for place in merged if place not in lost]:
        lost |= _lost_without(predict, text, target, new)
    spans = [Span(start, end, text[start:end], lost[start, end], kind) for start, end in merged if lost[start, end] > _LEAST]
    return tuple(sorted(spans, key=lambda span: (-span.weight, span.start)))


def deletion_check(
    predict: Predict,
    texts: Sequence[str],
    targets: Sequence[int],
    spans_of: Sequence[Sequence[Span]],
    located: Sequence[Sequence[Place]] | None = None,
    *,
    seed: int = 0,
) -> tuple[DeletionCheck, ...]:
    """Cut the evidence of every text out of it and predict again; then as much of something else, as a control.

    Parameters
    ----------
    predict : callable
        Texts to probabilities, asked once for all texts; no text left is given as one blank.
    texts, targets, spans_of : sequence of str, sequence of int, sequence of sequence of Span
        The texts; the class predicted for each; what `spans_that_carry` found in each, or evidence from elsewhere.
    located : sequence of sequence of (int, int), optional
        Of every text the pieces from which the control is drawn, best those among which the evidence was found; what overlaps
        evidence is left out. By default what stands between blanks.
    seed : int
        What is drawn for a text depends on it and on the text alone, not on the other texts.

    Returns
    -------
    tuple of DeletionCheck
        One a text, in the same order.

    Raises
    ------
    DataError, ConfigError
        If the lists or the evidence do not belong to the texts; if `predict` gives no probability of a class.

    Notes
    -----
    The control takes other pieces in random order until as many characters are gone as the evidence has; of the last piece
    only as many as are wanting, from its start. What is left of a word is hardly a word, so the control errs to its own side.

    Examples
    --------
    >>> rain = lambda texts: [[0.2, 0.8] if "مطر" in text else [0.7, 0.3] for text in texts]
    >>> deletion_check(rain, ["هطل مطر غزير"], [1], [[Span(4, 7, "مطر", 2.234, "word")]])
    (DeletionCheck(target=1, characters=3, before=0.8, without=0.3, changed=True, control=0.8, control_changed=False),)
    """
    if located is None:
        located = [[found.span() for found in re.finditer(r"\S+", text)] for text in texts]
    if len(lengths := {len(texts), len(targets), len(spans_of), len(located)}) > 1:
        raise DataError(f"lists of {sorted(lengths)}", where="deletion_check", remedy="each must have one entry a text")
    cuts: list[tuple[str, str, str | None]] = []
    for number, (text, spans, others) in enumerate(zip(texts, spans_of, located, strict=True)):
        evidence, where = [(span.start, span.end) for span in spans], f"deletion_check, text {number}"
        _check_inside(text, [*evidence, *others], where)
        if any(text[span.start : span.end] != span.text for span in spans):
            raise DataError("evidence of another text", where=where, remedy="evidence must be in the order of the texts")
        cut = cut_out(text, evidence)
        cuts.append((text, cut, _cut_control(text, evidence, others, len(text) - len(cut), seed)))
    found = _ask(predict, [text for row in cuts for text in row if text is not None], targets)
    checks = []
    for (text, cut, control), target in zip(cuts, targets, strict=True):
        rows = [found[one] for one in (text, cut, control) if one is not None]
        before, without, *instead = (float(row[target]) for row in rows)
        changed, *changed_instead = (bool(row.argmax() != rows[0].argmax()) for row in rows[1:])
        on_control = (instead[0], changed_instead[0]) if instead else (None, None)
        checks.append(DeletionCheck(int(target), len(text) - len(cut), before, without, changed, *on_control))
    return tuple(checks)


def faithfulness(checks: Iterable[DeletionCheck]) -> Faithfulness:
    """Average what is lost without the evidence, and without the control.

    Notes
    -----
    `Faithfulness.drop` is the comprehensiveness of DeYoung et al. (2020), "ERASER: A benchmark to evaluate rationalized NLP
    models", over the texts that have evidence. Any cut may disturb a classifier: it tells little without the control's.

    Examples
    --------
    >>> faithfulness([DeletionCheck(1, 5, 0.75, 0.25, True, 0.5, False)]).advantage
    0.25
    """
    listed = list(checks)
    tested = [check for check in listed if check.characters]
    compared = [(check, check.control) for check in tested if check.control is not None]
    return Faithfulness(
        *(len(listed), len(tested), len(compared)),
        drop=_mean([check.before - check.without for check in tested]),
        changed=_mean([float(check.changed) for check in tested]),
        control_drop=_mean([check.before - control for check, control in compared]),
        control_changed=_mean([float(check.control_changed is True) for check, _ in compared]),
        advantage=_mean([control - check.without for check, control in compared]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _check_inside(text: str, places: Iterable[Place], where: str) -> None:
    for start, end in places:
        if not 0 <= start < end <= len(text):
            raise DataError(f"no piece {start}-{end} in {len(text)} characters", where=where, remedy="locate it in this text")


def _merge(places: Iterable[Place]) -> list[Place]:
    merged: list[Place] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(merged.pop()[1], end)
        merged.append((start, end))
    return merged


def _lost_without(predict: Predict, text: str, target: int, places: Sequence[Place]) -> dict[Place, float]:
    cuts = [cut_out(text, [place]) for place in places]
    found = _ask(predict, [text, *cuts], [target])
    kept = np.clip([found[one][target] for one in (text, *cuts)], _CLIP, 1 - _CLIP)
    odds = np.log(kept) - np.log1p(-kept)
    return dict(zip(places, (odds[0] - odds[1:]).tolist(), strict=True))


def _ask(predict: Predict, texts: Sequence[str], targets: Sequence[int]) -> dict[str, npt.NDArray[np.float64]]:
    # Sorted: a model that sums in the order of its batch then gives the same in whatever order the texts come.
    distinct = sorted({text or " " for text in texts})
    values = np.asarray(predict(distinct), dtype=float) if distinct else np.zeros((0, 2))
    fits = values.ndim == 2 and len(values) == len(distinct) and values.shape[1] > 1
    if not fits or not ((values >= -_CLIP) & (values <= 1 + _CLIP)).all():
        what = f"an array of shape {values.shape} for {len(distinct)} texts does not hold their probabilities"
        raise ConfigError(what, where="predict", remedy="a row a text and a column a class, numbers from 0 to 1, is right")
    if unknown := {int(target) for target in targets if not 0 <= target < values.shape[1]}:
        raise ConfigError(f"there is no class {min(unknown)}", where="predict", remedy=f"it knows 0 to {values.shape[1] - 1}")
    rows = dict(zip(distinct, values, strict=True))
    return {text: rows[text or " "] for text in texts}


def _cut_control(text: str, evidence: Sequence[Place], others: Iterable[Place], size: int, seed: int) -> str | None:
    """Cut so many characters out of pieces that hold no evidence; None where they have fewer."""
    free = sorted({(start, end) for start, end in others if all(end <= first or last <= start for first, last in evidence)})
    content = hashlib.sha256(f"{seed} {text}".encode("utf-8", "surrogatepass")).digest()
    gone = np.zeros(len(text), bool)
    for at in np.random.default_rng(int.from_bytes(content[:16])).permutation(len(free)):
        start, end = free[at]
        gone[start + np.flatnonzero(~gone[start:end])[: size - int(gone.sum())]] = True
    return "".join(text[at] for at in np.flatnonzero(~gone)) if gone.sum() == size else None
