"""What a paper that uses a result has to cite, as BibTeX: the run, the articles, the package, and every method that was used.

The works are in `references.bib`, one entry each; here is which result used which. The same result gives the same file.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, singledispatch
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from research import __version__
from research.classification import ClassifyResult
from research.classification.several_result import SeveralResult
from research.cleaning import CleanResult
from research.corpus.documents import Corpus, Document
from research.corpus.readers import PAGE_SUFFIXES
from research.corpus.tables import table_suffix
from research.discovery import AssignResult, DiscoverResult
from research.features.encoders import E5Encoder, LsaEncoder, UseEncoder
from research.features.neighbours import EXACT_LIMIT
from research.report.provenance import corpus_sha256
from research.tagging import TagResult
from research.text.script import in_several_scripts
from research.topics.projection import FEWEST_FOR_UMAP

if TYPE_CHECKING:
    from research.discovery.find import FoundTopics
    from research.report.trend_results import Trends

__all__ = ["PACKAGE", "bibliography", "citations_of", "entry", "escaped", "references", "run_key", "works_of"]

#: The key of the entry of this package, and its name.
PACKAGE = "arabic-news-research"
_PACKAGE_TITLE = "arabic-news-research: Themes in Saved News Articles, Arabic First"
_YEAR = "2026"  # of the package, as in its licence
_HEAD = "% What a paper that uses this result cites: the run, the articles, the package, and the methods that were used.\n"

_ENTRY = re.compile(r"^@\w+\{([^,\s]+),\n.*?^\}\n", re.MULTILINE | re.DOTALL)
# BibTeX counts braces, also those behind a backslash: none of a name may stay.
_SPECIAL = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{char: f"\\{char}" for char in "%&_#$"},
})  # fmt: skip
_JOINERS = "\u200c\u200d"  # invisible, and part of how words are written

_COPIES, _PAGES, _SKLEARN, _LSA, _PHRASES = "broder1997", "barbaresi2021", "pedregosa2011", "deerwester1990", "bouma2009"
# By the name that a user types and by the one that it has.
_ENCODERS = {
    "use": "yang2020", UseEncoder.name: "yang2020", "e5": "wang2024", E5Encoder.name: "wang2024", LsaEncoder.name: _LSA,
}  # fmt: skip
# The graph of shared neighbours, its communities, their consensus, and how stable it is.
_DIVIDED = {"jarvis1973", "levine2015", "traag2019", "fred2005", "hubert1985", "lange2004", "hennig2007"}
_LINEAR = {"cook1982", "guo2017"}
_WORDS = {"grootendorst2022", "monroe2008"}
_MEASURED = {"naeini2015", "vanrijsbergen1979"}


# -- BibTeX -------------------------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    r"""Write a name that somebody gave so that LaTeX shows it; Arabic stays as it is.

    Examples
    --------
    >>> print(escaped("أخبار_{50%}"))
    أخبار\_\textbraceleft{}50\%\textbraceright{}
    """
    shown = "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)
    return " ".join(shown.split()).translate(_SPECIAL)


def entry(key: str, fields: Mapping[str, str]) -> str:
    """Write an entry of the kind ``misc``; values are LaTeX, see `escaped`.

    Examples
    --------
    >>> print(entry("run-1", {"title": "Topics of {News}"}), end="")
    @misc{run-1,
      title = {Topics of {News}},
    }
    """
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def bibliography(keys: Iterable[str], own: Sequence[str] = ()) -> str:
    """Write a file of references.

    Parameters
    ----------
    keys : iterable of str
        Works of `references.bib`, in any order.
    own : sequence of str
        Entries that stand before them, see `entry`: those of a run and of what it read.

    Returns
    -------
    str
        The own entries, the package, the works by their keys.

    Raises
    ------
    KeyError
        If there is no such work.

    Examples
    --------
    >>> [line for line in bibliography(["traag2019"]).splitlines() if line.startswith("@")]
    ['@misc{arabic-news-research,', '@article{traag2019,']
    """
    package = {
        "author": "{The arabic-news-research authors}", "title": f"{{{_PACKAGE_TITLE}}}", "year": _YEAR,
        "version": __version__, "howpublished": f"Python package, version {__version__}",
    }  # fmt: skip
    works = references()
    return "\n".join([_HEAD, *own, entry(PACKAGE, package), *(works[key] for key in sorted(set(keys)))])


@cache
def references() -> dict[str, str]:
    """Give the entries of `references.bib` by their keys.

    Examples
    --------
    >>> references()["hennig2007"].splitlines()[0]
    '@article{hennig2007,'
    """
    text = files("research.report").joinpath("references.bib").read_text(encoding="utf-8")
    return {found.group(1): found.group() for found in _ENTRY.finditer(text)}


def run_key(*told: Any) -> str:
    """Name a run by all that it depends on: numbers, texts, lists and mappings of these.

    Examples
    --------
    >>> run_key("discover", {"seed": 0}) == run_key("discover", {"seed": 0}) != run_key("discover", {"seed": 1})
    True
    """
    text = json.dumps(told, ensure_ascii=True, sort_keys=True)
    return f"run-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


# -- a result -----------------------------------------------------------------------------------------------------------


class _Cited(NamedTuple):
    """A result as it is cited: by which command, what it gives, of which articles, how, by which works, and from what else."""

    command: str
    gives: str
    corpus: Corpus
    settings: Mapping[str, Any]
    works: set[str]
    source: str = ""


def citations_of(result: Any, found: Trends | None = None) -> str:
    """Write what a paper that uses a result cites.

    Parameters
    ----------
    result : CleanResult, DiscoverResult, AssignResult, TagResult, ClassifyResult or SeveralResult
        What a function of the package gave.
    found : Trends, optional
        What its page says of time and outlets.

    Returns
    -------
    str
        A file of BibTeX, without any date of its making.

    Raises
    ------
    TypeError
        If the result is of no such kind.

    Examples
    --------
    >>> import research
    >>> text = citations_of(research.clean(research.load("seeds/articles")))
    >>> [line.partition("{")[2] for line in text.splitlines() if line.startswith("@")][2:]
    ['arabic-news-research,', 'broder1997,']
    """
    cited = _cited(result)
    works = cited.works | _of_trends(found)
    digest, named = corpus_sha256(cited.corpus), escaped(cited.corpus.name)
    settings = {name: value for name, value in cited.settings.items() if _plain(value)} | {"encoder": _encoder(cited.settings)}
    key = run_key(cited.command, __version__, digest, cited.source, settings)
    n = len(cited.corpus)
    corpus = {
        "title": f"{{{named}}}",
        "howpublished": "Saved articles",
        "note": f"{n:,} article{'' if n == 1 else 's'}, SHA-256 of their names and texts {digest}",
    }
    run = {
        "title": f"{cited.gives} of {{{named}}}",
        "version": __version__,
        "howpublished": f"Made with {PACKAGE} {__version__}, command {cited.command}",
        "note": "; ".join(_noted(cited, digest)),
    }
    return bibliography(works, [entry(key, run), entry(f"corpus-{digest[:12]}", corpus)])


def _noted(cited: _Cited, digest: str) -> list[str]:
    """Say what a run depends on, part by part."""
    settings = cited.settings
    parts = [f"articles: SHA-256 {digest}"]
    if cited.source:
        parts.append(cited.source)
    if settings.get("codebook_sha256"):
        parts.append(f"codebook {escaped(str(settings.get('codebook') or ''))}: SHA-256 {settings['codebook_sha256']}")
    if encoder := _encoder(settings):
        parts.append(f"encoder: {escaped(encoder)}")
    if settings.get("seed") is not None:
        parts.append(f"seed: {settings['seed']}")
    return parts


def _plain(value: Any) -> bool:
    """Tell whether a setting is the same text on every machine."""
    return isinstance(value, str | int | float | None) or (isinstance(value, list) and all(map(_plain, value)))


def _encoder(settings: Mapping[str, Any]) -> str:
    """Name an encoder with its version where that is told, without the folder that it lies in; empty without one."""
    kind, colon, folder = (settings.get("encoder") or "").partition(":")
    return " ".join(part for part in (f"{kind}{colon}{Path(folder).name}", settings.get("encoder_version")) if part)


def works_of(result: Any) -> set[str]:
    """Give the works that a result rests on, by their keys in `references.bib`.

    Examples
    --------
    >>> import research
    >>> sorted(works_of(research.clean(research.load("seeds/articles"))))
    ['broder1997']
    """
    return _cited(result).works


@singledispatch
def _cited(result: Any) -> _Cited:
    raise TypeError(f"nothing is known to cite for a {type(result).__name__}")


@_cited.register
def _(result: CleanResult) -> _Cited:
    return _Cited("clean", "Passages", result.corpus, {}, _of_reading(result.corpus))


@_cited.register
def _(result: DiscoverResult) -> _Cited:
    works = _of_reading(result.corpus)
    if result.found is not None:
        works |= _of_encoder(result.settings) | _of_topics(result.found) | _of_map(result, len(result.found.labels))
    return _Cited("discover", "Topics", result.corpus, result.settings, works)


@_cited.register
def _(result: AssignResult) -> _Cited:
    told = "topics as they were found before, by a run to cite as well with all that it cites"
    return _Cited("assign", "Topics", result.cleaned.corpus, {}, _of_reading(result.cleaned.corpus), told)


@_cited.register
def _(result: TagResult) -> _Cited:
    works = _of_reading(result.corpus) | _of_encoder(result.settings) | _of_candidates(result)
    if any(theme.calibrated for theme in result.themes):
        works |= {"wolpert1992", "platt1999", _SKLEARN} | _MEASURED
    return _Cited("tag", "Themes", result.corpus, result.settings, works)


@_cited.register
def _(result: ClassifyResult) -> _Cited:
    works = _of_learning(result, result.classifier.by_meaning_)
    known = [one for one in (result.tested, result.held_out) if one is not None]
    if known:
        works.add("geifman2017")
        works |= {"wilson1927"} if len(result.classes) > 1 else set()
    if result.classifier.calibrated_:
        works |= {"guo2017", "platt1999"}
    if result.held_out is not None and result.held_out.texts == len(result.learned):
        works.add("northcutt2021")
    if result.faithfulness is not None:
        works |= {"robnik2008", "deyoung2020"}
    source = _learned([Document(f"{one.id}\0{one.label}", one.text) for one in result.learned])
    return _Cited("classify", "Classes", result.corpus, result.settings, works, source)


@_cited.register
def _(result: SeveralResult) -> _Cited:
    works = _of_learning(result, result.classifier.scorer_.by_meaning_)
    if result.held_out is not None:
        works |= {"platt1999", "lipton2014"}
    if result.held_out is not None or result.tested is not None:
        works.add("wilson1927")
    source = _learned([Document("\0".join((one.id, *one.labels)), one.text) for one in result.learned])
    return _Cited("classify --several", "Labels", result.corpus, result.settings, works, source)


def _learned(known: Sequence[Document]) -> str:
    """Say what was learned from: how many articles, and one hash of them, whatever their order."""
    n, digest = len(known), corpus_sha256(Corpus("", tuple(known)))
    return f"learned from {n:,} article{'' if n == 1 else 's'}: SHA-256 of their names, labels and texts {digest}"


# -- which works --------------------------------------------------------------------------------------------------------


def _of_reading(corpus: Corpus, ids: Iterable[str] = ()) -> set[str]:
    """Copies are looked for in all articles; pages are read where there are some."""
    table = table_suffix(Path(corpus.name)) is not None
    read = [one.id for one in corpus if not table and (not one.problem or one.problem.startswith("no article found"))]
    pages = [id for id in (*read, *ids) if "://" not in id and PurePosixPath(id).suffix.lower() in PAGE_SUFFIXES]
    return {_COPIES, _PAGES} if pages else {_COPIES}


def _of_encoder(settings: Mapping[str, Any]) -> set[str]:
    name = settings.get("encoder") or ""
    if name.startswith("sentence-transformers:"):
        return {"reimers2019"}
    return {_ENCODERS[name]} if name in _ENCODERS else set()


def _of_topics(found: FoundTopics) -> set[str]:
    works = {_SKLEARN, _PHRASES}
    if found.representation.projection.latent is not None:
        works.add(_LSA)
    if found.choice.reason != "nothing to divide":
        works |= _DIVIDED
    if found.clusterer.model_ is not None:
        works |= _LINEAR
    if any(found.words):
        works |= _WORDS
    if len(found.clusterer.labels_) > EXACT_LIMIT:
        works.add("dong2011")
    return works


def _of_map(result: DiscoverResult, texts: int) -> set[str]:
    import numpy as np

    if texts < FEWEST_FOR_UMAP or not np.isfinite(result.places).any():
        return set()
    return {"mcinnes2018", "dong2011"} if texts > EXACT_LIMIT else {"mcinnes2018"}


def _of_candidates(result: TagResult) -> set[str]:
    """Passages without a theme are grouped as topics are; of these nothing is kept but the groups."""
    if not result.candidates:
        return set()
    works = {_SKLEARN, _PHRASES} | _DIVIDED | _WORDS
    if len(result.candidates) > 1:
        works |= _LINEAR
    texts = [result.passages[row].text for one in result.candidates for row in one.rows]
    return works if result.settings.get("encoder") and in_several_scripts(texts) else works | {_LSA}


def _of_learning(result: ClassifyResult | SeveralResult, by_meaning: Any) -> set[str]:
    """What both classifiers do: kernel ridge regression, estimates where texts could be held out or tested."""
    works = _of_reading(result.corpus, [one.id for one in result.learned]) | _of_encoder(result.settings)
    works |= {"saunders1998", _SKLEARN}
    if by_meaning is not None and 0 < len(by_meaning.support) < len(result.learned):
        works.add("williams2001")
    for one in (result.tested, result.held_out):
        if one is not None:
            works |= _MEASURED
            works |= {"davison1997"} if one.macro_f1.draws else set()
    return works


def _of_trends(found: Trends | None) -> set[str]:
    """Intervals of shares, tests of bursts, and words that changed, where there were articles enough for them."""
    works: set[str] = set()
    for one in found or ():
        if any(not math.isnan(row.low) for row in one.rows):
            works.add("hesterberg2015")
        if any(not math.isnan(row.p) for row in one.rows):
            works |= {"fisher1934", "holm1979"}
        if any(compared.tested for compared in one.comparisons):
            works |= {"monroe2008", "westfall1993", _PHRASES}
    return works
