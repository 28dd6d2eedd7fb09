"""Terms of several words: names that are known, names written joined or apart, and collocations that the texts show."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

__all__ = ["JOIN", "collocations", "joined_spellings", "match_spans"]

#: What stands between the words of one term. The tokeniser never leaves it inside a word.
JOIN = "_"


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
    single: Counter[str] = Counter()
    double: Counter[tuple[str, str]] = Counter()
    for terms in sequences:
        single.update(term for term in terms if term is not None)
        double.update((a, b) for a, b in pairwise(terms) if a is not None and b is not None and a != b)
    total, pairs = single.total(), double.total()
    found: dict[tuple[str, str], float] = {}
    for (a, b), count in double.items():
        if count < min_count:
            continue
        joint = count / pairs
        # A pair that is all there is has no information to normalise by: it is as associated as can be.
        npmi = 1.0 if joint == 1 else math.log(joint * total * total / (single[a] * single[b])) / -math.log(joint)
        if npmi >= min_npmi:
            found[a, b] = npmi
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
    long_words = {word for word in counts if len(word) >= 6 and counts[word] >= 2}
    apart: Counter[tuple[str, str]] = Counter()
    for terms in sequences:
        apart.update((a, b) for a, b in pairwise(terms) if len(a) >= 3 and len(b) >= 3 and a + b in long_words)
    found: dict[str, tuple[str, str]] = {}
    for (a, b), count in sorted(apart.items()):
        whole = counts[a + b]
        if count >= 2 and 10 * min(count, whole) >= max(count, whole):
            found.setdefault(a + b, (a, b))
    return found


def match_spans(terms: Sequence[str | None], pairs: Mapping[tuple[str, str], float]) -> list[tuple[int, int]]:
    """Join neighbouring terms into the longest phrases whose every neighbouring pair is a known collocation.

    Parameters
    ----------
    terms : sequence of str or None
        Terms in reading order.
    pairs : mapping
        What `collocations` found.

    Returns
    -------
    list of (int, int)
        Half-open spans over ``terms``, in order, covering every position; at most four terms in one.

    Examples
    --------
    >>> match_spans(["قرار", "مجلس", "الامن"], {("مجلس", "الامن"): 0.9})
    [(0, 1), (1, 3)]
    """
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(terms):
        end = start + 1
        while end < len(terms) and end - start < 4:
            a, b = terms[end - 1], terms[end]
            if a is None or b is None or (a, b) not in pairs:
                break
            end += 1
        spans.append((start, end))
        start = end
    return spans
