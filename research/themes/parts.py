"""What the parts of a tagger see in texts: the codebook's words, embeddings, and terms without names and titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError
from research.features import EmbeddingStore, Encoder, embed
from research.text.analyzer import ArabicAnalyzer
from research.themes.codebook import Codebook
from research.themes.matching import Match

__all__ = ["LEARNED_PARTS", "PARTS", "Seen", "check_parts", "count_matches", "embed_examples", "topical_terms"]

Matrix = npt.NDArray[np.float32]

#: What may look at a passage.
PARTS: tuple[str, ...] = ("codebook", "embeddings", "words")
#: Those of them that learn from labels, in the order in which the last step weighs them.
LEARNED_PARTS: tuple[str, ...] = ("embeddings", "words")

_COLUMN = {"seed": 0, "together": 1, "hint": 2}


@dataclass(frozen=True, eq=False)
class Seen:
    """What the parts see in some texts.

    Attributes
    ----------
    matches : list of list of Match
        The codebook's words in every text.
    counts : ndarray of float64, shape (n, themes, 3)
        How many different seeds, words that meet, and hints each text holds.
    embeddings : ndarray of float32, shape (n, d)
        Zeros for a blank text.
    terms : list of list of (str, int, int) or None
        Terms with their characters; None before the words were learned.
    """

    matches: list[list[Match]]
    counts: npt.NDArray[np.float64]
    embeddings: Matrix
    terms: list[list[tuple[str, int, int]]] | None


def check_parts(parts: Sequence[str]) -> None:
    """Refuse parts that there are not, or none at all.

    Raises
    ------
    ConfigError
        If a name is not one of `PARTS`, or there is none.

    Examples
    --------
    >>> check_parts(["codebook", "pictures"])
    Traceback (most recent call last):
    research.errors.ConfigError: unknown part 'pictures'; parts are codebook, embeddings, words
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise ConfigError(f"unknown part {unknown[0]!r}" if unknown else "no part", remedy=f"parts are {', '.join(PARTS)}")


def count_matches(matches: Sequence[Sequence[Match]], n_themes: int) -> npt.NDArray[np.float64]:
    """Count the different seeds, words that meet, and hints of every theme in every text, shape (n, themes, 3).

    Examples
    --------
    >>> twice = [Match(1, "عقوبات", "seed", ((0, 6),), False), Match(1, "عقوبات", "seed", ((9, 15),), False)]
    >>> count_matches([twice, []], 2).tolist()
    [[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]
    """
    counts = np.zeros((len(matches), n_themes, len(_COLUMN)))
    for row, found in enumerate(matches):
        for theme, kind, _ in {(match.theme, match.kind, match.seed) for match in found}:
            counts[row, theme, _COLUMN[kind]] += 1
    return counts


def topical_terms(analyzer: ArabicAnalyzer, text: str, titles: Sequence[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Give the terms of a text with their characters, without names and titles.

    Which countries the labelled articles tell of, and which minister speaks, says nothing about what a theme is.

    Parameters
    ----------
    analyzer : ArabicAnalyzer
        Fitted.
    text : str
        A passage.
    titles : sequence of (int, int)
        The characters of titles of office, see `research.themes.Matcher.look`.

    Returns
    -------
    list of (str, int, int)
        Term, start, end.

    Examples
    --------
    >>> text = "وزير يزور مصنع"
    >>> analyzer = ArabicAnalyzer(stems=False).fit([text])
    >>> [[text[start:end] for _, start, end in topical_terms(analyzer, text, titles)] for titles in ([], [(0, 4)])]
    [['وزير', 'يزور', 'مصنع'], ['يزور', 'مصنع']]
    """
    return [
        (term, start, end)
        for term, start, end in analyzer.locate(text)
        if not analyzer.is_name(term) and not any(first < end and start < last for first, last in titles)
    ]


def embed_examples(codebook: Codebook, encoder: Encoder | None, store: EmbeddingStore | None) -> list[Matrix]:
    """Embed what a codebook shows of its themes.

    Parameters
    ----------
    codebook : Codebook
        Themes with examples and definitions.
    encoder : Encoder or None
        See `research.features.get_encoder`.
    store : EmbeddingStore or None
        Where embeddings are kept.

    Returns
    -------
    list of ndarray of float32, shape (examples, d)
        Of every theme its examples and its definition; no rows without an encoder.

    Examples
    --------
    >>> [rows.shape for rows in embed_examples(Codebook("1", {}, ()), None, None)]
    []
    """
    if encoder is None:
        return [np.zeros((0, 1), np.float32) for _ in codebook.themes]
    rows = [[*theme.examples, *filter(None, [theme.definition])] for theme in codebook.themes]
    return [np.nan_to_num(embed(texts, encoder, store)) for texts in rows]
