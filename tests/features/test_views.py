"""The three views of a text: lengths, blanks, the centre of meanings, and rows that know their own text alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.features.surface import learn_surface
from research.features.views import learn_views

TEXTS = ["فرض عقوبات على السفن", "كأس العالم للفرق", "new sanctions today", "", "أمطار غزيرة في الجبال"]


def embedding(n=5, d=7, seed=0):
    found = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32) + 3
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_meaning_is_centred_and_of_length_one():
    given_rows = embedding()
    space, seen = learn_views(TEXTS, given_rows)
    shifted = given_rows.astype(np.float64) - given_rows.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(space.centre, given_rows.astype(np.float64).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(seen.meaning, shifted / np.linalg.norm(shifted, axis=1, keepdims=True), atol=1e-5)
    assert seen.meaning.dtype == np.float32


def test_the_surface_is_that_of_the_surface_module():
    _, seen = learn_views(TEXTS, embedding())
    _, words, characters = learn_surface(TEXTS)
    assert (seen.words != words).nnz == (seen.characters != characters).nnz == 0


def test_every_row_has_length_one_or_none():
    _, seen = learn_views(TEXTS, embedding())
    for view in (seen.words.toarray(), seen.characters.toarray(), seen.meaning):
        lengths = np.linalg.norm(view, axis=1)
        assert ((abs(lengths - 1) < 1e-5) | (lengths == 0)).all()
    assert seen.words[3].nnz == seen.characters[3].nnz == 0


def test_a_blank_text_shows_nothing_and_moves_no_centre():
    rows = embedding()
    rows[3] = np.nan
    space, seen = learn_views(TEXTS, rows)
    assert not seen.meaning[3].any()
    np.testing.assert_allclose(space.centre, np.delete(rows, 3, axis=0).mean(axis=0), rtol=1e-5)
    assert np.isfinite(seen.meaning).all()
    assert not space.views([" "], np.full((1, 7), np.nan, np.float32)).meaning.any()


def test_without_an_encoder():
    space, seen = learn_views(TEXTS, np.zeros((5, 0), np.float32))
    assert seen.meaning.shape == (5, 0)
    assert len(seen) == 5
    assert space.views(["نص"], np.zeros((1, 0), np.float32)).meaning.shape == (1, 0)
    assert len(space.views([], np.zeros((0, 0), np.float32))) == 0


@pytest.mark.parametrize("rows", [embedding(1), np.full((1, 7), np.nan, np.float32)])
def test_one_text_is_not_centred_away(rows):
    space, seen = learn_views(["نص واحد"], rows)
    assert not space.centre.any()
    assert bool(seen.meaning.any()) is not bool(np.isnan(rows).any())


def test_equal_texts_show_no_meaning_that_differs():
    _, seen = learn_views(["نص"] * 3, np.repeat(embedding(1), 3, axis=0))
    assert not seen.meaning.any()


@settings(max_examples=30)
@given(st.permutations(range(5)))
def test_a_row_depends_on_its_own_text_alone(order):
    rows = embedding()
    space, seen = learn_views(TEXTS, rows)
    turned = space.views([TEXTS[at] for at in order], rows[list(order)])
    assert (turned.meaning == seen.meaning[list(order)]).all()
    assert (turned.words != seen.words[list(order)]).nnz == 0
    assert (turned.characters != seen.characters[list(order)]).nnz == 0
    one = space.views([TEXTS[order[0]]], rows[[order[0]]])
    assert (one.meaning[0] == seen.meaning[order[0]]).all()


def test_some_rows_in_some_order_with_repeats():
    _, seen = learn_views(TEXTS, embedding())
    some = seen.take(np.array([4, 0, 0]))
    assert len(some) == 3
    assert (some.meaning == seen.meaning[[4, 0, 0]]).all()
    assert (some.words.toarray() == seen.words.toarray()[[4, 0, 0]]).all()
    assert (some.characters.toarray() == seen.characters.toarray()[[4, 0, 0]]).all()


def test_what_was_given_is_not_changed():
    rows = embedding()
    kept = rows.copy()
    space, _ = learn_views(TEXTS, rows)
    space.views(TEXTS, rows)
    assert (rows == kept).all()


def test_another_centre_moves_meanings_alone():
    space, _ = learn_views(TEXTS, embedding())
    others = embedding(6, seed=5)
    others[2] = np.nan
    moved = space.centred_at(others)
    np.testing.assert_allclose(moved.centre, np.delete(others, 2, axis=0).mean(axis=0), rtol=1e-5)
    assert moved.surface is space.surface
    seen, plain = (one.views(["نص"] * 6, others) for one in (moved, space))
    assert (seen.words != plain.words).nnz == 0
    known = np.delete(np.arange(6), 2)
    shifted = others[known] - moved.centre
    np.testing.assert_allclose(seen.meaning[known], shifted / np.linalg.norm(shifted, axis=1, keepdims=True), atol=1e-5)
