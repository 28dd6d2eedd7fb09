"""Bundled articles in partitions, with copies in other partitions than what they repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import research
from research.corpus import Corpus, Document


def partition(documents: list[Document], folder: Path, parts: int) -> Path:
    """Write articles into so many Parquet files, one after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in range(parts):
        rows = [
            {"id": d.id, "text": d.text or None, "title": d.title, "date": d.date_text, "source": d.source, "label": d.label}
            for d in documents[part::parts]
        ]
        pd.DataFrame(rows, columns=["id", "text", "title", "date", "source", "label"], dtype="str").to_parquet(
            folder / f"part-{part}.parquet"
        )
    return folder


def rows_of(folder: Path, table: str) -> pd.DataFrame:
    """Read a table of all partitions."""
    return pd.concat([pd.read_parquet(path) for path in sorted((folder / table).rglob("*.parquet"))], ignore_index=True)


@pytest.fixture(scope="session")
def articles(few_seeds) -> Corpus:
    """Bundled articles; some stand twice, one of these lightly edited; one row has no text; a line recurs everywhere."""
    first = list(research.load(few_seeds / "articles"))
    prompt = "بوابة مرصد الخليج"
    told = [replace(d, text=f"{d.text}\n{prompt} {n}") for n, d in enumerate(first)]
    again = [replace(d, id=f"again/{d.id}", source="nusakh", date=None, date_text="") for d in told[:4]]
    again[0] = replace(again[0], text=again[0].text.replace(" في ", " داخل ", 1))
    return Corpus("articles", (*told, *again, Document("none", "", problem="empty")))


@pytest.fixture(scope="session")
def parts(articles, tmp_path_factory) -> Path:
    """The same in three partitions."""
    return partition(list(articles), tmp_path_factory.mktemp("parts") / "archive", 3)
