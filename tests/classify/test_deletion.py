"""What carries a prediction: every number derived again from a classifier whose formula is known."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.classifiers.deletion import (
    DeletionCheck,
    Span,
    cut_out,
    deletion_check,
    faithfulness,
    spans_that_carry,
)
from research.errors import ConfigError, DataError

WEIGHTS = {"مطر": 2.0, "غيوم": 1.5, "رياح": 0.5, "مشمس": -3.0}
BIAS = -1.0
RAIN = "هطل مطر غزير مع رياح ثم مرت غيوم فوق جبل مشمس"


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def rain(text):
    """The probability of rain, in closed form: a logistic function of word counts."""
    return sigmoid(BIAS + sum(WEIGHTS.get(word, 0.0) for word in text.split()))


class Weather:
    """The classifier; it writes down what it is asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        assert texts
        assert all(texts)
        self.asked.append(list(texts))
        return np.array([[1 - rain(text), rain(text)] for text in texts])


def words(text):
    return [found.span() for found in re.finditer(r"\S+", text)]


def span(text, word, weight=1.0, kind="word"):
    start = text.index(word)
    return Span(start, start + len(word), word, weight, kind)


written = st.lists(st.sampled_from([*WEIGHTS, "جبل", "في", "صباح"]), max_size=12).map(" ".join)
anything = st.text(st.sampled_from("مطرغيوم بج،\n"), min_size=1, max_size=40)


@st.composite
def located_texts(draw):
    """A text and any stretches of it, in any order, some of them overlapping."""
    text = draw(anything)
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] < pair[1])
    return text, draw(st.lists(bounds, max_size=6))


# What is cut out


def test_cutting_words_out_leaves_the_rest_as_it_stands():
    assert cut_out("غيوم ثم مطر", [(5, 7)]) == "غيوم  مطر"
    assert cut_out("غيوم ثم مطر", [(8, 11), (0, 4)]) == " ثم "


@given(located_texts())
def test_every_character_outside_the_places_stays_and_no_other(case):
    text, places = case
    inside = {at for start, end in places for at in range(start, end)}
    assert cut_out(text, places) == "".join(char for at, char in enumerate(text) if at not in inside)
    assert cut_out(text, places[::-1]) == cut_out(text, places)


# What carries a prediction


def test_the_weight_of_a_word_is_its_weight_in_the_classifier():
    weather = Weather()
    found = spans_that_carry(weather, RAIN, 1, words(RAIN))
    assert [(one.text, one.kind) for one in found] == [("مطر", "word"), ("غيوم", "word"), ("رياح", "word")]
    assert [one.weight for one in found] == pytest.approx([2.0, 1.5, 0.5])
    assert len(weather.asked) == 1


def test_the_other_class_rests_on_the_other_words():
    (found,) = spans_that_carry(Weather(), RAIN, 0, words(RAIN))
    assert found.text == "مشمس"
    assert found.weight == pytest.approx(3.0)


def test_log_odds_are_those_of_the_class_against_all_others():
    def three(texts):
        scores = [np.array([text.count("مطر"), 2.0 * text.count("ثلج"), 0.5]) for text in texts]
        return [np.exp(one) / np.exp(one).sum() for one in scores]

    text = "مطر ثم ثلج"
    whole = 2 - math.log(math.exp(1) + math.exp(0.5))
    without_snow = 0 - math.log(math.exp(1) + math.exp(0.5))
    (found,) = spans_that_carry(three, text, 1, words(text))
    assert found.text == "ثلج"
    assert found.weight == pytest.approx(whole - without_snow)
    # What speaks for another class speaks against this one.
    assert spans_that_carry(three, text, 2, words(text)) == ()


def test_only_the_heaviest_are_kept():
    assert [one.text for one in spans_that_carry(Weather(), RAIN, 1, words(RAIN), most=2)] == ["مطر", "غيوم"]


def test_of_equal_words_the_first_come_first():
    text = "رياح مطر رياح مطر"
    found = spans_that_carry(Weather(), text, 1, words(text), most=3)
    assert [(one.start, one.text) for one in found] == [(5, "مطر"), (14, "مطر"), (0, "رياح")]


