"""The place of a run: one run at a time, the old folder or the new one, nothing of the user's lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from research.errors import ConfigError
from research.runs.workplace import workplace

ROOT = Path(__file__).resolve().parents[2]


def finished(out, **files):
    with workplace(out) as place:
        outputs = {}
        for name, text in files.items():
            (place.new / name).write_text(text)
            outputs[name] = "hash"
        (place.new / "manifest.json").write_text(json.dumps({"outputs": outputs}))
        place.finish()


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_two_runs_into_one_folder_exclude_each_other(tmp_path):
    code = "import sys; from research.runs.workplace import workplace\nwith workplace(sys.argv[1]): print('in')"
    with workplace(tmp_path / "run"):
        with pytest.raises(ConfigError, match="another run is writing into this folder"), workplace(tmp_path / "run"):
            pass
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "run")], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert "another run is writing into this folder" in other.stderr
        # A link to the same folder is the same folder; another folder beside it is not.
        (tmp_path / "link").symlink_to(tmp_path / "run")
        with pytest.raises(ConfigError), workplace(tmp_path / "link"):
            pass
        with workplace(tmp_path / "other"):
            pass
    with workplace(tmp_path / "run"):
        pass
    assert names(tmp_path) == ["link"]


def test_a_lock_of_a_process_that_was_killed_is_free(tmp_path):
    code = "import os, sys; from research.runs.workplace import workplace\nwith workplace(sys.argv[1]): os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], check=False, cwd=ROOT)
    assert done.returncode == -9
    finished(tmp_path / "run", a="1")
    assert names(tmp_path) == ["run", "run/a", "run/manifest.json"]


def test_files_that_are_no_runs_stay(tmp_path):
    finished(tmp_path / "run", a="1", b="1")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    (tmp_path / "run" / "deeper").mkdir()
    (tmp_path / "run" / "deeper" / "more.txt").write_text("mine too")
    finished(tmp_path / "run", a="2")
    assert names(tmp_path / "run") == ["a", "deeper", "deeper/more.txt", "manifest.json", "notes.txt"]
    assert (tmp_path / "run" / "a").read_text() == "2"


def test_a_folder_that_is_no_runs_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("ten years")
    with pytest.raises(ConfigError, match="holds files that are no run's"), workplace(tmp_path / "mine"):
        pass
    (tmp_path / "mine" / "manifest.json").write_text("[1, 2]")
    with pytest.raises(ConfigError, match="holds files that are no run's"), workplace(tmp_path / "mine"):
        pass
    assert names(tmp_path) == ["mine", "mine/manifest.json", "mine/thesis.txt"]
    (tmp_path / "empty").mkdir()
    finished(tmp_path / "empty", a="1")
    assert names(tmp_path / "empty") == ["a", "manifest.json"]


def test_what_a_kill_leaves_is_cleared_away(tmp_path):
    finished(tmp_path / "run", a="1")
    # Between the two steps of an exchange, on a system that needs two: the old folder is set aside, nothing is in its place.
    work = tmp_path / ".run.run"
    (work / "new").mkdir(parents=True)
    (work / "new" / "half").write_text("x")
    (tmp_path / "run").rename(work / "old")
    with workplace(tmp_path / "run"):
        assert (tmp_path / "run" / "a").read_text() == "1"
    assert names(tmp_path) == ["run", "run/a", "run/manifest.json"]


def test_a_journal_outlives_a_run_that_fails_and_no_other_file_does(tmp_path):
    def fail():
        with workplace(tmp_path / "run") as place:
            place.journal.write_text("{}\n")
            (place.new / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [name for name in names(tmp_path) if not name.endswith("lock")] == [".run.run", ".run.run/cells.jsonl"]
    with workplace(tmp_path / "run") as place:
        assert place.journal.read_text() == "{}\n"
        place.finish()
    assert names(tmp_path) == ["run"]


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    for out, told in ((tmp_path / "file", "a file stands where"), (tmp_path / "file" / "run", "cannot be written")):
        with pytest.raises(ConfigError, match=told), workplace(out):
            pass
    assert names(tmp_path) == ["file"]
