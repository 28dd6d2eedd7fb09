"""Several labels an article: how they are read, figures that are re-derived, every article a row, one line for errors."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

import research
from research.classification.several import _labels, classify_several
from research.classification.several_estimate import estimate_several
from research.cli import main
from research.corpus.documents import Corpus, Document
from research.errors import ConfigError, DataError
from research.evaluate import bootstrap_by_group

NAMES = {
    "farm": ["قمح", "حقل", "فلاح", "حصاد"],
    "sea": ["سفينة", "ميناء", "موج", "بحار"],
    "sport": ["كأس", "فريق", "هدف", "ملعب"],
}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة", "أعلن", "خلال"]


def articles(n=45, seed=0, prefix="t", noise=6):
    rng = np.random.default_rng(seed)
    found = []
    for at in range(n):
        own = [name for name, share in zip(NAMES, (0.4, 0.35, 0.3), strict=True) if rng.random() < share]
        words = [word for name in own for word in rng.choice(NAMES[name], 2)]
        text = " ".join([*words, *rng.choice(COMMON, noise), f"رقم{prefix}{at}"])
        found.append(Document(f"{prefix}{at:02d}", text, label="; ".join(own) or "-"))
    return found


def quick(train, test=None, **more):
    given = None if test is None else Corpus("asked", tuple(test))
    return classify_several(Corpus("known", tuple(train)), given, **{"encoder": "none", "seconds": 0, "store": False, **more})


@pytest.fixture(scope="module")
def result():
    return quick(articles(), articles(20, 1, "u"))


def sets_of(documents):
    return [set(_labels(one.label, ";", one.id)) for one in documents]


class Hashed:
    """An encoder that looks at the letters of a text."""

    name, version, dimension, parallel = "hashed", "1", 16, False

    def encode(self, texts):
        rows = [np.bincount([ord(letter) % 16 for letter in text] or [0], minlength=16) for text in texts]
        return np.array(rows, np.float32) / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1).astype(np.float32)

    def fingerprint(self):
        return "1" * 64


def test_texts_in_another_script_get_what_meaning_alone_says():
    asked = [Document(f"n{at}", f"ships and banks {at} today", label="sea" if at % 2 else "-") for at in range(24)]
    result = quick(articles(), asked, encoder=Hashed())
    texts = [one.text for one in asked]
    adapted = result.classifier.adapted(texts)
    np.testing.assert_allclose(result.probabilities, adapted.predict_proba(texts), atol=1e-6)
    assert [one.labels for one in result.articles] == adapted.predict(texts)
    assert np.abs(result.classifier.predict_proba(texts) - result.probabilities).max() > 1e-3
    assert any("another script" in note for note in result.notes)


def test_copies_of_what_was_learned_from_are_labelled_and_not_scored():
    known, new = articles(), articles(20, 1, "u")
    copies = [Document(f"copy{at}", one.text, label="sport") for at, one in enumerate(known[:6])]
    result = quick(known, [*new, *copies])
    assert [one.scored for one in result.articles] == [True] * 20 + [False] * 6
    assert result.tested.texts == 20
    alone = quick(known, copies)
    assert alone.tested is None
    assert not any(one.scored for one in alone.articles)


def test_a_score_that_no_draw_can_change_has_no_interval():
    said = np.array([[True, False], [False, True]] * 6)
    found = estimate_several("texts", [["a"], ["b"]] * 6, said * 0.8 + 0.1, said, ["a", "b"], range(12))
    assert found.macro_f1.value == found.subset_accuracy.value == 1
    assert np.isnan([found.macro_f1.low, found.macro_f1.high, found.f1[0].low, found.detectable]).all()


def test_giving_all_labels_gives_those_that_can_be_given():
    said = np.ones((4, 1), bool)
    found = estimate_several("texts", [["a", "z"]] * 4, said * 0.9, said, ["a"], range(4))
    assert (found.macro_f1.value, found.all_macro_f1) == (0.5, 0.5)


def test_a_label_of_which_nothing_is_known_is_not_given_to_all():
    rng = np.random.default_rng(0)
    known = articles(40)
    some = {int(at) for at in rng.permutation(40)[:6]}
    known = [Document(one.id, one.text, label=f"{one.label}; rare" if at in some and one.label != "-" else one.label)
             for at, one in enumerate(known)]  # fmt: skip
    result = quick(known, articles(20, 1, "u"))
    given = sum("rare" in one.labels for one in result.articles)
    assert given < 20 or any("Every article is given" in note and "rare" in note for note in result.notes)


# How labels are read


@given(
    st.lists(st.sampled_from(["oil", "sanctions", "وقود", "a b"])),
    st.sampled_from([";", "|", ",,"]),
    st.sampled_from(["", " ", "\t"]),
)
def test_labels_are_read_as_they_were_joined(names, separator, blank):
    cell = f"{blank}{separator}{blank}".join([*names, ""])
    assert _labels(cell, separator, "x") == (tuple(sorted(set(names))) or None)


@pytest.mark.parametrize("cell", ["", "  ", ";", " ; ;"])
def test_an_empty_cell_says_nothing(cell):
    assert _labels(cell, ";", "x") is None


def test_a_dash_says_none_and_must_stand_alone():
    assert _labels(" - ;", ";", "x") == ()
    assert _labels("far-right", ";", "x") == ("far-right",)
    with pytest.raises(DataError, match=r"none of the labels\) and 'sport' at once") as error:
        quick([*articles(5), Document("odd", "نص", label="-; sport")])
    assert "known, odd" in str(error.value)
    assert "\n" not in str(error.value)


def test_another_separator():
    one = quick([replace(at, label=at.label.replace(";", "|")) for at in articles()], separator="|")
    assert one.labels == tuple(NAMES)
    assert one.metrics() == quick(articles()).metrics()


@pytest.mark.parametrize("more", [{"separator": ""}, {"separator": "-"}, {"seconds": -1}, {"encoder": "no"}, {"seed": -1}])
def test_options_that_cannot_be(more):
    with pytest.raises(ConfigError) as error:
        quick(articles(5), **more)
    assert "\n" not in str(error.value)


# Estimates


def estimated(n=40, seed=0, **more):
    rng = np.random.default_rng(seed)
    truth = [[name for name in ("a", "b", "c") if rng.random() < 0.4] for _ in range(n)]
    so = np.array([[name in own for name in "abc"] for own in truth])
    said = so ^ (rng.random(so.shape) < 0.2)
    sure = np.clip(0.7 * said + 0.3 * rng.random(so.shape), 0, 1)
    groups = [int(at) for at in rng.integers(0, 15, n)]
    return truth, so, said, sure, groups, estimate_several("texts", truth, sure, said, ["a", "b", "c"], groups, **more)


def test_figures_are_those_of_others():
    _, so, said, _, _, found = estimated()
    for name, average in (("macro_f1", "macro"), ("micro_f1", "micro")):
        assert getattr(found, name).value == pytest.approx(f1_score(so, said, average=average))
    assert found.subset_accuracy.value == (so == said).all(axis=1).mean()
    np.testing.assert_allclose([one.value for one in found.f1], f1_score(so, said, average=None))
    np.testing.assert_allclose(found.precision, precision_score(so, said, average=None))
    np.testing.assert_allclose(found.recall, recall_score(so, said, average=None))
    assert found.support.tolist() == so.sum(axis=0).tolist()
    assert found.given.tolist() == said.sum(axis=0).tolist()
    everything = np.ones_like(so)
    assert found.all_macro_f1 == pytest.approx(f1_score(so, everything, average="macro"))
    assert found.all_micro_f1 == pytest.approx(f1_score(so, everything, average="micro"))
    assert sum(n for _, _, n in found.bins) == so.size


def test_intervals_are_those_of_drawing_articles():
    _, so, said, _, groups, found = estimated(draws=40)
    # Whole articles are drawn, so the order of the texts in them does not matter.
    expected = {
        "macro_f1": lambda rows: f1_score(so[rows], said[rows], average="macro"),
        "micro_f1": lambda rows: f1_score(so[rows], said[rows], average="micro"),
        "subset_accuracy": lambda rows: float((so[rows] == said[rows]).all(axis=1).mean()),
    }
    for name, statistic in expected.items():
        own, other = getattr(found, name), bootstrap_by_group(statistic, groups, draws=40, seed=0)
        assert (own.low, own.high, own.draws) == pytest.approx((other.low, other.high, other.draws))
    other = bootstrap_by_group(lambda rows: f1_score(so[rows, 1], said[rows, 1]), groups, draws=40, seed=0)
    assert (found.f1[1].low, found.f1[1].high) == pytest.approx((other.low, other.high))


def test_labels_that_were_dealt_anew_reach_what_chance_reaches():
    _, so, said, _, _, found = estimated(600)
    # Of independent decisions as many as p and q are right together as p x q.
    p, q = so.mean(axis=0), said.mean(axis=0)
    np.testing.assert_allclose(found.chance_f1, 2 * p * q / (p + q), atol=0.03)
    assert found.chance_macro_f1 == pytest.approx(found.chance_f1.mean())
    assert found.chance_subset_accuracy < found.subset_accuracy.low


@settings(max_examples=4)
@given(st.permutations(range(30)))
def test_the_order_of_texts_does_not_matter_to_an_estimate(order):
    truth, _, said, sure, groups, found = estimated(30, draws=20)
    order = list(order)
    turned = estimate_several("texts", [truth[at] for at in order], sure[order], said[order], ["a", "b", "c"],
                              [groups[at] for at in order], draws=20)  # fmt: skip
    assert turned.macro_f1 == found.macro_f1
    assert turned.chance_macro_f1 == found.chance_macro_f1
    np.testing.assert_allclose(turned.bins, found.bins)


def test_labels_that_were_not_learned_count_as_missed():
    truth, so, said, sure, groups, _ = estimated()
    truth = [[*own, "new"] if at < 5 else own for at, own in enumerate(truth)]
    found = estimate_several("texts", truth, sure, said, ["a", "b", "c"], groups, draws=10)
    assert found.unknown == 5
    assert len(found.f1) == 3
    assert found.macro_f1.value == pytest.approx(3 / 4 * f1_score(so, said, average="macro"))
    assert found.subset_accuracy.value == (so == said).all(axis=1)[5:].sum() / 40


def test_a_label_that_neither_is_nor_is_given_has_no_f1():
    found = estimate_several(
        "texts", [["a"], []], np.array([[0.9, 0.1]] * 2), np.array([[True, False]] * 2), ["a", "b"], [0, 0]
    )
    assert np.isnan(found.f1[1].value)
    assert found.macro_f1.value == pytest.approx(2 / 3)
    assert np.isnan(found.macro_f1.low)  # one article


# Articles


def test_every_article_has_rows_in_their_order(result):
    table, sure = result.predictions(), result.probability_table()
    assert table["id"].drop_duplicates().tolist() == sure["id"].tolist() == [f"u{at:02d}" for at in range(20)]
    thresholds = dict(zip(result.labels, result.classifier.thresholds_, strict=True))
    for one, own in zip(result.articles, result.probabilities, strict=True):
        rows = table[table["id"] == one.id]
        given = {name for name, value in zip(result.labels, own, strict=True) if value >= thresholds[name]}
        if given:
            assert set(rows["label"]) == given == set(one.labels)
            assert rows["decision"].unique().tolist() == ["given"]
            assert rows["score"].is_monotonic_decreasing
            assert rows["score"].tolist() == [round(own[result.labels.index(name)], 4) for name in rows["label"]]
        else:
            assert rows[["label", "score"]].isna().all(axis=None)
            assert rows["decision"].tolist() == ["no label"]
    truth = {one.id: one.label.replace(" ", "") for one in articles(20, 1, "u")}
    assert dict(zip(table["id"], table["truth"], strict=True)) == truth
    assert {"given", "no label"} == set(table["decision"])


def test_the_test_is_scored_and_right_as_often_as_counted(result):
    so = [set(one.truth) for one in result.articles]
    assert so == sets_of(articles(20, 1, "u"))
    right = np.mean([set(one.labels) == own for one, own in zip(result.articles, so, strict=True)])
    assert result.estimate is result.tested
    assert result.tested.subset_accuracy.value == pytest.approx(right)
    assert result.tested.macro_f1.value > 0.8 > result.tested.chance_macro_f1


def test_held_out_figures_are_those_of_the_learned(result):
    table = result.classes().set_index("label")
    assert table.index.tolist() == list(NAMES)
    for name in NAMES:
        so = np.array([name in one.labels for one in result.learned])
        said = np.array([name in one.given for one in result.learned])
        row = table.loc[name]
        assert (row["learned"], row["support"]) == (so.sum(), so.sum())
        assert row["f1"] == pytest.approx(f1_score(so, said), abs=1e-4)
        if np.isnan(row["low"]):
            assert row["f1"] in (0, 1)
        else:
            assert row["low"] <= row["f1"] <= row["high"]
        assert row["given"] == sum(name in one.labels for one in result.articles)
        assert row["f1_shuffled"] < np.nanmin([row["low"], row["f1"]])
        assert 0 < row["threshold"] < 1
        assert row["terms"]
    assert result.metrics()["held_out"]["labels"]["sea"]["f1"]["value"] == pytest.approx(table.loc["sea", "f1"], abs=1e-4)
    json.dumps(result.metrics(), allow_nan=False)
    assert ">sea</td>" in result._repr_html_()


def test_the_summary_counts(result):
    sizes = [len(one.labels) for one in result.articles]
    none, some = sizes.count(0), [size for size in sizes if size]
    learned = sum(one.label == "-" for one in articles())
    assert result.summary() == (
        f"3 labels were learned from 45 labelled articles, {learned} of which have none of the labels; {len(some)} of 20 "
        f"articles of asked got at least one ({np.mean(some):.1f} on average), {none} got none."
    )


def test_without_a_test_the_unlabelled_are_labelled():
    documents = [
        *articles(30),
        Document("new", "سفينة في ميناء"),
        Document("off", "", problem="empty"),
        Document("z", "قال", label=" ; "),
    ]
    result = quick(documents)
    assert [one.id for one in result.articles] == ["new", "off", "z"] == [one.id for one in result.corpus]
    assert "sea" in result.articles[0].labels
    assert result.articles[1].decision == "no text"
    assert result.articles[1].reason == "empty"
    assert np.isnan(result.probabilities[1]).all()
    assert len(result.learned) == 30
    assert result.tested is None
    assert result.estimate is result.held_out
    assert any("3 of 33 training articles have no label" in note for note in result.notes)


def test_nothing_to_label():
    result = quick(articles(20))
    assert len(result.predictions()) == 0
    assert "no article to label" in result.summary()


def test_articles_without_text_are_not_learned_from():
    result = quick([*articles(20), Document("blank", " ", label="weather; sea")], [Document("x", ""), Document("y", " \n")])
    assert result.labels == tuple(NAMES)
    assert any("1 labelled article holds no text" in note for note in result.notes)
    assert [one.decision for one in result.articles] == ["no text"] * 2
    assert result.predictions()["reason"].all()


def test_copies_of_what_was_learned_are_not_scored():
    train = articles(30)
    fresh = articles(6, 4, "u")
    result = quick(train, [replace(train[0], id="copy"), *fresh])
    assert result.tested.texts == 6
    assert any("1 test article is a near copy" in note for note in result.notes)
    assert quick(train, [replace(train[0], id="copy")]).tested is None


def test_a_test_with_labels_that_were_not_learned():
    result = quick(articles(30), [Document("a", "سفينة في ميناء", label="sea;weather"), *articles(5, 4, "u")])
    assert result.tested.unknown == 1
    assert result.articles[0].truth == ("sea", "weather")
    assert any("1 test article has labels that no training article has" in note for note in result.notes)


@pytest.mark.parametrize("train", [[], [Document("a", "نص")], [Document("a", "نص", label="-")], [Document("a", "", label="x")]])
def test_nothing_to_learn_from(train):
    with pytest.raises(DataError, match="no article has a label and text") as error:
        quick(train, articles(3))
    assert "\n" not in str(error.value)


def test_one_label_one_article_and_a_label_that_all_have():
    one = quick(
        [replace(at, label="sea" if "sea" in at.label else "-") for at in articles(30)], [Document("x", "سفينة في ميناء")]
    )
    assert one.predictions()["label"].tolist() == ["sea"]
    single = quick([Document("a", "سفينة في ميناء", label="sea;port")], [Document("x", "سفينة في ميناء")])
    assert single.articles[0].labels == ("port", "sea")
    assert single.held_out is None
    assert single.metrics() == {"held_out": None, "test": None}
    assert any("No article could be held out" in note for note in single.notes)
    every = quick([replace(at, label=f"{at.label.replace('-', '')};all") for at in articles(30)], articles(3, 2, "u"))
    assert all("all" in at.labels for at in every.articles)
    assert any("All labelled articles have all" in note for note in every.notes)


def test_a_label_of_one_article_is_named():
    documents = articles(30)
    documents[4] = replace(documents[4], label="once")
    result = quick(documents, articles(5, 2, "u"))
    assert result.classifier.rare_ == ("once",)
    assert any("Fewer than 3 held-out articles have once" in note for note in result.notes)
    assert result.classes().set_index("label").loc["once", "threshold"] == 0.5


def test_labels_by_chance_are_called_so():
    rng = np.random.default_rng(0)
    documents = [replace(one, label=str(rng.choice(["x", "y", "-"]))) for one in articles(40)]
    result = quick(documents)
    assert any(note.startswith("x, y: on held-out articles the answers cannot be told") for note in result.notes)


def test_the_order_of_articles_does_not_matter():
    train, test = articles(30), articles(10, 1, "u")
    one, other = quick(train, test), quick(train[::-1], test[::-1])
    assert one.metrics() == other.metrics()
    np.testing.assert_allclose(one.probabilities, other.probabilities[::-1], atol=1e-9)
    assert [at.labels for at in one.articles] == [at.labels for at in other.articles][::-1]


# Files and the command


def run(*words):
    main.main(args=[str(word) for word in words], prog_name="research")


def written(path, documents):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows((one.id, one.text, one.label) for one in documents)
    return path


QUICK = "--encoder", "none", "--seconds", "0"


def test_the_command_writes_what_the_function_gives(tmp_path, capsys):
    train, test = written(tmp_path / "train.csv", articles()), written(tmp_path / "test.csv", articles(20, 1, "u"))
    run("classify", "--several", "--train", train, "--test", test, "--out", tmp_path / "out", *QUICK)
    names = [
        "choice.csv", "citations.bib", "classes.csv", "dictionary.csv", "figures", "metrics.json", "predictions.csv",
        "probabilities.csv", "report.html", "report.md",
    ]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    result = research.classify_several(research.load(train), research.load(test), encoder="none", seconds=0)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8")) == result.metrics()
    with (tmp_path / "out" / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = result.predictions()
    assert [row["id"] for row in rows] == table["id"].tolist()
    assert [row["label"] for row in rows] == table["label"].fillna("").tolist()
    out = capsys.readouterr().out
    assert f"20 articles of the test corpus: macro-F1 {result.tested.macro_f1}" in out
    assert out.splitlines()[-1].endswith("report.html")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--precision", "0.9"], "--several cannot be had with --precision"),
        (["--save", "x", "--explain", "all"], "--several cannot be had with --save and --explain all"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(tmp_path, capsys, words, told):
    train = written(tmp_path / "train.csv", articles(5))
    with pytest.raises(SystemExit) as stopped:
        run("classify", "--several", "--train", train, "--out", tmp_path / "out", *words)
    lines = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert len(lines) == 1
    assert told in lines[0]
    assert not (tmp_path / "out").exists()
