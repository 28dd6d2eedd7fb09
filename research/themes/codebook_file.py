"""Reads a codebook from its TOML file, and checks it before anything uses it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from research.text.normalize import normalize
from research.text.readings import EXACT, seed_key
from research.text.tokens import words
from research.themes.codebook import Codebook, LabelledExamples, Theme, Together
from research.themes.codebook_validation import Validator, kind_of, nearest

__all__ = ["load_codebook"]

# It may come from someone else: it holds words only, no patterns and no code, and what it names outside itself (labelled
# articles) must lie in its own folder.

#: A codebook larger than this is none; so is one with more themes, or a theme with more seeds.
MOST_BYTES, MOST_THEMES, MOST_SEEDS = 2_000_000, 200, 5_000
#: Words that must meet do so in a stretch of at most so many.
WIDEST = 60

_TOP = ("version", "subject", "titles", "words", "theme", "labels")
_THEME = ("name", "definition", "seeds", "hints", "exclude", "examples", "together", "negation")
_TOGETHER = ("words", "within")
_LABELS = ("articles", "file")
_RESERVED = ("other", "furniture")
_NEGATION = ("counts", "excludes")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


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
    """Reads one file, table by table."""

    def __init__(self, path: Path) -> None:
        self.path, self.check = path, Validator(path)

    def read(self) -> Codebook:
        raw = self._bytes()
        try:
            data = tomllib.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            self.check.fail("", f"not UTF-8 (byte {error.start})", "save it as UTF-8")
        except (tomllib.TOMLDecodeError, ValueError) as error:
            self.check.fail("", f"not TOML ({error})", "correct that line")
        except RecursionError:
            self.check.fail("", "nested too deeply", "a codebook has tables of lists of words")
        self.check.known("", data, _TOP)
        lists = self._word_lists(data.get("words", {}))
        tables = self.check.table("theme", data.get("theme", {}))
        if not tables:
            self.check.fail("theme", "there is no theme", "add a table [theme.NAME] with seeds")
        if len(tables) > MOST_THEMES:
            self.check.fail("theme", f"{len(tables)} themes", f"give at most {MOST_THEMES}")
        return Codebook(
            version=self.check.version(data.get("version")),
            subject=self.check.names("subject", data.get("subject", {})),
            themes=tuple(self._theme(key, table, lists) for key, table in tables.items()),
            titles=self.check.flat("titles", data.get("titles", [])),
            labels=self._labels(data.get("labels")),
            sha256=hashlib.sha256(raw).hexdigest(),
            source=self.path.name,
        )

    def _bytes(self) -> bytes:
        try:
            if self.path.stat().st_size > MOST_BYTES:
                self.check.fail("", f"larger than {MOST_BYTES:,} bytes", "a codebook holds words, not texts")
            return self.path.read_bytes()
        except OSError as error:
            self.check.fail("", error.strerror or "cannot be read", "name a codebook, a TOML file")

    def _theme(self, key: str, value: Any, lists: Mapping[str, tuple[str, ...]]) -> Theme:
        where = f"theme.{key}"
        if not _KEY.fullmatch(key):
            self.check.fail(where, f"{key!r} cannot name a theme", "letters, digits, _ and -, beginning with a letter")
        if key in _RESERVED:
            self.check.fail(
                where, f"{key!r} is what labels call news without a theme or what is no news", "name the theme otherwise"
            )
        table = self.check.table(where, value)
        self.check.known(where, table, _THEME)
        negation = table.get("negation", "counts")
        if negation not in _NEGATION:
            self.check.fail(f"{where}, key negation", f"{negation!r} is unknown", f"give one of {', '.join(_NEGATION)}")
        theme = Theme(
            key=key,
            names=self.check.names(f"{where}, key name", table.get("name", {})),
            definition=self.check.text(f"{where}, key definition", table.get("definition", "")),
            seeds=self.check.seeds(f"{where}, key seeds", table.get("seeds", {})),
            hints=self.check.seeds(f"{where}, key hints", table.get("hints", {})),
            exclude=self.check.flat(f"{where}, key exclude", table.get("exclude", [])),
            examples=self.check.strings(f"{where}, key examples", table.get("examples", [])),
            together=self._together(where, table.get("together", []), lists),
            negation=negation,
        )
        for name, given in (("seeds", theme.all_seeds), ("hints", theme.all_hints)):
            if len(given) > MOST_SEEDS:
                self.check.fail(f"{where}, key {name}", f"{len(given):,} {name}", f"give at most {MOST_SEEDS:,}")
        self._must_differ(where, "exclude", theme.exclude, [*theme.all_seeds, *theme.all_hints])
        self._must_differ(where, "hints", theme.all_hints, theme.all_seeds)
        return theme

    def _must_differ(self, where: str, key: str, phrases: Sequence[str], others: Sequence[str]) -> None:
        held = {_keys(phrase) for phrase in phrases}
        for other in others:
            if _keys(other) in held:
                self.check.fail(
                    f"{where}, key {key}", f"{other!r} stands in a contradictory list too", "keep it in one of the two lists"
                )

    def _together(self, where: str, value: Any, lists: Mapping[str, tuple[str, ...]]) -> tuple[Together, ...]:
        if not isinstance(value, list):
            self.check.fail(
                f"{where}, key together", f"{kind_of(value)} is not a list of tables", f"write [[{where}.together]]"
            )
        found: list[Together] = []
        for number, entry in enumerate(value, start=1):
            place = f"{where}.together {number}"
            table = self.check.table(place, entry)
            self.check.known(place, table, _TOGETHER)
            given = table.get("words", [])
            if not isinstance(given, list) or len(given) < 2:
                self.check.fail(f"{place}, key words", "fewer than two lists", "name at least two lists that must meet")
            within = table.get("within", 8)
            if isinstance(within, bool) or not isinstance(within, int) or not 2 <= within <= WIDEST:
                self.check.fail(f"{place}, key within", f"{within!r} is no distance", f"a number of words from 2 to {WIDEST}")
            names, parts = [], []
            for part in given:
                if isinstance(part, str):
                    if part not in lists:
                        self.check.fail(f"{place}, key words", f"there is no list {part!r}", nearest(part, lists, "lists are"))
                    names.append(part)
                    parts.append(lists[part])
                else:
                    parts.append(self.check.flat(f"{place}, key words", part))
                    names.append("/".join(parts[-1][:3]))
                if not parts[-1]:
                    self.check.fail(f"{place}, key words", f"list {names[-1]!r} is empty", "add words or take it out")
            same = sum(other.names == tuple(names) for other in found)
            found.append(Together(tuple(names), tuple(parts), within, same + 1))
        return tuple(found)

    def _word_lists(self, value: Any) -> dict[str, tuple[str, ...]]:
        lists = self.check.table("words", value)
        return {name: self.check.flat(f"words, key {name}", words) for name, words in lists.items()}

    def _labels(self, value: Any) -> LabelledExamples | None:
        if value is None:
            return None
        table = self.check.table("labels", value)
        self.check.known("labels", table, _LABELS)
        places = []
        for key in _LABELS:
            if key not in table:
                self.check.fail("labels", f"no key {key!r}", "name the articles and the file of their labels")
            name = self.check.text(f"labels, key {key}", table[key])
            inside = PurePosixPath(name.replace("\\", "/"))
            home = self.path.parent.resolve()
            place = (home / inside).resolve() if "\0" not in name else home
            if not name or inside.is_absolute() or ":" in name or home not in place.parents:
                self.check.fail(
                    f"labels, key {key}", f"{name!r} lies outside the codebook's folder", "name something beside the codebook"
                )
            places.append(place)
        return LabelledExamples(*places)


def _keys(phrase: str) -> tuple[str, ...]:
    exact = phrase.startswith(EXACT)
    return tuple(EXACT + word if exact else seed_key(word) for word in words(normalize(phrase)))
