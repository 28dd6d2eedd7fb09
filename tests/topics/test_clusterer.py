"""The clusterer: planted groups found, nothing left out, the same answer in any order and on any number of threads."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from research.errors import ConfigError, DataError
from research.topics import TopicClusterer
from research.topics.partitions import divide


def planted(groups: int = 4, size: int = 40, noise: float = 0.25, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, 16))
    truth = np.repeat(np.arange(groups), size)
    return (centres[truth] + noise * rng.normal(size=(groups * size, 16))).astype(np.float32), truth


def same_model(one: TopicClusterer, other: TopicClusterer, order: np.ndarray) -> None:
    """Compare a clusterer with one of the same rows in another order, to the last digit."""
    assert np.array_equal(other.labels_, one.labels_[order])
    assert np.array_equal(other.strengths_, one.strengths_[order])
    assert np.array_equal(other.stabilities_, one.stabilities_[order], equal_nan=True)
    assert np.array_equal(other.cluster_stabilities_, one.cluster_stabilities_, equal_nan=True)
    assert other.choice_.table().equals(one.choice_.table())
    assert other.hierarchy_.merges == one.hierarchy_.merges
    for groups in range(1, one.hierarchy_.most + 1):
        assert adjusted_rand_score(other.hierarchy_.cut(groups), one.hierarchy_.cut(groups)[order]) == 1


def fingerprint(model: TopicClusterer) -> str:
    parts = [model.labels_, model.strengths_, model.stabilities_, model.cluster_stabilities_, model.hierarchy_.leaves]
    parts += [model.choice_.stability, model.choice_.topics, model.choice_.errors, np.array(model.hierarchy_.merges)]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


@parametrize_with_checks([TopicClusterer()])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize(("groups", "size"), [(2, 40), (4, 40), (8, 40), (5, 12), (30, 40), (45, 40)])
def test_planted_groups_are_found(groups, size):
    rows, truth = planted(groups, size, noise=0.15)
    found = TopicClusterer().fit(rows)
    assert adjusted_rand_score(truth, found.labels_) > 0.97
    assert found.choice_.reason == "stable"
    assert np.nanmin(found.cluster_stabilities_) > 0.75
    assert np.mean(found.stabilities_) > 0.95


def test_borders_and_rows_astray_are_less_sure_than_cores():
    rows, _ = planted(4, 40, 0.25)
    between = (rows[:40].mean(axis=0) + rows[40:80].mean(axis=0)) / 2
    found = TopicClusterer().fit(np.vstack([rows, between]))
    assert found.strengths_[-1] < np.quantile(found.strengths_[:-1], 0.05)


@pytest.mark.parametrize("grouped", [False, True])
def test_the_order_of_rows_does_not_matter(grouped):
    rows, _ = planted(6, 25, noise=1.2, seed=3)  # not well apart: luck would show
    rows[:6] = rows[0]  # nor all different
    groups = np.arange(len(rows)) // 3 if grouped else None
    straight = TopicClusterer().fit(rows, groups=groups)
    for seed in range(2):
        order = np.random.default_rng(seed).permutation(len(rows))
        same_model(straight, TopicClusterer().fit(rows[order], groups=groups[order] if grouped else None), order)


def test_columns_first_and_rows_first_in_memory_are_the_same():
    rows, _ = planted(5, 20, noise=1.0)
    same_model(TopicClusterer().fit(rows), TopicClusterer().fit(np.asfortranarray(rows)), np.arange(len(rows)))


@pytest.mark.slow
def test_threads_and_cores_do_not_matter():
    code = (
        "from tests.topics.test_clusterer import TopicClusterer, fingerprint, planted\n"
        "rows, _ = planted(8, 30, noise=1.3)\n"
        "print(fingerprint(TopicClusterer().fit(rows, groups=[row // 3 for row in range(len(rows))])))"
    )
    found = set()
    for threads, cores in (("1", "1"), ("2", "2")):
        many = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        environment = {**os.environ, **many, "RESEARCH_CORES": cores}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        found.add(done.stdout.strip())
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_another_seed_finds_the_same_planted_groups():
    rows, _ = planted(8, 30, noise=0.6)
    one = TopicClusterer().fit(rows).labels_
    assert all(adjusted_rand_score(one, TopicClusterer(seed=seed).fit(rows).labels_) >= 0.97 for seed in (1, 2))


@pytest.mark.parametrize("wanted", [1, 2, 3, 5, 7, 8])
def test_as_many_clusters_as_asked_for(wanted):
    rows, truth = planted(8, 25)
    found = TopicClusterer(n_clusters=wanted).fit(rows)
    assert found.labels_.max() + 1 == wanted
    assert found.choice_.reason == "asked"
    assert found.hierarchy_.topics == wanted
    for group in range(8):  # whole groups join
        assert len(np.unique(found.labels_[truth == group])) == 1


def test_many_clusters_may_be_smaller_than_by_default():
    rows, _ = planted(40, 15)  # 600 rows, of which twelve make a cluster by default: 50 clusters at most
    assert np.bincount(TopicClusterer().fit(rows).labels_).min() >= 12
    found = TopicClusterer(n_clusters=80).fit(rows)
    assert 50 < found.labels_.max() + 1 <= 80
    assert TopicClusterer(n_clusters=80, min_cluster_size=12).fit(rows).labels_.max() + 1 <= 50


@pytest.mark.parametrize("wanted", [9, 12, 1000])
def test_more_clusters_than_there_are_groups_divide_them_or_are_fewer(wanted):
    rows, truth = planted(8, 25)
    labels = TopicClusterer(n_clusters=wanted).fit(rows).labels_
    assert labels.max() + 1 == wanted if wanted <= 12 else 12 < labels.max() + 1 < wanted
    pure = sum(np.bincount(truth[labels == cluster]).max() for cluster in np.unique(labels)) / len(rows)
    assert pure == 1 if wanted <= 12 else pure > 0.9


def test_a_higher_resolution_gives_more_clusters():
    rows, _ = planted(8, 25, noise=1.0)
    counts = [TopicClusterer(resolution=value).fit(rows).labels_.max() + 1 for value in (1e-9, 0.05, 0.5, 4.0, 1e6)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_training_rows_are_predicted_where_they_are():
    for noise in (0.25, 1.2):
        rows, _ = planted(noise=noise)
        model = TopicClusterer().fit(rows)
        labels, shares = model.assign(rows)
        assert ((shares > 0) & (shares <= 1)).all()
        assert np.array_equal(labels, model.labels_)
        assert np.array_equal(np.concatenate([model.predict(row[None]) for row in rows]), model.labels_)


def test_new_rows_are_placed_with_their_like():
    rows, truth = planted(seed=1)
    unseen = rows[::4]
    model = TopicClusterer().fit(np.delete(rows, np.arange(0, len(rows), 4), axis=0))
    assert adjusted_rand_score(truth[::4], model.predict(unseen)) == 1


@settings(max_examples=60)
@given(n=st.integers(1, 40), d=st.integers(1, 6), seed=st.integers(0, 50), kind=st.sampled_from(["apart", "equal", "grid"]))
def test_any_small_matrix_is_clustered(n, d, seed, kind):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, d)) if kind == "apart" else rng.integers(0, 2, (n, d)) if kind == "grid" else np.ones((n, d))
    found = TopicClusterer(partitions=4).fit(rows.astype(np.float32), groups=rng.integers(0, max(1, n // 2), n))
    sizes = np.bincount(found.labels_)
    assert found.labels_.shape == found.strengths_.shape == found.stabilities_.shape == (n,)
    assert sizes.min() > 0
    assert (np.diff(sizes) <= 0).all()
    assert np.isnan(found.strengths_).all() == (n == 1)
    told = found.strengths_[np.isfinite(found.strengths_)]
    assert len(told) == (n if n > 1 else 0)
    assert ((told >= 0) & (told <= 1)).all()
    assert np.isfinite(found.stabilities_).all() == (found.choice_.reason != "nothing to divide")
    assert len(found.cluster_stabilities_) == len(sizes) == found.hierarchy_.topics
    assert adjusted_rand_score(found.labels_, found.hierarchy_.cut(len(sizes))) == 1
    assert np.array_equal(found.predict(rows), found.labels_)


def test_equal_rows_are_one_cluster():
    found = TopicClusterer().fit(np.ones((20, 3), np.float32))
    assert found.labels_.tolist() == [0] * 20
    assert found.choice_.reason == "nothing to divide"
    assert found.predict(np.eye(3)).tolist() == [0, 0, 0]


def test_copies_of_two_rows_are_two_clusters_and_get_equal_values():
    rows = np.repeat(np.array([[1.0, 0.0], [0.0, 1.0]]), 30, axis=0)
    found = TopicClusterer().fit(rows)
    assert found.labels_.tolist() in ([0] * 30 + [1] * 30, [1] * 30 + [0] * 30)
    for half in (found.stabilities_[:30], found.stabilities_[30:], found.strengths_[:30], found.strengths_[30:]):
        assert len(np.unique(half)) == 1


def test_subsets_leave_whole_articles_out(monkeypatch):
    seen = []

    def watched(neighbours, resolutions, rows, **options):
        seen.extend(rows)
        return divide(neighbours, resolutions, rows, **options)

    monkeypatch.setattr("research.topics.clusterer.divide", watched)
    rows, _ = planted(4, 30)
    TopicClusterer().fit(rows, groups=np.arange(120) % 40)
    assert len(seen) == 16
    assert all(len(kept) == 96 for kept in seen)  # 32 of 40 articles of three rows each
    seen.clear()
    TopicClusterer(partitions=16).fit(rows, groups=np.arange(120) // 24)
    assert [len(kept) for kept in seen] == [96] * 5  # each of five articles is missed once


def test_what_one_article_alone_says_is_less_stable_than_what_many_say():
    rows, truth = planted(4, 30)
    of_many = np.arange(120)
    of_one = np.where(truth == 3, 1000, of_many)
    many, one = TopicClusterer().fit(rows, groups=of_many), TopicClusterer().fit(rows, groups=of_one)
    held = [np.mean(model.stabilities_[truth == 3]) for model in (many, one)]
    assert all(0 <= share <= 1 for share in held)
    # Without that article there is no such group: a partition has all its rows or none.
    assert len(np.unique(one.stabilities_[truth == 3])) == 1


def test_groups_may_be_names_in_a_series_with_another_index():
    rows, _ = planted(4, 20)
    names = [f"a{row // 2}" for row in range(80)]
    plain, series = (
        TopicClusterer().fit(rows, groups=names),
        TopicClusterer().fit(rows, groups=pd.Series(names, index=range(7, 87))),
    )
    assert fingerprint(plain) == fingerprint(series)


@pytest.mark.parametrize("groups", [["a"] * 80, ["a", "b"] * 40, ["a", "b", "c", "d"] * 20])
def test_few_articles_are_enough(groups):
    rows, truth = planted(4, 20)
    assert adjusted_rand_score(truth, TopicClusterer().fit(rows, groups=groups).labels_) > 0.97


@settings(max_examples=12)
@given(n=st.integers(30, 150), smallest=st.integers(1, 40), seed=st.integers(0, 50))
def test_no_cluster_is_below_the_least_size(n, smallest, seed):
    rows = np.random.default_rng(seed).normal(size=(n, 6)).astype(np.float32)  # nothing to find: borders everywhere
    sizes = np.bincount(TopicClusterer(min_cluster_size=smallest, partitions=6).fit(rows).labels_)
    assert len(sizes) == 1 or sizes.min() >= smallest


def test_a_least_size_above_the_number_of_rows_gives_one_cluster():
    rows, _ = planted(4, 10)
    found = TopicClusterer(min_cluster_size=41).fit(rows)
    assert found.labels_.max() == 0
    assert found.strengths_.tolist() == [1] * 40
    assert found.hierarchy_.topics == 1
    assert TopicClusterer(min_cluster_size=41, n_clusters=3).fit(rows).labels_.max() == 0


@pytest.mark.parametrize(
    "options",
    [
        {"n_clusters": 0},
        {"n_clusters": 2.5},
        {"n_clusters": "3"},
        {"resolution": 0},
        {"resolution": float("nan")},
        {"resolution": float("inf")},
        {"resolution": "fine"},
        {"n_clusters": 3, "resolution": 1.0},
        {"n_neighbors": 0},
        {"min_cluster_size": 0},
        {"partitions": 1},
        {"partitions": None},
        {"share": 0.0},
        {"share": 1.1},
        {"seed": -1},
        {"seed": None},
    ],
)
def test_a_bad_parameter_is_told_in_one_line(options):
    with pytest.raises(ConfigError) as told:
        TopicClusterer(**options).fit(planted(2, 5)[0])
    line = str(told.value)
    assert "\n" not in line
    assert all(name in line for name in options)
    assert ";" in line  # what would be right


def test_groups_that_are_not_one_a_row_are_refused():
    with pytest.raises(DataError, match="3 groups for 10 rows"):
        TopicClusterer().fit(planted(2, 5)[0], groups=["a", "b", "c"])
