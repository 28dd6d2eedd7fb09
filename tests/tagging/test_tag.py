"""Tagging a corpus: every passage decided, every article a row, spans that point at the source, answers at every size."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

import research
from research.corpus.documents import Corpus, Document
from research.errors import ConfigError
from research.tagging import load_labelled
from research.themes import load_codebook

BOOK = """
version = "1"
[theme.sanctions]
seeds.ar = ["عقوبات"]
hints.ar = ["قيود"]
[theme.summer]
seeds.en = ["summer"]
[theme.empty]
name = "Nothing yet"
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def corpus(*texts, **more):
    return Corpus("some", tuple(Document(f"{n}.txt", text, **more) for n, text in enumerate(texts)))


def states(result):
    return {theme.key: theme.state for theme in result.themes}


@pytest.fixture(scope="module")
def few():
    """Twelve bundled articles, tagged with what was learned from all of them."""
    whole = research.load("seeds/articles")
    return research.tag(Corpus("few", whole.documents[::14]), "seeds/themes.toml")


def test_one_passage(book):
    result = research.tag(corpus("فرضت الدولة عقوبات جديدة على المصرف."), book, encoder="none")
    assert states(result) == {"sanctions": "found", "summer": "absent", "empty": "absent"}
    row = result.assignments().iloc[0]
    assert (row["decision"], row["runner_up"]) == ("present", "summer")
    assert json.loads(row["evidence"]) == [[12, 18, "عقوبات", "عقوبات"]]
    assert row["without"] < 0.5
    assert [theme.reason for theme in result.themes] == ["", "", "it has no words and no examples"]
    assert any("one article" in note for note in result.notes)
    assert any("no probabilities" in note for note in result.notes)


def test_a_hint_alone_is_left_open(book):
    result = research.tag(corpus("قيود جديدة على السفر"), book, encoder="none")
    assert states(result)["sanctions"] == "weak"
    assert result.assignments().iloc[0]["decision"] == "abstain"
    assert result.documents().iloc[0]["state"] == "weak"


@pytest.mark.parametrize("texts", [[], [""], [" \n "]])
def test_nothing_to_read(book, texts):
    documents = tuple(Document(f"{n}", text, problem="empty" if not text.strip() else "") for n, text in enumerate(texts))
    result = research.tag(Corpus("none", documents), book, encoder="none")
    assert set(states(result).values()) == {"absent"}
    assert len(result.assignments()) == 0
    assert result.documents()["reason"].tolist() == ["empty"] * len(texts)
    assert any("No article holds any text." in note for note in result.notes)


def test_a_theme_in_a_language_that_the_corpus_lacks(book):
    result = research.tag(corpus("عقوبات جديدة اليوم", "أمطار غزيرة غدا"), book, encoder="none")
    assert ("summer", "language") in [(finding.theme, finding.kind) for finding in result.check.findings]


def test_every_article_has_rows_and_unusable_ones_a_reason(book):
    documents = (Document("a", "عقوبات جديدة"), Document("b", "", problem="not text"), Document("c", "مطر"))
    table = research.tag(Corpus("x", documents), book, encoder="none").documents()
    assert table["id"].tolist() == ["a"] * 3 + ["b"] + ["c"] * 3
    assert table[table["id"] == "b"]["reason"].tolist() == ["not text"]
    assert table[table["id"] == "b"]["theme"].isna().all()
    assert table[table["theme"] == "sanctions"]["passages"].tolist() == [1, 0]


@pytest.mark.slow
def test_spans_point_at_characters_of_the_article(few):
    table = few.assignments()
    assert len(table) == len(few.passages) * 5
    seen = 0
    for row in table.itertuples():
        text = few.corpus[row.id].text
        spans = json.loads(row.evidence)
        assert (len(spans) > 0) <= (row.decision != "absent")
        for start, end, words, feature in spans:
            assert row.start <= start < end <= row.end
            assert text[start:end] == words
            assert feature
            seen += 1
    assert seen > 100


