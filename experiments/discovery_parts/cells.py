"""One cell: what a way is given in one draw, and the scores of the topics that it finds there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from research.evaluate import (
    Undefined,
    agreement,
    count_cooccurrence,
    diversity,
    mean_defined,
    npmi,
    partition_stability,
    shuffled,
)
from research.messages import word
from research.runs import Cell, Measured
from research.text import normalize
from research.text.lexicon import STOP_WORD_GROUPS, stop_words
from research.text.tokens import words

from .draws import draw, material_of, vectors
from .fits import fit, fit_alone
from .ways import OURS, WORDS, Found, Given, Labels

DEALT = word("words dealt anew (control)")
KEPT = 0.9  # share of the articles in the resample that stability is measured on
SECONDS, MEMORY = word("seconds"), word("peak memory (MB)")


@dataclass(frozen=True, eq=False)
class Task:
    """What a way is given in one draw, and what its topics are scored with."""

    given: Given
    at: list[int]  # the row of every text among the different ones
    articles: list[str]  # of the different ones
    classes: npt.NDArray[np.object_]  # of every text
    held_out: list[list[str]]


def task(chosen: Mapping[str, Any], number: int, *, dealt: bool) -> Task:
    seen = material_of(chosen, dealt=dealt)
    drawn = draw(seen, number, chosen)
    # Equal texts are given once, in an order of their own; every one of them is scored.
    texts = sorted({seen.texts[row] for row in drawn.rows})
    at = {text: place for place, text in enumerate(texts)}
    article = {seen.texts[row]: seen.of[row] for row in drawn.rows[::-1]}
    classes = seen.classes[drawn.rows]
    n_topics = len({name for name in classes if name is not None})
    given = Given(texts, vectors(texts, chosen), n_topics, chosen["seed"] + number, chosen["encoder"])
    return Task(given, [at[seen.texts[row]] for row in drawn.rows], [article[text] for text in texts], classes, drawn.held_out)


def measure(cell: Cell) -> Measured:
    """Score the topics of one way on one draw, or, in a cell without a draw, what they cost on the first."""
    chosen, way = cell.settings, OURS if cell.model == DEALT else cell.model
    todo = task(chosen, cell.fold or 0, dealt=cell.model == DEALT)
    if cell.fold is None:
        return Measured(dict(zip((SECONDS, MEMORY), fit_alone(way, todo.given), strict=True)))
    found = fit(way, todo.given)
    labels = found.labels[todo.at]
    metrics = {
        **class_scores(todo.classes, labels),
        "coverage": float((labels >= 0).mean()),
        **word_scores(found.words, todo.held_out),
        **stability_scores(way, todo, found.labels),
        "topics": float(len(set(labels.tolist()) - {-1})),
    }
    dealt_classes = np.array(shuffled(todo.classes.tolist(), seed=todo.given.seed), dtype=object)
    return Measured(metrics, {"words": largest(found), "shuffled": class_scores(dealt_classes, labels)})


def class_scores(classes: npt.NDArray[np.object_], labels: Labels) -> dict[str, float]:
    """Hold topics against the classes of the texts that have one."""
    known = np.array([name is not None for name in classes], dtype=bool)
    found = agreement(classes[known].tolist(), labels[known].tolist())
    return {"AMI": found.ami, "ARI": found.ari}


def largest(found: Found, topics: int = 5, most: int = 6) -> list[list[str]]:
    """Give the first words of the largest topics."""
    sizes = np.bincount(found.labels[found.labels >= 0], minlength=len(found.words))[: len(found.words)]
    return [found.words[topic][:most] for topic in np.argsort(-sizes, kind="stable")[:topics]]


def word_scores(topics: Sequence[Sequence[str]], held_out: list[list[str]]) -> dict[str, float]:
    """Score words of topics in the one vocabulary that all ways are scored in: single written words, folded."""
    written = [
        list(dict.fromkeys(part for word in topic for part in words(normalize(word.replace("_", " ")))))[:WORDS]
        for topic in topics
    ]
    counts = count_cooccurrence(held_out, {word for topic in written for word in topic})
    said, common = [word for topic in written for word in topic], stop_words(STOP_WORD_GROUPS)
    return {
        "NPMI": mean_defined(npmi(written, counts), "topic"),
        "diversity": diversity(written),
        "words a topic": mean_defined([float(len(topic)) for topic in written], "topic"),
        "stop words": sum(word in common for word in said) / len(said) if said else Undefined("no topic has a word"),
    }


def stability_scores(way: str, todo: Task, labels: Labels) -> dict[str, float]:
    """Fit again with other seeds: all texts in another order, and those of nine articles in ten."""
    given, found = todo.given, []
    for number, rows in enumerate(other_rows(todo.articles, given.seed), 1):
        texts, seed = [given.texts[row] for row in rows], given.seed + 1000 * number
        other = fit(way, replace(given, texts=texts, embeddings=given.embeddings[rows], seed=seed)).labels
        found.append(alike(labels, other, rows))
    return {"stability": sum(found) / 2, "stability over seeds": found[0], "stability over samples": found[1]}


def other_rows(articles: Sequence[str], seed: int) -> list[npt.NDArray[np.intp]]:
    """Give all rows in another order, and the rows of nine articles in ten."""
    rng = np.random.default_rng([seed, 1])
    names = sorted(set(articles))
    kept = {names[at] for at in rng.permutation(len(names))[: math.ceil(KEPT * len(names))]}
    sample = [row for row, article in enumerate(articles) if article in kept]
    return [rng.permutation(len(articles)), rng.permutation(np.array(sample, dtype=np.intp))]


def alike(labels: Labels, other: Labels, rows: npt.NDArray[np.intp]) -> float:
    """Compare a partition with another one of some of its rows; what is left out is one more cluster in both."""
    placed = np.full(len(labels), -1)
    placed[rows] = _whole(other)
    return partition_stability([_whole(labels), placed])


def _whole(labels: Labels) -> Labels:
    return np.where(labels < 0, labels.max(initial=-1) + 1, labels)
