"""The page of several labels says what the result says, shows what comes in as text, and is there whatever is missing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

import research
from research.classification.several import classify_several
from research.corpus import Corpus, Document
from research.report.several_page import several_page

PARTS = {"farm": ["قمح", "حقل", "فلاح"], "sea": ["سفينة", "ميناء", "بحار"], "sport": ["كأس", "فريق", "هدف"]}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة"]
HOSTILE = "<script>alert(1)</script>\"'&\u202eمقلوب\u2066"


def corpus(name, n, seed, labelled=True, wrong=0.1):
    rng = np.random.default_rng(seed)
    documents = []
    for at in range(n):
        own = [part for part in PARTS if rng.random() < 0.4]
        words = [word for part in own for word in rng.choice(PARTS[part], 2)]
        said = [part for part in PARTS if (part in own) != (rng.random() < wrong)]
        text = " ".join([*words, *rng.choice(COMMON, 5), f"رقم{name}{at}"])
        documents.append(Document(f"{name}-{at}", text, label=(";".join(said) or "-") if labelled else ""))
    return Corpus(name, tuple(documents))


def found(train=None, test=None, **more):
    train = corpus("known", 45, 0) if train is None else train
    return classify_several(train, test, **{"encoder": "none", "seconds": 0, "store": False, **more})


@pytest.fixture(scope="module")
def result():
    return found(test=corpus("new", 30, 1, wrong=0.2))


@pytest.fixture(scope="module")
def page(result):
    return several_page(result)


def plain(page) -> str:
    """Give what a reader sees, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.split("<main[^>]*>", page.html())[1])).split())


def table_of(page, *head):
    return next(block for block in page.blocks if block["kind"] == "table" and {str(name) for name in block["head"]} >= {*head})


def cells(block):
    return [[cell.get("source") or cell["text"] for cell in row] for row in block["rows"]]


def test_it_opens_with_the_numbers_of_the_result(result, page):
    text = plain(page)
    assert result.summary() in text
    assert text.index(result.summary()) < 100
    for one in (result.tested, result.held_out):
        macro, whole = one.macro_f1, one.subset_accuracy
        assert f"is {macro.value:.2f} (95 % interval {macro.low:.2f} to {macro.high:.2f})" in text
        assert f"given to {whole.value:.1%} of the articles" in text
        chance = f"{one.chance_macro_f1:.2f}, {one.chance_micro_f1:.2f} and {one.chance_subset_accuracy:.1%}"
        assert f"dealt anew these would be {chance}" in text
        assert f"every label to every article, macro-F1 would be {one.all_macro_f1:.2f}" in text
    assert all(note in text for note in result.notes)
    assert "The intervals of macro-F1 on test and on held-out training articles overlap." in text


def test_the_table_has_a_row_a_label(result, page):
    block = table_of(page, "label", "threshold", "F1 in test")
    rows = {row[0]: dict(zip(block["head"], row, strict=True)) for row in cells(block)}
    assert list(rows) == sorted(PARTS)
    for at, name in enumerate(sorted(PARTS)):
        f1 = result.held_out.f1[at]
        assert float(rows[name]["F1"]) == pytest.approx(f1.value, abs=6e-4)
        assert rows[name]["interval"] == f"{f1.low:.2f} to {f1.high:.2f}"
        assert float(rows[name]["by chance"]) == pytest.approx(result.held_out.chance_f1[at], abs=6e-4)
        assert float(rows[name]["F1 in test"]) == pytest.approx(result.tested.f1[at].value, abs=6e-4)
        assert rows[name]["learned"] == str(sum(name in one.labels for one in result.learned))


def test_it_counts_how_many_labels_and_which_together(result, page):
    sizes = [Counter(len(getattr(one, side)) for one in result.articles) for side in ("truth", "labels")]
    rows = cells(table_of(page, "articles that have so many"))
    assert [row[1:] for row in rows] == [[str(side[size]) for side in sizes] for size in range(5)]
    pairs = {row[0]: row[1:] for row in cells(table_of(page, "articles that have both"))}
    both = [sum({"farm", "sea"} <= set(getattr(one, side)) for one in result.articles) for side in ("truth", "labels")]
    assert pairs["farm + sea"] == [str(count) for count in both]


