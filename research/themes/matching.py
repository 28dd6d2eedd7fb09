"""Where a codebook's words stand in a text: compared by stem, with their characters, outside titles and exclusions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from research.text.normalize import ANALYSIS_STEPS, normalize
from research.text.readings import EXACT, readings, seed_key
from research.text.sentences import sentences
from research.text.tokens import Token, tokenize, words
from research.themes.codebook import Codebook, Theme

__all__ = ["Kind", "Match", "Matcher"]

Kind = Literal["seed", "together", "hint"]

# What denies the words after it, in normalised form, and how far it reaches.
_DENIALS = frozenset(
    """
    لا لم لن ليس ليست ليسوا لست ولا ولم ولن وليس وليست فلا فلم فلن دون بدون غير عدم بعدم وعدم نفي نفت نفوا ينفي تنفي ونفي ونفت
    وتنفي وينفي نافيا نافيه انكر انكرت ينكر تنكر وانكر وانكرت no not never without deny denies denied denying neither nor cannot
    """.split()  # noqa: SIM905
)
_REACH = 4
_ENDS_CLAUSE = frozenset("،؛;,:.!?؟\n")
_NEGATED_VERB = ("n't", "n’t")
# What no phrase goes across. A dot counts only before a blank: there is none inside U.S.
_PARTS_WORDS = re.compile(r"[،؛;,:!?؟…\n\r\u2028\u2029()\[\]]|\.(?=\s)")


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a theme's words stand.

    Attributes
    ----------
    theme : int
        Number of the theme in its codebook.
    seed : str
        The seed as the codebook writes it; for words that meet, the names of their lists joined by `` + ``.
    kind : {"seed", "together", "hint"}
        Which list it comes from.
    spans : tuple of (int, int)
        Characters of the text; one stretch for a seed, one a word for words that meet.
    negated : bool
        Whether a denial stands before it in the same clause.
    inner : tuple of str
        Shorter seeds of the same list inside it, which it stands for.
    """

    theme: int
    seed: str
    kind: Kind
    spans: tuple[tuple[int, int], ...]
    negated: bool
    inner: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Phrase:
    keys: tuple[str, ...]
    seed: str


_Found = tuple[int, int, str]  # first token, the one after the last, the phrase


class _Phrases:
    """Phrases by their first key."""

    def __init__(self, seeds: Iterable[str], steps: Sequence[str], without: Iterable[tuple[str, ...]] = ()) -> None:
        barred = set(without)
        self.by_first: dict[str, list[_Phrase]] = {}
        for seed in dict.fromkeys(seeds):
            exact = seed.startswith("=")
            keys = tuple(EXACT + word if exact else seed_key(word) for word in words(normalize(seed, steps)))
            # Of seeds that are the same after normalisation the first stands for all.
            same_start = self.by_first.setdefault(keys[0], []) if keys else []
            if keys and keys not in barred and all(phrase.keys != keys for phrase in same_start):
                same_start.append(_Phrase(keys, seed))

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The keys of every phrase."""
        return [phrase.keys for phrases in self.by_first.values() for phrase in phrases]

    def find(self, seen: _Seen) -> list[_Found]:
        """Give every place where a phrase stands, in order."""
        found = []
        for first in seen.begins.keys() & self.by_first.keys():
            for at in seen.begins[first]:
                for phrase in self.by_first[first]:
                    end = at + len(phrase.keys)
                    rest = zip(seen.readings[at + 1 : end], phrase.keys[1:], strict=False)
                    whole = end <= len(seen.readings) and not any(seen.parted[at + 1 : end])
                    if whole and all(key in reading for reading, key in rest):
                        found.append((at, end, phrase.seed))
        return sorted(found)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A text as its words: where they stand, what each may be read as, and where any phrase may begin."""

    tokens: Sequence[Token]
    readings: Sequence[frozenset[str]]
    begins: Mapping[str, Sequence[int]]  # the words that may be read as the first key of a phrase
    parted: Sequence[bool]  # whether a mark that ends a clause stands before each word


