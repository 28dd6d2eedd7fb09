"""Whatever the engine and however the articles are divided: the rows are those of a result in memory."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager

import pandas as pd
import pytest

import research
from research import bulk
from research.bulk import Processes, get_engine
from research.corpus import Corpus
from tests.bulk.conftest import partition, rows_of

pytestmark = pytest.mark.slow


@contextmanager
def running_scheduler(workers: int = 2, port: str = "0"):
    """A scheduler and workers as processes of their own, on the loopback address."""
    started = []

    def start(*words: str, until: str) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        started.append(process)
        for line in process.stderr:
            if found := re.search(until, line):
                return found.group(1)
        raise AssertionError(f"{words} ended")

    try:
        where = start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", until=r"Scheduler at:\s+(tcp\S+)")
        for _ in range(workers):
            start("worker", where, "--nthreads", "1", "--no-dashboard", until=r"(Registered to)")
        yield where, started
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
            process.stderr.close()


@pytest.fixture(scope="module")
def scheduler():
    with running_scheduler() as (where, _):
        yield where


def engines(scheduler):
    return [Processes(1), Processes(2), get_engine("dask", workers=2), get_engine("dask", scheduler=scheduler)]


NAMES = ["one process", "two processes", "dask on this machine", "a running scheduler"]


def same(found: pd.DataFrame, expected: pd.DataFrame, key: list[str]) -> None:
    columns = [name for name in found.columns if name in expected.columns]
    left, right = (
        table[columns].astype(object).where(table[columns].notna(), None).sort_values(key).reset_index(drop=True)
        for table in (found, expected)
    )
    assert len(columns) > len(key)
    assert left.to_dict("records") == right.to_dict("records")


@pytest.mark.parametrize("which", range(4), ids=NAMES)
def test_cleaning(articles, parts, scheduler, tmp_path, which):
    result = bulk.clean(parts, tmp_path / "out", engines(scheduler)[which])
    expected = research.clean(articles)
    passages = pd.DataFrame([(p.document, p.number, p.start, p.end, p.text) for p in expected.passages])
    same(
        rows_of(tmp_path / "out", "passages"),
        passages.set_axis(["id", "passage", "start", "end", "text"], axis=1),
        ["id", "passage"],
    )
    removed = pd.DataFrame([(r.document, r.start, r.end, r.text, r.reason) for r in expected.removed])
    assert (removed[4] == "recurring line").sum() > 10
    same(
        rows_of(tmp_path / "out", "removed"),
        removed.set_axis(["id", "start", "end", "text", "reason"], axis=1),
        ["id", "start"],
    )
    copies = rows_of(tmp_path / "out", "duplicates")
    found = {tuple(None if pd.isna(cell) else cell for cell in row) for row in copies.itertuples(index=False)}
    assert found == {(r.document, r.passage, r.of_document, r.of_passage, r.similarity) for r in expected.repeats}
    assert len([row for row in found if row[1] is None]) >= 4
    assert (result.articles, result.unusable, result.units) == (len(articles), 1, len(expected.passages))


@pytest.mark.parametrize("which", [0, 3], ids=[NAMES[0], NAMES[3]])
def test_topics(articles, parts, scheduler, tmp_path, which):
    result = bulk.discover(parts, tmp_path / "out", engines(scheduler)[which], unit="passage", encoder="lsa")
    expected = research.discover(articles, unit="passage", encoder="lsa", with_map=False)
    assert len(expected.topics) > 1
    found = rows_of(tmp_path / "out", "assignments").drop(
        columns="strength"
    )  # that of a text that the model has seen is higher
    same(found, expected.assignments(), ["id", "passage"])
    same(rows_of(tmp_path / "out", "documents").drop(columns="strength"), expected.documents(), ["id"])
    assert [one.units for one in result.groups] == [topic.size for topic in expected.topics]
    assert [one.label for one in result.groups] == [topic.label for topic in expected.topics]


@pytest.mark.parametrize("which", range(4), ids=NAMES)
def test_themes(articles, parts, scheduler, tmp_path, which):
    result = bulk.tag(parts, "seeds/themes.toml", tmp_path / "out", engines(scheduler)[which], labels=False, encoder="none")
    expected = research.tag(articles, "seeds/themes.toml", labels=False, encoder="none", tested=0)
    same(rows_of(tmp_path / "out", "themes"), expected.assignments(), ["id", "passage", "theme"])
    same(rows_of(tmp_path / "out", "documents"), expected.documents(), ["id", "theme"])
    assert [(one.key, one.units, one.articles) for one in result.groups] == [
        (theme.key, theme.passages, theme.articles) for theme in expected.themes
    ]


@pytest.mark.parametrize("which", [0, 3], ids=[NAMES[0], NAMES[3]])
def test_classes(articles, parts, scheduler, tmp_path, which):
    known = research.load("seeds/labelled.csv")
    options = {"encoder": "none", "seconds": None}
    result = bulk.classify(known, parts, tmp_path / "out", engines(scheduler)[which], **options)
    expected = research.classify(known, articles, **options)
    same(rows_of(tmp_path / "out", "predictions").drop(columns="unlike"), expected.predictions(), ["id"])
    assert [one.articles for one in result.groups] == expected.table()["given"].tolist()


def test_the_bundled_encoder_gives_the_same_in_every_process(articles, tmp_path):
    few = Corpus("few", tuple(articles)[:6])
    bulk.tag(partition(list(few), tmp_path / "in", 2), "seeds/themes.toml", tmp_path / "out", Processes(2), labels=False)
    expected = research.tag(few, "seeds/themes.toml", labels=False, tested=0)
    assert expected.settings["encoder"].startswith("use")
    same(rows_of(tmp_path / "out", "themes"), expected.assignments(), ["id", "passage", "theme"])


def test_a_sample_does_not_depend_on_how_articles_are_divided(articles, parts, tmp_path):
    turned = partition(list(articles)[::-1], tmp_path / "five", 5)
    first, second = (
        bulk.discover(folder, tmp_path / f"out{n}", Processes(1), sample=12, unit="passage", encoder="lsa", seed=3)
        for n, folder in enumerate((parts, turned))
    )
    assert {d.id for d in first.sample.corpus} == {d.id for d in second.sample.corpus}
    assert 12 <= len(first.sample.corpus) < 20
    assert first.content == second.content
    assert (tmp_path / "out0/corpus.topics").read_bytes() == (tmp_path / "out1/corpus.topics").read_bytes()
    same(rows_of(tmp_path / "out0", "assignments"), rows_of(tmp_path / "out1", "assignments"), ["id", "passage"])
    other = bulk.discover(parts, tmp_path / "out2", Processes(1), sample=12, unit="passage", encoder="lsa", seed=4)
    assert {d.id for d in other.sample.corpus} != {d.id for d in first.sample.corpus}


def test_a_partition_by_itself_is_cleaned_as_a_part_of_the_whole(articles, tmp_path):
    """A line that stands once in each of many partitions recurs."""
    folder = partition(list(articles)[:12], tmp_path / "many", 12)
    bulk.clean(folder, tmp_path / "out", Processes(1))
    expected = research.clean(Corpus("few", tuple(articles)[:12]))
    found = rows_of(tmp_path / "out", "removed")
    assert sorted(found["text"]) == sorted(line.text for line in expected.removed)
    assert found["text"].str.contains("بوابة مرصد").sum() == 12
