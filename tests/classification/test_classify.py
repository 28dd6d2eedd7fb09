"""Classifying a corpus: every article a row, nothing scored that was seen, evidence where it says, any order."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import research
from research.classification import classify
from research.corpus.documents import Corpus, Document
from research.errors import ConfigError, DataError
from research.features import get_encoder

NAMES = {"sanctions": ["عقوبات", "حظر", "مصرف", "تجميد", "أصول"], "sport": ["كأس", "فريق", "هدف", "ملعب", "مدرب"]}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة", "أعلن", "خلال", "الماضي", "الجديد"]


class Hashed:
    """An encoder whose vector is the sum of its words' random ones."""

    name, version, dimension, parallel = "hashed", "1", 24, False

    def encode(self, texts):
        rows = [sum(self._word(word) for word in text.split()) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.dimension)

    def _word(self, word):
        return np.random.default_rng(zlib.crc32(word.encode("utf-8", "surrogatepass"))).normal(size=self.dimension)

    def fingerprint(self):
        return "0" * 64


def written(label, rng, noise=8, telling=2, lines=1):
    names = NAMES.get(label, [])
    return "\n".join(
        " ".join([*(rng.choice(names, telling) if names else []), *rng.choice(COMMON, noise)]) + "." for _ in range(lines)
    )


def articles(n=40, seed=0, prefix="t", wrong=0.0, **more):
    rng = np.random.default_rng(seed)
    labels = [("sanctions", "sport")[int(at % 5 > 2)] for at in range(n)]
    texts = [written(label, rng, **more) for label in labels]
    labels = [label if rng.random() >= wrong else ("sport", "sanctions")[label == "sport"] for label in labels]
    return [
        Document(f"{prefix}{at:02d}", text, label=label) for at, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]


def corpus(documents, name="some"):
    return Corpus(name, tuple(documents))


def without_labels(documents):
    return [replace(one, label="") for one in documents]


def quick(train, test=None, **more):
    settings = {"encoder": "none", "seconds": 0, "store": False, "explained": 0, **more}
    return classify(
        corpus(train) if isinstance(train, list) else train,
        corpus(test, "asked") if isinstance(test, list) else test,
        **settings,
    )


TINY = [
    Document("a", "فرض عقوبات على السفن", label="sanctions"),
    Document("b", "عقوبات على الشركات", label="sanctions"),
    Document("c", "فاز الفريق بالكأس", label="sport"),
    Document("d", "كأس العالم والفريق", label="sport"),
]


# The front door


def test_the_front_door_opens_more_than_once():
    for _ in range(2):
        assert research.classify is classify


# Rows


def test_every_article_has_a_row_in_its_order():
    asked = [
        Document("z", "عقوبات جديدة"),
        Document("empty", ""),
        Document("broken", "", problem="a binary file"),
        Document("blank", " \n\t"),
        Document("points", "!؟ …"),
        Document("a", "كأس العالم"),
    ]
    result = quick(TINY, asked)
    table = result.predictions().set_index("id")
    assert table.index.tolist() == [one.id for one in asked] == result.probability_table()["id"].tolist()
    assert table["decision"].to_dict() == {
        "z": "given", "empty": "none", "broken": "none", "blank": "none", "points": "given", "a": "given",
    }  # fmt: skip
    assert table.loc["broken", "reason"] == "a binary file"
    for id in ("empty", "blank"):
        assert table.loc[id, "reason"]
    assert (table.loc[["z", "points", "a"], "reason"] == "").all()
    none = table["decision"] == "none"
    assert table.loc[none, "label"].isna().all()
    assert table.loc[none, "score"].isna().all()
    assert table.loc[["z", "a"], "label"].tolist() == ["sanctions", "sport"]
    assert table.loc["points", "unlike"]
    assert not table.loc["z", "unlike"]
    assert np.isnan(result.probabilities[none.to_numpy()]).all()
    np.testing.assert_allclose(result.probabilities[~none.to_numpy()].sum(axis=1), 1)


