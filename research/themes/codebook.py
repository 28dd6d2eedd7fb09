"""A codebook: themes with their words, as a person writes them into a TOML file, checked before anything uses them.

It holds words only, no patterns and no code. What it names outside itself (labelled articles) must lie in its own folder.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NoReturn

from research.errors import ConfigError
from research.messages import Named
from research.text.normalize import normalize
from research.text.readings import EXACT, seed_key
from research.text.tokens import words

__all__ = ["Codebook", "LabelledExamples", "Theme", "Together", "load_codebook"]

#: A codebook larger than this is none; so is a theme with more seeds, or a seed with more words.
MOST_BYTES, MOST_THEMES, MOST_SEEDS, MOST_WORDS, WIDEST = 2_000_000, 200, 5_000, 12, 60

_TOP = ("version", "subject", "titles", "words", "theme", "labels")
_THEME = ("name", "definition", "seeds", "hints", "exclude", "examples", "together", "negation")
_TOGETHER = ("words", "within")
_LABELS = ("articles", "file")
_RESERVED = ("other", "furniture")
_NEGATION = ("counts", "excludes")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Together:
    """Lists of words of which one each must stand near the others.

    Attributes
    ----------
    names : tuple of str
        The lists' names.
    lists : tuple of tuples of str
        The words of each.
    within : int
        All of them in a stretch of at most so many words, in one sentence.
    number : int
        Counts those of one theme whose lists have the same names, from 1.
    """

    names: tuple[str, ...]
    lists: tuple[tuple[str, ...], ...]
    within: int
    number: int = 1

    @property
    def name(self) -> str:
        """What it is called in tables: the names of its lists, and its number where several have the same."""
        return " + ".join(self.names) + (f" ({self.number})" if self.number > 1 else "")


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme.

    Attributes
    ----------
    key : str
        Its name in tables.
    names : mapping of str to str
        What people are shown, by language.
    definition : str
        What counts as the theme.
    seeds : mapping of str to tuple of str
        Words and phrases that state it, by language. One that begins with ``=`` is compared letter by letter, not by stem.
    hints : mapping of str to tuple of str
        Words that only suggest it, by language: one alone does not decide.
    exclude : tuple of str
        Phrases inside which a seed does not count.
    examples : tuple of str
        Sentences that state it.
    together : tuple of Together
        Words that state it where they meet.
    negation : {"counts", "excludes"}
        Whether a seed that is denied («no sanctions») still states the theme.
    """

    key: str
    names: Mapping[str, str]
    definition: str
    seeds: Mapping[str, tuple[str, ...]]
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    negation: Literal["counts", "excludes"] = "counts"

    def name(self, language: str = "en") -> str:
        """Give its name in a language, else in any, else its key."""
        return self.names.get(language) or next(filter(None, self.names.values()), self.key.replace("_", " "))

    @property
    def named(self) -> Named:
        """Its name, to be shown in whatever language a page is in."""
        given = {language: name for language, name in self.names.items() if name}
        return Named(given or {"en": self.name()})

    @property
    def all_seeds(self) -> tuple[str, ...]:
        """Seeds of all languages."""
        return tuple(seed for seeds in self.seeds.values() for seed in seeds)

    @property
    def all_hints(self) -> tuple[str, ...]:
        """Hints of all languages."""
        return tuple(hint for hints in self.hints.values() for hint in hints)

    @property
    def has_words(self) -> bool:
        """Whether it has seeds, hints or words that meet."""
        return bool(self.all_seeds or self.all_hints or self.together)

    @property
    def empty(self) -> bool:
        """Whether nothing in it could ever be found."""
        return not (self.has_words or self.examples or self.definition)


@dataclass(frozen=True, slots=True)
class LabelledExamples:
    """Where a codebook's labelled articles are.

    Attributes
    ----------
    articles, file : Path
        A corpus, and the labels of its lines (see `research.corpus.labels`).
    """

    articles: Path
    file: Path


