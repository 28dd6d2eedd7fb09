"""Terms of several words: names that are known, names written joined or apart, and collocations that the texts show.

What is counted is a line: the words of all texts as numbers, with something between two texts that is no part of a pair.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from research.text.lines import Codes, Flags, Places, blocks, look_up, tally

__all__ = ["JOIN", "collocations", "followers", "joined_spellings", "linked", "match_spans", "span_starts"]

#: What stands between the words of one term. The tokeniser never leaves it inside a word.
JOIN = "_"
_LONGEST = 4  # terms in one phrase


def collocations(
    line: Codes, names: Sequence[str], *, min_count: int = 3, min_npmi: float = 0.35
) -> dict[tuple[str, str], float]:
    """Find pairs of neighbouring terms that stand together more than chance would have it.

    Parameters
    ----------
    line : ndarray of int32, shape (n,)
        Terms in reading order, as places in `names`; -1 is a word that cannot be part of a phrase (a stop word, a number) or
        the end of a text, and separates its neighbours.
    names : sequence of str
        The terms.
    min_count : int
        How often a pair must occur.
    min_npmi : float
        Least normalised pointwise mutual information, between -1 and 1.

    Returns
    -------
    dict
        Each pair with its NPMI, in the order of `names`.

    Notes
    -----
    Bouma, G. (2009). Normalized (pointwise) mutual information in collocation extraction. GSCL.

    Examples
    --------
    >>> line = np.array([0, 1, -1, 2, -1, 0, 1, -1, 2, -1, 0, 1], dtype=np.intc)
    >>> list(collocations(line, ["مجلس", "الامن", "قرار"]))
    [('مجلس', 'الامن')]
    """
    single = tally(line, len(names))
    total = int(single.sum())
    first, second, together = _pairs(line, single, max(1, min_count))
    # Pairs and words are shares of one total: the share of pairs among pairs would bring values above 1.
    near = np.log(together * total / (single[first] * single[second])) >= (min_npmi - 1e-6) * np.log(total / together)
    found: dict[tuple[str, str], float] = {}
    for a, b, count in zip(first[near].tolist(), second[near].tolist(), together[near].tolist(), strict=True):
        # The value itself by the library of every system alike: that of numpy differs in the last digit.
        npmi = math.log(count * total / (int(single[a]) * int(single[b]))) / math.log(total / count)
        if npmi >= min_npmi:
            found[names[a], names[b]] = npmi
    return found


def _pairs(line: Codes, single: Places, least: int) -> tuple[Places, Places, Places]:
    """Count the pairs of two different neighbours that occur at least so often: their firsts, their seconds, how often."""
    # No pair is more frequent than its rarer word: most words are out at once.
    often = np.zeros(len(single) + 1, dtype=bool)  # the last place is that of -1
    often[:-1] = single >= least
    kept = look_up(often, line)
    both = kept[:-1] & kept[1:] & (line[:-1] != line[1:])
    coded = np.empty(np.count_nonzero(both), dtype=np.int64)
    filled = 0
    for start, end in blocks(len(both)):
        at = start + np.flatnonzero(both[start:end])
        coded[filled : filled + len(at)] = line[at] * np.int64(len(single)) + line[at + 1]
        filled += len(at)
    coded.sort()
    begins = np.flatnonzero(np.diff(coded, prepend=-1))
    counts = np.diff(begins, append=len(coded))
    first, second = np.divmod(coded[begins[counts >= least]], max(1, len(single)))
    return first, second, counts[counts >= least]


def joined_spellings(line: Codes, words: Sequence[str], counts: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Find words that the texts also write as two: بيونغيانغ beside بيونغ يانغ.

    Parameters
    ----------
    line : ndarray of int32, shape (n,)
        Normalised words in reading order, as places in `words`; two texts have something between them that `counts` does not
        count.
    words : sequence of str
        Each normalised word of the line once.
    counts : mapping of str to int
        How often each word occurs.

    Returns
    -------
    dict
        The joined word to its two parts. Both ways of writing must occur twice, the rarer at least once for ten of the other:
        less is a slip of the keyboard. Wholes shorter than six letters are left alone.

    Examples
    --------
    >>> line = np.array([1, 2, 0, 3, 0, 1, 2, 0, 3, 0], dtype=np.intc)
    >>> words = ["\\n", "فلادي", "فوستوك", "فلاديفوستوك"]
    >>> joined_spellings(line, words, {"فلادي": 2, "فوستوك": 2, "فلاديفوستوك": 2})
    {'فلاديفوستوك': ('فلادي', 'فوستوك')}
    """
    often = {word for word, count in counts.items() if count >= 2}
    # Few words fall into two that are words themselves: only those are looked for in the texts.
    parts = {
        (word[:cut], word[cut:])
        for word in often
        if len(word) >= 6
        for cut in range(3, len(word) - 2)
        if word[:cut] in often and word[cut:] in often
    }
    place = {word: number for number, word in enumerate(words)}
    pairs = [(place[first], place[second]) for first, second in parts if first in place and second in place]
    beside = np.flatnonzero(linked(line, pairs, len(words)))
    firsts, seconds = line[beside - 1].tolist(), line[beside].tolist()
    apart: dict[tuple[str, str], int] = {}
    for first, second in zip(firsts, seconds, strict=True):
        pair = words[first], words[second]
        apart[pair] = apart.get(pair, 0) + 1
    found: dict[str, tuple[str, str]] = {}
    # Where one word can be cut in two places, the more frequent cut counts, then the earlier one.
    for (one, other), count in sorted(apart.items(), key=lambda item: (-item[1], len(item[0][0]), item[0])):
        joined = counts[one + other]
        if count >= 2 and 10 * min(count, joined) >= max(count, joined):
            found.setdefault(one + other, (one, other))
    return found


