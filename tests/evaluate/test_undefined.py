"""A number that is not defined keeps its reason, and does not pass for a number."""

from __future__ import annotations

import copy
import json
import math
import pickle
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.evaluate import Undefined, mean_defined, reason


def test_undefined_is_nan_and_computes_like_it():
    value = Undefined("one cluster")
    assert isinstance(value, float)
    assert math.isnan(value)
    assert value != value
    assert math.isnan(value + 1)
    assert not value > 0
    assert not value <= 0
    assert np.isnan(np.array([value, 1.0])).tolist() == [True, False]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_the_reason_survives_copies_and_pickling(again):
    found = again(Undefined("no example of the label"))
    assert type(found) is Undefined
    assert found.reason == "no example of the label"
    assert math.isnan(found)


def test_undefined_shows_its_reason_but_is_written_as_nan():
    assert repr(Undefined("no 'pair'")) == """Undefined("no 'pair'")"""
    assert json.dumps([Undefined("no pair")]) == "[NaN]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, ""),
        (-1, ""),
        (math.inf, ""),
        (np.float64(2), ""),
        (math.nan, "undefined"),
        (np.float64("nan"), "undefined"),
        (np.float32("nan"), "undefined"),
        (Undefined("why"), "why"),
        (Undefined("why") + 1, "undefined"),
    ],
)
def test_only_what_is_not_a_number_has_a_reason(value, expected):
    assert reason(value) == expected


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(math.nan), st.just(Undefined("no pair"))), max_size=20))
def test_the_mean_is_that_of_the_defined_values(values):
    defined = [value for value in values if value == value]
    found = mean_defined(values, "topic")
    if defined:
        assert found == pytest.approx(statistics.mean(defined), rel=1e-12, abs=1e-9)
        assert reason(found) == ""
    else:
        assert isinstance(found, Undefined)


def test_the_mean_of_nothing_defined_has_the_first_reason():
    assert mean_defined([Undefined("first"), Undefined("second")], "topic").reason == "first"
    assert mean_defined([math.nan, Undefined("second")], "topic").reason == "undefined"
    assert mean_defined([], "article").reason == "there is no article"
    assert mean_defined([0.0, Undefined("second")], "topic") == 0
