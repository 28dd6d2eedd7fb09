"""The place of a run: one run at a time, the old folder or the new one, nothing of the user's lost."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from research.errors import ConfigError
from research.runs.workplace import workplace

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = {"experiment": "toy", "varying": []} | {
    part: {} for part in ("config", "inputs", "code", "encoder", "environment", "cells")
}


def finished(out, **files):
    with workplace(out) as place:
        outputs = {}
        for name, text in files.items():
            (place.new / name).write_text(text)
            outputs[name] = "hash"
        (place.new / "manifest.json").write_text(json.dumps({**MANIFEST, "outputs": outputs}))
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
    # Many programs keep something that is called a manifest.
    for text in ("[1, 2]", '{"name": "my extension"}', '{"experiment": "mine", "outputs": {}}', "["):
        (tmp_path / "mine" / "manifest.json").write_text(text)
        with pytest.raises(ConfigError, match="holds files that are no run's"), workplace(tmp_path / "mine"):
            pass
    assert names(tmp_path) == ["mine", "mine/manifest.json", "mine/thesis.txt"]
    (tmp_path / "empty").mkdir()
    finished(tmp_path / "empty", a="1")
    assert names(tmp_path / "empty") == ["a", "manifest.json"]


def test_whatever_else_is_in_a_run_folder_stays_with_its_kind_and_mode(tmp_path):
    finished(tmp_path / "run", a="1")
    run = tmp_path / "run"
    (run / "empty" / "deep").mkdir(parents=True)
    os.mkfifo(run / "pipe")
    (run / "dangling").symlink_to("nowhere")
    (run / "private").mkdir(mode=0o700)
    (run / "private" / "x").write_text("secret")
    (run / "locked").mkdir()
    (run / "locked" / "y").write_text("z")
    (run / "locked").chmod(0o555)
    run.chmod(0o700)
    finished(run, a="2", b="2")
    assert names(run) == [
        "a",
        "b",
        "dangling",
        "empty",
        "empty/deep",
        "locked",
        "locked/y",
        "manifest.json",
        "pipe",
        "private",
        "private/x",
    ]
    assert stat.S_ISFIFO((run / "pipe").lstat().st_mode)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (run, run / "private", run / "locked")] == [0o700, 0o700, 0o555]
    (run / "locked").chmod(0o755)


def test_a_file_of_the_user_where_a_new_one_belongs_is_kept_beside_it(tmp_path):
    finished(tmp_path / "run", a="1")
    (tmp_path / "run" / "b").mkdir()
    (tmp_path / "run" / "b" / "mine").write_text("x")
    (tmp_path / "run" / "c").write_text("mine")
    finished(tmp_path / "run", b="new", c="new")
    assert names(tmp_path / "run") == ["b", "b.kept", "b.kept/mine", "c", "c.kept", "manifest.json"]
    assert (tmp_path / "run" / "c.kept").read_text() == "mine"


def test_files_that_come_while_a_run_is_under_way_stay(tmp_path):
    with workplace(tmp_path / "run") as place:
        (place.new / "a").write_text("1")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "notes").write_text("mine")
        place.finish()
    assert names(tmp_path / "run") == ["a", "notes"]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_kill_around_the_exchange_loses_nothing_of_the_users(tmp_path, swapped):
    finished(tmp_path / "run", a="1")
    (tmp_path / "run" / "notes").write_text("mine")
    finished(tmp_path / "next", a="2")
    work = tmp_path / ".run.run"
    work.mkdir()
    (tmp_path / "next").rename(work / "ready")
    if swapped:
        (tmp_path / "run").rename(tmp_path / "x")
        (work / "ready").rename(tmp_path / "run")
        (tmp_path / "x").rename(work / "ready")
    with workplace(tmp_path / "run"):
        pass
    assert names(tmp_path) == ["run", "run/a", "run/manifest.json", "run/notes"]
    assert (tmp_path / "run" / "a").read_text() == ("2" if swapped else "1")


def test_where_folders_cannot_be_exchanged_in_one_step_an_interrupt_loses_neither(tmp_path, monkeypatch):
    monkeypatch.setattr("research.files._exchange", lambda one, other: False)
    finished(tmp_path / "run", a="1")
    finished(tmp_path / "run", a="2")
    assert (tmp_path / "run" / "a").read_text() == "2"
    real = os.replace

    def interrupted(source, target):
        if Path(source).name == "ready":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        finished(tmp_path / "run", a="3")
    assert names(tmp_path) == ["run", "run/a", "run/manifest.json"]
    assert (tmp_path / "run" / "a").read_text() == "2"


def test_a_working_folder_that_no_run_made_is_refused_and_left_alone(tmp_path):
    (tmp_path / "victim" / "new").mkdir(parents=True)
    (tmp_path / "victim" / "new" / "precious").write_text("x")
    before = names(tmp_path / "victim")
    (tmp_path / ".run.run").symlink_to("victim")
    with pytest.raises(ConfigError, match=r"\.run\.run beside it is not a folder"), workplace(tmp_path / "run"):
        pass
    (tmp_path / ".run.run").unlink()
    (tmp_path / ".run.run").mkdir()
    (tmp_path / ".run.run" / "new").symlink_to(tmp_path / "victim")
    with pytest.raises(ConfigError, match="holds 'new', which no run wrote"), workplace(tmp_path / "run"):
        pass
    (tmp_path / ".run.run" / "new").unlink()
    (tmp_path / ".run.run" / "thesis").write_text("x")
    with pytest.raises(ConfigError, match="'thesis', which no run wrote"), workplace(tmp_path / "run"):
        pass
    assert names(tmp_path / "victim") == before


def test_odd_places_are_refused_before_anything_is_measured(tmp_path, monkeypatch):
    finished(tmp_path / "run", a="1")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    for out, told in (
        (tmp_path / "run" / "inner", "lies in another run's folder"),
        (tmp_path / "loop", "."),
        (".", "the working folder itself"),
        ("/proc", "a mounted disk"),
        (tmp_path / ("x" * 300), "cannot be written"),
    ):
        with pytest.raises(ConfigError, match=told), workplace(out):
            pass
    assert names(tmp_path) == ["loop", "run", "run/a", "run/manifest.json"]


def test_processes_that_come_and_go_never_meet(tmp_path):
    code = """
import sys, time
from pathlib import Path
from research.errors import ConfigError
from research.runs.workplace import workplace
place, end, told = Path(sys.argv[1]), time.monotonic() + 2, set()
while time.monotonic() < end:
    try:
        with workplace(place / "run"):
            (place / "inside").mkdir()  # fails where another one is inside
            (place / "inside").rmdir()
    except ConfigError as error:
        told.add(error.what)
print(told <= {"another run is writing into this folder"}, told)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate()[0].strip() for process in processes]
    assert [line.startswith("True") for line in told] == [True, True, True], told
    assert names(tmp_path) == []


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
