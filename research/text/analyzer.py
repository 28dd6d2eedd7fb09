"""From texts to terms: the one place where normalisation, clitics, stems, stop words, names and phrases meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from research.errors import DataError
from research.memory import collector_paused
from research.text.learning import commonest_forms, joined_terms, number_units, number_words
from research.text.lexicon import STOP_WORD_GROUPS, nisba_base
from research.text.lines import look_up
from research.text.normalize import ANALYSIS_STEPS, DISPLAY_STEPS, STEPS, normalize, normalize_aligned
from research.text.phrases import JOIN, collocations, followers, joined_spellings, match_spans
from research.text.term_lists import TermLists
from research.text.tokens import located_words_and_breaks, pieces, words_and_breaks
from research.text.units import Unit, UnitReader

__all__ = ["ArabicAnalyzer"]


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

    words_: UnitReader
    counts_: Counter[str]
    joined_: dict[str, tuple[str, str]]
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
        self.learn(texts)
        return self

    def fit_transform(self, texts: Iterable[str], y: Any = None, **_: Any) -> list[list[str]]:
        """Learn from texts and give their terms; as `fit` and `transform`, in one reading."""
        terms = self.learn(texts)
        with collector_paused():
            return list(terms)

    def learn(self, texts: Iterable[str]) -> TermLists:
        """Learn from texts and give their terms as `fit_transform` does, as numbers, which take far less memory.

        Examples
        --------
        >>> terms = ArabicAnalyzer().learn(["فرضت واشنطن عقوبات", "العقوبات الأميركية"])
        >>> terms[1], terms.codes.tolist()
        (['عقوب', 'اميركا'], [0, 1, 2, 2, 3])
        """
        with collector_paused():
            steps = self._display_steps()
            given = number_words(pieces(normalize(text, steps)) for text in texts)
            self._reset(given.counts())
            if self.phrases:
                self._join(joined_spellings(*given.folded(self.words_.folded), self.counts_))
            units = number_units(given, self.words_)
            del given
            if self.phrases:
                line = look_up(units.keys, units.line)
                self.pairs_ = collocations(line, units.names, min_count=self.min_count, min_npmi=self.min_npmi)
                self.following_ = followers(self.pairs_)
                del line
            terms, seen = joined_terms(units, self.pairs_)
            self.surfaces_ = commonest_forms(seen)
            self.words_.folded = {}  # every word of these texts has been looked up by now
        return terms

    def _reset(self, displayed: Mapping[str, int]) -> None:
        self.words_ = UnitReader(
            displayed,
            steps=self.steps,
            clitics=self.clitics,
            stems=self.stems,
            stop_groups=self.stop_groups,
            named=self.phrases,
        )
        self.counts_ = self.words_.counts
        self.pairs_, self.following_, self.surfaces_ = {}, {}, {}
        self._join({})

    def _join(self, joined: Mapping[str, tuple[str, str]]) -> None:
        self.words_.join(joined)
        self.joined_ = self.words_.joined

    # -- use ----------------------------------------------------------------------------------------------------------

    def transform(self, texts: Iterable[str]) -> list[list[str]]:
        """Give the terms of each text, in reading order, repeated as often as they occur."""
        return [self.analyze(text) for text in texts]

    def analyze(self, text: str) -> list[str]:
        """Give the terms of one text."""
        self._must_be_fitted()
        return [term for term, _ in self._phrased(self.words_.units(self._written(text)))]

    def locate(self, text: str) -> list[tuple[str, int, int]]:
        """Give the terms of one text with the characters that they stand in: term, start, end, as `analyze` lists them.

        Examples
        --------
        >>> text = "فرضت واشنطن عقوباتٍ على بيونغ يانغ"
        >>> [text[start:end] for _, start, end in ArabicAnalyzer().fit([text]).locate(text)]
        ['فرضت', 'واشنطن', 'عقوباتٍ', 'بيونغ يانغ']
        """
        self._must_be_fitted()
        aligned = normalize_aligned(text, self._display_steps())
        located = list(located_words_and_breaks(aligned.text))
        written = [word for word, _, _ in located]
        units: list[Unit] = []
        places: list[tuple[int, int]] = []  # of each unit, in characters of the text
        at = 0
        while at < len(written):
            size = self.words_.next_units(written, at, units)
            place = aligned.span(located[at][1], located[at + size - 1][2])
            places += [place] * (len(units) - len(places))
            at += size
        spans = match_spans([key for key, _ in units], self.following_)
        kept = [(first, last) for first, last in spans if units[first][0] is not None]
        found = [term for term, _ in self._phrased(units)]
        return [(term, places[first][0], places[last - 1][1]) for term, (first, last) in zip(found, kept, strict=True)]

    def key(self, text: str) -> str:
        """Give the term that a word or phrase is compared by; phrases that the texts do not hold are joined too."""
        self._must_be_fitted()
        return JOIN.join(key for key, _ in self.words_.units(self._written(text)) if key is not None)

    def is_name(self, term: str) -> bool:
        """Tell whether a term is a known name: of a country (or of who and what comes from it), a town, a body, a person.

        Examples
        --------
        >>> analyzer = ArabicAnalyzer().fit(["قالت الروسية إن بيونغ يانغ بعيدة"])
        >>> [term for term in analyzer.analyze("قالت الروسية إن بيونغ يانغ بعيدة") if analyzer.is_name(term)]
        ['روسيا', 'بيونغ_يانغ']
        """
        self._must_be_fitted()
        return term in self.words_.name_keys or nisba_base(term) is not None

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
        made._reset({})
        made.counts_.update(counts)
        made._join({whole: (first, second) for whole, first, second in joined})
        made.pairs_ = {(first, second): strength for first, second, strength in pairs}
        made.following_ = followers(made.pairs_)
        made.surfaces_ = dict(surfaces)
        return made

    # -- steps --------------------------------------------------------------------------------------------------------

    def _written(self, text: str) -> list[str]:
        return words_and_breaks(normalize(text, self._display_steps()))

    def _display_steps(self) -> tuple[str, ...]:
        # A step that was switched off is off where words are shown, too.
        return tuple(step for step in DISPLAY_STEPS if step in self.steps)

    def _phrased(self, units: Sequence[Unit]) -> list[tuple[str, str]]:
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


def same(terms: list[str]) -> list[str]:
    """Give back what it is given: the ``analyzer`` of a vectoriser whose input is terms already."""
    return terms
