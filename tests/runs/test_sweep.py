"""Sweeps: the same outcomes over any number of processes, failures kept apart, a budget that is kept."""

from __future__ import annotations

import time

import pytest

from research.runs import Cell, Outcome
from research.runs.sweep import sweep
from tests.runs.toy import measure, measure_or_fail


def swept(function, cells, **options) -> list[Outcome]:
    """In the order of the cells."""
    found = {outcome.cell.key: outcome for outcome in sweep(function, cells, **options)}
    assert len(found) == len(cells)
    return [found[cell.key] for cell in cells]


def lines(outcomes) -> list[str]:
    return [outcome.line() for outcome in outcomes]


def test_one_process_or_several_give_the_same_outcomes():
    cells = [Cell("svd", "random", seed=seed) for seed in range(12)]
    alone = lines(swept(measure, cells, workers=1))
    assert lines(swept(measure, cells, workers=2)) == alone
    assert lines(swept(measure, cells, workers=3)) == alone
    assert lines(swept(measure, cells[::-1], workers=2))[::-1] == alone


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cell_that_raises_is_kept_with_its_error_and_costs_no_other(workers):
    cells = [Cell("a", "b", seed=seed, settings={"act": "raise"} if seed == 1 else {}) for seed in range(4)]
    found = swept(measure_or_fail, cells, workers=workers)
    assert [outcome.status for outcome in found] == ["ok", "failed: ValueError: no such thing", "ok", "ok"]
    assert [outcome.metrics for outcome in found] == [{"x": 0.0}, {}, {"x": 2.0}, {"x": 3.0}]


def test_a_process_that_dies_costs_its_own_cell_only():
    acts = {2: "die", 5: "die", 6: "sleep"}
    cells = [Cell("a", "b", seed=seed, settings={"act": acts.get(seed, "")}) for seed in range(8)]
    found = swept(measure_or_fail, cells, workers=2)
    assert [outcome.cell.seed for outcome in found if not outcome.ok] == [2, 5]
    assert "its process died" in found[2].status


@pytest.mark.parametrize("workers", [1, 2])
def test_data_that_no_journal_can_hold_are_a_failure(workers):
    found = swept(
        measure_or_fail, [Cell("a", "b", seed=seed, settings={"act": "not plain"}) for seed in (0, 1)], workers=workers
    )
    assert all(outcome.status.startswith("failed: TypeError") for outcome in found)


@pytest.mark.parametrize(
    ("act", "told"), [("exit", "SystemExit"), ("nan", "x is nan: give a number"), ("inf", "x is inf: give a number")]
)
def test_what_is_no_measurement_is_a_failure(act, told):
    found = swept(measure_or_fail, [Cell("a", "b", seed=0, settings={"act": act})], workers=1)
    assert found[0].status.startswith("failed: ")
    assert told in found[0].status


@pytest.mark.parametrize("workers", [1, 2])
def test_after_the_deadline_no_further_cell_begins(workers):
    cells = [Cell("a", "b", seed=seed, settings={"act": "sleep"}) for seed in range(80)]
    start = time.monotonic()
    found = swept(measure_or_fail, cells, workers=workers, deadline=start + 1.5)
    assert time.monotonic() - start < 10  # all of them take twelve seconds and more
    done = [outcome.ok for outcome in found]
    assert 0 < sum(done) < 80 or workers == 2  # two workers may need all of the time to begin
    assert {outcome.status for outcome in found if not outcome.ok} == {"not run: the time budget was used up"}


def test_no_cells_are_no_outcomes():
    assert list(sweep(measure, [])) == []
