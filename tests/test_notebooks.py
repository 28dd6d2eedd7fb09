"""The notebooks are committed without outputs, and do what they promise in a real kernel that reaches no network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "experiments" / "notebooks").glob("*.ipynb"))

# Jupyter warns of paths that a later version will use.
quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

# Runs before the first cell.
NO_NETWORK = """
import socket

_connect = socket.socket.connect


def _refuse(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError(f"a notebook wants to reach {address}")
    return _connect(self, address)


socket.socket.connect = _refuse
"""


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["active_learning", "codebook_to_themes", "first_look"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_without_what_running_it_leaves_behind(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}  # no version of whoever saved it last
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert cell.metadata == {}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert notebook.cells[0].source.startswith("# ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_names_no_place_of_one_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|Users|tmp|work|mnt)/|[A-Z]:\\\\|https?:", text)


def executed(name: str, folder: Path, question: str) -> tuple[nbformat.NotebookNode, dict]:
    """Run a notebook from the root of the checkout, writing into a folder, and ask its kernel something at the end."""
    notebook = nbformat.read(ROOT / "experiments" / "notebooks" / f"{name}.ipynb", as_version=4)
    written = sum(cell.source.count('root / "runs"') for cell in notebook.cells)
    assert written == 1
    for cell in notebook.cells:
        cell.source = cell.source.replace('root / "runs"', f"Path({str(folder)!r})")
    asked = nbformat.v4.new_code_cell(f"import json\n\nprint(json.dumps({question}))")
    notebook.cells.append(asked)
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "no_network.py").write_text(NO_NETWORK, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    environment = {**kept, "IPYTHONDIR": str(folder / "ipython"), "RESEARCH_PROGRESS": "0"}
    client = nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    client.execute(env=environment)
    return notebook, json.loads(asked.outputs[0].text)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{kind}_DIR", str(tmp_path / kind.lower()))
    return lambda name, question: executed(name, tmp_path, question)


def shown(notebook: nbformat.NotebookNode, id: str, kind: str = "text/html") -> str:
    """Give what a cell shows, of one kind."""
    cell = next(cell for cell in notebook.cells if cell.id == id)
    return "".join(output.data[kind] for output in cell.outputs if kind in output.get("data", {}))


def check_outputs(notebook: nbformat.NotebookNode) -> None:
    assert len(json.dumps(notebook)) < 1_500_000  # no result writes its corpus out
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            if output.output_type == "stream" and output.name == "stderr":
                assert "Error" not in output.text


def test_the_block_of_the_network_blocks():
    """Else the tests below would promise more than they check."""
    code = NO_NETWORK + "\nimport urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "a notebook wants to reach" in done.stderr


@quiet
@pytest.mark.slow
def test_first_look(run, tmp_path):
    notebook, found = run(
        "first_look",
        """{
        "articles": len(corpus), "passages": len(topics.units), "assigned": len(topics.assignments()),
        "documents": len(topics.documents()), "topics": len(topics.topics), "problems": mixed.table()["problem"].tolist(),
        "removed": len(removed), "groups": len(over_time.groups), "outlets": len(by_outlet.groups),
    }""",
    )
    assert found["articles"] == found["documents"] == 181  # every one has a row
    assert found["assigned"] == found["passages"] > found["topics"] > 1
    assert sorted(found["problems"]) == ["", "a binary file, not text", "empty"]
    assert found["removed"] > 100
    assert found["groups"] > 4
    assert found["outlets"] == 8
    check_outputs(notebook)
    assert "data:image/png" in shown(notebook, "discover")
    assert 'dir="rtl"' in shown(notebook, "discover")
    assert all(shown(notebook, id, "image/png") for id in ("plot", "number", "time", "outlets"))
    written = {path.name for path in (tmp_path / "first_look").iterdir()}
    assert {"report.html", "topics.csv", "assignments.csv", "documents.csv", "shares.csv", "small.topics"} <= written
    assert (tmp_path / "first_look" / "report.html").stat().st_size > 100_000


@quiet
@pytest.mark.slow
def test_codebook_to_themes(run, tmp_path):
    notebook, found = run(
        "codebook_to_themes",
        """{
        "problems": sorted(set(first.check.problems()["kind"])), "bans": len(bans), "before": before, "after": after,
        "table": found.table().set_index("theme")[["state", "calibrated", "precision", "recall", "f1"]].to_dict("index"),
        "falls": float(falls.mean()), "tested": len(falls), "open": len(doubtful),
        "documents": found.documents()["id"].nunique(), "candidates": len(found.candidates),
    }""",
    )
    assert found["problems"] == ["duplicate", "never occurs"]
    assert found["bans"] > 10
    assert found["after"]["precision"] > found["before"]["precision"]  # the repair is one
    assert found["after"]["recall"] > found["before"]["recall"] - 0.05
    for theme in found["table"].values():
        assert theme["state"] == "found"
        assert theme["calibrated"]
        assert 0 < theme["f1"] < 1
    assert found["table"]["sanctions"]["recall"] > found["after"]["recall"]  # labels find what a list of words does not
    assert found["tested"] > 100
    assert found["falls"] > 0.5  # the evidence carries most decisions
    assert found["open"] > 0
    assert found["candidates"] > 1
    assert found["documents"] == 181
    check_outputs(notebook)
    assert "text-decoration:underline" in shown(notebook, "tag")
    assert "data:image/png" in shown(notebook, "tag")
    assert shown(notebook, "time", "image/png")
    written = {path.name for path in (tmp_path / "codebook_to_themes").iterdir()}
    assert {"draft.toml", "repaired.toml", "labels.csv", "report.html", "themes.csv", "summary.csv"} <= written


@quiet
@pytest.mark.slow
def test_active_learning(run, tmp_path):
    notebook, found = run(
        "active_learning",
        """{
        "before": before, "curve": curve.to_dict("list"), "random": float(mean.iloc[-1]), "enough": ENOUGH, "budget": BUDGET,
        "sheet": SHEET, "as known": all(known[pool[row].document, pool[row].line] == name for row, name in labels.items()),
        "rest": len(rest), "rows": len(table), "given": len(told), "right": float(right), "pool": len(pool),
        "both sides": len({line.document for line in pool} & {line.document for line in aside}),
    }""",
    )
    curve = found["curve"]
    assert found["both sides"] == 0
    assert found["before"] > 1 / 5  # five classes
    assert curve["labels"] == [found["sheet"] * number for number in range(1, len(curve["labels"]) + 1)]
    assert len(curve["labels"]) > 2
    assert curve["kappa"][-1] >= found["enough"] or curve["labels"][-1] + found["sheet"] > found["budget"]
    assert all(not agreed >= found["enough"] for agreed in curve["kappa"][:-1])
    assert curve["classifier"][-1] >= curve["classifier"][0]
    assert curve["classifier"][-1] >= found["random"] - 0.05
    assert curve["classifier"][-1] > found["before"]
    assert found["as known"]
    assert found["rest"] == found["rows"] == found["pool"] - curve["labels"][-1]
    assert found["given"] > 0
    assert found["right"] > 0.7  # 0.8 was asked for
    check_outputs(notebook)
    assert "text-decoration:underline" in shown(notebook, "rest")
    assert shown(notebook, "random", "image/png")
    folder = tmp_path / "active_learning"
    assert len(list(folder.glob("sheet-*.csv"))) == len(curve["labels"])
    assert {"report.html", "predictions.csv"} <= {path.name for path in (folder / "classes").iterdir()}
