import gzip
import io
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import research
from research.cleaning import CleanResult, Repeat, clean
from research.corpus import Corpus, Document, load
from research.errors import ConfigError
from research.text.sentences import paragraphs

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
UNITS = ("paragraph", "sentence")
PORT = [
    "أعادت سلطات المرفأ صباح أمس تشغيل الرافعة الكبيرة بعد توقف دام أحد عشر يوما بسبب عطل في محركها الرئيس.",
    "وقال مهندس الصيانة إن القطعة التالفة صنعت في ورشة محلية لأن استيرادها كان سيستغرق شهرين كاملين على الأقل.",
    "وتنتظر سبع سفن محملة بالحبوب دورها في التفريغ، وقد أجلت إحداها موعد إبحارها ثلاث مرات منذ مطلع الأسبوع.",
]
SCHOOL = [
    "فتحت مدرسة الجبل أبوابها أمام مئة وعشرين تلميذا بعد أن رمم الأهالي سقفها بأيديهم خلال عطلة الصيف الماضية.",
    "وتبرعت سيدة مسنة ببستانها ليكون ملعبا للصغار، وزرع المعلمون على أطرافه صفا من أشجار التوت والرمان.",
]
FOREST = [
    "أحصى حراس الغابة ثلاثمئة شجرة أرز عمرها يزيد على خمسة قرون، ووضعوا على كل منها لوحة تحمل رقما واسما.",
    "ويخشى الحراس أن تصل الحشرة التي أتلفت غابات الجنوب إليهم قبل أن يحل برد الشتاء ويقتل بيوضها.",
]
HEADLINES = {"port": "رافعة المرفأ تعود إلى العمل بقطعة من صنع محلي", "school": "سقف جديد لمدرسة الجبل من أيدي أهلها"}


def article(id: str, *lines: str, day: int | None = None) -> Document:
    return Document(id, "\n".join(lines), date=None if day is None else date(2024, 5, day))


def corpus(*documents: Document) -> Corpus:
    return Corpus("test", documents)


def texts(result: CleanResult, id: str) -> list[str]:
    return [passage.text for passage in result.passages if passage.document == id]


def check(result: CleanResult) -> None:
    """What holds for every corpus: nothing is lost, nothing stands twice, everything leads back to the text."""
    order = {document.id: number for number, document in enumerate(result.corpus)}
    assert [order[p.document] for p in result.passages] == sorted(order[p.document] for p in result.passages)
    assert [order[r.document] for r in result.removed] == sorted(order[r.document] for r in result.removed)
    assert {p.document for p in result.passages} | {r.document for r in result.removed} >= {
        document.id for document in result.corpus if document.problem or document.text.strip()
    }
    for document in result.corpus:
        passages = [passage for passage in result.passages if passage.document == document.id]
        removed = [line for line in result.removed if line.document == document.id]
        assert [passage.number for passage in passages] == list(range(len(passages)))
        parts = sorted([*passages, *removed], key=lambda part: (part.start, part.end))
        for part, following in pairwise(parts):
            assert part.end <= following.start
        assert all(document.text[part.start : part.end] == part.text for part in parts)
        covered = {place for part in parts for place in range(part.start, part.end)}
        assert {place for place, char in enumerate(document.text) if not char.isspace()} <= covered
    known = {(passage.document, passage.number) for passage in result.passages} | {(id, None) for id in order}
    for repeat in result.repeats:
        assert (repeat.document, repeat.passage) in known
        assert (repeat.of_document, repeat.of_passage) in known
        assert (repeat.document, repeat.passage) != (repeat.of_document, repeat.of_passage)
        assert (repeat.passage is None) == (repeat.of_passage is None)
        assert repeat.similarity <= 1


LINES = st.lists(
    st.sampled_from(
        [
            *PORT,
            *SCHOOL,
            *HEADLINES.values(),
            "شارك الخبر",
            "بقلم سمير نعمة",
            "التعليقات",
            "سياسة",
            "",
            " ",
            "كلمة",
            "«قال. وصمت»",
        ]
    ),
    max_size=10,
)


@pytest.mark.parametrize("unit", UNITS)
@given(pages=st.lists(st.one_of(LINES.map("\n".join), st.text(max_size=60)), max_size=5), max_chars=st.integers(20, 800))
def test_every_character_is_in_a_passage_or_in_a_removed_line(unit, pages, max_chars):
    documents = [
        Document(f"d{number}", text if text.strip() else "", problem="" if text.strip() else "empty")
        for number, text in enumerate(pages)
    ]
    check(clean(corpus(*documents), unit=unit, max_chars=max_chars))


