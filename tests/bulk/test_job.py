"""A job goes on where it was: what is done stays done, what changed is done again, what fails is told in one line."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from research.bulk import Processes, find_parts, get_engine
from research.bulk.job import Job
from research.errors import ConfigError, DataError
from tests.bulk import tasks
from tests.bulk.test_rows import running_scheduler


@pytest.fixture
def place(tmp_path):
    """Six small partitions, and a folder for a job."""
    for n in range(6):
        rows = {"id": [f"{n}-{row}" for row in range(4)], "text": ["نص"] * 4}
        (tmp_path / "in").mkdir(exist_ok=True)
        pd.DataFrame(rows).to_parquet(tmp_path / "in" / f"{n}.parquet")
    return tmp_path


def do(place: Path, engine=None, task=tasks.copying, asked=None, skip=False, depends="", **more):
    shared = {"log": str(place / "log"), **more}
    engine = engine or Processes(1)
    asked = asked or {"command": "x"}
    with engine, Job(place / "out", find_parts(place / "in"), asked, engine, skip_unreadable=skip) as job:
        found = job.run("copy", task, shared, depends=depends, label="copying")
        return found, job.failures


def done(place: Path) -> list[str]:
    """Name the partitions in the order in which they were done, as often as they were."""
    log = place / "log"
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


def outputs(place: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((place / "out" / "ids").iterdir())}


EXPECTED = {f"{n}.parquet": "".join(f"{n}-{row}\n" for row in range(4)) for n in range(6)}


def test_what_is_done_is_not_done_again(place):
    first, _ = do(place)
    again, _ = do(place)
    assert first == again == {name: {"ids": 4} for name in EXPECTED}
    assert len(done(place)) == 6
    assert outputs(place) == EXPECTED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda place: (place / "out/ids/2.parquet").write_text("2-0\n"),
        lambda place: (place / "out/ids/2.parquet").unlink(),
        lambda place: (place / "out/_work/copy/2.parquet.json").write_text("{"),
        lambda place: (place / "out/_work/copy/2.parquet.json").write_text("[" * 100_000),
        lambda place: (place / "out/_work/copy/2.parquet.json").write_text('{"key": 1, "part": {}}'),
        lambda place: pd.DataFrame({"id": [f"2-{n}" for n in range(4)], "text": ["آخر"] * 4}).to_parquet(
            place / "in/2.parquet"
        ),
    ],
    ids=["cut output", "lost output", "broken mark", "deep mark", "foreign mark", "edited partition"],
)
def test_only_what_is_not_as_it_was_is_done_again(place, spoil):
    do(place)
    spoil(place)
    do(place)
    assert done(place)[6:] == ["2.parquet"]
    assert outputs(place) == EXPECTED


def test_the_clock_does_not_matter(place):
    do(place)
    for path in (place / "in").iterdir():
        os.utime(path, (4e9, 4e9))
    for path in (place / "out").rglob("*"):
        os.utime(path, (0, 0))
    do(place)
    assert len(done(place)) == 6


def test_a_stage_that_depends_on_something_else_is_done_again(place):
    do(place)
    do(place, depends="other topics")
    assert len(done(place)) == 12


def test_the_folder_of_another_job_is_refused(place):
    do(place)
    with pytest.raises(ConfigError, match=r"another job.*other: command"):
        do(place, asked={"command": "y"})
    (place / "out/_work/job.json").write_text("{")
    with pytest.raises(DataError, match=r"job\.json is damaged"):
        do(place)
    assert outputs(place) == EXPECTED


def test_two_jobs_in_one_folder(place):
    job = Job(place / "out", find_parts(place / "in"), {"command": "x"}, Processes(1))
    with job, pytest.raises(ConfigError, match="another command is writing there"):
        do(place)
    do(place)


@pytest.mark.parametrize("task", [tasks.full, tasks.refusing])
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_partition_that_fails(place, task, workers):
    with pytest.raises(
        DataError, match=r"a partition fails: .*3\.parquet.*(No space left|not fit).*what is done is kept"
    ) as told:
        do(place, Processes(workers), task, victim="3.parquet")
    assert "\n" not in str(told.value)
    assert sorted(done(place)) == [name for name in EXPECTED if name != "3.parquet"]
    found, failures = do(place, Processes(workers), task, victim="3.parquet", skip=True)
    assert list(found) == [name for name in EXPECTED if name != "3.parquet"]
    assert list(failures) == ["3.parquet"]
    do(place)
    assert outputs(place) == EXPECTED
    assert len(done(place)) == 6


def test_nothing_is_left_out_when_all_of_it_fails(place):
    for path in (place / "in").iterdir():
        path.write_bytes(b"no parquet")
    with pytest.raises(DataError, match="5 more of 6 partitions"):
        do(place, skip=True)


def test_corrupt_bytes_anywhere_in_a_partition_are_told_or_read(place):
    """A partition with a flipped byte is refused in one line, or read as what it now says: never an error of a library."""
    whole = (place / "in/3.parquet").read_bytes()
    draws = random.Random(0)
    told = []
    for _ in range(60):
        spoiled = bytearray(whole)
        spoiled[draws.randrange(len(whole))] ^= 1 << draws.randrange(8)
        (place / "in/3.parquet").write_bytes(spoiled)
        try:
            do(place)
        except DataError as error:
            told.append(str(error))
    assert len(told) > 5
    assert [line for line in told if "3.parquet" not in line or "\n" in line] == []


def test_a_folder_that_cannot_be_written_to(place):
    (place / "file").write_text("")
    for out in (place / "file" / "inside", Path("/proc/nowhere")):
        job = Job(out, find_parts(place / "in"), {}, Processes(1))
        with pytest.raises(ConfigError, match=r"cannot be written|a file stands"), job:
            pass


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stream", "dask"])
def test_a_worker_that_is_killed_once(place, kind):
    do(place, get_engine(kind, workers=2), tasks.dying, victim="4.parquet")
    assert outputs(place) == EXPECTED
    assert (place / "died-4.parquet").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stream", "dask"])
def test_a_partition_that_kills_every_worker(place, kind):
    with pytest.raises(ConfigError, match=r"3 times, with \d partitions left"):
        do(place, get_engine(kind, workers=2), tasks.always_dying, victim="4.parquet")
    do(place)
    assert outputs(place) == EXPECTED


def test_workers_serve_all_stages_and_a_stage_has_its_own_part_of_what_is_shared(place):
    engine = Processes(2)
    with engine, Job(place / "out", find_parts(place / "in"), {"command": "x"}, engine) as job:
        for stage in ("one", "two"):
            job.run(stage, tasks.copying, {"log": str(place / stage), "seconds": 0.05}, label=stage)
    pids = {stage: {line.split()[1] for line in (place / stage).read_text().splitlines()} for stage in ("one", "two")}
    assert pids["one"] | pids["two"] == pids["one"]
    assert len(pids["one"]) <= 2
    assert str(os.getpid()) not in pids["one"]
    with pytest.raises(RuntimeError, match="by a with statement"):
        list(engine.run(tasks.copying, [1, 2], None))


OWN = """
import sys
import pandas as pd
from research.bulk import Processes, discover
class Own:
    name, version, dimension, parallel = "own", "1", 2, False
    def encode(self, texts):
        import numpy as np
        return np.array([[len(text), text.count(" ")] for text in texts], np.float32)
    def fingerprint(self):
        return "own"
