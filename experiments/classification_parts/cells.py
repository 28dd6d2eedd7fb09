"""One cell: a way learns from one part of the texts and is asked about the other; what it said is kept."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from research.classifiers.classifier import TextClassifier
from research.evaluate import as_decisions, macro_f1, shuffled
from research.runs import Cell, Measured

from .texts import material_of, splits_of
from .ways import SHUFFLED, WAYS, Given

LEARNING, ANSWERING = "seconds to learn", "seconds to answer"
_STEPS = 65_535  # as fine as two bytes hold

Codes = npt.NDArray[np.intp]
Probabilities = npt.NDArray[np.float64]


def measure(cell: Cell) -> Measured:
    """Learn from all parts but one, and answer for that one."""
    chosen, way = cell.settings, cell.settings["way"]
    seen = material_of(chosen)
    split = splits_of(seen, chosen)[cell.fold or 0]
    given = Given(
        [seen.texts[row] for row in split.train],
        [seen.labels[row] for row in split.train],
        [seen.groups[row] for row in split.train],
        [seen.sources[row] for row in split.train] if chosen["held_out"] == "outlet" else None,
        chosen["encoder"],
        chosen["seed"],
    )
    if cell.model == SHUFFLED:
        dealt = shuffled(given.labels, seed=chosen["seed"] + (cell.fold or 0))
        given = replace(given, labels=[str(label) for label in dealt])
    unseen, truth = [seen.texts[row] for row in split.test], [seen.labels[row] for row in split.test]
    start = time.perf_counter()
    model = WAYS[way](given)
    learned = time.perf_counter()
    said = [str(label) for label in model.predict(unseen)]
    answered = time.perf_counter()
    at = {name: number for number, name in enumerate(seen.classes)}
    data: dict[str, Any] = {"classes": seen.classes, "said": packed(np.array([at[label] for label in said]))}
    if isinstance(model, TextClassifier):
        spread = np.zeros((len(unseen), len(seen.classes)))
        spread[:, [at[str(name)] for name in model.classes_]] = model.predict_proba(unseen)
        data |= {"sure": packed(np.rint(spread * _STEPS)), "choice": choice_of(model)}
    metrics = {
        "macro-F1": macro_f1(as_decisions(truth, seen.classes), as_decisions(said, seen.classes)),
        "accuracy": float(np.mean(np.array(said) == np.array(truth))),
        LEARNING: learned - start,
        ANSWERING: answered - learned,
    }
    return Measured(metrics, data)


def choice_of(model: TextClassifier) -> dict[str, Any]:
    """Put what a classifier chose into plain values."""
    found = model.choice_
    return {
        "chosen": [[one.name, one.penalty, one.balance] for one in found.chosen],
        "expected": max((one.macro_f1 for one in found.tried), default=None),
        "held_out": found.held_out,
        "texts": found.texts,
        "tried": len(found.tried),
        "complete": found.complete,
    }


def packed(numbers: npt.NDArray[Any]) -> str:
    """Write whole numbers from 0 to 65,535, two bytes each."""
    return b64encode(np.asarray(numbers).astype("<u2").tobytes()).decode("ascii")


def unpacked(text: str) -> Codes:
    return np.frombuffer(b64decode(text), dtype="<u2").astype(np.intp)


def answers(data: Mapping[str, Any], classes: Sequence[str]) -> tuple[Codes, Probabilities | None]:
    """Read what a cell said, and how sure it was where it tells, shape (n, classes)."""
    if list(data["classes"]) != list(classes):
        raise ValueError("the cell knows other classes")
    said = unpacked(data["said"])
    if "sure" not in data:
        return said, None
    return said, unpacked(data["sure"]).reshape(len(said), len(classes)) / _STEPS
