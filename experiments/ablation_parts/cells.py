"""One cell: the topics or themes that an arm finds in one half of the articles, scored against labels and on the other half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from research.discovery import LATENT, find_topics
from research.evaluate import (
    agreement,
    count_cooccurrence,
    diversity,
    halves,
    macro_f1,
    mean_defined,
    npmi,
    partition_stability,
    shuffled,
)
from research.features import LsaEncoder, get_encoder
from research.runs import Cell, Measured, project_path
from research.text import ArabicAnalyzer, normalize
from research.text.tokens import words
from research.themes import ThemeTagger, load_codebook
from research.themes.tagger import PARTS

from .classifying import classified
from .texts import Material, labelled, material_of, store_of

WORDS = 10  # keywords a topic that are scored


def measure(cell: Cell) -> Measured:
    """What is found with one half of the articles, scored against labels and on the other half."""
    chosen = cell.settings
    if chosen.get("task") == "tagging":
        return Measured({"macro-F1": _tagged(cell)})
    if chosen.get("task") == "classification":
        return Measured(classified(cell))
    seen, reference = material_of(chosen), material_of({**chosen, "furniture": True, "dealt": False})
    half = _half(seen.articles, cell.fold, chosen["seed"])
    other = ~_half([passage.document for passage in reference.cleaned.passages], cell.fold, chosen["seed"])
    rows = np.flatnonzero(half)
    labels, keywords = _topics(seen, rows, chosen)
    whole = _whole(_frozen(chosen))
    scored = [at for at, row in enumerate(rows) if seen.classes[row] is not None]
    found = agreement([seen.classes[rows[at]] for at in scored], labels[scored])
    held_out = [tokens for tokens, out in zip(reference.tokens, other, strict=True) if out]
    topics = [_surface(words) for words in keywords]
    counts = count_cooccurrence(held_out, {word for topic in topics for word in topic})
    return Measured(
        {
            "AMI": found.ami,
            "NPMI": mean_defined(npmi(topics, counts), "topic"),
            "stability": partition_stability([labels, whole[rows]]),
            "diversity": diversity(topics),
            "topics": float(len(topics)),
        }
    )


def _tagged(cell: Cell) -> float:
    """Learn themes from one half of the labelled articles and decide those of the other half."""
    chosen = cell.settings
    known = labelled(chosen["corpus"], chosen["labels"], chosen["codebook"])
    half = _half(known.groups, cell.fold, chosen["seed"])
    seen, asked = known[np.flatnonzero(half)], known[np.flatnonzero(~half)]
    truth = seen.truth[shuffled(range(len(seen.texts)), seed=cell.fold or 0)] if chosen["dealt"] else seen.truth
    encoder = get_encoder(chosen["encoder"])
    tagger = ThemeTagger(
        load_codebook(project_path(chosen["codebook"])),
        encoder,
        store_of(encoder),
        [part for part in PARTS if chosen[f"part_{part}"]],
        folds=5,
        seed=chosen["leiden_seed"],
        analyzer=_analyzer(chosen, clitics=chosen["clitics"], stems=chosen["stems"]),
    ).fit(seen.texts, truth, seen.groups)
    return macro_f1(asked.stated, tagger.predict(asked.texts) & asked.usable)


def _analyzer(chosen: Mapping[str, Any], **switches: bool) -> ArabicAnalyzer:
    options: dict[str, Any] = {} if chosen["stop_words"] else {"stop_groups": ()}
    return ArabicAnalyzer(steps=chosen["steps"], **switches, **options)


def _topics(
    seen: Material, rows: npt.NDArray[np.intp], chosen: Mapping[str, Any]
) -> tuple[npt.NDArray[np.int64], list[list[str]]]:
    # Every computation sees the texts in an order of their own and equal ones once, as `research.discover` does.
    texts = sorted({seen.texts[row] for row in rows})
    at = {text: number for number, text in enumerate(texts)}
    first = {seen.texts[row]: row for row in rows[::-1]}
    embeddings = seen.embeddings[[first[text] for text in texts]]
    if not chosen["embeddings"]:
        embeddings = LsaEncoder(texts).encode(texts)
    switches = {name: chosen[name] for name in ("clitics", "stems", "phrases")}
    found = find_topics(
        texts,
        embeddings,
        latent=LATENT if chosen["latent"] and chosen["embeddings"] else 0,
        analyzer=_analyzer(chosen, **switches),
        resolution=chosen["resolution"] or None,
        seed=chosen["leiden_seed"],
    )
    return found.labels[[at[seen.texts[row]] for row in rows]], [
        found.keywords(topic, WORDS) for topic in range(len(found.words))
    ]


@lru_cache(maxsize=64)
def _whole(chosen: tuple[tuple[str, Any], ...]) -> npt.NDArray[np.int64]:
    settings = {key: list(value) if key == "steps" else value for key, value in chosen}
    seen = material_of(settings)
    return _topics(seen, np.arange(len(seen.texts)), settings)[0]


def _frozen(chosen: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in sorted(chosen.items()))


def _half(articles: Sequence[str], number: int | None, seed: int) -> npt.NDArray[np.bool_]:
    return halves(articles, draws=(number or 0) + 1, seed=seed)[-1]


def _surface(keywords: Sequence[str]) -> list[str]:
    """Single words, folded: the one vocabulary that all arms are scored in."""
    return list(dict.fromkeys(word for keyword in keywords for word in words(normalize(keyword))))[:WORDS]
