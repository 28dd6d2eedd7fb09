"""Themes of a corpus in partitions: learned once, sought everywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from research.bulk.begin import begun, summed_up
from research.bulk.engines import Engine
from research.bulk.job import Done
from research.bulk.parquet import Tables, schema
from research.bulk.places import Place
from research.bulk.result import BulkResult, Group
from research.bulk.source import Part
from research.bulk.totals import Totals
from research.cleaning import clean
from research.features import Encoder
from research.tagging import Labelled, TaggingModel, learn_tagging
from research.themes import Codebook

__all__ = ["SAMPLE", "tag"]

#: Articles that the report shows with all evidence, unless told otherwise.
SAMPLE = 1_000

_THEMES = {
    "id": "text", "passage": "count", "start": "count", "end": "count", "theme": "text", "score": "number", "decision": "text",
    "evidence": "text", "runner_up": "text",
}  # fmt: skip
_DOCUMENTS = {"id": "text", "theme": "text", "score": "number", "passages": "count", "state": "text", "reason": "text"}


def tag(
    corpus: str | Path,
    codebook: Codebook | str | Path,
    out: str | Path,
    engine: Engine,
    *,
    sample: int = SAMPLE,
    labels: tuple[str | Path, str | Path] | Labelled | bool = True,
    encoder: str | Encoder = "use",
    seed: int = 0,
    furniture: bool = True,
    skip_unreadable: bool = False,
) -> BulkResult:
    """Find which passage of a corpus that does not fit into memory states which theme of a codebook.

    Every passage is decided as `research.tag` decides it. Evidence is tested, and candidates for further themes are sought, on
    a random sample of the articles.

    Parameters
    ----------
    corpus : str or Path
        See `research.bulk.source.find_parts`.
    codebook : Codebook or path
        See `research.themes.load_codebook`.
    out : str or Path
        The folder for the tables: ``themes`` and ``documents``, each with one file a partition. What an earlier call did there
        is not done again.
    engine : Engine
        What does the work.
    sample : int
        How many articles are drawn.
    labels, encoder, seed, furniture
        See `research.tag`.
    skip_unreadable : bool
        Whether partitions that cannot be read are left out.

    Returns
    -------
    BulkResult
        Totals, and the result on the sample.

    Raises
    ------
    ConfigError
        If an option has a value that it cannot have, or the folder holds another job's results.
    DataError
        If the corpus or the labels cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from research.bulk import Processes
    >>> with tempfile.TemporaryDirectory() as place:
    ...     table = pd.DataFrame({"id": ["a", "b"], "text": ["فرض مجلس الأمن عقوبات على المصرف.", "فاز الفريق بالكأس"]})
    ...     table.to_parquet(f"{place}/one.parquet")
    ...     book, out = "seeds/themes.toml", f"{place}/out"
    ...     result = tag(f"{place}/one.parquet", book, out, Processes(1), labels=False, encoder="none")
    ...     {group.key: group.units for group in result.groups}["sanctions"]
    1
    """
    model = learn_tagging(codebook, labels=labels, encoder=encoder, seed=seed)
    asked = {
        "command": "tag", "codebook": model.codebook.sha256,
        "labels": None if model.labelled is None else model.labelled.digest,
        "encoder": None if model.encoder is None else f"{model.encoder.name} {model.encoder.version}",
    }  # fmt: skip
    options: dict[str, Any] = {"sample": sample, "seed": seed, "furniture": furniture, "skip_unreadable": skip_unreadable}
    with begun(corpus, out, engine, asked, **options) as begin:
        result = model.tag(begin.sample, furniture=furniture)
        shared = model, begin.survey.recurring, furniture
        done = begin.job.run("tag", _tag, shared, depends=begin.survey.digest, label="tagging")
    by_group = Totals.sum(Totals.of_plain(one["totals"]) for one in done.values())
    stated = Counter[str]()
    for one in done.values():
        stated.update(one["stated"])
    whole = by_group.by(0)
    groups = [Group(one.key, one.name, whole[one.key], stated[one.key], one.articles) for one in result.themes]
    return summed_up(
        "tag", begin, result, groups, by_group, sum(int(one["passages"]) for one in done.values()),
        {"themes": "passage and theme", "documents": "article and theme"},
        {**result.settings, "sample": sample, "engine": engine.name},
    )  # fmt: skip


def _tag(part: Part, place: Place, shared: tuple[TaggingModel, frozenset[str], bool]) -> Done:
    model, recurring, furniture = shared
    totals, stated, passages = Totals(), Counter[str](), 0
    wanted = {"themes": schema(**_THEMES), "documents": schema(**_DOCUMENTS)}
    with Tables.writing(place, part.name, wanted) as tables:
        for corpus in part.corpora():
            cleaned = clean(corpus, furniture=furniture, recurring=recurring, repeats=False)
            result = model.tag(cleaned, tested=0, candidates=False, store=False)
            documents = result.documents()
            tables.add("themes", result.assignments())
            tables.add("documents", documents)
            passages += len(result.passages)
            for theme in result.themes:
                stated[theme.key] += theme.passages
            found = documents[documents["state"] == "found"]
            for id, theme in zip(found["id"], found["theme"], strict=True):
                totals.add(theme, corpus[id])
    names = [f"{name}/{part.name}" for name in wanted]
    return names, {"totals": totals.plain(), "stated": stated, "passages": passages}