@pytest.mark.parametrize("asked", [[], [Document("x", "", problem="empty")], [Document("x", "!")]])
@pytest.mark.parametrize("encoder", ["none", Hashed()])
def test_a_corpus_in_which_nothing_is_said(asked, encoder):
    result = quick(TINY, asked, encoder=encoder, explained=None)
    assert result.predictions()["id"].tolist() == [one.id for one in asked]
    assert result.tested is None
    assert result.probabilities.shape == (len(asked), 2)
    assert len(result.probability_table()) == len(asked)
    json.dumps(result.metrics(), allow_nan=False)


def test_without_a_test_corpus_the_unlabelled_are_classified():
    documents = [*TINY, Document("new", "عقوبات على المصارف"), Document("off", "", problem="empty")]
    result = quick(documents[::-1])
    assert result.predictions()["id"].tolist() == ["off", "new"]
    assert [one.id for one in result.learned] == ["d", "c", "b", "a"]
    assert [one.id for one in result.corpus] == ["off", "new"]
    assert result.tested is None
    assert any("2 of 6 training articles have no label" in note for note in result.notes)


def test_all_labelled_and_nothing_to_classify():
    result = quick(TINY)
    assert len(result.predictions()) == 0
    assert result.held_out is not None


def test_a_label_of_blanks_is_none():
    result = quick([*TINY, Document("new", "عقوبات على المصارف", label="  ")])
    assert [one.id for one in result.articles] == ["new"]
    assert [one.id for one in result.corpus] == ["new"]


def test_labels_are_stripped_and_may_be_partly_missing():
    documents = articles(20)
    some = [replace(one, label=f" {one.label}\n") if at % 3 else replace(one, label="") for at, one in enumerate(documents)]
    result = quick(some, [replace(documents[0], label=" sanctions ")])
    assert result.classes == ("sanctions", "sport")
    assert len(result.learned) == 13
    assert result.articles[0].truth == "sanctions"


def test_labelled_articles_without_text_are_not_learned_from():
    result = quick([*TINY, Document("off", "", label="sport", problem="empty"), Document("blank", " ", label="weather")])
    assert len(result.learned) == 4
    assert result.classes == ("sanctions", "sport")
    assert any("2 labelled articles hold no text" in note for note in result.notes)


@pytest.mark.parametrize("train", [[], [Document("a", "نص")], [Document("a", "", label="x", problem="empty")]])
def test_nothing_to_learn_from(train):
    with pytest.raises(DataError) as error:
        quick(train, TINY)
    assert "\n" not in str(error.value)
    assert "label" in str(error.value)


@pytest.mark.parametrize(
    "more", [{"precision": 0.0}, {"precision": 1.1}, {"precision": -1}, {"explained": -1}, {"seconds": -1}, {"encoder": "no"}]
)
def test_options_that_cannot_be(more):
    with pytest.raises(ConfigError) as error:
        quick(TINY, [], **more)
    assert "\n" not in str(error.value)


def test_one_class():
    result = quick(TINY[:2], [Document("x", "كأس"), Document("y", "")], explained=None, precision=0.9)
    assert result.classes == ("sanctions",)
    assert result.held_out is None
    assert result.articles[0].label == "sanctions"
    assert any("one class" in note for note in result.notes)
    assert result.metrics() == {"held_out": None, "test": None}
    assert len(result.table()) == 1


def test_two_articles():
    result = quick([TINY[0], TINY[2]], [Document("x", "عقوبات السفن")], explained=None)
    assert result.articles[0].label == "sanctions"
    assert any("Fewer than five" in note for note in result.notes)


@pytest.mark.parametrize("name", ["id", "label", "x" * 3000, "a,b", "رياضة محلية", "<b>", "None", "nan"])
def test_classes_of_any_name(name):
    train = [replace(one, label=name if one.label == "sport" else one.label) for one in TINY]
    result = quick(train, [Document("new", "كأس العالم", label=name)])
    table = result.probability_table()
    assert table.columns.tolist() == ["id", *result.classes]
    assert table.iloc[0, 0] == "new"
    assert result.predictions()["label"].tolist() == [name]
    assert result.metrics()["test"]["classes"][name]["texts"] == 1
    assert "<b>" not in result._repr_html_()


