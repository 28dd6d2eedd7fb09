"""The page of a classification says what the result says, shows what comes in as text, and draws what there is to draw."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import research
from research.classification import classify
from research.classification.estimate import estimate
from research.classifiers.deletion import Faithfulness
from research.corpus import Corpus, Document
from research.report.class_figures import confusion_matrix, reliability_of_bins
from research.report.class_reading import beginning, confusions, surface_terms
from research.report.classification_page import classification_page
from research.report.page import Quoted

PARTS = {
    "sea": ["أبحرت السفينة من الميناء", "رست الناقلة على الرصيف", "أنزل البحار حمله", "هبت ريح قوية", "رفع ملاح شراعا"],
    "sport": ["سجل المهاجم هدفا", "فاز الفريق بالكأس", "أطلق الحكم صافرته", "تدرب الحارس في الملعب", "هتف الجمهور للاعبين"],
    "farm": ["حصد الفلاح القمح", "سقى المزارع الزيتون", "جف البئر في الحقل", "باع التجار الشعير", "نضجت ثمار النخيل"],
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>\"'&\u202eمقلوب\u2066"


def article(name: str, number: int, label: str | None = None, odd: int = -1) -> Document:
    """Three sentences of a class in an order of their own, one of them of another class where the number is odd."""
    own, others = PARTS[name], PARTS[["sport", "farm", "sea"][list(PARTS).index(name)]]
    lines = [own[(number * step + step) % 5] for step in (1, 2, 4)]
    if odd >= 0:
        lines[1:] = [others[odd % 5], others[(odd + 2) % 5]]
    text = f"{lines[0]}. {lines[1]} في اليوم {number}.\n{lines[2]} مرة أخرى."
    return Document(f"{name}-{number}", text, label=name if label is None else label)


def corpora(test_labels: bool = True) -> tuple[Corpus, Corpus]:
    train = [article(name, number, odd=number if number == 7 else -1) for name in PARTS for number in range(10)]
    test = [
        article(name, number, None if test_labels else "", odd=number if number in {11, 13} else -1)
        for name in PARTS
        for number in range(10, 16)
    ]
    other = Document("other", "كلام بعيد عن كل ما سبق. لا يشبهه شيء.", label="sea" if test_labels else "")
    return Corpus("known", tuple(train)), Corpus("new", (*test, other))


@pytest.fixture(scope="module")
def result():
    train, test = corpora()
    return classify(train, test, encoder="none", seconds=0, precision=1.0)


def plain(page) -> str:
    """Give what a reader sees, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.split("<main[^>]*>", page.html())[1])).split())


def test_the_summary_says_the_numbers_of_the_result(result):
    text = plain(classification_page(result))
    truth = [one.truth for one in result.articles]
    answers = [result.classes[at] for at in result.probabilities.argmax(axis=1)]
    right = np.mean([one == other for one, other in zip(truth, answers, strict=True)])
    assert f"Of 19 articles of the test corpus, {right:.1%} were given the class that they have" in text
    decided = [one.decision for one in result.articles]
    assert f"3 classes were learned from 30 labelled articles; {decided.count('given')} of 19 articles of new got one" in text
    assert decided.count("abstain") == 1
    assert "1 was left open because no class was probable enough." in text
    assert "30 training articles that were held out" in text
    assert f"{result.tested.accuracy.low:.1%} to {result.tested.accuracy.high:.1%}" in text
    assert "giving all of them the most frequent class, sea, 33.3%." in text
    assert all(note in text for note in result.notes)


def test_what_is_given_from_a_probability_on_is_as_often_right_as_it_says(result):
    text = plain(classification_page(result))
    sure = result.probabilities.max(axis=1)
    told = sure >= result.threshold
    right = np.array(
        [result.classes[row.argmax()] == one.truth for row, one in zip(result.probabilities, result.articles, strict=True)]
    )
    assert f"{told.mean():.0%} reach it, and {right[told].mean():.1%} of these are right" in text


def test_the_whole_page_is_one_file_without_addresses(result):
    html = classification_page(result).html()
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html) == []
    assert html.count('<img src="data:image/') == 2


