"""One cell: the scores that one way of tagging gives to passages whose article it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from research.corpus.tables import read_table
from research.evaluate import macro_f1, shuffled
from research.features import EmbeddingStore, get_encoder
from research.messages import word
from research.runs import Cell, Measured, Outcome, project_path
from research.tagging import Labelled, load_labelled
from research.themes import ThemeTagger, load_codebook

Scores = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]

FLOOR, SHUFFLED = word("frequency only (floor)"), word("all parts, labels shuffled")
ALL, WORDLIST = word("all parts"), word("codebook without labels")
ARMS: dict[str, tuple[str, ...]] = {
    WORDLIST: ("codebook",),
    word("codebook, weighed by labels"): ("codebook",),
    word("embeddings"): ("embeddings",),
    word("words"): ("words",),
    word("embeddings + words"): ("embeddings", "words"),
    word("codebook + words"): ("codebook", "words"),
    ALL: ("codebook", "embeddings", "words"),
}
TRANSFER: dict[str, tuple[bool, bool]] = {
    word("Arabic to English"): (True, False),
    word("English to Arabic"): (False, True),
}
NOT_NEWS = "boilerplate"


@lru_cache(maxsize=2)
def labelled(corpus: str, labels: str, codebook: str) -> Labelled:
    return load_labelled(project_path(corpus), project_path(labels), load_codebook(project_path(codebook)).keys)


@lru_cache(maxsize=2)
def unseen(real: str, real_labels: str, codebook: str) -> Labelled:
    """Paragraphs that nobody learns from: what both readers gave is so, what one gave is open, what is not news is left out."""
    keys = load_codebook(project_path(codebook)).keys
    if real_labels:
        return load_labelled(project_path(real), project_path(real_labels), keys, partial=True)
    rows = [row for _, row in read_table(project_path(real), ("text", "themes"))]
    rows = [row for row in rows if NOT_NEWS not in row["themes"]]
    truth = [[np.nan if key in row.get("disputed", ()) else float(key in row["themes"]) for key in keys] for row in rows]
    articles = [str(row.get("article", number)) for number, row in enumerate(rows)]
    return Labelled([str(row["text"]) for row in rows], articles, articles, np.array(truth))


def measure(cell: Cell) -> Measured:
    """Scores of one way of tagging, each passage's by a model that has not seen its article."""
    chosen = cell.settings
    known = labelled(chosen["corpus"], chosen["labels"], chosen["codebook"])
    asked = unseen(chosen["real"], chosen["real_labels"], chosen["codebook"]) if chosen["real"] else known
    scores, given = np.full(asked.truth.shape, np.nan), np.zeros(asked.truth.shape, bool)
    for train, test in _divisions(cell, known, asked):
        scores[test], given[test] = _tagged(cell, known[train], [asked.texts[row] for row in test])
    tested = asked.usable & ~np.isnan(scores)
    found = macro_f1(asked.stated & tested, given & tested)
    # Four digits of each score, row by row; -1 where it was not tested.
    digits = np.where(np.isnan(scores), -1, np.round(np.nan_to_num(scores) * 10_000)).astype(int)
    return Measured({"macro-F1": found}, {"scores": digits.ravel().tolist(), "given": given.ravel().astype(int).tolist()})


def _divisions(cell: Cell, known: Labelled, asked: Labelled) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    if cell.model in TRANSFER:
        first, second = TRANSFER[cell.model]
        return [(np.flatnonzero(known.arabic == first), np.flatnonzero(asked.arabic == second))]
    if asked is not known:
        return [(np.arange(len(known.texts)), np.arange(len(asked.texts)))]
    split = GroupKFold(cell.settings["folds"], shuffle=True, random_state=cell.seed or 0)
    return list(split.split(known.truth, groups=np.array(known.groups)))


def _tagged(cell: Cell, train: Labelled, texts: Sequence[str]) -> tuple[Scores, Given]:
    if cell.model == FLOOR:
        share = np.nanmean(train.truth, axis=0)
        return np.tile(share, (len(texts), 1)), np.tile(share >= 0.5, (len(texts), 1))
    encoder = get_encoder(cell.settings["encoder"])
    store = EmbeddingStore.of(encoder)
    tagger = ThemeTagger(
        load_codebook(project_path(cell.settings["codebook"])), encoder, store, ARMS.get(cell.model, ARMS[ALL]), folds=5
    )
    truth = train.truth[shuffled(range(len(train.texts)), seed=cell.seed or 0)] if cell.model == SHUFFLED else train.truth
    tagger.fit(train.texts, None if cell.model == WORDLIST else truth, train.groups)
    scores = tagger.predict_proba(texts)
    return scores, scores >= tagger.thresholds_


def read(outcome: Outcome, asked: Labelled) -> tuple[Scores, Given]:
    """Give the scores and decisions of a measured cell, a row a passage and a column a theme; NaN where it was not tested."""
    scores = np.array(outcome.data["scores"], dtype=float).reshape(asked.truth.shape) / 10_000
    return np.where(scores < 0, np.nan, scores), np.array(outcome.data["given"], dtype=bool).reshape(asked.truth.shape)
