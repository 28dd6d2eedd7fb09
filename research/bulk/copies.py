"""Copies across partitions: candidates by the bands of MinHash, each checked by the exact similarity of its word n-grams.

What `research.corpus.duplicates` does in memory, as three joins over files: which texts share a band, how similar they are,
and which of a group is the original.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from research.bulk.hashes import number_of
from research.bulk.job import WORK
from research.bulk.places import Place
from research.corpus.duplicates import band_keys, shingles_of
from research.errors import DataError

__all__ = ["Level", "find_copies", "write_units"]

_AT_ONCE = 20_000_000  # keys of a band that are held together
_COMPARED = 50  # in a crowd that shares a band, each is compared with its neighbours up to here
_LAST = 3_652_059  # the day of articles without a date: 9999-12-31
Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Level:
    """What is compared: passages or articles, and how similar copies are at least."""

    name: str
    threshold: float

    def file(self, part: str, what: str) -> str:
        """Name a file of a partition."""
        return f"{WORK}/copies/{self.name}/{part}.{what}.npy"


def write_units(place: Place, part: str, level: Level, texts: Sequence[str], days: Sequence[int | None]) -> list[str]:
    """Write what later joins need of a partition's texts, and give the names of the files.

    Parameters
    ----------
    place : Place
        The job's folder.
    part : str
        The partition.
    level : Level
        What the texts are.
    texts : sequence of str, length n
        In the order of their table.
    days : sequence of int or None, length n
        The ordinal of each one's date.
    """
    grams = [shingles_of(text) for text in texts]
    told = [row for row, own in enumerate(grams) if own]
    hashed = [np.sort(np.array([number_of(gram) for gram in grams[row]], np.uint64)) for row in told]
    found = {
        "rows": np.array(told, np.int64),
        "days": np.array([_LAST if days[row] is None else days[row] for row in told], np.int64),
        "ends": np.cumsum([len(one) for one in hashed], dtype=np.int64),
        "shingles": np.concatenate(hashed) if hashed else np.zeros(0, np.uint64),
        "whole": np.array([number_of(one.tobytes()) for one in hashed], np.uint64),
    }
    keys = band_keys([grams[row] for row in told], threshold=level.threshold) if told else np.zeros((0, 0), np.uint64)
    for band in range(keys.shape[1]):
        found[f"band{band}"] = keys[:, band].copy()
    for what, numbers in found.items():
        with place.writing(level.file(part, what)) as file:
            np.save(file, numbers, allow_pickle=False)
    return [level.file(part, what) for what in found]


@dataclass(frozen=True, eq=False)
class Copies:
    """The copies of a level.

    Attributes
    ----------
    part, row : ndarray of int64, shape (n,)
        The copy: its partition, and its row in the table there.
    of_part, of_row : ndarray of int64, shape (n,)
        The original: the first of its group by date, then by id and number.
    similarity : ndarray of float64, shape (n,)
        Of the two.
    """

    part: Rows
    row: Rows
    of_part: Rows
    of_row: Rows
    similarity: npt.NDArray[np.float64]


class _Units:
    """The texts of all partitions, numbered through; what is asked of them is read when it is asked."""

    def __init__(self, place: Place, level: Level, parts: Sequence[str]) -> None:
        self._place, self._level, self._parts = place, level, parts
        self.sizes = np.array([len(self.of(part, "whole")) for part in range(len(parts))], np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)])
        self._open: dict[int, tuple[Rows, Keys]] = {}

    def __len__(self) -> int:
        return int(self.starts[-1])

    def of(self, part: int, what: str) -> npt.NDArray[Any]:
        name = self._level.file(self._parts[part], what)
        try:
            found: npt.NDArray[Any]
            if self._place.is_local:
                found = np.load(self._place.path(name), mmap_mode="r", allow_pickle=False)
            else:
                with self._place.reading(name) as file:
                    found = np.load(io.BytesIO(file.read()), allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DataError(
                f"cannot be read ({' '.join(str(error).split())[:200]})",
                where=self._place.path(name),
                remedy="remove the folder, and run again",
            ) from None
        return found

    def bands(self) -> int:
        """Count the bands: as many as the fullest partition has; an empty one has none."""
        full = int(self.sizes.argmax()) if len(self) else 0
        name = self._level.file(self._parts[full], "band{}")
        count = 0
        while len(self) and self._place.exists(name.format(count)):
            count += 1
        return count

    def part_of(self, unit: Rows) -> Rows:
        found: Rows = np.searchsorted(self.starts, unit, side="right") - 1
        return found

    def shingles(self, unit: int) -> Keys:
        part = int(self.part_of(np.array([unit]))[0])
        if part not in self._open:
            if len(self._open) >= 64 and not self._place.is_local:
                self._open.pop(next(iter(self._open)))
            self._open[part] = self.of(part, "ends"), self.of(part, "shingles")
        ends, numbers = self._open[part]
        at = unit - int(self.starts[part])
        return numbers[int(ends[at - 1]) if at else 0 : int(ends[at])]

    def similarity(self, a: int, b: int) -> float:
        one, other = self.shingles(a), self.shingles(b)
        both = len(np.intersect1d(one, other, assume_unique=True))
        return both / (len(one) + len(other) - both)


def find_copies(place: Place, level: Level, parts: Sequence[str], ids: Mapping[str, Any]) -> Copies:
    """Find copies among the texts of all partitions.

    Parameters
    ----------
    place : Place
        The job's folder, in which `write_units` wrote for every partition.
    level : Level
        What is compared.
    parts : sequence of str
        The partitions.
    ids : mapping of str to callable
        For each partition, what gives the id and number of a row of its table.

    Returns
    -------
    Copies
        In the order of partitions and rows. As in memory, but for crowds of more than fifty texts that share a band without
        being the same: each of these is compared with the fifty before it.
    """
    units = _Units(place, level, parts)
    group = np.arange(len(units))
    distinct = np.ones(len(units), bool)
    for pairs in _sharing(units, "whole", compared=1):
        distinct[pairs[:, 1]] = False
        for a, b in pairs.tolist():
            _join(group, a, b)
    for band in range(units.bands()):
        for pairs in _sharing(units, f"band{band}", compared=_COMPARED, among=distinct):
            for a, b in pairs.tolist():
                # What others between them join already needs no look.
                if _root(group, a) != _root(group, b) and units.similarity(a, b) >= level.threshold:
                    _join(group, a, b)
    roots = np.array([_root(group, unit) for unit in range(len(units))], np.int64)
    return _copies(units, roots, parts, ids)


def _root(group: Rows, unit: int) -> int:
    while group[unit] != unit:
        group[unit] = group[group[unit]]
        unit = int(group[unit])
    return unit


def _join(group: Rows, a: int, b: int) -> None:
    first, second = sorted((_root(group, a), _root(group, b)))
    group[second] = first


def _sharing(units: _Units, what: str, *, compared: int, among: npt.NDArray[np.bool_] | None = None) -> Iterator[Rows]:
    """Pair the texts that share a key, each with the one before it, then with the one before that, and so on.

    A share of the keys is held at a time.
    """
    turns = max(1, -(-len(units) // _AT_ONCE))
    for turn in range(turns):
        held, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        for part, size in enumerate(units.sizes.tolist()):
            if not size:
                continue
            keys = np.asarray(units.of(part, what))
            mine = keys % np.uint64(turns) == turn
            own = np.flatnonzero(mine) + units.starts[part]
            if among is not None:
                mine[mine] = among[own]
                own = np.flatnonzero(mine) + units.starts[part]
            held.append(keys[mine])
            owners.append(own)
        keys, owner = np.concatenate(held), np.concatenate(owners)
        order = np.lexsort((owner, keys))
        keys, owner = keys[order], owner[order]
        for step in range(1, min(compared, len(keys) - 1) + 1):
            near = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(near):
                break
            yield np.column_stack([owner[near], owner[near + step]])


def _copies(units: _Units, group: Rows, parts: Sequence[str], ids: Mapping[str, Any]) -> Copies:
    """Choose the original of every group, and hold the others against it."""
    sizes = np.bincount(group, minlength=1)
    members = np.flatnonzero(sizes[group] > 1)
    of_part = units.part_of(members)
    row, day = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
    names: list[tuple[str, int]] = [("", 0)] * len(members)
    for part in np.unique(of_part).tolist():
        mine = np.flatnonzero(of_part == part)
        local = members[mine] - units.starts[part]
        row[mine], day[mine] = units.of(part, "rows")[local], units.of(part, "days")[local]
        for at, name in zip(mine.tolist(), ids[parts[part]](row[mine]), strict=True):
            names[at] = name
    first: dict[int, int] = {}
    for at, own in enumerate(group[members].tolist()):
        best = first.setdefault(own, at)
        if (int(day[at]), names[at]) < (int(day[best]), names[best]):
            first[own] = at
    original = np.array([first[own] for own in group[members].tolist()], np.int64)
    copy = np.flatnonzero(original != np.arange(len(members))) if len(members) else np.zeros(0, np.int64)
    of = original[copy]
    similarity = [units.similarity(a, b) for a, b in zip(members[of].tolist(), members[copy].tolist(), strict=True)]
    rounded: npt.NDArray[np.float64] = np.array([round(value, 4) for value in similarity], np.float64)
    return Copies(of_part[copy], row[copy], of_part[of], row[of], rounded)
