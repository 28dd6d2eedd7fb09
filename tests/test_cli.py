"""The command: the files of its contract, exit status, one line for every error, nothing half written."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.commands import ROOT, research, research_here


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def articles(tmp_path) -> Path:
    folder = tmp_path / "my articles"
    folder.mkdir()
    for name in ("mada-2024-03-28-veto-panel.txt", "nakheel-2024-12-07-derby.txt"):
        shutil.copy(ROOT / "seeds" / "articles" / name, folder)
    (folder / "empty.txt").write_text(" \n", encoding="utf-8")
    (folder / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    return folder


def test_discover_writes_the_files_of_its_contract(articles, tmp_path):
    done = research("discover", articles, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "assignments.csv",
        "citations.bib",
        "dictionary.csv",
        "documents.csv",
        "figures",
        "report.html",
        "report.md",
        "shares.csv",
        "sightings.csv",
        "topics.csv",
    ]
    topics, assigned, documents = (rows(tmp_path / "out" / f"{name}.csv") for name in ("topics", "assignments", "documents"))
    assert list(topics[0]) == ["topic", "size", "label", "keywords", "stability", "nearest"]
    assert list(assigned[0]) == ["id", "passage", "start", "end", "topic", "strength", "stability"]
    assert list(documents[0]) == ["id", "topic", "strength", "reason"]
    assert [row["id"] for row in documents] == [
        "empty.txt",
        "image.txt",
        "mada-2024-03-28-veto-panel.txt",
        "nakheel-2024-12-07-derby.txt",
    ]
    assert [bool(row["reason"]) for row in documents] == [True, True, False, False]
    assert {row["topic"] for row in assigned} == {row["topic"] for row in topics}
    for row in assigned:
        text = (articles / row["id"]).read_text(encoding="utf-8")
        assert text[int(row["start"]) : int(row["end"])].strip()
    assert "empty.txt: empty" in done.stderr
    assert "image.txt: a binary file" in done.stderr


def test_clean_writes_the_files_of_its_contract(articles, tmp_path):
    assert research_here("clean", articles, "--out", tmp_path / "out").returncode == 0
    kept, removed = (json_lines(tmp_path / "out" / f"{name}.jsonl") for name in ("passages", "removed"))
    assert all(list(row) == ["id", "passage", "start", "end", "text"] for row in kept)
    assert all(list(row) == ["id", "start", "end", "text", "reason"] for row in removed)
    for row in kept + removed:
        if not row.get("reason", "").startswith("unusable"):
            text = (articles / row["id"]).read_text(encoding="utf-8")
            assert text[row["start"] : row["end"]] == row["text"]
    assert {row["id"] for row in removed if row["reason"].startswith("unusable")} == {"empty.txt", "image.txt"}
    assert (
        (tmp_path / "out" / "duplicates.csv").read_text(encoding="utf-8").startswith("id,passage,of_id,of_passage,similarity")
    )


BAD = {
    "no such folder": (["discover", "nowhere", "--out", "x"], "nowhere"),
    "no out": (["discover", "seeds/articles"], "--out"),
    "no command": (["discovr", "seeds/articles"], "discovr"),
    "bad unit": (["discover", "seeds/articles", "--unit", "page", "--out", "x"], "--unit"),
    "bad resolution": (["discover", "seeds/articles", "--resolution", "0", "--out", "x"], "resolution"),
    "bad encoder": (["discover", "seeds/articles", "--encoder", "gpt", "--out", "x"], "gpt"),
    "no experiment": (["run", "thems"], "thems"),
    "bad seeds": (["run", "themes", "--seeds", "0"], "--seeds"),
    "no such key": (["run", "themes", "--set", "resolutio=1", "--out", "x"], "did you mean 'resolution'?"),
    "no key": (["run", "themes", "--set", "resolution", "--out", "x"], "KEY=VALUE"),
    "bad value": (["run", "themes", "--set", "resolution=high", "--out", "x"], "give a float"),
    "no seeds there": (["run", "themes", "--seeds", "3", "--out", "x"], "'seeds'"),
    "no workers": (["run", "themes", "--workers", "0", "--out", "x"], "--workers"),
    "no run": (["verify", "seeds"], "manifest.json"),
    "no runs": (["diff", "reports/themes", "nowhere"], "nowhere"),
    "a near name": (["run", "theme"], "did you mean 'themes'?"),
    "a folder of mine": (["run", "themes", "--out", "seeds"], "holds files that are no run's"),
    "no config": (["run", "themes", "--config", "nowhere.toml"], "nowhere.toml"),
}


@pytest.mark.parametrize(("words", "named"), BAD.values(), ids=BAD)
def test_an_error_is_one_line_that_names_its_cause(words, named, tmp_path):
    words = [str(tmp_path / word) if word == "x" else word for word in words]
    done = research_here(*words)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("a.jsonl", '{"text": "نص"}\n{"text": \n', "line 2"),
        ("a.jsonl", '{"title": "نص"}\n', "'text'"),
        ("a.jsonl", '{"id": 1, "text": "نص"}\n{"id": 1, "text": "نص"}\n', "line 2, field id"),
        ("a.csv", "id,title\n1,x\n", "'text'"),
        ("a.parquet", "not parquet", "parquet"),
        ("a.jsonl.gz", "not gzip", "gzip"),
        ("a.docx", "x", ".docx"),
    ],
)
def test_a_bad_table_is_one_line_and_leaves_nothing(name, content, named, tmp_path):
    (tmp_path / name).write_text(content, encoding="utf-8")
    done = research_here("discover", tmp_path / name, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert name in done.stderr
    assert named in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_out_that_is_a_file_is_refused(articles, tmp_path):
    (tmp_path / "out").write_text("mine")
    done = research("clean", articles, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "a file stands where the folder should be" in done.stderr
    assert (tmp_path / "out").read_text() == "mine"


def test_debug_shows_where_an_error_came_from():
    done = research("--debug", "discover", "nowhere", "--out", "x")
    assert "Traceback" in done.stderr


def test_the_list_names_every_experiment():
    lines = research_here("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "ablation",
        "classification",
        "discovery",
        "encoders",
        "few_labels",
        "tagging",
        "themes",
        "transfer",
        "classification_speed",
        "discovery_growth",
        "scale",
        "tagging_speed",
    ]


def test_the_list_of_one_experiment_is_its_configuration():
    lines = research_here("list", "themes").stdout.splitlines()
    assert 'corpus = "seeds/articles"' in lines
    assert "resolution = 0.0" in lines


def test_help_has_an_example_for_every_command():
    for command in ("clean", "discover", "list", "run", "reports", "verify", "diff"):
        assert f"Example: research {command}" in research_here(command, "--help").stdout


def test_a_changed_configuration_with_a_wrong_key(tmp_path):
    (tmp_path / "mine.toml").write_text('corpsu = "seeds/articles"\n')
    done = research_here("run", "themes", "--config", tmp_path / "mine.toml", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "unknown key 'corpsu'; did you mean 'corpus'?" in done.stderr
    (tmp_path / "mine.toml").write_text("corpus = 3\n")
    assert "give a str" in research_here("run", "themes", "--config", tmp_path / "mine.toml", "--out", tmp_path / "out").stderr
    (tmp_path / "mine.toml").write_text("corpus = \n")
    assert "not TOML" in research_here("run", "themes", "--config", tmp_path / "mine.toml", "--out", tmp_path / "out").stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_run_on_ones_own_corpus(articles, tmp_path):
    done = research("run", "themes", "--corpus", articles, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["corpus"] == str(articles)
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000


@pytest.mark.slow
def test_runs_are_verified_and_compared(articles, tmp_path):
    for name, resolution in (("one", 1.0), ("two", 3.0)):
        words = ["--corpus", articles, "--set", f"resolution={resolution}", "--set", "controls=1", "--quick"]
        assert research_here("run", "themes", *words, "--out", tmp_path / name).returncode == 0
    done = research_here("verify", tmp_path / "one")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{tmp_path / 'one'}: exact")
    (articles / "empty.txt").write_text("x", encoding="utf-8")
    done = research_here("verify", tmp_path / "one", tmp_path / "two")
    assert done.returncode == 1
    assert "inputs, my articles/empty.txt: changed" in done.stdout
    assert done.stdout.count(": input changed") == 2
    assert research_here("diff", tmp_path / "one", tmp_path / "one").returncode == 0
    done = research_here("diff", tmp_path / "one", tmp_path / "two")
    assert done.returncode == 1
    assert "config, resolution: 1.0 -> 3.0" in done.stdout
    assert "graph, my articles, topics: " in done.stdout


# -- tag ----------------------------------------------------------------------------------------------------------------


def test_tag_writes_the_files_of_its_contract(articles, tmp_path):
    done = research_here("tag", articles, "--codebook", "seeds/themes.toml", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    themes, documents = rows(tmp_path / "out" / "themes.csv"), rows(tmp_path / "out" / "documents.csv")
    assert list(themes[0])[:8] == ["id", "passage", "start", "end", "theme", "score", "decision", "evidence"]
    assert list(documents[0])[:4] == ["id", "theme", "score", "passages"]
    assert {row["decision"] for row in themes} <= {"present", "absent", "abstain"}
    assert {row["id"] for row in documents} == {path.name for path in articles.iterdir()}
    text = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in articles.iterdir()}
    spans = [(row["id"], span) for row in themes for span in json.loads(row["evidence"])]
    assert spans
    assert all(text[id][start:end] == words for id, (start, end, words, _) in spans)
    found = {row["id"] for row in documents if row["theme"] == "sanctions" and int(row["passages"]) > 0}
    assert found == {"mada-2024-03-28-veto-panel.txt"}
    assert [row["reason"] != "" for row in documents if row["id"] == "empty.txt"] == [True]
    assert "sanctions: found" in done.stdout


def test_discover_is_guided_by_a_codebook(articles, tmp_path):
    done = research_here("discover", articles, "--codebook", "seeds/themes.toml", "--no-labels", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    topics = rows(tmp_path / "out" / "topics.csv")
    assert list(topics[0]) == ["topic", "size", "label", "keywords", "stability", "nearest", "theme"]
    assert [row["theme"] for row in topics][1] == "sanctions"
    assert int(topics[1]["size"]) > 3
    refused = research_here("discover", articles, "--no-labels", "--out", tmp_path / "none")
    assert (refused.returncode, (tmp_path / "none").exists()) == (2, False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--codebook", "absent.toml"], "absent.toml: No such file"),
        (["--codebook", "seeds/themes.toml", "--labels", "x.csv"], "--labelled and --labels"),
        (["--codebook", "seeds/themes.toml", "--no-labels", "--labels", "x", "--labelled", "y"], "contradict"),
        (["--codebook", "seeds/themes.toml", "--encoder", "best"], "encoder"),
        ([], "--codebook"),
    ],
)
def test_tag_refuses_in_one_line_and_writes_nothing(articles, tmp_path, words, told):
    done = research_here("tag", articles, *words, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert told in done.stderr
    assert len([line for line in done.stderr.splitlines() if "it has an empty result" not in line]) == 1
    assert not (tmp_path / "out").exists()


def test_a_codebook_in_error_is_one_line(articles, tmp_path):
    book = tmp_path / "b.toml"
    book.write_text('version = "1"\n[theme.a]\nsedes = ["x"]\n', encoding="utf-8")
    done = research_here("tag", articles, "--codebook", book, "--out", tmp_path / "out")
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line == f"research: {book}, table theme.a: unknown key 'sedes'; did you mean 'seeds'?"
    assert not (tmp_path / "out").exists()


# -- topics in a file ---------------------------------------------------------------------------------------------------


def test_topics_are_saved_and_given_to_the_same_articles_again(articles, tmp_path):
    done = research_here("discover", articles, "--save", tmp_path / "new" / "a.topics", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    done = research_here("assign", articles, "--model", tmp_path / "new" / "a.topics", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert written == ["assignments.csv", "citations.bib", "dictionary.csv", "documents.csv"]
    before, after = (rows(tmp_path / folder / "assignments.csv") for folder in ("out", "again"))
    assert list(after[0]) == ["id", "passage", "start", "end", "topic", "strength"]
    same = ("id", "passage", "start", "end", "topic")
    assert [[row[name] for name in same] for row in after] == [[row[name] for name in same] for row in before]
    documents = rows(tmp_path / "again" / "documents.csv")
    assert [row["id"] for row in documents] == sorted(path.name for path in articles.iterdir())
    assert [bool(row["reason"]) for row in documents] == [True, True, False, False]
    assert "0: " in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["discover", "seeds/articles", "--codebook", "seeds/themes.toml", "--save", "x", "--out", "x"], "--save"),
        (["discover", "seeds/articles", "--save", "seeds", "--out", "x"], "seeds: this is a folder"),
        (["assign", "seeds/articles", "--model", "nowhere.topics", "--out", "x"], "nowhere.topics: cannot be read"),
        (
            ["assign", "seeds/articles", "--model", "seeds/themes.toml", "--out", "x"],
            "themes.toml: damaged, or no file of topics",
        ),
        (["assign", "seeds/articles", "--out", "x"], "--model"),
    ],
)
def test_saved_topics_that_cannot_be_are_one_line(words, told, tmp_path):
    done = research_here(*[str(tmp_path / word) if word == "x" else word for word in words])
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_of_assign_has_an_example():
    assert "Example: research assign" in research_here("assign", "--help").stdout
