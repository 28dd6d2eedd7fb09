import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.text import phrases
from research.text.phrases import followers, linked, match_spans, span_starts

terms = st.one_of(st.none(), st.sampled_from(["قمح", "شعير", "ذرة", "عدس"]))
lines = st.lists(st.lists(terms, max_size=8), max_size=8)
anything = {"min_count": 1, "min_npmi": -1.0}


def numbered(sequences, *, between):
    """One line of numbers, and what is numbered, as it first occurs; something stands after every sequence."""
    names = list(dict.fromkeys(term for line in sequences for term in line if term is not None))
    place = {name: number for number, name in enumerate(names)} | {None: -1}
    return np.array([number for line in sequences for number in (*map(place.get, line), between)], dtype=np.intc), names


def collocations(sequences, **options):
    return phrases.collocations(*numbered(sequences, between=-1), **options)


def joined_spellings(sequences, counts):
    end = len({term for line in sequences for term in line})
    line, words = numbered(sequences, between=end)
    return phrases.joined_spellings(line, [*words, "\n"], counts)


def expected_npmi(sequences, a, b):
    """By the definition: shares of one total, the number of terms."""
    total = sum(term is not None for line in sequences for term in line)
    share = {x: sum(line.count(x) for line in sequences) / total for x in (a, b)}
    joint = sum((line[i], line[i + 1]) == (a, b) for line in sequences for i in range(len(line) - 1)) / total
    return math.log(joint / (share[a] * share[b])) / -math.log(joint)


@given(lines)
def test_collocations_are_the_neighbours_with_their_npmi(sequences):
    found = collocations(sequences, **anything)
    neighbours = {(a, b) for line in sequences for a, b in itertools.pairwise(line) if None not in (a, b) and a != b}
    assert found.keys() == {pair for pair in neighbours if expected_npmi(sequences, *pair) >= -1}
    for (a, b), strength in found.items():
        assert strength == pytest.approx(expected_npmi(sequences, a, b))
        assert strength <= 1 + 1e-12


@given(lines, st.randoms())
def test_the_order_of_texts_does_not_matter(sequences, random):
    shuffled = random.sample(sequences, len(sequences))
    assert collocations(shuffled, **anything) == collocations(sequences, **anything)


@given(lines)
def test_pairs_come_in_the_order_of_their_terms(sequences):
    _, names = numbered(sequences, between=-1)
    places = [(names.index(a), names.index(b)) for a, b in collocations(sequences, **anything)]
    assert places == sorted(places)


@given(lines, st.integers(1, 4), st.floats(-1, 1))
def test_bounds_only_leave_out(sequences, min_count, min_npmi):
    every, some = collocations(sequences, **anything), collocations(sequences, min_count=min_count, min_npmi=min_npmi)
    often = {
        pair
        for pair in every
        if sum(pair == tuple(line[i : i + 2]) for line in sequences for i in range(len(line))) >= min_count
    }
    assert some == {pair: strength for pair, strength in every.items() if strength >= min_npmi and pair in often}


def test_nothing_joins_across_texts_gaps_or_a_word_with_itself():
    assert collocations([["قمح"], ["شعير"]] * 5, **anything) == {}
    assert collocations([["قمح", None, "شعير"]] * 5, **anything) == {}
    assert collocations([["قمح", "قمح"]] * 5, **anything) == {}
    assert collocations([], **anything) == {}


def test_words_that_always_stand_together_are_as_associated_as_can_be():
    found = collocations([["قمح", "شعير"]] * 3 + [["ذرة", "عدس"]])
    assert found == {("قمح", "شعير"): pytest.approx(1.0)}


def test_what_is_rare_or_chance_is_no_phrase():
    assert collocations([["قمح", "شعير"]] * 2 + [["ذرة"]]) == {}
    # As often in one order as in the other, and with everything else as well.
    mixed = [[a, b] for a in "قشذع" for b in "قشذع"] * 5
    assert collocations(mixed) == {}


