"""The files of each result, as the commands write them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial, singledispatch
from pathlib import Path
from typing import Any

from research.bulk.places import Place
from research.bulk.result import BulkResult
from research.classification import ClassifyResult
from research.classification.several_result import SeveralResult
from research.cleaning import CleanResult
from research.discovery import AssignResult, DiscoverResult
from research.files import staged
from research.report.bulk_citations import bulk_citations
from research.report.bulk_page import bulk_page
from research.report.citations import citations_of
from research.report.classification_page import classification_page
from research.report.dictionary import Kind, describe_tables
from research.report.discovery_page import discovery_page
from research.report.language import Language, speaking
from research.report.page import Page
from research.report.several_page import several_page
from research.report.tables import write_csv, write_jsonl
from research.report.tagging_page import tagging_page
from research.report.trend_results import Trends, trends_of
from research.tagging import TagResult

__all__ = ["write"]


def write(result: Any, folder: str | Path, *, language: Language = "en") -> None:
    """Write a result's files into a folder, all of them or none.

    Parameters
    ----------
    result : CleanResult, DiscoverResult, AssignResult, TagResult, ClassifyResult or SeveralResult
        What a function of the package gave.
    folder : str or Path
        Made if it is not there; other files in it stay.
    language : {"en", "ar"}
        Of the page and its figures; tables are the same in every language.

    Raises
    ------
    TypeError
        If the result is of no such kind.
    ConfigError
        If the folder cannot be written to, or there are no pages in this language.

    Examples
    --------
    >>> import tempfile, research
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write(research.clean(research.load("seeds/articles")), place)
    ...     sorted(path.name for path in Path(place).iterdir())
    ['citations.bib', 'dictionary.csv', 'duplicates.csv', 'passages.jsonl', 'removed.jsonl']
    """
    with speaking(language):
        _write(result, folder)


@singledispatch
def _write(result: Any, folder: str | Path) -> None:  # noqa: ARG001
    raise TypeError(f"no files are known for a {type(result).__name__}")


@_write.register
def _(result: CleanResult, folder: str | Path) -> None:
    import pandas as pd

    repeats = [(r.document, r.passage, r.of_document, r.of_passage, r.similarity) for r in result.repeats]
    duplicates = pd.DataFrame(repeats, columns=["id", "passage", "of_id", "of_passage", "similarity"])
    with staged(folder) as new:
        write_jsonl(
            ({"id": p.document, "passage": p.number, "start": p.start, "end": p.end, "text": p.text} for p in result.passages),
            new / "passages.jsonl",
        )
        write_jsonl(
            ({"id": r.document, "start": r.start, "end": r.end, "text": r.text, "reason": r.reason} for r in result.removed),
            new / "removed.jsonl",
        )
        write_csv(duplicates.astype({"passage": "Int64", "of_passage": "Int64"}), new / "duplicates.csv")
        _write_about(result, "clean", new)


@_write.register
def _(result: DiscoverResult, folder: str | Path) -> None:
    found = trends_of(result)
    with staged(folder) as new:
        write_csv(result.table(), new / "topics.csv")
        write_csv(result.assignments(), new / "assignments.csv")
        write_csv(result.documents(), new / "documents.csv")
        _write_trends(found, new)
        _write_page(partial(discovery_page, result, found=found), new)
        _write_about(result, "discover", new, found)


@_write.register
def _(result: AssignResult, folder: str | Path) -> None:
    with staged(folder) as new:
        write_csv(result.assignments(), new / "assignments.csv")
        write_csv(result.documents(), new / "documents.csv")
        _write_about(result, "assign", new)


@_write.register
def _(result: TagResult, folder: str | Path) -> None:
    found = trends_of(result)
    with staged(folder) as new:
        write_csv(result.assignments(), new / "themes.csv")
        write_csv(result.documents(), new / "documents.csv")
        write_csv(result.table(), new / "summary.csv")
        write_csv(result.evidence_table(), new / "evidence.csv")
        write_csv(result.seeds(), new / "seeds.csv")
        write_csv(result.check.problems(), new / "codebook.csv")
        write_csv(result.candidate_table(), new / "candidates.csv")
        _write_trends(found, new)
        _write_page(partial(tagging_page, result, found=found), new)
        _write_about(result, "tag", new, found)


@_write.register
def _(result: ClassifyResult, folder: str | Path) -> None:
    with staged(folder) as new:
        write_csv(result.predictions(), new / "predictions.csv")
        write_csv(result.probability_table(), new / "probabilities.csv")
        write_csv(result.table(), new / "classes.csv")
        write_csv(result.suspect_table(), new / "suspects.csv")
        write_csv(result.choice_table(), new / "choice.csv")
        metrics = json.dumps(result.metrics(), ensure_ascii=False, indent=2, allow_nan=False)
        (new / "metrics.json").write_text(metrics + "\n", encoding="utf-8")
        _write_page(partial(classification_page, result), new)
        _write_about(result, "classify", new)


@_write.register
def _(result: SeveralResult, folder: str | Path) -> None:
    with staged(folder) as new:
        write_csv(result.predictions(), new / "predictions.csv")
        write_csv(result.probability_table(), new / "probabilities.csv")
        write_csv(result.classes(), new / "classes.csv")
        write_csv(result.choice_table(), new / "choice.csv")
        metrics = json.dumps(result.metrics(), ensure_ascii=False, indent=2, allow_nan=False)
        (new / "metrics.json").write_text(metrics + "\n", encoding="utf-8")
        _write_page(partial(several_page, result), new)
        _write_about(result, "several", new)


@_write.register
def _(result: BulkResult, folder: str | Path) -> None:
    place = Place(str(folder))
    if place.is_local:
        _write_bulk(result, place.path("report.html").rpartition("/")[0])
        return
    with tempfile.TemporaryDirectory() as local:
        _write_bulk(result, local)
        for path in sorted(Path(local).rglob("*")):
            if path.is_file():
                with place.writing(path.relative_to(local).as_posix()) as file:
                    file.write(path.read_bytes())


def _write_bulk(result: BulkResult, folder: str) -> None:
    with staged(folder) as new:
        write_csv(result.table(), new / "summary.csv")
        write_csv(result.shares(), new / "shares.csv")
        write_csv(result.totals.table().drop(columns="group"), new / "outlets.csv")
        if result.sample is not None:
            write_csv(result.representativeness(), new / "representativeness.csv")
        _write_page(partial(bulk_page, result), new)
        write_csv(describe_tables(new, "bulk"), new / "dictionary.csv")
        (new / "citations.bib").write_text(bulk_citations(result), encoding="utf-8")
        if result.sample is not None:
            _write(result.sample, new / "sample")


def _write_page(made: Callable[[Path], Page], folder: Path) -> None:
    """Write a page, as HTML and as Markdown, and its figures as files of their own."""
    figures = folder / "figures"
    figures.mkdir()
    made(figures).write(folder / "report.html")
    if not any(figures.iterdir()):
        figures.rmdir()


def _write_trends(found: Trends, folder: Path) -> None:
    write_csv(found.shares(), folder / "shares.csv")
    write_csv(found.over_time.sightings(), folder / "sightings.csv")


def _write_about(result: Any, kind: Kind, folder: Path, found: Trends | None = None) -> None:
    """Write what the tables in a folder hold, and what a paper that uses them cites."""
    write_csv(describe_tables(folder, kind), folder / "dictionary.csv")
    (folder / "citations.bib").write_text(citations_of(result, found), encoding="utf-8")
