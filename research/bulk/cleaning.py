"""A corpus in partitions without page furniture, and the copies in it, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from research.bulk.copies import Copies, Level, find_copies, write_units
from research.bulk.engines import Engine
from research.bulk.job import Done, Job
from research.bulk.parquet import Tables, read_table, schema
from research.bulk.places import Place
from research.bulk.result import BulkResult, Group
from research.bulk.source import Part, find_parts
from research.bulk.survey import survey
from research.bulk.totals import Totals
from research.cleaning import SAME_PASSAGE, SAME_WIRE
from research.cleaning import clean as clean_in_memory
from research.corpus.passages import PassageUnit
from research.messages import word

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["clean"]

_PASSAGES = {"id": "text", "passage": "count", "start": "count", "end": "count", "text": "text"}
_REMOVED = {"id": "text", "start": "count", "end": "count", "text": "text", "reason": "text"}
_DUPLICATES = {"id": "text", "passage": "count", "of_id": "text", "of_passage": "count", "similarity": "number"}
_LEVELS = Level("passages", SAME_PASSAGE), Level("articles", SAME_WIRE)


def clean(
    corpus: str | Path,
    out: str | Path,
    engine: Engine,
    *,
    unit: PassageUnit = "paragraph",
    max_chars: int = 800,
    furniture: bool = True,
    skip_unreadable: bool = False,
) -> BulkResult:
    """Clean a corpus that does not fit into memory.

    Every article is cleaned as `research.clean` does: a line that recurs does so in the whole corpus, and a copy may stand in
    another partition than what it repeats.

    Parameters
    ----------
    corpus : str or Path
        See `research.bulk.source.find_parts`.
    out : str or Path
        The folder for the tables: ``passages``, ``removed`` and ``duplicates``, each with one file a partition. What an earlier
        call did there is not done again.
    engine : Engine
        What does the work; the joins over all partitions are done in this process.
    unit, max_chars, furniture
        See `research.clean`.
    skip_unreadable : bool
        Whether partitions that cannot be read are left out.

    Returns
    -------
    BulkResult
        Totals; its groups are the reasons why lines were left out, and the two kinds of copies.

    Raises
    ------
    ConfigError
        If the folder holds another job's results.
    DataError
        If the corpus cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from research.bulk import Processes
    >>> with tempfile.TemporaryDirectory() as place:
    ...     for id in "ab":
    ...         pd.DataFrame({"id": [id], "text": ["فرض مجلس الأمن عقوبات على المصرف."]}).to_parquet(f"{place}/{id}.parquet")
    ...     result = clean(f"{place}/*.parquet", f"{place}/out", Processes(1))
    ...     pd.read_parquet(f"{place}/out/duplicates/b.parquet")[["id", "of_id"]].values.tolist()
    [['b', 'a'], ['b', 'a']]
    """
    asked = {"command": "clean", "corpus": str(corpus), "unit": unit, "max_chars": max_chars, "furniture": furniture}
    parts = find_parts(corpus)
    with engine, Job(out, parts, asked, engine, skip_unreadable=skip_unreadable) as job:
        found = survey(job, sample=0, seed=0, furniture=furniture)
        shared = {"unit": unit, "max_chars": max_chars, "furniture": furniture, "recurring": found.recurring}
        done = job.run("clean", _clean, shared, depends=found.digest, label="cleaning")
        names = list(done)
        tables = {level.name: find_copies(job.place, level, names, _named(job.place, level, names)) for level in _LEVELS}
        copies = _write_copies(job.place, names, tables)
    reasons: dict[str, int] = {}
    for one in done.values():
        for reason, lines in one["removed"].items():
            reasons[reason] = reasons.get(reason, 0) + lines
    groups = [
        Group(reason, reason, 0, lines, 0) for reason, lines in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    ]
    groups += [Group("copies of articles", word("copies of articles"), copies["articles"], 0, 0)]
    groups += [Group("copies of passages", word("copies of passages"), 0, copies["passages"], 0)]
    return BulkResult(
        kind="clean",
        source=str(corpus),
        parts=len(job.parts),
        failures=job.failures,
        articles=found.articles,
        unusable=found.unusable,
        units=sum(int(one["passages"]) for one in done.values()),
        totals=found.totals,
        sampled=Totals(),
        groups=tuple(groups),
        by_group=Totals(),
        sample=None,
        folder=job.place.address,
        tables={"passages": "passage", "removed": "line", "duplicates": "copy"},
        content=found.content,
        settings={**asked, "engine": engine.name},
        seconds=job.seconds,
    )


def _clean(part: Part, place: Place, shared: Mapping[str, Any]) -> Done:
    import pandas as pd

    removed: dict[str, int] = {}
    texts: dict[str, list[str]] = {level.name: [] for level in _LEVELS}
    days: dict[str, list[int | None]] = {level.name: [] for level in _LEVELS}
    wanted = {"passages": schema(**_PASSAGES), "removed": schema(**_REMOVED)}
    articles = []
    with Tables.writing(place, part.name, wanted) as tables:
        for corpus in part.corpora():
            cleaned = clean_in_memory(corpus, **shared, repeats=False)
            rows = [(p.document, p.number, p.start, p.end, p.text) for p in cleaned.passages]
            tables.add("passages", pd.DataFrame(rows, columns=list(_PASSAGES)))
            out = [(line.document, line.start, line.end, line.text, line.reason) for line in cleaned.removed]
            tables.add("removed", pd.DataFrame(out, columns=list(_REMOVED)))
            for line in cleaned.removed:
                removed[line.reason] = removed.get(line.reason, 0) + 1
            for id, own in groupby(cleaned.passages, key=lambda passage: passage.document):
                date = corpus[id].date
                day = None if date is None else date.toordinal()
                several = [passage.text for passage in own]
                texts["passages"] += several
                days["passages"] += [day] * len(several)
                texts["articles"].append("\n".join(several))
                days["articles"].append(day)
                articles.append(id)
    files = [f"{name}/{part.name}" for name in wanted]
    for level in _LEVELS:
        files += write_units(place, part.name, level, texts[level.name], days[level.name])
    return files, {"removed": removed, "passages": len(texts["passages"])}


def _named(place: Place, level: Level, parts: Sequence[str]) -> dict[str, Callable[[Any], list[tuple[str, int]]]]:
    """Give for every partition what names the rows of a level: an article and a passage's number, -1 for whole articles."""

    def naming(part: str) -> Callable[[Any], list[tuple[str, int]]]:
        def named(rows: Any) -> list[tuple[str, int]]:
            table = read_table(place, f"passages/{part}", ["id", "passage"])
            if level.name == "articles":
                table = table.filter(np.asarray(table["passage"]) == 0)
            table = table.take(rows)
            numbers = table["passage"].to_pylist() if level.name == "passages" else [-1] * len(table)
            return list(zip(table["id"].to_pylist(), numbers, strict=True))

        return named

    return {part: naming(part) for part in parts}


