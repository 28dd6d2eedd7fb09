"""Labelling sheets: written, opened in a spreadsheet of some country, saved, and read back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from research.classifiers.sheets import COLUMNS, SheetRow, read_sheet, write_sheet
from research.errors import ConfigError, DataError

CLASSES = ["رياضة", "اقتصاد", "-طقس", "other"]
# A lone surrogate is no character; in a text file a carriage return is a line end, and a zero byte does not stand.
CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=30) | st.text(
    alphabet="'=+-@\t\n,;|\"019. eع", max_size=8
)
IDS = CELLS.filter(str.strip)


@st.composite
def sheets(draw):
    """Rows of one kind, with one label each or with several."""
    multi = draw(st.booleans())
    several = st.lists(st.sampled_from(CLASSES), unique=True, max_size=3).map(tuple)
    labels = several if multi else st.sampled_from(["", *CLASSES])
    row = st.builds(
        SheetRow,
        id=IDS,
        text=CELLS,
        passage=st.none() | st.integers(0, 300),
        suggested=labels,
        probability=st.none() | st.floats(0, 1),
        label=labels,
        note=CELLS,
    )
    return multi, draw(st.lists(row, max_size=6, unique_by=lambda row: (row.id, row.passage)))


def as_saved(path: Path, delimiter=",", encoding="utf-8-sig", change=lambda cells: cells) -> None:
    """Save a sheet again as a spreadsheet would: other separators, other encodings, every cell as it is shown."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows([change(row) for row in rows])


def written(tmp_path, content: str, encoding="utf-8") -> Path:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content.encode(encoding))
    return path


# -- what is written comes back ------------------------------------------------------------------------------------------


@given(sheets())
@example((False, [SheetRow("'=1", "''+2", note="'")]))
@example((False, [SheetRow("007", "2024-03-05", note="1e5")]))
def test_rows_come_back_as_they_were_written(sheet):
    multi, rows = sheet
    with tempfile.TemporaryDirectory() as place:
        write_sheet(Path(place) / "sheet.csv", rows, CLASSES)
        assert read_sheet(Path(place) / "sheet.csv", CLASSES, multi=multi) == rows


