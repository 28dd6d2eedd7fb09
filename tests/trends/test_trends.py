"""Trends of real discoveries and taggings: shares, sightings, dates, and nothing that depends on the order of rows."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import research
from research.corpus import Corpus, Document
from research.errors import ConfigError
from research.trends import stated_in, trends
from research.trends.dates import EARLIEST, consecutive, date_problem, period_of
from research.trends.shares import group_shares

BOOK = """version = "1"
[theme.ships]
name = {ar = "السفن", en = "Ships"}
seeds = ["سفينة", "ميناء"]
[theme.talks]
name = {ar = "المحادثات", en = "Talks"}
seeds = ["محادثات"]
[theme.nothing]
name = {ar = "لا شيء", en = "Nothing"}
seeds = ["زرافة"]
"""
SHIP = "غادرت سفينة الشحن رصيف المدينة القديمة محملة بالحبوب والأخشاب قبل غروب الشمس بساعة."
TALK = "بدأت محادثات الوفدين في الفندق الكبير وتناولت ملف المياه المشتركة بين البلدين."
BOTH = "جرت محادثات طويلة على متن سفينة راسية بعيدا عن أعين الصحافيين والمصورين."
NONE = "يزرع أهل القرية الزيتون على التلال الغربية ويعصرونه في معصرة حجرية عتيقة."


def article(id: str, *passages: str, day: str = "", source: str = "", written: str = "") -> Document:
    letters = random.Random(id)  # words of its own: no article is taken for another's copy
    filler = " ".join("".join(letters.choices("بتجدرسصعفقكلمنهوي", k=6)) for _ in range(40))
    text = "\n\n".join(f"{passage} {filler}." for passage in passages)
    return Document(id, text, source=source, date=date.fromisoformat(day) if day else None, date_text=written or day)


DOCUMENTS = (
    article("c", SHIP, NONE, day="2024-02-10", source="موجز"),
    article("a", SHIP, TALK, day="2024-02-28", source="نشرة"),
    article("b", BOTH, day="2024-04-01", source="موجز"),
    article("e", NONE, written="قبل يومين", source="نشرة"),
    article("f", TALK, day="1445-09-02"),
    article("d", TALK, NONE, NONE, day="2024-04-01", source="نشرة"),
    Document("g", "", problem="empty"),
)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "book.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def tagged(book, documents=DOCUMENTS):
    return research.tag(Corpus("few", tuple(documents)), book, encoder="none", labels=False, candidates=False)


@pytest.fixture(scope="module")
def few(book):
    return tagged(book)


@pytest.fixture(scope="module")
def found(few_seeds):
    return research.discover(research.load(few_seeds / "articles"), encoder="lsa", with_map=False)


def shares_by_hand(result, period):
    """Add up characters passage by passage."""
    told, total = defaultdict(int), defaultdict(int)
    for row, passage in enumerate(result.passages):
        day = result.corpus[passage.document].date
        if day is None or day.year < 1900:
            continue
        total[f"{day:{period}}"] += len(passage.text)
        for theme, key in enumerate(result.codebook.keys):
            told[f"{day:{period}}", key] += len(passage.text) * bool(result.present[row, theme])
    return {(group, key): told[group, key] / total[group] for group in total for key in result.codebook.keys}


@pytest.mark.parametrize(("by", "period"), [("month", "%Y-%m"), ("year", "%Y")])
def test_shares_of_themes_are_those_counted_by_hand(few, by, period):
    table = trends(few, by).shares()
    expected = shares_by_hand(few, period)
    assert dict(zip(zip(table["group"], table["theme"], strict=True), table["share"], strict=True)) == pytest.approx(
        expected, abs=6e-5
    )
    assert list(table["group"]) == sorted(table["group"])


def test_themes_overlap_and_topics_share_the_text(few, found):
    april = trends(few).shares().query("group == '2024-04'").set_index("theme")
    assert april.loc["ships", "articles"] == 1
    assert april.loc["talks", "articles"] == april.loc["talks", "group_articles"] == 2
    topics = trends(found, words=False).shares()
    assert np.allclose(topics.groupby("group")["share"].sum(), 1, atol=1e-3)
    held = found.assignments().merge(found.corpus.table()[["id", "date"]])
    held["group"] = [f"{day:%Y-%m}" for day in held["date"]]
    expected = held.groupby(["group", "topic"])["id"].nunique()
    counts = topics.set_index(["group", "topic"])["articles"]
    assert_frame_equal(counts[counts > 0].to_frame("n"), expected.to_frame("n"), check_index_type=False, check_dtype=False)


def test_a_group_of_one_article_has_no_interval_and_says_so(book, few):
    tagged_alone = tagged(book, DOCUMENTS[:1])
    one = trends(tagged_alone, "outlet", words=False)
    assert [math.isnan(row.low) and math.isnan(row.high) for row in one.rows] == [True] * 3
    assert set(one.shares()["status"]) == {"one article only, or copies of one"}
    assert set(one.shares()["share"]) > {0.0}
    nothing = trends(few).shares().query("theme == 'nothing'")
    assert set(nothing["status"]) == {"no article of the group states it"}
    assert nothing["share"].tolist() == [0, 0]
    assert nothing["p"].isna().all()


def test_every_article_is_counted_by_its_date(few):
    table = trends(few).dates()
    assert table["articles"].sum() == len(DOCUMENTS)
    counts = dict(zip(table["status"], table["articles"], strict=True))
    assert counts == {"dated": 4, "date before 1900-01-01": 1, "date cannot be read": 1, "article without text": 1}
    examples = dict(zip(table["status"], table["examples"], strict=True))
    assert examples["date cannot be read"] == "e: قبل يومين"
    assert examples["date before 1900-01-01"] == "f: 1445-09-02"
    late = trends(few, latest=date(2024, 3, 1))
    assert dict(zip(late.dates()["status"], late.dates()["articles"], strict=True))["date after 2024-03-01"] == 2
    assert late.groups == ("2024-02",)


def test_sightings(few):
    table = trends(few, "year").sightings().set_index("theme")
    assert table.loc["ships", ["first", "first_id", "last", "last_id"]].tolist() == ["2024-02-10", "c", "2024-04-01", "b"]
    # of two articles on one day the first by id; an article whose date is absurd is no sighting, and is told of
    assert table.loc["talks", ["first", "first_id", "last", "last_id"]].tolist() == ["2024-02-28", "a", "2024-04-01", "b"]
    assert table.loc["talks", ["articles", "undated"]].tolist() == [4, 1]
    assert table.loc["nothing", "status"] == "no article states it"
    assert pd.isna(table.loc["nothing", "first"])


def test_what_is_nowhere_dated_has_no_first_sighting(book):
    result = trends(tagged(book, [article("x", SHIP), article("y", TALK, day="2024-01-01")]))
    assert result.sightings().set_index("theme").loc["ships", "status"] == "no article of it has a date"


def test_by_outlet_nobody_without_an_outlet_is_in_a_group(few):
    by_outlet = trends(few, "outlet")
    assert by_outlet.groups == ("موجز", "نشرة")
    assert by_outlet.shares()["group_articles"].unique().tolist() == [2, 3]


def test_the_order_of_the_corpus_changes_nothing(book, few):
    turned = tagged(book, DOCUMENTS[::-1])
    for by in ("month", "outlet"):
        one, other = trends(few, by), trends(turned, by)
        for table in ("shares", "bursts", "sightings", "changed_words", "dates"):
            assert_frame_equal(getattr(one, table)(), getattr(other, table)())


def test_intervals_repeat_with_the_seed_and_another_group_does_not_change_them(found):
    stated = stated_in(found)
    one, same, other = (trends(stated, "year", draws=200, seed=seed, words=False).shares() for seed in (1, 1, 2))
    assert_frame_equal(one, same)
    assert not one[["low", "high"]].equals(other[["low", "high"]])
    assert one["share"].equals(other["share"])
    sources = [document.source for document in stated.documents]
    alone = group_shares(stated, [source if source == sources[0] else None for source in sources])
    whole = [row for row in group_shares(stated, sources) if row.group == sources[0]]
    values = [np.array([(row.share, row.low, row.high) for row in rows]) for rows in (alone, whole)]
    assert np.array_equal(*values, equal_nan=True)


def test_a_copied_article_counts_as_an_article_and_not_as_evidence(book):
    long = " ".join([SHIP, NONE, BOTH])
    copies = [Document(f"w{n}", long, source="أ", date=date(2024, 1, 2), date_text="2024-01-02") for n in range(6)]
    rest = [article(f"r{n}", TALK, day="2024-01-05", source="ب") for n in range(4)]
    result = tagged(book, [*copies, *rest])
    row = trends(result, "outlet").shares().set_index(["group", "theme"]).loc[("أ", "ships")]
    assert (row["articles"], row["group_articles"], row["reports"], row["group_reports"]) == (6, 6, 1, 1)
    assert row["status"] == "one article only, or copies of one"


def test_nothing_at_all():
    empty = research.discover(Corpus("none", (Document("a", "", problem="empty"),)), encoder="lsa", with_map=False)
    result = trends(empty)
    assert result.shares().empty
    assert result.sightings().empty
    assert result.changed_words().empty
    assert result.dates().values.tolist() == [["dated", 0, ""], ["article without text", 1, ""]]


@pytest.mark.parametrize(
    "options",
    [{"by": "decade"}, {"draws": 0}, {"seed": -1}, {"earliest": date(2024, 1, 2), "latest": date(2024, 1, 1)}],
)
def test_options_that_cannot_be(few, options):
    with pytest.raises(ConfigError) as raised:
        trends(few, **options)
    assert "\n" not in str(raised.value)


def test_what_is_no_result():
    with pytest.raises(TypeError, match="neither topics nor themes"):
        stated_in("x")


def test_words_change_over_time_and_between_outlets(book):
    old = [article(f"o{n}", f"{SHIP} وعلى متنها قمح من المزارع {n}", day=f"2024-01-{n:02}", source="أ") for n in range(1, 13)]
    new = [article(f"n{n}", f"{SHIP} وعلى متنها أسمدة من المصانع {n}", day=f"2024-03-{n:02}", source="ب") for n in range(1, 13)]
    result = tagged(book, [*old, *new])
    words = trends(result, "month").changed_words().query("theme == 'ships'")
    assert set(words["side"]) == {"from 2024-03-01"}
    later, earlier = (set(words.query(f"z {sign} 0 and p <= .05")["word"]) for sign in "><")
    assert any("سمد" in word for word in later)
    assert any("قمح" in word for word in earlier)
    outlets = trends(result, "outlet").changed_words().query("theme == 'ships' and side == 'ب' and p <= .05")
    assert set(outlets.query("z > 0")["word"]) == later
    missing = trends(result, "month").changed_words().set_index("theme").loc["nothing"]
    assert missing["status"] == "its articles are not of two days"
    assert pd.isna(missing["z"])


def test_too_few_articles_to_compare_words(few):
    table = trends(few, "outlet").changed_words().set_index(["theme", "side"])
    assert table.loc[("talks", "نشرة"), "status"] == "2 and 1 articles: each side needs 5"
    assert table["z"].isna().all()


def test_words_of_small_outlets_are_left_out_and_said_to_be(book):
    many = [article(f"{outlet:02}-{n}", SHIP, source=f"o{outlet:02}") for outlet in range(13) for n in range(5 - outlet // 12)]
    table = trends(tagged(book, many), "outlet").changed_words().query("theme == 'ships'")
    left = table[table["status"] != ""]
    assert left[["side", "side_articles", "status"]].values.tolist() == [
        ["o12", 4, "only the 12 outlets with most articles are compared"]
    ]
    assert len(set(table["side"])) == 13


# -- dates ------------------------------------------------------------------------------------------------------------


def test_periods_sort_by_time_and_none_is_left_out():
    days = [date(2023, 11, 30), date(2023, 12, 1), date(2024, 1, 1), date(2024, 4, 2)]
    for by, length in (("month", 6), ("quarter", 3), ("year", 2)):
        names = [period_of(day, by) for day in days]
        assert names == sorted(names)
        every = consecutive(names[0], names[-1])
        assert set(names) <= set(every) == set(dict.fromkeys(every))
        assert len(every) == length
        assert every == sorted(every)


def test_limits_of_dates_belong_to_what_is_believed():
    on = [Document("a", "x", date=day) for day in (EARLIEST, date(2024, 1, 1))]
    assert [date_problem(one, latest=date(2024, 1, 1)) for one in on] == ["", ""]
    assert date_problem(on[1], latest=date(2023, 12, 31)) == "date after 2023-12-31"
    assert date_problem(on[0], earliest=date(1900, 1, 2)) == "date before 1900-01-02"