def saved(folder: Path, form: str, texts: list[str]) -> Path:
    """The texts as one of the inputs that are read, in an order that is not that of their ids."""
    rows = [{"id": f"d{len(texts) - number}", "text": text} for number, text in enumerate(texts)]
    if form in ("txt", "html"):
        for row in rows:
            lines = "".join(f"<p>{line}</p>" for line in row["text"].split("\n"))
            page = row["text"] if form == "txt" else f"<html><body><nav>قائمة</nav><article>{lines}</article></body></html>"
            (folder / f"{row['id']}.{form}").write_text(page, encoding="utf-8")
        return folder
    path = folder / f"corpus.{form}"
    frame = pd.DataFrame(rows)
    if form.startswith("jsonl"):
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    elif form.startswith("csv"):
        frame.to_csv(path, index=False)
    else:
        sink = io.BytesIO()
        frame.to_parquet(sink)
        path.write_bytes(gzip.compress(sink.getvalue()) if form.endswith(".gz") else sink.getvalue())
    return path


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("form", ["txt", "html", "jsonl", "jsonl.gz", "csv", "csv.gz", "parquet", "parquet.gz"])
@settings(max_examples=15)
@given(pages=st.lists(LINES.map("\n".join), min_size=1, max_size=4))
def test_nothing_is_lost_from_any_input(tmp_path_factory, unit, form, pages):
    loaded = load(saved(tmp_path_factory.mktemp("input"), form, pages))
    order = list(range(1, len(pages) + 1)) if form in ("txt", "html") else list(range(len(pages), 0, -1))
    assert [document.id.split(".")[0] for document in loaded] == [f"d{number}" for number in order]
    result = clean(loaded, unit=unit)
    check(result)
    if form != "html":
        kept = {document.id.split(".")[0]: document.text for document in loaded}
        assert kept == {f"d{len(pages) - number}": page if page.strip() else "" for number, page in enumerate(pages)}


@pytest.mark.parametrize("unit", UNITS)
def test_the_bundled_articles_are_cleaned_without_loss(unit):
    result = research.clean(load(SEEDS / "articles"), unit=unit)
    check(result)
    assert len(result.removed) > 100
    assert {passage.document for passage in result.passages} == {document.id for document in result.corpus}


def test_the_reference_articles_are_cleaned_without_loss(shared):
    result = clean(load(shared / "seeds"))
    check(result)
    assert len(result.removed) == 18


def test_furniture_is_taken_out_and_passages_are_numbered_without_it():
    page = article("a", "اقتصاد", HEADLINES["port"], "بقلم سمير نعمة", *PORT, "شارك الخبر", "التعليقات")
    result = clean(corpus(page))
    assert texts(result, "a") == [HEADLINES["port"], *PORT]
    assert [(line.text, line.reason) for line in result.removed] == [
        ("اقتصاد", "section name"),
        ("بقلم سمير نعمة", "byline"),
        ("شارك الخبر", "share prompt"),
        ("التعليقات", "comment form"),
    ]
    assert result.repeats == ()


def test_an_unusable_article_is_there_with_its_reason():
    documents = (article("b", *SCHOOL), Document("c", "", problem="a binary file, not text"), article("a", *PORT))
    result = clean(corpus(*documents))
    check(result)
    assert [(r.document, r.start, r.end, r.text, r.reason) for r in result.removed] == [
        ("c", 0, 0, "", "unusable: a binary file, not text")
    ]
    assert [passage.document for passage in result.passages] == ["b", "b", "a", "a", "a"]


@pytest.mark.parametrize("documents", [(), (Document("a", "", problem="empty"),), (Document("a", "كلمة"),)])
def test_small_corpora(documents):
    result = clean(corpus(*documents))
    check(result)
    assert len(result.table()) == len(result.passages) == sum(not document.problem for document in documents)
    assert result.repeats == ()


