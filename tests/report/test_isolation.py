"""Text of both directions in one line: nothing is lost, and what belongs together is isolated together."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.report.isolation import isolated, visible

ANY = st.text(alphabet=st.characters(exclude_categories=["Cc"]), max_size=80)


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def runs(html: str) -> list[str]:
    return [unescape(run) for run in re.findall(r"<bdi[^>]*>([^<]*)</bdi>", html)]


@given(ANY, st.sampled_from(["en", "ar"]))
def test_isolating_changes_no_letter(text, language):
    assert plain(str(isolated(text, language))) == visible(text)


@given(ANY)
def test_what_is_shown_reorders_nothing_and_can_be_encoded(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\x00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الثبات 0.61 [0.60, 0.63].", ["0.61 [0.60, 0.63]"]),
        ("بلغ -0.05 (p = 0.01)، ثم 12 %", ["-0.05 (p = 0.01)", "12 %"]),
        ("آلة SVM على TF-IDF: 0.28 [-0.16, 0.72]", ["SVM", "TF-IDF", "0.28 [-0.16, 0.72]"]),
        ("عند 4 (0.52)؛ وعند 8 (0.57)", ["4", "(0.52)", "8", "(0.57)"]),
        ("العدد 5 (articles)", ["5", "(articles)"]),
        ("نشرت Sanctions: what next (part two) أمس", ["Sanctions: what next (part two)"]),
        ("نشرت Yemen: 12 killed in Hodeidah strike", ["Yemen: 12 killed in Hodeidah strike"]),
        ("نشرت 2023: a year in review أمس", ["2023: a year in review"]),
        ("نشرت Reuters (Beirut): Lebanon vote delayed", ["Reuters (Beirut): Lebanon vote delayed"]),
        ("نشرت 12 (of 14) killed in Yemen", ["12 (of 14) killed in Yemen"]),
        ("من 10:30 إلى 11:45", ["10:30", "11:45"]),
        ("قرأ BERTopic (الإصدار 0.17.4) النص", ["BERTopic", "0.17.4"]),
        ("120 مقطعًا في 5 مقالات", ["120", "5"]),
        ("documents.csv: كل المقالات", ["documents.csv"]),
        ("لا شيء غير العربية، هنا.", []),
        ("(95 %)", ["95 %"]),
        ("النص (انظر table", ["table"]),
    ],
)
def test_latin_words_and_numbers_of_an_arabic_line_stay_in_order(text, expected):
    assert runs(str(isolated(text, "ar"))) == expected


def test_nothing_steers_a_terminal_and_every_character_keeps_its_place():
    shown = visible("a\x1b[31mb\x9b\x7f\x08c\x0cd\x85e\tf\n")
    assert shown == "a\ufffd[31mb\ufffd\ufffd\ufffdc d e\tf\n"


def test_letters_of_another_language_say_so():
    assert 'lang="en"' in str(isolated("حزمة numpy", "ar"))
    assert "lang=" not in str(isolated("عدد 12", "ar"))


def test_markup_is_text_in_both_languages():
    for language in ("en", "ar"):
        assert "<script" not in str(isolated("<script>نص</script>", language))
