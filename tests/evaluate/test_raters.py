"""Agreement of readers: against scikit-learn, Krippendorff's worked example, and pairs counted in exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from research.evaluate import Undefined, cohens_kappa, krippendorffs_alpha

LEVELS = ["nominal", "ordinal", "interval", "ratio"]
# Krippendorff (2011): four readers, twelve items, 0 where a reader did not read the item.
PUBLISHED = [
    [value or None for value in reader]
    for reader in (
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    )
]
RATINGS = (
    st.integers(1, 4)
    .flatmap(
        lambda readers: st.lists(st.lists(st.sampled_from([None, 1, 2, 4]), min_size=readers, max_size=readers), max_size=8)
    )
    .map(lambda columns: [list(row) for row in zip(*columns, strict=True)])
)


def alpha_of_pairs(ratings, level) -> Fraction | None:
    """One less the mean squared difference within items over that between all ratings that can be paired."""
    items = [[value for value in column if value is not None] for column in zip(*ratings, strict=True)]
    items = [item for item in items if len(item) > 1]
    pool = [value for item in items for value in item]
    if len(set(pool)) < 2:
        return None

    def apart(a, b):
        if level == "nominal":
            return Fraction(a != b)
        if level == "interval":
            return Fraction(a - b) ** 2
        if level == "ratio":
            return Fraction(a - b, a + b) ** 2
        low, high = sorted((a, b))
        between = sum(low <= value <= high for value in pool)
        return (between - Fraction(pool.count(a) + pool.count(b), 2)) ** 2 if a != b else Fraction(0)

    within = sum(sum(apart(a, b) for a, b in permutations(item, 2)) / (len(item) - 1) for item in items) / len(pool)
    between = sum(apart(a, b) for a, b in permutations(pool, 2)) / (len(pool) * (len(pool) - 1))
    return 1 - within / between


@pytest.mark.parametrize(("level", "published"), [*zip(LEVELS, [0.743, 0.815, 0.849, 0.797], strict=True)])
def test_alpha_of_the_published_example(level, published):
    assert round(krippendorffs_alpha(PUBLISHED, level=level), 3) == published


@pytest.mark.parametrize("level", LEVELS)
@given(ratings=RATINGS)
def test_alpha_is_that_of_all_pairs_in_exact_fractions(level, ratings):
    expected, found = alpha_of_pairs(ratings, level), krippendorffs_alpha(ratings, level=level)
    if expected is None:
        assert isinstance(found, Undefined)
    else:
        assert found == pytest.approx(float(expected), abs=1e-9)
        assert found <= 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=20))
def test_nominal_alpha_of_two_readers_is_scotts_pi_with_its_small_sample_correction(items):
    pool = [label for pair in items for label in pair]
    chance = sum(Fraction(pool.count(label), len(pool)) ** 2 for label in set(pool))
    if chance == 1:
        return
    pi = (Fraction(sum(a == b for a, b in items), len(items)) - chance) / (1 - chance)
    found = krippendorffs_alpha([[a for a, _ in items], [b for _, b in items]])
    assert found == pytest.approx(float(pi + (1 - pi) / len(pool)), abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@given(ratings=RATINGS, random=st.randoms(use_true_random=False))
def test_alpha_does_not_depend_on_the_order_of_readers_or_items(level, ratings, random):
    before = krippendorffs_alpha(ratings, level=level)
    columns = list(zip(*ratings, strict=True))
    random.shuffle(columns)
    mixed = [list(row) for row in zip(*columns, strict=True)]
    random.shuffle(mixed)
    assert krippendorffs_alpha(mixed, level=level) == pytest.approx(before, abs=1e-9, nan_ok=True)


@given(RATINGS)
def test_each_level_of_alpha_ignores_what_its_scale_does_not_carry(ratings):
    def by(change):
        return [[None if value is None else change(value) for value in row] for row in ratings]

    def same(one, other, level):
        assert krippendorffs_alpha(one, level=level) == pytest.approx(
            krippendorffs_alpha(other, level=level), abs=1e-9, nan_ok=True
        )

    same(ratings, by({1: "z", 2: "a", 4: 7}.get), "nominal")  # names
    same(ratings, by({1: -3, 2: 0.5, 4: 100}.get), "ordinal")  # any rising values
    same(ratings, by(lambda value: 10 - 3 * value), "interval")  # unit and origin
    same(ratings, by(lambda value: 0.25 * value), "ratio")  # unit


@pytest.mark.parametrize("level", LEVELS)
def test_readers_who_agree_throughout_have_alpha_one(level):
    assert krippendorffs_alpha([[1, 2, 3, None], [1, 2, None, 5], [None, 2, 3, 5]], level=level) == pytest.approx(1)


@pytest.mark.parametrize("level", LEVELS)
def test_readers_who_guess_have_alpha_about_zero(level):
    guesses = np.random.default_rng(0).integers(1, 5, (3, 3000)).tolist()
    assert abs(krippendorffs_alpha(guesses, level=level)) < 0.03


def test_a_near_miss_costs_less_where_distance_counts():
    near, far = [[1, 2, 3, 4], [1, 2, 3, 3]], [[1, 2, 3, 4], [1, 2, 3, 1]]
    for level in ("ordinal", "interval", "ratio"):
        assert krippendorffs_alpha(near, level=level) > krippendorffs_alpha(far, level=level)


def test_an_item_with_one_rating_changes_nothing_and_nan_is_no_rating():
    two = [[1, 2, 1, 2], [1, 2, 2, 2]]
    for blank in (None, math.nan, np.nan, np.float64("nan")):
        more = [[*two[0], 5, blank], [*two[1], blank, blank]]
        assert krippendorffs_alpha(more, level="interval") == pytest.approx(krippendorffs_alpha(two, level="interval"))
    assert krippendorffs_alpha(np.array([[1, 2, np.nan], [1, 2, 3]])) == 1


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("ratings", "why"),
    [
        ([], "no item has two ratings"),
        ([[], []], "no item has two ratings"),
        ([[1, 2, 3]], "no item has two ratings"),
        ([[1, None], [None, 2]], "no item has two ratings"),
        ([[1, 1], [1, 1]], "all ratings are the same"),
        ([[1, 1, 2], [1, 1, None]], "all ratings are the same"),
    ],
)
def test_alpha_of_too_little_is_undefined_with_a_reason(ratings, why, level):
    found = krippendorffs_alpha(ratings, level=level)
    assert isinstance(found, Undefined)
    assert found.reason == why


def test_zero_is_a_value_on_a_ratio_scale():
    assert krippendorffs_alpha([[0, 0, 1], [0, 1, 1]], level="ratio") == pytest.approx(
        krippendorffs_alpha([[0, 0, 1], [0, 1, 1]])
    )


def test_a_ratio_scale_without_distances_gives_no_bare_nan():
    try:
        found = krippendorffs_alpha([[1, -1], [1, -1]], level="ratio")
    except ValueError:
        return
    assert isinstance(found, Undefined)


def test_an_unknown_level_and_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="unknown level 'cardinal'"):
        krippendorffs_alpha([[1, 2], [1, 2]], level="cardinal")
    with pytest.raises(ValueError, match="different numbers of items"):
        krippendorffs_alpha([[1, 2], [1]])


PAIRS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=25)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs):
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    found = cohens_kappa(one, other)
    if len({*one, *other}) == 1:
        assert found.reason == "both readers gave one label throughout"
    else:
        assert found == pytest.approx(cohen_kappa_score(one, other), abs=1e-9)
        assert found <= 1


@given(PAIRS, st.permutations([1, "1", None, ("x",)]), st.randoms(use_true_random=False))
def test_kappa_is_symmetric_and_free_of_names_and_order(pairs, names, random):
    before = cohens_kappa([a for a, _ in pairs], [b for _, b in pairs])
    random.shuffle(pairs)
    renamed = [[names["abcd".index(label)] for label in labels] for labels in zip(*pairs, strict=True)]
    assert cohens_kappa(renamed[1], renamed[0]) == pytest.approx(before, abs=1e-9, nan_ok=True)


def test_kappa_of_a_worked_table_of_fifty_items():
    # 20 both yes, 15 both no, 5 and 10 apart: they agree on 0.7, by chance on 0.5.
    one, other = "y" * 25 + "n" * 25, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohens_kappa(one, other) == pytest.approx(0.4)


def test_kappa_is_one_for_agreement_negative_for_opposition_and_about_zero_for_guessing():
    assert cohens_kappa("abca", "abca") == pytest.approx(1)
    assert cohens_kappa("abab", "baba") == pytest.approx(-1)
    assert cohens_kappa("aaa", "bbb") == 0
    guesses = np.random.default_rng(0).integers(0, 4, (2, 5000)).tolist()
    assert abs(cohens_kappa(*guesses)) < 0.03


def test_kappa_of_nothing_is_undefined_and_every_item_needs_two_labels():
    assert cohens_kappa([], []).reason == "there is no item"
    with pytest.raises(ValueError, match="2 labels of one reader, 1 of the other"):
        cohens_kappa("ab", "a")
