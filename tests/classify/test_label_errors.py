"""Likely label errors: against confident learning by hand, in fractions."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from research.classifiers.label_errors import Suspect, suspect_labels
from research.errors import DataError

CLASSES = ["sport", "economy", "weather"]
PARTS = 20


@st.composite
def labelled(draw):
    """Labels, and probabilities in twentieths; now and then a class has no text."""
    n = draw(st.integers(2, 14))
    labels = draw(st.lists(st.sampled_from(CLASSES), min_size=n, max_size=n))
    cuts = draw(st.lists(st.tuples(st.integers(0, PARTS), st.integers(0, PARTS)), min_size=n, max_size=n))
    rows = [(min(a, b), max(a, b) - min(a, b), PARTS - max(a, b)) for a, b in cuts]
    return labels, [tuple(Fraction(part, PARTS) for part in row) for row in rows]


def by_hand(labels, rows) -> dict[int, tuple[str, Fraction]]:
    """Suspects with their likely label (the first of equally likely ones) and score."""
    shown = [name for name in CLASSES if name in labels]
    if len(shown) < 2:
        return {}
    table = [dict(zip(CLASSES, row, strict=True)) for row in rows]
    usual = {}
    for name in shown:
        own = [row[name] for row, label in zip(table, labels, strict=True) if label == name]
        usual[name] = sum(own) / len(own)
    found = {}
    for at, (row, label) in enumerate(zip(table, labels, strict=True)):
        best = max(row[name] for name in shown)
        as_usual = [name for name in shown if row[name] >= usual[name] and row[name] > 0]
        if row[label] < best and set(as_usual) - {label}:
            found[at] = (next(name for name in shown if row[name] == best), row[label])
    return found


def floats(rows) -> np.ndarray:
    return np.array([[float(part) for part in row] for row in rows])


@given(labelled())
def test_suspects_are_those_of_confident_learning_by_hand(data):
    labels, rows = data
    found = suspect_labels(labels, floats(rows), CLASSES)
    expected = by_hand(labels, rows)
    assert {suspect.row: (suspect.likely, suspect.score) for suspect in found} == {
        row: (likely, pytest.approx(float(score))) for row, (likely, score) in expected.items()
    }
    for suspect in found:
        assert suspect.given == labels[suspect.row]
        gain = rows[suspect.row][CLASSES.index(suspect.likely)] - rows[suspect.row][CLASSES.index(suspect.given)]
        assert suspect.margin == pytest.approx(float(gain))


@given(labelled(), st.randoms(use_true_random=False))
def test_the_order_of_texts_and_of_classes_does_not_matter(data, random):
    labels, rows = data
    assume(all(len(set(row)) == len(row) for row in rows))  # of equally likely classes the first is named
    order, columns = list(range(len(labels))), list(range(len(CLASSES)))
    random.shuffle(order)
    random.shuffle(columns)
    found = suspect_labels(labels, floats(rows), CLASSES)
    moved = suspect_labels(
        [labels[at] for at in order], floats(rows)[np.ix_(order, columns)], [CLASSES[column] for column in columns]
    )
    assert {(order[s.row], s.given, s.likely, s.score) for s in moved} == {(s.row, s.given, s.likely, s.score) for s in found}


def test_planted_errors_are_found_and_the_worst_comes_first():
    rng = np.random.default_rng(5)
    truth, planted = rng.integers(0, 3, 90), [3, 40, 77]
    sure = np.full((90, 1), 0.6)
    sure[planted, 0] = 0.85, 0.9, 0.95
    probabilities = rng.dirichlet([1, 1, 1], 90) * (1 - sure)
    probabilities[np.arange(90), truth] += sure[:, 0]
    labels = [CLASSES[code] for code in truth]
    for row in planted:
        labels[row] = CLASSES[(truth[row] + 1) % 3]
    found = suspect_labels(labels, probabilities, CLASSES)
    assert {suspect.row for suspect in found} == set(planted)
    assert all(suspect.likely == CLASSES[truth[suspect.row]] for suspect in found)
    scores = [probabilities[s.row, CLASSES.index(s.given)] for s in found]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3


def test_equal_scores_are_sorted_by_margin_and_then_by_row():
    rows = [[1, 0, 0], [0, 0.6, 0.4], [0, 1, 0], [0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]]
    labels = ["sport", "sport", "sport", "sport", "economy", "weather"]
    found = suspect_labels(labels, rows, CLASSES)
    assert [(suspect.row, suspect.margin) for suspect in found] == [(2, 1), (3, 1), (1, 0.6)]


def test_a_row_without_an_answer_is_left_out_and_the_others_keep_their_numbers():
    labels, rows = ["sport", "sport", "economy", "sport"], np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    with_gaps = np.insert(rows, [0, 2], [[np.nan, np.nan], [0.5, np.nan]], axis=0)
    assert [s.row for s in suspect_labels(labels, rows, CLASSES[:2])] == [3]
    labels.insert(2, "economy")
    labels.insert(0, "weather")
    # The column for weather has no text with an answer.
    wide = np.hstack([with_gaps, np.where(np.isnan(with_gaps[:, :1]), np.nan, 0.0)])
    assert suspect_labels(labels, wide, CLASSES) == (Suspect(5, "sport", "economy", pytest.approx(0.1), pytest.approx(0.8)),)


def test_a_class_without_a_text_is_never_likely():
    found = suspect_labels(["sport", "economy"] * 2, [[0.1, 0.2, 0.7], [0.2, 0.1, 0.7]] * 2, CLASSES)
    assert {suspect.likely for suspect in found} == {"sport", "economy"}
    assert len(found) == 4


@pytest.mark.parametrize(
    ("labels", "probabilities", "classes"),
    [
        ([], np.zeros((0, 3)), CLASSES),
        ([], [], CLASSES),
        ([], [], []),
        (["economy"], [[0.9, 0.1, 0]], CLASSES),
        (["economy"] * 3, [[0.9, 0.1, 0]] * 3, CLASSES),
        (["sport"] * 2, [[1.0]] * 2, ["sport"]),
        (["sport", "economy"], [[np.nan] * 3, [0, 1, 0]], CLASSES),
        (["sport", "economy"], [[np.nan] * 3] * 2, CLASSES),
    ],
)
def test_without_two_classes_to_compare_nothing_is_suspect(labels, probabilities, classes):
    assert suspect_labels(labels, probabilities, classes) == ()


@pytest.mark.parametrize(
    ("labels", "probabilities", "classes", "message"),
    [
        (["sport", "opera"], [[1, 0, 0]] * 2, CLASSES, "labels, row 1: unknown label 'opera'; .*sport, economy, weather"),
        (["sport"], [[1, 0]], ["sport", "sport"], "'sport' is named twice"),
        (["sport"], [[1, 0]], CLASSES, r"shape \(1, 2\) for 1 labels and 3 classes"),
        (["sport"], [[1, 0, 0]] * 2, CLASSES, r"shape \(2, 3\) for 1 labels"),
        (["sport"] * 2, [[1, 0, 0], [0.9, 0.9, 0]], CLASSES, "row 1: not probabilities"),
        (["sport"] * 2, [[-1, 2, 0], [1, 0, 0]], CLASSES, "row 0: not probabilities"),
        (["sport"] * 2, [[1, 0, 0], [np.inf, 0, 0]], CLASSES, "row 1: not probabilities"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(labels, probabilities, classes, message):
    with pytest.raises(DataError, match=message) as caught:
        suspect_labels(labels, probabilities, classes)
    assert caught.value.remedy


def test_the_library_is_loaded_only_when_needed_and_brings_no_framework():
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from research.classifiers.label_errors import suspect_labels\n"
        "print('cleanlab' in sys.modules)\n"
        "suspect_labels(['a', 'b'], [[0, 1], [1, 0]], ['a', 'b'])\n"
        "print('cleanlab' in sys.modules, *{'torch', 'tensorflow', 'keras', 'datasets', 'requests'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
