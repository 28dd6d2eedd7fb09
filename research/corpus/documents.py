"""What a corpus is made of: plain data, no behaviour beyond looking itself up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from research.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Corpus", "Document", "Passage"]

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it was read.

    Attributes
    ----------
    id : str
        Unique in its corpus; for a file, its path relative to the folder.
    text : str
        The text as read; every offset of the package counts its characters. Empty when ``problem`` is set.
    title, source, label : str
        What the input says of them, else empty.
    date : datetime.date or None
        The date of publication, None when there is none or it cannot be read.
    date_text : str
        The date as it was written in the input.
    problem : str
        Why the article cannot be used, in a few words; empty when it can.

    Notes
    -----
    A lone surrogate is half a character: no file, table or encoder takes it. One stands as U+FFFD, so that offsets hold.

    Examples
    --------
    >>> Document("a", "نص\\ud800").text
    'نص�'
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    label: str = ""
    date: date | None = None
    date_text: str = ""
    problem: str = ""

    def __post_init__(self) -> None:
        """Replace what is no character."""
        for name in ("id", "text", "title", "source", "label", "date_text"):
            value = getattr(self, name)
            if isinstance(value, str) and _SURROGATES.search(value):
                object.__setattr__(self, name, _SURROGATES.sub("\ufffd", value))


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document: ``document.text[start:end] == text``.

    Attributes
    ----------
    document : str
        The document's id.
    number : int
        Counts the passages of a document from 0.
    start, end : int
        Characters of the document's text.
    text : str
        The passage itself.
    """

    document: str
    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, repr=False)
class Corpus(Shown):
    """Articles in the order of the input, every one of them, usable or not.

    Attributes
    ----------
    name : str
        What was loaded: the folder's or file's name.
    documents : tuple of Document
        In the order of the input.

    Examples
    --------
    >>> corpus = Corpus("two", (Document("a", "نص"), Document("b", "", problem="empty")))
    >>> len(corpus), [document.id for document in corpus.usable]
    (2, ['a'])
    """

    name: str
    documents: tuple[Document, ...]

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __getitem__(self, id: str) -> Document:
        return self._by_id[id]

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @property
    def usable(self) -> tuple[Document, ...]:
        """The documents that have a text."""
        return tuple(document for document in self.documents if not document.problem)

    def table(self) -> pd.DataFrame:
        """Give one row a document: id, title, date, source, label, characters, problem."""
        import pandas as pd

        rows = [(d.id, d.title, d.date, d.source, d.label, len(d.text), d.problem) for d in self.documents]
        return pd.DataFrame(rows, columns=["id", "title", "date", "source", "label", "characters", "problem"])
