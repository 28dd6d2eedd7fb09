"""Diff: what went in differently, and which metrics moved by more than noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from research.runs import diff_runs, open_run


def write(folder, values, *, config=None, low_high=None, metric="F1", model="m"):
    """A run with one value a seed, and one over all of them with its interval."""
    with open_run("toy", folder, config or {"k": 1}) as run:
        for seed, value in enumerate(values):
            run.record(model, "c", metric, float(value), seed=seed)
        if low_high is not None:
            run.record(model, "c", metric, float(np.mean(values)), low=low_high[0], high=low_high[1])


def only(found):
    assert len(found.moves) == 1
    return found.moves[0]


def test_a_run_is_like_itself(tmp_path):
    write(tmp_path / "a", [0.5, 0.6, 0.55])
    found = diff_runs(tmp_path / "a", tmp_path / "a")
    assert found.alike
    assert found.changes == ()
    assert only(found).verdict == "equal"


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.05, "within noise"), (0.6, "moved beyond noise"), (-0.6, "moved beyond noise")]
)
def test_a_move_is_held_against_the_deviation_over_seeds(tmp_path, shift, verdict):
    values = np.array([0.5, 0.6, 0.55, 0.45])
    write(tmp_path / "a", values)
    write(tmp_path / "b", values + shift)
    move = only(diff_runs(tmp_path / "a", tmp_path / "b"))
    assert move.verdict == verdict
    assert move.source == "seeds"
    assert move.noise == pytest.approx(math.hypot(values.std(ddof=1), values.std(ddof=1)))
    assert diff_runs(tmp_path / "a", tmp_path / "b").alike == (verdict == "within noise")


@pytest.mark.parametrize(("width", "verdict"), [(0.30, "within noise"), (0.05, "moved beyond noise")])
def test_an_interval_tells_more_than_seeds_do(tmp_path, width, verdict):
    write(tmp_path / "a", [0.5, 0.5001], low_high=(0.5 - width, 0.5 + width))
    write(tmp_path / "b", [0.6, 0.6001], low_high=(0.6 - width, 0.6 + width))
    move = only(diff_runs(tmp_path / "a", tmp_path / "b"))
    assert (move.verdict, move.source) == (verdict, "interval")
    assert move.noise == pytest.approx(math.hypot(width, width) / 1.96, rel=1e-3)


def test_many_metrics_share_one_chance_of_a_false_alarm(tmp_path):
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(20):
        for name in ("a", "b"):
            with open_run("toy", tmp_path / name, {}) as run:
                for metric in range(30):
                    value = rng.normal(0.5, 0.1)
                    run.record("m", "c", f"metric {metric}", value, low=value - 0.196, high=value + 0.196)
        alarms += not diff_runs(tmp_path / "a", tmp_path / "b").alike
    assert alarms <= 4  # without correction nearly every one of the twenty


def test_a_single_value_has_no_noise_to_be_held_against(tmp_path):
    for name, value in (("a", 5.0), ("b", 6.0)):
        with open_run("toy", tmp_path / name, {}) as run:
            run.record("m", "c", "topics", value)
    found = diff_runs(tmp_path / "a", tmp_path / "b")
    assert only(found).verdict == "moved, noise unknown"
    assert math.isnan(only(found).p)
    assert not found.alike


def test_the_last_digits_of_a_sum_are_no_move_and_no_spread_is_no_evidence(tmp_path):
    write(tmp_path / "a", [0.1 + 0.2] * 3)
    write(tmp_path / "b", [0.3] * 3)
    assert only(diff_runs(tmp_path / "a", tmp_path / "b")).verdict == "equal"
    write(tmp_path / "b", [0.4] * 3)
    move = only(diff_runs(tmp_path / "a", tmp_path / "b"))
    assert (move.verdict, math.isnan(move.noise)) == ("moved, noise unknown", True)


def test_the_interval_of_one_seed_is_not_that_of_the_whole(tmp_path):
    for name, whole in (("a", 0.50), ("b", 0.52)):
        with open_run("toy", tmp_path / name, {}) as run:
            run.record("m", "c", "F1", whole)
            for seed, value in enumerate((0.1, 0.9)):
                run.record("m", "c", "F1", value, seed=seed, low=value - 0.01, high=value + 0.01)
    move = only(diff_runs(tmp_path / "a", tmp_path / "b"))
    assert (move.before, move.after, move.source, move.verdict) == (0.50, 0.52, "seeds", "within noise")


def test_what_varies_by_its_nature_is_no_difference(tmp_path):
    for name, seconds in (("a", 1.0), ("b", 9.0)):
        with open_run("toy", tmp_path / name, {}) as run:
            run.varies("seconds")
            run.record("m", "c", "seconds", seconds)
    found = diff_runs(tmp_path / "a", tmp_path / "b")
    assert only(found).verdict == "varies by its nature"
    assert found.alike


def test_what_one_run_has_alone_and_what_is_undefined_in_one_are_told(tmp_path):
    write(tmp_path / "a", [0.5, 0.6])
    write(tmp_path / "b", [0.5, 0.6], metric="recall")
    found = diff_runs(tmp_path / "a", tmp_path / "b")
    assert (found.only_before, found.only_after) == ((("m", "c", "F1"),), (("m", "c", "recall"),))
    assert not found.alike
    with open_run("toy", tmp_path / "c", {}) as run:
        run.record("m", "c", "F1", math.nan, status="no label")
    assert only(diff_runs(tmp_path / "a", tmp_path / "c")).verdict == "defined in one run only"
    assert only(diff_runs(tmp_path / "c", tmp_path / "c")).verdict == "equal"


def test_what_went_in_differently_is_told_field_by_field(tmp_path):
    (tmp_path / "data.txt").write_text("one")
    for name, text, config in (("a", "one", {"k": 1, "old": 2}), ("b", "two", {"k": 3, "new": 4})):
        (tmp_path / "data.txt").write_text(text)
        with open_run("toy", tmp_path / name, config) as run:
            run.used(tmp_path / "data.txt")
            run.record("m", "c", "x", 1.0)
    changes = [
        (change.part, change.field, change.before, change.after) for change in diff_runs(tmp_path / "a", tmp_path / "b").changes
    ]
    assert [change for change in changes if change[0] == "config"] == [
        ("config", "k", 1, 3),
        ("config", "new", None, 4),
        ("config", "old", 2, None),
    ]
    assert [(part, field) for part, field, *_ in changes if part != "config"] == [("inputs", "data.txt")]
