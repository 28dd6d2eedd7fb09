"""The command `research classify`: the files of its contract, a classifier in a file, one line for every error."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from research.classification.model_file import load_classifier
from tests.commands import research, research_here

TEXTS = {
    "بحر": ["أبحرت السفينة من الميناء.", "رست الناقلة على الرصيف.", "أنزل البحار حمله.", "هبت ريح قوية."],
    "رياضة": ["سجل المهاجم هدفا.", "فاز الفريق بالكأس.", "أطلق الحكم صافرته.", "تدرب الحارس في الملعب."],
}
FILES = [
    "choice.csv", "citations.bib", "classes.csv", "dictionary.csv", "figures", "metrics.json", "predictions.csv",
    "probabilities.csv", "report.html", "report.md", "suspects.csv",
]  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(path: Path, numbers: range) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for name, lines in TEXTS.items():
            for number in numbers:
                text = f"{lines[number % 4]} {lines[(number + 1 + number // 4) % 4]} وكان ذلك في اليوم {number}."
                # One label is wrong: where all can be told apart, a probability is 1 whatever is cut out.
                label = name if number else min(TEXTS)
                row = {"id": f"{name}-{number}", "text": text, "label": label}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        file.write(json.dumps({"id": "empty", "text": " "}) + "\n")
    return path


@pytest.fixture
def train(tmp_path) -> Path:
    return table(tmp_path / "train.jsonl", range(8))


@pytest.fixture
def test(tmp_path) -> Path:
    return table(tmp_path / "test.jsonl", range(8, 12))


QUICK = "--encoder", "none", "--seconds", "0"


def test_classify_writes_the_files_of_its_contract(train, test, tmp_path):
    done = research("classify", "--train", train, "--test", test, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == FILES
    answers, sure = rows(out / "predictions.csv"), rows(out / "probabilities.csv")
    assert list(answers[0]) == ["id", "label", "score", "decision", "second", "unlike", "evidence", "truth", "reason"]
    ids = [json.loads(line)["id"] for line in test.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in answers] == [row["id"] for row in sure] == ids
    assert answers[-1]["decision"] == "none"
    assert answers[-1]["reason"]
    assert "empty: empty" in done.stderr
    for row, known in zip(answers[:-1], sure, strict=False):
        values = {name: float(known[name]) for name in TEXTS}
        assert row["label"] == max(values, key=values.get)
        assert float(row["score"]) == max(values.values())
        assert sum(values.values()) == pytest.approx(1, abs=1e-3)
    texts = {one["id"]: one["text"] for one in map(json.loads, test.read_text(encoding="utf-8").splitlines())}
    spans = [(row["id"], span) for row in answers for span in json.loads(row["evidence"])]
    assert spans
    assert all(texts[id][start:end] == words for id, (start, end, words, _) in spans)
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert list(metrics) == ["held_out", "test"]
    right = np.mean([row["label"] == row["truth"] for row in answers[:-1]])
    assert metrics["test"]["texts"] == 8
    assert metrics["test"]["accuracy"]["value"] == pytest.approx(right, abs=1e-6)
    assert [row["label"] for row in rows(out / "classes.csv")] == sorted(TEXTS)
    assert "8 articles of the test corpus: accuracy" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("report.html")


def test_without_a_test_the_articles_without_a_label_are_classified(train, tmp_path):
    lines = [json.loads(line) for line in train.read_text(encoding="utf-8").splitlines()]
    for line in lines[:3]:
        line.pop("label")
    train.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    done = research_here("classify", "--train", train, "--out", tmp_path / "out", "--explain", "none", *QUICK)
    assert done.returncode == 0, done.stderr
    answers = rows(tmp_path / "out" / "predictions.csv")
    assert [row["id"] for row in answers] == [line["id"] for line in lines[:3]] + ["empty"]
    assert {row["evidence"] for row in answers} == {"[]"}
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test"] is None
    assert metrics["held_out"]["texts"] == 13


def test_a_precision_leaves_answers_open(train, test, tmp_path):
    words = ["classify", "--train", train, "--test", test, "--out", tmp_path / "out", "--precision", "1", *QUICK]
    assert research_here(*words).returncode == 0
    answers = rows(tmp_path / "out" / "predictions.csv")[:-1]
    assert {row["decision"] for row in answers} <= {"given", "abstain"}
    assert all(bool(row["label"]) == (row["decision"] == "given") for row in answers)
    opened = [float(row["score"]) for row in answers if row["decision"] == "abstain"]
    given = [float(row["score"]) for row in answers if row["decision"] == "given"]
    assert not opened or not given or max(opened) <= min(given)


def test_a_saved_classifier_gives_the_probabilities_of_the_table(train, test, tmp_path):
    file = tmp_path / "new" / "a.classifier"
    words = ["--train", train, "--test", test, "--out", tmp_path / "out", "--save", file, "--precision", "0.9"]
    done = research("classify", *words, *QUICK)
    assert done.returncode == 0, done.stderr
    loaded = load_classifier(file)
    texts = [json.loads(line)["text"] for line in test.read_text(encoding="utf-8").splitlines()][:-1]
    known = [[float(row[name]) for name in loaded.classes] for row in rows(tmp_path / "out" / "probabilities.csv")[:-1]]
    assert loaded.predict_proba(texts) == pytest.approx(np.array(known), abs=1e-4)
    assert loaded.settings["precision"] == 0.9
    assert set(loaded.thresholds) <= set(TEXTS)


def test_the_same_command_writes_the_same_tables(train, test, tmp_path):
    for name in ("one", "two"):
        assert research_here("classify", "--train", train, "--test", test, "--out", tmp_path / name, *QUICK).returncode == 0
    written = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(written) > len(FILES)
    for name in written:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--out", "x"], "--train"),
        (["--train", "seeds/articles"], "--out"),
        (["--train", "nowhere", "--out", "x"], "nowhere"),
        (["--train", "seeds/articles", "--test", "nowhere", "--out", "x"], "nowhere"),
        (["--train", "seeds/articles", "--out", "x"], "no article has a label and text"),
        (["--train", "seeds/articles", "--out", "x", "--precision", "2"], "precision is 2.0"),
        (["--train", "seeds/articles", "--out", "x", "--explain", "most"], "--explain"),
        (["--train", "seeds/articles", "--out", "x", "--save", "seeds"], "seeds: this is a folder"),
    ],
)
def test_classify_refuses_in_one_line_and_writes_nothing(words, told, tmp_path):
    done = research_here("classify", *[str(tmp_path / word) if word == "x" else word for word in words])
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("option", "value", "told"), [("--encoder", "best", "best"), ("--seconds", "-1", "seconds is -1")])
def test_a_value_that_cannot_be_is_one_line(train, tmp_path, option, value, told):
    done = research_here("classify", "--train", train, "--out", tmp_path / "out", option, value)
    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_of_classify_has_an_example():
    assert "Example: research classify" in research_here("classify", "--help").stdout