def test_sentences_that_touch_are_one_and_weigh_what_both_weigh():
    text = "هطل مطر. مرت غيوم. وصل قطار."
    first, second, third = (0, 9), (9, 19), (19, 28)

    def predict(texts):
        chances = [sigmoid(BIAS + sum(weight * text.count(word) for word, weight in WEIGHTS.items())) for text in texts]
        return [[1 - one, one] for one in chances]

    (found,) = spans_that_carry(predict, text, 1, [third, second, first], kind="sentence")
    assert (found.start, found.end, found.kind) == (0, 19, "sentence")
    assert found.weight == pytest.approx(2.0 + 1.5)


def test_overlapping_pieces_are_one_and_what_they_share_counts_once():
    weather = Weather()
    text = "رياح مطر غيوم"
    (found,) = spans_that_carry(weather, text, 1, [(0, 8), (5, 13)], kind="clause")
    assert found.text == text
    assert found.weight == pytest.approx(0.5 + 2.0 + 1.5)
    assert len(weather.asked) == 2
    assert weather.asked[1] == sorted([" ", text])


def test_what_stands_inside_a_heavier_piece_is_part_of_it_and_not_measured_again():
    weather = Weather()
    (found,) = spans_that_carry(weather, "جو مطر غيوم", 1, [(3, 11), (3, 6)])
    assert (found.text, len(weather.asked)) == ("مطر غيوم", 1)


def test_pieces_that_together_have_no_effect_are_no_evidence():
    def predict(texts):
        return [[0.2, 0.8] if ("مطر" in one) == ("برد" in one) else [0.8, 0.2] for one in texts]

    text = "مطربرد"
    assert [one.text for one in spans_that_carry(predict, text, 1, [(0, 3)])] == ["مطر"]
    assert spans_that_carry(predict, text, 1, [(0, 3), (3, 6)]) == ()


def test_a_text_of_one_word_is_asked_for_as_a_blank():
    weather = Weather()
    (found,) = spans_that_carry(weather, "مطر", 1, [(0, 3)])
    assert weather.asked == [[" ", "مطر"]]
    assert found.weight == pytest.approx(2.0)


def test_without_pieces_nothing_is_asked():
    weather = Weather()
    assert spans_that_carry(weather, "مطر", 1, []) == ()
    assert weather.asked == []


def test_certainty_gives_a_finite_weight():
    (found,) = spans_that_carry(lambda texts: [[0.0, 1.0] if "مطر" in one else [1.0, 0.0] for one in texts], "مطر", 1, [(0, 3)])
    assert found.weight == pytest.approx(2 * math.log(999_999))


def test_a_difference_that_may_be_rounding_is_no_evidence():
    def predict(texts):
        chances = [0.5 + 1e-6 * ("جبل" in one) + 1e-3 * ("مطر" in one) for one in texts]
        return [[1 - one, one] for one in chances]

    assert [one.text for one in spans_that_carry(predict, "جبل مطر", 1, [(0, 3), (4, 7)])] == ["مطر"]


@given(located_texts(), st.integers(0, 1), st.integers(1, 4))
def test_spans_lie_in_the_text_apart_from_each_other_and_each_has_its_weight(case, target, most):
    text, places = case

    def predict(texts):
        chances = [sigmoid(0.7 * one.count("م") - 0.4 * one.count("ر") + 0.2) for one in texts]
        return [[1 - one, one] for one in chances]

    def logit(one):
        return (0.7 * one.count("م") - 0.4 * one.count("ر") + 0.2) * (1 if target else -1)

    found = spans_that_carry(predict, text, target, places, most=most)
    assert len(found) <= most
    assert found == spans_that_carry(predict, text, target, places[::-1] + places, most=most)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        assert one.weight == pytest.approx(logit(text) - logit(text[: one.start] + text[one.end :]))
        assert one.weight > 0
    in_order = sorted(found, key=lambda one: one.start)
    assert all(before.end < after.start for before, after in pairwise(in_order))
    assert list(found) == sorted(found, key=lambda one: -one.weight)


@given(located_texts())
def test_where_every_text_gets_the_same_answer_there_is_no_evidence(case):
    assert spans_that_carry(lambda texts: [[0.3, 0.7]] * len(texts), case[0], 1, case[1]) == ()


# What becomes of it without the evidence


