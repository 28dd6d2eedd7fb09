"""Terms as numbers: a sequence that behaves as the list of lists that it stands for, and cannot be changed."""

import pickle
from collections.abc import Sequence
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import DataError
from research.text import ArabicAnalyzer
from research.text.term_lists import TermLists

lists = st.lists(st.lists(st.sampled_from(["قمه", "وفد", "هدف", "بيونغ_يانغ"]), max_size=6), max_size=8)
bounds = st.one_of(st.none(), st.integers(-10, 10))


@given(lists)
def test_it_is_the_lists_that_it_was_made_of(rows):
    terms = TermLists.of(rows)
    assert isinstance(terms, Sequence)
    assert len(terms) == len(rows)
    assert terms == rows
    assert rows == terms
    assert [terms[at] for at in range(len(rows))] == list(terms) == rows
    assert [terms[-1 - at] for at in range(len(rows))] == rows[::-1] == list(reversed(terms))
    assert terms == TermLists.of(iter(rows))
    assert sorted(terms.vocabulary) == sorted({term for row in rows for term in row})


@given(lists, bounds, bounds, st.sampled_from([None, 1, 2, -1, -3]))
def test_a_slice_is_that_of_the_lists(rows, start, stop, step):
    part = TermLists.of(rows)[start:stop:step]
    assert isinstance(part, TermLists)
    assert part == rows[start:stop:step]


@given(lists.filter(len), st.data())
def test_rows_are_taken_in_the_order_in_which_they_are_named(rows, data):
    order = data.draw(st.lists(st.integers(-len(rows), len(rows) - 1), max_size=12))
    terms = TermLists.of(rows)
    assert terms.take(order) == terms.take(np.array(order, dtype=np.intp)) == [rows[at] for at in order]
    assert [terms[at] for at in np.array(order, dtype=np.int32)] == [rows[at] for at in order]


@given(lists, lists)
def test_it_is_equal_to_equal_lists_alone(one, other):
    assert (TermLists.of(one) == TermLists.of(other)) is (one == other)
    assert (TermLists.of(one) == other) is (one == other)
    assert (TermLists.of(one) != other) is (one != other)


def test_other_numbers_of_the_same_terms_are_the_same_terms():
    one = TermLists(np.array([0, 1], np.int32), ("قمه", "وفد"), np.array([0, 2]))
    other = TermLists(np.array([2, 0], np.int32), ("وفد", "هدف", "قمه"), np.array([0, 2]))
    assert one == other == [["قمه", "وفد"]]


def test_what_is_no_list_is_not_equal():
    terms = TermLists.of([["قمه"]])
    assert terms != (["قمه"],)
    assert terms != [("قمه",)]
    assert terms != "قمه"
    with pytest.raises(TypeError, match="unhashable"):
        hash(terms)


@pytest.mark.parametrize(
    "again", [lambda terms: terms, lambda terms: pickle.loads(pickle.dumps(terms)), lambda terms: terms[1:]]
)
def test_it_cannot_be_changed(again):
    terms = again(TermLists.of([["قمه"], ["وفد", "قمه"]]))
    before = list(terms)
    for array in (terms.codes, terms.offsets):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(FrozenInstanceError):
        terms.vocabulary = ()
    with pytest.raises(TypeError, match="assignment"):
        terms[0] = []
    terms[0].append("هدف")
    assert terms == before


@given(lists)
def test_it_survives_pickling(rows):
    again = pickle.loads(pickle.dumps(TermLists.of(rows)))
    assert again == rows
    assert again.vocabulary == TermLists.of(rows).vocabulary


@pytest.mark.parametrize("at", [3, -4, 10**9])
def test_there_is_no_row_beyond_the_last(at):
    terms = TermLists.of([["قمه"], [], []])
    with pytest.raises(IndexError):
        terms[at]
    with pytest.raises(IndexError, match="3 texts"):
        terms.take([0, at])


@pytest.mark.parametrize("offsets", [[], [0], [0, 1], [1, 2], [0, 2, 1, 2], [0, 3]])
def test_offsets_that_cut_no_texts_are_told(offsets):
    with pytest.raises(DataError, match="offsets do not cut 2 terms"):
        TermLists(np.array([0, 0]), ("قمه",), np.array(offsets))


@pytest.mark.parametrize("codes", [[0, 1], [-1, 0]])
def test_codes_that_are_no_terms_are_told(codes):
    with pytest.raises(DataError, match="no place in the vocabulary"):
        TermLists(np.array(codes), ("قمه",), np.array([0, 2]))


def test_it_shows_what_it_holds_where_that_is_little():
    assert repr(TermLists.of([["قمه"], []])) == "TermLists.of([['قمه'], []])"
    assert repr(TermLists.of([["قمه"] * 30, ["وفد"]])) == "<TermLists: 2 texts, 31 terms, 2 of them different>"


def test_a_term_takes_four_bytes_and_a_text_eight():
    terms = ArabicAnalyzer().learn(["أبحرت سفينة الصيد من ميناء الشرق"] * 50)
    assert terms.nbytes == 4 * sum(map(len, terms)) + 8 * 51
