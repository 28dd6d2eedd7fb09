"""The texts that an arm works on, with their classes and embeddings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

import research
from research.cleaning import CleanResult
from research.corpus.documents import Corpus
from research.corpus.labels import load_labels
from research.evaluate import deal_words
from research.features import EmbeddingStore, Encoder, embed, get_encoder, window_means
from research.runs import project_path
from research.text import normalize
from research.text.tokens import words
from research.themes import Labelled, load_codebook, load_labelled


@dataclass(frozen=True, eq=False)
class Material:
    """Texts with what is needed to form topics of them and to score these."""

    texts: list[str]
    articles: list[str]
    classes: npt.NDArray[np.object_]  # None where a text is not scored
    embeddings: npt.NDArray[np.float32]
    cleaned: CleanResult
    tokens: list[list[str]]  # of its passages


def material_of(chosen: Mapping[str, Any]) -> Material:
    names = ("corpus", "labels", "codebook", "unit", "articles", "encoder", "seed", "furniture", "dealt")
    return material(*(chosen[name] for name in names))


@lru_cache(maxsize=4)
def material(
    corpus: str, labels: str, codebook: str, unit: str, articles: int, encoder: str, seed: int, furniture: bool, dealt: bool
) -> Material:
    loaded = research.load(project_path(corpus))
    themes = _themes(loaded, labels, codebook) if labels else {}
    if articles and len(loaded.usable) > articles:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(loaded.usable))[:articles])
        loaded = Corpus(loaded.name, tuple(loaded.usable[at] for at in drawn))
    cleaned = research.clean(loaded, furniture=furniture)
    texts, of, classes = [], [], []
    if unit == "passage":
        for passage in cleaned.passages:
            texts.append(passage.text)
            of.append(passage.document)
            found = [theme for start, end, theme in themes.get(passage.document, []) if start <= passage.start < end]
            classes.append(found[0] if found else None)
    else:
        parts: dict[str, list[str]] = {}
        for passage in cleaned.passages:
            parts.setdefault(passage.document, []).append(passage.text)
        for id, lines in parts.items():
            texts.append("\n".join(lines))
            of.append(id)
            classes.append(loaded[id].label)
    if dealt:
        texts = [" ".join(text) for text in deal_words([text.split() for text in texts], seed=seed)]
    coder = get_encoder(encoder)
    embeddings = (embed if unit == "passage" else window_means)(texts, coder, store_of(coder))
    tokens = [words(normalize(passage.text)) for passage in cleaned.passages]
    return Material(texts, of, np.array(classes, dtype=object), embeddings, cleaned, tokens)


def _themes(corpus: Corpus, labels: str, codebook: str) -> dict[str, list[tuple[int, int, str]]]:
    """Lines that speak of exactly one theme, both readers agreeing."""
    names = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in load_labels(project_path(labels), corpus, names):
        if len(line.themes) == 1 and not line.disputed:
            found.setdefault(line.document, []).append((line.start, line.end, next(iter(line.themes))))
    return found


@lru_cache(maxsize=2)
def labelled(corpus: str, labels: str, codebook: str) -> Labelled:
    return load_labelled(project_path(corpus), project_path(labels), load_codebook(project_path(codebook)).keys)


def store_of(encoder: Encoder) -> EmbeddingStore:
    return EmbeddingStore.of(encoder)
