"""From texts to terms: the one place where normalisation, clitics, stems, stop words, names and phrases meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from research.errors import DataError
from research.memory import collector_paused
from research.text.lexicon import STOP_WORD_GROUPS, names, nisba_base, stop_words, without_article
from research.text.normalize import ANALYSIS_STEPS, DISPLAY_STEPS, STEPS, normalize, normalize_aligned
from research.text.phrases import JOIN, collocations, followers, joined_spellings, match_spans
from research.text.stems import Split, split_clitics, stem
from research.text.tokens import BREAK, located_words_and_breaks, words, words_and_breaks

__all__ = ["ArabicAnalyzer"]

_NAME_CLITICS = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "لل", "ولل", "وب", "ول", "كال")
_MOST_KNOWN = 500_000  # words that are kept analysed
_CLITIC_LETTERS = frozenset(clitic[0] for clitic in _NAME_CLITICS)


@dataclass(frozen=True, slots=True)
class _Word:
    """What is known of one written form."""

    folded: str
    key: str | None  # None: a stop word, a number or a single letter
    shown: str
    begins: tuple[str, ...]  # what, without clitics, begins a known name
    attached: bool  # has a proclitic, which no phrase goes across


# A term (None for what is none: a stop word, punctuation) and the form that it is shown in.
_Unit = tuple[str | None, str]

_GAP: _Unit = (None, "")
_BREAK = _Word(BREAK, None, "", (), False)


class ArabicAnalyzer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn texts into lists of terms, and terms back into the words that people write.

    Terms are compared in normalised, stemmed form; spellings of one name are one term; what stands together is a phrase,
    its words joined by ``_``. The analyser learns from the texts which proclitics and phrases there are, and which surface
    form of a term is the commonest. It is a scikit-learn transformer from texts to lists of terms; a vectoriser takes its
    output with ``analyzer=research.text.analyzer.same``, or `analyze` itself as its ``analyzer``.

    Parameters
    ----------
    steps : sequence of str
        Normalisation steps, names from `research.text.STEPS`.
    clitics : bool
        Whether proclitics and the article are taken off.
    stems : bool
        Whether words are compared by stem.
    stop_groups : sequence of str
        Groups of stop words to leave out, names from `research.text.lexicon.STOP_WORD_GROUPS`.
    phrases : bool
        Whether known names and collocations become one term.
    min_count : int
        How often a collocation must occur.
    min_npmi : float
        Least normalised pointwise mutual information of a collocation.

    Attributes
    ----------
    surfaces_ : dict of str to str
        Each term's commonest surface form.
    pairs_ : dict
        The collocations that were found, with their strength.

    Examples
    --------
    >>> texts = ["فرضت واشنطن عقوبات على بيونغ يانغ", "العقوبات الأميركية تطال بيونغيانغ", "عقوبة أمريكية"]
    >>> analyzer = ArabicAnalyzer().fit(texts)
    >>> first, second, third = analyzer.transform(texts)
    >>> set(first) & set(second) == {analyzer.key("عقوبات"), analyzer.key("بيونغ يانغ")}
    True
    >>> analyzer.surface(analyzer.key("أمريكي"))
    'أمريكية'
    """

    words_: dict[str, _Word]
    alone_: dict[str, list[_Unit]]
    names_: dict[tuple[str, ...], str]
    name_keys_: frozenset[str]
    name_sizes_: dict[str, list[int]]
    folded_: dict[str, str]
    counts_: Counter[str]
    joined_: dict[str, tuple[str, str]]
    joined_first_: set[str]
    pairs_: dict[tuple[str, str], float]
    following_: dict[str | None, frozenset[str]]
    surfaces_: dict[str, str]

    def __init__(
        self,
        steps: Sequence[str] = ANALYSIS_STEPS,
        clitics: bool = True,
        stems: bool = True,
        stop_groups: Sequence[str] = STOP_WORD_GROUPS,
        phrases: bool = True,
        min_count: int = 3,
        min_npmi: float = 0.35,
    ) -> None:
        self.steps = steps
        self.clitics = clitics
        self.stems = stems
        self.stop_groups = stop_groups
        self.phrases = phrases
        self.min_count = min_count
        self.min_npmi = min_npmi

    # -- learning -----------------------------------------------------------------------------------------------------

    def fit(self, texts: Iterable[str], y: Any = None) -> Self:
        """Learn proclitics, phrases and surface forms from texts."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Iterable[str], y: Any = None, **_: Any) -> list[list[str]]:
        """Learn from texts and give their terms; as `fit` and `transform`, in one reading."""
        with collector_paused():
            return self._learn(texts)

    def _learn(self, texts: Iterable[str]) -> list[list[str]]:
        known: dict[str, str] = {}  # one object a word, however often it occurs
        written = [[known.setdefault(word, word) for word in self._written(text)] for text in texts]
        displayed = Counter(word for line in written for word in line)
        del displayed[BREAK]
        self._reset(displayed)
        del displayed
        if self.phrases:
            folded = ([self.folded_[word] for word in line] for line in written)
            self.joined_ = joined_spellings(folded, self.counts_)
            self.joined_first_ = {first for first, _ in self.joined_.values()}
        units = [self._units(line) for line in written]
        del written
        if self.phrases:
            keys = ([key for key, _ in line] for line in units)
            self.pairs_ = collocations(keys, min_count=self.min_count, min_npmi=self.min_npmi)
            self.following_ = followers(self.pairs_)
        seen: Counter[tuple[str, str]] = Counter()
        terms: list[list[str]] = []
        for line in units:
            phrased = self._phrased(line)
            seen.update(phrased)
            terms.append([known.setdefault(term, term) for term, _ in phrased])
        # The commonest form; among equals the shorter, then the first in order of characters: never the order of rows.
        best: dict[str, tuple[int, int, str]] = {}
        for (term, shown), count in seen.items():
            rank = (-count, len(shown), shown)
            if term not in best or rank < best[term]:
                best[term] = rank
        self.surfaces_ = {term: shown for term, (_, _, shown) in best.items()}
        self.folded_ = {}  # every word of these texts has been looked up by now
        return terms

    def _reset(self, displayed: Counter[str]) -> None:
        self.stop_ = stop_words(self.stop_groups)
        self.folds_all_ = STEPS.keys() <= set(self.steps)
        known = names() if self.phrases else {}
        keys = {name: JOIN.join(words(normalize(name, self.steps))) for name in known.values()}
        self.names_ = {form: keys[name] for form, name in known.items()}
        self.name_keys_ = frozenset(self.names_.values())
        self.name_sizes_ = {}
        for form in sorted(self.names_, key=len, reverse=True):
            sizes = self.name_sizes_.setdefault(form[0], [])
            if len(form) not in sizes:
                sizes.append(len(form))
        self.words_ = {BREAK: _BREAK}
        self.alone_ = {BREAK: [_GAP]}
        self.joined_, self.joined_first_ = {}, set()
        self.pairs_, self.following_, self.surfaces_ = {}, {}, {}
        self.counts_ = Counter()
        # All words at once: one call costs far less than one for each.
        vocabulary = list(displayed)
        folded = normalize("\n".join(vocabulary), self.steps).split("\n")
        self.folded_ = {BREAK: BREAK, **dict(zip(vocabulary, folded, strict=bool(vocabulary)))}
        for word, count in displayed.items():
            self.counts_[self.folded_[word]] += count

    # -- use ----------------------------------------------------------------------------------------------------------

    def transform(self, texts: Iterable[str]) -> list[list[str]]:
        """Give the terms of each text, in reading order, repeated as often as they occur."""
        return [self.analyze(text) for text in texts]

    def analyze(self, text: str) -> list[str]:
        """Give the terms of one text."""
        self._must_be_fitted()
        return [term for term, _ in self._phrased(self._units(self._written(text)))]

    def locate(self, text: str) -> list[tuple[str, int, int]]:
        """Give the terms of one text with the characters that they stand in: term, start, end, as `analyze` lists them.

        Examples
        --------
        >>> text = "فرضت واشنطن عقوباتٍ على بيونغ يانغ"
        >>> [text[start:end] for _, start, end in ArabicAnalyzer().fit([text]).locate(text)]
        ['فرضت', 'واشنطن', 'عقوباتٍ', 'بيونغ يانغ']
        """
        self._must_be_fitted()
        aligned = normalize_aligned(text, [step for step in DISPLAY_STEPS if step in self.steps])
        pieces = list(located_words_and_breaks(aligned.text))
        written = [word for word, _, _ in pieces]
        units: list[_Unit] = []
        places: list[tuple[int, int]] = []  # of each unit, in characters of the text
        at = 0
        while at < len(written):
            size = self._next_units(written, at, units)
            place = aligned.span(pieces[at][1], pieces[at + size - 1][2])
            places += [place] * (len(units) - len(places))
            at += size
        spans = match_spans([key for key, _ in units], self.following_)
        kept = [(first, last) for first, last in spans if units[first][0] is not None]
        found = [term for term, _ in self._phrased(units)]
        return [(term, places[first][0], places[last - 1][1]) for term, (first, last) in zip(found, kept, strict=True)]

    def key(self, text: str) -> str:
        """Give the term that a word or phrase is compared by; phrases that the texts do not hold are joined too."""
        self._must_be_fitted()
        return JOIN.join(key for key, _ in self._units(self._written(text)) if key is not None)

    def is_name(self, term: str) -> bool:
        """Tell whether a term is a known name: of a country (or of who and what comes from it), a town, a body, a person.

        Examples
        --------
        >>> analyzer = ArabicAnalyzer().fit(["قالت الروسية إن بيونغ يانغ بعيدة"])
        >>> [term for term in analyzer.analyze("قالت الروسية إن بيونغ يانغ بعيدة") if analyzer.is_name(term)]
        ['روسيا', 'بيونغ_يانغ']
        """
        self._must_be_fitted()
        return term in self.name_keys_ or nisba_base(term) is not None

    def surface(self, term: str) -> str:
        """Give the commonest surface form of a term; a term that was never seen stands for itself."""
        self._must_be_fitted()
        return self.surfaces_.get(term, term.replace(JOIN, " "))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "words_")

    def _must_be_fitted(self) -> None:
        if not hasattr(self, "words_"):
            raise NotFittedError("this ArabicAnalyzer has not seen any text yet: call fit first")

    # -- keeping ------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Give its parameters and what it has learned as plain data, which JSON can hold.

        Examples
        --------
        >>> texts = ["فرضت واشنطن عقوبات على بيونغ يانغ", "العقوبات الأميركية"]
        >>> again = ArabicAnalyzer.from_state(ArabicAnalyzer().fit(texts).state())
        >>> again.surface(again.analyze("بالعقوبات")[0])
        'عقوبات'
        """
        self._must_be_fitted()
        return {
            "params": {name: list(value) if isinstance(value, tuple) else value for name, value in self.get_params().items()},
            "counts": dict(self.counts_),
            "joined": [[whole, *parts] for whole, parts in self.joined_.items()],
            "pairs": [[*pair, strength] for pair, strength in self.pairs_.items()],
            "surfaces": dict(self.surfaces_),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Make the analyser whose `state` this is: it gives every text the terms that the other one gives it.

        Raises
        ------
        DataError
            If it is no such state.
        """
        form: dict[str, Any] = cls().get_params()
        parts: list[Any] = [state.get(name) for name in ("params", "counts", "joined", "pairs", "surfaces")]
        params, counts, joined, pairs, surfaces = parts
        if not (
            _maps(params, str, object)
            and params.keys() == form.keys()
            and all(_is_like(params[name], value) for name, value in form.items())
            and _maps(counts, str, int)
            and _lists(joined, str, str, str)
            and _lists(pairs, str, str, float)
            and _maps(surfaces, str, str)
        ):
            raise DataError("this is no state of an analyser", remedy="give what ArabicAnalyzer.state gives")
        if unknown := sorted({*params["steps"]} - {*STEPS} | {*params["stop_groups"]} - {*STOP_WORD_GROUPS}):
            raise DataError(
                f"the analyser takes {unknown[0]!r}, which is not known here", remedy="use the package that wrote it"
            )
        chosen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}
        made = cls(**chosen)
        made._reset(Counter())
        made.folded_ = {}
        made.counts_ = Counter(counts)
        made.joined_ = {whole: (first, second) for whole, first, second in joined}
        made.joined_first_ = {first for first, _ in made.joined_.values()}
        made.pairs_ = {(first, second): strength for first, second, strength in pairs}
        made.following_ = followers(made.pairs_)
        made.surfaces_ = dict(surfaces)
        return made

    # -- steps --------------------------------------------------------------------------------------------------------

    def _written(self, text: str) -> list[str]:
        # A step that was switched off is off where words are shown, too.
        return words_and_breaks(normalize(text, [step for step in DISPLAY_STEPS if step in self.steps]))

    def _word(self, written: str) -> _Word:
        known = self.words_.get(written)
        if known is None:
            folded = self._fold(written)
            split = split_clitics(folded, written, self.counts_) if self.clitics else Split(folded, written)
            # Stop words are known in their fully folded form, whatever steps words are compared in.
            forms = {folded, split.bare} if self.folds_all_ else {normalize(folded), normalize(split.bare)}
            stop = not self.stop_.isdisjoint(forms) or len(split.bare) < 2 or split.bare[0].isdigit()
            key = None if stop else stem(split.bare) if self.stems else split.bare
            begins = tuple(form for form in _without_clitics(folded) if form in self.name_sizes_)
            attached = split.shown != written
            known = self.words_[written] = _Word(folded, key, split.shown, begins, attached)
        return known

    def _units(self, written: Sequence[str]) -> list[_Unit]:
        """Join the words of known names; every other word is a unit by itself, a stop word one without a key."""
        units: list[_Unit] = []
        at, end = 0, len(written)
        while at < end:
            at += self._next_units(written, at, units)
        return units

    def _next_units(self, written: Sequence[str], at: int, units: list[_Unit]) -> int:
        """Add the units of the word that stands here, or of the name that begins here, and tell how many words they take."""
        alone = self.alone_.get(written[at])
        if alone is None:
            return self._add_unit(written, at, units)
        units += alone
        return 1

    def _add_unit(self, written: Sequence[str], at: int, units: list[_Unit]) -> int:
        """Add the unit that begins here, after a gap when it has a proclitic, and tell how many words it takes."""
        word = self._word(written[at])
        name, first, size = self._name_at(written, at) if word.begins else (None, "", 1)
        key, shown, attached = word.key, word.shown, word.attached
        if name is not None:
            cut, article = _name_cut(word.folded, first)
            begin = article + written[at][cut:] if len(written[at]) == len(word.folded) else article + first
            key, shown, attached = name, " ".join([begin, *written[at + 1 : at + size]]), cut > 0
        elif word.folded in self.joined_ and key is not None:
            key = self._joined(self.joined_[word.folded])
        elif word.folded in self.joined_first_ and at + 1 < len(written):
            after = self._word(written[at + 1])
            if word.folded + after.folded in self.joined_ and word.key is not None and after.key is not None:
                key, shown, size = self._joined((word.folded, after.folded)), f"{word.shown} {after.shown}", 2
        found: list[_Unit] = [_GAP, (key, shown)] if attached else [(key, shown)]
        units += found
        alone = word.folded not in self.joined_first_ and all(self.name_sizes_[begin] == [1] for begin in word.begins)
        if alone:
            # The same wherever it stands; of the texts that were learned from, nothing else asks for a word that occurs once.
            if self.counts_[word.folded] != 1 and len(self.alone_) < _MOST_KNOWN:
                self.alone_[written[at]] = found
            self.words_.pop(written[at], None)
        return size

    def _joined(self, parts: Iterable[str]) -> str | None:
        # «علىالرغم»: a stop word stays one where the blank after it is missing.
        return JOIN.join(key for key in (self._word(part).key for part in parts) if key is not None) or None

    def _name_at(self, written: Sequence[str], at: int) -> tuple[str | None, str, int]:
        """Give the longest name that begins here: its key, its first word without clitics, its number of words."""
        best: tuple[str | None, str, int] = (None, "", 0)
        for first in self._word(written[at]).begins:
            for size in self.name_sizes_[first]:  # the longest first
                if size <= best[2] or at + size > len(written):
                    continue
                rest = tuple(without_article(self._fold(word)) for word in written[at + 1 : at + size])
                name = self.names_.get((first, *rest))
                if name is not None:
                    best = (name, first, size)
                    break
        return best if best[0] is not None else (None, "", 1)

    def _fold(self, written: str) -> str:
        return self.folded_.get(written) or normalize(written, self.steps)

    def _phrased(self, units: Sequence[_Unit]) -> list[tuple[str, str]]:
        """Join the units of a line into phrases and leave out what is no term."""
        keys = [key for key, _ in units]
        line: list[tuple[str, str]] = []
        for start, end in match_spans(keys, self.following_):
            key, shown = units[start]
            if key is not None:
                if end - start > 1:
                    key = JOIN.join(part for part in keys[start:end] if part is not None)
                    shown = " ".join(form for _, form in units[start:end])
                line.append((key, shown))
        return line


def _maps(value: Any, key: type, to: type) -> bool:
    return isinstance(value, dict) and all(isinstance(k, key) and isinstance(v, to) for k, v in value.items())


def _lists(value: Any, *kinds: type) -> bool:
    """Tell whether this is a list of lists of such values."""
    return isinstance(value, list) and all(
        isinstance(line, list) and len(line) == len(kinds) and all(map(isinstance, line, kinds)) for line in value
    )


def _is_like(value: Any, form: Any) -> bool:
    """Tell whether a parameter has the kind of value that its default has."""
    if isinstance(form, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool) if type(form) is float else type(value) is type(form)


def _name_cut(folded: str, first: str) -> tuple[int, str]:
    """Tell how many letters of a name's first word are proclitics, and the article that must be put back (للأمم)."""
    before = folded[: len(folded) - len(first)]
    if before.endswith("لل"):
        return len(before), "ال"
    return len(before.removesuffix("ال")), ""


def _without_clitics(word: str) -> Iterator[str]:
    yield word
    if word[0] not in _CLITIC_LETTERS:
        return
    for clitic in _NAME_CLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            yield word[len(clitic) :]


def same(terms: list[str]) -> list[str]:
    """Give back what it is given: the ``analyzer`` of a vectoriser whose input is terms already."""
    return terms
