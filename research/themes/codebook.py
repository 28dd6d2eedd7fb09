"""A codebook: themes with the words by which a person says to find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from research.messages import Named

__all__ = ["Codebook", "LabelledExamples", "Theme", "Together"]


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
