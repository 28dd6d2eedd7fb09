"""Partitions are found where they are, and nothing else is read."""

from __future__ import annotations

import gzip
import json

import fsspec
import numpy as np
import pandas as pd
import pytest

import research
from research import bulk
from research.bulk import Processes, find_parts, in_parts
from research.bulk.places import Place
from research.bulk.totals import OTHERS, Totals
from research.corpus import Document
from research.corpus.furniture import least_pages, short_lines
from research.errors import ConfigError, DataError
from research.evaluate.representativeness import representativeness
from tests.bulk.conftest import partition, rows_of


@pytest.fixture
def archive(tmp_path):
    for name in ("a.parquet", "2024/b.parquet", "2024/c.parquet", ".hidden.parquet", "_work/d.parquet"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"id": [name], "text": ["نص"]}).to_parquet(tmp_path / "in" / name)
    (tmp_path / "in" / "readme.md").write_text("notes")
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", ["2024/b.parquet", "2024/c.parquet", "a.parquet"]),
        ("2024", ["b.parquet", "c.parquet"]),
        ("2024/*.parquet", ["b.parquet", "c.parquet"]),
        ("*/c.parquet", ["2024/c.parquet"]),
        ("**/*.parquet", ["2024/b.parquet", "2024/c.parquet", "a.parquet"]),
        ("2024/[bx].parquet", ["b.parquet"]),
        ("a.parquet", ["a.parquet"]),
    ],
)
def test_a_folder_a_pattern_a_file(archive, inner, expected):
    assert [part.name for part in find_parts(archive / inner)] == expected
    assert [part.name for part in find_parts(f"file://{archive / inner}")] == expected


def test_what_is_no_partition(archive, tmp_path):
    for path in (tmp_path / "none", archive / "readme.md", archive / "x*.parquet", archive / "_work" / "e*.parquet"):
        with pytest.raises(DataError, match="there is no table"):
            find_parts(path)
    with pytest.raises(ConfigError, match="cannot be opened"):
        find_parts("nowhere://archive/*.parquet")
    (tmp_path / "outside.parquet").write_bytes((archive / "a.parquet").read_bytes())
    (archive / "link.parquet").symlink_to(tmp_path / "outside.parquet")
    with pytest.raises(DataError, match=r"link\.parquet: a link out of the folder"):
        find_parts(archive)


def written(documents: list[Document], folder, suffix: str):
    """Write articles into two tables of a kind."""
    folder.mkdir()
    for part in range(2):
        rows = [{"id": d.id, "text": d.text, "date": d.date_text, "source": d.source} for d in documents[part::2]]
        if suffix.startswith(".csv"):
            text = pd.DataFrame(rows).to_csv(index=False, lineterminator="\r\n")
        else:
            text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        raw = text.encode("utf-8-sig")
        (folder / f"{part}{suffix}").write_bytes(gzip.compress(raw) if suffix.endswith(".gz") else raw)
    return folder


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".ndjson", ".csv", ".csv.gz"])
def test_lines_in_partitions_are_read_like_parquet(articles, tmp_path, suffix):
    usable = list(articles.usable)
    folder = written(usable, tmp_path / "in", suffix)
    assert in_parts(folder)
    parts = find_parts(folder)
    assert [part.name for part in parts] == [f"0{suffix}.parquet", f"1{suffix}.parquet"]
    found = [document for part in parts for corpus in part.corpora(7) for document in corpus]
    expected = {(d.id, d.text, d.date_text, d.source, d.date) for d in usable}
    assert {(d.id, d.text, d.date_text, d.source, d.date) for d in found} == expected
    assert len(found) == len(usable)


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".csv"])
def test_a_command_on_lines_writes_the_rows_of_parquet(articles, tmp_path, suffix):
    few = list(articles.usable)[:8]
    bulk.clean(written(few, tmp_path / "lines", suffix), tmp_path / "a", Processes(1))
    bulk.clean(partition(few, tmp_path / "parquet", 2), tmp_path / "b", Processes(1))
    for table in ("passages", "removed", "duplicates"):
        a, b = rows_of(tmp_path / "a", table), rows_of(tmp_path / "b", table)
        pd.testing.assert_frame_equal(a, b)
    assert len(rows_of(tmp_path / "a", "passages")) > 8


