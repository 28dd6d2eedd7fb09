"""The terms of many texts in little memory: one number a term, every term one string."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Self, overload

import numpy as np
import numpy.typing as npt

from research.errors import DataError

__all__ = ["TermLists"]


@dataclass(frozen=True, eq=False, repr=False)
class TermLists(Sequence[list[str]]):
    """The terms of texts, in reading order: a sequence of lists of strings that is kept as numbers and cannot be changed.

    It is equal to a list of the same lists. A list is made when a text is asked for; its terms are the strings of the
    vocabulary.

    Attributes
    ----------
    codes : ndarray of int32, shape (m,)
        The terms of all texts, one text after the other, as places in the vocabulary.
    vocabulary : tuple of str
        The terms, each once; of a part of the texts also those that only the others hold.
    offsets : ndarray of int64, shape (n + 1,)
        Where each text begins among the codes; the last entry is m.

    Raises
    ------
    DataError
        If the offsets do not cut the codes into texts, or a code is no place in the vocabulary.

    Examples
    --------
    >>> terms = TermLists.of([["قمه", "وفد", "قمه"], [], ["وفد"]])
    >>> terms[0], terms[1:], len(terms)
    (['قمه', 'وفد', 'قمه'], TermLists.of([[], ['وفد']]), 3)
    >>> terms == [["قمه", "وفد", "قمه"], [], ["وفد"]]
    True
    """

    codes: npt.NDArray[np.int32]
    vocabulary: tuple[str, ...]
    offsets: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        for name, kind in (("codes", np.int32), ("offsets", np.int64)):
            array = np.asarray(getattr(self, name), dtype=kind).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "vocabulary", tuple(self.vocabulary))
        cuts = self.offsets
        if not len(cuts) or cuts[0] != 0 or cuts[-1] != len(self.codes) or (np.diff(cuts) < 0).any():
            raise DataError(
                f"the offsets do not cut {len(self.codes)} terms into texts",
                remedy="let them rise from 0 to the number of terms",
            )
        if len(self.codes) and not 0 <= int(self.codes.min()) <= int(self.codes.max()) < len(self.vocabulary):
            raise DataError("a code is no place in the vocabulary", remedy=f"codes are below {len(self.vocabulary)}")

    @classmethod
    def of(cls, lists: Iterable[Iterable[str]]) -> Self:
        """Keep lists of terms, one a text.

        Examples
        --------
        >>> TermLists.of([["قمه", "وفد"], ["وفد"]]).codes.tolist()
        [0, 1, 1]
        """
        number: dict[str, int] = {}
        coded = [[number.setdefault(term, len(number)) for term in line] for line in lists]
        codes = np.array([code for line in coded for code in line], dtype=np.int32)
        return cls(codes, tuple(number), np.cumsum([0, *map(len, coded)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, at: int) -> list[str]: ...

    @overload
    def __getitem__(self, at: slice) -> TermLists: ...

    def __getitem__(self, at: int | slice) -> list[str] | TermLists:
        if isinstance(at, slice):
            return self.take(range(len(self))[at])
        row = range(len(self))[index(at)]
        return self._list(int(self.offsets[row]), int(self.offsets[row + 1]))

    def __iter__(self) -> Iterator[list[str]]:
        starts = self.offsets.tolist()
        return map(self._list, starts[:-1], starts[1:])

    def _list(self, start: int, end: int) -> list[str]:
        return list(map(self.vocabulary.__getitem__, self.codes[start:end].tolist()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | TermLists):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if len(self.codes) + len(self) <= 20:
            return f"TermLists.of({[*self]!r})"
        return f"<TermLists: {len(self)} texts, {len(self.codes)} terms, {len(self.vocabulary)} of them different>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.codes, self.vocabulary, self.offsets)  # arrays that are read back can be changed otherwise

    @property
    def nbytes(self) -> int:
        """Bytes that the numbers take, without the vocabulary."""
        return self.codes.nbytes + self.offsets.nbytes

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer[Any]]) -> TermLists:
        """Give the texts of some rows, in the order in which they are named; the vocabulary stays.

        Examples
        --------
        >>> TermLists.of([["قمه"], ["وفد", "قمه"]]).take([1, 1, 0])
        TermLists.of([['وفد', 'قمه'], ['وفد', 'قمه'], ['قمه']])
        """
        chosen = np.asarray(rows, dtype=np.int64)
        chosen = np.where(chosen < 0, chosen + len(self), chosen)
        if len(chosen) and not 0 <= int(chosen.min()) <= int(chosen.max()) < len(self):
            raise IndexError(f"there are {len(self)} texts")
        sizes = np.diff(self.offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
        return TermLists(self.codes[np.repeat(self.offsets[chosen], sizes) + within], self.vocabulary, offsets)
