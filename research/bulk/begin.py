"""What every command on partitions begins with: the job's folder, the first look, and the cleaned sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research.bulk.engines import Engine
from research.bulk.job import Job
from research.bulk.result import BulkResult, Group, Kind
from research.bulk.source import find_parts
from research.bulk.survey import Survey, drawn, survey
from research.bulk.totals import Totals
from research.cleaning import CleanResult, clean
from research.errors import ConfigError

__all__ = ["Begun", "begun", "summed_up"]


@dataclass(frozen=True, eq=False)
class Begun:
    """A job whose partitions were looked at.

    Attributes
    ----------
    job : Job
        Runs further stages.
    source : str
        The corpus, as it was given.
    survey : Survey
        What the first look found.
    sample : CleanResult
        The articles that were drawn, cleaned as a part of the whole corpus.
    sampled : Totals
        These by outlet and month.
    """

    job: Job
    source: str
    survey: Survey
    sample: CleanResult
    sampled: Totals


@contextmanager
def begun(
    corpus: str | Path,
    out: str | Path,
    engine: Engine,
    asked: Mapping[str, Any],
    *,
    sample: int,
    seed: int,
    furniture: bool,
    skip_unreadable: bool,
) -> Iterator[Begun]:
    """Open a job and look at its partitions.

    Parameters
    ----------
    corpus : str or Path
        See `research.bulk.source.find_parts`.
    out : str or Path
        The job's folder.
    engine : Engine
        What does the work.
    asked : mapping
        The command, and its options beside those below.
    sample, seed, furniture, skip_unreadable
        See `research.bulk.survey.survey` and `Job`.
    """
    if sample < 2:
        raise ConfigError(f"a sample of {sample}", where="--sample", remedy="give at least 2 articles")
    parts = find_parts(corpus)
    asked = {**asked, "corpus": str(corpus), "sample": sample, "seed": seed, "furniture": furniture}
    with engine, Job(out, parts, asked, engine, skip_unreadable=skip_unreadable) as job:
        found = survey(job, sample=sample, seed=seed, furniture=furniture)
        articles = drawn(job, found, str(corpus).rstrip("/").rsplit("/", 1)[-1], seed=seed)
        sampled = Totals()
        for document in articles:
            sampled.add("", document)
        yield Begun(job, str(corpus), found, clean(articles, furniture=furniture, recurring=found.recurring), sampled)


def summed_up(
    kind: Kind,
    begin: Begun,
    result: Any,
    groups: Sequence[Group],
    by_group: Totals,
    units: int,
    tables: Mapping[str, str],
    settings: Mapping[str, Any],
) -> BulkResult:
    """Put together what a command found, see `BulkResult` for what everything is."""
    return BulkResult(
        kind=kind,
        source=begin.source,
        parts=len(begin.job.parts),
        failures=begin.job.failures,
        articles=begin.survey.articles,
        unusable=begin.survey.unusable,
        units=units,
        totals=begin.survey.totals,
        sampled=begin.sampled,
        groups=tuple(groups),
        by_group=by_group,
        sample=result,
        folder=begin.job.place.address,
        tables=tables,
        content=begin.survey.content,
        settings=settings,
        seconds=begin.job.seconds,
    )