def test_one_article_more_in_the_middle_is_noticed(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [json.dumps({"text": f"{n:06}" * 20}) for n in range(2_000)]
    path.write_text("\n".join(rows))
    [part] = find_parts(path)
    before = part.fingerprint()
    rows[3] = rows[3].replace("000003", "000004")
    path.write_text("\n".join(rows))
    assert part.fingerprint() != before


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.jsonl", '{"text": "نص"}\n{"text": '.encode(), r"a\.jsonl, line 2: not JSON"),
        ("a.jsonl", '{"text": "نص"}\n[]'.encode(), r"a\.jsonl, line 2: a JSON list"),
        ("a.jsonl", '{"text": "نص"}'.encode("cp1256"), r"a\.jsonl, line 1: not UTF-8"),
        ("a.jsonl", '{"text": "نص"}'.encode("utf-16"), r"a\.jsonl, line 1: not UTF-8"),
        ("a.jsonl", b'{"body": "x"}', r"line 1: no field 'text', only body"),
        ("a.csv", 'text\n"نص'.encode(), r"a\.csv, line 2: not CSV"),
        ("a.csv", b"", r"a\.csv: the file is empty"),
        ("a.csv", b"text\na,b\n", r"line 2: 2 fields where the header has 1"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}')[:-6], r"a\.jsonl\.gz: not a whole gzip file"),
        ("a.jsonl.gz", b"no gzip", r"a\.jsonl\.gz: not a whole gzip file"),
        ("a.parquet", b"no parquet", r"a\.parquet: not a parquet file"),
        ("a.jsonl", b'{"id": "x", "text": "a"}\n{"id": "x", "text": "b"}', "'x' is also the id of row 1"),
    ],
    ids=["cut", "list", "cp1256", "utf-16", "no text", "quote", "empty", "fields", "cut gzip", "no gzip", "parquet", "twice"],
)  # fmt: skip
def test_a_table_that_cannot_be_read(tmp_path, name, raw, told):
    (tmp_path / name).write_bytes(raw)
    [part] = find_parts(tmp_path / name)
    with pytest.raises(DataError, match=told) as error:
        list(part.corpora())
    assert "\n" not in str(error.value)


def test_a_line_longer_than_any_article_may_be(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 1_500_000 + b'"}')
    [part] = find_parts(path)
    assert sum(len(corpus) for corpus in part.corpora()) == 1
    monkeypatch.setenv("RESEARCH_MAX_CHARACTERS", "1000")
    with pytest.raises(DataError, match=r"line 1: a line of more than 1 MB.*raise RESEARCH_MAX_CHARACTERS"):
        list(part.corpora())
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress((b" " * 99_999 + b"\n") * 1_100, 1))
    [part] = find_parts(packed)
    with pytest.raises(DataError, match="it unpacks to more than 200 times its size"):
        list(part.corpora())


def test_tables_of_several_kinds_are_not_guessed_at(archive):
    (archive / "b.jsonl").write_text('{"text": "x"}')
    with pytest.raises(DataError, match=r"several kinds \(2024/b\.parquet, b\.jsonl\).*by a pattern"):
        find_parts(archive)
    assert [part.name for part in find_parts(archive / "*.jsonl")] == ["b.jsonl.parquet"]


def test_which_corpora_are_in_partitions(archive, tmp_path):
    assert in_parts(archive)
    assert in_parts("s3://bucket/archive")
    assert in_parts("archive-*.parquet")
    assert not in_parts("seeds/articles")
    assert not in_parts(archive / "a.parquet")  # one file is read at once unless an engine is named
    assert not in_parts("a" * 5_000)
    (archive / "note.txt").write_text("خبر")
    assert not in_parts(archive)


def test_a_place_keeps_names_inside(tmp_path):
    place = Place(str(tmp_path / "out"))
    for name in ("../x", "/etc/x", "a/../../x", ""):
        with pytest.raises(ConfigError, match="leads out of the folder"):
            place.path(name)

    def half() -> None:
        with place.writing("a/b.txt") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert list((tmp_path / "out").rglob("*")) == [tmp_path / "out" / "a"]


def test_an_address_is_read_and_written_like_a_folder(articles, parts, tmp_path):
    """Any file system of fsspec: this one is memory."""
    memory = fsspec.filesystem("memory")
    for path in parts.iterdir():
        memory.pipe_file(f"/archive/{path.name}", path.read_bytes())
    result = bulk.clean("memory://archive", "memory://out", Processes(1))
    research.report.write(result, "memory://out")
    bulk.clean(parts, tmp_path / "local", Processes(1))
    for name in ("passages/part-1.parquet", "removed/part-1.parquet", "duplicates/part-1.parquet"):
        assert memory.cat_file(f"/out/{name}") == (tmp_path / "local" / name).read_bytes()
    assert b"</html>" in memory.cat_file("/out/report.html")
    assert len(result.groups) > 3
    memory.rm("/archive", recursive=True)
    memory.rm("/out", recursive=True)


