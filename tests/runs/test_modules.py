"""Experiments that keep parts beside them: loaded with them, in every process, and covered by what a run records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from research.errors import ConfigError
from research.runs import open_run, run_experiment
from research.runs.experiment import Experiment
from research.runs.modules import load_module, parts_of
from research.runs.provenance import hash_code

SCRIPT = '''"""A toy."""
from dataclasses import dataclass
from toy_of_{name}_parts import measured
from research.runs import Cell

@dataclass(frozen=True)
class Config:
    seeds: int = 4

def run(config, run):
    run.sweep(measured, [Cell("toy", "none", seed=seed) for seed in range(config.seeds)])
'''
PARTS = '''"""What the toy is made of."""
from .numbers import double
from research.runs import Measured

def measured(cell):
    return Measured({"double": double(cell.seed)})
'''


@pytest.fixture
def toy(tmp_path, request) -> Path:
    """An experiment with parts; modules are loaded once in a process, so each test has names of its own."""
    name = request.node.name.replace("[", "_").replace("]", "")
    folder = tmp_path / "experiments"
    parts = folder / f"toy_of_{name}_parts"
    parts.mkdir(parents=True)
    path = folder / f"toy_of_{name}.py"
    path.write_text(SCRIPT.format(name=name))
    path.with_suffix(".toml").write_text("seeds = 4\n")
    (parts / "__init__.py").write_text(PARTS)
    (parts / "numbers.py").write_text("def double(number):\n    return 2.0 * number\n")
    return path


def experiment(path: Path) -> Experiment:
    module = load_module(f"research_experiments.{path.stem}", path)
    return Experiment(path.stem, "A toy.", module.Config, module.run, path)


def test_the_parts_of_an_experiment_are_those_that_it_imports(toy):
    own = toy.with_name(f"{toy.stem}_parts")
    assert parts_of(toy) == [own]
    (own / "__init__.py").unlink()
    assert parts_of(toy) == []  # a folder of data is no part of the code
    assert parts_of(toy.with_name("other.py")) == []


def test_the_parts_of_another_experiment_come_with_those_that_import_them(toy, tmp_path):
    own, other = (toy.with_name(name) for name in (f"{toy.stem}_parts", f"{toy.stem}_other_parts"))
    other.mkdir()
    (other / "__init__.py").write_text(f"THREE = 3.0\n\ndef late():\n    import {own.name}\n    return {own.name}\n")
    (own / "numbers.py").write_text(f"from {other.name} import THREE\n\ndef double(number):\n    return THREE * number\n")
    assert parts_of(toy) == [other, own]
    run = run_experiment(experiment(toy), tmp_path / "out", workers=2)
    assert [record.value for record in run.records] == [0.0, 3.0, 6.0, 9.0]
    code = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["code"]
    assert parts_of(own / "__init__.py") == [other]  # a part that is loaded by itself brings them too
    assert list(code)[2:] == [f"{other.name}/__init__.py", f"{own.name}/__init__.py", f"{own.name}/numbers.py"]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_measured_in_the_parts_is_found_in_worker_processes(toy, tmp_path, workers):
    run = run_experiment(experiment(toy), tmp_path / "out", workers=workers)
    assert [record.value for record in run.records] == [0.0, 2.0, 4.0, 6.0]
    code = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["code"]
    parts = f"{toy.stem}_parts"
    assert list(code) == ["research", toy.name, f"{parts}/__init__.py", f"{parts}/numbers.py"]


def test_a_changed_and_a_new_part_change_what_is_recorded(toy):
    parts = toy.with_name(f"{toy.stem}_parts")
    before = hash_code([toy, parts])
    (parts / "numbers.py").write_text("def double(number):\n    return 3.0 * number\n")
    (parts / "more.py").write_text("")
    (parts / "__pycache__").mkdir(exist_ok=True)
    (parts / "__pycache__" / "numbers.pyc").write_text("no code")
    after = hash_code([toy, parts])
    assert {name for name in after if after[name] != before.get(name)} == {f"{parts.name}/numbers.py", f"{parts.name}/more.py"}
    assert before["research"] == after["research"]


def test_a_module_of_the_same_name_from_elsewhere_is_refused(toy, monkeypatch):
    parts = f"{toy.stem}_parts"
    monkeypatch.setitem(sys.modules, parts, ModuleType(parts))
    with pytest.raises(ConfigError, match=f"{parts}' is loaded already"):
        experiment(toy)


def test_a_run_goes_on_only_with_the_same_parts(toy, tmp_path):
    parts = toy.with_name(f"{toy.stem}_parts")
    with open_run("toy", tmp_path / "out", {}, code=[toy, parts]) as run:
        run.record("m", "c", "x", 1.0)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["code"] == hash_code([toy, parts])


def test_the_script_finds_its_parts_from_any_folder(toy, tmp_path):
    command = [sys.executable, "-c", f"import runpy; print(runpy.run_path({str(toy)!r})['Config']())"]
    failed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "No module named" in failed.stderr  # run_path of a file does not look beside it, a script does:
    toy.write_text(toy.read_text() + "\nprint(measured.__module__)\n")
    found = subprocess.run([sys.executable, str(toy)], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == f"{toy.stem}_parts"
