"""Divisions into training and test texts: nothing on both sides, the same for every order, even where articles allow."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from research.classifiers.splits import Split, by_group, by_source, by_time, join_duplicates
from research.errors import ConfigError, DataError

FIRST = "نقلت البلدية سوق الخضار إلى ساحة المحطة القديمة بعد شكاوى السكان من ضيق الشارع وكثرة السيارات في الصباح"
SECOND = "أعلن النادي تأجيل مباراة الجمعة إلى الأسبوع المقبل بسبب الأمطار التي أغرقت أرض الملعب ومدرجاته الشرقية"
THIRD = "افتتحت المكتبة العامة قاعة جديدة للأطفال تضم ألف كتاب مصور وركنا للحكايات كل مساء سبت حتى نهاية الصيف"

ITEMS = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcdefgh")), min_size=2, max_size=24).filter(
    lambda items: len({group for _, group in items}) > 1
)
DAYS = st.none() | st.integers(0, 9).map(lambda number: date(2018, 5, 1) + timedelta(number))


def shares(split: Split, groups) -> bool:
    return bool({groups[at] for at in split.train} & {groups[at] for at in split.test})


def sides(splits: list[Split], names: list[int]) -> dict[str, tuple[set[int], set[int]]]:
    return {split.name: ({names[at] for at in split.train}, {names[at] for at in split.test}) for split in splits}


@given(ITEMS, st.integers(2, 6), st.integers(0, 3))
def test_folds_test_every_text_once_and_share_no_article(items, folds, seed):
    labels, groups = zip(*items, strict=True)
    splits = by_group(labels, groups, folds=folds, seed=seed)
    assert [split.name for split in splits] == [f"fold {at}" for at in range(min(folds, len(set(groups))))]
    assert sorted(at for split in splits for at in split.test) == list(range(len(items)))
    for split in splits:
        assert sorted([*split.train, *split.test]) == list(range(len(items)))
        assert len(split.train)
        assert len(split.test)
        assert not shares(split, groups)


@given(ITEMS, st.integers(0, 3), st.data())
def test_folds_do_not_depend_on_the_order_of_texts(items, seed, data):
    names = data.draw(st.permutations(range(len(items))))
    labels, groups = zip(*items, strict=True)
    moved_labels, moved_groups = zip(*[items[at] for at in names], strict=True)
    here = by_group(labels, groups, folds=3, seed=seed)
    there = by_group(moved_labels, moved_groups, folds=3, seed=seed)
    assert sides(here, list(range(len(items)))) == sides(there, names)


@given(st.lists(st.sampled_from("xyz"), min_size=2, max_size=40), st.integers(2, 6))
def test_labels_are_as_even_as_can_be_where_every_text_is_its_own_article(labels, folds):
    splits = by_group(labels, range(len(labels)), folds=folds)
    for label in set(labels):
        counts = [sum(labels[at] == label for at in split.test) for split in splits]
        assert max(counts) - min(counts) <= 1


def unevenness(labels, tests) -> float:
    """Standard deviation over the folds of each label's share, averaged over the labels."""
    found = [[np.mean(np.isin(np.flatnonzero(labels == label), test)) for test in tests] for label in np.unique(labels)]
    return float(np.mean(np.std(found, axis=1)))


@pytest.mark.filterwarnings("ignore:The least populated class")
def test_labels_are_as_even_as_scikit_learns_and_far_more_than_unstratified():
    rng = np.random.default_rng(5)
    ours, theirs, plain, often = [], [], [], [0.5, 0.2, 0.1, 0.1, 0.05, 0.05]
    for seed in range(20):
        topic = rng.choice(6, 60, p=often)
        groups = np.repeat(np.arange(60), rng.integers(1, 8, 60))
        labels = np.where(rng.random(len(groups)) < 0.6, topic[groups], rng.choice(6, len(groups), p=often))
        ours.append(unevenness(labels, [split.test for split in by_group(labels.tolist(), groups.tolist(), seed=seed)]))
        theirs.append(unevenness(labels, [test for _, test in StratifiedGroupKFold(5).split(labels, labels, groups)]))
        plain.append(unevenness(labels, [test for _, test in GroupKFold(5).split(labels, labels, groups)]))
    assert np.mean(ours) < np.mean(theirs)
    assert np.mean(ours) < 0.5 * np.mean(plain)


def test_another_seed_gives_other_folds_and_the_same_seed_the_same():
    labels, groups = ["x", "y"] * 20, [f"article {at}" for at in range(40)]
    divisions = [{tuple(split.test) for split in by_group(labels, groups, seed=seed)} for seed in (0, 0, 1)]
    assert divisions[0] == divisions[1] != divisions[2]


