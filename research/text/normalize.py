"""Arabic normalisation in named steps that can be switched one by one and that keep offsets.

Every step but ``compose`` replaces single characters, so the chosen steps collapse into one translation table and the
way back to the original text is one array of positions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError

__all__ = ["ANALYSIS_STEPS", "DISPLAY_STEPS", "STEPS", "Normalized", "normalize", "normalize_aligned"]


def _chars(*ranges: tuple[int, int]) -> list[str]:
    return [chr(code) for first, last in ranges for code in range(first, last + 1)]


def _to(target: str, sources: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(sources, target)


_ARABIC_MARKS = _chars((0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E4))
_ARABIC_MARKS += _chars((0x06E7, 0x06E8), (0x06EA, 0x06ED), (0x08D3, 0x08E1), (0x08E3, 0x08FF))
_INVISIBLE = _chars((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2060), (0x2066, 0x2069))
_INVISIBLE += ["\u061c", "\u00ad", "\ufeff"]
_SPACES = ["\u00a0", "\u1680", *_chars((0x2000, 0x200A)), "\u202f", "\u205f", "\u3000", "\t", "\v", "\f", "\x85"]
_CASED = _chars((0x41, 0x5A), (0xC0, 0x24F), (0x370, 0x52F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A))


def _presentation() -> dict[str, str]:
    """Ligatures and contextual letter shapes, as old systems and PDF files store them, back to plain letters."""
    shapes = _chars((0xFB50, 0xFD3D), (0xFD50, 0xFDFF), (0xFE70, 0xFEFC))
    # A stand-alone mark decomposes into a space and the mark: the space is not in the text.
    plain = {shape: unicodedata.normalize("NFKC", shape).strip() for shape in shapes}
    return {shape: letters for shape, letters in plain.items() if letters != shape}


def _digits() -> dict[str, str]:
    table = {chr(base + value): str(value) for base in (0x0660, 0x06F0) for value in range(10)}
    return table | {"٪": "%", "٫": ".", "٬": ","}


#: Each step by its name, in the order in which they apply. ``compose`` joins a letter and a combining mark (canonical
#: composition) and is done before the others; the rest are single-character replacements.
STEPS: Mapping[str, Mapping[str, str]] = {
    "compose": {},
    "presentation": _presentation(),
    "bidi": _to("", _INVISIBLE),
    "diacritics": _to("", _ARABIC_MARKS),
    "tatweel": _to("", ["\u0640"]),
    "spaces": _to(" ", _SPACES),
    "quotes": _to('"', "«»“”„‟‹›＂") | _to("'", "‘’‚‛`´"),
    "digits": _digits(),
    "alef": _to("ا", "أإآٱٲٳ"),
    "hamza": _to("ء", "ؤئ"),
    "ya": _to("ي", "ىیې") | _to("ك", "کڪ"),
    "ta_marbuta": _to("ه", "ةۃ"),
    "case": {char: char.casefold() for char in _CASED if char.casefold() != char},
}

#: What is taken off before people see a word: nothing that changes how it is spelt.
DISPLAY_STEPS: tuple[str, ...] = ("compose", "presentation", "bidi", "diacritics", "tatweel", "spaces")

#: What is folded before words are compared: every step.
ANALYSIS_STEPS: tuple[str, ...] = tuple(STEPS)

# A letter, the mark that joins it, and whatever marks stand around: in decomposed text (the file names of some systems) a
# vowel sign comes before the hamza that belongs to the letter.
_JOINING = "\u0300-\u036f\u0653-\u0655"
_MARKS = re.escape("".join(_ARABIC_MARKS))
_FATHA, _VOWELLED = "\u064e", 20  # the commonest vowel sign; where it is every twentieth character, much changes
_COMPOSABLE = re.compile(f"[^{_JOINING}{_MARKS}][{_MARKS}]*[{_JOINING}][{_JOINING}{_MARKS}]*|[\u1100-\u115f][\u1160-\u11ff]+")


def _checked(steps: Iterable[str]) -> tuple[str, ...]:
    chosen = frozenset(steps)
    unknown = sorted(chosen - STEPS.keys())
    if unknown:
        raise ConfigError(f"unknown normalisation step {unknown[0]!r}", remedy=f"steps are {', '.join(STEPS)}")
    return tuple(name for name in STEPS if name in chosen)


@lru_cache(maxsize=256)
def _table(steps: tuple[str, ...]) -> dict[int, str]:
    tables = [STEPS[name] for name in steps]
    table: dict[int, str] = {}
    for char in {char for step in tables for char in step}:
        text = char
        for step in tables:
            text = "".join(step.get(part, part) for part in text)
        if text != char:
            table[ord(char)] = text
    return table


@lru_cache(maxsize=256)
def _plan(steps: tuple[str, ...]) -> tuple[dict[int, str], bool]:
    chosen = _checked(steps)
    return _table(chosen), "compose" in chosen


@lru_cache(maxsize=256)
def _changed(steps: tuple[str, ...]) -> re.Pattern[str]:
    """Every character that some steps change."""
    table, _ = _plan(steps)
    return re.compile(f"[{''.join(re.escape(chr(code)) for code in table)}]" if table else r"(?!)")


def normalize(text: str, steps: Iterable[str] = ANALYSIS_STEPS) -> str:
    """Normalise a text.

    Parameters
    ----------
    text : str
        Any text; scripts other than Arabic pass through, letters of theirs are case-folded by the step ``case``.
    steps : iterable of str
        Names from `STEPS`, in any order; they are applied in the order of `STEPS`.

    Returns
    -------
    str
        The normalised text.

    Raises
    ------
    ConfigError
        If a step has an unknown name.

    Examples
    --------
    >>> normalize("شـؤون خارجيّة")
    'شءون خارجيه'
    >>> normalize("«الأمم المتّحدة»", DISPLAY_STEPS)
    '«الأمم المتحدة»'
    """
    chosen = tuple(steps)
    table, compose = _plan(chosen)
    if compose and not unicodedata.is_normalized("NFC", text):
        text = _COMPOSABLE.sub(lambda found: unicodedata.normalize("NFC", found.group()), text)
    if _VOWELLED * text.count(_FATHA) > len(text):
        return text.translate(table)
    # Where few characters change, going from one to the next is several times as fast as looking each character up.
    return _changed(chosen).sub(lambda found: table[ord(found.group())], text)


@dataclass(frozen=True, eq=False)
class Normalized:
    """A normalised text with the way back to the original.

    Attributes
    ----------
    text : str
        The normalised text, of length n.
    offsets : ndarray of int32, shape (n + 1,)
        ``offsets[i]`` is the position in the original of what became character i; the last entry is the original's
        length. Characters that were removed belong to the character before them.
    """

    text: str
    offsets: npt.NDArray[np.int32]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original text behind ``text[start:end]``, both in characters.

        Examples
        --------
        >>> aligned = normalize_aligned("شـؤون")
        >>> aligned.span(0, 2)
        (0, 3)
        """
        if start >= end:
            return int(self.offsets[start]), int(self.offsets[start])
        # Several normalised characters can come from one (a ligature): the span ends after the last of them.
        starts, last, after = self._starts, self._starts[end - 1], end
        while starts[after] == last:
            after += 1
        return starts[start], starts[after]

    @cached_property
    def _starts(self) -> list[int]:
        # Single places of a list are read several times as fast as those of an array.
        return list(map(int, self.offsets.tolist()))


