"""Which resolution is taken: stability re-derived, ends of the range, what cannot be decided, and the sentence on it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from research.topics.partitions import Partitions
from research.topics.resolution import DEFAULT, GRID, Choice, choose_resolution, stability_curve

HALVES, THIRDS = np.repeat([0, 1], 30), np.repeat([0, 1, 2], 20)


def noise(seed: int, p: int = 8, n: int = 60, width: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, width, (p, n)).astype(np.int32)


def same(labels: np.ndarray, p: int = 8) -> np.ndarray:
    return np.tile(labels, (p, 1)).astype(np.int32)


def wavering(labels: np.ndarray, wrong: int, p: int = 8) -> np.ndarray:
    """Partitions in each of which some other rows stand in the next cluster."""
    found = same(labels, p)
    for number, row in enumerate(found):
        astray = np.random.default_rng(number).permutation(len(labels))[:wrong]
        row[astray] = (row[astray] + 1) % (labels.max() + 1)
    return found


def at(*levels: np.ndarray, resolutions=None) -> Partitions:
    return Partitions(np.stack(levels, axis=1), tuple(resolutions or [2.0**step for step in range(-2, len(levels) - 2)]))


@given(p=st.integers(2, 6), n=st.integers(4, 20), seed=st.integers(0, 40))
@settings(max_examples=40)
def test_stability_is_the_mean_over_all_pairs_and_its_error_a_jackknife(p, n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (p, 1, n)).astype(np.int32)
    labels[rng.random(labels.shape) < 0.2] = -1
    (mean,), (error,) = stability_curve(Partitions(labels, (1.0,)))

    def over(numbers: list[int]) -> float:
        values = []
        for a, b in itertools.combinations(numbers, 2):
            held = (labels[a, 0] >= 0) & (labels[b, 0] >= 0)
            if held.sum() > 1:
                values.append(adjusted_rand_score(labels[a, 0, held], labels[b, 0, held]))
        return float(np.mean(values)) if values else np.nan

    assert mean == pytest.approx(over(list(range(p))), nan_ok=True)
    left = np.array([over([b for b in range(p) if b != a]) for a in range(p)])
    left = left[np.isfinite(left)]
    expected = np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()) if len(left) > 2 else np.nan
    assert error == pytest.approx(expected, nan_ok=True)


def test_the_most_stable_resolution_is_taken():
    choice = choose_resolution(at(noise(0), noise(1), same(THIRDS), noise(2), noise(3)), 2)
    assert (choice.chosen, choice.reason, choice.decided) == (2, "stable", True)
    assert choice.topics[2] == 3
    assert choice.stability[2] == 1


def test_where_several_are_stable_the_one_near_the_default_is_taken():
    resolutions = (DEFAULT / 4, DEFAULT / 2, DEFAULT, DEFAULT * 2, DEFAULT * 4)
    choice = choose_resolution(at(*[same(HALVES)] * 5, resolutions=resolutions), 2)
    assert choice.chosen == 2
    assert choice.runner_up is None  # all give two


def test_a_doubling_must_bring_stability():
    resolutions = (DEFAULT / 2, DEFAULT, DEFAULT * 2, DEFAULT * 4)
    halves, thirds = np.repeat([0, 1], 150), np.repeat([0, 1, 2], 100)
    nearly = wavering(halves, 2)
    curve, _ = stability_curve(at(nearly, resolutions=(1.0,)))
    assert 0.9 < curve[0] < 1 - 0.015
    assert choose_resolution(at(noise(0, n=300), nearly, same(thirds), noise(1, n=300), resolutions=resolutions), 2).chosen == 2
    hardly = wavering(thirds, 2)  # no better than what is nearer to the default
    assert choose_resolution(at(noise(0, n=300), nearly, hardly, noise(1, n=300), resolutions=resolutions), 2).chosen == 1


def test_an_end_of_the_range_is_no_peak():
    for levels in ((same(THIRDS), noise(0), noise(1), noise(2)), (noise(0), noise(1), noise(2), same(THIRDS))):
        choice = choose_resolution(at(*levels), 2)
        assert choice.reason == "undecidable"
        assert choice.resolutions[choice.chosen] == min(choice.resolutions, key=lambda r: abs(np.log2(r / DEFAULT)))


def test_agreement_on_one_cluster_chooses_nothing():
    choice = choose_resolution(at(*[same(np.zeros(60, int))] * 5), 2)
    assert choice.reason == "undecidable"
    assert choice.topics.tolist() == [1] * 5


def test_partitions_that_hardly_agree_choose_nothing_and_the_default_is_taken():
    loose = [wavering(THIRDS, 8) for _ in range(len(GRID))]
    choice = choose_resolution(at(*loose, resolutions=GRID), 2)
    assert choice.stability.max() < 0.9
    assert not choice.decided
    assert choice.resolutions[choice.chosen] == pytest.approx(DEFAULT)


def test_clusters_below_the_least_size_are_not_counted():
    labels = np.r_[HALVES[:-2], 7, 8]
    assert choose_resolution(at(*[same(labels)] * 3), 5).topics.tolist() == [2] * 3
    assert choose_resolution(at(*[same(labels)] * 3), 1).topics.tolist() == [4] * 3


def test_the_sentence_says_what_decided():
    stable = choose_resolution(at(noise(0), wavering(HALVES, 8), same(THIRDS), noise(2), noise(3)), 2)
    assert stable.sentence(3).startswith("The number of topics, 3, is the one")
    assert "1.00" in stable.sentence(3)
    assert stable.runner_up is not None
    assert f"about {stable.topics[stable.runner_up]:.0f}" in stable.sentence(3)
    loose = choose_resolution(at(*[noise(seed) for seed in range(5)]), 2)
    assert "cannot be decided" in loose.sentence(4)
    nan = np.full(1, np.nan)
    nothing = Choice((1.0,), np.ones(1), nan, nan, 0, None, "nothing to divide")
    assert "nothing to divide" in nothing.sentence(1)
    asked = Choice((1.0,), np.ones(1), nan, nan, 0, None, "asked")
    assert asked.sentence(7) == "The number of topics, 7, follows from what was asked for."


def test_its_table_marks_the_one_taken():
    choice = choose_resolution(at(noise(0), same(HALVES), noise(1)), 2)
    table = choice.table()
    assert list(table) == ["resolution", "topics", "stability", "error", "chosen"]
    assert table["chosen"].tolist() == [False, True, False]
    assert table["stability"].iloc[1] == 1