if __name__ == "__main__":
    words = "السفن والموانئ الكرة والملاعب المدارس والطلاب الحقول والقمح".split()
    for part in range(2):
        texts = [" ".join(words[at % 4 : at % 4 + 1 + at % 3]) for at in range(12)]
        pd.DataFrame({"id": [f"{part}-{at}" for at in range(12)], "text": texts}).to_parquet(f"{sys.argv[1]}/{part}.parquet")
    print(discover(f"{sys.argv[1]}/*.parquet", sys.argv[2], Processes(2), encoder=Own(), sample=20).articles)
"""


@pytest.mark.slow
def test_an_encoder_of_a_script_reaches_the_workers(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "parts").mkdir()
    words = [sys.executable, str(tmp_path / "own.py"), str(tmp_path / "parts"), str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["24"], done.stderr


SCRIPT = """
import sys
from pathlib import Path
from research.bulk import get_engine
from tests.bulk.test_job import do
if __name__ == "__main__":
    place, kind, seconds, scheduler = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4:]
    engine = get_engine(kind, scheduler=scheduler[0]) if scheduler else get_engine(kind, workers=1)
    do(place, engine, seconds=seconds)
"""


def begin(place: Path, *words: str) -> subprocess.Popen:
    script = place / "script.py"
    script.write_text(SCRIPT)
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with (place / "stderr").open("w") as errors:
        return subprocess.Popen([sys.executable, str(script), str(place), *words], env=environment, stderr=errors)


def slowly(place: Path) -> None:
    do(place, seconds=0.04)


@pytest.mark.slow
def test_twenty_kills_at_random(place):
    """Whenever it is killed, nothing half is there, and the next call completes it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.bulk.test_job"])

    def begin_process() -> multiprocessing.Process:
        process = context.Process(target=slowly, args=(place,))
        process.start()
        return process

    times = []
    for _ in range(2):
        shutil.rmtree(place / "out", ignore_errors=True)
        start = time.monotonic()
        process = begin_process()
        process.join()
        times.append(time.monotonic() - start)
    assert outputs(place) == EXPECTED
    draws = random.Random(1)
    left = []
    for number in range(20):
        shutil.rmtree(place / "out")
        process = begin_process()
        time.sleep(draws.random() * times[1])
        with suppress(ProcessLookupError):  # it was done already
            os.kill(process.pid, signal.SIGKILL if number % 2 else signal.SIGTERM)
        process.join()
        process.close()
        whole = {
            name: text for name, text in (outputs(place) if (place / "out/ids").exists() else {}).items() if name in EXPECTED
        }
        assert whole.items() <= EXPECTED.items()
        left.append(6 - len(whole))
        do(place)
        assert outputs(place) == EXPECTED
        assert not list((place / "out").rglob("*.new"))
    assert len({*left}) > 3  # at many different moments


