"""What an analyser does with all texts at once: words become numbers in one reading, and what follows is arithmetic.

A loop over the words of a corpus in Python costs microseconds a word; there are millions of words and, for every hundred, two
different ones. So each different word is looked at once, and only those that begin a name of several words are followed
through the texts.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from research.text.lines import Codes, Flags, Places, blocks, first_places, look_up, tally
from research.text.phrases import JOIN, linked, span_starts
from research.text.term_lists import TermLists
from research.text.tokens import BREAK
from research.text.units import UnitReader

__all__ = ["NumberedUnits", "NumberedWords", "commonest_forms", "joined_terms", "number_units", "number_words"]


@dataclass(frozen=True, eq=False)
class NumberedWords:
    """The words of texts as numbers.

    Attributes
    ----------
    words : list of str
        Each written word once, in the order in which they first occur after `BREAK`, which is the first.
    line : ndarray of int32, shape (m,)
        The words of all texts as places in `words`, with one break more after every text.
    ends : ndarray of int64, shape (n,)
        Where those breaks are.
    """

    words: list[str]
    line: Codes
    ends: Places

    def counts(self) -> dict[str, int]:
        """How often each written word occurs, without the breaks."""
        counts = tally(self.line, len(self.words)).tolist()
        return dict(zip(self.words[1:], counts[1:], strict=True))

    def folded(self, forms: Mapping[str, str]) -> tuple[Codes, list[str]]:
        """Give the line in other forms of its words, and these forms, each once."""
        number: defaultdict[str, int] = _numbers()
        places = np.fromiter((number[forms[word]] for word in self.words), np.intc, len(self.words))
        return look_up(places, self.line), list(number)


def number_words(lines: Iterable[Iterable[str]]) -> NumberedWords:
    """Number the words of texts, each given as what `research.text.tokens.pieces` lists; each is read once.

    Examples
    --------
    >>> given = number_words([["سفينة", "،", "رست"], [], ["سفينة"]])
    >>> given.words, given.line.tolist(), given.ends.tolist()
    (['\\n', 'سفينة', 'رست'], [1, 0, 2, 0, 0, 1, 0], [3, 4, 6])
    """
    number: defaultdict[str, int] = _numbers()
    last = number[BREAK]
    line, ends = array("i"), array("q")
    for words in lines:
        line.extend(map(number.__getitem__, words))
        ends.append(len(line))
        line.append(last)
    kept = np.fromiter((piece[0].isalnum() for piece in number), bool, len(number))
    kept[last] = True
    written = [piece for piece, is_word in zip(number, kept.tolist(), strict=True) if is_word]
    places = np.where(kept, np.cumsum(kept) - 1, last).astype(np.intc)
    return NumberedWords(written, look_up(places, _as_array(line, np.intc)), _as_array(ends, np.int64))


@dataclass(frozen=True, eq=False)
class NumberedUnits:
    """The units of texts as numbers: words and names, with what they are compared by and shown as.

    Attributes
    ----------
    line : ndarray of int32, shape (m,)
        The units of all texts, in reading order; the last one of every text is a gap, which is unit 0.
    ends : ndarray of int64, shape (n,)
        Where those gaps are.
    keys : ndarray of int32, shape (u,)
        Of each unit its key, as a place in `names`; -1 for none.
    shown : list of str, length u
        The form that each unit is shown in.
    names : list of str
        The keys, in the order in which they first occur; last those that do not occur by themselves.
    """

    line: Codes
    ends: Places
    keys: Codes
    shown: list[str]
    names: list[str]


def number_units(given: NumberedWords, reader: UnitReader) -> NumberedUnits:
    """Give the units of texts, as `UnitReader.units` gives those of each.

    Examples
    --------
    >>> reader = UnitReader({}, steps=[], clitics=True, stems=False, stop_groups=["function"], named=False)
    >>> found = number_units(number_words([["والسفينة", "رست"], ["رست"]]), reader)
    >>> found.line.tolist(), found.keys.tolist(), found.names
    ([0, 1, 2, 0, 2, 0], [-1, 0, 1], ['سفينة', 'رست'])
    """
    number: defaultdict[str | None, int] = defaultdict()
    number.default_factory = lambda: len(number) - 1
    number[None]  # the first number, -1, is that of no key
    keys, shown, widths = array("i"), [], bytearray()
    followed = bytearray()
    for written in given.words:
        word = reader.words.get(written) or reader.read(written)
        followed.append(not reader.is_alone(word))
        key, form, attached, _ = reader.unit(word, (written,))
        keys.append(number[key])
        shown.append(form)
        widths.append(1 + attached)
    begins = np.flatnonzero(look_up(np.frombuffer(followed, dtype=np.uint8), given.line)).tolist()
    where, which, sizes = _follow(given, begins, reader, number, keys, shown, widths)
    # How many units each word gives: with a gap before it two, inside a name none.
    width = look_up(np.frombuffer(widths, dtype=np.uint8), given.line)
    width[where] = np.frombuffer(widths, dtype=np.uint8)[which]
    later = np.repeat(where, sizes - 1)
    width[later + _counted(sizes - 1) + 1] = 0
    line, ends = _spread(given, where, which, width)
    return _in_order(line, ends, _as_array(keys, np.intc), shown, [name for name in number if name is not None])


def _spread(given: NumberedWords, where: Places, which: Codes, width: npt.NDArray[np.uint8]) -> tuple[Codes, Places]:
    """Write the units in one line, and tell where its texts end; the unit of a word has its number, but at some places."""
    line = np.zeros(int(width.sum(dtype=np.int64)), dtype=np.intc)  # where a unit has a gap before it, that stays
    ends = np.zeros(len(given.ends), dtype=np.int64)
    filled = 0
    for start, end in blocks(len(given.line)):
        units, wide = given.line[start:end].copy(), width[start:end]
        some, texts = (slice(*np.searchsorted(places, [start, end])) for places in (where, given.ends))
        units[where[some] - start] = which[some]
        at = filled - 1 + np.cumsum(wide, dtype=np.int64)
        line[at[wide > 0]] = units[wide > 0]
        ends[texts] = at[given.ends[texts] - start]
        filled = int(at[-1]) + 1
    return line, ends


def _follow(
    given: NumberedWords,
    places: Iterable[int],
    reader: UnitReader,
    number: Mapping[str | None, int],
    keys: array[int],
    shown: list[str],
    widths: bytearray,
) -> tuple[Places, Codes, Places]:
    """Read the units that begin with certain words: where, which unit, of how many words. New units are added at the end."""
    unit: dict[tuple[str | None, str, bool], int] = {}
    where, which, sizes = array("q"), array("i"), array("q")
    free = 0
    for place in places:
        if place < free:
            continue
        written = [given.words[code] for code in given.line[place : place + reader.longest].tolist()]
        key, form, attached, size = reader.unit(reader.word(written[0]), written)
        if (key, form, attached) not in unit:
            unit[key, form, attached] = len(keys)
            keys.append(number[key])
            shown.append(form)
            widths.append(1 + attached)
        where.append(place)
        which.append(unit[key, form, attached])
        sizes.append(size)
        free = place + size
    return _as_array(where, np.int64), _as_array(which, np.intc), _as_array(sizes, np.int64)


def _in_order(line: Codes, ends: Places, keys: Codes, shown: list[str], names: Sequence[str]) -> NumberedUnits:
    """Number the names as they first occur."""
    first = np.full(len(names), len(line), dtype=np.int64)
    at, units = first_places(line, len(keys)), np.flatnonzero(keys >= 0)
    np.minimum.at(first, keys[units], at[units])
    order = np.argsort(first, kind="stable")
    rank = np.full(len(names) + 1, -1, dtype=np.intc)  # the last place is that of -1
    rank[order] = np.arange(len(names))
    return NumberedUnits(line, ends, rank[keys], shown, [names[place] for place in order.tolist()])


def joined_terms(units: NumberedUnits, pairs: Iterable[tuple[str, str]]) -> tuple[TermLists, dict[tuple[str, str], int]]:
    """Join units into phrases whose every neighbouring pair is known, and leave out what is no term.

    Parameters
    ----------
    units : NumberedUnits
        The units of all texts.
    pairs : iterable of (str, str)
        The pairs of neighbouring keys that make a phrase.

    Returns
    -------
    (TermLists; dict of (str, str) to int)
        The terms of each text, and how often each term is shown in each form. Terms are in the order in which they first occur.

    Examples
    --------
    >>> reader = UnitReader({}, steps=[], clitics=True, stems=False, stop_groups=[], named=False)
    >>> units = number_units(number_words([["والسفينة", "رست"], ["رست"]]), reader)
    >>> joined_terms(units, [("سفينة", "رست")])
    (TermLists.of([['سفينة_رست'], ['رست']]), {('سفينة_رست', 'السفينة رست'): 1, ('رست', 'رست'): 1})
    """
    place = {name: number for number, name in enumerate(units.names)}
    known = [(place[first], place[second]) for first, second in pairs]
    keys_of_line = look_up(units.keys, units.line)
    starts = span_starts(linked(keys_of_line, known, len(units.names)))
    begins = np.flatnonzero(starts & (keys_of_line >= 0))
    del keys_of_line
    offsets = np.concatenate([[0], np.searchsorted(begins, units.ends)])
    # A kind is a unit or, numbered after these, a row of units.
    kinds = look_up(units.line, begins)
    several = np.flatnonzero(~look_up(starts, begins + 1))  # a gap, which begins a span, ends every text
    kinds[several], places, sizes = _rows_of_units(units.line, begins[several], starts, len(units.shown))
    counts = tally(kinds, len(units.shown) + len(places)).tolist()
    order = np.argsort(first_places(kinds, len(counts)), kind="stable")[: np.count_nonzero(counts)]
    number: defaultdict[str, int] = _numbers()
    codes = np.zeros(len(counts), dtype=np.int32)
    seen: dict[tuple[str, str], int] = {}
    keys, forms = units.keys.tolist(), units.shown
    for kind in order.tolist():
        if kind < len(forms):
            term, shown = units.names[keys[kind]], forms[kind]
        else:
            start, size = places[kind - len(forms)], sizes[kind - len(forms)]
            row = units.line[start : start + size].tolist()
            term, shown = JOIN.join([units.names[keys[unit]] for unit in row]), " ".join([forms[unit] for unit in row])
        codes[kind] = number[term]
        seen[term, shown] = seen.get((term, shown), 0) + counts[kind]
    return TermLists(look_up(codes, kinds), tuple(number), offsets), seen


def _rows_of_units(line: Codes, begins: Places, starts: Flags, first: int) -> tuple[Codes, Places, Places]:
    """Number the rows of units that begin at some places, equal ones alike, from a number on; give one's place and size."""
    same, at = np.zeros(len(begins), dtype=np.int64), np.zeros(0, dtype=np.intp)
    sizes, inside = np.zeros(len(begins), dtype=np.int64), np.ones(len(begins), dtype=bool)
    while inside.any():
        places = np.minimum(begins + sizes, len(line) - 1)
        # Unit 0 is a gap, which is in no row: it stands for what is after the end.
        _, at, same = np.unique(same * first + np.where(inside, line[places], 0), return_index=True, return_inverse=True)
        sizes += inside
        inside &= ~starts[np.minimum(begins + sizes, len(line) - 1)]
    return (same + first).astype(np.intc), begins[at], sizes[at]


def commonest_forms(seen: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Give every term the form that it is most often shown in, from how often it is shown in each.

    Among equals the shorter, then the first in the order of characters: never the order of texts.

    Examples
    --------
    >>> commonest_forms({("سفينه", "السفينة"): 2, ("سفينه", "سفينة"): 2, ("سفينه", "سفينتها"): 1})
    {'سفينه': 'سفينة'}
    """
    best: dict[str, tuple[int, int, str]] = {}
    for (term, shown), count in seen.items():
        rank = (-count, len(shown), shown)
        if term not in best or rank < best[term]:
            best[term] = rank
    return {term: shown for term, (_, _, shown) in best.items()}


def _counted(sizes: Places) -> Places:
    """Count from 0 within each of some groups: for 2 and 3, give 0, 1, 0, 1, 2."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _numbers() -> defaultdict[str, int]:
    """Give a mapping that numbers what it is asked for."""
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__
    return number


def _as_array(numbers: array[int], kind: type[np.generic]) -> npt.NDArray[Any]:
    """See an array of the standard library as one of numpy, without a copy."""
    return np.frombuffer(numbers, dtype=kind) if numbers else np.zeros(0, dtype=kind)