@dataclass(frozen=True, slots=True)
class Codebook:
    """Themes to look for.

    Attributes
    ----------
    version : str
        As its author counts.
    subject : mapping of str to str
        What it is about, by language.
    themes : tuple of Theme
        In the order of the file.
    titles : tuple of str
        Names and titles («minister of defence») inside which no seed of any theme counts.
    labels : LabelledExamples or None
        Labelled articles to learn from.
    sha256 : str
        Hash of the file; empty for one that was made in memory.
    source : str
        The file's name.
    """

    version: str
    subject: Mapping[str, str]
    themes: tuple[Theme, ...]
    titles: tuple[str, ...] = ()
    labels: LabelledExamples | None = None
    sha256: str = ""
    source: str = ""

    def __getitem__(self, key: str) -> Theme:
        for theme in self.themes:
            if theme.key == key:
                return theme
        raise KeyError(key)

    @property
    def keys(self) -> list[str]:
        """The themes' keys."""
        return [theme.key for theme in self.themes]


def load_codebook(path: str | Path) -> Codebook:
    """Read a codebook and check it.

    Parameters
    ----------
    path : str or Path
        A TOML file: a table ``[theme.KEY]`` a theme with ``name``, ``definition``, ``seeds`` (a list, or one by language),
        ``exclude``, ``examples``, ``negation`` and tables ``[[theme.KEY.together]]`` with ``words`` (names of lists from
        ``[words]``, or lists) and ``within``; at the top ``version``, ``subject``, ``titles`` and ``[labels]`` with
        ``articles`` and ``file``, both in the codebook's folder.

    Returns
    -------
    Codebook
        Every list as it was written.

    Raises
    ------
    ConfigError
        If anything in it is not what it must be: file, table, key, and what would be right.

    Examples
    --------
    >>> load_codebook("seeds/themes.toml").keys[:2]
    ['arms_transfers', 'sanctions']
    """
    return _Reader(Path(path)).read()


