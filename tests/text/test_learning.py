"""Learning on numbers gives what a plain reading of the words gives, text by text and word by word."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_arabic import messy

from research.text import ANALYSIS_STEPS, DISPLAY_STEPS, ArabicAnalyzer, lines, normalize
from research.text.learning import commonest_forms, number_units, number_words
from research.text.lines import first_places, look_up, tally
from research.text.phrases import JOIN, followers, match_spans
from research.text.tokens import BREAK, words_and_breaks
from research.text.units import UnitReader

# Words that begin names of one, two, three words; words written as one and as two; stop words; what no phrase crosses.
_WORDS = """
    كوريا لكوريا الشمالية الجنوبية الديمقراطية الشعبية للأمم الأمم المتحدة وكيم كيم جونغ أون بيونغ يانغ بيونغيانغ وبيونغ
    بورت سودان بورتسودان لبورت وبورتسودان على الرغم علىالرغم رؤوس روسيا البيضاء الروسية سفينة السفينة وسفينة شباك صيد الصيد في
    من ، . - 12 Kim S-400 أميركا الأمريكية جبال منارة شباكجبال جبالمنارة
"""
_words = st.sampled_from(_WORDS.split())
_written = st.lists(st.lists(_words, max_size=16).map(" ".join), max_size=8)
_texts = st.one_of(_written, _written.map(lambda texts: [*texts, *texts, "", "\n"]), st.lists(messy, max_size=5))
_options = st.fixed_dictionaries(
    {
        "min_count": st.integers(0, 3),
        "min_npmi": st.sampled_from([-1.0, 0.0, 0.2, 0.5]),
        "phrases": st.booleans(),
        "clitics": st.booleans(),
        "stems": st.booleans(),
        "steps": st.sampled_from([ANALYSIS_STEPS, DISPLAY_STEPS, ("alef",), ()]),
    }
)


def reader_of(analyzer, counts):
    chosen = analyzer.get_params()
    kept = {name: chosen[name] for name in ("steps", "clitics", "stems", "stop_groups")}
    return UnitReader(counts, **kept, named=analyzer.phrases)


def joined_in(lines, counts):
    """Words that occur twice as one and twice as two, neither ten times as often as the other."""
    apart = Counter(pair for line in lines for pair in pairwise(line))
    found = {}
    for (first, second), count in sorted(apart.items(), key=lambda item: (-item[1], len(item[0][0]), item[0])):
        whole = counts.get(first + second, 0)
        enough = min(count, whole, counts.get(first, 0), counts.get(second, 0)) >= 2 and min(len(first), len(second)) >= 3
        if enough and max(count, whole) <= 10 * min(count, whole):
            found.setdefault(first + second, (first, second))
    return found


def pairs_in(lines, min_count, min_npmi):
    single = Counter(key for line in lines for key in line if key is not None)
    together = Counter(pair for line in lines for pair in pairwise(line) if None not in pair and pair[0] != pair[1])
    total = single.total()
    strengths = {
        (a, b): math.log(count * total / (single[a] * single[b])) / math.log(total / count)
        for (a, b), count in together.items()
        if count >= min_count
    }
    return {pair: strength for pair, strength in strengths.items() if strength >= min_npmi}


def plainly(texts, analyzer):
    """What is learned, by loops over the words: terms, pairs, joined words, surfaces."""
    steps = [step for step in DISPLAY_STEPS if step in analyzer.steps]
    lines = [words_and_breaks(normalize(text, steps)) for text in texts]
    reader = reader_of(analyzer, Counter(word for line in lines for word in line if word != BREAK))
    pairs = {}
    if analyzer.phrases:
        reader.join(
            joined_in([[reader.fold(word) if word != BREAK else word for word in line] for line in lines], reader.counts)
        )
    units = [reader.units(line) for line in lines]
    if analyzer.phrases:
        pairs = pairs_in([[key for key, _ in line] for line in units], analyzer.min_count, analyzer.min_npmi)
    rows = []
    for line in units:
        spans = [line[start:end] for start, end in match_spans([key for key, _ in line], followers(pairs))]
        kept = [span for span in spans if span[0][0] is not None]
        rows.append([(JOIN.join(key for key, _ in span), " ".join(form for _, form in span)) for span in kept])
    seen = Counter(shown for row in rows for shown in row)
    surfaces = {}
    for term, form in sorted(seen, key=lambda shown: (-seen[shown], len(shown[1]), shown[1])):
        surfaces.setdefault(term, form)
    return [[term for term, _ in row] for row in rows], pairs, reader.joined, surfaces


@settings(max_examples=250)
@given(_texts, _options)
def test_what_is_learned_is_what_a_plain_reading_learns(texts, options):
    analyzer = ArabicAnalyzer(**options)
    terms, pairs, joined, surfaces = plainly(texts, analyzer)
    found = analyzer.learn(iter(texts))
    assert found == terms
    assert analyzer.pairs_ == pairs
    assert list(analyzer.joined_.items()) == list(joined.items())
    assert analyzer.surfaces_ == surfaces
    assert list(analyzer.surfaces_) == list(found.vocabulary)
    assert analyzer.transform(texts) == terms


@given(_texts)
def test_units_are_those_of_each_text(texts):
    lines = [words_and_breaks(text) for text in texts]
    given_ = number_words(lines)
    found = number_units(given_, reader_of(ArabicAnalyzer(), given_.counts()))
    plain = reader_of(ArabicAnalyzer(), given_.counts())
    starts = [0, *(found.ends + 1)]
    for line, start, end in zip(lines, starts, found.ends, strict=False):
        units = found.line[start:end].tolist()
        keys = [found.names[found.keys[unit]] if found.keys[unit] >= 0 else None for unit in units]
        assert list(zip(keys, [found.shown[unit] for unit in units], strict=True)) == plain.units(line)
    assert len(found.ends) == len(texts)
    assert (found.line[found.ends] == 0).all()


def test_a_name_does_not_go_from_one_text_to_the_next():
    texts = ["زرت كوريا", "الشمالية باردة", "حكم كيم", "جونغ أون", "كيم جونغ", "أون"]
    for text, row in zip(texts, ArabicAnalyzer().learn(texts), strict=True):
        assert row == ArabicAnalyzer().fit(texts).analyze(text)
        assert not {"كوريا_الشماليه", "كيم_جونغ_اون"} & {*row}


def test_after_a_name_the_next_word_is_the_one_after_all_of_its_words():
    (row,) = ArabicAnalyzer().learn(["كوريا الديمقراطية الشعبية كوريا الشمالية كوريا كوريا الشمالية"])
    assert row == ["كوريا_الشماليه", "كوريا_الشماليه", "كوريا", "كوريا_الشماليه"]


def test_a_word_that_is_taken_begins_nothing():
    # The middle word is the end of one word that is also written apart and the beginning of another.
    texts = [*["شباك جبال منارة", "شباكجبال", "جبالمنارة", "جبال منارة"] * 2, "جبال منارة شباك جبال منارة"]
    terms = ArabicAnalyzer(stems=False, min_count=99).learn(texts)
    assert terms[:4] == [["شباك_جبال", "مناره"], ["شباك_جبال"], ["جبال_مناره"], ["جبال_مناره"]]
    assert terms[-1] == ["جبال_مناره", "شباك_جبال", "مناره"]


def test_every_text_is_read_once():
    read = []

    def texts():
        for number in range(5):
            read.append(number)
            yield "سفينة في ميناء الشرق"

    assert len(ArabicAnalyzer().learn(texts())) == 5
    assert read == [0, 1, 2, 3, 4]


@given(st.lists(st.lists(st.sampled_from(["سفينة", "رست", "\n"]), max_size=6), max_size=6))
def test_words_are_numbered_as_they_come(lines):
    found = number_words(iter(lines))
    assert found.words[0] == BREAK
    assert [found.words[code] for code in found.line] == [word for line in lines for word in (*line, BREAK)]
    assert found.ends.tolist() == [sum(len(line) + 1 for line in lines[: n + 1]) - 1 for n in range(len(lines))]
    counts = Counter(word for line in lines for word in line if word != BREAK)
    assert found.counts() == counts
    assert list(found.counts()) == list(counts)


def test_different_forms_of_a_word_can_be_one():
    found = number_words([["أسلحة", "اسلحة"], ["سفن"]])
    line, forms = found.folded({BREAK: BREAK, "أسلحة": "اسلحه", "اسلحة": "اسلحه", "سفن": "سفن"})
    assert [forms[code] for code in line] == ["اسلحه", "اسلحه", BREAK, "سفن", BREAK]


@pytest.mark.parametrize("block", [1, 2, 3, 100])
def test_nothing_depends_on_how_many_numbers_are_looked_at_together(block, monkeypatch):
    texts = ["وصل كيم جونغ أون إلى كوريا الشمالية", "وسفينة في بورت سودان", "", "سفينة في بورتسودان، شباك صيد"] * 3
    expected = ArabicAnalyzer(min_npmi=-1.0)
    terms = expected.learn(texts)
    monkeypatch.setattr(lines, "_BLOCK", block)
    line = np.array([3, 1, 3, 0, 1, 1, 0, -1], np.intc)
    assert first_places(line[:-1], 5).tolist() == [3, 1, 7, 0, 7]
    assert tally(line, 5).tolist() == [2, 3, 0, 2, 0]
    assert look_up(np.array([9, 8, 7, 6, 5]), line).tolist() == [6, 8, 6, 9, 8, 8, 9, 5]
    found = ArabicAnalyzer(min_npmi=-1.0)
    assert found.learn(texts) == terms
    assert found.state() == expected.state()
    assert found.pairs_
    assert found.joined_


def test_among_equal_forms_the_shorter_then_the_first_is_shown():
    seen = {("سفينه", "سفينتها"): 2, ("سفينه", "السفن"): 2, ("سفينه", "سفينة"): 2, ("مينا", "ميناء"): 1}
    for items in (seen.items(), reversed(seen.items())):
        assert commonest_forms(dict(items)) == {"سفينه": "السفن", "مينا": "ميناء"}