def test_a_zero_at_the_end_of_a_label_is_no_other_class_and_no_crash():
    train = [replace(one, label="sport\0") if one.id == "c" else one for one in articles(20, prefix="") + TINY]
    assert quick(train, [Document("x", "كأس")]).articles[0].label in ("sanctions", "sport", "sport\0")


# Scores


def test_the_test_corpus_is_scored_and_not_learned_from():
    asked = articles(20, seed=7, prefix="n")
    result = quick(articles(), asked)
    plain = quick(articles(), without_labels(asked))
    assert (result.probabilities == plain.probabilities).all()
    right = [one.label == document.label for one, document in zip(result.articles, asked, strict=True)]
    assert result.tested.texts == 20
    assert result.tested.accuracy.value == pytest.approx(np.mean(right))
    assert plain.tested is None


def test_classes_that_training_does_not_have():
    asked = [*articles(10, seed=7, prefix="n"), Document("w", "أمطار غزيرة في الجبال", label="weather")]
    result = quick(articles(), asked)
    assert result.tested.unknown == 1
    assert result.tested.texts == 11
    assert result.tested.accuracy.value <= 10 / 11
    assert result.articles[-1].truth == "weather"
    assert any("no training article has" in note for note in result.notes)
    json.dumps(result.metrics(), allow_nan=False)


def test_copies_of_training_articles_are_classified_and_not_scored():
    train = articles(noise=20)
    fresh = articles(10, seed=7, prefix="n", noise=20)
    words = train[1].text.split()
    copies = [
        Document("same", train[0].text, label="sport"),  # its label is wrong, and that does not count
        Document("marks", train[2].text.replace("عقوبات", "عُقُوبات"), label="sport"),
        Document("edited", " ".join([*words[:-1], "كلمة", words[-1]]), label="sport"),
    ]
    result = quick(train, [*copies, *fresh])
    alone = quick(train, fresh)
    assert result.tested.texts == len(fresh)
    assert result.tested.accuracy.value == alone.tested.accuracy.value
    assert [one.label for one in result.articles[:3]] == ["sanctions"] * 3
    assert any("3 test articles are near copies" in note for note in result.notes)


def test_only_copies_leave_nothing_to_score():
    train = articles(20)
    result = quick(train, [replace(one, id=f"copy {one.id}") for one in train])
    assert result.tested is None
    assert (result.predictions()["decision"] == "given").all()


def test_copies_in_training_are_held_out_together():
    """Of pairs of copies with a label by chance, one would tell the other's."""
    rng = np.random.default_rng(5)
    names = ["".join(rng.choice(list("ابتثجحدرسصطعفقكلمنهوي"), 6)) for _ in range(600)]
    labels = rng.permutation(["x", "y"] * 30)
    documents = []
    for at, label in enumerate(labels):
        text = " ".join(names[10 * at : 10 * at + 10])
        documents += [Document(f"a{at}", text, label=label), Document(f"b{at}", f"{text} اليوم", label=label)]
    result = quick(documents, [])
    assert result.held_out.texts == 120
    assert result.held_out.accuracy.value < 0.72
    assert any("120 training articles have near copies" in note for note in result.notes)
    learned = result.classifier.predict([one.text for one in documents])
    assert (learned == [one.label for one in documents]).mean() > 0.95


def test_held_out_numbers_are_those_of_the_learned():
    result = quick(articles(60, wrong=0.2), [])
    sure = np.array([one.probabilities for one in result.learned])
    right = [result.classes[at] == one.label for at, one in zip(sure.argmax(axis=1), result.learned, strict=True)]
    assert result.held_out.accuracy.value == pytest.approx(np.mean(right))
    table = result.table().set_index("label")
    assert table["learned"].sum() == 60
    assert table.loc["sport", "recall"] == pytest.approx(
        np.mean([ok for ok, one in zip(right, result.learned, strict=True) if one.label == "sport"]), abs=1e-4
    )


