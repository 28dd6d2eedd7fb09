"""What was made to fill a memory is refused in one line that names the limit, and the limit can be raised."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.bulk import find_parts
from research.corpus import load
from research.errors import ConfigError, DataError
from tests.commands import ROOT


def test_a_file_larger_than_the_limit(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": "نص طويل " * 3_000}) + "\n" for n in range(10)))
    assert path.stat().st_size > 1_000_000
    assert len(load(path)) == 10
    monkeypatch.setenv("RESEARCH_MAX_MB", "1")
    with pytest.raises(DataError, match=r"it holds more than 1 MB.*raise RESEARCH_MAX_MB"):
        load(path)
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert packed.stat().st_size < 1_000_000
    with pytest.raises(DataError, match="it holds more than 1 MB"):
        load(packed)
    monkeypatch.setenv("RESEARCH_MAX_MB", "2")
    assert len(load(packed)) == 10


@pytest.mark.parametrize("told", ["0", "many", "-1", "1.5"])
def test_a_limit_that_is_none(tmp_path, monkeypatch, told):
    (tmp_path / "a.txt").write_text("نص")
    monkeypatch.setenv("RESEARCH_MAX_MB", told)
    with pytest.raises(ConfigError, match=r"RESEARCH_MAX_MB.*whole number above 0"):
        load(tmp_path / "a.txt")


def test_a_gzip_bomb(tmp_path):
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(110):
            file.write(b" " * 1_000_000)
    with pytest.raises(DataError, match="it unpacks to more than 200 times its size"):
        load(path)


def test_an_article_longer_than_the_limit_has_its_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("RESEARCH_MAX_CHARACTERS", "1000")
    pd.DataFrame({"id": ["a", "b"], "text": ["كلمة " * 300, "نص"]}).to_parquet(tmp_path / "a.parquet")
    long, short = load(tmp_path / "a.parquet")
    assert long.problem == "longer than 1,000 characters (RESEARCH_MAX_CHARACTERS)"
    assert (long.text, short.text, short.problem) == ("", "نص", "")


PEAK = """
import resource, sys
from research.bulk import find_parts
[part] = find_parts(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(len(corpus) for corpus in part.corpora())
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("length", [1_500_000, 15_000_000], ids=["within the limit", "beyond it"])
def test_a_text_of_which_a_partition_has_hundreds_is_held_once(tmp_path, length):
    """A few kB that would be 1.5 GB or 15 GB as rows."""
    path = tmp_path / "bomb.parquet"
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["ن" * length]))
    pq.write_table(pa.table({"id": [str(n) for n in range(500)], "text": texts}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    done = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
    rows, peak = map(int, done.stdout.split())
    assert rows == 500
    assert peak < 700  # MB, pyarrow itself among them


def test_a_file_that_says_it_unpacks_to_more_than_text_can(tmp_path):
    path = tmp_path / "bomb.parquet"
    table = pa.table({"text": [f"{n}{'ن' * 900_000}" for n in range(60)]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    [part] = find_parts(path)
    with pytest.raises(DataError, match="it unpacks to more than 200 times its size"):
        list(part.corpora())
    pq.write_table(table, path, compression="none", use_dictionary=False)
    assert sum(len(corpus) for corpus in part.corpora()) == 60


FLIPPED = """
import io, sys
import pyarrow as pa, pyarrow.parquet as pq
from research.corpus.tables import parquet_rows
from research.errors import DataError

buffer = io.BytesIO()
pq.write_table(pa.table({"id": ["a", "b"], "text": ["نص أول", None]}), buffer, store_schema=False)
raw = buffer.getvalue()
refused = 0
for at in range(len(raw)):
    for bit in range(8):
        spoiled = bytearray(raw)
        spoiled[at] ^= 1 << bit
        try:
            list(parquet_rows(pa.BufferReader(bytes(spoiled)), "a.parquet", ["text"]))
        except DataError:
            refused += 1
print(refused)
"""


@pytest.mark.slow
def test_no_damage_to_a_parquet_file_ends_the_process():
    """Every bit of it in turn; pyarrow ends the process where it is asked about a damaged column."""
    done = subprocess.run([sys.executable, "-c", FLIPPED], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 500


def test_a_block_ends_where_its_characters_are_many(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": list("abcdefg"), "text": ["ن" * 1_900_000 + id for id in "abcdefg"]}).to_parquet(
        path, compression="none"
    )
    [part] = find_parts(path)
    assert [len(corpus) for corpus in part.corpora()] == [7]
    assert [len(corpus) for corpus in part.corpora(3)] == [3, 3, 1]
    pd.DataFrame({"id": [str(n) for n in range(25)], "text": ["ن" * 1_900_000 + str(n) for n in range(25)]}).to_parquet(
        path, compression="none"
    )
    assert [len(corpus) for corpus in part.corpora()] == [11, 11, 3]
