"""Words that a topic's articles use more in one group of them than in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy import sparse

from research.evaluate.log_odds import log_odds_scores
from research.messages import count, message

__all__ = ["ChangedWord", "WordComparison", "compare_words"]

#: Each side of a comparison needs so many articles, a word so many of both sides, and this share of them.
LEAST = 5
_FEWEST = 3
_RAREST = 0.02
_DRAWS = 200

_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ChangedWord:
    """A word and how much more often one side uses it.

    Attributes
    ----------
    word : str
        As people write it.
    articles, other_articles : int
        How many articles of the one side and of the other use it.
    z : float
        Log-odds ratio over its standard deviation; above 0 where the one side uses it more.
    p : float
        Chance that any word of the comparison stands out as much when articles are dealt to the sides at random.
    """

    word: str
    articles: int
    other_articles: int
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class WordComparison:
    """The words of one topic or theme on two sides.

    Attributes
    ----------
    number : int
        The place of the topic or theme among the names.
    side, other : str
        The two sides, such as ``later`` and ``earlier``.
    articles, other_articles : int
        How many articles each has, copies counted once.
    tested : int
        How many words were compared.
    words : tuple of ChangedWord
        Those that stand out most on either side, by falling z.
    reason : str
        Why nothing was compared; empty where something was.
    """

    number: int
    side: str
    other: str
    articles: int
    other_articles: int
    tested: int
    words: tuple[ChangedWord, ...]
    reason: str = ""


def compare_words(
    terms: Sequence[frozenset[str]], chosen: Sequence[bool] | _Bools, *, most: int = 8, draws: int = _DRAWS, seed: int = 0
) -> tuple[int, tuple[ChangedWord, ...], str]:
    """Find the words that one side uses more than the other.

    Parameters
    ----------
    terms : sequence of frozenset of str, one an article
        The terms of each article: it counts a term once, so that no single article can make a word stand out.
    chosen : sequence of bool, one an article
        Whether it is on the one side.
    most : int
        How many words are given for each side.
    draws : int
        How many random deals the chance of each word is measured on.
    seed : int
        Seed of the deals.

    Returns
    -------
    (int, tuple of ChangedWord, str)
        How many words were compared, those that stand out, and why there are none: a side has fewer than five articles, or
        not two words are in three articles and in one article of fifty.

    Notes
    -----
    z-scores: Monroe, Colaresi and Quinn (2008), see `research.evaluate.log_odds`. Their standard deviation is of counted words
    and not of articles, and there are hundreds of words: the chance of each is that of the largest score in random deals,
    after Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing, chapter 2.

    Examples
    --------
    >>> new, old = frozenset({"سفن", "قال", "نفط"}), frozenset({"قطار", "قال", "فحم"})
    >>> tested, words, why = compare_words([new] * 9 + [old] * 9, [True] * 9 + [False] * 9)
    >>> tested, [(one.word, one.z > 0, one.p < 0.05) for one in words[:2]], why
    (5, [('سفن', True, True), ('نفط', True, True)], '')
    """
    sides = np.asarray(chosen, dtype=bool)
    n, n_other = int(sides.sum()), int((~sides).sum())
    if min(n, n_other) < LEAST:
        return 0, (), message("{n} and {other} articles: each side needs {least}", n=n, other=n_other, least=LEAST)
    support = Counter(chain.from_iterable(terms))
    least = max(_FEWEST, round(_RAREST * len(terms)))
    known = sorted(term for term, articles in support.items() if articles >= least)
    if len(known) < 2:
        return 0, (), count("not two words are in {n} article", "not two words are in {n} articles", n=least)
    at = {term: row for row, term in enumerate(known)}
    cells = [(at[term], column) for column, held in enumerate(terms) for term in held if term in at]
    rows, columns = np.array(cells, dtype=np.intp).T
    holds = sparse.csr_array((np.ones(len(cells)), (rows, columns)), shape=(len(known), len(terms)))
    rng = np.random.default_rng(seed)
    deals = np.stack([sides, *(rng.permutation(sides) for _ in range(draws))], axis=1).astype(float)
    total = np.array([support[term] for term in known], dtype=float)
    first = holds @ deals
    scores = log_odds_scores(first, total[:, None] - first, total, total=float(total.sum()))
    largest = np.sort(np.nanmax(np.abs(scores[:, 1:]), axis=0))
    order = sorted(range(len(known)), key=lambda row: (-scores[row, 0], known[row]))
    kept = [row for row in order[:most] if scores[row, 0] > 0] + [row for row in order[-most:] if scores[row, 0] < 0]
    words = []
    for row in kept:
        z, here = float(scores[row, 0]), int(first[row, 0])
        reach = draws - int(np.searchsorted(largest, abs(z) - 1e-9))
        words.append(ChangedWord(known[row], here, int(total[row]) - here, z, (1 + reach) / (1 + draws)))
    return len(known), tuple(words), ""