def test_suspects_are_labels_that_were_turned():
    documents = articles(80, telling=4, noise=4)
    turned = {documents[at].id for at in (3, 10, 22, 37, 41, 60)}
    other = {"sport": "sanctions", "sanctions": "sport"}
    result = quick([replace(one, label=other[one.label]) if one.id in turned else one for one in documents], [])
    table = result.suspect_table()
    assert len(table) >= 3
    assert set(table["id"]) <= turned
    assert all(row.given == other[row.likely] for row in table.itertuples())
    assert table["score"].is_monotonic_increasing


# Precision


@pytest.mark.parametrize("precision", [0.5, 0.8, 0.9, 1.0])
def test_held_out_answers_above_the_threshold_are_right_often_enough(precision):
    asked = articles(40, seed=9, prefix="n", wrong=0.2, telling=1)
    result = quick(articles(80, wrong=0.2, telling=1), asked, precision=precision)
    sure = np.array([one.probabilities for one in result.learned])
    right = np.array([result.classes[at] == one.label for at, one in zip(sure.argmax(axis=1), result.learned, strict=True)])
    answered = sure.max(axis=1) >= result.threshold
    assert not answered.any() or right[answered].mean() >= precision - 1e-9
    for lower in np.unique(sure.max(axis=1)):
        if lower < result.threshold:  # and nothing lower would do
            assert right[sure.max(axis=1) >= lower].mean() < precision
    for one, row in zip(result.articles, result.probabilities, strict=True):
        assert (one.decision == "given") == (row.max() >= result.threshold)
    table = result.predictions()
    left = table["decision"] == "abstain"
    assert table.loc[left, "label"].isna().all()
    assert table.loc[left, "second"].tolist() == [one.label for one in result.articles if one.decision == "abstain"]


def test_a_precision_that_is_never_reached():
    rng = np.random.default_rng(2)
    documents = [Document(f"{at}", written("", rng), label=("x", "y")[rng.integers(2)]) for at in range(30)]
    result = quick(documents, [Document("new", written("", rng))], precision=1.0)
    if result.threshold == float("inf"):
        assert any("No probability was high enough" in note for note in result.notes)
    assert result.predictions()["decision"].tolist() in (["abstain"], ["given"])
    json.dumps(result.metrics(), allow_nan=False)


def test_precision_where_nothing_was_held_out():
    same = "فرض عقوبات جديدة على السفن اليوم"
    result = quick([Document("a", same, label="x"), Document("b", same, label="y")], [Document("c", "كأس")], precision=0.9)
    assert result.held_out is None
    assert result.articles[0].decision == "abstain"


# Evidence


def test_evidence_stands_where_it_says():
    rng = np.random.default_rng(4)
    body = "وصل الوزير إلى العاصمة صباح اليوم في زيارة تستمر يومين يلتقي خلالها عددا من المسؤولين."
    head = ["وصول الوزير إلى العاصمة في زيارة رسمية", "كتبت هيئة التحرير", body, "اقرأ أيضا: قمة جديدة في العاصمة"]
    news = [f"{written('sanctions', rng, noise=14)} {written('sport', rng)} وماذا بعد؟نعم {written('sanctions', rng)}"]
    long = " ".join(written("sanctions", rng, noise=30) for _ in range(9))  # a line that is cut into passages
    endless = written("sport", rng, noise=400)[:-1]  # a sentence that is
    texts = ["\r\n  ".join([*head, *news, long, "إعلان", "\u2028", endless, body, "التعليقات"]), f"\ufeff {long}\n\n{endless}"]
    asked = [Document(f"x{at}", text) for at, text in enumerate(texts)]
    result = quick(articles(wrong=0.1), asked, explained=None)
    assert not any(line in result.articles[0].text for line in (head[1], head[3], "إعلان", "التعليقات"))
    seen = 0
    for row, one, document in zip(result.predictions().itertuples(), result.articles, asked, strict=True):
        spans = json.loads(row.evidence)
        assert len(spans) == len(one.evidence) == len(one.places)
        for (start, end, text, weight), span in zip(spans, one.evidence, strict=True):
            assert document.text[start:end] == text == one.text[span.start : span.end]
            assert weight > 0
            seen += 1
    assert seen >= 4