def test_confused_articles_stand_beside_articles_of_the_class_that_they_were_taken_for(result):
    blocks = [
        b
        for b in classification_page(result).blocks
        if b["kind"] == "table" and b["head"] == ["wrongly given", "rightly given"]
    ]
    pairs = confusions(result.tested)
    assert pairs
    assert len(blocks) == min(3, len(pairs))
    of = {one.id: one for one in result.articles}
    for block, (count, row, column) in zip(blocks, pairs, strict=False):
        ids = [[re.match(r"(\S+) ·", cell.get("source", "")) for cell in cells] for cells in block["rows"]]
        wrong, right = ([of[found[1]] for found in side if found] for side in zip(*ids, strict=True))
        assert len(wrong) == min(2, count)
        assert {(one.truth, one.label) for one in wrong} == {(result.classes[row], result.classes[column])}
        assert {(one.truth, one.label) for one in right} == {(result.classes[column],) * 2}
        assert all(cell["way"] == "rtl" for cells in block["rows"] for cell in cells if cell["text"])


def test_without_labels_of_the_test_the_page_speaks_of_held_out_articles():
    train, test = corpora(test_labels=False)
    found = classify(train, test, encoder="none", seconds=0)
    text = plain(classification_page(found))
    assert found.tested is None
    assert "they have no labels to compare with" in text
    assert "articles of the test corpus" not in text
    told = [one for one in found.learned if not np.isnan(one.probabilities).any()]
    wrong = [one.id for one in told if found.classes[one.probabilities.argmax()] != one.label]
    assert wrong
    assert sum(id in text for id in wrong) >= 1
    assert "no precision was asked for" in text


def test_hostile_names_texts_and_ids_show_as_text():
    train, test = corpora()
    name = f"{HOSTILE} sea"
    known = Corpus(HOSTILE, tuple(replace(one, label=name) if one.label == "sea" else one for one in train))
    new = Corpus(
        HOSTILE,
        tuple(
            replace(one, id=f"{HOSTILE}{one.id}", title=HOSTILE, text=f"{HOSTILE}. {one.text}", source=HOSTILE) for one in test
        ),
    )
    page = classification_page(classify(known, new, encoder="none", seconds=0))
    html = page.html()
    assert html.count("<script") == 2  # the passages of the page, and what searches them
    assert not set("\u202e\u2066") & set(html.split("</title>")[1])
    assert html.count("&lt;script&gt;") > 20


def test_evidence_is_underlined_and_no_letter_of_an_article_is_lost(result):
    page = classification_page(result, explained=4)
    shown = [block for block in page.blocks if block["kind"] == "article"]
    assert len(shown) == 4
    assert len({str(block["source"]).split(" (")[0] for block in shown}) > 1  # of several classes
    for block in shown:
        one = next(one for one in result.articles if one.id == str(block["title"]))
        lines = ["".join(piece["text"] for piece in passage["pieces"]) for passage in block["passages"]]
        assert lines == one.text.split("\n")
        marked = {piece["text"] for passage in block["passages"] for piece in passage["pieces"] if piece["colours"]}
        assert marked == {line for span in one.evidence for line in span.text.split("\n") if line}


def test_long_stretches_without_evidence_are_shortened(result):
    one = next(one for one in result.articles if one.evidence)
    longer = replace(one, text=f"{one.text}\n{'كلمة ' * 300}نهاية")
    changed = replace(result, articles=tuple(longer if other is one else other for other in result.articles))
    block = next(
        b for b in classification_page(changed, explained=99).blocks if b["kind"] == "article" and str(b["title"]) == one.id
    )
    last = block["passages"][-1]["pieces"][0]["text"]
    assert len(last) < 420
    assert last.startswith("كلمة كلمة")
    assert last.endswith("[…] " + "كلمة " * last.split("[…] ")[1].count("كلمة") + "نهاية")


