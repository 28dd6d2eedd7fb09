"""Run folders: complete or not there, with what is needed to run again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from research.errors import ConfigError, DataError
from research.evaluate import Undefined
from research.features import get_encoder
from research.runs import Cell, Headline, Outcome, hash_inputs, open_run, read_headlines, read_records
from tests.runs.toy import measure, measure_and_count, measure_or_fail

ROOT = Path(__file__).resolve().parents[2]


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
    assert manifest["environment"]["numpy"][0].isdigit()
    assert manifest["outputs"]["table.csv"] == hashlib.sha256(b"a\n1\n").hexdigest()
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


def files(folder, *, without=("manifest.json",)):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in without}


def swept(out, function, cells, **options):
    with open_run("toy", out, {}, **options) as run:
        run.sweep(function, cells)
    return run


def test_the_same_run_twice_and_over_more_processes_gives_the_same_files(tmp_path):
    cells = [Cell("svd", "random", seed=seed) for seed in range(6)]
    swept(tmp_path / "one", measure, cells, workers=1)
    swept(tmp_path / "two", measure, cells, workers=2)
    swept(tmp_path / "again", measure, cells, workers=2)
    assert files(tmp_path / "one") == files(tmp_path / "two") == files(tmp_path / "again")
    records = read_records(tmp_path / "one" / "records.jsonl")
    assert [record.seed for record in records] == sorted(2 * list(range(6)))
    undefined = next(record for record in records if record.seed == 3 and record.metric == "smallest")
    assert undefined.status == "seed 3 has none"
    assert undefined.value != undefined.value


def test_a_resumed_run_measures_only_what_is_missing(tmp_path):
    marks = tmp_path / "marks"
    cells = [Cell("a", "b", seed=seed, settings={"mark": str(marks)}) for seed in range(6)]

    def stopped() -> None:
        with open_run("toy", tmp_path / "out", {}, workers=1) as run:
            run.sweep(measure_and_count, cells[:4])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not (tmp_path / "out").exists()
    swept(tmp_path / "out", measure_and_count, cells, resume=True, workers=1)
    assert marks.read_text().split() == list("012345")
    # A finished run can be enlarged, and its cells are not measured again.
    more = [*cells, Cell("a", "b", seed=6, settings={"mark": str(marks)})]
    swept(tmp_path / "out", measure_and_count, more, resume=True, workers=1)
    assert marks.read_text().split() == list("0123456")
    swept(tmp_path / "fresh", measure_and_count, more, workers=1)
    assert files(tmp_path / "out") == files(tmp_path / "fresh")
    swept(tmp_path / "out", measure_and_count, more, workers=1)  # not asked to resume: all anew
    assert len(marks.read_text().split()) == 21


@pytest.mark.parametrize("workers", [1, 2])
def test_failures_stay_visible_and_are_tried_again(tmp_path, workers):
    cells = [
        Cell("a", "b", seed=seed, settings={"act": "once", "mark": str(tmp_path / "mark")} if seed == 1 else {})
        for seed in range(3)
    ]
    run = swept(tmp_path / "out", measure_or_fail, cells, workers=workers)
    assert [outcome.cell.seed for outcome in run.missing] == [1]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["cells"] == {"measured": 2, "missing": 1}
    failed = next(record for record in read_records(tmp_path / "out" / "records.jsonl") if record.seed == 1)
    assert (failed.metric, failed.status) == ("all", "failed: OSError: the disk was not there")
    run = swept(tmp_path / "out", measure_or_fail, cells, workers=workers, resume=True)
    assert run.missing == []
    swept(tmp_path / "fresh", measure_or_fail, cells, workers=workers)
    assert files(tmp_path / "out") == files(tmp_path / "fresh")


def test_what_a_budget_left_over_is_measured_when_the_run_goes_on(tmp_path):
    cells = [Cell("a", "b", seed=seed) for seed in range(3)]
    run = swept(tmp_path / "out", measure_or_fail, cells, workers=1, budget=0.0)
    assert [outcome.status for outcome in run.missing] == 3 * ["not run: the time budget was used up"]
    assert swept(tmp_path / "out", measure_or_fail, cells, workers=1, resume=True).missing == []


def test_cells_are_not_reused_when_inputs_or_code_have_changed(tmp_path):
    data, code = tmp_path / "data.txt", tmp_path / "code.py"
    data.write_text("one")
    code.write_text("pass")

    def go(**options):
        with open_run("toy", tmp_path / "out", {}, code=[code], workers=1, **options) as run:
            run.used(data)
            run.sweep(measure, [Cell("svd", "random", seed=1)])

    go()
    go(resume=True)
    before = files(tmp_path / "out", without=())
    for file, told in ((data, "inputs changed .data.txt."), (code, "code changed .code.py.")):
        old = file.read_text()
        file.write_text("# two")
        with pytest.raises(ConfigError, match=f"{told} since it was interrupted; begin anew with --fresh"):
            go(resume=True)
        assert files(tmp_path / "out", without=()) == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["code.py", "data.txt", "out"]
        file.write_text(old)
    go(resume=True)


def test_inputs_are_named_before_the_cells_that_depend_on_them(tmp_path):
    with open_run("toy", tmp_path / "out", {}, workers=1) as run:
        run.sweep(measure, [Cell("svd", "random", seed=1)])
        with pytest.raises(RuntimeError, match="before the first sweep"):
            run.used(tmp_path)
        with pytest.raises(ValueError, match="are alike"):
            run.sweep(measure, 2 * [Cell("svd", "random", seed=2)])


def test_headlines_and_their_verdicts_come_back(tmp_path):
    nothing = Undefined("no control")
    with open_run("toy", tmp_path / "out", {}) as run:
        run.headline(Headline("better", "m", "F1", 0.5, 0.4, 0.6, "shuffled", 0.1, 0.0, 0.3))
        run.headline(Headline("no better", "m", "F1", 0.5, 0.2, 0.6, "shuffled", 0.1, 0.0, 0.3))
        run.headline(Headline("faster", "m", "seconds", 1.0, 0.9, 1.1, "other", 2.0, 1.9, 2.1, higher_is_better=False))
        run.headline(Headline("alone", "m", "F1", 0.5, 0.4, 0.6, "none", nothing))
    found = read_headlines(tmp_path / "out" / "headlines.jsonl")
    assert [line.verdict for line in found] == [
        "beats its control",
        "does not beat its control",
        "beats its control",
        "cannot be held against its control: undefined",
    ]
    assert "0.50 [0.40, 0.60]" in found[0].sentence()
    assert "does not beat its control (shuffled: 0.10 [0.00, 0.30])" in found[1].sentence()


def test_a_value_is_recorded_once_and_finite(tmp_path):
    with open_run("toy", tmp_path / "out", {}) as run:
        run.record("m", "c", "F1", 0.5, seed=1)
        with pytest.raises(ValueError, match="recorded twice"):
            run.record("m", "c", "F1", 0.6, seed=1)
        with pytest.raises(ValueError, match="infinite"):
            run.record("m", "c", "F2", float("inf"))


def test_names_of_any_kind_come_back(tmp_path):
    odd = ["a\u2028b", "a\x85b", "\udc80broken", "اسم", 'q"uo\\te']
    with open_run("toy", tmp_path / "out", {"name": odd[2]}, workers=1) as run:
        run.sweep(measure, [Cell(name, "c", seed=1) for name in odd])
    assert [record.model for record in read_records(tmp_path / "out" / "records.jsonl")][::2] == odd
    with open_run("toy", tmp_path / "out", {}, workers=1, resume=True) as run:
        run.sweep(measure_or_fail, [Cell(name, "c", seed=1) for name in odd])  # all are known: nothing is measured
    assert [record.metric for record in run.records][:2] == ["largest", "smallest"]


def test_inputs_that_cannot_be_told_apart_or_read_are_refused(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "labels.csv").write_text(place)
    with open_run("toy", tmp_path / "out", {}) as run:
        run.used(tmp_path / "a" / "labels.csv", tmp_path / "a" / "labels.csv")
        with pytest.raises(ConfigError, match="two inputs are called"):
            run.used(tmp_path / "b" / "labels.csv")
        with pytest.raises(DataError, match="cannot be read"):
            run.used(tmp_path / "nowhere")
        with pytest.raises(DataError, match="neither a plain file nor a folder"):
            run.used(Path("/dev/zero"))


def test_a_folder_with_a_link_to_elsewhere_keeps_its_own_names(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere.txt").write_text("x")
    (tmp_path / "data" / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert list(hash_inputs(tmp_path / "data")) == ["data/link.txt"]


def test_an_interrupted_run_is_not_forgotten_by_accident(tmp_path):
    cells = [Cell("svd", "random", seed=seed) for seed in range(2)]

    def stopped() -> None:
        with open_run("toy", tmp_path / "out", {}, workers=1) as run:
            run.sweep(measure, cells)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    with pytest.raises(ConfigError, match="an interrupted run is here; --resume goes on where it stopped, --fresh begins anew"):
        swept(tmp_path / "out", measure, cells, workers=1)
    swept(tmp_path / "out", measure, cells, workers=1, fresh=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_report_that_cannot_do_without_its_missing_cells_says_so_and_keeps_the_rest(tmp_path):
    marks = tmp_path / "marks"
    cells = [Cell("a", "b", seed=0, settings={"mark": str(marks)})]
    lost = [Cell("a", "b", seed=1, settings={"act": "raise"})]

    def go(**options) -> None:
        with open_run("toy", tmp_path / "out", {}, workers=1, **options) as run:
            run.sweep(measure_and_count, cells)
            run.sweep(measure_or_fail, lost)
            raise KeyError("the cell")

    for options in ({}, {"resume": True}):
        with pytest.raises(DataError, match=r"without the 1 measurements that are missing \(a: failed: ValueError"):
            go(**options)
    assert marks.read_text().split() == ["0"]
    assert not (tmp_path / "out").exists()


def test_code_that_changes_under_a_run_is_noticed_before_workers_load_it(tmp_path):
    code = tmp_path / "code.py"
    code.write_text("1")
    with open_run("toy", tmp_path / "out", {}, code=[code], workers=1) as run:
        run.sweep(measure, [Cell("svd", "random", seed=1)])
        code.write_text("2")
        with pytest.raises(ConfigError, match="the code has changed since the run began"):
            run.sweep(measure, [Cell("svd", "random", seed=2)])
        code.write_text("1")


def test_edited_cells_of_a_finished_run_are_not_reused(tmp_path):
    cells = [Cell("a", "b", seed=seed) for seed in range(3)]
    swept(tmp_path / "out", measure_or_fail, cells, workers=1)
    before = files(tmp_path / "out")
    forged = Outcome(cells[1], metrics={"x": 99.0}).line()
    path = tmp_path / "out" / "cells.jsonl"
    path.write_text(path.read_text().replace(Outcome(cells[1], metrics={"x": 1.0}).line(), forged))
    assert path.read_bytes() != before["cells.jsonl"]
    swept(tmp_path / "out", measure_or_fail, cells, workers=1, resume=True)
    assert files(tmp_path / "out") == before


FULL_DISK = """
import resource, sys
from pathlib import Path
from research.runs import open_run
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
with open_run("toy", sys.argv[1], {}) as run:
    run.record("m", "c", "x", 1.0)
    (run.folder / "table.csv").write_text("x" * int(sys.argv[2]))
"""


def test_a_disk_that_is_full_leaves_the_old_run_and_one_line(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "out")]
    assert subprocess.run([*command, "100"], check=False, cwd=ROOT).returncode == 0
    before = files(tmp_path / "out", without=())
    done = subprocess.run([*command, "30000"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert "ConfigError" in done.stderr
    assert "cannot be written (File too large)" in done.stderr
    assert files(tmp_path / "out", without=()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
