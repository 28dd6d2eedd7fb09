"""Every metric against a second computation that shares no code with it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from research.evaluate import agreement, bootstrap_by_group, f1_by_label, macro_f1


def rand_index(a, b) -> float:
    """Adjusted Rand index by counting pairs."""
    pairs = list(combinations(range(len(a)), 2))
    same_a, same_b = ([x[i] == x[j] for i, j in pairs] for x in (a, b))
    both = sum(p and q for p, q in zip(same_a, same_b, strict=True))
    expected = sum(same_a) * sum(same_b) / len(pairs)
    most = (sum(same_a) + sum(same_b)) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 3)), min_size=2, max_size=25))
def test_adjusted_rand_index_and_coverage(items):
    classes, clusters = [c for c, _ in items], [k for _, k in items]
    found = agreement(classes, clusters)
    assert found.ari == pytest.approx(rand_index(classes, clusters), abs=1e-9)
    inside = [(c, k) for c, k in items if k != -1]
    assert found.coverage == pytest.approx(len(inside) / len(items))
    assert found.clusters == len({k for _, k in inside})
    if len(inside) >= 2:
        assert found.ari_covered == pytest.approx(rand_index(*zip(*inside, strict=True)), abs=1e-9)
    else:
        assert math.isnan(found.ari_covered)


def test_ami_is_one_for_renamed_classes_and_about_zero_for_chance():
    assert agreement(list("aabbcc"), [2, 2, 0, 0, 1, 1]).ami == pytest.approx(1)
    rng = np.random.default_rng(0)
    assert abs(agreement(rng.integers(0, 5, 4000), rng.integers(0, 5, 4000)).ami) < 0.01


def test_agreement_of_too_little_is_undefined():
    assert math.isnan(agreement(["a"], [0]).ami)
    assert math.isnan(agreement(["a", "b"], [-1, -1]).ari_covered)
    with pytest.raises(ValueError, match="2 classes for 1"):
        agreement(["a", "b"], [0])


@given(st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))
def test_f1_against_scikit_learn(n, labels, seed):
    rng = np.random.default_rng(seed)
    truth, decided = rng.random((n, labels)) < 0.4, rng.random((n, labels)) < 0.4
    found = f1_by_label(truth, decided)
    expected = [f1_score(truth[:, at], decided[:, at], zero_division=np.nan) for at in range(labels)]
    assert found == pytest.approx(np.array(expected), nan_ok=True)
    defined = found[np.isfinite(found)]
    assert macro_f1(truth, decided) == pytest.approx(defined.mean() if len(defined) else math.nan, nan_ok=True)


def test_bootstrap_draws_whole_groups():
    groups = list("aabbbc")
    seen: set[tuple[int, ...]] = set()

    def statistic(drawn):
        counts = Counter(groups[index] for index in drawn)
        seen.add(tuple(sorted(counts.values())))
        whole = {"a": 2, "b": 3, "c": 1}
        assert all(count % whole[group] == 0 for group, count in counts.items())
        return float(len(drawn))

    found = bootstrap_by_group(statistic, groups, draws=50)
    assert len(seen) > 3
    assert found.value == 6
    assert found.low <= 6 <= found.high


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(100):
        effects = rng.normal(0, 1, 30)
        values = np.repeat(effects, 4) + rng.normal(0, 0.1, 120)
        groups = np.repeat(np.arange(30), 4).tolist()
        found = bootstrap_by_group(lambda drawn, values=values: float(values[drawn].mean()), groups, draws=200)
        hits += found.low <= 0 <= found.high
    assert 85 <= hits <= 100  # drawing passages instead of articles covers about 67


def test_undefined_statistics_and_single_groups_have_no_interval():
    assert math.isnan(bootstrap_by_group(lambda drawn: 1.0, ["a", "a"]).low)
    assert math.isnan(bootstrap_by_group(lambda drawn: math.nan, ["a", "b"], draws=20).low)
    assert str(bootstrap_by_group(lambda drawn: 0.5, ["a", "b"], draws=20)) == "0.500 [0.500, 0.500]"