def test_evidence_is_cut_out_together_and_the_control_takes_as_much_of_the_rest():
    weather = Weather()
    text = "هطل مطر وسقط برد ومرت غيوم"
    evidence = spans_that_carry(Weather(), text, 1, words(text))
    (check,) = deletion_check(weather, [text], [1], [evidence])
    assert check.target == 1
    assert check.characters == len("مطر") + len("غيوم")
    assert check.before == pytest.approx(sigmoid(-1 + 2 + 1.5))
    assert check.without == pytest.approx(sigmoid(-1))
    assert check.changed
    # No other word has a weight, whichever of them were drawn.
    assert check.control == pytest.approx(check.before)
    assert check.control_changed is False
    assert len(weather.asked) == 1
    (control,) = set(weather.asked[0]) - {text, cut_out(text, [(one.start, one.end) for one in evidence])}
    assert len(control) == len(text) - check.characters
    assert "مطر" in control
    assert "غيوم" in control


def test_the_control_cuts_out_of_the_pieces_that_are_given():
    text = "جبل مطر بحر مشمس"
    evidence = [span(text, "جبل")]
    (check,) = deletion_check(Weather(), [text], [0], [evidence], [[(0, 3), (4, 7)]])
    assert check.without == pytest.approx(check.before)
    assert check.before == pytest.approx(1 - sigmoid(-1 + 2 - 3))
    assert check.control == pytest.approx(1 - sigmoid(-1 - 3))


def test_a_control_may_change_the_decision_where_the_evidence_does_not():
    text = "جبل مطر"
    (check,) = deletion_check(Weather(), [text], [1], [[span(text, "جبل")]])
    assert (check.changed, check.control_changed) == (False, True)
    assert check.control == pytest.approx(sigmoid(-1))


def test_of_the_last_piece_only_what_is_wanting_is_cut():
    weather = Weather()
    text = "مطر استمرت"
    deletion_check(weather, [text], [1], [[span(text, "مطر")]])
    assert set(weather.asked[0]) == {text, " استمرت", "مطر مرت"}


def test_pieces_that_overlap_are_counted_once_in_the_control():
    weather = Weather()
    text = "مطرغيوم ثمجبل"
    # Five characters are left beside the evidence, in three pieces that share some.
    pieces = [(8, 11), (9, 13), (8, 13)]
    (check,) = deletion_check(weather, [text], [1], [[Span(0, 5, "مطرغي", 1.0, "word")]], [pieces])
    assert check.characters == 5
    assert "مطرغيوم " in weather.asked[0]


def test_there_is_no_control_where_the_rest_is_shorter_than_the_evidence():
    text = "مطر في"
    (check,) = deletion_check(Weather(), [text], [1], [[span(text, "مطر")]])
    assert (check.control, check.control_changed) == (None, None)
    assert check.without == pytest.approx(sigmoid(-1))


def test_a_piece_that_overlaps_the_evidence_is_no_control():
    text = "مطر غزير"
    (check,) = deletion_check(Weather(), [text], [1], [[span(text, "مطر")]], [[(0, 8), (2, 5)]])
    assert check.control is None


def test_a_text_that_is_all_evidence_is_asked_for_as_a_blank():
    weather = Weather()
    (check,) = deletion_check(weather, ["مطر"], [1], [[span("مطر", "مطر")]])
    assert weather.asked == [[" ", "مطر"]]
    assert check == DeletionCheck(1, 3, check.before, check.without, True, None, None)


def test_the_decision_is_the_most_probable_of_all_classes():
    def predict(texts):
        return [[0.4, 0.3, 0.3] if "مطر" in one else [0.35, 0.2, 0.45] for one in texts]

    text = "مطر جبل"
    (check,) = deletion_check(predict, [text], [0], [[span(text, "مطر")]])
    assert (check.before, check.without, check.changed) == (0.4, 0.35, True)
    assert (check.control, check.control_changed) == (0.4, False)


def test_no_texts_ask_nothing():
    weather = Weather()
    assert deletion_check(weather, [], [], []) == ()
    assert weather.asked == []


@given(st.lists(written, max_size=5), st.integers(0, 3))
def test_cutting_nothing_changes_nothing(texts, seed):
    checks = deletion_check(Weather(), texts, [1] * len(texts), [[]] * len(texts), seed=seed)
    for text, check in zip(texts, checks, strict=True):
        chance = rain(text)
        assert check == DeletionCheck(1, 0, chance, chance, False, chance, False)
    assert faithfulness(checks).tested == 0


