"""The committed reports are what the committed code gives, and every figure that the README quotes comes out of one of them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import statistics
from pathlib import Path

import pytest

from research.errors import ConfigError
from research.evaluate import step_effects
from research.report.headlines import quoted
from research.report.index_page import write_index
from research.report.language import speaking
from research.runs import Outcome, find_experiments, read_headlines, read_records, run_experiment, verify_run
from research.runs.modules import MODULES, load_module
from research.runs.provenance import environment
from tests.arabic import english_of

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "reports"
RUNS = sorted(path.parent.name for path in REPORTS.glob("*/manifest.json"))
ABLATIONS = [name for name in RUNS if name.startswith("ablation")]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def on_another_processor(name: str) -> bool:
    """Whether a committed run names kernels of linear algebra other than those of this machine."""
    told = json.loads((REPORTS / name / "manifest.json").read_text(encoding="utf-8"))["environment"]["processor"]
    return "(" in told and told.partition("(")[2] != environment()["processor"].partition("(")[2]


@pytest.mark.slow
def test_a_committed_report_verifies():
    """The whole way, for one of them: the others take minutes each, and `make verify` is there for that."""
    found = verify_run(REPORTS / "themes", find_experiments())
    wrong = [finding for finding in found.findings if finding.part in {"inputs", "records", "tables"}]
    if on_another_processor("themes"):
        # Where topics of the bundled articles are not decided, the last digit of an embedding moves them.
        assert all(finding.grade == "exact" for finding in wrong if finding.part == "inputs")
        return
    assert found.holds, [finding for finding in wrong if finding.grade != "exact"]
    assert len(wrong) > 30


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(find_experiments().keys() - {"themes"}))
def test_cells_of_committed_reports_are_measured_again(name):
    """A few cells of each, of different models; the processor may move a metric a little."""
    lines = (REPORTS / name / "cells.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    outcomes = [outcome for outcome in map(Outcome.read, lines) if outcome.metrics]
    by_model = {outcome.cell.model: outcome for outcome in reversed(outcomes)}  # the first of each
    if name == "discovery":  # others than ours take no seed
        by_model = {"research": by_model["research"]}
    chosen = [by_model[model] for model in sorted(by_model)][:: -(-len(by_model) // 3)]
    manifest = json.loads((REPORTS / name / "manifest.json").read_text(encoding="utf-8"))
    measure = load_module(f"{MODULES}.{name}", ROOT / "experiments" / f"{name}.py").measure
    for outcome in chosen:
        again = measure(outcome.cell).metrics
        assert again.keys() == outcome.metrics.keys()
        if on_another_processor(name):  # topics, and ties between ways to learn, turn on a last digit
            continue
        told = {metric: value for metric, value in outcome.metrics.items() if metric not in manifest["varying"]}
        assert told
        assert {metric: again[metric] for metric in told} == pytest.approx(told, abs=0.02, nan_ok=True)


@pytest.mark.parametrize("name", sorted(find_experiments()))
def test_committed_reports_are_of_the_bundled_files_as_they_are(name):
    inputs = json.loads((REPORTS / name / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    found = {path: ROOT / "seeds" / path for path in inputs}
    assert found
    assert {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in found.items()} == inputs


def test_topics_agree_with_sections_and_come_back():
    """What the README says of real articles: sections are found again without labels, and topics come back."""
    means = {
        record.metric: record.value
        for record in read_records(REPORTS / "discovery_sanad" / "records.jsonl")
        if record.model == "research" and record.fold is None and record.seed is None
    }
    assert min(means["AMI"], means["ARI"]) >= 0.88
    assert means["stability over seeds"] >= 0.97
    assert means["stability over samples"] >= 0.9
    assert means["coverage"] == 1


def test_every_run_has_a_headline_with_its_control():
    assert set(RUNS) >= {
        "ablation", "ablation_classification", "classification", "classification_ant", "classification_sanad",
        "classification_un", "discovery", "discovery_ant", "discovery_bbc", "discovery_growth", "discovery_sanad", "encoders",
        "few_labels", "scale", "tagging", "themes", "transfer",
    }  # fmt: skip
    for name in RUNS:
        found = read_headlines(REPORTS / name / "headlines.jsonl")
        assert found, name
        assert all(line.control for line in found)
        page = (REPORTS / name / "report.html").read_text(encoding="utf-8")
        for line in found:
            assert line.verdict in page


def test_headlines_are_those_of_the_records():
    for name in RUNS:
        records = read_records(REPORTS / name / "records.jsonl")
        values = {(record.metric, record.value) for record in records}
        repeats: dict[tuple[str, str, str], list[float]] = {}
        for record in records:
            repeats.setdefault((record.model, record.corpus, record.metric), []).append(record.value)
        values |= {(metric, statistics.median(several)) for (_, _, metric), several in repeats.items()}
        values |= {("hours", value / 3600) for metric, value in values if metric == "seconds"}
        for line in read_headlines(REPORTS / name / "headlines.jsonl"):
            close = [value for metric, value in values if metric == line.metric and abs(value - line.value) < 1e-9]
            assert close or "planted" in line.metric, (name, line)


def test_the_table_of_headlines_and_the_index_are_those_of_the_runs(tmp_path):
    for name in RUNS:
        shutil.copytree(REPORTS / name, tmp_path / name)
    shutil.copy(REPORTS / "LOG.md", tmp_path)
    write_index(tmp_path, {name: experiment.summary for name, experiment in find_experiments().items()})
    for name in ("headlines.csv", "index.html"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (REPORTS / name).read_text(encoding="utf-8")


def test_every_figure_of_the_readme_is_a_headline():
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## What was measured")[1].split("\n## ")[0]
    lines = {line for name in RUNS for line in quoted(name, read_headlines(REPORTS / name / "headlines.jsonl"))}
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(table) >= 6
    for line in table:
        assert line in lines, f"not a headline of any run: {line}"
    text = "\n".join(line for line in section.splitlines() if not line.startswith("|"))
    assert not re.search(r"\d\.\d|(?<!\w)\.\d", text), "a figure outside of the table"


def test_the_index_links_every_report():
    index = (REPORTS / "index.html").read_text(encoding="utf-8")
    for name in RUNS:
        assert f'href="{name}/report.html"' in index
        assert (REPORTS / name / "report.html").is_file()


def test_embeddings_beat_their_controls_beyond_the_intervals():
    found = {
        record.model: record
        for record in read_records(REPORTS / "encoders" / "records.jsonl")
        if record.metric == "macro-F1" and record.seed is None
    }
    control = found["embeddings, labels shuffled"]
    assert found["embeddings"].low > control.high
    assert found["frequency only (floor)"].value == 0


# -- ablations: tables follow from records, records from cells, cells from texts --------------------------------------------


@pytest.mark.parametrize("name", ABLATIONS)
def test_effects_follow_from_the_records(name):
    values: dict[str, dict[str, dict[int, float]]] = {}
    for record in read_records(REPORTS / name / "records.jsonl"):
        if record.fold is not None:
            values.setdefault(record.model, {}).setdefault(record.metric, {})[record.fold] = record.value
    halves = {arm: {metric: [found[at] for at in sorted(found)] for metric, found in of.items()} for arm, of in values.items()}
    table = rows(REPORTS / name / "effects.csv")
    steps = list(dict.fromkeys(row["step"] for row in table))
    metrics = list(dict.fromkeys(row["metric"] for row in table))
    found = step_effects(halves["all steps"], {step: {metric: halves[step][metric] for metric in metrics} for step in steps})
    least = 18 if name == "ablation_tagging" else 38 if name.startswith("ablation_classification") else 51
    assert len(found) == len(table) >= least
    for effect, row in zip(found, table, strict=True):
        assert (effect.step, effect.metric, effect.sentence()) == (row["step"], row["metric"], row["sentence"])
        assert (effect.halves.mean, effect.p) == pytest.approx((float(row["effect"]), float(row["p"])), abs=1e-12)


def test_another_seed_alone_shows_no_effect():
    for name in ABLATIONS:
        for row in rows(REPORTS / name / "effects.csv"):
            if row["step"] == "another seed (control)":
                assert float(row["p"]) > 0.05, name


@pytest.mark.slow
def test_the_benchmark_has_its_winner_on_few_articles(shared, tmp_path):
    known = find_experiments(benchmarks=True)["discovery_growth"]
    with speaking("ar"):
        run = run_experiment(known, tmp_path / "run", config=known.configured(quick=True))
    assert [line.verdict for line in run.headlines] == ["beats its control"]
    assert english_of(tmp_path / "run" / "report.html") == set()
    topics = {record.corpus: record.value for record in run.records if (record.model, record.metric) == ("research", "topics")}
    assert topics.keys() == {"1000 texts", "2000 texts"}
    assert min(topics.values()) > 1


# -- tagging -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "themes"),
    [
        ("tagging_real", {"sanctions", "diplomacy", "nuclear_missile"}),
        ("tagging_held_back", {"sanctions", "nuclear_missile", "military_posture"}),
    ],
)
def test_which_themes_in_real_news_reach_the_goal(name, themes):
    """In paragraphs of which no label was seen: a theme that falls below .8, or rises above it, is to be told in the README."""
    found = {row["theme"]: float(row["F1"]) for row in rows(REPORTS / name / "by_theme.csv")}
    assert {theme for theme, value in found.items() if value >= 0.8} == themes


@pytest.mark.slow
def test_tagging_in_the_ablation_is_measured_again():
    experiment = load_module(f"{MODULES}.ablation", ROOT / "experiments" / "ablation.py")
    lines = (REPORTS / "ablation_tagging" / "cells.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    outcomes = {outcome.cell.model: outcome for outcome in map(Outcome.read, lines) if outcome.cell.fold == 0}
    for arm in ("all steps", "learned words beside the rest", "labels shuffled (control)"):
        assert experiment.measure(outcomes[arm].cell).metrics == pytest.approx(dict(outcomes[arm].metrics), abs=0.02)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"task": "naming"}, "unknown task"),
        ({"task": "tagging", "labels": ""}, "no labels"),
        ({"task": "tagging", "articles": 9}, "articles or unit"),
    ],
)
def test_tasks_of_the_ablation_are_checked(change, told):
    with pytest.raises(ConfigError, match=told):
        find_experiments()["ablation"].configured(changes=change)


@pytest.mark.slow
def test_tagging_is_timed(shared, tmp_path):
    known = find_experiments(benchmarks=True)["tagging_speed"]
    config = known.configured(changes={"smaller": [], "passages": 200, "repeats": 1})
    with speaking("ar"):
        run = run_experiment(known, tmp_path / "run", config=config)
    assert len(rows(tmp_path / "run" / "runs.csv")) == 2
    assert {line.metric for line in run.headlines} == {"seconds", "peak memory (MB)"}
    assert english_of(tmp_path / "run" / "report.html") == set()


@pytest.mark.slow
def test_classification_is_timed(shared, tmp_path):
    known = find_experiments(benchmarks=True)["classification_speed"]
    config = known.configured(changes={"smaller": [], "articles": 120, "repeats": 1})
    with speaking("ar"):
        run = run_experiment(known, tmp_path / "run", config=config)
    assert len(rows(tmp_path / "run" / "runs.csv")) == 2
    assert {line.metric for line in run.headlines} == {"seconds", "peak memory (MB)"}
    assert english_of(tmp_path / "run" / "report.html") == set()
    assert all(line.value > 0 for line in run.headlines)
