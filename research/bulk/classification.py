"""Classes of a corpus in partitions: learned from labelled articles in memory, given to everything."""

from __future__ import annotations

import hashlib
from collections import Counter
from copy import copy
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
from research.classification.answers import answer, seen_as
from research.classification.articles import article_texts
from research.classification.pipeline import classify as classify_in_memory
from research.classification.result import prediction_table
from research.classifiers import TextClassifier
from research.cleaning import clean
from research.corpus.documents import Corpus
from research.features import Encoder

__all__ = ["SAMPLE", "classify"]

#: Articles that the report shows with what carries the answers, unless told otherwise.
SAMPLE = 1_000

_PREDICTIONS = {"id": "text", "label": "text", "score": "number", "decision": "text", "second": "text", "unlike": "whole",
                "truth": "text", "reason": "text"}  # fmt: skip


def classify(
    train: Corpus,
    corpus: str | Path,
    out: str | Path,
    engine: Engine,
    *,
    sample: int = SAMPLE,
    encoder: str | Encoder = "use",
    seconds: float | None = None,
    precision: float | None = None,
    seed: int = 0,
    furniture: bool = True,
    skip_unreadable: bool = False,
) -> BulkResult:
    """Learn classes from labelled articles, and give them to a corpus that does not fit into memory.

    Parameters
    ----------
    train : Corpus
        What `research.load` gives; articles with a ``label`` are learned from.
    corpus : str or Path
        What is classified, see `research.bulk.source.find_parts`.
    out : str or Path
        The folder for the table ``predictions``, with one file a partition. What an earlier call did there is not done again.
    engine : Engine
        What does the work.
    sample : int
        How many articles are drawn for the report; where they have labels, the answers to them are scored.
    encoder, seconds, precision, seed, furniture
        See `research.classify`. With a limit of time, a call may learn otherwise than the one before, and then nothing of that
        is used again.
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
        If there are no labelled articles with text, or the corpus cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from research.bulk import Processes
    >>> from research.corpus import Document
    >>> told = [("a", "فرض عقوبات", "sanctions"), ("b", "عقوبات على الشركات", "sanctions"),
    ...         ("c", "فاز الفريق بالكأس", "sport"), ("d", "كأس العالم والفريق", "sport")]
    >>> known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in told))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     pd.DataFrame({"id": ["e"], "text": ["عقوبات على المصارف"]}).to_parquet(f"{place}/one.parquet")
    ...     result = classify(known, f"{place}/one.parquet", f"{place}/out", Processes(1), encoder="none")
    ...     [(group.key, group.articles) for group in result.groups]
    [('sanctions', 1), ('sport', 0)]
    """
    told = hashlib.sha256(repr([(one.id, one.text, one.label, one.source) for one in train]).encode("utf-8", "replace"))
    asked = {
        "command": "classify", "train": told.hexdigest(), "precision": precision, "seconds": seconds,
        "encoder": encoder if isinstance(encoder, str) else f"{encoder.name} {encoder.version}",
    }  # fmt: skip
    options: dict[str, Any] = {"sample": sample, "seed": seed, "furniture": furniture, "skip_unreadable": skip_unreadable}
    with begun(corpus, out, engine, asked, **options) as begin:
        result = classify_in_memory(
            train, begin.sample, encoder=encoder, seconds=seconds, precision=precision, furniture=furniture, seed=seed
        )
        texts = [one.text for one in article_texts(begin.sample, furniture)]
        model = result.classifier
        if model.encoder is not None:
            model = seen_as(model, [one.text for one in result.learned], texts)
        model = copy(model)
        model.store = False  # workers on other machines have none, and on this one they would wait for one another
        shared = model, result.threshold, begin.survey.recurring, furniture
        depends = [begin.survey.digest, result.settings["chosen"], result.threshold]
        done = begin.job.run("classify", _classify, shared, depends=depends, label="classifying")
    by_group = Totals.sum(Totals.of_plain(one["totals"]) for one in done.values())
    whole = by_group.by(0)
    sampled = Counter(one.label for one in result.articles if one.decision == "given")
    groups = [Group(name, name, whole[name], whole[name], sampled[name]) for name in result.classes]
    return summed_up(
        "classify", begin, result, groups, by_group, begin.survey.totals.total(), {"predictions": "article"},
        {**result.settings, "sample": sample, "engine": engine.name},
    )  # fmt: skip


def _classify(part: Part, place: Place, shared: tuple[TextClassifier, float, frozenset[str], bool]) -> Done:
    model, threshold, recurring, furniture = shared
    totals = Totals()
    with Tables.writing(place, part.name, {"predictions": schema(**_PREDICTIONS)}) as tables:
        for corpus in part.corpora():
            cleaned = clean(corpus, furniture=furniture, recurring=recurring, repeats=False)
            answers = answer(model, article_texts(cleaned, furniture), threshold)
            tables.add("predictions", prediction_table(answers))
            for document, one in zip(corpus, answers, strict=True):
                if one.decision == "given":
                    totals.add(one.label, document)
    return [f"predictions/{part.name}"], {"totals": totals.plain()}