def normalize_aligned(text: str, steps: Iterable[str] = ANALYSIS_STEPS) -> Normalized:
    """Normalise a text and keep, for every character of the result, where it came from.

    Parameters
    ----------
    text : str
        Any text.
    steps : iterable of str
        As in `normalize`; the result's ``text`` equals ``normalize(text, steps)``.

    Returns
    -------
    Normalized
        The text and its offsets.

    Examples
    --------
    >>> aligned = normalize_aligned("الأمم المتّحدة")
    >>> aligned.text, aligned.span(6, 13)
    ('الامم المتحده', (6, 14))
    """
    table, compose = _plan(tuple(steps))
    changed = _changed(tuple(steps))
    pieces: list[str] = []
    starts: list[int] = []

    def add(chunk: str, start: int, step: int = 1) -> None:
        # Character by character only where one changes: most of a text does not.
        at = 0
        for found in changed.finditer(chunk):
            index = found.start()
            pieces.append(chunk[at:index])
            starts.extend(range(start + at, start + index) if step else [start] * (index - at))
            replaced = table[ord(found.group())]
            pieces.append(replaced)
            starts.extend([start + step * index] * len(replaced))
            at = index + 1
        pieces.append(chunk[at:])
        starts.extend(range(start + at, start + len(chunk)) if step else [start] * (len(chunk) - at))

    position = 0
    if compose and not text.isascii():
        for found in _COMPOSABLE.finditer(text):
            add(text[position : found.start()], position)
            composed = unicodedata.normalize("NFC", found.group())
            add(composed, found.start(), int(composed == found.group()))
            position = found.end()
    add(text[position:], position)
    return Normalized("".join(pieces), np.asarray([*starts, len(text)], dtype=np.int32))
