"""Discovery that a codebook guides: every theme keeps its topic, the rest forms topics beyond, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest

import research
from research.corpus.documents import Corpus, Document
from research.discovery.find import find_guided
from research.errors import ConfigError

BOOK = """
version = "1"
[theme.sanctions]
seeds = ["عقوبات"]
[theme.absent]
seeds = ["زلزال"]
[theme.football]
seeds = ["مباراة", "الفريق"]
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


def corpus(*texts):
    return Corpus("some", tuple(Document(f"{n}.txt", text) for n, text in enumerate(texts)))


TEXTS = (
    "فرض مجلس الأمن عقوبات جديدة على المصرف", "رفعت العقوبات عن السفن", "فاز الفريق في المباراة الأخيرة",
    "عقوبات على لاعب الفريق بعد المباراة ومباراة أخرى", "أمطار غزيرة على الساحل", "سيول في الوادي بعد أمطار",
)  # fmt: skip


def test_every_theme_keeps_its_topic(book):
    result = research.discover(corpus(*TEXTS), codebook=book, encoder="lsa", with_map=False)
    assert [topic.theme for topic in result.topics][:3] == ["sanctions", "absent", "football"]
    assert [topic.size for topic in result.topics[:3]] == [2, 0, 2]
    assert all(topic.theme == "" for topic in result.topics[3:])
    assert sum(topic.size for topic in result.topics) == len(TEXTS)
    # A passage that states two themes goes to the surer one, which has two seeds there.
    assert result.assigned.tolist()[:4] == [0, 0, 2, 2]
    assert set(result.assigned[4:]) == set(range(3, len(result.topics)))
    assert any("absent" in note for note in result.notes)
    table = result.table()
    assert table["theme"].tolist()[:3] == ["sanctions", "absent", "football"]
    assert list(table.columns) == ["topic", "size", "label", "keywords", "stability", "nearest", "theme"]
    assert table["stability"].isna().tolist()[:3] == [True] * 3  # a theme is given, not found


def test_strength_of_a_theme_is_its_score(book):
    result = research.discover(corpus(*TEXTS), codebook=book, encoder="lsa", with_map=False)
    assert result.strengths[:4].tolist() == pytest.approx([0.8, 0.8, 0.85, 0.85])
    assert np.isnan(result.stabilities[:4]).all()


def test_the_tree_is_cut_between_themes_and_topics_only(book):
    result = research.discover(corpus(*TEXTS), codebook=book, encoder="lsa", with_map=False)
    used = len(set(result.assigned.tolist()))
    cut = result.cut(used)
    assert np.array_equal(cut[:, None] == cut, result.assigned[:, None] == result.assigned)
    with pytest.raises(ConfigError, match="can be cut into"):
        result.cut(1)


def test_its_page_and_tables_are_written(book, tmp_path):
    result = research.discover(corpus(*TEXTS), codebook=book, encoder="lsa")
    research.report.write(result, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "A codebook guided this" in page
    assert result.settings["codebook"] == "book.toml"


@pytest.mark.parametrize("texts", [("عقوبات",), ("أمطار",), ("عقوبات", "عقوبات"), ()])
def test_any_size(book, texts):
    result = research.discover(corpus(*texts), codebook=book, encoder="lsa", with_map=False)
    assert len(result.assigned) == len(texts)
    if texts:
        assert [topic.theme for topic in result.topics[:3]] == ["sanctions", "absent", "football"]


def test_a_codebook_guides_passages(book):
    with pytest.raises(ConfigError, match="guides passages"):
        research.discover(corpus(*TEXTS), codebook=book, unit="document", encoder="lsa")


def test_themes_come_first_and_topics_beyond_by_size():
    rng = np.random.default_rng(0)
    texts = [f"كلمة{n} نص{n}" for n in range(40)]
    matrix = np.vstack(
        [rng.normal(place, 0.1, (size, 3)) for place, size in (((1, 0, 0), 5), ((0, 1, 0), 10), ((0, 0, 1), 25))]
    )
    given = np.array([1] * 5 + [-1] * 35)
    found = find_guided(texts, matrix.astype(np.float32), given, np.full(40, 0.7), 2)
    assert (found.labels[:5] == 1).all()
    assert (found.labels[5:] >= 2).all()
    sizes = np.bincount(found.labels)[2:]
    assert (np.diff(sizes) <= 0).all()
    assert np.isnan(found.topic_stabilities[:2]).all()
    assert ((found.topic_stabilities[2:] >= 0) & (found.topic_stabilities[2:] <= 1)).all()
    assert np.isnan(found.stabilities[:5]).all()
    assert np.isfinite(found.stabilities[5:]).all()
    assert found.words[0] == ()
    assert len(found.words) == len(np.bincount(found.labels))


@pytest.mark.parametrize("wanted", [1, 2])
def test_topics_asked_for_are_those_beyond_the_themes(wanted):
    rng = np.random.default_rng(0)
    places = np.repeat(np.eye(3), [5, 20, 20], axis=0)
    matrix = (places + rng.normal(0, 0.1, (45, 3))).astype(np.float32)
    given = np.array([0] * 5 + [-1] * 40)
    found = find_guided([f"نص{n}" for n in range(45)], matrix, given, np.ones(45), 1, n_topics=wanted)
    assert len(np.unique(found.labels[5:])) == wanted


@pytest.mark.slow
def test_the_bundled_codebook_guides_the_bundled_articles(few_seeds):
    documents = research.load(few_seeds / "articles").documents
    one, other = (
        research.discover(Corpus("x", some), codebook="seeds/themes.toml", with_map=False)
        for some in (documents, documents[::-1])
    )
    keys = ["id", "passage"]
    tables = [result.assignments().sort_values(keys).reset_index(drop=True) for result in (one, other)]
    assert tables[0].equals(tables[1])
    tagged = research.tag(Corpus("x", documents), "seeds/themes.toml")
    for row in range(len(one.units)):
        present = np.flatnonzero(tagged.present[row])
        if len(present):
            assert one.assigned[row] == present[tagged.scores[row, present].argmax()]
        else:
            assert one.assigned[row] >= 5
    words = {topic.theme: " ".join(keyword.term for keyword in topic.keywords) for topic in one.topics if topic.theme}
    assert "العقوبات" in words["sanctions"]
    assert "صاروخ" in words["nuclear_missile"]
