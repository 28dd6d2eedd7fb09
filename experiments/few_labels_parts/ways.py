"""What is learned from few labels, and in which order texts are labelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classification_parts import OURS, SVM, Model, svm

from research.classifiers import next_to_label, typical_first
from research.classifiers.classifier import TextClassifier
from research.classifiers.prototypes import PrototypeClassifier
from research.classifiers.self_training import SelfTrainingClassifier
from research.features import EmbeddingStore, get_encoder, window_means
from research.messages import word
from research.runs import project_path
from research.themes import Theme, load_codebook

Rows = npt.NDArray[np.intp]

PROTOTYPES = word("nearest prototype")
CODEBOOK, SELF_TRAINED = word("prototypes with the codebook"), word("self-training")
SHUFFLED = word("research (default), labels shuffled")
RANDOM, NEXT = word("labelled at random"), word("labelled by what is least sure")
LABELLING = (RANDOM, NEXT)


@dataclass(frozen=True, eq=False)
class Given:
    """What a way learns from."""

    texts: list[str]
    labels: list[str]
    groups: list[int]
    unlabelled: list[str]
    descriptions: Mapping[str, Sequence[str]]
    encoder: str
    seed: int


def ours(given: Given) -> Model:
    return TextClassifier(encoder=given.encoder, seed=given.seed).fit(given.texts, given.labels, groups=given.groups)


def prototypes(given: Given) -> Model:
    return PrototypeClassifier(encoder=given.encoder).fit(given.texts, given.labels, given.unlabelled)


def described(given: Given) -> Model:
    model = PrototypeClassifier(encoder=given.encoder, descriptions=given.descriptions)
    return model.fit(given.texts, given.labels, given.unlabelled)


def self_trained(given: Given) -> Model:
    plain = TextClassifier(encoder=given.encoder, seed=given.seed)
    return SelfTrainingClassifier(plain, seed=given.seed).fit(given.texts, given.labels, given.unlabelled, given.groups)


WAYS: dict[str, Callable[[Given], Model]] = {
    OURS: ours,
    SVM: svm,
    PROTOTYPES: prototypes,
    CODEBOOK: described,
    SELF_TRAINED: self_trained,
    SHUFFLED: ours,
}


def asked_of(*, codebook: bool) -> tuple[str, ...]:
    """Name the ways that can be tried, those that choose what to label last."""
    return (*(way for way in WAYS if codebook or way != CODEBOOK), *LABELLING)


def descriptions_of(codebook: str, classes: Sequence[str]) -> dict[str, list[str]]:
    """Read what a codebook says of each class: its definition, its words and its examples."""
    themes = {theme.key: theme for theme in load_codebook(project_path(codebook)).themes}
    return {name: _described(themes[name]) for name in classes if name in themes}


def _described(theme: Theme) -> list[str]:
    return [text for text in (theme.definition, *theme.all_seeds, *theme.examples) if text.strip()]


def in_order(
    pool: list[str], labels: list[str], groups: list[int], sizes: Sequence[int], encoder: str, seed: int
) -> list[Rows]:
    """Choose what to label: typical texts first, then, with a classifier of what has a label, what it is least sure of.

    Returns
    -------
    list of ndarray of int
        For each size, which of the pool have a label then; each holds the one before.
    """
    coder = get_encoder(encoder)
    vectors = np.nan_to_num(window_means(pool, coder, EmbeddingStore.of(coder)))
    taken, found = list(map(int, typical_first(vectors, sizes[0], seed=seed))), []
    for size in sizes:
        while len(taken) < min(size, len(pool)):
            left = np.setdiff1d(np.arange(len(pool)), taken)
            # No more at a time than there are already, so that what is learned steers what comes next.
            count = min(size - len(taken), max(1, len(taken)))
            model = TextClassifier(encoder=encoder, seed=seed)
            model.fit([pool[at] for at in taken], [labels[at] for at in taken], groups=[groups[at] for at in taken])
            if len(model.classes_) < 2:
                chosen = left[typical_first(vectors[left], count, seed=seed)]
            else:
                chosen = next_to_label(model.predict_proba(pool), left, count=count, vectors=vectors)
            taken += map(int, chosen)
        found.append(np.array(taken[:size]))
    return found