@pytest.mark.slow
def test_decisions_follow_from_scores(few):
    thresholds = np.array([theme.threshold for theme in few.themes])
    assert ((few.scores >= thresholds) == few.present).all()
    assert (few.open == ((few.scores < thresholds) & (few.scores >= 0.2))).all()
    for number, theme in enumerate(few.themes):
        rows = np.flatnonzero(few.present[:, number])
        assert (theme.passages, theme.articles) == (len(rows), len({few.passages[row].document for row in rows}))
    for one in few.documents().itertuples():
        rows = [row for row, passage in enumerate(few.passages) if passage.document == one.id]
        number = few.codebook.keys.index(one.theme)
        assert one.score == pytest.approx(few.scores[rows, number].max(), abs=1e-4)
        assert one.passages == few.present[rows, number].sum()


@pytest.mark.slow
def test_labelled_articles_are_scored_by_models_that_have_not_seen_them(few):
    labelled = load_labelled("seeds/articles", "seeds/labels.csv", few.codebook.keys)
    at = {passage.text: row for row, passage in enumerate(few.passages)}
    rows = [(at[text], line) for line, text in enumerate(labelled.texts) if text in at]
    assert len(rows) > 80
    known = np.array([labelled.usable[line] for _, line in rows])
    stated = np.array([labelled.stated[line] for _, line in rows])
    said = few.present[[row for row, _ in rows]]
    assert 0.7 < (said == stated)[known].mean() < 0.99
    assert any("had not seen their article" in note for note in few.notes)


@pytest.mark.slow
def test_the_order_of_articles_does_not_matter():
    documents = research.load("seeds/articles").documents[::20]
    one = research.tag(Corpus("x", documents), "seeds/themes.toml", store=False)
    other = research.tag(Corpus("x", documents[::-1]), "seeds/themes.toml", store=False)
    keys = ["id", "passage", "theme"]
    tables = [result.assignments().sort_values(keys).reset_index(drop=True) for result in (one, other)]
    assert tables[0].equals(tables[1])
    assert one.influence == other.influence
    assert [candidate.label for candidate in one.candidates] == [candidate.label for candidate in other.candidates]


def test_influence_counts_the_decisions_that_fall(book):
    texts = ["عقوبات وعقوبات", "عقوبات وقيود وقيود", "قيود فقط", "لا شيء"]
    result = research.tag(corpus(*texts), book, encoder="none")
    assert [(one.seed, one.passages, one.alone, one.lost) for one in result.influence] == [
        ("عقوبات", 2, 1, 2),
        ("قيود", 2, 1, 0),
    ]


def test_a_seed_left_out_is_what_tagging_without_it_gives(tmp_path):
    """Influence derived again by tagging with a codebook that lacks the seed."""
    texts = ["عقوبات وحظر", "عقوبات", "حظر", "قيود وحظر", "تجميد وقيود ورقابة", "مطر"]
    template = 'version="1"\n[theme.t]\nseeds=[{seeds}]\nhints=["قيود", "رقابة"]\n[theme.u]\nseeds=["مطر"]\n'
    seeds = ["عقوبات", "حظر", "تجميد"]

    def tagged(kept):
        path = tmp_path / "b.toml"
        path.write_text(template.format(seeds=", ".join(f'"{seed}"' for seed in kept)), encoding="utf-8")
        return research.tag(corpus(*texts), path, encoder="none")

    whole = tagged(seeds)
    for seed in seeds:
        without = tagged([other for other in seeds if other != seed])
        lost = (whole.present[:, 0] & ~without.present[:, 0]).sum()
        assert next(one.lost for one in whole.influence if one.seed == seed) == lost


