"""Cores and threads: what is asked for is what there is inside, and what was before is there afterwards."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from research.cores import one_blas_thread, usable_cores


def blas_threads() -> set[int]:
    return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_inside_and_as_many_as_before_outside():
    with threadpool_limits(2, user_api="blas"):
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {2}
        with one_blas_thread(False):
            assert blas_threads() == {2}
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            raise ZeroDivisionError
        assert blas_threads() == {2}


@pytest.mark.parametrize(("given", "most"), [("1", 1), ("0", 1), ("2", 2), ("²", 10_000)])
def test_a_variable_sets_fewer_cores_and_never_none(monkeypatch, given, most):
    monkeypatch.setenv("RESEARCH_CORES", given)
    assert 1 <= usable_cores() <= most


def test_a_variable_that_is_no_number_is_as_none(monkeypatch):
    monkeypatch.delenv("RESEARCH_CORES", raising=False)
    every = usable_cores()
    monkeypatch.setenv("RESEARCH_CORES", "many")
    assert usable_cores() == every
