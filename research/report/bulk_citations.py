"""What a paper that uses a corpus in partitions cites."""

from __future__ import annotations

from research import __version__
from research.bulk.result import BulkResult
from research.report.citations import PACKAGE, bibliography, entry, escaped, run_key, works_of

__all__ = ["bulk_citations"]

_GIVES = {"clean": "Passages", "discover": "Topics", "tag": "Themes", "classify": "Classes"}


def bulk_citations(result: BulkResult) -> str:
    """Write the run, the corpus, and the works that it rests on, as BibTeX.

    Parameters
    ----------
    result : BulkResult
        What a function of `research.bulk` gave.

    Returns
    -------
    str
        The same for the same articles and settings, however they are divided.
    """
    works = {"broder1997"} if result.sample is None else works_of(result.sample)
    if result.settings.get("engine") == "dask":
        works = works | {"rocklin2015"}
    named = escaped(result.name)
    settings = {name: str(value) for name, value in result.settings.items() if name not in {"engine", "corpus"}}
    run = {
        "title": f"{_GIVES[result.kind]} of {{{named}}}",
        "version": __version__,
        "howpublished": f"Made with {PACKAGE} {__version__}, command {result.kind}, partition by partition",
        "note": f"articles: BLAKE2b {result.content}; sample: {result.sampled.total():,} articles",
    }
    corpus = {
        "title": f"{{{named}}}",
        "howpublished": "Saved articles",
        "note": f"{result.articles:,} articles, BLAKE2b of their names and texts {result.content}",
    }
    key = run_key(result.kind, __version__, result.content, settings)
    return bibliography(works, [entry(key, run), entry(f"corpus-{result.content[:12]}", corpus)])
