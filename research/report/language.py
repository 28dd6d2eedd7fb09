"""The language of a page: which one is spoken, and what it says for a message.

Translations stand in ``locale/LANGUAGE.po``, the form of GNU gettext, which translators know. Text of articles, names of
classes and whatever else users brought are shown as they are.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Literal

from research.errors import ConfigError
from research.messages import Message, word

__all__ = ["LANGUAGES", "Language", "catalogue", "direction", "speaking", "spoken", "told", "told_word"]

Language = Literal["en", "ar"]
LANGUAGES: tuple[Language, ...] = ("en", "ar")

_BETWEEN = (word(", "), word("; "), word(" · "), word(" "))  # the marks of `joined`

_spoken: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(language: Language | str) -> Iterator[None]:
    """Make pages and figures in a language.

    Parameters
    ----------
    language : {"en", "ar"}
        English or Arabic.

    Raises
    ------
    ConfigError
        If it is another one.

    Examples
    --------
    >>> from research.messages import word
    >>> with speaking("ar"):
    ...     print(told(word("topic")))
    موضوع
    """
    known: dict[str, Language] = {name: name for name in LANGUAGES}
    if language not in known:
        raise ConfigError(f"no pages in {language!r}", where="language", remedy=f"languages are {', '.join(LANGUAGES)}")
    before = _spoken.set(known[language])
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> Language:
    """Give the language that is spoken."""
    return _spoken.get()


def direction(language: Language) -> Literal["ltr", "rtl"]:
    """Give the way in which a language is written."""
    return "rtl" if language == "ar" else "ltr"


def told(text: str) -> str:
    """Give a message in the language that is spoken; any other text as it is."""
    return text.told(catalogue(spoken())) if isinstance(text, Message) else str(text)


def told_word(text: str) -> str:
    """Give a word of a closed list, which may have lost its mark on the way through a table."""
    return catalogue(spoken()).gettext(text) if text else text


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """Read the translations of a language."""
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with files("research.report").joinpath(f"locale/{language}.po").open("rb") as file:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
