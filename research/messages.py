"""Sentences that remember how they were made, so that a page can tell them in another language.

They are written in English, which is what they are to everything that only reads text. `research.report.language` finds the
translation of the template, and puts the values, translated themselves where they are messages, into that.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Message", "Named", "count", "joined", "listed", "message", "word"]

_ARABIC = re.compile("[\u0620-\u065f\u066e-\u06d3]")


class Message(str):
    """A text in English with what it takes to tell it in another language.

    Attributes
    ----------
    template : str
        The sentence with places for values, as it stands in the catalogue.
    values : mapping
        What stands in the places.
    plural : str
        The sentence for several, where `n` decides; else empty.
    n : int
        How many.
    parts : tuple of str
        For a list: what the template, its separator, stands between.
    """

    template: str
    values: Mapping[str, Any]
    plural: str
    n: int
    parts: tuple[str, ...]

    def __new__(
        cls,
        template: str,
        values: Mapping[str, Any] | None = None,
        plural: str = "",
        n: int = 1,
        parts: tuple[str, ...] = (),
    ) -> Message:
        """Put the values into the template."""
        values = values or {}
        english = template.join(parts) if parts else _filled(plural if plural and n != 1 else template, values)
        new = super().__new__(cls, english)
        new.template, new.values, new.plural, new.n, new.parts = template, values, plural, n, parts
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by what it was made from."""
        return Message, (self.template, dict(self.values), self.plural, self.n, self.parts)

    def told(self, catalogue: gettext.NullTranslations) -> str:
        """Give the text in the language of a catalogue; in English where that lacks it."""
        if not self.template:  # gettext keeps the head of a catalogue there
            return ""
        if self.parts:
            return catalogue.gettext(self.template).join(_told(part, catalogue) for part in self.parts)
        found = catalogue.ngettext(self.template, self.plural, self.n) if self.plural else catalogue.gettext(self.template)
        return _filled(found, {name: _told(value, catalogue) for name, value in self.values.items()})


class Named(Message):
    """A name that somebody gave in several languages, in English where there is one.

    Attributes
    ----------
    names : mapping of str to str
        By language; never empty.
    """

    names: Mapping[str, str]

    def __new__(cls, names: Mapping[str, str]) -> Named:
        """Take the English name, else the first."""
        new = str.__new__(cls, names.get("en") or next(iter(names.values())))
        new.names = names
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by what it was made from."""
        return Named, (dict(self.names),)

    def told(self, catalogue: gettext.NullTranslations) -> str:
        """Give the name in the language of a catalogue, where it has one."""
        return self.names.get(catalogue.info().get("language", "en")) or str(self)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Put values into their places; a text that has none, such as a word that users brought, may hold any sign."""
    return template.format(**values) if values else template


def _told(value: Any, catalogue: gettext.NullTranslations) -> Any:
    return value.told(catalogue) if isinstance(value, Message) else value


def message(template: str, /, **values: Any) -> Message:
    """Make a sentence.

    Parameters
    ----------
    template : str
        In English, a literal; a place for a value is written as for `str.format`. Braces that are meant are
        doubled, where there are values.
    **values
        What stands in the places; messages among them are told in the same language.

    Examples
    --------
    >>> message("{n:,} passages state {theme}.", n=1200, theme="العقوبات")
    '1,200 passages state العقوبات.'
    """
    return Message(template, values)


def count(one: str, several: str, /, n: int, **values: Any) -> Message:
    """Make a phrase that depends on a number: languages have other forms for one, two, few and many.

    Examples
    --------
    >>> count("{n:,} article", "{n:,} articles", n=1), count("{n:,} article", "{n:,} articles", n=2)
    ('1 article', '2 articles')
    """
    return Message(one, {"n": n, **values}, several, n)


def joined(parts: Iterable[str], by: str = ", ") -> Message:
    """Make a list of several texts; the mark between them is that of the language.

    Examples
    --------
    >>> joined(["sanctions", "العقوبات"])
    'sanctions, العقوبات'
    """
    several = tuple(part for part in parts if part)
    return Message(by, parts=several) if several else Message("")


def listed(terms: Sequence[str]) -> str:
    """Join terms as their script does; where scripts meet, as the page does, so that each stays in its place.

    Examples
    --------
    >>> listed(["العقوبات", "مجلس الأمن"]), listed(["sanctions", "العقوبات"])
    ('العقوبات، مجلس الأمن', 'sanctions, العقوبات')
    """
    return "، ".join(terms) if terms and all(_ARABIC.search(term) for term in terms) else joined(terms)


def word(text: str, /) -> Message:
    """Mark a word of a closed list, such as a decision or a column, for the catalogue.

    Examples
    --------
    >>> word("found")
    'found'
    """
    return text if isinstance(text, Message) else Message(text)