@pytest.mark.parametrize("seed", range(5))
def test_every_sentence_of_an_article_has_its_place(seed):
    """Whatever is evidence: all sentences' places, in texts with blank lines, marks and long lines between."""
    from research.classification import pipeline
    from research.classification.articles import article_texts

    rng = np.random.default_rng(seed)
    between = ["\n", "\n\n", "\r\n \u00a0", "\u2028", " \n\t\n ", "؟", ". ", "!"]
    text = "".join(written(("sport", "sanctions")[rng.integers(2)], rng, noise=int(rng.integers(1, 150)))[:-1]
                   + between[rng.integers(len(between))] for _ in range(12))  # fmt: skip
    one = article_texts(corpus([Document("x", text)]), True)[0]
    places = pipeline._sentences(one)
    assert len(places) > 3
    for start, end in places:
        first, last = one.place(start, end)
        assert text[first:last] == one.text[start:end]


def test_evidence_carries_the_answer():
    asked = Document("x", "أعلن اليوم في المدينة.\nعقوبات وحظر وتجميد أصول على مصرف.\nبعد الماضي قال من الجديد.")
    result = quick(articles(wrong=0.1), [asked], explained=None)
    spans = result.articles[0].evidence
    assert result.articles[0].label == "sanctions"
    assert spans[0].text == "عقوبات وحظر وتجميد أصول على مصرف."
    cut = asked.text.replace(spans[0].text, "")
    column = result.classes.index("sanctions")
    one, other = (result.classifier.predict_proba([text])[0, column] for text in (result.articles[0].text, cut))
    assert spans[0].weight == pytest.approx(np.log(one / (1 - one)) - np.log(other / (1 - other)), abs=2e-3)
    assert result.faithfulness.tested == 1
    assert result.faithfulness.drop > 0


def test_an_answer_that_is_certain_has_evidence_too():
    asked = Document("x", "أعلن اليوم في المدينة.\nعقوبات وحظر وتجميد أصول على مصرف.\nبعد الماضي قال من الجديد.")
    one = quick(articles(), [asked], explained=None).articles[0]
    assert [span.text for span in one.evidence][:1] == ["عقوبات وحظر وتجميد أصول على مصرف."]


@pytest.mark.parametrize("explained", [0, 1, 3, None])
def test_so_many_answers_are_explained(explained):
    asked = without_labels(articles(5, seed=8, prefix="n", lines=3))
    result = quick(articles(wrong=0.1), asked, explained=explained)
    told = sum(bool(one.evidence) for one in result.articles)
    assert told <= (5 if explained is None else explained)
    assert (result.faithfulness is None) == (explained == 0)
    if explained is None:
        assert told >= 4


@pytest.mark.parametrize("encoder", ["none", Hashed()])
def test_articles_of_one_sentence_or_of_points_are_explained_without_a_crash(encoder):
    asked = [
        Document("a", "!.. ؟؟\n!!\n…"),
        Document("b", "عقوبات"),
        Document("c", "كأس.\nكأس.\nكأس."),
        Document("d", "عقوبات.\n!"),
    ]
    result = quick(articles(20), asked, explained=None, encoder=encoder)
    assert len(result.articles) == 4
    assert result.articles[1].evidence == ()


# Any order


def result_tables(result):
    return [
        result.predictions().sort_values("id").reset_index(drop=True),
        result.probability_table().sort_values("id").reset_index(drop=True),
        result.suspect_table().sort_values("id").reset_index(drop=True),
        result.table(),
        result.choice_table(),
    ]


