"""Coherence of topics: windows against naive loops, measures against gensim and plain Python, and cases by hand."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import svd
from sklearn.metrics.pairwise import cosine_similarity

from research.evaluate import (
    Undefined,
    c_v,
    count_cooccurrence,
    diversity,
    embedding_coherence,
    npmi,
    umass,
    word_vectors,
)
from research.evaluate.coherence import Cooccurrence

TEXTS = st.lists(st.lists(st.sampled_from("abcdexy"), max_size=14), max_size=8)
WINDOW = st.one_of(st.none(), st.integers(1, 16))
gensim_warns = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


def windows_of(texts, window):
    """The sets of words of every window, by a loop; a text without words has none."""
    found = []
    for text in texts:
        if window is None or len(text) <= window:
            found += [set(text)] if text else []
        else:
            found += [set(text[at : at + window]) for at in range(len(text) - window + 1)]
    return found


@given(TEXTS, WINDOW)
def test_windows_are_counted_as_by_a_naive_loop(texts, window):
    vocabulary = "ebcaz"
    windows = windows_of(texts, window)
    found = count_cooccurrence(texts, vocabulary, window=window)
    assert found.words == tuple("abcez")
    assert found.windows == len(windows)
    expected = [[sum(one in here and other in here for here in windows) for other in found.words] for one in found.words]
    assert found.pairs.tolist() == expected
    assert found.pairs.dtype == np.int64


def test_windows_are_counted_over_many_batches():
    rng = np.random.default_rng(0)
    texts = [rng.choice(list("abcdefgh"), length).tolist() for length in [*rng.integers(0, 30, 120), 3000, 1, 0, 2500]]
    for window in (5, 25):
        windows = windows_of(texts, window)
        assert len(windows) > 4000
        found = count_cooccurrence(iter(texts), "abc", window=window)
        assert found.windows == len(windows)
        for (row, one), (column, other) in combinations(enumerate("abc"), 2):
            assert found.pairs[row, column] == found.pairs[column, row] == sum({one, other} <= here for here in windows)


@given(TEXTS, st.integers(1, 16), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_texts_or_the_direction_of_reading(texts, window, random):
    before = count_cooccurrence(texts, "abc", window=window)
    turned = [text[::-1] for text in texts]
    random.shuffle(turned)
    after = count_cooccurrence(turned, "cba", window=window)
    assert (after.words, after.windows) == (before.words, before.windows)
    assert after.pairs.tolist() == before.pairs.tolist()


def test_nothing_to_count_gives_no_counts():
    assert count_cooccurrence([], "ab").windows == 0
    assert count_cooccurrence([], "ab").pairs.tolist() == [[0, 0], [0, 0]]
    assert count_cooccurrence([["a"]], []).pairs.shape == (0, 0)
    assert count_cooccurrence([["a"], []], ["b"]).windows == 1


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_holds_a_token_at_least(window):
    with pytest.raises(ValueError, match=f"a window of {window} tokens"):
        count_cooccurrence([["a"]], "a", window=window)


def test_the_counts_of_a_topic_follow_its_order_without_repeats_and_words_that_never_occur():
    counts = count_cooccurrence([["a", "b"], ["a", "c"], ["a"]], "abcz")
    assert counts.of(["c", "z", "a", "c", "q"]).tolist() == [[1, 1], [1, 3]]
    assert counts.of([]).shape == (0, 0)


def shared_texts(seed=0, n=80, distinct=True):
    """Texts over twenty words with two loose themes; where distinct, a window never holds a word twice."""
    rng = np.random.default_rng(seed)
    words = np.array([f"w{at:02}" for at in range(20)])
    likely = np.r_[np.full(10, 3.0), np.full(10, 1.0)]
    texts = []
    for at in range(n):
        weights = likely if at % 2 else likely[::-1]
        size = int(rng.integers(8, 16))
        texts.append(rng.choice(words, size, replace=not distinct, p=weights / weights.sum()).tolist())
    return texts, [words[:5].tolist(), words[[3, 12, 17, 8, 19]].tolist(), words[[9, 0, 11, 2, 13]].tolist()]


def by_gensim(measure, texts, topics, window=None):
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    dictionary = Dictionary(texts)
    more = {"corpus": [dictionary.doc2bow(text) for text in texts]} if measure == "u_mass" else {"texts": texts}
    model = CoherenceModel(
        topics=topics, dictionary=dictionary, coherence=measure, window_size=window, topn=len(topics[0]), processes=1, **more
    )
    return [float(value) for value in model.get_coherence_per_topic()]


# Where a word comes back in one window, gensim's sliding windows forget it early; so texts that slide repeat no word.
@gensim_warns
@pytest.mark.parametrize(("window", "distinct"), [(6, True), (10, True), (110, False)])
def test_c_v_is_that_of_gensim(window, distinct):
    texts, topics = shared_texts(distinct=distinct)
    counts = count_cooccurrence(texts, {word for topic in topics for word in topic}, window=window)
    assert c_v(topics, counts) == pytest.approx(by_gensim("c_v", texts, topics, window), abs=1e-6)


@gensim_warns
@pytest.mark.parametrize(("window", "distinct"), [(6, True), (10, True), (110, False)])
def test_npmi_is_that_of_gensim_where_every_pair_occurs(window, distinct):
    texts, topics = shared_texts(distinct=distinct)
    counts = count_cooccurrence(texts, {word for topic in topics for word in topic}, window=window)
    assert all((counts.of(topic) > 0).all() for topic in topics)
    assert npmi(topics, counts) == pytest.approx(by_gensim("c_npmi", texts, topics, window), abs=1e-6)


@gensim_warns
def test_umass_is_that_of_gensim_with_its_smoothing():
    texts, topics = shared_texts(distinct=False, n=40)
    texts += [["w03"], ["w19", "w18"]]
    topics.append(["w18", "w00", "w19", "w03", "w16"])
    counts = count_cooccurrence(texts, {word for topic in topics for word in topic})
    found = umass(topics, counts, smoothing=1e-12 * counts.windows)
    assert found == pytest.approx(by_gensim("u_mass", texts, topics), abs=1e-6)


WORDS = st.lists(st.sampled_from("abcde"), min_size=2, max_size=5, unique=True)


def association(windows, one, other, epsilon=0.0):
    """Normalised pointwise mutual information of two words, straight from the windows."""
    n = len(windows)
    first, second = (sum(word in here for here in windows) / n for word in (one, other))
    both = sum(one in here and other in here for here in windows) / n
    if both == 0 and epsilon == 0:
        return -1.0
    if both == 1:
        return 1.0
    return math.log((both + epsilon) / (first * second)) / -math.log(both + epsilon)


@given(TEXTS, WORDS, WINDOW)
def test_npmi_is_the_mean_over_pairs_and_within_its_bounds(texts, topic, window):
    windows = windows_of(texts, window)
    there = [word for word in topic if any(word in here for here in windows)]
    (found,) = npmi([topic], count_cooccurrence(texts, "abcde", window=window))
    if len(there) < 2:
        assert found.reason == f"{len(there)} of its words occur in the held-out text: two at least are needed"
        return
    assert found == pytest.approx(np.mean([association(windows, *pair) for pair in combinations(there, 2)]), abs=1e-9)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    assert npmi([topic[::-1]], count_cooccurrence(texts, topic, window=window)) == pytest.approx([found])


@given(TEXTS, WORDS, WINDOW)
def test_c_v_is_the_mean_cosine_with_the_sum_of_all_words_associations(texts, topic, window):
    windows = windows_of(texts, window)
    there = [word for word in topic if any(word in here for here in windows)]
    (found,) = c_v([topic], count_cooccurrence(texts, "abcde", window=window))
    if len(there) < 2:
        assert isinstance(found, Undefined)
        return
    vectors = [[association(windows, one, other, 1e-12) for other in there] for one in there]
    total = [math.fsum(column) for column in zip(*vectors, strict=True)]
    if math.hypot(*total) < 1e-6:
        return
    cosines = [
        math.fsum(a * b for a, b in zip(vector, total, strict=True)) / math.hypot(*vector) / math.hypot(*total)
        for vector in vectors
    ]
    assert found == pytest.approx(np.mean(cosines), abs=1e-6)
    assert found <= 1 + 1e-9


@given(TEXTS, WORDS, st.sampled_from([0.01, 1.0]))
def test_umass_is_the_mean_log_of_smoothed_conditional_shares(texts, topic, smoothing):
    there = [word for word in topic if any(word in text for text in texts)]
    (found,) = umass([topic], count_cooccurrence(texts, "abcde"), smoothing=smoothing)
    if len(there) < 2:
        assert isinstance(found, Undefined)
        return
    logs = []
    for late in range(1, len(there)):
        for early in range(late):
            both = sum(there[late] in text and there[early] in text for text in texts)
            logs.append(math.log((both + smoothing) / sum(there[early] in text for text in texts)))
    assert found == pytest.approx(math.fsum(logs) / len(logs), abs=1e-9)
    assert found <= math.log(1 + smoothing) + 1e-12


def test_umass_depends_on_which_word_is_first():
    counts = count_cooccurrence([["a", "b"], ["a"], ["a"], ["a"]], "ab")
    assert umass([["a", "b"], ["b", "a"]], counts) == pytest.approx([math.log(2 / 4), math.log(2 / 1)])


def test_words_of_one_theme_cohere_more_than_words_of_several_by_every_measure():
    texts = [[*"abcd", *"xy"][at % 3 :] for at in range(30)] + [[*"efgh", *"xy"][at % 3 :] for at in range(30)] + [["z"]] * 9
    counts = count_cooccurrence(texts, "abcdefghxyz")
    for measure in (npmi, umass, c_v):
        one, mixed = measure([["c", "d"], ["c", "h"]], counts)
        assert one > mixed
    vectors = word_vectors(texts, "abcdefghz")
    one, mixed = embedding_coherence([["c", "d"], ["c", "h"]], vectors)
    assert one > mixed


def test_words_that_are_independent_have_npmi_zero_and_those_that_are_never_apart_one():
    texts = [[*"ab"], ["a"], ["b"], ["c"]] * 3
    assert npmi([["a", "b"]], count_cooccurrence(texts, "ab")) == pytest.approx([0], abs=1e-12)
    assert npmi([["a", "b"]], count_cooccurrence([[*"ab"], ["c"]], "ab")) == pytest.approx([1])
    assert npmi([["a", "c"]], count_cooccurrence(texts, "ac")) == [-1]


def test_a_word_in_every_window_tells_nothing_of_a_rarer_one_and_is_together_with_another_such():
    counts = count_cooccurrence([[*"abc"], [*"ab"], [*"ab"]], "abc")
    assert npmi([["a", "c"], ["a", "b"]], counts) == pytest.approx([0, 1])
    assert c_v([["a", "b"]], counts) == pytest.approx([1])
    # Vectors (1, 0) and (0, 1): each is at 45 degrees to their sum.
    assert c_v([["a", "c"]], counts) == pytest.approx([math.sqrt(0.5)])


@pytest.mark.parametrize("measure", [npmi, umass, c_v])
@pytest.mark.parametrize(("topic", "there"), [([], 0), (["a"], 1), (["a", "a"], 1), (["a", "q"], 1), (["q", "r"], 0)])
def test_a_topic_of_fewer_than_two_words_that_occur_is_undefined(measure, topic, there):
    counts = count_cooccurrence([["a", "b"], ["b"]], "abq")
    (found,) = measure([topic], counts)
    assert isinstance(found, Undefined)
    assert found.reason == f"{there} of its words occur in the held-out text: two at least are needed"
    assert measure([], counts) == []


def test_words_whose_associations_cancel_have_no_direction_for_c_v():
    # No text gives this table: each word is in every window, and never with the other.
    never = Cooccurrence(("a", "b"), 10, np.array([[10, 0], [0, 10]]))
    assert c_v([["a", "b"]], never)[0].reason == "no word tells of another"
    assert npmi([["a", "b"]], never) == [-1]


def test_measures_give_one_value_a_topic_in_order():
    texts, topics = shared_texts(n=30)
    counts = count_cooccurrence(texts, {word for topic in topics for word in topic})
    for measure in (npmi, umass, c_v):
        assert measure(topics, counts) == [measure([topic], counts)[0] for topic in topics]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=5))
def test_diversity_is_the_share_of_distinct_words(topics):
    words = [word for topic in topics for word in sorted(set(topic))]
    found = diversity(topics)
    if words:
        assert found == pytest.approx(sum(word not in words[:at] for at, word in enumerate(words)) / len(words))
        assert 0 < found <= 1
    else:
        assert found.reason == "no topic has a word"


def test_diversity_is_one_for_topics_apart_and_falls_to_a_share_for_topics_alike():
    assert diversity([["a", "b"], ["c", "d"]]) == 1
    assert diversity([["a", "b"]] * 4) == 0.25


def positive_information(texts, words, window):
    windows = windows_of(texts, window)
    single = {word: sum(word in here for here in windows) for word in words}
    return np.array(
        [
            [
                max(0.0, math.log(both * len(windows) / (single[one] * single[other]))) if both else 0.0
                for other in words
                for both in [sum(one in here and other in here for here in windows)]
            ]
            for one in words
        ]
    )


@settings(max_examples=40)
@given(TEXTS, st.integers(1, 8))
def test_word_vectors_have_the_inner_products_of_a_singular_value_decomposition(texts, window):
    words = sorted({word for text in texts for word in text} & set("abcde"))
    vectors = word_vectors(texts, "abcde", window=window)
    assert sorted(vectors) == words
    if not words:
        return
    left, values, _ = svd(positive_information(texts, words, window))
    rows = np.stack([vectors[word] for word in words])
    assert rows @ rows.T == pytest.approx(left @ np.diag(values) @ left.T, abs=1e-6)


def test_the_first_dimensions_are_those_of_the_largest_singular_values():
    texts, _ = shared_texts(seed=4)
    words = sorted({word for text in texts for word in text})
    left, values, _ = svd(positive_information(texts, words, 10))
    for dimension in (1, 3, 7):
        vectors = word_vectors(texts, words, dimension=dimension)
        rows = np.stack([vectors[word] for word in words])
        assert rows.shape == (20, dimension)
        best = left[:, :dimension] @ np.diag(values[:dimension]) @ left[:, :dimension].T
        assert values[dimension - 1] - values[dimension] > 1e-6
        assert rows @ rows.T == pytest.approx(best, abs=1e-8)


def test_a_large_singular_value_counts_where_its_eigenvalue_is_negative():
    # Two camps whose words stand with every word of the other camp and none of their own: D + 3e, D - 3e, and D four times.
    texts = [[one, other] for one in "abc" for other in "def"] + [["z"]] * 900
    matrix = positive_information(texts, "abcdef", 10)
    assert np.linalg.eigvalsh(matrix)[0] < -matrix[0, 0]
    left, values, _ = svd(matrix)
    vectors = word_vectors(texts, "abcdef", dimension=2)
    rows = np.stack([vectors[word] for word in "abcdef"])
    assert rows @ rows.T == pytest.approx(left[:, :2] @ np.diag(values[:2]) @ left[:, :2].T, abs=1e-8)


def test_word_vectors_come_back_the_same():
    texts, _ = shared_texts(seed=5)
    one, other = word_vectors(texts, ["w00", "w07"]), word_vectors(iter(texts), ["w07", "w00", "w00"])
    assert {word: vector.tolist() for word, vector in one.items()} == {word: v.tolist() for word, v in other.items()}


def test_words_in_the_same_company_are_more_alike_than_others():
    texts = [["red", "apple", "tree"], ["green", "apple", "tree"], ["fast", "car", "road"], ["slow", "car", "road"]] * 5
    # The two companies mirror each other: a third dimension would cut through equal eigenvalues, whose axes are arbitrary.
    vectors = word_vectors(texts, {word for text in texts for word in text}, dimension=2)
    near, far = embedding_coherence([["red", "green"], ["red", "slow"]], vectors)
    assert near > far + 0.3


def test_a_word_in_every_window_has_no_vector_to_compare():
    rng = np.random.default_rng(0)
    texts = [["m", *rng.choice(list("bcdefghijklnopqrstuvwxy"), 6)] for _ in range(60)]
    vectors = word_vectors(texts, [*"mbcdefghijklnopqrstuvwxy"])
    assert isinstance(embedding_coherence([["m", "b"]], vectors)[0], Undefined)


@given(st.integers(2, 6), st.integers(1, 5), st.integers(0, 99))
def test_embedding_coherence_is_the_mean_of_scikit_learns_cosines(n, dimension, seed):
    rows = np.random.default_rng(seed).normal(size=(n, dimension))
    vectors = {f"w{at}": row for at, row in enumerate(rows)}
    (found,) = embedding_coherence([[*vectors, "unknown", "w0"]], vectors)
    assert found == pytest.approx(cosine_similarity(rows)[np.triu_indices(n, 1)].mean(), abs=1e-9)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    scaled = {word: 3.0 * vector for word, vector in vectors.items()}
    assert embedding_coherence([list(vectors)[::-1]], scaled) == pytest.approx([found])


@pytest.mark.parametrize(
    ("topic", "with_vector"), [([], 0), (["a", "a"], 1), (["a", "q"], 1), (["a", "zero"], 1), (["zero"], 0)]
)
def test_a_topic_of_fewer_than_two_words_with_a_vector_is_undefined(topic, with_vector):
    vectors = {"a": np.array([1.0, 0.0]), "b": np.array([0.0, 2.0]), "zero": np.zeros(2)}
    (found,) = embedding_coherence([topic], vectors)
    assert isinstance(found, Undefined)
    assert found.reason == f"{with_vector} of its words have a vector: two at least are needed"
    assert embedding_coherence([["a", "b"], ["a", "a", "b"]], vectors) == [0, 0]
    assert embedding_coherence([], vectors) == []