def test_a_word_that_is_also_written_apart():
    apart, joined = ["بورت", "سودان"], ["بورتسودان"]
    counts = {"بورت": 2, "سودان": 2, "بورتسودان": 2}
    assert joined_spellings([apart, joined] * 2, counts) == {"بورتسودان": ("بورت", "سودان")}
    # once is a slip of the keyboard, on either side
    assert joined_spellings([apart, joined, joined], counts | {"بورت": 1, "سودان": 1}) == {}
    assert joined_spellings([apart, apart, joined], counts | {"بورتسودان": 1}) == {}
    # as is one in more than ten
    assert joined_spellings([apart] * 2, counts | {"بورتسودان": 20}) != {}
    assert joined_spellings([apart] * 2, counts | {"بورتسودان": 21}) == {}


@pytest.mark.parametrize(("first", "second"), [("من", "صور"), ("علا", "ما"), ("قم", "حنا")])
def test_short_parts_are_not_joined(first, second):
    counts = {first: 5, second: 5, first + second: 5}
    assert joined_spellings([[first, second]] * 5, counts) == {}


def test_a_word_with_two_seams_is_cut_where_the_texts_cut_it_most():
    one, other = ("سبعة", "عشرات"), ("سبعةع", "شرات")
    counts = dict.fromkeys((*one, *other, "".join(one)), 9)
    assert joined_spellings([other] * 3 + [one] * 2, counts) == {"سبعةعشرات": other}
    assert joined_spellings([other] * 2 + [one] * 3, counts) == {"سبعةعشرات": one}
    assert joined_spellings([other, one] * 2, counts) == joined_spellings([one, other] * 2, counts)


@given(st.lists(terms, max_size=12), st.sets(st.tuples(*[st.sampled_from(["قمح", "شعير", "ذرة", "عدس"])] * 2)))
def test_spans_are_the_longest_chains_of_pairs_from_the_left(line, pairs):
    spans = match_spans(line, followers(pairs))
    assert [at for start, end in spans for at in range(start, end)] == list(range(len(line)))
    for start, end in spans:
        assert 1 <= end - start <= 4
        assert all((line[i], line[i + 1]) in pairs for i in range(start, end - 1))
        if end < len(line) and end - start < 4:
            assert (line[end - 1], line[end]) not in pairs


_pairs = st.sets(st.tuples(*[st.sampled_from(["قمح", "شعير", "ذرة"])] * 2))


@given(st.lists(st.sampled_from(["قمح", "شعير", "ذرة", None]), max_size=40), _pairs)
def test_numbers_tell_the_spans_that_the_terms_tell(line, pairs):
    codes, names = numbered([line], between=-1)
    place = {name: number for number, name in enumerate(names)}
    known = [(place[a], place[b]) for a, b in pairs if a in place and b in place]
    joins = linked(codes, known, len(names))
    assert joins.tolist() == [False, *((a, b) in pairs for a, b in itertools.pairwise([*line, None]))]
    assert np.flatnonzero(span_starts(joins)).tolist() == [start for start, _ in match_spans([*line, None], followers(pairs))]


def test_an_empty_line_has_no_links_and_no_spans():
    nothing = np.zeros(0, np.intc)
    assert linked(nothing, [(0, 1)], 2).tolist() == span_starts(nothing.astype(bool)).tolist() == []


def test_a_phrase_has_at_most_four_words():
    chain = ["قمح", "شعير", "ذرة", "عدس", "فول", "سمسم"]
    assert match_spans(chain, followers(itertools.pairwise(chain))) == [(0, 4), (4, 6)]


def test_nothing_is_a_phrase_without_pairs():
    assert match_spans(["قمح", None, "قمح"], followers([])) == [(0, 1), (1, 2), (2, 3)]
    assert match_spans([], followers([("قمح", "شعير")])) == []