@given(sheets(), st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_rows_come_back_from_spreadsheets_of_other_countries(sheet, delimiter, encoding):
    multi, rows = sheet
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "sheet.csv"
        write_sheet(path, rows, CLASSES)
        decimal = (lambda cells: [*cells[:4], cells[4].replace(".", ","), *cells[5:]]) if delimiter == ";" else list
        as_saved(path, delimiter, encoding, decimal)
        assert read_sheet(path, CLASSES, multi=multi) == rows


@given(st.lists(CELLS, min_size=1, max_size=5))
def test_no_cell_begins_like_a_formula_or_is_only_a_number_or_a_date(texts):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "sheet.csv"
        write_sheet(path, [SheetRow(f"a{at}", text, note=text) for at, text in enumerate(texts)], CLASSES)
        cells = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        for row, text in zip(cells, texts, strict=True):
            for cell in (row["text"], row["note"]):
                assert not cell.startswith(("=", "+", "-", "@", "\t"))
                assert cell in {text, f"'{text}"}


@pytest.mark.parametrize("text", ["=1+1", "+5", "-5", "- قال", "@sum", "007", "2024-03-05", "1/2", "3.10", "1e9", "1" * 16])
def test_what_a_spreadsheet_would_change_gets_a_quote(tmp_path, text):
    write_sheet(tmp_path / "s.csv", [SheetRow(text, text)], CLASSES)
    assert (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()[1] == f"'{text},,'{text},,,,"


@pytest.mark.parametrize("text", ["", "12", "0", "3 سفن", "نص", "a-1", "'", "'نص"])
def test_other_cells_stay_as_they_are(tmp_path, text):
    write_sheet(tmp_path / "s.csv", [SheetRow("a", text)], CLASSES)
    assert (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()[1] == f"a,,{text},,,,"


def test_a_spreadsheet_sees_the_mark_and_the_columns(tmp_path):
    path = tmp_path / "s.csv"
    write_sheet(path, [SheetRow("a", "وصل القطار", 2, "رياضة", np.float64(0.25), "", "")], CLASSES)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,")
    assert raw.decode("utf-8-sig").splitlines() == [",".join(COLUMNS), "a,2,وصل القطار,رياضة,0.25,,"]


def test_a_whole_article_fits_in_a_cell(tmp_path):
    limit = csv.field_size_limit(131_072)
    try:
        rows = [SheetRow("a", "وصل القطار، ثم غادر. " * 10_000)]
        write_sheet(tmp_path / "s.csv", rows, CLASSES)
        assert read_sheet(tmp_path / "s.csv", CLASSES) == rows
    finally:
        csv.field_size_limit(limit)


# -- what people do to a sheet -------------------------------------------------------------------------------------------


def test_labels_that_are_filled_in_are_read_without_blanks(tmp_path):
    path = tmp_path / "s.csv"
    write_sheet(path, [SheetRow(name, "نص") for name in "abc"], CLASSES)
    answers = iter(["label", " رياضة ", "-طقس\u00a0", "  "])
    as_saved(path, change=lambda cells: [*cells[:5], next(answers), cells[6]])
    assert [row.label for row in read_sheet(path, CLASSES)] == ["رياضة", "-طقس", ""]


def test_several_labels_in_a_cell(tmp_path):
    path = written(tmp_path, "id,label\na,رياضة | other|رياضة\nb,|\nc,other\n")
    assert [row.label for row in read_sheet(path, CLASSES, multi=True)] == [("رياضة", "other"), (), ("other",)]
    with pytest.raises(DataError, match="line 2: unknown label"):
        read_sheet(path, CLASSES)


def test_columns_may_be_missing_moved_added_or_named_in_capitals(tmp_path):
    path = written(tmp_path, "Label;mine; ID ;Text;\nother;x;a;نص;\n;;;;\n\n;;b;;\n")
    assert read_sheet(path, CLASSES) == [SheetRow("a", "نص", label="other"), SheetRow("b", "")]


def test_arabic_of_an_old_windows(tmp_path):
    path = written(tmp_path, "id;text;label\r\nأ;وصل القطار إلى المدينة صباحا;رياضة\r\n", encoding="cp1256")
    assert read_sheet(path, CLASSES) == [SheetRow("أ", "وصل القطار إلى المدينة صباحا", label="رياضة")]


def test_a_sheet_without_rows_has_none(tmp_path):
    write_sheet(tmp_path / "s.csv", [], CLASSES)
    assert read_sheet(tmp_path / "s.csv", CLASSES) == []


def test_the_same_text_twice_may_not_have_two_labels(tmp_path):
    same = "id,passage,label\na,1,other\na,2,رياضة\na,1,other\na,1,\n"
    assert [row.label for row in read_sheet(written(tmp_path, same), CLASSES)] == ["other", "رياضة", "other", ""]
    path = written(tmp_path, same + "a,1,رياضة\n")
    with pytest.raises(DataError, match="line 6: the id 'a', passage 1, has another label in line 2; keep one"):
        read_sheet(path, CLASSES)
    path = written(tmp_path, "id,label\na,other|رياضة\na,رياضة|other\n")
    assert len(read_sheet(path, CLASSES, multi=True)) == 2
    path = written(tmp_path, "id,label\na,other|رياضة\na,other\n")
    with pytest.raises(DataError, match="line 3: the id 'a' has another label in line 2"):
        read_sheet(path, CLASSES, multi=True)


# -- errors that a user sees ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            'id,text,label\na,"two\nlines",other\nb,x,opera\n',
            "line 4: unknown label 'opera'; the labels are رياضة, اقتصاد, -طقس, other",
        ),
        ('id,text,label\na,"two\nlines",opera\n', "line 2: unknown label 'opera'"),
        ("id;text\na;b\n", "line 1: not one column 'label', only id, text;"),
        ("label,text\nother,b\n", "line 1: not one column 'id'"),
        ("id,label,label\na,other,other\n", "line 1: not one column 'label'"),
        ("", "line 1: not one column 'id', only none"),
        ("id,label\na,other,more\n", "line 2: 3 cells where the first line has 2; quote cells that hold ','"),
        ('id,label\na,"other\n', "not CSV"),
        ("id,label\n,other\n", "line 2: no id"),
        ("id,passage,label\na,first,other\n", "line 2: passage 'first'"),
        ("id,probability,label\na,much,other\n", "line 2: .*probability 'much'"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_the_file(tmp_path, content, message):
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        read_sheet(path, CLASSES)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_a_workbook_or_no_file_is_an_error(tmp_path):
    path = tmp_path / "sheet.csv"
    with pytest.raises(DataError, match="No such file"):
        read_sheet(path, CLASSES)
    path.write_bytes(b"PK\x03\x04 workbook")
    with pytest.raises(DataError, match=r"a binary file.*save the sheet as CSV in UTF-8"):
        read_sheet(path, CLASSES)


@pytest.mark.parametrize("name", ["", " a", "a ", "a|b"])
def test_a_class_that_no_cell_can_hold_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot be a label"):
        write_sheet(tmp_path / "s.csv", [], ["other", name])
    with pytest.raises(ConfigError, match="cannot be a label"):
        read_sheet(tmp_path / "s.csv", ["other", name])


def test_what_cannot_be_written_leaves_no_file(tmp_path):
    for row in (SheetRow("a", "x", label="opera"), SheetRow("a", "x", suggested=("other", "opera")), SheetRow(" ", "x")):
        with pytest.raises(DataError, match=r"row 2: (unknown label 'opera'|no id)"):
            write_sheet(tmp_path / "s.csv", [SheetRow("z", "y"), row], CLASSES)
        assert not (tmp_path / "s.csv").exists()
    with pytest.raises(ConfigError, match="cannot be written"):
        write_sheet(tmp_path / "none" / "s.csv", [], CLASSES)