def test_an_id_that_stands_twice(tmp_path):
    folder = partition([Document("a", "نص"), Document("b", "نص"), Document("a", "آخر")], tmp_path / "in", 3)
    with pytest.raises(DataError, match=r"an id stands in part-0\.parquet and in part-2\.parquet"):
        bulk.clean(folder, tmp_path / "out", Processes(1))
    folder = partition([Document("a", "نص"), Document("a", "نص")], tmp_path / "one", 1)
    with pytest.raises(DataError, match=r"part-0\.parquet, row 2, field id: 'a' is also the id of row 1"):
        bulk.clean(folder, tmp_path / "out1", Processes(1))


def test_articles_without_ids_have_those_of_their_places(tmp_path):
    (tmp_path / "in").mkdir()
    for name in "ab":
        pd.DataFrame({"text": [f"نص {name}", f"نص آخر {name}"]}).to_parquet(tmp_path / "in" / f"{name}.parquet")
    bulk.clean(tmp_path / "in", tmp_path / "out", Processes(1))
    assert rows_of(tmp_path / "out", "passages")["id"].tolist() == ["a.parquet#0", "a.parquet#1", "b.parquet#0", "b.parquet#1"]


def test_articles_that_cannot_be_used_have_their_rows(tmp_path):
    (tmp_path / "in").mkdir()
    pd.DataFrame({"id": [*"abc"], "text": ["عقوبات على المصرف", None, "  "]}).to_parquet(tmp_path / "in" / "a.parquet")
    bulk.tag(tmp_path / "in", "seeds/themes.toml", tmp_path / "out", Processes(1), labels=False, encoder="none")
    found = rows_of(tmp_path / "out", "documents")
    assert found["id"].drop_duplicates().tolist() == [*"abc"]
    assert found.set_index("id")["reason"][["b", "c"]].tolist() == ["empty", "empty"]


def test_the_lines_that_recur_are_those_of_the_whole(articles, tmp_path):
    """Counted here anew, from all texts at once."""
    from research.bulk.job import Job
    from research.bulk.survey import survey

    texts = [document.text for document in articles.usable]
    counts: dict[str, int] = {}
    for text in texts:
        for line in short_lines(text):
            counts[line] = counts.get(line, 0) + 1
    expected = {line for line, count in counts.items() if count >= least_pages(len(texts))}
    assert expected == {"بوابه مرصد الخليج 0"}
    for number in (1, 4, 40):
        folder = partition(list(articles), tmp_path / f"in{number}", number)
        engine = Processes(1)
        with engine, Job(tmp_path / f"out{number}", find_parts(folder), {}, engine) as job:
            found = survey(job, sample=7, seed=0, furniture=True)
        assert found.recurring == expected
        assert (found.articles, found.unusable, found.totals.total()) == (len(articles), 1, len(texts))


def test_totals_of_many_outlets_stay_small():
    totals = Totals()
    for number in range(5_000):
        totals.add("", Document(str(number), "نص", source=f"outlet {number}"))
    assert totals.total() == 5_000
    assert len(totals.by(1)) == 2_001
    assert totals.by(1)[OTHERS] == 3_000
    assert Totals.of_plain(totals.plain()).table().equals(totals.table())


def test_the_distance_of_a_sample_is_that_of_its_shares():
    """Derived anew: by hand, and by drawing one article after the other."""
    assert representativeness({"a": 6, "b": 4}, {"a": 1, "b": 3}).distance == pytest.approx(0.35)
    assert representativeness({"a": 6, "b": 4}, {"c": 2}).distance == pytest.approx(1)
    assert np.isnan(representativeness({"a": 1}, {}).distance)
    assert representativeness({"a": 6, "b": 4}, {"a": 6, "b": 4}).usual == 0
    whole = {"a": 500, "b": 300, "c": 200}
    found = representativeness(whole, {"a": 30, "b": 18, "c": 12})
    names, draws = np.repeat(list(whole), list(whole.values())), np.random.default_rng(5)
    far = []
    for _ in range(2_000):
        drawn = draws.choice(names, 60, replace=False)
        far.append(sum(abs((drawn == name).mean() - count / 1_000) for name, count in whole.items()) / 2)
    assert found.usual == pytest.approx(np.quantile(far, 0.95), abs=0.01)
    assert found.distance == pytest.approx(0)
