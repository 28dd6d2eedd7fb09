"""Checks the values of a codebook's file; every complaint names the file, the table, the key, and what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from research.errors import ConfigError
from research.text.normalize import normalize
from research.text.tokens import words

__all__ = ["Validator", "kind_of", "nearest"]

#: A seed with more words than this is none.
MOST_WORDS = 12
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Validator:
    """Gives values as what they must be, or raises.

    Parameters
    ----------
    path : Path
        The file that is complained about.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def seeds(self, where: str, value: Any) -> dict[str, tuple[str, ...]]:
        """Give phrases by language; a list is of none."""
        by_language = {"": value} if isinstance(value, list) else self.table(where, value)
        for language in by_language:
            if language and not _LANGUAGE.fullmatch(language):
                self.fail(where, f"{language!r} is no language", "two or three small letters, such as ar and en")
        return {language: self.phrases(f"{where}.{language}".rstrip("."), seeds) for language, seeds in by_language.items()}

    def flat(self, where: str, value: Any) -> tuple[str, ...]:
        """Give phrases that stand in a list, or in one by language, as one tuple."""
        if isinstance(value, dict):
            return tuple(phrase for seeds in self.seeds(where, value).values() for phrase in seeds)
        return self.phrases(where, value)

    def phrases(self, where: str, value: Any) -> tuple[str, ...]:
        """Give phrases, each of a word at least and of not too many."""
        phrases = self.strings(where, value)
        for phrase in phrases:
            n = len(words(normalize(phrase)))
            if not any(char.isalpha() for char in phrase) or not n:
                self.fail(where, f"{phrase!r} holds no word", "give words as people write them")
            if n > MOST_WORDS:
                self.fail(where, f"a phrase of {n} words", f"at most {MOST_WORDS}; sentences belong under examples")
        return phrases

    def strings(self, where: str, value: Any) -> tuple[str, ...]:
        """Give texts, none of them empty, without space around them."""
        if not isinstance(value, list):
            self.fail(where, f"{kind_of(value)} is not a list", 'write ["one", "two"]')
        for entry in value:
            if not isinstance(entry, str):
                self.fail(where, f"{kind_of(entry)} is not text", 'write ["one", "two"]')
            if not entry.strip():
                self.fail(where, "an empty text", "take it out")
        return tuple(entry.strip() for entry in value)

    def names(self, where: str, value: Any) -> dict[str, str]:
        """Give names by language; a single one is of none."""
        if isinstance(value, str):
            return {"": value}
        return {language: self.text(where, name) for language, name in self.table(where, value).items()}

    def text(self, where: str, value: Any) -> str:
        """Give a text."""
        if not isinstance(value, str):
            self.fail(where, f"{kind_of(value)} is not text", "put it in quotes")
        return value

    def version(self, value: Any) -> str:
        """Give the version, which must be there, as text."""
        if value is None:
            self.fail("", "no key 'version'", 'write version = "1" at the top and count it up with every change')
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.fail("key version", f"{kind_of(value)} is no version", 'write version = "1"')
        return str(value)

    def table(self, where: str, value: Any) -> dict[str, Any]:
        """Give a table."""
        if not isinstance(value, dict):
            self.fail(where, f"{kind_of(value)} is not a table", f"write [{where.partition(',')[0]}] and its keys below")
        return value

    def known(self, where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Raise if a table has a key that is none of these."""
        for key in table:
            if key not in keys:
                self.fail(where, f"unknown key {key!r}", nearest(key, keys, "keys are"))

    def fail(self, where: str, what: str, remedy: str) -> NoReturn:
        """Raise what is wrong, where, and what would be right."""
        place = f"{self.path}, table {where}" if where else str(self.path)
        raise ConfigError(what, where=place.replace("table key", "key"), remedy=remedy)


def nearest(key: str, keys: Sequence[str] | Mapping[str, Any], otherwise: str) -> str:
    """Ask whether the most similar key was meant; where none is similar name them all."""
    near = difflib.get_close_matches(key, list(keys), n=1)
    return f"did you mean {near[0]!r}?" if near else f"{otherwise} {', '.join(keys) or 'none yet: add [words]'}"


def kind_of(value: Any) -> str:
    """Say what a value of TOML is."""
    return {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}.get(
        type(value), type(value).__name__
    )
