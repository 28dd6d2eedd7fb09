import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus import Corpus, load
from research.corpus.tables import read_table, table_suffix
from research.errors import DataError

# A lone surrogate is no character; in a text file a carriage return is a line end, and a zero byte does not stand.
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=60)


def jsonl(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def error(path: Path, load: Callable[[Path], Corpus] = load) -> DataError:
    """The error that a user sees: one line that begins with the file and ends with a remedy."""
    with pytest.raises(DataError) as caught:
        load(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(str(path))
    assert line.endswith(f"; {caught.value.remedy}")
    assert len(caught.value.remedy) > 8
    return caught.value


# -- every format -------------------------------------------------------------------------------------------------------

ROWS = [
    {
        "id": "n-1",
        "title": "قطار الفجر",
        "date": "2024-03-05",
        "source": "المرفأ",
        "label": "نقل",
        "text": "وصل القطار.\nثم غادر.",
    },
    {"id": "n-2", "title": "", "date": "", "source": "", "label": "", "text": 'قال: "لا، شكرا"؛ ثم صمت'},
    {"id": "n-3", "title": "A", "date": "next week", "source": "Quay", "label": "sea", "text": "  two spaces, one tab\t "},
]


def write(path: Path, rows: list[dict]) -> Path:
    name = path.name.removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson")):
        raw = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    elif name.endswith(".csv"):
        buffer = io.StringIO(newline="")
        writer = csv.DictWriter(buffer, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        raw = buffer.getvalue().encode()
    else:
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), sink)
        raw = sink.getvalue()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


FORMATS = [f"corpus.{suffix}{gz}" for suffix in ("jsonl", "ndjson", "csv", "parquet") for gz in ("", ".gz")]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_corpus(tmp_path, name):
    corpus = load(write(tmp_path / name, ROWS))
    assert corpus.name == name
    assert [document.id for document in corpus] == ["n-1", "n-2", "n-3"]
    assert [document.text for document in corpus] == [row["text"] for row in ROWS]
    assert [document.title for document in corpus] == ["قطار الفجر", "", "A"]
    assert [document.source for document in corpus] == ["المرفأ", "", "Quay"]
    assert [document.label for document in corpus] == ["نقل", "", "sea"]
    assert [document.date for document in corpus] == [date(2024, 3, 5), None, None]
    assert [document.date_text for document in corpus] == ["2024-03-05", "", "next week"]
    assert [document.problem for document in corpus] == ["", "", ""]
    assert corpus["n-2"] is corpus.documents[1]
    assert list(corpus.table()["characters"]) == [len(row["text"]) for row in ROWS]


@pytest.mark.parametrize("name", FORMATS)
def test_the_outlet_may_be_called_so(tmp_path, name):
    rows = [
        {"text": "وصل القطار", "outlet": "المرفأ", "source": ""},
        {"text": "غادر القطار", "outlet": "الرصيف", "source": "الميناء"},
    ]
    assert [document.source for document in load(write(tmp_path / name, rows))] == ["المرفأ", "الميناء"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_text_alone_is_enough_and_rows_are_counted_from_zero(tmp_path, name):
    corpus = load(write(tmp_path / name, [{"text": "أول"}, {"text": "ثان"}, {"text": "ثالث"}]))
    assert [(document.id, document.text) for document in corpus] == [("0", "أول"), ("1", "ثان"), ("2", "ثالث")]


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_text_column_is_named_with_those_there_are(tmp_path, name):
    caught = error(write(tmp_path / name, [{"id": "a", "body": "نص"}]))
    assert caught.where.endswith("line 1")
    assert "'text'" in caught.what
    assert "body" in caught.what


@pytest.mark.parametrize("name", FORMATS)
def test_two_rows_with_one_id_are_both_named(tmp_path, name):
    rows = [{"id": id, "text": "نص"} for id in ("a", "b", "c", "b")]
    caught = error(write(tmp_path / name, rows))
    first, second = (3, 5) if ".csv" in name else (2, 4)
    assert caught.what == f"'b' is also the id of line {first}"
    assert caught.where == f"{tmp_path / name}, line {second}, field id"


@pytest.mark.parametrize("name", [name for name in FORMATS if "parquet" not in name])
def test_a_table_without_rows_is_said_to_be_empty(tmp_path, name):
    raw = b"id,text\n" if ".csv" in name else b"\n  \n"
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert "no article" in error(tmp_path / name).what


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_file(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    assert error(tmp_path / name).what


@pytest.mark.parametrize("name", [name for name in FORMATS if name.endswith(".gz")])
def test_a_cut_or_false_gzip_file(tmp_path, name):
    whole = write(tmp_path / name, ROWS).read_bytes()
    for raw in (whole[: len(whole) // 2], whole[:-4], whole[:12], b"not gzip", whole[:10] + b"\xff" * 30, whole + b"more"):
        (tmp_path / name).write_bytes(raw)
        assert error(tmp_path / name).what == "not a whole gzip file"


@pytest.mark.parametrize("name", FORMATS)
def test_a_long_line_is_read_whole(tmp_path, name):
    text = "سلام " * 200_000
    corpus = load(write(tmp_path / name, [{"id": "long", "text": text}, {"id": "short", "text": "سلام"}]))
    assert corpus["long"].text == text
    assert corpus["short"].text == "سلام"


@pytest.mark.parametrize("name", FORMATS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_texts_come_back_in_order(tmp_path_factory, name, texts):
    path = tmp_path_factory.mktemp("round") / name
    corpus = load(write(path, [{"id": f"d{number}", "text": text} for number, text in enumerate(texts)]))
    assert [document.id for document in corpus] == [f"d{number}" for number in range(len(texts))]
    for document, text in zip(corpus, texts, strict=True):
        if text.strip():
            assert (document.text, document.problem) == (text, "")
        else:
            assert (document.text, document.problem) == ("", "empty")


@pytest.mark.parametrize("name", FORMATS)
def test_fields_become_one_line_without_half_characters(tmp_path, name):
    rows = [{"id": " a\n1 ", "title": "سطر\r\nوسطر", "date": " 5 مارس 2024 ", "label": "x\ty", "source": "س", "text": "نص"}]
    (document,) = load(write(tmp_path / name, rows))
    assert (document.id, document.title, document.date, document.label) == ("a 1", "سطر وسطر", date(2024, 3, 5), "x y")


# -- JSON lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("null", "empty"),
        ('""', "empty"),
        ('" \\n\\t"', "empty"),
        ("12", "the text is int, not a string"),
        ("true", "the text is bool, not a string"),
        ('["نص"]', "the text is list, not a string"),
        ('{"ar": "نص"}', "the text is dict, not a string"),
        ("NaN", "the text is float, not a string"),
    ],
)
def test_a_text_that_is_none_stays_in_the_corpus_with_its_problem(tmp_path, value, problem):
    path = tmp_path / "corpus.jsonl"
    path.write_text(f'{{"id": "a", "title": "عنوان", "text": {value}}}\n{{"id": "b", "text": "نص"}}\n', encoding="utf-8")
    corpus = load(path)
    assert [(d.id, d.text, d.problem) for d in corpus] == [("a", "", problem), ("b", "نص", "")]
    assert corpus["a"].title == "عنوان"
    assert [document.id for document in corpus.usable] == ["b"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"id": "c", "text": "نص"', "not JSON"),
        ("{'text': 'نص'}", "not JSON"),
        ('{"text": "سطر\tوتبويب"}', "not JSON"),
        ("نص بلا شيء", "not JSON"),
        ('["نص"]', "a JSON list, not an object"),
        ('"نص"', "a JSON str, not an object"),
        ("null", "a JSON NoneType, not an object"),
        ("{}", "no field 'text', only none"),
        ('{"text": "نص", "id": ' + "9" * 5000 + "}", "a number of thousands of digits"),
    ],
)
def test_a_line_that_is_no_article_is_named(tmp_path, line, what):
    path = tmp_path / "corpus.jsonl"
    path.write_text(f'{{"text": "أول"}}\n\n{{"text": "ثان"}}\n{line}\n', encoding="utf-8")
    caught = error(path)
    assert caught.where == f"{path}, line 4"
    assert caught.what.startswith(what)


@pytest.mark.parametrize(("open", "close"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_deep_json_is_an_error_or_is_read(tmp_path, open, close):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "نص", "x": ' + open * 50 + "1" + close * 50 + "}\n", encoding="utf-8")
    assert load(path).documents[0].text == "نص"
    path.write_text('{"text": "نص"}\n{"text": "نص", "x": ' + open * 100_000 + "1" + close * 100_000 + "}\n", encoding="utf-8")
    caught = error(path)
    assert caught.what == "JSON nested too deeply"
    assert caught.where.endswith("line 2")


def test_half_characters_become_one_that_stands_for_them(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"id": "a\\udc00", "title": "\\ud800ع", "text": "قبل \\ud83d بعد \\ud83d\\ude00"}\n', encoding="utf-8")
    (document,) = load(path)
    assert document.text == "قبل \ufffd بعد 😀"
    assert (document.id, document.title) == ("a\ufffd", "\ufffdع")
    assert document.text.encode()


def test_ids_that_differ_in_half_characters_only_are_duplicates(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"id": "a\\udc00", "text": "نص"}\n{"id": "a\\udc01", "text": "نص"}\n', encoding="utf-8")
    assert "also the id of line 1" in error(path).what


def test_a_zero_character_is_read_where_it_is_escaped(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "قبل\\u0000بعد"}\n', encoding="utf-8")
    assert load(path).documents[0].text == "قبل\x00بعد"


def test_numbers_are_ids_and_line_ends_of_windows_do_not_matter(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_bytes('{"id": 7, "text": "سطر\\r\\nآخر"}\r\n{"id": 7.5, "text": "نص"}\r\n'.encode("utf-8-sig"))
    assert [(document.id, document.text) for document in load(path)] == [("7", "سطر\r\nآخر"), ("7.5", "نص")]


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path):
    path = jsonl(tmp_path / "corpus.jsonl", [{"text": "أ\u2028ب\x85ج\x0bد"}])
    assert [document.text for document in load(path)] == ["أ\u2028ب\x85ج\x0bد"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1256"])
@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.csv", "corpus.csv.gz"])
def test_tables_in_other_encodings(tmp_path, name, encoding):
    texts = ["أغلقت المدرسة أبوابها يوم العاصفة، وعاد التلاميذ إلى بيوتهم قبل الظهر", "سلام"]
    if ".csv" in name:
        content = "id,text\r\n" + "".join(f'{number},"{text}"\r\n' for number, text in enumerate(texts))
    else:
        content = "".join(f'{{"id": "{number}", "text": "{text}"}}\n' for number, text in enumerate(texts))
    raw = content.encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert [document.text for document in load(tmp_path / name)] == texts


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.csv"])
@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n\x00\x00", '{"text": "نص طويل قليلا"}\n'.encode() + b"\xff"], ids=["binary", "damaged"]
)
def test_a_table_that_is_no_text(tmp_path, name, raw):
    (tmp_path / name).write_bytes(raw)
    assert error(tmp_path / name).remedy == "save it as UTF-8"


# -- CSV ----------------------------------------------------------------------------------------------------------------


def test_quoted_line_ends_commas_and_quotes_belong_to_the_text(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_bytes('id,text,title\r\na,"سطر\r\nوسطر ""ثالث"", ثم",ع\r\n\r\nb,"نص",\r\n'.encode())
    corpus = load(path)
    assert [(document.id, document.text) for document in corpus] == [("a", 'سطر\nوسطر "ثالث", ثم'), ("b", "نص")]


@pytest.mark.parametrize(
    ("row", "count"), [("c,نص,زائد", 3), ("c", 1), ('c,"نص\nوسطر",زائد', 3), ("c,نص غير مقتبس، لكن, مع فاصلة", 3)]
)
def test_a_row_with_the_wrong_number_of_fields_is_named_by_its_first_line(tmp_path, row, count):
    path = tmp_path / "corpus.csv"
    path.write_text(f'id,text\na,"نص\nمن\nثلاثة"\n\nb,نص\n{row}\nd,نص\n', encoding="utf-8")
    caught = error(path)
    assert caught.where == f"{path}, line 7"
    assert caught.what == f"{count} fields where the header has 2"


def test_lines_are_counted_right_after_a_header_of_two_lines(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text('"id","text","two\nlines"\na,نص,\nb,نص,\na,نص,\n', encoding="utf-8")
    caught = error(path)
    assert caught.where == f"{path}, line 5, field id"
    assert caught.what.endswith("line 3")


@pytest.mark.parametrize("row", ['c,"نص', 'c,"نص" زائد'], ids=["open quote", "text after a quote"])
def test_broken_quotes_are_named(tmp_path, row):
    path = tmp_path / "corpus.csv"
    path.write_text(f"id,text\na,نص\n{row}\n", encoding="utf-8")
    caught = error(path)
    assert caught.what.startswith("not CSV")
    assert caught.where == f"{path}, line 3"


def test_an_empty_field_is_an_article_without_text(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text('id,text\na,\nb,"  "\nc,نص\n', encoding="utf-8")
    assert [(document.id, document.problem) for document in load(path)] == [("a", "empty"), ("b", "empty"), ("c", "")]


def test_a_table_with_semicolons_shows_its_header(tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text("id;text\na;نص\n", encoding="utf-8")
    assert "id;text" in error(path).what


# -- parquet ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["corpus.parquet", "corpus.parquet.gz"])
def test_what_is_no_parquet_file(tmp_path, name):
    whole = write(tmp_path / name, ROWS).read_bytes()
    for raw in (b"id,text\na,b\n", b"PAR1", b"PAR1" + b"\xff" * 60 + b"PAR1", b"PAR1\x00\x01"):
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        assert error(tmp_path / name).what.startswith("not a parquet file that can be read")
    if not name.endswith(".gz"):
        (tmp_path / name).write_bytes(whole[:-20])
        assert error(tmp_path / name).what.startswith("not a parquet file that can be read")


def test_parquet_columns_of_other_types(tmp_path):
    path = tmp_path / "corpus.parquet"
    columns = {
        "id": pa.array([1, 2, 3]),
        "text": pa.array(["نص", None, ""]).dictionary_encode(),
        "date": pa.array([date(2024, 5, 1), None, date(1999, 12, 31)]),
        "label": pa.array([1.5, float("nan"), None]),
        "other": pa.array([{"a": 1}] * 3),
    }
    pq.write_table(pa.table(columns), path)
    corpus = load(path)
    assert [(d.id, d.text, d.problem) for d in corpus] == [("1", "نص", ""), ("2", "", "empty"), ("3", "", "empty")]
    assert [d.date for d in corpus] == [date(2024, 5, 1), None, date(1999, 12, 31)]
    assert [d.label for d in corpus] == ["1.5", "", ""]


def test_parquet_times_are_dates(tmp_path):
    path = tmp_path / "corpus.parquet"
    times = pa.array([datetime(2024, 5, 1, 23, 30), None], pa.timestamp("ns"))
    pq.write_table(pa.table({"text": ["أ", "ب"], "date": times}), path)
    assert [document.date for document in load(path)] == [date(2024, 5, 1), None]


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (pa.array([b"abc"]), "the text is bytes, not a string"),
        (pa.array([["نص"]]), "the text is list, not a string"),
        (pa.array([3]), "the text is int, not a string"),
    ],
    ids=["bytes", "list", "int"],
)
def test_a_parquet_text_that_is_no_string(tmp_path, column, problem):
    pq.write_table(pa.table({"text": column}), tmp_path / "corpus.parquet")
    (document,) = load(tmp_path / "corpus.parquet")
    assert (document.text, document.problem) == ("", problem)


def test_a_parquet_string_that_is_no_utf8(tmp_path):
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00"), pa.py_buffer(b"a\xff")]
    )
    pq.write_table(pa.table({"text": broken}), tmp_path / "corpus.parquet")
    assert error(tmp_path / "corpus.parquet").what.startswith("not a parquet file that can be read")


def test_a_parquet_file_without_rows(tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "corpus.parquet")
    assert "no article" in error(tmp_path / "corpus.parquet").what


def test_a_parquet_file_of_many_row_groups_keeps_its_order(tmp_path):
    texts = [f"نص {number}" for number in range(10_000)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "corpus.parquet", row_group_size=1000)
    assert [document.text for document in load(tmp_path / "corpus.parquet")] == texts


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.jsonl", ".jsonl"),
        ("a.JSONL.GZ", ".jsonl"),
        ("a.b.csv", ".csv"),
        ("a.parquet.gz", ".parquet"),
        ("a.txt", None),
        ("a.csv.zip", None),
        ("csv", None),
    ],
)
def test_the_name_says_which_table_a_file_is(name, suffix):
    assert table_suffix(Path(name)) == suffix


def test_capital_suffixes_are_read(tmp_path):
    corpus = load(write(tmp_path / "corpus.jsonl", ROWS).rename(tmp_path / "CORPUS.JSONL"))
    assert len(corpus) == len(ROWS)


def test_a_remedy_speaks_of_the_column_that_is_missing(tmp_path):
    path = jsonl(tmp_path / "rows.jsonl", [{"name": "x"}])
    caught = error(path, lambda path: list(read_table(path, required=("article",))))
    assert "'article'" in caught.what
    assert "text" not in caught.remedy
