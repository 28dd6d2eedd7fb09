"""Labelled texts for classification, and what an arm counts in them: words, pairs of words, and pieces of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

import research
from research.classifiers.splits import join_duplicates
from research.cleaning import CleanResult
from research.corpus.documents import Corpus
from research.errors import DataError
from research.evaluate import halves
from research.features import get_encoder, window_means
from research.messages import Message, message
from research.runs import project_path
from research.text import ANALYSIS_STEPS, DISPLAY_STEPS, normalize
from research.text.analyzer import same
from research.text.lexicon import stop_words
from research.text.stems import split_clitics, stem
from research.text.tokens import tokenize
from research.themes import load_codebook

from .texts import labelled, store_of

_MOST = 8_000  # a half of more texts would be learned from in another way
_LENGTHS = (3, 5)  # of pieces of words, as in `research.features.surface`
_OF_TERMS = ("steps", "proclitics", "endings", "function_words")


class _One(NamedTuple):
    text: str
    label: str
    group: str


@dataclass(frozen=True, eq=False)
class Classed:
    """Texts with one class each, in an order of their own."""

    unit: str
    texts: list[str]
    labels: list[str]
    groups: list[str]  # the article of each; copies under one name
    every: list[str]  # groups that halves are drawn from: also those without such a text
    embeddings: npt.NDArray[np.float32]

    @property
    def classes(self) -> list[str]:
        return sorted(set(self.labels))

    def half(self, number: int, seed: int) -> npt.NDArray[np.bool_]:
        """Tell which texts are in a random half of the articles."""
        drawn = halves(self.every, draws=number + 1, seed=seed)[-1]
        inside = {group for group, is_in in zip(self.every, drawn, strict=True) if is_in}
        return np.array([group in inside for group in self.groups])

    def sentence(self) -> Message:
        """Say how many texts there are."""
        sizes = {"texts": len(self.texts), "articles": len(set(self.groups)), "classes": len(self.classes)}
        if self.unit == "passage":
            return message("{texts} passages of {articles} articles, copies counted once, in {classes} classes.", **sizes)
        return message("{texts} articles, {articles} with copies counted once, in {classes} classes.", **sizes)


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each text holds each gram, all texts together; columns have no order that matters."""

    words: sparse.csr_matrix
    pairs: sparse.csr_matrix
    pieces: sparse.csr_matrix


def classed_of(chosen: Mapping[str, Any]) -> Classed:
    names = ("corpus", "labels", "codebook", "unit", "articles", "encoder", "seed")
    return classed(*(chosen[name] for name in names), furniture=chosen.get("furniture", True))


@lru_cache(maxsize=2)
def classed(
    corpus: str, labels: str, codebook: str, unit: str, articles: int, encoder: str, seed: int, *, furniture: bool
) -> Classed:
    """Read lines that speak of exactly one theme, both readers agreeing; or whole articles with their sections or themes."""
    if unit == "passage":
        found, every = _lines(corpus, labels, codebook)
    else:
        found = _articles(corpus, labels, codebook, articles, seed, furniture)
        every = [one.group for one in found]
    if len({one.label for one in found}) < 2 or len(set(every)) < 2:
        raise DataError("there are no two classes to tell apart", where=corpus, remedy="give labels")
    if len(found) > _MOST:
        raise DataError(f"{len(found)} texts are too many", where=corpus, remedy=f"set articles to at most {_MOST}")
    found.sort()  # as `TextClassifier` puts them: the last digits of sums follow the order
    texts, coder = [one.text for one in found], get_encoder(encoder)
    embeddings = window_means(texts, coder, store_of(coder))
    return Classed(unit, texts, [one.label for one in found], [one.group for one in found], every, embeddings)


def _lines(corpus: str, labels: str, codebook: str) -> tuple[list[_One], list[str]]:
    known, names = labelled(corpus, labels, codebook), load_codebook(project_path(codebook)).keys
    rows = np.flatnonzero((known.stated.sum(axis=1) == 1) & known.usable.all(axis=1))
    themes = [names[at] for at in known.truth[rows].argmax(axis=1)]
    return [_One(known.texts[row], theme, known.groups[row]) for row, theme in zip(rows, themes, strict=True)], known.groups


