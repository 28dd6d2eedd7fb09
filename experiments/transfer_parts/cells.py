"""One cell: something learns in one language and is asked about tested texts of both; what it said is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from classification_parts import ANSWERING, LEARNING, packed, unpacked

from research.classifiers.classifier import TextClassifier
from research.evaluate import as_decisions, macro_f1
from research.runs import Cell, Measured

from .texts import material_of, parts_of
from .ways import ADAPTED, LEARNERS, PLAIN, TO_TESTED, Given

Codes = npt.NDArray[np.intp]


def measure(cell: Cell) -> Measured:
    """Learn from all parts but one, and answer for that one: in the same language, and in the other also adapted."""
    chosen, seed, fold = cell.settings, cell.seed or 0, cell.fold or 0
    seen = material_of(chosen)
    part = parts_of(seen, chosen["folds"], seed)[fold]
    learned = chosen["learned"]
    rows = (part.train if chosen["all_labels"] else part.drawn)[learned]
    given = Given(
        [seen.texts[row] for row in rows],
        [seen.labels[row] for row in rows],
        [seen.groups[row] for row in rows],
        chosen["encoder"],
        1000 * seed + fold,
    )
    start = time.perf_counter()
    model = LEARNERS[chosen["learner"]](given)
    seconds = {LEARNING: time.perf_counter() - start}
    start = time.perf_counter()
    at = {name: number for number, name in enumerate(seen.classes)}
    metrics: dict[str, float] = {}
    said: dict[str, dict[str, str]] = {language: {} for language in seen.languages}
    for language in seen.languages:
        unseen = [seen.texts[row] for row in part.test[language]]
        if not unseen:
            continue
        truth = [seen.labels[row] for row in part.test[language]]
        asked: dict[str, Any] = {PLAIN: model}
        if language != learned and hasattr(model, "adapted"):
            # Texts of the language that are neither tested nor translations of what is tested; their labels are not looked at.
            asked[ADAPTED] = model.adapted([seen.texts[row] for row in part.train[language]])
            asked[TO_TESTED] = model.adapted(unseen)
        for how, one in asked.items():
            labels = [str(label) for label in one.predict(unseen)]
            said[language][how] = packed(np.array([at[label] for label in labels]))
            right = as_decisions(truth, seen.classes)
            metrics[f"macro-F1, {language}, {how}"] = macro_f1(right, as_decisions(labels, seen.classes))
    seconds[ANSWERING] = time.perf_counter() - start
    data = {"classes": seen.classes, "labels": len(rows), "said": said, "meaning": weight_of_meaning(model)}
    return Measured({**metrics, **seconds}, data)


def weight_of_meaning(model: Any) -> float | None:
    """Give how much of what a classifier chose to look at is meaning: of a text in another script it sees nothing else."""
    if not isinstance(model, TextClassifier):
        return None
    return float(np.mean([one.mix.meaning for one in model.choice_.chosen]))


def answers(data: Mapping[str, Any], classes: Sequence[str], language: str, how: str) -> Codes:
    """Read what a cell said of the tested texts of a language; nothing where none was tested."""
    if list(data["classes"]) != list(classes):
        raise ValueError("the cell knows other classes")
    return unpacked(data["said"][language].get(how, ""))
