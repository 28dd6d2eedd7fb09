"""The commands on partitions, as one types them, and the pages that they write."""

from __future__ import annotations

import csv
import os
import re
import resource
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from research import bulk
from research.bulk import Processes
from research.cli import main
from research.corpus import Document
from research.report.bulk_page import bulk_page
from research.report.language import speaking
from research.text.script import script_of
from tests.bulk.conftest import partition
from tests.commands import ROOT
from tests.report.test_class_pages import loud, untold  # noqa: F401 - a fixture


def run(*words: str):
    return CliRunner().invoke(main, [str(word) for word in words])


def table(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_of_parquet_files_is_read_in_parts(parts, tmp_path):
    out = tmp_path / "out"
    words = ("tag", parts, "--codebook", "seeds/themes.toml", "--no-labels", "--encoder", "none", "--out", out)
    said = run(*words, "--workers", "1", "--sample", "20", "--language", "ar")
    assert said.exit_code == 0, said.output
    assert re.search(r"sanctions: \d+ articles \(Sanctions\)", said.output)
    assert f"articles in 3 partitions: {out / 'report.html'}" in said.output
    assert {path.name for path in out.iterdir()} >= {
        "report.html",
        "report.md",
        "summary.csv",
        "shares.csv",
        "sample",
        "themes",
    }
    summary = {row["key"]: row for row in table(out / "summary.csv")}
    themes = pd.concat([pd.read_parquet(path) for path in (out / "themes").iterdir()])
    present = themes[themes["decision"] == "present"]
    for key, row in summary.items():
        own = present[present["theme"] == key]
        assert (int(row["units"]), int(row["articles"])) == (len(own), own["id"].nunique())
    shares = pd.DataFrame(table(out / "shares.csv"))
    assert shares.groupby("key")["articles"].apply(lambda own: own.astype(int).sum()).to_dict() == {
        key: int(row["articles"]) for key, row in summary.items() if int(row["articles"])
    }
    assert {row["what"] for row in table(out / "representativeness.csv")} == {"outlets", "months"}
    assert '<html lang="ar"' in (out / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ar"' in (out / "sample" / "report.html").read_text(encoding="utf-8")
    columns = {(row["table"], row["column"]) for row in table(out / "dictionary.csv") if row["meaning"]}
    for name in ("summary.csv", "shares.csv", "outlets.csv", "representativeness.csv"):
        assert {(name, column) for column in table(out / name)[0]} <= columns
    again = run(*words, "--workers", "1", "--sample", "20", "--language", "ar")
    assert again.output == said.output


def test_cleaning_and_one_file_with_an_engine(parts, tmp_path):
    said = run("clean", parts / "part-0.parquet", "--engine", "stream", "--workers", "1", "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    assert "copies of passages:" in said.output
    assert "1 partitions" in said.output
    assert (tmp_path / "out" / "passages" / "part-0.parquet").is_file()
    plain = run("clean", parts / "part-0.parquet", "--out", tmp_path / "memory")
    assert (tmp_path / "memory" / "passages.jsonl").is_file(), plain.output


def test_classes_and_topics(parts, tmp_path):
    known = ("--train", "seeds/labelled.csv", "--encoder", "none", "--workers", "1")
    said = run("classify", *known, "--test", parts, "--seconds", "5", "--out", tmp_path / "classes")
    assert said.exit_code == 0, said.output
    assert (tmp_path / "classes" / "predictions" / "part-2.parquet").is_file()
    said = run("discover", f"{parts}/part-*.parquet", "--encoder", "lsa", "--sample", "15", "--out", tmp_path / "topics")
    assert said.exit_code == 0, said.output
    again = run("assign", "seeds/articles", "--model", tmp_path / "topics" / "corpus.topics", "--out", tmp_path / "assigned")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("discover", "seeds/articles", "--workers", "2"), "--workers is for partitions"),
        (("tag", "seeds/articles", "--codebook", "seeds/themes.toml", "--sample", "9"), "--sample is for partitions"),
        (("discover", "PARTS", "--codebook", "seeds/themes.toml"), "--codebook cannot be had with partitions"),
        (("discover", "PARTS", "--save", "x"), "--save cannot be had with partitions"),
        (("tag", "PARTS", "--codebook", "seeds/themes.toml", "--test-evidence", "all"), "--test-evidence cannot be had"),
        (("discover", "PARTS", "--sample", "1"), "a sample of 1"),
        (("discover", "PARTS", "--engine", "spark"), "'spark' is not one of 'memory', 'stream', 'dask'"),
        (("discover", "PARTS", "--scheduler", "tcp://127.0.0.1:9"), "a scheduler is for dask"),
        (("clean", "PARTS", "--engine", "memory"), "no .txt or .html file"),
        (("clean", "nowhere/*.parquet"), "there is no table"),
        (("classify", "--train", "seeds/labelled.csv", "--engine", "stream"), "name the partitions with --test"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(parts, tmp_path, words, told):
    said = run(*[parts if word == "PARTS" else word for word in words], "--out", tmp_path / "out")
    assert said.exit_code == 2
    assert told in said.output
    assert said.output.count("\n") <= 2
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def results(parts, articles, tmp_path_factory):
    arabic = [replace(d, source=d.source.upper()) for d in articles if script_of(d.text) == "arabic"]
    few = partition([*arabic[:9], Document("empty", "")], tmp_path_factory.mktemp("few") / "CORPUS", 2)
    (few / "spoiled.parquet").write_bytes(b"no parquet")
    out, options = tmp_path_factory.mktemp("out"), {"skip_unreadable": True}
    return [
        bulk.clean(few, out / "a", Processes(1), **options),
        bulk.discover(few, out / "b", Processes(1), encoder="lsa", sample=5, **options),
        bulk.tag(few, "seeds/themes.toml", out / "c", Processes(1), labels=False, encoder="none", sample=4, **options),
    ]


def test_nothing_on_the_pages_is_left_in_english(results, loud):  # noqa: F811
    for result in results:
        page = bulk_page(result)
        names = [str(name) for one in result.groups if result.kind == "tag" for name in (one.key, one.label)]
        names += ("spoiled.parquet", "passages", "removed", "duplicates", "assignments", "documents", "themes")
        assert [text for text in untold(page) if not any(name in text for name in names)] == []


def test_the_pages_say_what_was_read(results):
    for result in results:
        with speaking("en"):
            text = re.sub(r"<[^>]+>", "", bulk_page(result).html())
        assert "10 articles were read in 2 partitions; 9 of them hold text." in text
        assert "1 partition could not be read and is not in any number here: spoiled.parquet." in text
        assert "1 article holds no usable text" in text
    with speaking("en"):
        text = re.sub(r"<[^>]+>", "", bulk_page(results[1]).html())
    assert "The sample is 5 articles of 9" in text
    assert "What fewer than" not in text


@pytest.mark.parametrize("most", [40_000, 150_000])
def test_a_disk_that_fills_is_one_line_and_the_same_command_goes_on(parts, tmp_path, most):
    """No file may be larger: what workers share is, and then the page."""
    words = ["tag", str(parts), "--codebook", "seeds/themes.toml", "--no-labels", "--encoder", "none"]
    done = subprocess.run(
        [sys.executable, "-m", "research", *words, "--out", str(tmp_path / "out")],
        capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ, "RESEARCH_PROGRESS": "0"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "cannot be written (File too large)" in done.stderr or "cannot be written to (File too large)" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    assert not (tmp_path / "out" / "report.html").exists()
    told = []
    for place in (tmp_path / "out", tmp_path / "undisturbed"):
        assert run(*words, "--out", place).exit_code == 0
        files = {path for path in place.rglob("*") if path.is_file() and "_work" not in path.parts}
        told.append({str(path.relative_to(place)): path.read_bytes() for path in files})
    assert told[0] == told[1]