def test_a_label_of_one_text_is_learned_in_all_folds_but_one():
    labels = ["x"] * 10 + ["rare"]
    splits = by_group(labels, range(11), folds=5)
    assert Counter(10 in split.train for split in splits) == {True: 4, False: 1}


def test_a_label_of_two_articles_is_learned_everywhere():
    labels = ["x"] * 12 + ["rare", "rare", "rare"]
    groups = [*range(12), "p", "p", "q"]
    for seed in range(5):
        assert all({12, 13, 14} & set(split.train) for split in by_group(labels, groups, folds=3, seed=seed))


@pytest.mark.parametrize(
    ("labels", "groups", "sizes"),
    [
        (["x", "y"], ["a", "b"], [1, 1]),
        (["x", "x"], ["a", "b"], [1, 1]),
        (["x", "x", "x", "y"], ["a", "a", "a", "b"], [1, 3]),
        (["x", "y", "z", "w"], ["a", "b", "c", "d"], [1, 1, 1, 1]),
        (["x"] * 10, list("aabbccddee"), [2, 2, 2, 2, 2]),
        # scikit-learn's own leaves a fold empty here.
        ([1, 0, 1, 2, 2, 2, 2, 1, 1, 2, 2], [0, 1, 2, 3, 4, 4, 4, 3, 1, 2, 0], [2, 2, 2, 2, 3]),
    ],
)
def test_small_samples_are_divided(labels, groups, sizes):
    assert sorted(len(split.test) for split in by_group(labels, groups)) == sizes


@pytest.mark.parametrize(("groups", "found"), [(["a", "a"], "come from 1 article;"), ([], "come from no articles;")])
def test_one_article_cannot_be_divided(groups, found):
    with pytest.raises(DataError, match=found + " give at least two articles"):
        by_group(["x"] * len(groups), groups)


def test_options_that_make_no_division_are_refused():
    with pytest.raises(ConfigError, match="folds is 1; give at least 2"):
        by_group(["x", "y"], ["a", "b"], folds=1)
    for share in (0, 1, -0.5, float("nan")):
        with pytest.raises(ConfigError, match="share is"):
            by_time([date(2018, 1, 1), date(2018, 1, 2)], share=share)


def test_groups_of_another_length_are_refused():
    for divide in (
        lambda: by_group(["x", "y"], ["a"]),
        lambda: by_source(["bbc", "dw"], ["a"]),
        lambda: by_time([date(2018, 1, 1), date(2018, 1, 2)], ["a"]),
        lambda: join_duplicates([FIRST, SECOND], ["a"]),
    ):
        with pytest.raises(ValueError, match="2 texts, but 1 groups"):
            divide()


@given(st.lists(st.tuples(st.sampled_from(["", "bbc", "dw", "rt"]), st.sampled_from("abcdefgh")), min_size=2, max_size=16))
def test_every_outlet_is_tested_whole_on_what_shares_no_article_with_it(items):
    sources, groups = zip(*items, strict=True)
    outlets = sorted({source for source in sources if source})
    expected = {}
    for outlet in outlets:
        test = {at for at, source in enumerate(sources) if source == outlet}
        tested = {groups[at] for at in test}
        expected[f"without {outlet}"] = ({at for at, group in enumerate(groups) if group not in tested}, test)
    if len(outlets) < 2 or not all(train for train, _ in expected.values()):
        with pytest.raises(DataError):
            by_source(sources, groups)
        return
    splits = by_source(sources, groups)
    assert [split.name for split in splits] == list(expected)
    assert sides(splits, list(range(len(items)))) == expected
    backwards = by_source(sources[::-1], groups[::-1])
    assert sides(backwards, list(range(len(items)))[::-1]) == expected


def test_texts_without_an_outlet_are_learned_from_and_never_tested():
    splits = by_source(["bbc", "", "dw", "bbc"])
    assert sides(splits, [0, 1, 2, 3]) == {"without bbc": ({1, 2}, {0, 3}), "without dw": ({0, 1, 3}, {2})}


def test_outlets_that_cannot_be_held_out_say_why():
    for sources, found in ((["bbc", "bbc", ""], "1 outlet;"), (["", ""], "no outlets;"), ([], "no outlets;")):
        with pytest.raises(DataError, match=f"{found} name at least two outlets"):
            by_source(sources)
    with pytest.raises(DataError, match="without bbc: it shares an article with every other text"):
        by_source(["bbc", "dw"], ["a", "a"])


