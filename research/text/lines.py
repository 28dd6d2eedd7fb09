"""Arithmetic on a long line of numbers, a block at a time: whole, each step would need several times the memory of the line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Codes", "Flags", "Places", "blocks", "first_places", "look_up", "tally"]

Codes = npt.NDArray[np.intc]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_BLOCK = 1 << 18  # numbers that are looked at together
_Kind = TypeVar("_Kind", bound=np.generic)


def blocks(n: int) -> Iterator[tuple[int, int]]:
    """Cut n places into blocks: where each begins and ends.

    Examples
    --------
    >>> list(blocks(300_000))
    [(0, 262144), (262144, 300000)]
    """
    return ((start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))


def look_up(table: npt.NDArray[_Kind], line: npt.NDArray[np.integer[Any]]) -> npt.NDArray[_Kind]:
    """Give ``table[line]``.

    Examples
    --------
    >>> look_up(np.array([5, 7]), np.array([1, 0, 1, -1], dtype=np.intc)).tolist()
    [7, 5, 7, 7]
    """
    found = np.empty(len(line), dtype=table.dtype)
    for start, end in blocks(len(line)):
        found[start:end] = table[line[start:end]]
    return found


def tally(line: Codes, n: int) -> Places:
    """Count how often each number from 0 to n - 1 stands in a line; -1 is not counted.

    Examples
    --------
    >>> tally(np.array([1, -1, 1, 0], dtype=np.intc), 3).tolist()
    [1, 2, 0]
    """
    counts = np.zeros(n + 1, dtype=np.int64)
    for start, end in blocks(len(line)):
        counts += np.bincount(line[start:end] + 1, minlength=n + 1)
    return counts[1:]


def first_places(line: Codes, n: int) -> Places:
    """Tell where each number below n first stands in a line; for one that does not, the length of the line.

    Examples
    --------
    >>> first_places(np.array([2, 0, 2], dtype=np.intc), 3).tolist()
    [1, 3, 0]
    """
    first = np.full(n, len(line), dtype=np.int64)
    for start, end in reversed([*blocks(len(line))]):
        # Where a place is assigned to several times, the last value stays.
        first[line[start:end][::-1]] = np.arange(end, start, -1) - 1
    return first
