"""Terms of several words: names that are known, names written joined or apart, and collocations that the texts show."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

__all__ = ["JOIN", "collocations", "followers", "joined_spellings", "match_spans"]

#: What stands between the words of one term. The tokeniser never leaves it inside a word.
JOIN = "_"
_LONGEST = 4  # terms in one phrase


def collocations(
    sequences: Iterable[Sequence[str | None]], *, min_count: int = 3, min_npmi: float = 0.35
) -> dict[tuple[str, str], float]:
    """Find pairs of neighbouring terms that stand together more than chance would have it.

    Parameters
    ----------
    sequences : iterable of sequences of str or None
        Terms in reading order, one sequence a text; None is a word that cannot be part of a phrase (a stop word, a number)
        and separates its neighbours.
    min_count : int
        How often a pair must occur.
    min_npmi : float
        Least normalised pointwise mutual information, between -1 and 1.

    Returns
    -------
    dict
        Each pair with its NPMI.

    Notes
    -----
    Bouma, G. (2009). Normalized (pointwise) mutual information in collocation extraction. GSCL.

    Examples
    --------
    >>> texts = [["مجلس", "الامن", None, "قرار"], ["مجلس", "الامن"], ["قرار", None, "مجلس", "الامن"]]
    >>> list(collocations(texts))
    [('مجلس', 'الامن')]
    """
    names, single, pairs = _neighbours(sequences, max(1, min_count))
    total = sum(single)
    found: dict[tuple[str, str], float] = {}
    for a, b, count in pairs:
        if a == b:
            continue
        # Pairs and words are shares of one total: the share of pairs among pairs would bring values above 1.
        npmi = math.log(count * total / (single[a] * single[b])) / math.log(total / count)
        if npmi >= min_npmi:
            found[names[a], names[b]] = npmi
    return found


def joined_spellings(sequences: Iterable[Sequence[str]], counts: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Find words that the texts also write as two: بيونغيانغ beside بيونغ يانغ.

    Parameters
    ----------
    sequences : iterable of sequences of str
        Normalised words in reading order.
    counts : mapping of str to int
        How often each word occurs.

    Returns
    -------
    dict
        The joined word to its two parts. Both ways of writing must occur twice, the rarer at least once for ten of the other:
        less is a slip of the keyboard. Wholes shorter than six letters are left alone.

    Examples
    --------
    >>> texts = [["فلادي", "فوستوك"], ["فلاديفوستوك"]] * 2
    >>> joined_spellings(texts, {"فلادي": 2, "فوستوك": 2, "فلاديفوستوك": 2})
    {'فلاديفوستوك': ('فلادي', 'فوستوك')}
    """
    # Few words fall into two that are words themselves: only those are looked for in the texts.
    parts = {
        (word[:cut], word[cut:])
        for word, count in counts.items()
        if count >= 2 and len(word) >= 6
        for cut in range(3, len(word) - 2)
        if counts.get(word[:cut], 0) >= 2 and counts.get(word[cut:], 0) >= 2
    }
    firsts = {first for first, _ in parts}
    apart: Counter[tuple[str, str]] = Counter()
    for terms in sequences:
        if not firsts.isdisjoint(terms):
            apart.update(pair for pair in pairwise(terms) if pair in parts)
    found: dict[str, tuple[str, str]] = {}
    # Where one word can be cut in two places, the more frequent cut counts, then the earlier one.
    for (first, second), count in sorted(apart.items(), key=lambda item: (-item[1], len(item[0][0]), item[0])):
        joined = counts[first + second]
        if count >= 2 and 10 * min(count, joined) >= max(count, joined):
            found.setdefault(first + second, (first, second))
    return found


def _neighbours(
    sequences: Iterable[Sequence[str | None]], least: int
) -> tuple[list[str], list[int], list[tuple[int, int, int]]]:
    """Count words and neighbouring pairs; None separates.

    Gives the words, how often each occurs, and the pairs (as numbers of words) that occur at least so often. Words are numbers
    meanwhile: the pairs of a large corpus do not fit into memory as pairs of strings.
    """
    numbers: dict[str | None, int] = {None: -1}
    flat = array("i")
    for terms in sequences:
        flat.extend([numbers.setdefault(term, len(numbers) - 1) for term in terms])
        flat.append(-1)
    names = [name for name in numbers if name is not None]
    line = np.frombuffer(flat, dtype=np.intc) if flat else np.zeros(0, np.intc)
    single: list[int] = np.bincount(line[line >= 0], minlength=len(names)).tolist()
    first, second = line[:-1], line[1:]
    together = (first >= 0) & (second >= 0)
    coded, counts = np.unique(first[together] * np.int64(max(1, len(names))) + second[together], return_counts=True)
    often = counts >= least
    pairs = [
        (*divmod(code, len(names)), count) for code, count in zip(coded[often].tolist(), counts[often].tolist(), strict=True)
    ]
    return names, single, pairs


def followers(pairs: Iterable[tuple[str, str]]) -> dict[str | None, frozenset[str]]:
    """Turn pairs into what may follow each first term.

    Examples
    --------
    >>> followers([("مجلس", "امن")])
    {'مجلس': frozenset({'امن'})}
    """
    found: dict[str | None, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}


def match_spans(terms: Sequence[str | None], following: Mapping[str | None, frozenset[str]]) -> list[tuple[int, int]]:
    """Join neighbouring terms into the longest phrases whose every neighbouring pair is a known collocation.

    Parameters
    ----------
    terms : sequence of str or None
        Terms in reading order; None is no part of any phrase.
    following : mapping
        What `followers` gives for the collocations.

    Returns
    -------
    list of (int, int)
        Half-open spans over ``terms``, in order, covering every position; at most four terms in one.

    Examples
    --------
    >>> match_spans(["قرار", "مجلس", "الامن"], followers([("مجلس", "الامن")]))
    [(0, 1), (1, 3)]
    """
    spans: list[tuple[int, int]] = []
    start, n = 0, len(terms)
    while start < n:
        end = start + 1
        after = following.get(terms[start])
        while after is not None and end < n and end - start < _LONGEST and terms[end] in after:
            after = following.get(terms[end])
            end += 1
        spans.append((start, end))
        start = end
    return spans