@given(st.lists(written, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(0, 3))
def test_neither_the_order_of_texts_nor_the_others_matter(texts, random, seed):
    targets = [int(rain(text) > 0.5) for text in texts]
    pairs = zip(texts, targets, strict=True)
    evidence = [spans_that_carry(Weather(), text, target, words(text), most=2) for text, target in pairs]
    checks = deletion_check(Weather(), texts, targets, evidence, seed=seed)
    order = random.sample(range(len(texts)), len(texts))
    again = deletion_check(
        Weather(),
        [texts[at] for at in order],
        [targets[at] for at in order],
        [evidence[at] for at in order],
        [words(texts[at])[::-1] for at in order],
        seed=seed,
    )
    assert again == tuple(checks[at] for at in order)
    assert deletion_check(Weather(), texts[:1], targets[:1], evidence[:1], seed=seed) == checks[:1]


@given(st.data(), st.integers(-2, 2))
def test_a_control_has_the_size_of_the_evidence_and_takes_nothing_of_it(data, seed):
    text = "ابتثجحخدذرزسشصضطظعغف"  # Every letter once: what is missing says where it stood.
    places = st.tuples(st.integers(0, 19), st.integers(1, 5)).map(lambda pair: (pair[0], min(sum(pair), 20)))
    cut, pieces = data.draw(st.lists(places, min_size=1, max_size=3)), data.draw(st.lists(places, max_size=6))
    evidence = {at for start, end in cut for at in range(start, end)}
    others = {at for place in pieces if evidence.isdisjoint(range(*place)) for at in range(*place)}
    weather = Weather()
    spans = [Span(start, end, text[start:end], 1.0, "clause") for start, end in cut]
    (check,) = deletion_check(weather, [text], [1], [spans], [pieces], seed=seed)
    assert check.characters == len(evidence)
    controls = set(weather.asked[0]) - {text, cut_out(text, cut)}
    assert len(controls) == (len(others) >= len(evidence)) == (check.control is not None)
    for control in controls:
        missing = {at for at, letter in enumerate(text) if letter not in control}
        assert len(missing) == len(evidence)
        assert missing <= others
        assert control == "".join(letter for letter in text if letter in control)


def test_the_seed_decides_what_the_control_draws():
    text = "مطر جبل بحر نهر واد تل"
    evidence = [[span(text, "مطر")]]

    def drawn(seed):
        weather = Weather()
        deletion_check(weather, [text], [1], evidence, seed=seed)
        return tuple(weather.asked[0])

    assert drawn(3) == drawn(3)
    assert len({drawn(seed) for seed in range(20)}) > 2


def test_texts_of_the_same_shape_have_draws_of_their_own():
    places = set()
    for number in range(20):
        weather, text = Weather(), f"مطر جبل بحر نهر {number:03}"
        deletion_check(weather, [text], [1], [[span(text, "مطر")]])
        (control,) = set(weather.asked[0]) - {text, text[3:]}
        places.add(control.split(" ").index(""))
    assert len(places) > 1


def test_every_other_piece_may_be_the_control():
    text = "مطر جبل بحر نهر"
    drawn = Counter()
    for seed in range(300):
        weather = Weather()
        deletion_check(weather, [text], [1], [[span(text, "مطر")]], seed=seed)
        (control,) = set(weather.asked[0]) - {text, text[3:]}
        drawn.update({"جبل", "بحر", "نهر"} - set(control.split()))
    # 100 of 300 each, with a standard deviation of 8.
    assert sum(drawn.values()) == 300
    assert all(60 < count < 140 for count in drawn.values())


# Over many predictions


def test_the_means_are_those_of_the_texts_that_were_tested():
    checks = [
        DeletionCheck(1, 4, 0.9, 0.3, True, 0.8, False),
        DeletionCheck(1, 3, 0.7, 0.6, False, 0.4, True),
        DeletionCheck(0, 9, 0.8, 0.1, True, None, None),
        DeletionCheck(0, 0, 0.6, 0.6, False, 0.6, False),
    ]
    found = faithfulness(iter(checks))
    assert (found.texts, found.tested, found.compared) == (4, 3, 2)
    assert found.drop == pytest.approx((0.6 + 0.1 + 0.7) / 3)
    assert found.changed == pytest.approx(2 / 3)
    assert found.control_drop == pytest.approx((0.1 + 0.3) / 2)
    assert found.control_changed == pytest.approx(1 / 2)
    assert found.advantage == pytest.approx(((0.6 - 0.1) + (0.1 - 0.3)) / 2)


@pytest.mark.parametrize("checks", [[], [DeletionCheck(1, 0, 0.9, 0.9, False, 0.9, False)]])
def test_where_nothing_was_tested_no_number_is_given(checks):
    found = faithfulness(checks)
    assert (found.texts, found.tested, found.compared) == (len(checks), 0, 0)
    assert all(map(math.isnan, (found.drop, found.changed, found.control_drop, found.control_changed, found.advantage)))


def test_without_a_control_only_the_evidence_has_numbers():
    found = faithfulness([DeletionCheck(1, 3, 0.75, 0.25, True, None, None)])
    assert (found.drop, found.changed) == (0.5, 1.0)
    assert all(map(math.isnan, (found.control_drop, found.control_changed, found.advantage)))


def test_evidence_of_the_classifier_carries_more_than_the_control():
    nouns = ["جبل", "بحر", "نهر", "واد", "تل", "سهل"]
    texts = [f"{one} مطر {two} غيوم {three} بيت" for one, two, three in zip(nouns, nouns[1:], nouns[2:], strict=False)]
    evidence = [spans_that_carry(Weather(), text, 1, words(text)) for text in texts]
    found = faithfulness(deletion_check(Weather(), texts, [1] * len(texts), evidence))
    assert (found.tested, found.compared) == (4, 4)
    assert found.drop == pytest.approx(sigmoid(2.5) - sigmoid(-1))
    assert (found.changed, found.control_changed) == (1.0, 0.0)
    assert found.control_drop == pytest.approx(0.0)
    assert found.advantage == pytest.approx(found.drop)


# What a user can get wrong


@pytest.mark.parametrize("place", [(0, 12), (-1, 3), (3, 3), (4, 2)])
def test_a_piece_outside_the_text_is_refused(place):
    with pytest.raises(DataError, match=re.escape(f"no piece {place[0]}-{place[1]} in 11 characters")):
        spans_that_carry(Weather(), "غيوم ثم مطر", 1, [(0, 4), place])
    with pytest.raises(DataError, match="text 1: no piece"):
        deletion_check(Weather(), ["مطر", "غيوم ثم مطر"], [1, 1], [[], []], [[], [place]])


def test_evidence_of_another_text_is_refused():
    texts = ["مطر جبل", "جبل مطر"]
    with pytest.raises(DataError, match="text 0: evidence of another text"):
        deletion_check(Weather(), texts, [1, 1], [[span(texts[1], "مطر")], [span(texts[0], "مطر")]])


@pytest.mark.parametrize(
    ("targets", "evidence", "located"), [([1], [[], []], None), ([1, 1], [[]], None), ([1, 1], [[], []], [[]])]
)
def test_lists_of_different_length_are_refused(targets, evidence, located):
    with pytest.raises(DataError, match=r"lists of \[1, 2\]; each must have one entry a text"):
        deletion_check(Weather(), ["مطر", "جبل"], targets, evidence, located)


def test_at_least_one_piece_must_be_wanted():
    with pytest.raises(ConfigError, match="0 pieces at most"):
        spans_that_carry(Weather(), "مطر", 1, [(0, 3)], most=0)


@pytest.mark.parametrize("target", [2, -1])
def test_a_class_that_is_not_there_is_refused(target):
    with pytest.raises(ConfigError, match=f"there is no class {target}; it knows 0 to 1"):
        spans_that_carry(Weather(), "مطر", target, [(0, 3)])
    with pytest.raises(ConfigError, match=f"there is no class {target}"):
        deletion_check(Weather(), ["مطر"], [target], [[]])


@pytest.mark.parametrize(
    "predict",
    [
        lambda texts: [0.5] * len(texts),
        lambda texts: [[1.0]] * len(texts),
        lambda texts: [[0.5, 0.5]],
        lambda texts: [[-2.0, 0.5]] * len(texts),
        lambda texts: [[0.5, 3.0]] * len(texts),
        lambda texts: [[math.nan, 1.0]] * len(texts),
    ],
    ids=["one dimension", "one class", "one row", "low scores", "high scores", "nan"],
)
def test_what_are_no_probabilities_is_refused(predict):
    with pytest.raises(ConfigError, match=r"predict: an array of shape .* for 2 texts does not hold their probabilities"):
        spans_that_carry(predict, "مطر", 1, [(0, 3)])
