"""The first look at every partition: what it holds, which short lines recur in the corpus, and which articles are drawn."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from research.bulk.hashes import number_of
from research.bulk.job import WORK, Done, Job
from research.bulk.parquet import Tables, read_table, schema
from research.bulk.places import Place
from research.bulk.source import Part
from research.bulk.totals import Totals
from research.corpus.documents import Corpus, Document
from research.corpus.furniture import least_pages, short_lines
from research.errors import DataError
from research.text.dates import parse_date

__all__ = ["Survey", "drawn", "survey"]

_LINES, _KEYS, _IDS, _SAMPLE = f"{WORK}/lines", f"{WORK}/keys", f"{WORK}/ids", f"{WORK}/sample"
_IDS_AT_ONCE = 20_000_000  # of 8 bytes each
_MODULUS = 1 << 128  # a sum of hashes does not depend on their order
_FIELDS = ("id", "text", "title", "source", "label", "date_text")


@dataclass(frozen=True, eq=False)
class Survey:
    """What the first look at all partitions found.

    Attributes
    ----------
    articles : int
        All rows.
    unusable : int
        Those without a usable text.
    totals : Totals
        The usable articles by outlet and month.
    recurring : frozenset of str
        The short lines that recur in the corpus, see `research.corpus.furniture.short_lines`.
    drawn_below : int
        Articles whose key is at most this are in the sample; -1 when none is.
    digest : str
        Hash of the keys of the sample and of the recurring lines: the same for the same articles, however they are divided.
    content : str
        Hash of all ids and texts, however they are divided and ordered.
    """

    articles: int
    unusable: int
    totals: Totals
    recurring: frozenset[str]
    drawn_below: int
    digest: str
    content: str


def survey(job: Job, *, sample: int, seed: int, furniture: bool) -> Survey:
    """Look at every partition.

    The articles of the sample are those with the lowest hashes of their texts and the seed: a simple random sample that does
    not depend on how the corpus is divided, nor on its order.

    Parameters
    ----------
    job : Job
        The work that this begins.
    sample : int
        How many articles are drawn; equal texts are drawn together, so that there may be more.
    seed : int
        Another one draws others.
    furniture : bool
        Whether recurring lines are sought.

    Raises
    ------
    DataError
        If two partitions hold one id.
    """
    options = {"sample": sample, "seed": seed, "furniture": furniture}
    found = job.run("survey", _look, options, depends=options, label="reading partitions")
    _check_ids(job.place, list(found))
    keys = _lowest(job.place, list(found), sample)
    pages = {name: int(one["articles"]) - int(one["unusable"]) for name, one in found.items()}
    recurring = _recurring(job.place, pages) if furniture else frozenset()
    told = hashlib.sha256(keys.tobytes() + "\n".join(sorted(recurring)).encode("utf-8", "replace"))
    return Survey(
        articles=sum(int(one["articles"]) for one in found.values()),
        unusable=sum(int(one["unusable"]) for one in found.values()),
        totals=Totals.sum(Totals.of_plain(one["totals"]) for one in found.values()),
        recurring=recurring,
        drawn_below=int(keys[-1]) if len(keys) else -1,
        digest=told.hexdigest(),
        content=f"{sum(int(one['content'], 16) for one in found.values()) % _MODULUS:032x}",
    )


def drawn(job: Job, found: Survey, name: str, *, seed: int) -> Corpus:
    """Give the articles of the sample, in the order of the partitions."""
    shared = {"below": found.drawn_below, "seed": seed}
    done = job.run("sample", _draw, shared, depends=shared, label="drawing a sample")
    documents = []
    for part in done:
        for row in read_table(job.place, f"{_SAMPLE}/{part}").to_pylist():
            written = row["date_text"]
            documents.append(Document(**row, date=parse_date(written) if written else None))
    return Corpus(name, tuple(documents))


# -- tasks --------------------------------------------------------------------------------------------------------------


def _look(part: Part, place: Place, options: Mapping[str, Any]) -> Done:
    articles = unusable = 0
    totals, lines = Totals(), Counter[str]()
    keys: list[int] = []
    ids: list[int] = []
    content = 0
    for corpus in part.corpora():
        articles += len(corpus)
        unusable += len(corpus) - len(corpus.usable)
        ids += [number_of(document.id) for document in corpus]
        for document in corpus:
            told = f"{document.id}\0{document.text}".encode("utf-8", "replace")
            content += int.from_bytes(hashlib.blake2b(told, digest_size=16).digest(), "big")
        for document in corpus.usable:
            totals.add("", document)
            keys.append(number_of(document.text, str(options["seed"]).encode()))
            if options["furniture"]:
                lines.update(short_lines(document.text))
    import pandas as pd

    lowest = np.sort(np.array(keys, np.uint64))
    if len(lowest) > options["sample"]:
        lowest = lowest[lowest <= lowest[options["sample"] - 1]] if options["sample"] else lowest[:0]
    _save(place, f"{_KEYS}/{part.name}.npy", lowest)
    _save(place, f"{_IDS}/{part.name}.npy", np.array(ids, np.uint64))
    with Tables.writing(place, part.name, {_LINES: schema(line="text", pages="count")}) as tables:
        ranked = lines.most_common()
        tables.add(_LINES, pd.DataFrame(ranked, columns=["line", "pages"]).astype({"line": "str", "pages": "int64"}))
    names = [f"{_KEYS}/{part.name}.npy", f"{_IDS}/{part.name}.npy", f"{_LINES}/{part.name}"]
    return names, {"articles": articles, "unusable": unusable, "totals": totals.plain(), "content": f"{content % _MODULUS:x}"}


def _draw(part: Part, place: Place, shared: Mapping[str, Any]) -> Done:
    import pandas as pd

    wanted = schema(**dict.fromkeys(_FIELDS, "text"))
    with Tables.writing(place, part.name, {_SAMPLE: wanted}) as tables:
        for corpus in part.corpora():
            chosen = [one for one in corpus.usable if number_of(one.text, str(shared["seed"]).encode()) <= shared["below"]]
            rows = [tuple(getattr(one, name) for name in _FIELDS) for one in chosen]
            tables.add(_SAMPLE, pd.DataFrame(rows, columns=list(_FIELDS), dtype="str"))
    return [f"{_SAMPLE}/{part.name}"], {}


def _save(place: Place, name: str, numbers: npt.NDArray[Any]) -> None:
    with place.writing(name) as file:
        np.save(file, numbers, allow_pickle=False)


def _load(place: Place, name: str) -> npt.NDArray[np.uint64]:
    with place.reading(name) as file:
        found: npt.NDArray[np.uint64] = np.load(file, allow_pickle=False)
        return found


# -- over all partitions ------------------------------------------------------------------------------------------------


def _lowest(place: Place, parts: Sequence[str], most: int) -> npt.NDArray[np.uint64]:
    """Give the lowest keys of all partitions, ascending; ties with the last one stay."""
    held = np.zeros(0, np.uint64)
    for part in parts:
        held = np.sort(np.concatenate([held, _load(place, f"{_KEYS}/{part}.npy")]))
        if len(held) > most:
            held = held[held <= held[most - 1]] if most else held[:0]
    return held


def _recurring(place: Place, pages: Mapping[str, int]) -> frozenset[str]:
    """Find the lines that stand in enough pages of the whole corpus, without holding all lines of it.

    A line that stands in a share of all pages stands in that share of the pages of one partition at least: only such lines are
    counted everywhere.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    total = sum(pages.values())
    least = least_pages(total)
    candidates: set[str] = set()
    for part, own in pages.items():
        table = read_table(place, f"{_LINES}/{part}")
        enough = pc.greater_equal(pc.multiply(table["pages"], total), least * own)
        candidates.update(table.filter(enough)["line"].to_pylist())
    wanted = pa.array(sorted(candidates), pa.string())
    counts = Counter[str]()
    for part in pages:
        table = read_table(place, f"{_LINES}/{part}")
        held = table.filter(pc.is_in(table["line"], wanted))
        counts.update(dict(zip(held["line"].to_pylist(), held["pages"].to_pylist(), strict=True)))
    return frozenset(line for line, count in counts.items() if count >= least)


def _check_ids(place: Place, parts: Sequence[str]) -> None:
    """Refuse an id that stands in two partitions; so many hashes are held at once that memory is bounded."""
    sizes = {part: len(_load(place, f"{_IDS}/{part}.npy")) for part in parts}
    turns = max(1, -(-sum(sizes.values()) // _IDS_AT_ONCE))
    for turn in range(turns):
        held, owners = [], []
        for number, part in enumerate(parts):
            ids = _load(place, f"{_IDS}/{part}.npy")
            mine = ids[ids % np.uint64(turns) == turn]
            held.append(mine)
            owners.append(np.full(len(mine), number, np.int32))
        ids, of = np.concatenate(held), np.concatenate(owners)
        order = np.argsort(ids, kind="stable")
        twice = np.flatnonzero(ids[order][1:] == ids[order][:-1])
        if len(twice):
            first, second = (parts[int(of[order[int(twice[0]) + step]])] for step in (0, 1))
            raise DataError(
                f"an id stands in {first} and in {second}", where=f"{place.address}, field id",
                remedy="give every article of the corpus its own id",
            )  # fmt: skip