def linked(line: Codes, pairs: Iterable[tuple[int, int]], n_names: int) -> Flags:
    """Tell which terms of a line make one of some pairs with the term before them.

    Parameters
    ----------
    line : ndarray of int32, shape (n,)
        Terms as numbers below `n_names`; -1 is none.
    pairs : iterable of (int, int)
        The pairs, as numbers.
    n_names : int
        How many terms there are.

    Returns
    -------
    ndarray of bool, shape (n,)
        The first is False.

    Examples
    --------
    >>> linked(np.array([2, 0, 1, -1, 1], dtype=np.intc), [(0, 1)], 3).tolist()
    [False, False, True, False, False]
    """
    found = np.zeros(len(line), dtype=bool)
    known = np.array([*pairs], dtype=np.int64).reshape(-1, 2)
    if not len(known) or not len(line):
        return found
    codes = np.unique(known[:, 0] * n_names + known[:, 1])
    begins, ends = np.zeros((2, n_names + 1), dtype=bool)  # the last place is that of -1
    begins[known[:, 0]] = ends[known[:, 1]] = True
    for start, end in blocks(len(line) - 1):
        first, second = line[start:end], line[start + 1 : end + 1]
        maybe = np.flatnonzero(begins[first] & ends[second])
        sought = first[maybe] * np.int64(n_names) + second[maybe]
        at = np.minimum(np.searchsorted(codes, sought), len(codes) - 1)
        found[start + 1 + maybe[codes[at] == sought]] = True
    return found


def span_starts(joins: Flags) -> Flags:
    """Tell where the spans begin that `match_spans` gives, from what `linked` gives.

    A chain of links is cut from its beginning into pieces of four: whether a term begins one depends on its place in the
    chain alone.

    Parameters
    ----------
    joins : ndarray of bool, shape (n,)
        Which terms make a known pair with the term before them.

    Returns
    -------
    ndarray of bool, shape (n,)
        Which terms begin a span.

    Examples
    --------
    >>> span_starts(np.array([False, True, False, True, True, True, True])).tolist()
    [True, False, True, False, False, False, True]
    """
    starts = ~joins
    at = np.flatnonzero(joins)
    heads = np.diff(at, prepend=-1) > 1  # of each chain the second term, which is the first that is linked to one before it
    within = np.arange(len(at)) - np.maximum.accumulate(np.where(heads, np.arange(len(at)), 0)) + 1
    starts[at[within % _LONGEST == 0]] = True
    return starts


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
