"""One cell: what a way makes of more and more labels of one draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from classification_parts import Material, material_of

from research.classifiers.self_training import SelfTrainingClassifier
from research.evaluate import as_decisions, macro_f1, shuffled
from research.runs import Cell, Measured

from .draws import Draw, Rows, drawn, labelled_rows
from .ways import CODEBOOK, LABELLING, NEXT, OURS, RANDOM, SHUFFLED, WAYS, Given, descriptions_of, in_order

F1, ACCURACY, TEXTS, ROUNDS = "macro-F1", "accuracy", "texts", "rounds"


def at(metric: str, size: int) -> str:
    """Name a metric at a number of labels a class.

    Examples
    --------
    >>> at("macro-F1", 8)
    'macro-F1, 8 a class'
    """
    return f"{metric}, {size} a class"


def measure(cell: Cell) -> Measured:
    """Learn from each number of labels, and answer for texts of other articles."""
    chosen, way = cell.settings, cell.settings["way"]
    seen = material_of(chosen)
    number, seed = cell.fold or 0, chosen["seed"] + (cell.fold or 0)
    draw = drawn(seen, number, pool=chosen["pool"], tested=chosen["tested"], seed=chosen["seed"])
    sizes = list(chosen["sizes"])
    labelled = _labelled(seen, draw, sizes, way, chosen["encoder"], seed)
    about = descriptions_of(chosen["codebook"], seen.classes) if way == CODEBOOK else {}
    metrics: dict[str, float] = {}
    if way == CODEBOOK:
        sizes, labelled = [0, *sizes], [draw.pool[:0], *labelled]
    for size, rows in zip(sizes, labelled, strict=True):
        given = _given(seen, draw, rows, about, chosen["encoder"], seed)
        if way == SHUFFLED:
            given = replace(given, labels=[str(label) for label in shuffled(given.labels, seed=seed)])
        model = WAYS[OURS if way in LABELLING else way](given)
        truth = [seen.labels[row] for row in draw.test]
        said = [str(label) for label in model.predict([seen.texts[row] for row in draw.test])]
        metrics[at(F1, size)] = macro_f1(as_decisions(truth, seen.classes), as_decisions(said, seen.classes))
        metrics[at(ACCURACY, size)] = float(np.mean(np.array(said) == np.array(truth)))
        metrics[at(TEXTS, size)] = len(rows)
        if isinstance(model, SelfTrainingClassifier):
            metrics[at(ROUNDS, size)] = model.guard_.taken
    return Measured(metrics)


def _labelled(seen: Material, draw: Draw, sizes: list[int], way: str, encoder: str, seed: int) -> list[Rows]:
    """Say which texts have a label at each size."""
    if way not in LABELLING:
        return [labelled_rows(draw, seen.codes, size) for size in sizes]
    totals = [size * len(seen.classes) for size in sizes]
    if way == RANDOM:
        return [np.sort(draw.pool[:total]) for total in totals]
    assert way == NEXT
    pool = np.sort(draw.pool)
    texts, labels, groups = ([of[row] for row in pool] for of in (seen.texts, seen.labels, seen.groups))
    return [np.sort(pool[found]) for found in in_order(texts, labels, groups, totals, encoder, seed)]


def _given(seen: Material, draw: Draw, rows: Rows, about: dict[str, list[str]], encoder: str, seed: int) -> Given:
    has = set(map(int, rows))
    return Given(
        [seen.texts[row] for row in rows],
        [seen.labels[row] for row in rows],
        [seen.groups[row] for row in rows],
        [seen.texts[row] for row in np.sort(draw.pool) if int(row) not in has],
        about,
        encoder,
        seed,
    )
