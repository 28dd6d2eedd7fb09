"""The journal: whatever is cut or damaged in it, what can be read is right."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.evaluate import Undefined, reason
from research.runs.journal import Cell, Journal, Outcome

IDENTITY = {"code": {"research": "1"}, "inputs": {"a.txt": "2"}}

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20).map(Undefined)


cells = st.builds(
    Cell,
    st.text(max_size=9),
    st.text(max_size=9),
    st.none() | st.integers(),
    st.none() | st.integers(),
    st.dictionaries(st.text(max_size=5), plain, max_size=2),
)


def same(one: Outcome, other: Outcome) -> bool:
    def told(outcome):
        return {name: (reason(value), 0 if math.isnan(value) else value) for name, value in outcome.metrics.items()}

    return (one.cell, one.status, told(one), one.data) == (other.cell, other.status, told(other), other.data)


def filled(path, n=5):
    outcomes = [Outcome(Cell("words", "اخبار", seed=seed), metrics={"F1": seed / 7}, data=["نص", seed]) for seed in range(n)]
    with Journal(path, IDENTITY) as journal:
        for outcome in outcomes:
            journal.add(outcome)
    return outcomes


@given(st.builds(Outcome, cells, st.just("ok"), st.dictionaries(st.text(max_size=9), numbers, max_size=3), plain))
def test_an_outcome_comes_back_as_it_was(outcome):
    line = outcome.line()
    assert "\n" not in line
    assert same(Outcome.read(line), outcome)
    assert Outcome.read(line).cell.key == outcome.cell.key
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_the_order_of_settings_does_not_matter_and_their_values_do():
    assert Cell("a", "b", settings={"x": 1, "y": 2}).key == Cell("a", "b", settings={"y": 2, "x": 1}).key
    keys = {cell.key for cell in (Cell("a", "b"), Cell("a", "b", seed=0), Cell("a", "b", fold=0), Cell("b", "a"))}
    assert len(keys | {Cell("a", "b", settings={"x": 1}).key, Cell("a", "b", settings={"x": 2}).key}) == 6


def test_a_journal_that_is_cut_anywhere_gives_whole_cells_only(tmp_path):
    path = tmp_path / "cells.jsonl"
    outcomes = filled(path)
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        with Journal(path, IDENTITY, source=path) as journal:
            expected = max(0, sum(end <= size for end in ends) - 1)
            assert list(journal.known) == [outcome.cell.key for outcome in outcomes[:expected]]
            for outcome in outcomes[:expected]:
                assert same(journal.known[outcome.cell.key], outcome)
            journal.add(outcomes[-1])
        # What is added after a cut line can be read again.
        with Journal(path, IDENTITY, source=path) as journal:
            assert outcomes[-1].cell.key in journal.known


def test_a_changed_byte_costs_at_most_the_cell_that_it_is_in(tmp_path):
    path = tmp_path / "cells.jsonl"
    outcomes = filled(path, n=3)
    whole = path.read_bytes()
    head = whole.index(b"\n") + 1
    for at in range(head, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with Journal(path, IDENTITY, source=path) as journal:
            assert len(journal.known) >= 1
            for outcome in outcomes:
                if outcome.cell.key in journal.known:
                    assert same(journal.known[outcome.cell.key], outcome)


def test_a_journal_of_something_else_is_refused_by_name(tmp_path):
    path = tmp_path / "cells.jsonl"
    filled(path)
    before = path.read_bytes()
    for changed, named in [
        ({**IDENTITY, "code": {"research": "9"}}, r"code changed \(research\)"),
        ({**IDENTITY, "inputs": {"a.txt": "2", "b.txt": "3"}}, r"inputs changed \(b.txt\)"),
    ]:
        with pytest.raises(ConfigError, match=named):
            Journal(path, changed, source=path)
        assert path.read_bytes() == before
    with Journal(path, {**IDENTITY, "code": {"research": "9"}}) as journal:  # begun anew
        assert journal.known == {}


def test_failures_are_kept_but_not_reused(tmp_path):
    path = tmp_path / "cells.jsonl"
    with Journal(path, IDENTITY) as journal:
        journal.add(Outcome(Cell("a", "b", seed=1), "failed: no"))
        journal.add(Outcome(Cell("a", "b", seed=2), metrics={"x": 1.0}))
    assert "failed: no" in path.read_text(encoding="utf-8")
    with Journal(path, IDENTITY, source=path) as journal:
        assert [outcome.cell.seed for outcome in journal.known.values()] == [2]


def test_a_journal_without_cells_leaves_no_file(tmp_path):
    with Journal(tmp_path / "cells.jsonl", IDENTITY):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_costs_the_last_cell_only(tmp_path):
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
from research.runs.journal import *
from pathlib import Path
journal = Journal(Path({str(tmp_path / "cells.jsonl")!r}), {{"code": "1"}})
try:
    for seed in range(100):
        journal.add(Outcome(Cell("a", "b", seed=seed), metrics={{"x": 1.0}}))
except Exception as error:
    print(seed, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    count, line = done.stdout.strip().split(" ", 1)
    assert "cannot be written" in line
    with Journal(tmp_path / "cells.jsonl", {"code": "1"}, source=tmp_path / "cells.jsonl") as journal:
        assert len(journal.known) == int(count) > 3