@pytest.mark.slow
def test_a_scheduler_that_is_lost_and_comes_back(place):
    with running_scheduler(1) as (where, first):
        process = begin(place, "dask", "0.2", where)
        while not done(place):
            time.sleep(0.05)
        port = where.rsplit(":", 1)[1]
        for one in reversed(first):
            one.kill()
            one.wait()
        with running_scheduler(1, port=port):
            assert process.wait(timeout=120) == 0, (place / "stderr").read_text()
    assert outputs(place) == EXPECTED
    assert len(done(place)) < 12


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer(monkeypatch):
    monkeypatch.setattr("research.bulk.dask_engine._SECONDS", 1)
    with pytest.raises(ConfigError, match="does not answer"), get_engine("dask", scheduler="tcp://127.0.0.1:9"):
        pass


def test_engines_that_cannot_be():
    for kind, options, told in (
        ("spark", {}, "no engine 'spark'"),
        ("stream", {"scheduler": "tcp://127.0.0.1:9"}, "for dask"),
        ("stream", {"workers": 0}, "0 workers"),
        ("dask", {"workers": 0}, "0 workers"),
        ("dask", {"workers": 1, "scheduler": "tcp://127.0.0.1:9"}, "its own workers"),
    ):
        with pytest.raises(ConfigError, match=told):
            get_engine(kind, **options)
