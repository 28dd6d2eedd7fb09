"""Texts that are unlike what was learned from: nearness by hand, and who is called unlike."""

from __future__ import annotations

import numpy as np
import pytest

from research.classifiers.unlike import learn_familiar
from research.features.views import Views, learn_views


def near(n=100, d=16, seed=0, spread=0.3):
    """Embeddings around one of two directions."""
    rng = np.random.default_rng(seed)
    rows = np.eye(d)[rng.integers(0, 2, n)] + spread * rng.normal(size=(n, d)) / np.sqrt(d)
    return rows.astype(np.float32)


def learned(rows, owners=None):
    texts = [f"كلمة{number % 5} نص" for number in range(len(rows))]
    space, seen = learn_views(texts, rows)
    return space, seen, learn_familiar(seen, list(range(len(rows))) if owners is None else owners)


def test_nearness_by_hand():
    space, seen, familiar = learned(near())
    asked = space.views(["نص"] * 5, near(5, seed=9))
    cosines = asked.meaning.astype(np.float64) @ seen.meaning.astype(np.float64).T
    np.testing.assert_allclose(familiar.nearness(asked), cosines.max(axis=1), atol=1e-5)


def test_the_least_nearness_by_hand():
    rows, owners = near(60), [number // 3 for number in range(60)]
    _, seen, familiar = learned(rows, owners)
    cosines = seen.meaning.astype(np.float64) @ seen.meaning.astype(np.float64).T
    cosines[np.equal.outer(owners, owners)] = -1
    assert familiar.least == pytest.approx(np.quantile(cosines.max(axis=1), 0.01), abs=1.01e-4)


def test_a_text_is_not_compared_with_its_own_article():
    rows = near(20, spread=1.0)
    twice = np.repeat(rows, 2, axis=0)
    _, _, apart = learned(twice)
    _, _, together = learned(twice, [number // 2 for number in range(40)])
    assert apart.least == pytest.approx(1, abs=1e-3)
    assert together.least < 0.9


def test_like_texts_are_not_called_unlike_and_others_are():
    space, seen, familiar = learned(near(300))
    like = space.views(["نص"] * 200, near(200, seed=3))
    assert familiar.unlike(like).mean() < 0.05
    assert not familiar.unlike(seen).any()
    strange = np.zeros((3, 16), np.float32)
    strange[:, 9:12] = np.eye(3)
    assert familiar.unlike(space.views(["نص"] * 3, strange)).all()


def test_a_text_of_which_nothing_is_seen_is_unlike():
    space, _, familiar = learned(near(30))
    blank = np.full((2, 16), np.nan, np.float32)
    blank[1] = near(1)[0]
    assert familiar.unlike(space.views(["", "نص"], blank))[0]
    assert familiar.nearness(space.views(["", "نص"], blank))[1] > 0.5


def test_where_words_alone_are_seen_nearness_is_not_known():
    space, _, familiar = learned(np.zeros((4, 0), np.float32))
    asked = space.views(["نص", "قمة"], np.zeros((2, 0), np.float32))
    assert np.isnan(familiar.nearness(asked)).all()
    assert familiar.unlike(asked).tolist() == [False, True]


def test_one_article_tells_nothing():
    _, seen, familiar = learned(near(5), ["a"] * 5)
    assert np.isnan(familiar.nearness(seen)).all()
    assert not familiar.unlike(seen).any()


def test_no_text_is_asked_about():
    for d in (0, 16):
        _, seen, familiar = learned(near(10)[:, :d])
        none = Views(seen.words[:0], seen.characters[:0], seen.meaning[:0])
        assert familiar.nearness(none).shape == familiar.unlike(none).shape == (0,)


def test_a_text_is_judged_alone_as_among_others():
    space, _, familiar = learned(near(100, spread=1.0))
    asked = space.views(["نص"] * 40, near(40, seed=5, spread=1.5))
    together = familiar.unlike(asked)
    assert 0 < together.sum() < 40
    assert [bool(familiar.unlike(asked.take(np.array([at])))[0]) for at in range(40)] == together.tolist()


def test_more_texts_than_are_compared_with(monkeypatch):
    monkeypatch.setattr("research.classifiers.unlike._MOST", 50)
    monkeypatch.setattr("research.classifiers.unlike._BLOCK", 7)
    space, _, familiar = learned(near(201))
    assert len(familiar.rows) <= 50
    assert familiar.unlike(space.views(["نص"] * 100, near(100, seed=3))).mean() < 0.15


def test_blocks_do_not_change_what_is_learned(monkeypatch):
    _, _, whole = learned(near(60, spread=1.0))
    monkeypatch.setattr("research.classifiers.unlike._BLOCK", 7)
    _, _, parts = learned(near(60, spread=1.0))
    assert parts.least == pytest.approx(whole.least, abs=1e-4)