def _write_copies(place: Place, parts: Sequence[str], tables: Mapping[str, Copies]) -> dict[str, int]:
    """Write the copies that each partition holds, whole articles first, and count them."""
    import pandas as pd

    found: dict[int, list[pd.DataFrame]] = {part: [] for part in range(len(parts))}
    for level in reversed(_LEVELS):
        copies, name_of = tables[level.name], _named(place, level, parts)
        names: dict[tuple[int, int], tuple[str, int]] = {}
        for part in range(len(parts)):
            held = np.unique(np.concatenate([copies.row[copies.part == part], copies.of_row[copies.of_part == part]]))
            if len(held):
                names.update(zip(((part, row) for row in held.tolist()), name_of[parts[part]](held), strict=True))
        for part in range(len(parts)):
            mine = np.flatnonzero(copies.part == part)
            own = [names[part, row] for row in copies.row[mine].tolist()]
            of = [names[key] for key in zip(copies.of_part[mine].tolist(), copies.of_row[mine].tolist(), strict=True)]
            rows = [(*a, *b, s) for a, b, s in zip(own, of, copies.similarity[mine].tolist(), strict=True)]
            table = pd.DataFrame(rows, columns=list(_DUPLICATES))
            if level.name == "articles":
                table[["passage", "of_passage"]] = None
            found[part].append(table)
    for part, several in found.items():
        with Tables.writing(place, parts[part], {"duplicates": schema(**_DUPLICATES)}) as writing:
            for table in several:
                writing.add("duplicates", table.astype({"passage": "Int64", "of_passage": "Int64"}))
    return {name: len(copies.row) for name, copies in tables.items()}