@given(st.lists(st.tuples(DAYS, st.sampled_from("abcdefgh")), min_size=1, max_size=20), st.floats(0.05, 0.95))
def test_the_latest_texts_are_tested_on_what_came_before(items, share):
    dates, groups = zip(*items, strict=True)
    try:
        split = by_time(dates, groups, share=share)
    except DataError:
        # Only where no day, or no article, is on the earlier side alone.
        first = [group for day, group in items if day == min((day for day in dates if day), default=None)]
        later = {group for day, group in items if day and day != min(day for day in dates if day)}
        assert len({day for day in dates if day}) < 2 or set(first) <= later
        return
    start = min(dates[at] for at in split.test)
    assert split.name == f"from {start} on"
    assert set(split.test) == {at for at, day in enumerate(dates) if day and day >= start}
    tested = {groups[at] for at in split.test}
    before = {at for at, day in enumerate(dates) if day and day < start and groups[at] not in tested}
    assert set(split.train) == before
    assert before
    per_day = Counter(day for day in dates if day)
    wanted = share * per_day.total()
    possible = [sum(n for day, n in per_day.items() if day >= other) for other in per_day if other != min(per_day)]
    assert abs(len(split.test) - wanted) == min(abs(size - wanted) for size in possible)
    mirrored = by_time(dates[::-1], groups[::-1], share=share)
    assert {len(items) - 1 - at for at in mirrored.test} == set(split.test)
    assert {len(items) - 1 - at for at in mirrored.train} == set(split.train)


def test_a_day_is_not_torn_apart_and_the_smaller_of_two_parts_is_tested():
    days = [date(2018, 5, 1)] * 5 + [date(2018, 5, 2)] * 2 + [date(2018, 5, 3)]
    split = by_time(days)  # a quarter is 2 texts: 1 and 3 are as near
    assert (split.name, split.test.tolist(), split.train.tolist()) == ("from 2018-05-03 on", [7], [0, 1, 2, 3, 4, 5, 6])
    assert by_time([None, *days], share=0.5).test.tolist() == [6, 7, 8]


@pytest.mark.parametrize(
    ("dates", "groups", "found"),
    [
        ([], None, "no labelled texts with a date"),
        ([None, date(2018, 5, 1)], None, "1 labelled text with a date; give at least two"),
        ([date(2018, 5, 1)] * 3, None, "all labelled texts are of 2018-05-01"),
        ([date(2018, 5, 1), date(2018, 5, 2)], ["a", "a"], "no text is left to learn from before 2018-05-02"),
    ],
)
def test_dates_that_do_not_divide_say_why(dates, groups, found):
    with pytest.raises(DataError, match=found):
        by_time(dates, groups)


def test_articles_with_copies_are_joined_through_others():
    texts = [FIRST, SECOND, THIRD, f"{SECOND} اليوم", FIRST, SECOND]
    groups = ["d", "d", "z", "b", "c", "b"]
    # c is joined to d by the first text, and d to b by the second: so c and b are together, without a copy of each other.
    assert join_duplicates(texts, groups) == ([0, 0, 1, 0, 0, 0], 5)


def test_copies_within_one_article_are_not_counted():
    assert join_duplicates([FIRST, FIRST, SECOND], ["b", "b", "a"]) == ([1, 1, 0], 0)
    assert join_duplicates([FIRST, FIRST, FIRST, SECOND], ["b", "b", "c", "a"]) == ([1, 1, 1, 0], 3)
    assert join_duplicates([], []) == ([], 0)


def test_the_threshold_says_what_is_a_copy():
    changed = FIRST.replace("القديمة", "الجديدة")  # 13 of 16 shingles are the same: 13 / 19
    assert join_duplicates([FIRST, changed], ["a", "b"], threshold=0.6) == ([0, 0], 2)
    assert join_duplicates([FIRST, changed], ["a", "b"], threshold=0.7) == ([0, 1], 0)
    with pytest.raises(ConfigError, match="threshold is 0"):
        join_duplicates([FIRST, changed], ["a", "b"], threshold=0)


@given(
    st.lists(st.tuples(st.sampled_from([FIRST, SECOND, THIRD, ""]), st.sampled_from("abcdef")), min_size=1, max_size=10),
    st.data(),
)
def test_joined_articles_do_not_depend_on_the_order_of_texts(items, data):
    texts, groups = zip(*items, strict=True)
    joined, copies = join_duplicates(texts, groups)
    # By hand: spread the least name until nothing changes.
    least = {group: group for group in groups}
    holders = defaultdict(set)
    for text, group in items:
        if text:
            holders[text].add(group)
    for _ in groups:
        for held in holders.values():
            lowest = min(least[group] for group in held)
            for group in least:
                if least[group] in {least[other] for other in held}:
                    least[group] = lowest
    names = sorted(set(least.values()))
    assert joined == [names.index(least[group]) for group in groups]
    assert copies == sum(len(holders[text]) > 1 for text in texts if text)
    order = data.draw(st.permutations(range(len(items))))
    moved = join_duplicates([texts[at] for at in order], [groups[at] for at in order])
    assert moved == ([joined[at] for at in order], copies)