@pytest.mark.parametrize("encoder", ["none", Hashed()])
def test_the_order_of_articles_does_not_matter(encoder):
    train = [replace(one, source=f"outlet {at % 3}") for at, one in enumerate(articles(30, wrong=0.1, lines=2))]
    train += [replace(train[3], id="copy"), replace(train[4], id="other", label="sport")]
    asked = articles(12, seed=8, prefix="n", wrong=0.2, lines=3)
    rng = np.random.default_rng(0)
    turned = [[some[at] for at in rng.permutation(len(some))] for some in (train, asked)]
    more = {"encoder": encoder, "explained": 5, "precision": 0.8}
    one, other = quick(train, asked, **more), quick(*turned, **more)
    for a, b in zip(result_tables(one), result_tables(other), strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
    assert one.threshold == other.threshold
    assert one.notes == other.notes
    assert one.faithfulness == other.faithfulness
    for kind in ("held_out", "test"):
        for name in ("texts", "classes", "calibration_error", "risk_coverage_area"):
            assert one.metrics()[kind][name] == other.metrics()[kind][name]
        for name in ("accuracy", "macro_f1"):
            assert one.metrics()[kind][name]["value"] == other.metrics()[kind][name]["value"]


def test_the_order_of_articles_does_not_matter_for_chance_and_intervals():
    train, asked = articles(40, wrong=0.3, telling=1), articles(24, seed=8, prefix="n", wrong=0.3, telling=1)
    assert quick(train, asked).metrics() == quick(train[::-1], asked[::-1]).metrics()


def test_the_order_of_articles_does_not_matter_for_the_majority():
    asked = articles(10, seed=8, prefix="n")
    one, other = quick(TINY, asked), quick(TINY[::-1], asked)
    assert one.tested.majority_accuracy == other.tested.majority_accuracy


def test_the_order_of_equal_articles_does_not_matter_for_what_is_explained():
    text = "عقوبات وحظر على مصرف.\nكأس في اليوم.\nقال من بعد."
    asked = [Document("x", text), Document("y", text)]
    told = [
        {one.id for one in quick(articles(20, wrong=0.2), some, explained=1).articles if one.evidence}
        for some in (asked, asked[::-1])
    ]
    assert told[0] == told[1]


def test_the_order_of_articles_does_not_matter_where_two_scripts_are_as_frequent():
    rng = np.random.default_rng(0)
    english = ["ships", "banks", "teams", "goals", "today", "after", "before", "city", "said"]
    train = [
        *articles(20),
        *(Document(f"e{at}", " ".join(rng.choice(english, 8)), label=("sanctions", "sport")[at % 2]) for at in range(20)),
    ]
    asked = [Document(f"n{at:02d}", " ".join(rng.choice(english, 8))) for at in range(25)]
    one, other = (quick(some, asked, encoder=Hashed()) for some in (train, train[::-1]))
    pd.testing.assert_frame_equal(one.probability_table(), other.probability_table())


def test_the_order_of_articles_of_another_script_does_not_matter():
    rng = np.random.default_rng(0)
    english = ["ships", "banks", "teams", "goals", "today", "after", "before", "city", "said"]
    asked = [Document(f"n{at:02d}", " ".join(rng.choice(english, 8))) for at in range(25)]
    one, other = (quick(articles(20), some, encoder=Hashed()) for some in (asked, asked[::-1]))
    np.testing.assert_allclose(one.probabilities, other.probabilities[::-1], atol=1e-5)
    assert one.notes == other.notes


@pytest.mark.parametrize(("n", "told"), [(19, False), (20, True)])
def test_what_is_said_of_another_script_is_so(n, told):
    asked = [Document(f"n{at}", f"ships and banks {at} today") for at in range(n)]
    result = quick(articles(20), asked, encoder=Hashed())
    assert any("a centre of their own" in note for note in result.notes) is told
    texts = [one.text for one in asked]
    expected = result.classifier.adapted(texts).predict_proba(texts)
    np.testing.assert_allclose(result.probabilities, expected, atol=1e-6)
    assert np.abs(result.classifier.predict_proba(texts) - expected).max() > 1e-3  # what had learned from words says else


@pytest.mark.parametrize("text", ["2024", "!؟", "3.5 %"])
def test_articles_without_letters_are_in_no_other_script(text):
    result = quick(articles(20), [Document("x", text)], encoder=Hashed())
    assert not any("another script" in note for note in result.notes)


def test_what_was_learned_can_be_used_for_its_own_language_again():
    asked = [Document(f"n{at}", f"ships and banks {at} today") for at in range(25)]
    texts = [one.text for one in articles(20)]
    foreign, own = (quick(articles(20), some, encoder=Hashed()).classifier for some in (asked, []))
    np.testing.assert_allclose(foreign.predict_proba(texts), own.predict_proba(texts))


def test_a_fixed_answer_for_a_fixed_seed():
    train, asked = articles(30), articles(10, seed=8, prefix="n")
    pd.testing.assert_frame_equal(quick(train, asked).predictions(), quick(train, asked).predictions())


# What is written


def test_metrics_are_plain():
    result = quick(articles(30, wrong=0.2), articles(10, seed=8, prefix="n", wrong=0.2))
    metrics = result.metrics()
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics
    assert set(metrics) == {"held_out", "test"}
    assert metrics["test"]["texts"] == 10
    assert metrics["test"]["accuracy"]["value"] == pytest.approx(result.tested.accuracy.value, abs=1e-6)
    json.dumps(dict(result.settings), allow_nan=False)


def test_the_tables_agree():
    asked = [*articles(10, seed=8, prefix="n"), Document("off", "")]
    result = quick(articles(30), asked, precision=0.9)
    predictions, shares = result.predictions(), result.probability_table()
    for row, probabilities in zip(predictions.itertuples(), shares.drop(columns="id").to_numpy(), strict=True):
        if row.decision == "given":
            assert row.label == result.classes[probabilities.argmax()]
        if row.decision != "none":
            assert row.score == pytest.approx(probabilities.max(), abs=1e-4)
    given = predictions["label"].value_counts()
    assert {row.label: row.given for row in result.table().itertuples() if row.given} == given.to_dict()
    chosen = result.choice_table()
    assert chosen["answers"].any()
    assert len(chosen) == len(result.classifier.choice_.tried)


def test_furniture_may_stay():
    body = "وصل الوزير إلى العاصمة صباح اليوم في زيارة تستمر يومين يلتقي خلالها عددا من المسؤولين."
    page = Document("p", f"وصول الوزير إلى العاصمة في زيارة رسمية\nكتبت هيئة التحرير\n{body}\nشارك المقال\nالتعليقات")
    with_it, without = (quick(TINY, [page], furniture=kept).articles[0].text for kept in (False, True))
    assert "شارك المقال" in with_it
    assert "شارك المقال" not in without


def test_a_page_of_furniture_alone_has_a_row():
    page = Document("p", "شارك المقال\nالتعليقات\nاقرأ أيضا")
    row = quick(TINY, [page]).predictions().iloc[0]
    assert row["id"] == "p"
    assert row["decision"] in ("given", "none")
    assert row["decision"] == "given" or row["reason"]


def test_what_no_encoding_holds():
    asked = [Document("x", "\ud800 عقوبات.\nكأس \udfff هدف.\nنص.", date=date(2024, 1, 1))]
    result = quick(articles(20), asked, explained=None)
    assert [one.label for one in result.articles] in (["sanctions"], ["sport"])


def test_arabic_and_english_articles_together():
    train = [
        *TINY,
        Document("e", "the team won the cup", label="sport"),
        Document("f", "new sanctions on ships", label="sanctions"),
    ]
    result = quick(train, [Document("x", "SANCTIONS on banks"), Document("y", "العقوباتُ على المصارف")])
    assert [one.label for one in result.articles] == ["sanctions", "sanctions"]


@pytest.mark.slow
def test_the_bundled_encoder_over_the_whole_way():
    train, asked = articles(12, wrong=0.1), articles(4, seed=8, prefix="n", lines=2)
    more = {"encoder": get_encoder(), "explained": 2}
    result, other = quick(train, asked, **more), quick(train[::-1], asked[::-1], **more)
    assert np.isfinite(result.probabilities).all()
    assert [one.label for one in result.articles] == [one.label for one in asked]
    assert result.settings["encoder"] == "use-multilingual-3"
    pd.testing.assert_frame_equal(
        result.predictions(), other.predictions().sort_values("id").reset_index(drop=True), check_exact=True
    )
