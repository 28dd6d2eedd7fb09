"""Passages and articles that are copies of one another, word for word or lightly edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError
from research.text.normalize import normalize
from research.text.tokens import words

__all__ = ["NGRAM", "Copy", "band_keys", "near_duplicates", "shingles_of"]

#: Words a shingle.
NGRAM = 3
_PERMUTATIONS = 128
_SEED = 1


@dataclass(frozen=True, slots=True)
class Copy:
    """One text that repeats another.

    Attributes
    ----------
    index : int
        The copy.
    of : int
        The text that it repeats: the first of its group.
    similarity : float
        Jaccard similarity of the two texts' word n-grams, at most 1; below the threshold, down to 0, where only other
        copies between the two connect them.
    """

    index: int
    of: int
    similarity: float


def near_duplicates(texts: Sequence[str], *, threshold: float = 0.7, ngram: int = NGRAM) -> list[Copy]:
    """Find copies among texts.

    Candidates come from MinHash with locality-sensitive hashing, and each is checked by the exact Jaccard similarity of the
    normalised word n-grams. Copies of copies form one group, whose first text in the given order is kept as the original.

    Parameters
    ----------
    texts : sequence of str
        In the order of preference: the first of a group counts as the original.
    threshold : float
        Least similarity of two copies, above 0 and at most 1.
    ngram : int
        Words a shingle; a text with fewer words has one shingle, so that it is a copy only when it is the same.

    Returns
    -------
    list of Copy
        By index; texts without words are copies of nothing.

    Raises
    ------
    ConfigError
        If ``threshold`` or ``ngram`` is none of these numbers.

    Notes
    -----
    Broder, A. (1997). On the resemblance and containment of documents. The candidates are found by the library datasketch.

    Examples
    --------
    >>> near_duplicates(["وصل الوفد إلى موسكو اليوم", "بدأت القمة", "وصل الوفدُ إلى مـوسكو اليوم"])
    [Copy(index=2, of=0, similarity=1.0)]
    """
    if not 0 < threshold <= 1:
        raise ConfigError(f"threshold is {threshold}", remedy="give a number above 0 and at most 1")
    if ngram < 1:
        raise ConfigError(f"ngram is {ngram}", remedy="give at least 1 word a shingle")
    shingles = [shingles_of(text, ngram) for text in texts]
    group = list(range(len(texts)))
    first_with: dict[frozenset[str], int] = {}
    for index, grams in enumerate(shingles):
        if grams:
            group[index] = first_with.setdefault(grams, index)
    firsts = sorted(first_with.values())
    distinct = _with_company([shingles[index] for index in firsts], firsts, threshold)
    for a, b in _candidates([shingles[index] for index in distinct], threshold):
        first, second = sorted((distinct[a], distinct[b]))
        if _jaccard(shingles[first], shingles[second]) >= threshold:
            root_a, root_b = sorted((_root(group, first), _root(group, second)))
            group[root_b] = root_a
    copies = []
    for index in range(len(texts)):
        root = _root(group, index)
        if root != index:
            copies.append(Copy(index, root, round(_jaccard(shingles[root], shingles[index]), 4)))
    return copies


def _with_company(shingles: Sequence[frozenset[str]], indices: Sequence[int], threshold: float) -> list[int]:
    """Keep the texts that share enough shingles with all others together: fewer cannot reach the threshold with one."""
    holders = Counter(gram for grams in shingles for gram in grams)
    shared = [sum(holders[gram] > 1 for gram in grams) for grams in shingles]
    return [index for index, n, grams in zip(indices, shared, shingles, strict=True) if grams and n / len(grams) >= threshold]


def shingles_of(text: str, ngram: int = NGRAM) -> frozenset[str]:
    """Give the normalised word n-grams of a text; one of a shorter text, none of a text without words.

    Examples
    --------
    >>> sorted(shingles_of("وصل الوفدُ إلى موسكو"))
    ['الوفد الي موسكو', 'وصل الوفد الي']
    """
    line = words(normalize(text))
    return frozenset(" ".join(line[at : at + ngram]) for at in range(max(1, len(line) - ngram + 1))) if line else frozenset()


def _candidates(shingles: Sequence[frozenset[str]], threshold: float) -> list[tuple[int, int]]:
    if len(shingles) < 2:
        return []
    index = _index(threshold)
    pairs: list[tuple[int, int]] = []
    for number, signature in enumerate(_signatures(shingles)):
        pairs.extend((other, number) for other in index.query(signature))
        index.insert(number, signature)
    return sorted(pairs)


def _index(threshold: float) -> Any:
    from datasketch import MinHashLSH

    # A lower threshold for the hash than for the check: a missed candidate is lost, a false one is only looked at.
    return MinHashLSH(threshold=0.8 * threshold, num_perm=_PERMUTATIONS, weights=(0.2, 0.8))


def _signatures(shingles: Iterable[frozenset[str]]) -> Iterator[Any]:
    from datasketch import MinHash

    encoded = ([gram.encode("utf-8") for gram in sorted(grams)] for grams in shingles)
    found: Iterator[Any] = MinHash.generator(encoded, num_perm=_PERMUTATIONS, seed=_SEED)
    return found


def band_keys(shingles: Sequence[frozenset[str]], *, threshold: float) -> npt.NDArray[np.uint64]:
    """Give every text a number for each band of its MinHash: texts that share one may be copies of one another.

    Parameters
    ----------
    shingles : sequence of frozenset of str, length n
        See `shingles_of`; none of them empty.
    threshold : float
        Least similarity of two copies.

    Returns
    -------
    ndarray of uint64, shape (n, bands)
        The candidates are those that `near_duplicates` looks at, wherever the texts are.

    Examples
    --------
    >>> a, b = band_keys([shingles_of("وصل الوفد إلى موسكو")] * 2, threshold=0.7)
    >>> bool((a == b).all())
    True
    """
    ranges = _index(threshold).hashranges
    draws = np.random.default_rng(_SEED)
    odd = draws.integers(0, 1 << 63, size=_PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.zeros((len(shingles), len(ranges)), np.uint64)
    for row, signature in enumerate(_signatures(shingles)):
        weighed = np.asarray(signature.hashvalues, np.uint64) * odd
        keys[row] = [weighed[start:end].sum(dtype=np.uint64) for start, end in ranges]
    return keys


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        group[index] = group[group[index]]
        index = group[index]
    return index