def test_copied_passages_are_marked_and_stay():
    first = article("z", HEADLINES["port"], *PORT, day=3)
    second = article("a", HEADLINES["school"], *SCHOOL, PORT[1].replace("مهندس", "كبير مهندسي"), *FOREST, day=9)
    result = clean(corpus(second, first))
    check(result)
    assert texts(result, "a")[3].startswith("وقال كبير مهندسي")
    assert texts(result, "z") == [HEADLINES["port"], *PORT]
    (repeat,) = result.repeats
    assert (repeat.document, repeat.passage, repeat.of_document, repeat.of_passage) == ("a", 3, "z", 2)
    assert 0.7 < repeat.similarity < 1
    table = result.table()
    assert list(table.columns) == ["id", "passage", "start", "end", "text", "repeats"]
    assert list(table[table["repeats"] != ""].itertuples(index=False, name=None)) == [
        ("a", 3, *[(p.start, p.end, p.text) for p in result.passages][3], "z#2")
    ]


def test_copied_articles_are_marked_as_well_as_their_passages():
    wire = article("agency", HEADLINES["port"], *PORT, day=1)
    copy = article("daily", "خبر من المرفأ: الرافعة الكبيرة تدور من جديد", *PORT, day=2)
    result = clean(corpus(copy, wire, article("other", *FOREST, day=1)))
    check(result)
    articles = [repeat for repeat in result.repeats if repeat.passage is None]
    assert [(repeat.document, repeat.of_document) for repeat in articles] == [("daily", "agency")]
    passages = [repeat for repeat in result.repeats if repeat.passage is not None]
    assert passages == [Repeat("daily", number, "agency", number, 1.0) for number in (1, 2, 3)]
    assert texts(result, "daily")[1:] == PORT
    assert list(result.table()["repeats"]) == ["", "agency#1", "agency#2", "agency#3"] + [""] * 6


@pytest.mark.parametrize("reverse", [False, True])
def test_the_earliest_is_the_original_whatever_the_order_of_the_input(reverse):
    documents = [
        article("undated", *PORT),
        article("late", *PORT, day=20),
        article("b-early", *PORT, day=2),
        article("a-late", *PORT, day=20),
    ]
    result = clean(corpus(*(documents[::-1] if reverse else documents)))
    articles = [(repeat.document, repeat.of_document) for repeat in result.repeats if repeat.passage is None]
    assert articles == [("a-late", "b-early"), ("late", "b-early"), ("undated", "b-early")]
    assert {repeat.of_document for repeat in result.repeats} == {"b-early"}
    assert len(result.passages) == 12


def test_the_same_sentence_in_two_articles_does_not_make_them_copies():
    sentence = "وتقول الأرصاد إن الأيام المقبلة ستكون ماطرة في معظم المناطق."
    result = clean(corpus(article("a", *PORT, sentence), article("b", *SCHOOL, *FOREST, sentence)))
    assert [(repeat.document, repeat.passage) for repeat in result.repeats] == [("b", 4)]


def test_furniture_that_two_pages_share_does_not_make_them_copies():
    frame = ["شارك الخبر", "اترك تعليقا", "لن يظهر بريدك للزوار", "مقالات ذات صلة", "العودة إلى أعلى الصفحة"]
    result = clean(corpus(article("a", HEADLINES["port"], *PORT, *frame), article("b", HEADLINES["school"], *SCHOOL, *frame)))
    assert result.repeats == ()
    assert len(result.removed) == 2 * len(frame)


def test_units_and_their_length():
    page = article("a", HEADLINES["port"], PORT[0] + " " + PORT[1], *PORT[2:])
    by_paragraph, by_sentence = clean(corpus(page)), clean(corpus(page), unit="sentence")
    assert texts(by_paragraph, "a") == [HEADLINES["port"], PORT[0] + " " + PORT[1], PORT[2]]
    assert texts(by_sentence, "a") == [HEADLINES["port"], *PORT]
    assert max(len(text) for text in texts(clean(corpus(page), max_chars=50), "a")) <= 50
    with pytest.raises(ConfigError, match="'line'"):
        clean(corpus(page), unit="line")


def test_cleaning_again_gives_the_same():
    loaded = load(SEEDS / "articles")
    assert clean(loaded) == clean(loaded)


def test_a_result_shows_itself_with_its_text_escaped():
    shown = clean(corpus(article("a", "<b>خبر</b> & ذيل")))._repr_html_()
    assert "&lt;b&gt;خبر&lt;/b&gt; &amp; ذيل" in shown
    assert "<b>" not in shown


def test_paragraphs_of_the_bundled_articles_are_divided_where_they_are_long():
    result = clean(load(SEEDS / "articles"), max_chars=300)
    assert max(len(passage.text) for passage in result.passages) <= 300
    lines = sum(1 for document in result.corpus for _ in paragraphs(document.text))
    assert len(result.passages) > lines - len(result.removed)
