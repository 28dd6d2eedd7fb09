"""The texts of a corpus with their classes, and which of them are learned from and tested on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

import research
from research.classifiers.splits import Split, by_group, by_source, by_time, join_duplicates
from research.corpus.documents import Corpus
from research.corpus.labels import load_labels
from research.errors import ConfigError, DataError
from research.runs import project_path

HELD_OUT = ("article", "outlet", "time")


@dataclass(frozen=True, eq=False)
class Material:
    """The texts that have a class."""

    texts: list[str]
    labels: list[str]
    articles: list[str]
    sources: list[str]
    dates: list[date | None]
    groups: list[int]  # the article of each; articles that are copies of one another are one
    copies: int  # texts that have a copy in another article
    classes: list[str]

    @property
    def codes(self) -> npt.NDArray[np.intp]:
        """The class of every text by its number."""
        at = {name: number for number, name in enumerate(self.classes)}
        return np.array([at[label] for label in self.labels], dtype=np.intp)


def merging(pairs: Sequence[str]) -> dict[str, str]:
    """Read which classes count as which others."""
    found = {}
    for pair in pairs:
        old, equals, new = (part.strip() for part in pair.partition("="))
        if not (old and equals and new):
            raise ConfigError(f"{pair!r} is not OLD=NEW", where="key merge", remedy="write for example middleEast=world")
        found[old] = new
    return found


def material_of(chosen: Mapping[str, Any]) -> Material:
    merge = tuple(chosen["merge"])
    return material(*(chosen[name] for name in ("corpus", "labels", "codebook")), merge, chosen["most"], chosen["seed"])


@lru_cache(maxsize=2)
def material(corpus: str, labels: str, codebook: str, merge: tuple[str, ...], most: int, seed: int) -> Material:
    loaded = research.load(project_path(corpus))
    found = labelled_lines(loaded, labels, codebook) if labels else labelled_articles(loaded)
    if most and len(found) > most:
        kept = np.sort(np.random.default_rng(seed).permutation(len(found))[:most])
        found = [found[at] for at in kept]
    renamed = merging(merge)
    classes = [renamed.get(label, label) for _, label, _ in found]
    if len(set(classes)) < 2:
        raise DataError("there are no two classes to tell apart", where=corpus, remedy="give labels")
    texts, articles = [text for text, _, _ in found], [article for _, _, article in found]
    groups, copies = join_duplicates(texts, articles)
    return Material(
        texts,
        classes,
        articles,
        [loaded[article].source for article in articles],
        [loaded[article].date for article in articles],
        groups,
        copies,
        sorted(set(classes)),
    )


def labelled_lines(corpus: Corpus, labels: str, codebook: str) -> list[tuple[str, str, str]]:
    """Lines that speak of exactly one theme, both readers agreeing."""
    names = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    return [
        (line.text, next(iter(line.themes)), line.document)
        for line in load_labels(project_path(labels), corpus, names)
        if len(line.themes) == 1 and not line.disputed and not line.furniture
    ]


def labelled_articles(corpus: Corpus) -> list[tuple[str, str, str]]:
    """Whole articles with a label, without what surrounds them on their pages."""
    parts: dict[str, list[str]] = {}
    for passage in research.clean(corpus).passages:
        parts.setdefault(passage.document, []).append(passage.text)
    return [("\n".join(lines), corpus[id].label, id) for id, lines in parts.items() if corpus[id].label]


def splits_of(seen: Material, chosen: Mapping[str, Any]) -> list[Split]:
    """Divide the texts by articles, outlets or time; articles that are copies of one another stay together."""
    if chosen["held_out"] == "outlet":
        return by_source(seen.sources, seen.groups)
    if chosen["held_out"] == "time":
        return [by_time(seen.dates, seen.groups)]
    return by_group(seen.labels, seen.groups, folds=chosen["folds"], seed=chosen["seed"])
