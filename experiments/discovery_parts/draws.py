"""The texts of a corpus with their classes, and the draws of articles from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

import research
from research.corpus.documents import Corpus
from research.corpus.labels import load_labels
from research.errors import ConfigError, DataError
from research.evaluate import deal_words
from research.features import EmbeddingStore, embed, get_encoder, window_means
from research.runs import project_path
from research.text import normalize
from research.text.tokens import words

from .ways import Matrix


@dataclass(frozen=True, eq=False)
class Material:
    """The texts of all articles, and their passages as words to count."""

    texts: list[str]
    of: list[str]  # the article of each text
    classes: npt.NDArray[np.object_]  # None where a text is not scored
    tokens: list[tuple[str, list[str]]]  # of each passage, with its article
    articles: list[str]


@dataclass(frozen=True, eq=False)
class Draw:
    """The articles of one draw, as rows of the texts, and the passages of the others."""

    rows: npt.NDArray[np.intp]
    held_out: list[list[str]]


@lru_cache(maxsize=2)
def material(corpus: str, labels: str, codebook: str, unit: str, pool: int, seed: int, dealt: bool) -> Material:
    loaded = research.load(project_path(corpus))
    themes = _themes(loaded, labels, codebook) if labels else {}
    if pool and len(loaded.usable) > pool:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(loaded.usable))[:pool])
        loaded = Corpus(loaded.name, tuple(loaded.usable[at] for at in chosen))
    passages = research.clean(loaded).passages
    tokens = [(passage.document, words(normalize(passage.text))) for passage in passages]
    if unit == "passage":
        texts, of = [passage.text for passage in passages], [passage.document for passage in passages]
        classes = [_class_at(themes.get(passage.document, []), passage.start) for passage in passages] if labels else None
    else:
        parts: dict[str, list[str]] = {}
        for passage in passages:
            parts.setdefault(passage.document, []).append(passage.text)
        texts, of, classes = ["\n".join(lines) for lines in parts.values()], list(parts), None
    if classes is None:
        classes = [loaded[id].label or None for id in of]
    if dealt:
        texts = [" ".join(text) for text in deal_words([text.split() for text in texts], seed=seed)]
    return Material(texts, of, np.array(classes, dtype=object), tokens, sorted(set(of)))


def _class_at(lines: Sequence[tuple[int, int, str]], start: int) -> str | None:
    return next((theme for begin, end, theme in lines if begin <= start < end), None)


def _themes(corpus: Corpus, labels: str, codebook: str) -> dict[str, list[tuple[int, int, str]]]:
    """Lines that speak of exactly one theme, both readers agreeing."""
    names = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in load_labels(project_path(labels), corpus, names):
        if len(line.themes) == 1 and not line.disputed:
            found.setdefault(line.document, []).append((line.start, line.end, next(iter(line.themes))))
    return found


def material_of(chosen: Mapping[str, Any], *, dealt: bool = False) -> Material:
    return material(*(chosen[name] for name in ("corpus", "labels", "codebook", "unit", "pool", "seed")), dealt)


def in_a_draw(articles: int, pool: int) -> int:
    """Say how many articles a draw has: something must be left to count words in."""
    if pool < 2:
        raise ConfigError(f"{pool} articles cannot be drawn from", where="corpus", remedy="give two at least")
    return articles if 0 < articles < pool else pool // 2


def draw(seen: Material, number: int, chosen: Mapping[str, Any]) -> Draw:
    size = in_a_draw(chosen["articles"], len(seen.articles))
    order = np.random.default_rng([chosen["seed"], number]).permutation(len(seen.articles))
    inside = {seen.articles[at] for at in order[:size]}
    rows = np.array([row for row, article in enumerate(seen.of) if article in inside], dtype=np.intp)
    return Draw(rows, [tokens for article, tokens in seen.tokens if article not in inside])


def vectors(texts: list[str], chosen: Mapping[str, Any]) -> Matrix:
    coder = get_encoder(chosen["encoder"])
    store = EmbeddingStore.of(coder)
    return (embed if chosen["unit"] == "passage" else window_means)(texts, coder, store)


def prepare(settings: Mapping[str, Any], draws: int) -> int:
    """Embed all texts that will be drawn, over all cores; give the number of articles."""
    for dealt in (False, True):
        seen = material_of(settings, dealt=dealt)
        if len({name for name in seen.classes if name is not None}) < 2:
            raise DataError("there are no two classes to hold topics against", where=settings["corpus"], remedy="give labels")
        rows = np.unique(np.concatenate([draw(seen, number, settings).rows for number in range(draws)]))
        vectors([seen.texts[row] for row in rows], settings)
    return len(seen.articles)