@pytest.mark.parametrize(
    ("faithful", "told"),
    [
        (
            Faithfulness(20, 18, 12, 0.4, 0.5, 0.05, 0.1, 0.3),
            "falls by 35 points without the sentences, and falls by 5 without",
        ),
        (
            Faithfulness(20, 18, 12, 0.4, 0.5, 0.05, 0.1, 0.3),
            "So the answers rest on the marked sentences more than on others.",
        ),
        (Faithfulness(20, 18, 12, 0.4, 0.5, -0.05, 0.1, -0.1), "rises by 5 without as much other text"),
        (Faithfulness(20, 18, 12, 0.4, 0.5, -0.05, 0.1, -0.1), "do not read them as reasons."),
        (Faithfulness(5, 4, 3, 0.4, 0.5, 0.05, 0.0, 0.3), "They are too few to conclude from."),
        (Faithfulness(5, 4, 0, 0.4, 0.5, np.nan, np.nan, np.nan), "so nothing says if that is much."),
        (Faithfulness(5, 0, 0, np.nan, np.nan, np.nan, np.nan, np.nan), "in 0 of them some sentence carries the answer."),
    ],
)
def test_what_the_evidence_is_worth(result, faithful, told):
    page = classification_page(replace(result, faithfulness=faithful))
    at = next(n for n, block in enumerate(page.blocks) if str(block.get("text", "")).startswith("Why: the sentences"))
    said = unescape(str(page.blocks[at + 1]["text"]))
    assert told in said
    assert "nan" not in said
    assert sum(end in said for end in ("more than on others.", "as reasons.", "too few to conclude from.")) == (
        faithful.compared > 0
    )


def test_without_explanations_there_is_no_section_on_them(result):
    text = plain(classification_page(replace(result, faithfulness=None)))
    assert "Why: the sentences" not in text


def test_labels_to_look_at_are_in_the_order_of_the_result(result):
    train, _ = corpora()
    wrong = Corpus("known", tuple(replace(one, label="farm") if one.id in {"sea-1", "sport-2"} else one for one in train))
    found = classify(wrong, corpora()[1], encoder="none", seconds=0)
    table = next(b for b in classification_page(found).blocks if b["kind"] == "table" and "more likely" in b["head"])
    shown = [row[0]["source"] for row in table["rows"]]
    assert shown == found.suspect_table()["id"].tolist()[:20]
    assert {"sea-1", "sport-2"} <= set(shown)


def test_many_classes_are_a_table_of_their_confusions(result):
    k = 14
    names = tuple(f"class {number:02}" for number in range(k))
    rng = np.random.default_rng(5)
    truth = [names[number % k] for number in range(140)]
    sure = rng.dirichlet(np.ones(k), 140)
    found = estimate("made texts", truth, sure, names, list(range(140)), majority=names[0], draws=20)
    wide = replace(
        result, classes=names, tested=found, held_out=None, suspects=(), faithfulness=None, articles=(),
        probabilities=np.zeros((0, k)), classifier=_with_terms(result.classifier, k),
    )  # fmt: skip
    page = classification_page(wide)
    table = next(b for b in page.blocks if b["kind"] == "table" and "share of the first" in b["head"])
    assert len(table["rows"]) == 20
    counts = [int(str(row[2]["text"])) for row in table["rows"]]
    assert counts == sorted(counts, reverse=True)
    off = found.confusion - np.diag(np.diag(found.confusion))
    assert counts[0] == off.max()
    assert sum("confusion" in str(b.get("plain", "")) for b in page.blocks) == 0
    assert "There was no article to classify" in plain(page)


def _with_terms(classifier, k):
    from copy import copy

    other = copy(classifier)
    other.terms_ = ((),) * k
    return other


def test_one_class_and_two_articles_make_a_page():
    one = Corpus("one", (Document("a", PARTS["sea"][0], label="sea"), Document("b", PARTS["sea"][1])))
    text = plain(classification_page(classify(one, encoder="none", seconds=0)))
    assert "1 class was learned from 1 labelled article; 1 of 1 article of one got one." in text
    assert "What is confused" not in text
    two = Corpus("two", (Document("a", PARTS["sea"][0], label="sea"), Document("b", PARTS["sport"][1], label="sport")))
    text = plain(classification_page(classify(two, encoder="none", seconds=0)))
    assert "There was no article to classify" in text
    assert "nan" not in text