def _articles(corpus: str, labels: str, codebook: str, articles: int, seed: int, furniture: bool) -> list[_One]:
    """Read whole articles; what furniture is taken out does not change which ones there are, or which are copies."""
    loaded = research.load(project_path(corpus))
    given = _main_themes(corpus, labels, codebook) if labels else {one.id: one.label for one in loaded.usable if one.label}
    kept = [document for document in loaded.usable if document.id in given]
    if articles and len(kept) > articles:
        kept = [kept[at] for at in np.sort(np.random.default_rng(seed).permutation(len(kept))[:articles])]
    loaded = Corpus(loaded.name, tuple(kept))
    clean = _joined(research.clean(loaded))
    if labels:
        known = labelled(corpus, labels, codebook)
        of = dict(zip(known.articles, known.groups, strict=True))
    else:
        joined, _ = join_duplicates(list(clean.values()), list(clean))
        of = {id: str(group) for id, group in zip(clean, joined, strict=True)}
    shown = clean if furniture else _joined(research.clean(loaded, furniture=False))
    return [_One(shown[id], given[id], of[id]) for id in clean]


def _main_themes(corpus: str, labels: str, codebook: str) -> dict[str, str]:
    """Give articles the theme that most of their lines of one theme speak of; none where two are as many."""
    known, names = labelled(corpus, labels, codebook), load_codebook(project_path(codebook)).keys
    votes: dict[str, Counter[str]] = {}
    for row in np.flatnonzero((known.stated.sum(axis=1) == 1) & known.usable.all(axis=1)):
        votes.setdefault(known.articles[row], Counter())[names[known.truth[row].argmax()]] += 1
    ranked = {id: [*count.most_common(2), ("", 0)] for id, count in votes.items()}
    return {id: first for id, ((first, most), (_, next_), *_) in ranked.items() if most > next_}


def _joined(cleaned: CleanResult) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    for passage in cleaned.passages:
        parts.setdefault(passage.document, []).append(passage.text)
    return {id: "\n".join(lines) for id, lines in parts.items()}


def counts_of(chosen: Mapping[str, Any]) -> Counts:
    """Count what an arm sees of every text."""
    seen = classed_of(chosen)
    return _counted(seen, *_options(chosen))


def unchanged(chosen: Mapping[str, Any]) -> bool:
    """Tell whether the arm's words are those of all steps, so that what follows from them is the same."""
    seen = classed_of(chosen)
    return _terms(seen, *_options(chosen)) == _terms(seen, tuple(ANALYSIS_STEPS), True, True, True)


def _options(chosen: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(tuple(chosen[name]) if name == "steps" else chosen[name] for name in _OF_TERMS)


@lru_cache(maxsize=2)
def _counted(seen: Classed, *options: Any) -> Counts:
    terms = _terms(seen, *options)
    kinds = CountVectorizer(analyzer=same, dtype=np.float32)
    words = kinds.fit_transform(terms)
    pairs = [[f"{one} {two}" for one, two in pairwise(line)] for line in terms]
    # Every different word is cut into pieces once.
    cutter = CountVectorizer(analyzer="char_wb", lowercase=False, ngram_range=_LENGTHS, dtype=np.float32)
    pieces = (words @ cutter.fit_transform(kinds.get_feature_names_out())).tocsr()
    return Counts(words, CountVectorizer(analyzer=same, dtype=np.float32).fit_transform(pairs), pieces)


@lru_cache(maxsize=4)
def _terms(seen: Classed, steps: tuple[str, ...], proclitics: bool, endings: bool, function_words: bool) -> list[list[str]]:
    """List the words of every text as they are compared.

    Which proclitics can be cut is learned from the words of all texts, asked ones too; no label tells it.
    """
    lines = [[(token.text, text[token.start : token.end]) for token in tokenize(text, steps)] for text in seen.texts]
    known = Counter(word for line in lines for word, _ in line)
    stops = frozenset() if function_words else stop_words()
    return [_formed(line, known, stops, proclitics, endings) for line in lines]


def _formed(
    line: Sequence[tuple[str, str]], known: Counter[str], stops: frozenset[str], proclitics: bool, endings: bool
) -> list[str]:
    found = [(word, shown) for word, shown in line if word not in stops]
    if not proclitics:
        found = [(split_clitics(word, normalize(shown, DISPLAY_STEPS), known).bare, shown) for word, shown in found]
    return [word if endings else stem(word) for word, _ in found]
