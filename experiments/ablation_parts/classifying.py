"""One cell of classification: our classifier built from its parts, one of them changed, learning from half of the articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from research.classifiers.ridge import Candidate, Kernels, Mix, fit_ridge
from research.classifiers.selection import CANDIDATES, Choice, choose, together
from research.classifiers.splits import Split, by_group
from research.evaluate import as_decisions, macro_f1, shuffled
from research.features.neighbours import unit_rows
from research.features.views import Views
from research.runs import Cell
from research.text import ANALYSIS_STEPS

from .classes import Classed, classed_of, counts_of, unchanged

VIEWS = ("words", "characters", "meaning")
# As in `research.classifiers.classifier`, `selection` and `research.features.surface`; a test holds them against these.
_FEW_FOLDS_FROM, _FOLDS, _FEWER = 1_000, 5, 3
_FEW = 200

Rows = npt.NDArray[np.intp]


def classified(cell: Cell) -> dict[str, float]:
    """Learn classes from one half of the articles, and give those of the other half."""
    chosen = dict(cell.settings)
    if chosen["steps"] != list(ANALYSIS_STEPS) and unchanged(chosen):
        chosen["steps"] = list(ANALYSIS_STEPS)  # the same words: the same answers, which are known perhaps
    seen = classed_of(chosen)
    asked = np.flatnonzero(~seen.half(cell.fold or 0, chosen["seed"]))
    said = _said(
        tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in chosen.items()), cell.fold or 0
    )
    truth = [seen.labels[row] for row in asked]
    return {
        "macro-F1": macro_f1(as_decisions(truth, seen.classes), as_decisions(said, seen.classes)),
        "accuracy": float(np.mean(np.array(said) == np.array(truth))),
    }


@lru_cache(maxsize=64)
def _said(settings: tuple[tuple[str, Any], ...], number: int) -> list[str]:
    """Give the classes of the texts of the other half, in their order."""
    chosen = dict(settings)
    seen = classed_of(chosen)
    half = seen.half(number, chosen["seed"])
    rows, asked = np.flatnonzero(half), np.flatnonzero(~half)
    labels = [seen.labels[row] for row in rows]
    if chosen["dealt"]:
        labels = [str(label) for label in shuffled(labels, seed=number)]
    names = sorted(set(labels))
    targets = np.eye(len(names))[[names.index(label) for label in labels]]
    learned, unknown = views_of(seen, chosen, rows, asked)
    candidates = candidates_of(chosen)
    kernels = Kernels(learned, [one.mix for one in candidates])
    splits = _splits(labels, [seen.groups[row] for row in rows], chosen) if chosen["choosing"] else []
    found = choose(kernels, targets, splits, held_out="articles", candidates=candidates)
    scores = fit_ridge(learned, targets, taken(found, chosen), kernels).scores(unknown)
    return [names[at] for at in scores.argmax(axis=1)]


def views_of(seen: Classed, chosen: Mapping[str, Any], rows: Rows, asked: Rows) -> tuple[Views, Views]:
    """See texts that are learned from, and others in the same way, as `learn_views` does but for what is changed."""
    counts = counts_of(chosen)
    least = 1 if len(rows) < _FEW or not chosen["single"] else 2
    words = [counts.words, counts.pairs] if chosen["pairs"] else [counts.words]
    learned, unknown = _weighed(words, chosen, least, rows, asked)
    pieces, others = _weighed([counts.pieces], chosen, least, rows, asked)
    told = seen.embeddings[rows][~np.isnan(seen.embeddings[rows]).any(axis=1)]
    centre = told.mean(axis=0, dtype=np.float64).astype(np.float32) if chosen["centring"] and len(told) > 1 else np.float32(0)
    one, other = (unit_rows(np.nan_to_num(seen.embeddings[some] - centre), centre=False) for some in (rows, asked))
    return Views(learned, pieces, one), Views(unknown, others, other)


def _weighed(
    kinds: Sequence[sparse.csr_matrix], chosen: Mapping[str, Any], least: int, rows: Rows, asked: Rows
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    kept = [kind[:, np.flatnonzero(np.bincount(kind[rows].indices, minlength=kind.shape[1]) >= least)] for kind in kinds]
    whole = sparse.hstack(kept, format="csr")
    weigher = TfidfTransformer(sublinear_tf=chosen["damping"], use_idf=chosen["rarity"])
    return weigher.fit_transform(whole[rows]), weigher.transform(whole[asked])


def candidates_of(chosen: Mapping[str, Any]) -> list[Candidate]:
    """Give the candidates without the views that are left out, the others' shares made up to 1, each once."""
    found = []
    for one in CANDIDATES:
        shares = {view: getattr(one.mix, view) for view in VIEWS if chosen[f"view_{view}"]}
        total = sum(shares.values())
        if total:
            mix = Mix(**{view: share / total for view, share in shares.items()})
            found.append(replace(one, mix=mix, balance=one.balance if chosen["balance"] else 0.0))
    return list(dict.fromkeys(found))


def _splits(labels: list[str], groups: list[str], chosen: Mapping[str, Any]) -> list[Split]:
    if min(len(set(labels)), len(set(groups))) < 2:
        return []
    return by_group(labels, groups, folds=_FOLDS if len(labels) <= _FEW_FOLDS_FROM else _FEWER, seed=chosen["leiden_seed"])


def taken(found: Choice, chosen: Mapping[str, Any]) -> tuple[Candidate, ...]:
    """Take those that answer together, or the best alone; where classes are not balanced, none that was tried balanced."""
    one = found.chosen
    if found.tried and not chosen["balance"]:
        one = together([tried for tried in found.tried if not tried.candidate.balance])
    return one if chosen["together"] else one[:1]
