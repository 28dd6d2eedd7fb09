"""The committed reports are what the committed code gives, and the experiments' claims hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from research.runs import find_experiments, run_experiment

REPORTS = Path(__file__).resolve().parent.parent / "reports"

pytestmark = pytest.mark.slow


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", sorted(find_experiments()))
def test_committed_reports_are_what_the_code_gives(name, tmp_path):
    run_experiment(find_experiments()[name], tmp_path / name)
    committed, fresh = records(REPORTS / name), records(tmp_path / name)
    assert len(fresh) == len(committed) > 3
    for old, new in zip(committed, fresh, strict=True):
        numbers = [field for field, value in old.items() if isinstance(value, float)]
        assert {k: v for k, v in new.items() if k not in numbers} == {k: v for k, v in old.items() if k not in numbers}
        for field in numbers:
            # Another processor sums in another order: a decision on the edge may fall the other way.
            assert new[field] == pytest.approx(old[field], abs=0.02)
    tables = sorted(path.name for path in (REPORTS / name).glob("*.csv"))
    assert tables == sorted(path.name for path in (tmp_path / name).glob("*.csv"))
    assert sorted(path.name for path in (REPORTS / name).iterdir()) == sorted(path.name for path in (tmp_path / name).iterdir())


def test_embeddings_beat_their_controls_beyond_the_intervals():
    over_seeds = {r["model"]: r for r in records(REPORTS / "encoders") if r["metric"] == "macro-F1" and r["seed"] is None}
    control = over_seeds["embeddings, labels shuffled (control)"]
    assert over_seeds["embeddings"]["low"] > control["high"]
    assert over_seeds["frequency only (floor)"]["value"] == 0


def test_the_index_links_every_report():
    index = (REPORTS / "index.html").read_text(encoding="utf-8")
    for name in find_experiments():
        assert f'href="{name}/report.html"' in index
        assert (REPORTS / name / "report.html").is_file()
