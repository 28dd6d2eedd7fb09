"""Controls: data in which there is nothing to find, and data in which it is known what is to be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Planted", "deal_words", "plant_themes", "shuffled"]


def shuffled(values: Sequence[object], *, seed: int = 0) -> list[object]:
    """Deal values out anew: labels that have nothing to do with their texts any more.

    Examples
    --------
    >>> sorted(shuffled([1, 2, 3])) == [1, 2, 3]
    True
    """
    order = np.random.default_rng(seed).permutation(len(values))
    return [values[index] for index in order]


def deal_words(texts: Sequence[Sequence[str]], *, seed: int = 0) -> list[list[str]]:
    """Deal the words of all texts out anew, each text keeping its length: words are as frequent, and nothing belongs together.

    Parameters
    ----------
    texts : sequence of sequences of str
        Words of the texts.
    seed : int
        Seed of the dealing.

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> dealt = deal_words([["a", "b"], ["c"]])
    >>> [len(text) for text in dealt], sorted(word for text in dealt for word in text)
    ([2, 1], ['a', 'b', 'c'])
    """
    pool = [word for text in texts for word in text]
    order = iter(np.random.default_rng(seed).permutation(len(pool)))
    return [[pool[next(order)] for _ in text] for text in texts]


@dataclass(frozen=True, eq=False)
class Planted:
    """Texts whose themes are known because they were put in.

    Attributes
    ----------
    texts : list of list of str
        Words of the texts.
    themes : ndarray of int64, shape (n,)
        The theme of each.
    """

    texts: list[list[str]]
    themes: npt.NDArray[np.int64]


def plant_themes(
    texts: Sequence[Sequence[str]], *, themes: int = 4, share: float = 0.5, words: int = 30, seed: int = 0
) -> Planted:
    """Plant themes in texts from which all others were taken out.

    The words of all texts are dealt out anew; then, in every text, a share of them is replaced by words of its theme, which no
    other theme has. A method that cannot find these finds nothing.

    Parameters
    ----------
    texts : sequence of sequences of str
        Real texts: their words, lengths and frequencies are used.
    themes : int
        How many themes; they take turns, so that all are as large.
    share : float
        Share of a text's words that are put in from its theme, 0 to 1; a few more may be there by chance.
    words : int
        At most so many words a theme.
    seed : int
        Seed of every choice.

    Returns
    -------
    Planted
        As many texts as were given, as long as they were.

    Examples
    --------
    >>> planted = plant_themes([["a", "b", "c", "d"]] * 4, themes=2, share=1.0)
    >>> planted.themes.tolist(), not set(planted.texts[0]) & set(planted.texts[1])
    ([0, 1, 0, 1], True)
    """
    if themes < 1 or not 0 <= share <= 1:
        raise ValueError(f"{themes} themes and a share of {share}: one at least, and 0 to 1")
    rng = np.random.default_rng(seed)
    vocabulary = sorted({word for text in texts for word in text})
    size = min(words, len(vocabulary) // themes)
    if size < 1:
        raise ValueError(f"{len(vocabulary)} different words are too few for {themes} themes")
    chosen = rng.permutation(len(vocabulary))[: themes * size].reshape(themes, size)
    of = np.arange(len(texts)) % themes
    dealt = deal_words(texts, seed=int(rng.integers(2**31)))
    for theme, text in zip(of, dealt, strict=True):
        places = rng.permutation(len(text))[: round(share * len(text))]
        for place in places:
            text[place] = vocabulary[chosen[theme, rng.integers(size)]]
    return Planted(dealt, of.astype(np.int64))
