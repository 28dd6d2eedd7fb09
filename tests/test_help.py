"""The help of the command: the way of work, and examples that do what they say, each run as it stands there."""

from __future__ import annotations

import contextlib
import inspect
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click import Context
from click.testing import CliRunner, Result

import research.runs
from research.cli import main
from research.cli.output import examples
from research.report.tables import write_csv
from research.runs import Experiment
from tests.commands import ROOT, research_here

NAMES = main.list_commands(Context(main))
EXAMPLES = [example for name in NAMES for example in examples(main.commands[name])]

# What an example needs is written by another one.
NEEDS = {"assign": "discover", "verify": "run", "diff": "run"}
SLOW = {"discover", "assign", "tag", "classify", "run", "verify", "diff"}


def command_of(example: str) -> str:
    return shlex.split(example)[1]


def written_by(name: str) -> str:
    """What the help of a command says of the files that it writes."""
    return " ".join(inspect.cleandoc(main.commands[name].help or "").partition("Writes ")[2].split()).partition(". ")[0]


def files_named(name: str) -> set[str]:
    return set(re.findall(r"[\w/-]+\.(?:csv|jsonl?|html|topics|md|bib)\b", written_by(name)))


def folder_named(name: str) -> str | None:
    """The folder that a command's example writes into; None where it writes nothing."""
    into = re.match(r"into ([\w/-]+)", written_by(name))
    return into and into[1]


@dataclass
class Place:
    """A folder like the project's, and what examples have given in it."""

    folder: Path
    results: dict[str, Result]

    def run(self, example: str) -> Result:
        needed = NEEDS.get(command_of(example))
        for other in [other for other in EXAMPLES if command_of(other) == needed]:
            self.run(other)
        if example not in self.results:
            with contextlib.chdir(self.folder):
                words = shlex.split(example)
                self.results[example] = CliRunner(env={"RESEARCH_PROGRESS": "0"}).invoke(main, words[1:], prog_name=words[0])
        return self.results[example]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    """A folder in which five of the bundled articles stand for all of them: those would take minutes."""
    folder, articles = tmp_path_factory.mktemp("project"), ROOT / "seeds" / "articles"
    names = {path.name for path in sorted(articles.glob("*.txt"))[::45]}
    (folder / "seeds" / "articles").mkdir(parents=True)
    for name in names:
        shutil.copy(articles / name, folder / "seeds" / "articles")
    for table, key in (("articles/metadata.csv", "id"), ("labels.csv", "article")):
        whole = pd.read_csv(ROOT / "seeds" / table, dtype=str, keep_default_na=False)
        write_csv(whole[whole[key].isin(names)], folder / "seeds" / table)
    for name in ("themes.toml", "labelled.csv"):
        shutil.copy(ROOT / "seeds" / name, folder / "seeds")
    (folder / "reports").symlink_to(ROOT / "reports")
    return Place(folder, {})


# -- what the help says -------------------------------------------------------------------------------------------------


def test_commands_stand_in_the_order_of_work_each_with_an_example():
    told = research_here("--help").stdout
    places = [told.index(f"\n  {name} ") for name in NAMES]
    assert places == sorted(places)
    assert set(NAMES) == set(main.commands)
    for name in NAMES:
        assert f"  {examples(main.commands[name])[0]}\n" in told
    assert NAMES.index("clean") < NAMES.index("discover") < NAMES.index("assign")
    assert NAMES.index("run") < NAMES.index("verify")


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_with_examples_and_what_they_write(name):
    command = main.commands[name]
    assert examples(command)
    assert all(command_of(example) == name for example in examples(command))
    last = inspect.cleandoc(command.help or "").split("\n\n")[-1]
    assert last.removeprefix("\b\n").startswith("Example: ")
    assert "\nWrites " in last
    told = research_here(name, "--help").stdout
    for example in examples(command):  # as it is, not broken into two lines
        assert f"  Example: {example}\n" in told


# -- what the examples do -----------------------------------------------------------------------------------------------


def files_of(folder: Path) -> set[str]:
    inside = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix() for path in inside}


def marked(example: str) -> Any:
    return pytest.param(example, marks=[pytest.mark.slow] if command_of(example) in SLOW else [])


@pytest.mark.parametrize("example", [marked(one) for one in EXAMPLES if command_of(one) != "reports"])
def test_an_example_does_what_it_says(place, example):
    done = place.run(example)
    name = command_of(example)
    assert done.exit_code in ((0, 1) if name == "diff" else (0,)), done.output
    assert done.stdout
    written, named = folder_named(name), files_named(name)
    if written is None:
        assert written_by(name).rstrip(".") == "nothing"
        return
    out = place.folder / written
    assert {file for file in named if not (out / file).is_file() and not (place.folder / file).is_file()} == set()


def test_examples_write_nowhere_else(place):
    """Runs after the examples; whatever those that were run have written is named in the help."""
    outs = {folder.partition("/")[0] for example in place.results if (folder := folder_named(command_of(example)))}
    known = {"seeds", "reports", "news.topics", *outs}
    assert {path.name for path in place.folder.iterdir()} <= known


def test_the_example_of_reports_writes_a_folder_for_every_experiment(place, monkeypatch):
    """With an experiment that measures nothing in the place of those of the project, which take minutes."""

    @dataclass(frozen=True)
    class Config:
        seed: int = 0

        def quick(self):
            return self

    def run(config, run):
        run.record("x", "y", "z", 1.0)
        (run.folder / "report.html").write_text("<p>x</p>", encoding="utf-8")

    small = Experiment("small", "Measures nothing.", Config, run, ROOT / "experiments" / "themes.py")
    monkeypatch.setattr(Experiment, "configured", lambda self, **_: Config())
    monkeypatch.setattr(research.runs, "find_experiments", lambda **_: {"small": small})
    (example,) = examples(main.commands["reports"])
    done = place.run(example)
    assert done.exit_code == 0, done.output
    assert {"index.html", "headlines.csv", "small/manifest.json"} <= files_of(place.folder / "runs" / "quick")