def test_with_the_bundled_encoder_and_the_seeds(few_seeds):
    corpus = research.load(few_seeds / "articles")
    english = ("harbour", "meridian")
    known = tuple(replace(one, label="en" if one.source in english else "ar") for one in corpus)
    found = classify(Corpus("known", known[::2]), Corpus("new", known[1::2]), encoder="use", seconds=0, explained=3)
    assert found.tested.accuracy.value == 1
    text = plain(classification_page(found))
    assert "100.0% were given the class that they have" in text
    assert "None: of " in text


# -- parts --------------------------------------------------------------------------------------------------------------


def test_terms_are_as_articles_write_them(result):
    terms = surface_terms(result)
    assert len(terms) == 3
    texts = " ".join(one.text for one in result.learned)
    words = [term for of_class in terms for term in of_class.split("، ") if term]
    assert len(words) > 10
    assert all(term in texts for term in words)
    assert any("ة" in term or "أ" in term for term in words)  # normalised ones hold neither


@given(
    st.integers(1, 6).flatmap(lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k))
)
def test_confusions_are_what_is_off_the_diagonal(counts):
    class Found:
        confusion = np.array(counts)

    pairs = confusions(Found)
    again = np.diag(np.diag(Found.confusion))
    for count, row, column in pairs:
        again[row, column] += count
    assert again.tolist() == counts
    assert [count for count, _, _ in pairs] == sorted((count for count, _, _ in pairs), reverse=True)


@pytest.mark.parametrize(
    ("text", "way"),
    [("نص عربي", "rtl"), ("(CNN) قال المتحدث في المؤتمر", "rtl"), ("plain words", "ltr"), ("12", "ltr"), ("", "ltr")],
)
def test_a_cell_runs_as_most_of_its_letters_do(text, way):
    assert Quoted(text).way == way


@given(st.text(alphabet="اب ج\n", max_size=60), st.integers(1, 40))
def test_a_beginning_is_one(text, most):
    found = beginning(text, most)
    assert text.startswith(found.removesuffix(" …"))
    assert len(found) <= most + 2


def test_the_matrix_shows_every_count_and_hatches_classes_without_texts():
    _, ax = plt.subplots()
    confusion_matrix(np.array([[3, 1], [0, 0]]), ["بحر", "a name that is much too long to draw"], ax, title="x")
    assert sorted(text.get_text() for text in ax.texts) == ["1", "3"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["بحر  (n = 4)", "a name that is much t…  (n = 0)"]
    shown = ax.images[0].get_array()
    assert shown[0].tolist() == [0.75, 0.25]
    assert shown.mask[1].all()
    plt.close("all")


def test_bins_are_drawn_with_wilsons_interval():
    from scipy.stats import binomtest

    _, ax = plt.subplots()
    reliability_of_bins([(0.55, 0.5, 10), (0.95, 1.0, 7)], ax, title="x")
    bars = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
    for (low, high), right, n in zip(bars, (5, 7), (10, 7), strict=True):
        known = binomtest(right, n).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((known.low, known.high), abs=1e-3)
    assert [text.get_text() for text in ax.texts] == ["10", "7"]
    plt.close("all")


# -- files --------------------------------------------------------------------------------------------------------------


def test_the_files_hold_the_tables_of_the_result(result, tmp_path):
    research.report.write(result, tmp_path / "out")
    tables = {
        "predictions": result.predictions(), "probabilities": result.probability_table(), "classes": result.table(),
        "suspects": result.suspect_table(), "choice": result.choice_table(),
    }  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [
            *(f"{name}.csv" for name in (*tables, "dictionary")),
            "citations.bib",
            "figures",
            "metrics.json",
            "report.html",
            "report.md",
        ]
    )
    for name, table in tables.items():
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == list(table.columns)
        assert len(rows) == len(table) + 1
    assert json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8")) == result.metrics()


def test_the_same_result_gives_the_same_page(result):
    assert classification_page(result).html() == classification_page(result).html()


def test_figures_are_also_files(result, tmp_path):
    classification_page(result, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "certainty.png",
        "certainty.svg",
        "confusion.png",
        "confusion.svg",
    ]