def test_it_shows_what_is_missed_and_what_is_too_much(result, page):
    missed = {(one.id, name) for one in result.articles for name in one.truth if name not in one.labels}
    extra = {(one.id, name) for one in result.articles for name in one.labels if name not in one.truth}
    assert missed
    assert extra
    assert f"{len(missed)} learned labels that an article has were missed, and {len(extra)} were given" in plain(page)
    blocks = [block for block in page.blocks if block["kind"] == "table" and "its probability" in block["head"]]
    for block, pairs in zip(blocks, (missed, extra), strict=True):
        shown = [(re.search(r"new-\d+$", row[0])[0], row[1], float(row[2])) for row in cells(block)]
        assert {pair[:2] for pair in shown} <= pairs
        assert max(Counter(name for _, name, _ in shown).values()) <= 3
        for id, name, sure in shown:
            row = [one.id for one in result.articles].index(id)
            assert sure == pytest.approx(result.probabilities[row, result.labels.index(name)], abs=6e-4)


def test_one_figure_that_is_also_a_file(result, tmp_path):
    html = several_page(result, tmp_path).html()
    assert html.count('<img src="data:image/') == 1
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.png", "labels.svg"]


def test_without_labels_of_the_test_it_speaks_of_held_out_articles():
    one = found(test=corpus("new", 5, 1, labelled=False))
    text = plain(several_page(one))
    assert "nobody has labelled them. The figures above hold for articles like the training articles." in text
    assert "articles of the test corpus" not in text
    assert f"{len(one.learned)} held-out training articles by how many labels" in text


def test_hostile_names_texts_and_ids_show_as_text(tmp_path):
    def turned(one):
        documents = (
            replace(
                at, id=f"{HOSTILE}{at.id}", title=HOSTILE, text=f"{HOSTILE} {at.text}", label=at.label.replace("sea", HOSTILE)
            )
            for at in one
        )
        return Corpus(HOSTILE, tuple(documents))

    one = found(turned(corpus("known", 45, 0)), turned(corpus("new", 30, 1, wrong=0.2)), separator=";")
    page = several_page(one)
    html = page.html()
    assert html.count("<script") == 2  # the passages of the page, and what searches them
    assert "&lt;script&gt;" in html
    assert "\u202e" not in html.split("<main")[1]
    research.report.write(one, tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == html


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ([("a", "سفينة في ميناء", "sea;port")], "the first way was taken untried"),
        ([(str(at), f"سفينة في ميناء {at}", "sea") for at in range(8)], "No article has two labels"),
        ([(str(at), f"كلام {at}", "x" if at == 3 else "-") for at in range(8)], "Fewer than 3 held-out articles have x"),
    ],
)
def test_little_to_tell(train, told):
    known = Corpus("known", tuple(Document(id, text, label=label) for id, text, label in train))
    for test in (None, Corpus("new", (Document("z", "سفينة"), Document("empty", ""))))[len(train) > 1 :]:
        text = plain(several_page(found(known, test)))
        assert told in text
        assert not re.search(r"\bnan\b", text)


def test_dollars_in_a_name_are_no_formula(tmp_path):
    named = Corpus("known", tuple(replace(one, label=one.label.replace("sea", "$a_$")) for one in corpus("known", 45, 0)))
    research.report.write(found(named, corpus("new", 10, 1, labelled=False)), tmp_path)
    assert "$a_$" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_copies_are_in_no_table_of_errors():
    known = corpus("known", 45, 0)
    copies = tuple(replace(one, id=f"copy-{one.id}", label="sport") for one in known)
    told = plain(several_page(found(known, Corpus("new", (*corpus("new", 12, 1), *copies[:9])))))
    assert "12 test articles by how many labels they have" in told
    told = plain(several_page(found(known, Corpus("new", copies[:9]))))
    assert "those that are labelled are copies of training articles" in told
    assert "nobody has labelled them" not in told


def test_many_labels_are_still_drawn():
    rng = np.random.default_rng(0)
    documents = [
        Document(f"d{at}", f"كلمة{at % 32} نص {COMMON[at % 8]} رقم{at}", label=f"label {at % 32:02d}; {rng.choice(['a', 'b'])}")
        for at in range(96)
    ]
    page = several_page(found(Corpus("many", tuple(documents))))
    text = plain(page)
    assert "The 30 best of 34 labels." in text
    assert "its median over 34 labels" in text
    assert len(table_of(page, "label", "threshold")["rows"]) == 34
