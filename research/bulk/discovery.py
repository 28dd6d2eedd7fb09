"""Topics of a corpus in partitions: formed from a sample, given to everything."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
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
from research.discovery import TopicModel, Unit, topic_model
from research.discovery import discover as discover_in_memory
from research.errors import DataError
from research.features import Encoder, get_encoder

__all__ = ["SAMPLE", "discover"]

#: Articles from which topics are formed, unless told otherwise.
SAMPLE = 10_000

_ASSIGNMENTS = {"id": "text", "passage": "count", "start": "count", "end": "count", "topic": "count", "strength": "number"}
_DOCUMENTS = {"id": "text", "topic": "count", "strength": "number", "reason": "text"}
MODEL = "corpus.topics"


def discover(
    corpus: str | Path,
    out: str | Path,
    engine: Engine,
    *,
    sample: int = SAMPLE,
    unit: Unit = "auto",
    encoder: str | Encoder = "use",
    n_topics: int | None = None,
    resolution: float | None = None,
    min_topic_size: int | None = None,
    seed: int = 0,
    furniture: bool = True,
    skip_unreadable: bool = False,
) -> BulkResult:
    """Discover the topics of a corpus that does not fit into memory.

    Topics are formed from a random sample of the articles, as `research.discover` does, and given to every text by the linear
    model that it saves. The same articles give the same topics, however they are divided and whatever the engine.

    Parameters
    ----------
    corpus : str or Path
        See `research.bulk.source.find_parts`.
    out : str or Path
        The folder for the tables: ``assignments`` and ``documents``, each with one file a partition, and the topics themselves.
        What an earlier call did there is not done again.
    engine : Engine
        What does the work.
    sample : int
        Of how many articles topics are formed; of all where there are no more.
    unit, encoder, n_topics, resolution, min_topic_size, seed, furniture
        See `research.discover`.
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
        If the corpus cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from research.bulk import Processes
    >>> with tempfile.TemporaryDirectory() as place:
    ...     table = pd.DataFrame({"id": ["a", "b"], "text": ["فرض عقوبات على السفن", "فاز الفريق بالكأس"]})
    ...     table.to_parquet(f"{place}/one.parquet")
    ...     result = discover(f"{place}/*.parquet", f"{place}/out", Processes(1), encoder="lsa")
    ...     result.articles, sum(group.articles for group in result.groups)
    (2, 2)
    """
    coder = get_encoder(encoder) if isinstance(encoder, str) and encoder != "lsa" else encoder
    asked = {
        "command": "discover", "unit": unit, "encoder": coder if isinstance(coder, str) else f"{coder.name} {coder.version}",
        "n_topics": n_topics, "resolution": resolution, "min_topic_size": min_topic_size,
    }  # fmt: skip
    options: dict[str, Any] = {"sample": sample, "seed": seed, "furniture": furniture, "skip_unreadable": skip_unreadable}
    with begun(corpus, out, engine, asked, **options) as begin:
        result = discover_in_memory(
            begin.sample, unit=unit, encoder=coder, n_topics=n_topics, resolution=resolution, min_topic_size=min_topic_size,
            seed=seed, furniture=furniture,
        )  # fmt: skip
        if result.found is None:
            raise DataError("no article holds any text", where=str(corpus), remedy="give articles with text")
        model = topic_model(result, encoder=None if isinstance(coder, str) else coder)
        recurring = begin.survey.recurring
        depends = [begin.survey.digest, _keep(model, begin.job.place)]
        done = begin.job.run("assign", _assign, (model, recurring), depends=depends, label="giving topics")
    units = Counter[str]()
    for one in done.values():
        units.update(one["units"])
    by_group = Totals.sum(Totals.of_plain(one["totals"]) for one in done.values())
    whole, sampled = by_group.by(0), _counted(result.documents()["topic"].dropna().astype(int).tolist())
    groups = [
        Group(str(one.number), one.label, *(of[str(one.number)] for of in (whole, units, sampled))) for one in result.topics
    ]
    return summed_up(
        "discover", begin, result, groups, by_group, units.total(), {"assignments": result.unit, "documents": "article"},
        {**result.settings, "sample": sample, "engine": engine.name},
    )  # fmt: skip


def _counted(topics: Sequence[int]) -> Counter[str]:
    return Counter(map(str, topics))


def _keep(model: TopicModel, place: Place) -> str:
    """Write the topics beside the tables, and give the hash of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL
        model.save(path)
        data = path.read_bytes()
    with place.writing(MODEL) as file:
        file.write(data)
    return hashlib.sha256(data).hexdigest()


def _assign(part: Part, place: Place, shared: tuple[TopicModel, frozenset[str]]) -> Done:
    model, recurring = shared
    totals, units = Totals(), Counter[str]()
    wanted = {"assignments": schema(**_ASSIGNMENTS), "documents": schema(**_DOCUMENTS)}
    with Tables.writing(place, part.name, wanted) as tables:
        for corpus in part.corpora():
            cleaned = clean(corpus, furniture=model.settings["furniture"], recurring=recurring, repeats=False)
            result = model.assign_corpus(cleaned, store=False)
            documents = result.documents()
            tables.add("assignments", result.assignments())
            tables.add("documents", documents)
            units.update(_counted([topic for topic in result.assigned if topic is not None]))
            for document, topic in zip(corpus, documents["topic"].tolist(), strict=True):
                if isinstance(topic, int):
                    totals.add(str(topic), document)
    return [f"{name}/{part.name}" for name in wanted], {"totals": totals.plain(), "units": units}