class Matcher:
    """Finds the words of a codebook in texts.

    Parameters
    ----------
    codebook : Codebook
        Its seeds, exclusions, titles and words that must meet.
    steps : sequence of str
        Normalisation steps in which words are compared, names from `research.text.STEPS`.

    Examples
    --------
    >>> from research.themes.codebook_file import load_codebook
    >>> matcher = Matcher(load_codebook("seeds/themes.toml"))
    >>> text = "فرضت واشنطن عقوباتٍ جديدة"
    >>> [text[start:end] for match in matcher.find(text) for start, end in match.spans]
    ['عقوباتٍ']
    """

    def __init__(self, codebook: Codebook, steps: Sequence[str] = ANALYSIS_STEPS) -> None:
        self.codebook = codebook
        self.steps = tuple(steps)
        self._titles = _Phrases(codebook.titles, self.steps)
        self._themes = [_ThemeWords(number, theme, self.steps) for number, theme in enumerate(codebook.themes)]
        self._begins = frozenset(self._titles.by_first).union(*(theme.begins for theme in self._themes))
        self._known: dict[str, frozenset[str]] = {}  # the first keys that a word may be read as

    def find(self, text: str) -> list[Match]:
        """Find what counts in one text.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        list of Match
            By theme, then by place.
        """
        return self.look(text)[0]

    def look(self, text: str) -> tuple[list[Match], list[tuple[int, int]]]:
        """Find what counts in one text, and the characters of its names and titles, inside which nothing counts."""
        seen = self._read(text)
        titles = self._titles.find(seen)
        hidden = _covered(titles)
        sentence_of = cache(lambda: _sentence_numbers(text, seen.tokens))  # most texts never ask
        found = (
            [match for theme in self._themes for match in theme.find(text, seen, hidden, sentence_of)] if seen.begins else []
        )
        return found, [_span(seen.tokens, start, end) for start, end, _ in titles]

    def _read(self, text: str) -> _Seen:
        tokens = list(tokenize(text, self.steps))
        read = [readings(token.text) for token in tokens]
        begins: dict[str, list[int]] = {}
        for at, token in enumerate(tokens):
            keys = self._known.get(token.text)
            if keys is None:
                keys = self._known[token.text] = self._begins & read[at]
            for key in keys:
                begins.setdefault(key, []).append(at)
        return _Seen(tokens, read, begins, _parted(text, tokens) if begins else [])


class _ThemeWords:
    """What one theme looks for."""

    def __init__(self, number: int, theme: Theme, steps: Sequence[str]) -> None:
        self.number, self.theme = number, theme
        self.seeds, self.barred = _Phrases(theme.all_seeds, steps), _Phrases(theme.exclude, steps)
        self.hints = _Phrases(theme.all_hints, steps, without=self.seeds.keys)  # what is both is a seed
        self.meetings = [(one.name, [_Phrases(part, steps) for part in one.lists], one.within) for one in theme.together]

    @property
    def begins(self) -> frozenset[str]:
        """Every first key of its phrases."""
        lists = [self.seeds, self.hints, self.barred, *(part for _, parts, _ in self.meetings for part in parts)]
        return frozenset(key for phrases in lists for key in phrases.by_first)

    def find(self, text: str, seen: _Seen, titles: frozenset[int], sentence_of: Callable[[], Sequence[int]]) -> list[Match]:
        tokens = seen.tokens
        hidden = titles | _covered(self.barred.find(seen))
        found: list[Match] = []
        lists: tuple[tuple[Kind, _Phrases], ...] = (("seed", self.seeds), ("hint", self.hints))
        for kind, phrases in lists:
            outer: tuple[int, int] = (-1, -1)  # a longer seed stands for the shorter ones inside it
            for start, end, seed in sorted(phrases.find(seen), key=lambda one: (one[0], -one[1])):
                if hidden.issuperset(range(start, end)):
                    continue
                if end <= outer[1]:
                    found[-1] = replace(found[-1], inner=(*found[-1].inner, seed))
                else:
                    found.append(Match(self.number, seed, kind, (_span(tokens, start, end),), _denied(text, tokens, start)))
                    outer = (start, end)
        for name, parts, within in self.meetings:
            held = (
                [part.find(seen) for part in parts] if all(seen.begins.keys() & part.by_first.keys() for part in parts) else []
            )
            for places in _meet(held, within, sentence_of(), hidden) if held and all(held) else ():
                spans = tuple(sorted({_span(tokens, start, end) for start, end, _ in places}))
                first = min(start for start, _, _ in places)
                found.append(Match(self.number, name, "together", spans, _denied(text, tokens, first)))
        kept = [match for match in found if not (match.negated and self.theme.negation == "excludes")]
        return sorted(kept, key=lambda match: match.spans)


