import os
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import research
from research.corpus import load
from research.errors import DataError, ResearchError

LONG = "افتتحت بلدية الميناء صباح اليوم مكتبة عامة في مبنى الجمارك القديم بعد أعمال ترميم دامت سنتين كاملتين."
PARAGRAPHS = [
    LONG,
    "وتضم المكتبة عشرين ألف كتاب وقاعة للأطفال تطل على البحر، وتبقى مفتوحة حتى العاشرة مساء كل يوم.",
    "ويقول أمينها إن أقدم كتاب فيها خرائط للملاحة رسمها بحار من أهل المدينة قبل مئتي عام.",
]


def html(head: str = "", body: str = "", footer: str = "", doctype: str = "<!DOCTYPE html>") -> str:
    """A saved page: navigation, scripts, a bar to share, links beside the article, a form, a footer."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return f"""{doctype}<html lang="ar" dir="rtl"><head><meta charset="utf-8"/>
<title>مكتبة في الجمارك القديمة</title>{head}
<style>p {{ color: red }}</style><script>var سر = "نص في برنامج";</script></head><body>
<nav class="menu"><ul><li><a href="/">الرئيسية</a></li><li><a href="/w">العالم</a></li></ul></nav>
<article><h1>مكتبة في الجمارك القديمة</h1>
<div class="share-bar social"><a href="#">انشر على فيسبوك</a> <a href="#">أرسل في واتساب</a></div>
{paragraphs}{body}</article>
<aside><h3>الأكثر قراءة</h3><ul><li><a href="/1">سوق السمك يعود</a></li><li><a href="/2">جسر بلا مارة</a></li></ul></aside>
<section id="comments" class="comments"><h3>التعليقات</h3><form><label>بريدك</label><input/></form></section>
<footer>{footer}<p>كل الحقوق محفوظة لجريدة المرفأ</p></footer><script>send("عداد الزوار")</script></body></html>"""


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / name.replace("__", "/")
        file = file.with_name(file.name.replace("_", "."))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def error(path: Path | str) -> DataError:
    """The error that a user sees: one line that begins with the place and ends with a remedy."""
    with pytest.raises(DataError) as caught:
        load(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(str(path)[:40])
    assert line.endswith(f"; {caught.value.remedy}")
    assert len(caught.value.remedy) > 8
    return caught.value


# -- folders ------------------------------------------------------------------------------------------------------------


def test_ids_are_paths_in_the_folder_in_their_order(tmp_path):
    folder(tmp_path, b_txt="ثان", a_txt="أول", sub__z_txt="رابع", sub__deep__a_txt="ثالث", note_md="لا", x_json="{}")
    corpus = load(tmp_path)
    assert [(d.id, d.text) for d in corpus] == [
        ("a.txt", "أول"),
        ("b.txt", "ثان"),
        ("sub/deep/a.txt", "ثالث"),
        ("sub/z.txt", "رابع"),
    ]
    assert corpus.name == tmp_path.name
    assert corpus["sub/z.txt"].text == "رابع"
    assert research.load(str(tmp_path)) == corpus


def test_the_way_the_folder_is_named_does_not_change_ids(tmp_path, monkeypatch):
    folder(tmp_path, sub__a_txt="نص")
    monkeypatch.chdir(tmp_path / "sub")
    for path in (".", "../sub", str(tmp_path / "sub") + "/"):
        corpus = load(path)
        assert (corpus.name, [document.id for document in corpus]) == ("sub", ["a.txt"])


def test_capital_suffixes_and_names_in_arabic(tmp_path):
    for name in ("خبر أول.TXT", "b.Html", "c.htm"):
        (tmp_path / name).write_text("خبر" if name.endswith("TXT") else html(), encoding="utf-8")
    assert [document.id for document in load(tmp_path)] == ["b.Html", "c.htm", "خبر أول.TXT"]


def test_hidden_files_and_folders_are_left_alone(tmp_path):
    folder(tmp_path, a_txt="نص", sub__b_txt="نص")
    for hidden in (".a.txt", "._a.txt", ".ipynb_checkpoints/a-checkpoint.txt", "sub/.cache/b.txt"):
        (tmp_path / hidden).parent.mkdir(exist_ok=True)
        (tmp_path / hidden).write_text("نص", encoding="utf-8")
    assert [document.id for document in load(tmp_path)] == ["a.txt", "sub/b.txt"]


def test_a_hidden_folder_that_is_asked_for_is_read(tmp_path):
    folder(tmp_path / ".saved", a_txt="نص")
    assert [document.id for document in load(tmp_path / ".saved")] == ["a.txt"]


def test_what_cannot_be_used_stays_in_the_corpus_with_its_problem(tmp_path):
    folder(tmp_path, a_txt="نص", b_txt="", c_txt=" \n\t\u00a0\n", d_html="", e_html="<html><body></body></html>")
    (tmp_path / "f.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (tmp_path / "g.txt").write_bytes("نص طويل قليلا".encode() + b"\xff" + "وبقيته".encode())
    corpus = load(tmp_path)
    assert [(document.id, document.text, document.problem) for document in corpus] == [
        ("a.txt", "نص", ""),
        ("b.txt", "", "empty"),
        ("c.txt", "", "empty"),
        ("d.html", "", "empty"),
        ("e.html", "", "no article found in the page"),
        ("f.txt", "", "a binary file, not text"),
        ("g.txt", "", "UTF-8 with a byte that is not, at byte 24"),
    ]
    assert [document.id for document in corpus.usable] == ["a.txt"]
    assert list(corpus.table()["problem"]) == [document.problem for document in corpus]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_files_of_every_encoding_and_line_end_give_one_text(tmp_path, encoding):
    text = f"عنوان الخبر\n\n{LONG}\n"
    (tmp_path / "unix.txt").write_bytes(text.encode(encoding))
    (tmp_path / "windows.txt").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert [document.text for document in load(tmp_path)] == [text, text]


def test_a_million_characters_in_one_line(tmp_path):
    text = "ا" * 1_000_000
    folder(tmp_path, a_txt=text, b_html=html(body=f"<p>{'سلام ' * 200_000}</p>"))
    corpus = load(tmp_path)
    assert corpus["a.txt"].text == text
    assert len(corpus["b.html"].text) > 900_000


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00\ufeff"), max_size=80))
def test_a_text_comes_back_as_it_was_saved(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_text(text, encoding="utf-8", newline="")
    (document,) = load(path)
    expected = (text, "") if text.strip() else ("", "empty")
    assert (document.text, document.problem) in (expected, ("", "a binary file, not text"))
    if not text.startswith(("%PDF", "GIF8", "PAR1")):
        assert (document.text, document.problem) == expected


def test_a_corpus_shows_itself_as_a_table_with_its_text_escaped(tmp_path):
    folder(tmp_path, a_txt="نص")
    (tmp_path / "metadata.csv").write_text("id,title\na.txt,<b>خبر</b>\n", encoding="utf-8")
    shown = load(tmp_path)._repr_html_()
    assert "&lt;b&gt;خبر&lt;/b&gt;" in shown
    assert "<b>" not in shown


# -- links --------------------------------------------------------------------------------------------------------------


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder(tmp_path, outside__secret_txt="سر", outside__deep__more_txt="سر", in__a_txt="نص")
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (tmp_path / "in" / "c.txt").symlink_to("../outside/secret.txt")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    corpus = load(tmp_path / "in")
    assert [(document.id, document.text, document.problem) for document in corpus][:3] == [
        ("a.txt", "نص", ""),
        ("b.txt", "", "a link out of the folder"),
        ("c.txt", "", "a link out of the folder"),
    ]
    assert all("سر" not in document.text for document in corpus)


def test_a_link_within_the_folder_is_read(tmp_path):
    folder(tmp_path, sub__a_txt="نص")
    (tmp_path / "b.txt").symlink_to(tmp_path / "sub" / "a.txt")
    assert [(document.id, document.text) for document in load(tmp_path)] == [("b.txt", "نص"), ("sub/a.txt", "نص")]


def test_a_link_to_nothing_does_not_vanish(tmp_path):
    folder(tmp_path, a_txt="نص")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "c.txt").symlink_to(tmp_path / "c.txt")
    corpus = load(tmp_path)
    assert [(document.id, document.problem) for document in corpus] == [
        ("a.txt", ""),
        ("b.txt", "a link to nothing"),
        ("c.txt", "a link to nothing"),
    ]


def test_a_folder_behind_a_link_is_read(tmp_path):
    folder(tmp_path / "real", a_txt="نص")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    corpus = load(tmp_path / "link")
    assert [(document.id, document.text, document.problem) for document in corpus] == [("a.txt", "نص", "")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_names_that_are_no_utf8_stay_apart(tmp_path):
    for name in ("خبر", "قصة"):  # as an archive from Windows unpacks them
        (tmp_path / os.fsdecode(name.encode("cp1256") + b".txt")).write_text(name, encoding="utf-8")
    corpus = load(tmp_path)
    assert [document.text for document in corpus] == ["خبر", "قصة"]
    assert len({document.id for document in corpus}) == 2
    assert all(document.id.encode() and document.id.endswith(".txt") for document in corpus)


# -- web pages ----------------------------------------------------------------------------------------------------------


def test_a_page_gives_its_article_a_paragraph_a_line(tmp_path):
    folder(tmp_path, a_html=html())
    (document,) = load(tmp_path)
    assert document.text.split("\n")[-3:] == PARAGRAPHS
    assert document.title == "مكتبة في الجمارك القديمة"
    for elsewhere in ("الرئيسية", "سوق السمك", "برنامج", "عداد", "فيسبوك", "بريدك", "محفوظة", "color", "<"):
        assert elsewhere not in document.text


def test_a_page_says_when_and_where_it_was_published(tmp_path):
    head = (
        '<meta property="article:published_time" content="2023-05-06T23:30:00+03:00"/>'
        '<meta property="article:modified_time" content="2024-01-01"/>'
        '<meta property="og:site_name" content="جريدة المرفأ"/>'
    )
    folder(tmp_path, a_html=html(head))
    (document,) = load(tmp_path)
    assert (document.date, document.source) == (date(2023, 5, 6), "جريدة المرفأ")


@pytest.mark.parametrize(
    "footer",
    ["<p>© 2019 جريدة المرفأ</p>", "<p>تأسست عام 1998</p>", "<p>الأحد 5 آذار 2021</p>", '<a href="/2018/03/04/x">أرشيف</a>'],
)
def test_a_year_somewhere_on_a_page_is_not_its_date(tmp_path, footer):
    folder(tmp_path, a_html=html(footer=footer))
    (document,) = load(tmp_path)
    assert (document.date, document.date_text) == (None, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1256"])
def test_pages_in_other_encodings(tmp_path, encoding):
    (tmp_path / "a.html").write_bytes(html().encode(encoding))
    assert load(tmp_path).documents[0].text.split("\n")[-3:] == PARAGRAPHS


def test_an_xhtml_page(tmp_path):
    (tmp_path / "a.xhtml").write_text(html(doctype='<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>'), encoding="utf-8")
    assert load(tmp_path).documents[0].text.split("\n")[-3:] == PARAGRAPHS


@pytest.mark.parametrize(
    "page", ["<div>" * 20_000, "<" * 50_000, "&" * 50_000, "<!--", "<html><body><script>" + "x" * 50_000, "]]>\x01\x02 <p"]
)
def test_a_broken_page_is_a_problem_or_a_text(tmp_path, page):
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    (document,) = load(tmp_path)
    assert bool(document.text) != bool(document.problem)


def test_a_page_is_read_without_a_word_on_the_screen(tmp_path, capfd):
    folder(tmp_path, a_html=html(), b_html="<html></html>", c_html="<div>" * 5000, d_html="نص بلا وسوم")
    assert len(load(tmp_path)) == 4
    assert capfd.readouterr() == ("", "")


# -- metadata.csv -------------------------------------------------------------------------------------------------------


def test_metadata_beside_the_articles(tmp_path):
    folder(tmp_path, a_txt="نص", sub__b_txt="نص", c_txt="")
    metadata = (
        "id,title,date,source,label\na.txt,عنوان,2024-02-03,المرفأ,بحر\nsub/b.txt,,٥ آذار ٢٠٢٣,,\nc.txt,بلا نص,قريبا,س,ع\n"
    )
    (tmp_path / "metadata.csv").write_text(metadata, encoding="utf-8-sig")
    corpus = load(tmp_path)
    assert [(d.id, d.title, d.date, d.source, d.label, d.problem) for d in corpus] == [
        ("a.txt", "عنوان", date(2024, 2, 3), "المرفأ", "بحر", ""),
        ("c.txt", "بلا نص", None, "س", "ع", "empty"),
        ("sub/b.txt", "", date(2023, 3, 5), "", "", ""),
    ]
    assert corpus["c.txt"].date_text == "قريبا"


def test_metadata_come_before_what_a_page_says_and_do_not_erase_it(tmp_path):
    folder(tmp_path, a_html=html('<meta property="og:site_name" content="المرفأ"/>'))
    (tmp_path / "metadata.csv").write_text("id,title,source\na.html,عنوان آخر,\n", encoding="utf-8")
    (document,) = load(tmp_path)
    assert (document.title, document.source) == ("عنوان آخر", "المرفأ")


def test_articles_without_metadata_stay(tmp_path):
    folder(tmp_path, a_txt="نص", b_txt="نص")
    (tmp_path / "metadata.csv").write_text("id,source\nb.txt,س\n", encoding="utf-8")
    assert [(document.id, document.source) for document in load(tmp_path)] == [("a.txt", ""), ("b.txt", "س")]


@pytest.mark.parametrize(
    ("metadata", "place", "what"),
    [
        ("id,source\nb.txt,س\n", "field id", "no file 'b.txt' in the folder"),
        ("id,source\na.txt,س\na.txt,ع\n", "line 3, field id", "'a.txt' stands twice"),
        ("file,source\na.txt,س\n", "line 1", "no field 'id', only file, source"),
        ("id,source\na.txt,س,ع\n", "line 2", "3 fields where the header has 2"),
        ("", "metadata.csv", "the file is empty"),
    ],
)
def test_metadata_that_do_not_fit_are_named(tmp_path, metadata, place, what):
    folder(tmp_path, a_txt="نص")
    (tmp_path / "metadata.csv").write_text(metadata, encoding="utf-8")
    caught = error(tmp_path)
    assert "metadata.csv" in caught.where
    assert caught.where.endswith(place)
    assert caught.what == what


# -- what is no corpus --------------------------------------------------------------------------------------------------


def test_one_file_is_a_corpus_of_one(tmp_path):
    folder(tmp_path, a_txt="نص", b_html=html())
    assert [(document.id, document.text) for document in load(tmp_path / "a.txt")] == [("a.txt", "نص")]
    assert [document.text.split("\n")[-1] for document in load(tmp_path / "b.html")] == [PARAGRAPHS[-1]]


def test_one_unusable_file_is_a_corpus_with_its_problem(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"%PDF-1.4")
    assert [(document.id, document.problem) for document in load(tmp_path / "a.txt")] == [("a.txt", "a binary file, not text")]


@pytest.mark.parametrize("name", ["nothing", "nothing.csv", "no/such/folder", "x" * 300, "x" * 5000 + ".txt"])
def test_a_path_that_is_not_there(tmp_path, name):
    assert error(tmp_path / name).what == "there is no such file or folder"


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.json", "a.tsv", "a.txt.gz", "a.csv.zip", "a"])
def test_a_format_that_is_not_read(tmp_path, name):
    (tmp_path / name).write_text("نص", encoding="utf-8")
    caught = error(tmp_path / name)
    assert "is not a format that is read" in caught.what
    assert ".jsonl" in caught.remedy


def test_a_folder_without_articles(tmp_path):
    folder(tmp_path, note_md="نص", sub__x_json="{}")
    assert error(tmp_path).what == "no .txt or .html file in this folder"


def test_a_file_that_may_not_be_read(tmp_path):
    file = folder(tmp_path, a_txt="نص") / "a.txt"
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read every file")
    assert error(tmp_path / "a.txt").remedy == "check its permissions"


def test_a_folder_named_like_an_article_is_a_folder(tmp_path):
    folder(tmp_path, **{"deep.txt__a_txt": "نص"})
    assert [document.id for document in load(tmp_path)] == ["deep.txt/a.txt"]
    assert [document.id for document in load(tmp_path / "deep.txt")] == ["a.txt"]


@given(what=st.text(max_size=40), where=st.text(max_size=40), remedy=st.text(max_size=40))
def test_an_error_is_one_line(what, where, remedy):
    line = str(ResearchError(what, where=where, remedy=remedy))
    assert len(line.splitlines()) <= 1
    assert unicodedata.normalize("NFC", line).split() == unicodedata.normalize("NFC", line).strip().split()


def test_the_bundled_articles_have_their_metadata():
    corpus = load(Path(__file__).resolve().parents[2] / "seeds" / "articles")
    assert len(corpus) == len(corpus.usable) >= 25
    assert all(document.date and document.source for document in corpus)
    assert all(document.date.isoformat() in document.id for document in corpus)
