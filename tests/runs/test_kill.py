"""A real experiment, killed at twenty random moments: its folder is the old one or the new one, and --resume completes it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from research.runs.provenance import hash_file

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _few(few_seeds):
    global SEEDS
    SEEDS = few_seeds


SEEDS = Path()


def command(out: Path, *more: str) -> list[str]:
    few = ("--corpus", str(SEEDS / "articles"), "--set", f"labels={json.dumps(str(SEEDS / 'labels.csv'))}")
    quick = ("--quick", "--set", "draws=20", "--set", "folds=2", *few)
    return [sys.executable, "-m", "research.cli", "run", "encoders", *quick, "--out", str(out), *more]


ENVIRONMENT = {**os.environ, "RESEARCH_PROGRESS": "0"}


def contents(folder: Path) -> dict[str, str]:
    """Every file by its hash, but for what tells the time; what the manifest says of the others is right."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {path.name: hash_file(path) for path in folder.iterdir() if path.name != "manifest.json"}
    assert files == manifest["outputs"]
    told = {key: value for key, value in manifest.items() if key not in {"started", "seconds"}}
    return {**files, "manifest.json": json.dumps(told)}


def test_killed_at_twenty_random_moments_and_resumed_a_run_is_the_undisturbed_one(tmp_path):
    def done(*words: str) -> float:
        start = time.monotonic()
        finished = subprocess.run([*words], capture_output=True, text=True, check=False, cwd=ROOT, env=ENVIRONMENT)
        assert finished.returncode == 0, finished.stderr
        return time.monotonic() - start

    done(*command(tmp_path / "warm", "--workers", "1"))
    seconds = done(*command(tmp_path / "undisturbed", "--workers", "1"))
    undisturbed = contents(tmp_path / "undisturbed")
    done(*command(tmp_path / "earlier", "--workers", "1", "--set", "seeds=2"))
    earlier = contents(tmp_path / "earlier")
    assert earlier != undisturbed
    rng = random.Random(0)
    moments = [rng.uniform(0.2, 1.1) * seconds for _ in range(KILLS)]

    def trial(number: int) -> str:
        out = tmp_path / f"trial {number}"
        if number % 2:  # an earlier run stands in the folder
            shutil.copytree(tmp_path / "earlier", out)
        workers = "2" if number % 5 == 0 else "1"
        process = subprocess.Popen(
            command(out, "--workers", workers), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments[number])
        process.send_signal(signal.SIGKILL)
        killed = process.wait() == -signal.SIGKILL
        if out.exists():
            assert contents(out) in ([earlier, undisturbed] if number % 2 else [undisturbed])
        done(*command(out, "--workers", workers, "--resume"))
        assert contents(out) == undisturbed
        assert sorted(path.name for path in out.iterdir()) == sorted(undisturbed)
        return "killed" if killed else "finished before"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(trial, range(KILLS)))
    assert told.count("killed") >= KILLS // 2
    left = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("."))
    assert left == []


def test_a_run_that_is_under_way_excludes_another_one_and_is_not_harmed_by_it(tmp_path):
    first = subprocess.Popen(command(tmp_path / "run"), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    while not (tmp_path / ".run.run" / "lock").exists():
        assert first.poll() is None
        time.sleep(0.05)
    second = subprocess.run(command(tmp_path / "run"), capture_output=True, text=True, check=False, cwd=ROOT, env=ENVIRONMENT)
    assert second.returncode == 2
    assert second.stderr.strip().splitlines() == [
        f"research: {tmp_path / 'run'}: another run is writing into this folder; wait for it, or name another with --out"
    ]
    assert first.wait() == 0
    assert contents(tmp_path / "run")
