import tomllib
from pathlib import Path

import pytest

from research.corpus import Corpus, Document, load
from research.corpus.labels import load_labels
from research.errors import DataError

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
CORPUS = Corpus(
    "two",
    (
        Document("a.txt", "قسم\n\n  سفينة ترسو  \nسفينة تبحر\n"),
        Document("b.txt", "", problem="empty"),
        Document("c.txt", "مدرسة"),
    ),
)
THEMES = ["sea", "school"]


def rows(path: Path, *lines: str, header: str = "article,line,themes,disputed") -> Path:
    file = path / "labels.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


GOOD = ("a.txt,1,furniture,", "a.txt,3,sea,school", "a.txt,4,sea;school,", "c.txt,1,other,sea;school")


def test_labels_come_with_their_lines_in_the_order_of_the_corpus(tmp_path):
    lines = load_labels(rows(tmp_path, *reversed(GOOD)), CORPUS, THEMES)
    assert [(line.document, line.line, line.text) for line in lines] == [
        ("a.txt", 1, "قسم"),
        ("a.txt", 3, "سفينة ترسو"),
        ("a.txt", 4, "سفينة تبحر"),
        ("c.txt", 1, "مدرسة"),
    ]
    assert [sorted(line.themes) for line in lines] == [[], ["sea"], ["school", "sea"], []]
    assert [sorted(line.disputed) for line in lines] == [[], ["school"], [], ["school", "sea"]]
    assert [line.furniture for line in lines] == [True, False, False, False]
    assert all(CORPUS[line.document].text[line.start : line.end] == line.text for line in lines)


def test_disputed_labels_are_not_needed(tmp_path):
    file = rows(tmp_path, *(row.rsplit(",", 1)[0] for row in GOOD), header="article,line,themes")
    assert [line.disputed for line in load_labels(file, CORPUS, THEMES)] == [frozenset()] * 4


@pytest.mark.parametrize(
    ("number", "row", "what", "where"),
    [
        (1, "a.txt,3,ocean,", "unknown label 'ocean'", ", line 3, field themes"),
        (1, "a.txt,3,sea,ocean", "unknown label 'ocean'", ", line 3, field themes"),
        (1, "a.txt,3,sea,other", "unknown label 'other'", ", line 3, field themes"),
        (1, "a.txt,3,,", "unknown label ''", ", line 3, field themes"),
        (1, "a.txt,3,sea;other,", "a line that is furniture or other cannot have a theme as well", ", line 3, field themes"),
        (
            1,
            "a.txt,3,furniture;sea,",
            "a line that is furniture or other cannot have a theme as well",
            ", line 3, field themes",
        ),
        (1, "a.txt,third,sea,", "'third' is not a line number", ", line 3, field line"),
        (1, "a.txt,-3,sea,", "'-3' is not a line number", ", line 3, field line"),
        (1, "a.txt,1,sea,", "line 1 of a.txt is labelled twice", ", line 3"),
        (1, "a.txt,2,sea,", "line 3 of a.txt has no label", ""),
        (1, "d.txt,1,sea,", "line 3 of a.txt has no label", ""),
    ],
)
def test_labels_that_do_not_fit_are_named(tmp_path, number, row, what, where):
    file = rows(tmp_path, *GOOD[:number], row, *GOOD[number + 1 :])
    with pytest.raises(DataError) as caught:
        load_labels(file, CORPUS, THEMES)
    assert (caught.value.what, caught.value.where) == (what, f"{file}{where}")
    assert str(caught.value) == f"{file}{where}: {what}; {caught.value.remedy}"


@pytest.mark.parametrize("row", ["a.txt,2,sea,", "a.txt,9,sea,", "d.txt,1,sea,", "b.txt,1,other,"])
def test_a_label_of_a_line_that_is_not_there_is_named(tmp_path, row):
    article, line = row.split(",")[:2]
    file = rows(tmp_path, *GOOD, row)
    with pytest.raises(DataError, match=f"there is no line {line} in {article}"):
        load_labels(file, CORPUS, THEMES)


def test_a_missing_column_and_a_missing_file(tmp_path):
    with pytest.raises(DataError, match="line 1: no field 'line', only article, themes"):
        load_labels(rows(tmp_path, "a.txt,sea", header="article,themes"), CORPUS, THEMES)
    with pytest.raises(DataError, match=r"nothing\.csv: No such file or directory; check the path"):
        load_labels(tmp_path / "nothing.csv", CORPUS, THEMES)


def test_every_line_of_the_bundled_articles_has_a_label():
    corpus = load(SEEDS / "articles")
    themes = list(tomllib.loads((SEEDS / "themes.toml").read_text(encoding="utf-8"))["theme"])
    lines = load_labels(SEEDS / "labels.csv", corpus, themes)
    assert {line.document for line in lines} == {document.id for document in corpus}
    assert {theme for line in lines for theme in line.themes} == set(themes)
    assert not any(line.furniture and line.themes for line in lines)


def test_labels_may_be_partial_when_that_is_said(tmp_path):
    file = rows(tmp_path, GOOD[2])
    with pytest.raises(DataError, match="has no label"):
        load_labels(file, CORPUS, THEMES)
    assert [(line.document, line.line) for line in load_labels(file, CORPUS, THEMES, partial=True)] == [("a.txt", 4)]
    with pytest.raises(DataError, match="no line 9"):
        load_labels(rows(tmp_path, "a.txt,9,sea,"), CORPUS, THEMES, partial=True)
