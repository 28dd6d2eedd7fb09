"""Time and memory of whole processes."""

from __future__ import annotations

import sys

import pytest

from research.runs import timed_process


def test_a_process_is_waited_for_and_its_own_memory_is_told():
    small = timed_process([sys.executable, "-c", "import time; time.sleep(0.4)"])
    large = timed_process([sys.executable, "-c", "held = b'x' * 200_000_000"])
    assert small[0] >= 0.4
    assert 150 < large[1] - small[1] < 400


def test_one_that_fails_says_so():
    with pytest.raises(RuntimeError, match="no such thing"):
        timed_process([sys.executable, "-c", "raise SystemExit('no such thing')"])
