"""Run folders: complete or not there, with what is needed to run again."""

from __future__ import annotations

import hashlib
import json

import pytest

from research.features import get_encoder
from research.runs import hash_inputs, open_run


def test_a_finished_run_has_its_manifest_and_records(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.txt").write_text("نص", encoding="utf-8")
    with open_run("toy", tmp_path / "out", {"k": 3}, seeds=[0, 1]) as run:
        run.used(data)
        run.used_encoder(get_encoder())
        run.record("model", "data", "F1", 0.5, seed=1, low=0.4, high=0.6)
        run.record("model", "data", "F1", float("nan"), status="no example of the label")
        (run.folder / "table.csv").write_text("a\n1\n")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"] == {"k": 3}
    assert manifest["seeds"] == [0, 1]
    assert manifest["inputs"] == {"data/a.txt": hashlib.sha256("نص".encode()).hexdigest()}
    assert manifest["encoder"]["name"] == "use-multilingual-3"
    assert manifest["versions"]["numpy"][0].isdigit()
    assert str(tmp_path) not in json.dumps(manifest)  # nobody's folders
    first, second = map(json.loads, (tmp_path / "out" / "records.jsonl").read_text(encoding="utf-8").splitlines())
    assert first == {"experiment": "toy", "model": "model", "corpus": "data", "seed": 1, "fold": None, "metric": "F1",
                     "value": 0.5, "status": "ok", "low": 0.4, "high": 0.6}  # fmt: skip
    assert (second["value"], second["status"]) == (None, "no example of the label")
    assert (tmp_path / "out" / "table.csv").exists()


def test_a_run_that_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    with open_run("toy", tmp_path / "out", {}) as run:
        run.record("m", "c", "x", 1.0)
    before = (tmp_path / "out" / "records.jsonl").read_text()

    def fail() -> None:
        with open_run("toy", tmp_path / "out", {}) as run:
            run.record("m", "c", "x", 2.0)
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail()
    assert (tmp_path / "out" / "records.jsonl").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_new_run_takes_the_place_of_the_old_one_as_a_whole(tmp_path):
    for name in ("old.csv", "new.csv"):
        with open_run("toy", tmp_path / "out", {}) as run:
            (run.folder / name).write_text("x")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "new.csv", "records.jsonl"]


def test_an_undefined_value_needs_a_reason(tmp_path):
    def undefined() -> None:
        with open_run("toy", tmp_path / "out", {}) as run:
            run.record("m", "c", "F1", float("nan"))

    with pytest.raises(ValueError, match="say why"):
        undefined()
    assert not (tmp_path / "out").exists()


def test_hashes_tell_one_changed_byte(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"a")
    before = hash_inputs(file)
    file.write_bytes(b"b")
    assert hash_inputs(file) != before
    assert list(before) == ["a.txt"]
