"""Verify: every kind of change to a run folder, its inputs, the code or the machine is found and named."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from research.errors import DataError
from research.report.language import speaking
from research.runs import Experiment, Headline, Run, find_experiments, run_experiment, verify_run
from research.runs.manifest import read_manifest


@dataclass(frozen=True)
class Config:
    data: str = ""
    share: float = 0.5


SHIFT = {"by": 0.0, "word": "نص", "more": False, "quote": 0.9}


def run(config: Config, run: Run) -> None:
    path = Path(config.data)
    run.used(path)
    run.varies("seconds")
    value = len(path.read_text(encoding="utf-8")) * config.share + SHIFT["by"]
    run.record("m", "data", "length", value, low=value - 1, high=value + 1)
    run.record("m", "data", "other", 0.25, seed=1)
    run.record("m", "data", "none", float("nan"), status="not defined")
    if SHIFT["more"]:
        run.record("m", "data", "more", 1.0)
    run.headline(Headline("a claim", "m", "F1", SHIFT["quote"], 0.1, 0.95, "chance", 0.0))
    (run.folder / "table.csv").write_text(f"word,value\n{SHIFT['word']},{value}\n", encoding="utf-8")
    (run.folder / "report.html").write_text(f"<p>{value}</p>", encoding="utf-8")


@dataclass(frozen=True)
class SteadyConfig(Config):
    """The same without a metric that varies."""


def steady(config: Config, run_: Run) -> None:
    run(config, run_)
    run_.varying.clear()


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name, value in (("by", 0.0), ("word", "نص"), ("more", False), ("quote", 0.9)):
        monkeypatch.setitem(SHIFT, name, value)
    (tmp_path / "data.txt").write_text("x" * 10)
    known = {"toy": Experiment("toy", "A toy.", Config, steady, Path(__file__))}
    run_experiment(known["toy"], tmp_path / "run", config=Config(data=str(tmp_path / "data.txt")))
    return tmp_path, known


def told(found, grade):
    return {(finding.part, finding.field) for finding in found.findings if finding.grade == grade}


def test_a_run_that_is_as_it_was_is_exact(place):
    folder, known = place
    found = verify_run(folder / "run", known)
    assert found.grade == "exact"
    assert found.holds
    assert {finding.grade for finding in found.findings} == {"exact"}
    assert found.counts()["records"] == {"exact": 3}
    assert {finding.part for finding in found.findings} == {
        "inputs",
        "code",
        "environment",
        "records",
        "headlines",
        "tables",
        "files",
    }


def test_small_differences_are_within_the_tolerance_and_larger_ones_are_not(place, monkeypatch):
    folder, known = place
    monkeypatch.setitem(SHIFT, "by", 0.05)  # of 5: one in a hundred
    found = verify_run(folder / "run", known)
    assert found.grade == "equal within tolerance"
    assert found.holds
    assert told(found, "equal within tolerance") == {("records", "m, data, length"), ("tables", "table.csv")}
    assert verify_run(folder / "run", known, tolerance=0.001).grade == "different without a cause that is known"
    monkeypatch.setitem(SHIFT, "by", 0.5)
    found = verify_run(folder / "run", known)
    assert not found.holds
    assert ("records", "m, data, length") in told(found, "different")
    assert "value 5 then, 5.5 now" in next(finding.detail for finding in found.findings if finding.grade == "different")


def test_a_headline_that_comes_out_otherwise_is_a_difference(place, monkeypatch):
    folder, known = place
    monkeypatch.setitem(SHIFT, "quote", 0.5)
    found = verify_run(folder / "run", known)
    assert told(found, "different") == {("headlines", "a claim: F1 of m against chance")}
    assert not found.holds


@pytest.mark.parametrize(
    ("old", "new", "grade"),
    [
        *((old, new, "equal within tolerance") for old, new in (("0.51", "0.52"), ("1e-3", "2e-3"), ("5.0", "5.01"))),
        ("51", "52", "different"), ("2023", "2024", "different"), ("inf", "4.5", "different"), ("1_0", "10", "different"),
        ("", "0.1", "different"), ("0.5", "نص", "different"),
    ],
)  # fmt: skip
def test_in_a_table_only_numbers_with_a_fraction_may_differ_a_little(place, monkeypatch, old, new, grade):
    folder, known = place
    monkeypatch.setitem(SHIFT, "word", old)
    run_experiment(known["toy"], folder / "run", config=Config(data=str(folder / "data.txt")))
    monkeypatch.setitem(SHIFT, "word", new)
    assert told(verify_run(folder / "run", known), grade) == {("tables", "table.csv")}


def test_a_count_is_right_or_wrong(place, monkeypatch):
    folder, known = place
    (folder / "data.txt").write_text("x" * 200)
    run_experiment(known["toy"], folder / "run", config=Config(data=str(folder / "data.txt")))
    monkeypatch.setitem(SHIFT, "by", 1.0)  # 100 and 101: one in a hundred
    assert ("records", "m, data, length") in told(verify_run(folder / "run", known), "different")


def test_a_run_with_missing_measurements_is_unverifiable(place):
    folder, known = place
    edited(folder, lambda manifest: manifest["cells"].update({"missing": 3}))
    found = verify_run(folder / "run", known)
    assert found.grade == "unverifiable"
    assert "3 of its measurements are missing" in found.findings[-1].detail


def test_an_experiment_that_breaks_is_unverifiable_with_its_error(place):
    folder, _ = place

    def breaks(config, run_):
        raise KeyError("boom")

    found = verify_run(folder / "run", {"toy": Experiment("toy", "A toy.", Config, breaks, Path(__file__))})
    assert "KeyError: 'boom'" in found.findings[-1].detail


def test_a_model_that_a_manifest_names_is_not_loaded(place):
    folder, known = place
    edited(folder, lambda manifest: manifest["config"].update({"data": "sentence-transformers:/tmp/evil"}))
    assert "names a model in a folder" in verify_run(folder / "run", known).findings[-1].detail


@pytest.mark.parametrize("name", ["manifest.json", "records.jsonl", "headlines.jsonl"])
def test_pipes_devices_and_links_are_not_read(place, name):
    folder, known = place
    path = folder / "run" / name
    text = path.read_text(encoding="utf-8")
    for make in (lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero")):
        path.unlink()
        make()
        with pytest.raises(DataError):
            verify_run(folder / "run", known)
    path.unlink()
    path.write_text(text, encoding="utf-8")
    assert verify_run(folder / "run", known).grade == "exact"


@pytest.mark.parametrize("name", ["\ud800x", "x" * 5000, "a\x00b"])
def test_names_that_no_file_can_have_are_missing_files(place, name):
    folder, known = place
    edited(folder, lambda manifest: manifest["outputs"].update({name: "0"}))
    assert ("files", name) in told(verify_run(folder / "run", known), "edited after the run")


def test_a_number_beyond_all_numbers_is_refused(place):
    folder, known = place
    path = folder / "run" / "records.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"value": 0.25', f'"value": {10**400}'), encoding="utf-8")
    with pytest.raises(DataError, match="is no value of a record"):
        verify_run(folder / "run", known)


def test_a_changed_word_in_a_table_is_no_tolerable_difference(place, monkeypatch):
    folder, known = place
    monkeypatch.setitem(SHIFT, "word", "خبر")
    found = verify_run(folder / "run", known)
    assert told(found, "different") == {("tables", "table.csv")}
    assert not found.holds


def test_a_record_that_is_new_or_gone_is_a_difference(place, monkeypatch):
    folder, known = place
    monkeypatch.setitem(SHIFT, "more", True)
    found = verify_run(folder / "run", known)
    assert told(found, "different") == {("records", "m, data, more")}
    run_experiment(known["toy"], folder / "run", config=Config(data=str(folder / "data.txt")))
    monkeypatch.setitem(SHIFT, "more", False)
    assert told(verify_run(folder / "run", known), "different") == {("records", "m, data, more")}


def test_a_changed_input_is_named_even_when_the_values_are_the_same(place):
    folder, known = place
    (folder / "data.txt").write_text("y" * 10)
    found = verify_run(folder / "run", known)
    assert found.grade == "input changed"
    assert told(found, "changed") == {("inputs", "data.txt")}
    assert not found.holds


def edited(folder, change):
    manifest = read_manifest(folder / "run")
    change(manifest)
    (folder / "run" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("part", ["code", "environment"])
def test_what_changed_is_the_cause_where_values_differ_and_a_remark_where_they_do_not(place, monkeypatch, part):
    folder, known = place
    edited(folder, lambda manifest: manifest[part].update({"research" if part == "code" else "numpy": "1"}))
    found = verify_run(folder / "run", known)
    assert (found.grade, found.holds) == ("exact", True)
    assert told(found, "changed") == {(part, "research" if part == "code" else "numpy")}
    monkeypatch.setitem(SHIFT, "by", 3.0)
    found = verify_run(folder / "run", known)
    assert (found.grade, found.holds) == (f"{part} changed", False)


@pytest.mark.parametrize("name", ["table.csv", "records.jsonl", "report.html"])
def test_a_file_that_was_edited_or_removed_is_named(place, name):
    folder, known = place
    path = folder / "run" / name
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("5", "6"), encoding="utf-8")
    found = verify_run(folder / "run", known)
    assert found.grade == "edited after the run"
    assert told(found, "edited after the run") == {("files", name)}
    if name != "records.jsonl":
        path.unlink()
        assert told(verify_run(folder / "run", known), "edited after the run") == {("files", name)}


def test_what_varies_by_its_nature_is_not_verified(tmp_path):
    (tmp_path / "data.txt").write_text("x")

    def timed(config, run_):
        run(config, run_)
        run_.record("m", "data", "seconds", SHIFT["by"])

    known = {"toy": Experiment("toy", "A toy.", Config, timed, Path(__file__))}
    run_experiment(known["toy"], tmp_path / "run", config=Config(data=str(tmp_path / "data.txt")))
    found = verify_run(tmp_path / "run", known)
    assert ("records", "m, data, seconds") in told(found, "unverifiable")
    assert found.grade == "exact"


def test_what_cannot_be_run_again_is_unverifiable_with_the_reason(place):
    folder, known = place
    found = verify_run(folder / "run", {})
    assert (found.grade, found.holds) == ("unverifiable", False)
    assert all("'toy' is not known here" in finding.detail for finding in found.findings)

    def needs(config, run_):
        raise DataError("the reference data are not here")

    found = verify_run(folder / "run", {"toy": Experiment("toy", "A toy.", Config, needs, Path(__file__))})
    assert found.grade == "unverifiable"
    edited(folder, lambda manifest: manifest["config"].update({"shar": 1}))
    assert "did you mean 'share'?" in verify_run(folder / "run", known).findings[-1].detail


@pytest.mark.parametrize("name", ["../data.txt", "/etc/passwd", "a/../../data.txt", "..\\data.txt", "link/data.txt"])
def test_a_manifest_that_names_files_outside_of_its_folder_reads_none(place, name, monkeypatch):
    folder, known = place
    (folder / "run" / "link").symlink_to(folder)
    edited(folder, lambda manifest: manifest["outputs"].update({name: "0"}))
    found = verify_run(folder / "run", known)
    assert ("files", name) in told(found, "edited after the run")
    assert all(finding.detail != "the file is not the one that the run wrote" for finding in found.findings)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"experiment": 3}', "[" * 100_000, "{}"])
def test_a_manifest_that_is_none_is_refused_in_one_line(place, text):
    folder, known = place
    (folder / "run" / "manifest.json").write_text(text)
    with pytest.raises(DataError, match="not a manifest"):
        verify_run(folder / "run", known)
    with pytest.raises(DataError, match="cannot be read"):
        verify_run(folder / "nowhere", known)


@pytest.mark.parametrize("line", ["", "{}", "[1]", '{"experiment": 1}', "x"])
def test_records_that_are_none_are_refused_with_their_line(place, line):
    folder, known = place
    with (folder / "run" / "records.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match="line 4: not a record"):
        verify_run(folder / "run", known)


@pytest.mark.slow
def test_a_real_experiment_verifies_on_any_number_of_processes(tmp_path, few_seeds):
    known = find_experiments()
    config = known["themes"].configured(changes={"corpus": str(few_seeds / "articles")}, quick=True)
    run_experiment(known["themes"], tmp_path / "run", config=config, workers=1)
    found = verify_run(tmp_path / "run", known, workers=2)
    assert found.grade == "exact", [finding for finding in found.findings if finding.grade != "exact"]
    shutil.copytree(tmp_path / "run", tmp_path / "again")
    with speaking("ar"):
        run_experiment(known["themes"], tmp_path / "again", config=config, resume=True, workers=1)
    for file in ("records.jsonl", "headlines.jsonl", "topics.csv", "assignments.csv", "documents.csv"):
        assert (tmp_path / "again" / file).read_bytes() == (tmp_path / "run" / file).read_bytes()