def test_a_longer_seed_left_out_leaves_the_shorter_one(tmp_path):
    path = tmp_path / "b.toml"
    path.write_text('version="1"\n[theme.t]\nseeds=["عقوبات", "عقوبات جديدة"]\n', encoding="utf-8")
    result = research.tag(corpus("فرضت عقوبات جديدة", "عقوبات قديمة"), path, encoder="none")
    told = {(one.seed, one.passages, one.alone, one.lost) for one in result.influence}
    assert told == {("عقوبات جديدة", 1, 0, 0), ("عقوبات", 1, 1, 1)}


def test_which_decisions_are_tested_does_not_depend_on_the_order(book):
    texts = [f"عقوبات رقم {n}" for n in range(20)]
    tested = []
    for some in (texts, texts[::-1]):
        result = research.tag(corpus(*some), book, encoder="none", tested=5)
        tested.append({result.passages[row].text for (row, _), found in result.evidence.items() if found.holds is not None})
    assert tested[0] == tested[1]
    assert len(tested[0]) == 5


def test_candidates_are_passages_without_a_theme(few):
    rows = [row for one in few.candidates for row in one.rows]
    assert len(rows) == len(set(rows)) > 12
    assert not few.present[rows].any()
    assert not few.open[rows].any()
    for one in few.candidates:
        assert set(one.exemplars) <= set(one.rows)
        assert one.size == len(one.rows)


def test_labels_that_are_not_there(tmp_path):
    path = tmp_path / "b.toml"
    path.write_text(BOOK + '[labels]\narticles = "gone"\nfile = "l.csv"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.toml, table labels, key articles: 'gone' is not there"):
        research.tag(corpus("نص"), path, encoder="none")
    assert states(research.tag(corpus("عقوبات"), path, labels=False, encoder="none"))["sanctions"] == "found"


@pytest.mark.slow
def test_the_users_own_labels(tmp_path):
    """Labels decide what no word of the codebook tells."""
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = ["article,line,themes"]
    places = ["الساحل", "الجبل", "الوادي", "السهل", "المدينة", "القرية", "الجزيرة", "الميناء", "الهضبة", "الغابة"]
    goods = ["القمح", "السكر", "الزيت", "الأرز", "الحديد", "الخشب", "القطن", "الشاي", "البن", "الملح"]
    for n, (place, good) in enumerate(zip(places, goods, strict=True)):
        (folder / f"{n}.txt").write_text(f"هطلت أمطار غزيرة على {place}\nارتفعت أسعار {good}\n", encoding="utf-8")
        rows += [f"{n}.txt,1,weather", f"{n}.txt,2,other"]
    (tmp_path / "l.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "b.toml").write_text('version="1"\n[theme.weather]\nseeds=["عاصفة"]\n', encoding="utf-8")
    asked = corpus("تهطل أمطار غزيرة في الجبال غدا", "أسعار القمح ترتفع في السوق")
    result = research.tag(asked, tmp_path / "b.toml", labels=(folder, tmp_path / "l.csv"))
    assert result.present[:, 0].tolist() == [True, False]
    assert result.themes[0].calibrated
    assert result.themes[0].labelled == 10
    plain = research.tag(asked, tmp_path / "b.toml")
    assert not plain.present.any()


def test_written_files(few, tmp_path):
    research.report.write(few, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "candidates.csv", "citations.bib", "codebook.csv", "dictionary.csv", "documents.csv", "evidence.csv", "figures",
        "report.html", "report.md", "seeds.csv", "shares.csv", "sightings.csv", "summary.csv", "themes.csv",
    ]  # fmt: skip


def test_dates_and_outlets_are_told(book):
    documents = (Document("a", "عقوبات جديدة", title="عنوان <b>", source="صحيفة", date=date(2024, 5, 1)),)
    page = research.report.tagging_page.tagging_page(research.tag(Corpus("x", documents), book, encoder="none")).html()
    assert "2024-05-01" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_the_bundled_codebook_reads_the_files_that_it_names():
    book = load_codebook("seeds/themes.toml")
    assert book.labels is not None
    assert book.labels.articles.is_dir()
    assert book.labels.file.is_file()