class _Reader:
    """Reads one file; every complaint names it, the table and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Codebook:
        raw = self._bytes()
        try:
            data = tomllib.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            self._fail("", f"not UTF-8 (byte {error.start})", "save it as UTF-8")
        except (tomllib.TOMLDecodeError, ValueError) as error:
            self._fail("", f"not TOML ({error})", "correct that line")
        except RecursionError:
            self._fail("", "nested too deeply", "a codebook has tables of lists of words")
        self._known("", data, _TOP)
        lists = self._word_lists(data.get("words", {}))
        tables = self._table("theme", data.get("theme", {}))
        if not tables:
            self._fail("theme", "there is no theme", "add a table [theme.NAME] with seeds")
        if len(tables) > MOST_THEMES:
            self._fail("theme", f"{len(tables)} themes", f"give at most {MOST_THEMES}")
        return Codebook(
            version=self._version(data.get("version")),
            subject=self._names("subject", data.get("subject", {})),
            themes=tuple(self._theme(key, table, lists) for key, table in tables.items()),
            titles=self._flat("titles", data.get("titles", [])),
            labels=self._labels(data.get("labels")),
            sha256=hashlib.sha256(raw).hexdigest(),
            source=self.path.name,
        )

    def _bytes(self) -> bytes:
        try:
            if self.path.stat().st_size > MOST_BYTES:
                self._fail("", f"larger than {MOST_BYTES:,} bytes", "a codebook holds words, not texts")
            return self.path.read_bytes()
        except OSError as error:
            self._fail("", error.strerror or "cannot be read", "name a codebook, a TOML file")

    # -- tables -------------------------------------------------------------------------------------------------------

    def _theme(self, key: str, value: Any, lists: Mapping[str, tuple[str, ...]]) -> Theme:
        where = f"theme.{key}"
        if not _KEY.fullmatch(key):
            self._fail(where, f"{key!r} cannot name a theme", "letters, digits, _ and -, beginning with a letter")
        if key in _RESERVED:
            self._fail(
                where, f"{key!r} is what labels call news without a theme or what is no news", "name the theme otherwise"
            )
        table = self._table(where, value)
        self._known(where, table, _THEME)
        negation = table.get("negation", "counts")
        if negation not in _NEGATION:
            self._fail(f"{where}, key negation", f"{negation!r} is unknown", f"give one of {', '.join(_NEGATION)}")
        theme = Theme(
            key=key,
            names=self._names(f"{where}, key name", table.get("name", {})),
            definition=self._text(f"{where}, key definition", table.get("definition", "")),
            seeds=self._seeds(f"{where}, key seeds", table.get("seeds", {})),
            hints=self._seeds(f"{where}, key hints", table.get("hints", {})),
            exclude=self._flat(f"{where}, key exclude", table.get("exclude", [])),
            examples=self._strings(f"{where}, key examples", table.get("examples", [])),
            together=self._together(where, table.get("together", []), lists),
            negation=negation,
        )
        for name, given in (("seeds", theme.all_seeds), ("hints", theme.all_hints)):
            if len(given) > MOST_SEEDS:
                self._fail(f"{where}, key {name}", f"{len(given):,} {name}", f"give at most {MOST_SEEDS:,}")
        self._must_differ(where, "exclude", theme.exclude, [*theme.all_seeds, *theme.all_hints])
        self._must_differ(where, "hints", theme.all_hints, theme.all_seeds)
        return theme

    def _must_differ(self, where: str, key: str, phrases: Sequence[str], others: Sequence[str]) -> None:
        held = {_keys(phrase) for phrase in phrases}
        for other in others:
            if _keys(other) in held:
                self._fail(
                    f"{where}, key {key}", f"{other!r} stands in a contradictory list too", "keep it in one of the two lists"
                )

    def _together(self, where: str, value: Any, lists: Mapping[str, tuple[str, ...]]) -> tuple[Together, ...]:
        if not isinstance(value, list):
            self._fail(f"{where}, key together", f"{_kind(value)} is not a list of tables", f"write [[{where}.together]]")
        found: list[Together] = []
        for number, entry in enumerate(value, start=1):
            place = f"{where}.together {number}"
            table = self._table(place, entry)
            self._known(place, table, _TOGETHER)
            given = table.get("words", [])
            if not isinstance(given, list) or len(given) < 2:
                self._fail(f"{place}, key words", "fewer than two lists", "name at least two lists that must meet")
            within = table.get("within", 8)
            if isinstance(within, bool) or not isinstance(within, int) or not 2 <= within <= WIDEST:
                self._fail(f"{place}, key within", f"{within!r} is no distance", f"a number of words from 2 to {WIDEST}")
            names, parts = [], []
            for part in given:
                if isinstance(part, str):
                    if part not in lists:
                        self._fail(f"{place}, key words", f"there is no list {part!r}", _nearest(part, lists, "lists are"))
                    names.append(part)
                    parts.append(lists[part])
                else:
                    parts.append(self._flat(f"{place}, key words", part))
                    names.append("/".join(parts[-1][:3]))
                if not parts[-1]:
                    self._fail(f"{place}, key words", f"list {names[-1]!r} is empty", "add words or take it out")
            same = sum(other.names == tuple(names) for other in found)
            found.append(Together(tuple(names), tuple(parts), within, same + 1))
        return tuple(found)

    def _word_lists(self, value: Any) -> dict[str, tuple[str, ...]]:
        lists = self._table("words", value)
        return {name: self._flat(f"words, key {name}", words) for name, words in lists.items()}

    def _labels(self, value: Any) -> LabelledExamples | None:
        if value is None:
            return None
        table = self._table("labels", value)
        self._known("labels", table, _LABELS)
        places = []
        for key in _LABELS:
            if key not in table:
                self._fail("labels", f"no key {key!r}", "name the articles and the file of their labels")
            name = self._text(f"labels, key {key}", table[key])
            inside = PurePosixPath(name.replace("\\", "/"))
            home = self.path.parent.resolve()
            place = (home / inside).resolve() if "\0" not in name else home
            if not name or inside.is_absolute() or ":" in name or home not in place.parents:
                self._fail(
                    f"labels, key {key}", f"{name!r} lies outside the codebook's folder", "name something beside the codebook"
                )
            places.append(place)
        return LabelledExamples(*places)

    # -- values -------------------------------------------------------------------------------------------------------

    def _seeds(self, where: str, value: Any) -> dict[str, tuple[str, ...]]:
        by_language = {"": value} if isinstance(value, list) else self._table(where, value)
        for language in by_language:
            if language and not _LANGUAGE.fullmatch(language):
                self._fail(where, f"{language!r} is no language", "two or three small letters, such as ar and en")
        return {language: self._phrases(f"{where}.{language}".rstrip("."), seeds) for language, seeds in by_language.items()}

    def _flat(self, where: str, value: Any) -> tuple[str, ...]:
        """Phrases given as a list, or as one by language."""
        if isinstance(value, dict):
            return tuple(phrase for seeds in self._seeds(where, value).values() for phrase in seeds)
        return self._phrases(where, value)

    def _phrases(self, where: str, value: Any) -> tuple[str, ...]:
        phrases = self._strings(where, value)
        for phrase in phrases:
            n = len(words(normalize(phrase)))
            if not any(char.isalpha() for char in phrase) or not n:
                self._fail(where, f"{phrase!r} holds no word", "give words as people write them")
            if n > MOST_WORDS:
                self._fail(where, f"a phrase of {n} words", f"at most {MOST_WORDS}; sentences belong under examples")
        return phrases

    def _strings(self, where: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fail(where, f"{_kind(value)} is not a list", 'write ["one", "two"]')
        for entry in value:
            if not isinstance(entry, str):
                self._fail(where, f"{_kind(entry)} is not text", 'write ["one", "two"]')
            if not entry.strip():
                self._fail(where, "an empty text", "take it out")
        return tuple(entry.strip() for entry in value)

    def _names(self, where: str, value: Any) -> dict[str, str]:
        if isinstance(value, str):
            return {"": value}
        return {language: self._text(where, name) for language, name in self._table(where, value).items()}

    def _text(self, where: str, value: Any) -> str:
        if not isinstance(value, str):
            self._fail(where, f"{_kind(value)} is not text", "put it in quotes")
        return value

    def _version(self, value: Any) -> str:
        if value is None:
            self._fail("", "no key 'version'", 'write version = "1" at the top and count it up with every change')
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self._fail("key version", f"{_kind(value)} is no version", 'write version = "1"')
        return str(value)

    def _table(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._fail(where, f"{_kind(value)} is not a table", f"write [{where.partition(',')[0]}] and its keys below")
        return value

    def _known(self, where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        for key in table:
            if key not in keys:
                self._fail(where, f"unknown key {key!r}", _nearest(key, keys, "keys are"))

    def _fail(self, where: str, what: str, remedy: str) -> NoReturn:
        place = f"{self.path}, table {where}" if where else str(self.path)
        raise ConfigError(what, where=place.replace("table key", "key"), remedy=remedy)


def _nearest(key: str, keys: Sequence[str] | Mapping[str, Any], otherwise: str) -> str:
    near = difflib.get_close_matches(key, list(keys), n=1)
    return f"did you mean {near[0]!r}?" if near else f"{otherwise} {', '.join(keys) or 'none yet: add [words]'}"


def _keys(phrase: str) -> tuple[str, ...]:
    exact = phrase.startswith(EXACT)
    return tuple(EXACT + word if exact else seed_key(word) for word in words(normalize(phrase)))


def _kind(value: Any) -> str:
    return {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}.get(
        type(value), type(value).__name__
    )