def _meet(
    parts: Sequence[list[_Found]], within: int, sentence_of: Sequence[int], hidden: frozenset[int]
) -> list[tuple[_Found, ...]]:
    """Find, for each place of the first list's words, the nearest of every other list in one stretch of a sentence."""
    visible = [
        [one for one in part if not hidden.issuperset(range(one[0], one[1])) and sentence_of[one[0]] == sentence_of[one[1] - 1]]
        for part in parts
    ]
    met, used = [], -1
    for anchor in visible[0] if all(visible) else []:
        near = [
            sorted(
                (one for one in part if sentence_of[one[0]] == sentence_of[anchor[0]] and abs(one[0] - anchor[0]) < within),
                key=lambda one: (abs(one[0] - anchor[0]), one[0]),
            )
            for part in visible[1:]
        ]
        chosen = _joined((anchor,), near, within)
        if chosen is not None and anchor[0] > used:
            met.append(chosen)
            used = max(end for _, end, _ in chosen) - 1
    return met


def _joined(chosen: tuple[_Found, ...], near: Sequence[Sequence[_Found]], within: int) -> tuple[_Found, ...] | None:
    """Add a place of every further list, each its own words, all in one stretch; the nearest that fit."""
    if not near:
        return chosen
    for one in near[0]:
        apart = all(one[1] <= other[0] or other[1] <= one[0] for other in chosen)
        if apart and max(e for _, e, _ in (*chosen, one)) - min(s for s, _, _ in (*chosen, one)) <= within:
            found = _joined((*chosen, one), near[1:], within)
            if found is not None:
                return found
    return None


def _parted(text: str, tokens: Sequence[Token]) -> list[bool]:
    """Tell of every word whether a mark that ends a clause stands between it and the word before."""
    parted, at = [False] * len(tokens), 0
    for mark in _PARTS_WORDS.finditer(text):
        while at < len(tokens) and tokens[at].start < mark.start():
            at += 1
        if at < len(tokens) and (at == 0 or tokens[at - 1].end <= mark.start()):
            parted[at] = True
    return parted


def _covered(found: Iterable[_Found]) -> frozenset[int]:
    return frozenset(at for start, end, _ in found for at in range(start, end))


def _span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    return tokens[start].start, tokens[end - 1].end


def _sentence_numbers(text: str, tokens: Sequence[Token]) -> list[int]:
    ends = [end for _, end in sentences(text)]
    numbers, at = [], 0
    for token in tokens:
        while at < len(ends) - 1 and token.start >= ends[at]:
            at += 1
        numbers.append(at)
    return numbers


def _denied(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a denial stands shortly before a token with no end of a clause between."""
    for before in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if not _ENDS_CLAUSE.isdisjoint(text[tokens[before].end : tokens[before + 1].start]):
            return False
        if tokens[before].text in _DENIALS or tokens[before].text.endswith(_NEGATED_VERB):
            return True
    return False
