"""From written words to units: what a word is compared by and shown as, and which words are one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from research.text.lexicon import names, stop_words, without_article
from research.text.normalize import STEPS, normalize
from research.text.phrases import JOIN
from research.text.stems import Split, split_clitics, stem
from research.text.tokens import BREAK, words

__all__ = ["GAP", "Unit", "UnitReader", "Word"]

_NAME_CLITICS = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "لل", "ولل", "وب", "ول", "كال")
_MOST_KNOWN = 500_000  # words that are kept analysed
_CLITICS_BY_LETTER = {first: tuple(c for c in _NAME_CLITICS if c[0] == first) for first in {c[0] for c in _NAME_CLITICS}}

#: A term (None for what is none: a stop word, punctuation) and the form that it is shown in.
Unit = tuple[str | None, str]

#: What stands where no phrase goes across.
GAP: Unit = (None, "")


class Word(NamedTuple):
    """What is known of one written form."""

    folded: str
    key: str | None  # None: a stop word, a number or a single letter
    shown: str
    begins: tuple[str, ...]  # what, without clitics, begins a known name
    attached: bool  # has a proclitic, which no phrase goes across


class UnitReader:
    """Read words as units, with what the texts say of proclitics and of words written as one or as two.

    Parameters
    ----------
    displayed : mapping of str to int
        How often each written word occurs in the texts that are learned from.
    steps, clitics, stems, stop_groups
        As those of `research.text.ArabicAnalyzer`.
    named : bool
        Whether known names are one unit.

    Attributes
    ----------
    counts : Counter
        How often each word occurs, normalised.
    folded : dict of str to str
        The normalised form of each written word; may be emptied when all texts are learned.
    joined : dict
        Each word that the texts also write as two, to the two.

    Examples
    --------
    >>> from research.text.normalize import ANALYSIS_STEPS
    >>> reader = UnitReader({}, steps=ANALYSIS_STEPS, clitics=True, stems=True, stop_groups=["function"], named=True)
    >>> reader.units(["زار", "بيونغ", "يانغ", "والعاصمة"])
    [('زار', 'زار'), ('بيونغ_يانغ', 'بيونغ يانغ'), (None, ''), ('عاصم', 'العاصمة')]
    """

    def __init__(
        self,
        displayed: Mapping[str, int],
        *,
        steps: Sequence[str],
        clitics: bool,
        stems: bool,
        stop_groups: Sequence[str],
        named: bool,
    ) -> None:
        self.steps, self.clitics, self.stems = tuple(steps), clitics, stems
        self.stop = stop_words(stop_groups)
        self.folds_all = STEPS.keys() <= set(steps)
        known = names() if named else {}
        keys = {name: JOIN.join(words(normalize(name, steps))) for name in known.values()}
        self.names = {form: keys[name] for form, name in known.items()}
        self.name_keys = frozenset(self.names.values())
        self.name_sizes: dict[str, list[int]] = {}
        for form in sorted(self.names, key=len, reverse=True):
            sizes = self.name_sizes.setdefault(form[0], [])
            if len(form) not in sizes:
                sizes.append(len(form))
        self.longest = max([2, *map(len, self.names)])  # words that one unit can take
        self.words = {BREAK: Word(BREAK, None, "", (), False)}  # those that are not the same wherever they stand
        self.alone: dict[str, list[Unit]] = {BREAK: [GAP]}  # the units of those that are
        self.joined: dict[str, tuple[str, str]] = {}
        self.joined_first: set[str] = set()
        self.counts: Counter[str] = Counter()
        # All words at once: one call costs far less than one for each.
        vocabulary = list(displayed)
        folded = normalize("\n".join(vocabulary), steps).split("\n")
        self.folded = {BREAK: BREAK, **dict(zip(vocabulary, folded, strict=bool(vocabulary)))}
        for word, count in displayed.items():
            self.counts[self.folded[word]] += count

    def join(self, joined: Mapping[str, tuple[str, str]]) -> None:
        """Take over which words the texts also write as two."""
        self.joined = dict(joined)
        self.joined_first = {first for first, _ in joined.values()}

    def word(self, written: str) -> Word:
        """Tell what is known of a written word, and keep it."""
        known = self.words.get(written)
        if known is None:
            known = self.words[written] = self.read(written)
        return known

    def read(self, written: str) -> Word:
        """Tell what is known of a written word."""
        folded = self.fold(written)
        split = split_clitics(folded, written, self.counts) if self.clitics else Split(folded, written)
        bare = split.bare
        # Stop words are known in their fully folded form, whatever steps words are compared in.
        forms = (folded, bare) if self.folds_all else (normalize(folded), normalize(bare))
        stop = forms[0] in self.stop or forms[1] in self.stop or len(bare) < 2 or bare[0].isdigit()
        key = None if stop else stem(bare) if self.stems else bare
        return Word(folded, key, split.shown, self._begins(folded), split.shown != written)

    def _begins(self, folded: str) -> tuple[str, ...]:
        clitics = _CLITICS_BY_LETTER.get(folded[0], ())
        rests = [folded[len(c) :] for c in clitics if folded.startswith(c) and len(folded) - len(c) >= 3]
        return tuple([form for form in (folded, *rests) if form in self.name_sizes])

    def is_alone(self, word: Word) -> bool:
        """Tell whether a word is the same wherever it stands: it begins no name of several words and no word cut in two."""
        if word.folded in self.joined_first:
            return False
        return not word.begins or all(self.name_sizes[begin] == [1] for begin in word.begins)

    def units(self, written: Sequence[str]) -> list[Unit]:
        """Join the words of known names; every other word is a unit by itself, a stop word one without a key."""
        units: list[Unit] = []
        at, end = 0, len(written)
        while at < end:
            at += self.next_units(written, at, units)
        return units

    def next_units(self, written: Sequence[str], at: int, units: list[Unit]) -> int:
        """Add the units of the word that stands here, or of the name that begins here, and tell how many words they take."""
        alone = self.alone.get(written[at])
        if alone is not None:
            units += alone
            return 1
        word = self.words.get(written[at]) or self.read(written[at])
        key, shown, attached, size = self.unit(word, written, at)
        found: list[Unit] = [GAP, (key, shown)] if attached else [(key, shown)]
        units += found
        if not self.is_alone(word):
            self.words[written[at]] = word
        # Of the texts that were learned from, nothing else asks for a word that occurs once.
        elif self.counts[word.folded] != 1 and len(self.alone) < _MOST_KNOWN:
            self.alone[written[at]] = found
        return size

    def unit(self, word: Word, written: Sequence[str], at: int = 0) -> tuple[str | None, str, bool, int]:
        """Give the unit that begins with a word: its key, how it is shown, whether a proclitic stands before it, its words."""
        key, shown, attached = word.key, word.shown, word.attached
        name, first, size = self._name_at(word, written, at) if word.begins else (None, "", 1)
        if name is not None:
            cut, article = _name_cut(word.folded, first)
            begin = article + written[at][cut:] if len(written[at]) == len(word.folded) else article + first
            return name, " ".join([begin, *written[at + 1 : at + size]]), cut > 0, size
        if word.folded in self.joined and key is not None:
            return self._joined(self.joined[word.folded]), shown, attached, 1
        if word.folded in self.joined_first and at + 1 < len(written):
            after = self.word(written[at + 1])
            if word.folded + after.folded in self.joined and key is not None and after.key is not None:
                return self._joined((word.folded, after.folded)), f"{shown} {after.shown}", attached, 2
        return key, shown, attached, 1

    def _joined(self, parts: Iterable[str]) -> str | None:
        # «علىالرغم»: a stop word stays one where the blank after it is missing.
        return JOIN.join(key for key in (self.word(part).key for part in parts) if key is not None) or None

    def _name_at(self, word: Word, written: Sequence[str], at: int) -> tuple[str | None, str, int]:
        """Give the longest name that begins here: its key, its first word without clitics, its number of words."""
        best: tuple[str | None, str, int] = (None, "", 0)
        for first in word.begins:
            for size in self.name_sizes[first]:  # the longest first
                if size <= best[2] or at + size > len(written):
                    continue
                rest = tuple(without_article(self.fold(other)) for other in written[at + 1 : at + size])
                name = self.names.get((first, *rest))
                if name is not None:
                    best = (name, first, size)
                    break
        return best if best[0] is not None else (None, "", 1)

    def fold(self, written: str) -> str:
        """Normalise one word."""
        return self.folded.get(written) or normalize(written, self.steps)


def _name_cut(folded: str, first: str) -> tuple[int, str]:
    """Tell how many letters of a name's first word are proclitics, and the article that must be put back (للأمم)."""
    before = folded[: len(folded) - len(first)]
    if before.endswith("لل"):
        return len(before), "ال"
    return len(before.removesuffix("ال")), ""
