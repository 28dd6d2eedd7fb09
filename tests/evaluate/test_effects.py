"""Effects of steps: paired on halves, corrected for their number, and told in sentences that the numbers allow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from research.evaluate import Undefined, holm, step_effects


def halves_of(mean, spread, n=20, seed=0):
    return (mean + spread * np.random.default_rng(seed).normal(size=n)).tolist()


def test_an_effect_is_the_paired_difference_with_a_student_interval():
    whole, without = np.array(halves_of(0.5, 0.1)), np.array(halves_of(0.4, 0.1, seed=1))
    found = step_effects({"AMI": whole}, {"stems": {"AMI": without}})[0]
    difference = whole - without
    assert found.halves.mean == pytest.approx(difference.mean())
    # The deviation over halves is itself the standard error: no division by the root of their number.
    assert (found.halves.low, found.halves.high) == pytest.approx(
        stats.t.interval(0.95, 19, difference.mean(), difference.std(ddof=1))
    )
    assert found.p == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / difference.std(ddof=1), 19))


def test_p_values_allow_for_every_effect_that_could_be_tested_and_for_no_other():
    whole = {"AMI": halves_of(0.5, 0.1), "NPMI": halves_of(0.1, 0.1, seed=9)}
    without = {
        name: {metric: halves_of(at, 0.05, seed=seed) for metric, at in (("AMI", 0.2), ("NPMI", 0.1))}
        for seed, name in enumerate("abc", 1)
    }
    same = {"idle": whole, "broken": {"AMI": [math.nan] * 20, "NPMI": [math.nan] * 20}}
    found = step_effects(whole, {**without, **same})
    tested = [effect for effect in found if effect.tested]
    assert [effect.step for effect in tested] == ["a", "a", "b", "b", "c", "c"]
    assert [effect.p for effect in tested] == pytest.approx(holm([effect.halves.p for effect in tested]))
    assert [effect.shown for effect in found] == [effect.tested and effect.p <= 0.05 for effect in found]


def test_the_sentence_says_no_more_than_the_numbers_allow():
    whole = {"AMI": halves_of(0.5, 0.01)}
    steps = {
        "helping": {"AMI": halves_of(0.3, 0.01, seed=1)},
        "harming": {"AMI": halves_of(0.7, 0.01, seed=2)},
        "doubtful": {"AMI": halves_of(0.49, 0.05, seed=3)},
        "idle": whole,
        "broken": {"AMI": [Undefined("one cluster")] * 20},
    }
    told = {effect.step: effect.sentence() for effect in step_effects(whole, steps)}
    assert told["helping"].startswith("helping raises AMI by 0.198 [")
    assert told["harming"].startswith("harming lowers AMI by 0.")
    assert "No effect of doubtful on AMI can be shown" in told["doubtful"]
    assert "would probably go unseen" in told["doubtful"]
    assert told["idle"] == "idle changes nothing in AMI on these texts."
    assert told["broken"] == "Nothing can be said of broken and AMI: defined on 0 of 20 halves."


def test_what_could_have_been_shown_allows_for_the_number_of_effects():
    whole = {"AMI": halves_of(0.5, 0.1)}
    steps = {f"step {number}": {"AMI": halves_of(0.5, 0.1, seed=number + 1)} for number in range(10)}
    for effect in step_effects(whole, {**steps, "idle": whole}):
        wanted = (stats.t.ppf(1 - 0.05 / 20, 19) + stats.t.ppf(0.8, 19)) * effect.halves.deviation
        assert effect.detectable == pytest.approx(wanted)
        assert effect.detectable >= effect.halves.detectable


def test_what_only_the_correction_takes_away_is_told_as_such():
    whole = {"AMI": halves_of(0.5, 0.01)}
    one = {"one": {"AMI": halves_of(0.47, 0.01, seed=1)}}
    many = {f"step {number}": {"AMI": halves_of(0.5, 0.02, seed=number)} for number in range(2, 20)}
    assert step_effects(whole, one)[0].shown
    found = step_effects(whole, {**one, **many})[0]
    assert not found.shown
    assert found.halves.low > 0
    assert "Alone, one would seem to change AMI by between +0.0" in found.sentence()
    assert f"may be chance (p {found.p:.2f})" in found.sentence()


def test_steps_without_effect_alarm_in_one_table_of_twenty_at_most():
    alarms = 0
    for repeat in range(200):
        whole = {"AMI": halves_of(0.5, 0.1, seed=1000 + repeat)}
        steps = {f"step {number}": {"AMI": halves_of(0.5, 0.1, seed=repeat * 20 + number + 5000)} for number in range(15)}
        alarms += any(effect.shown for effect in step_effects(whole, steps))
    assert alarms <= 10  # Without correction about half of them would; the standard error of a full sample makes it fewer.
