"""Searching and filtering passages in a real browser, against what Python finds in the same passages."""

from __future__ import annotations

import datetime
import re

import pytest

from research.corpus import Corpus, Document
from research.report import Page
from research.report.explorer import Explored, Mark, Statement, explorer_of
from research.report.language import speaking
from research.report.provenance import article_rows
from research.text.families import word_families
from research.text.tokens import tokenize

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u202eمقلوب\u2066 \ud800 javascript:alert(3) https://example.org"
)
TEXTS = [
    "أُطلقت الصواريخُ الباليستية فجرًا.",
    "قال المتحدّث إن صاروخًا سقط في البحر 😀 قرب الميناء.",
    "فرض مجلس الأمن عقوبات جديدة على الشركة.",
    "رُفعت العقوبة عن المصرف، والعقوبات الأخرى باقية.",
    "Missiles were fired; the missile fell.",
    HOSTILE,
    "لا شيء هنا.",
    "كتبَ الوزير: إنّ الأسلحة والسلاح سواء.",
]
OUTLETS = ["marsad", "sada", "marsad", "sada", "harbour", "<b>", "", "marsad"]
NAMES = ["Missiles", "Sanctions <i>"]
STATES = [
    (Statement(0, 0.9),),
    (Statement(0, 0.4, given=False),),
    (Statement(1, 0.8),),
    (Statement(1, 0.95), Statement(0, 0.3, given=False)),
    (Statement(0, 0.7),),
    (Statement(1, 0.5),),
    (),
    (),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    documents = tuple(
        Document(f"{n}.txt", text, title=f"مقال {n} {HOSTILE if n == 5 else ''}", source=source or None,
                 date=datetime.date(2024, n + 1, 3) if n != 6 else None)
        for n, (text, source) in enumerate(zip(TEXTS, OUTLETS, strict=True))
    )  # fmt: skip
    passages = []
    for n, (text, states) in enumerate(zip(TEXTS, STATES, strict=True)):
        word = text.split()[1]
        at = text.index(word)
        marks = tuple(Mark(at, at + len(word), state.name, f"{word}, +1.00") for state in states if state.given)
        passages.append(Explored(n, 0, 0, len(text), text, states, marks))
        passages.append(Explored(n, 1, 0, 4, f"ذيل {n}"))
    path = tmp_path_factory.mktemp("explorer") / "report.html"
    with speaking("en"):
        page = Page("x")
        page.section("Look")
        page.explorer(explorer_of("Theme", NAMES, article_rows(Corpus("x", documents)), passages, "a score"))
        page.write(path)
    return path


def shown(page) -> list[str]:
    page.wait_for_timeout(200)
    return page.eval_on_selector_all("#explorer ol > li > p", "es => es.map(e => e.textContent)")


def search(page, words: str) -> list[str]:
    page.fill("#x-search", words)
    return shown(page)


def of(*numbers: int) -> list[str]:
    return [re.sub("[\u202e\u2066]", "", TEXTS[number]).replace("\ud800", "\ufffd") for number in numbers]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("صاروخ", (0, 1)),  # plural, article, tanwin
        ("الصواريخ", (0, 1)),
        ("صَارُوخٌ", (0, 1)),  # diacritics
        ("عقوبات", (2, 3)),
        ("العقوبه", (2, 3)),  # ه for ة
        ("بالعقوبات", (2, 3)),  # a form that no passage holds
        ("سلاح", (7,)),
        ("شركات", (2,)),
        ("اسلحة", (7,)),  # hamza left out
        ("ان", (1, 7)),
        ("missile", (4,)),
        ("MISSILES fired", (4,)),
        ("عقوبات مجلس", (2,)),  # both words
        ('"مجلس الأمن"', (2,)),
        ('"الأمن مجلس"', ()),  # next to one another, in this order
        ("«عقوبات جديدة»", (2,)),
        ("باليستيه صواريخ", (0,)),
        ("alert", (5,)),
        ("قطار", ()),
    ],
)
def test_a_search_finds_words_in_every_inflection_and_spelling(opened, file, words, expected):
    page = opened(file)
    assert search(page, words) == of(*expected)


def test_what_is_found_is_marked_and_nothing_else(opened, file):
    page = opened(file)
    assert search(page, "صاروخ") == of(0, 1)
    assert page.eval_on_selector_all("#explorer mark", "es => es.map(e => e.textContent)") == ["الصواريخُ", "صاروخًا"]


def test_evidence_is_underlined_where_it_stands_after_characters_of_two_units(opened, file):
    page = opened(file)
    page.fill("#x-search", "")
    assert len(shown(page)) == 16
    found = page.eval_on_selector_all("#explorer .evidence", "es => es.map(e => e.textContent)")
    marked = [
        re.sub("[\u202e\u2066]", "", TEXTS[n].split()[1]) for n, states in enumerate(STATES) for state in states if state.given
    ]
    assert [text for text in found if text] == [text for text in marked if text]


def test_filters_meet(opened, file):
    page = opened(file)
    page.click("#x-names button:has-text('Missiles')")
    assert shown(page) == of(0, 1, 3, 4)
    page.select_option("#x-certainty", "given")
    assert shown(page) == of(0, 4)
    page.select_option("#x-outlet", "marsad")
    assert shown(page) == of(0)
    page.click("button[type=reset]")
    assert len(shown(page)) == 16
    page.click("#x-names button:has-text('Sanctions')")
    page.click("#x-names button:has-text('Missiles')")
    assert shown(page) == of(0, 1, 2, 3, 4, 5)  # one of them
    page.fill("#x-least", "0.75")
    assert shown(page) == of(0, 2, 3)
    assert page.inner_text("#explorer .count") == "3 of 16 passages"


def test_dates_bound_both_ends_and_leave_out_what_has_none(opened, file):
    page = opened(file)
    page.fill("#x-from", "2024-03-03")
    page.fill("#x-to", "2024-05-03")
    assert [text for text in shown(page) if not text.startswith("ذيل")] == of(2, 3, 4)
    page.fill("#x-from", "")
    page.fill("#x-to", "2024-12-31")
    assert of(6)[0] not in shown(page)


def test_passages_that_state_nothing_can_be_asked_for(opened, file):
    page = opened(file)
    page.click("#x-names button:has-text('none of them')")
    assert [text for text in shown(page) if not text.startswith("ذيل")] == of(6, 7)


def test_a_passage_opens_in_its_article(opened, file):
    page = opened(file)
    search(page, "صاروخ")
    page.locator("#explorer li >> text=in its article").nth(1).click()
    assert page.is_visible("dialog")
    assert page.eval_on_selector_all("dialog .passage > p", "es => es.map(e => e.textContent)") == [*of(1), "ذيل 1"]
    assert page.inner_text("dialog .here > p") == of(1)[0]
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog")


def test_it_can_be_used_by_keyboard_alone(opened, file):
    page = opened(file)
    page.focus("#x-search")
    page.keyboard.type("صاروخ")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.startsWith('Missiles')")
    page.keyboard.press("Space")
    assert page.get_attribute("#x-names button", "aria-pressed") == "true"
    assert shown(page) == of(0, 1)


def test_hostile_text_is_text(opened, file):
    page = opened(file)
    page.on("dialog", lambda said: page.troubles.append(f"alert {said.message}"))
    assert search(page, "alert") == of(5)
    page.locator("#explorer li >> text=in its article").first.click()
    assert (
        page.eval_on_selector_all("main script:not([type]), main img, main i, main b, main a[href^=http]", "es => es.length")
        == 0
    )
    assert "<script>" in page.inner_text("dialog h3")
    assert page.evaluate("document.querySelectorAll('body *').length") < 600


def test_long_passages_and_many_of_them_stay_usable(opened, tmp_path):
    texts = ["كلمة " * 4000, "ا" * 100_000, *(f"فقرة {n} عن السفن والموانئ" for n in range(3000))]
    documents = tuple(Document(f"{n}", text) for n, text in enumerate(texts))
    passages = [Explored(n, 0, 0, len(text), text, (Statement(n % 40, 0.5),)) for n, text in enumerate(texts)]
    page = Page("x")
    page.explorer(explorer_of("Topic", [f"موضوع {n}" for n in range(40)], article_rows(Corpus("x", documents)), passages, ""))
    page.write(tmp_path / "report.html")
    view = opened(tmp_path / "report.html", width=360)
    assert view.evaluate("document.documentElement.scrollWidth") <= 360
    assert view.locator("#x-names button").count() == 40
    seconds = view.evaluate(
        """async () => { const box = document.getElementById('x-search'), start = performance.now();
        box.value = 'سفينة'; box.dispatchEvent(new Event('input', {bubbles: true}));
        await new Promise(done => setTimeout(done, 125)); return (performance.now() - start) / 1000; }"""
    )
    assert seconds < 2
    assert view.inner_text("#explorer .count").startswith("3,000 of")
    view.click("#explorer .more")
    assert len(shown(view)) == 40


def test_python_and_the_page_mean_the_same_words(opened, file):
    """The page finds at least what `word_families` says of every word that stands in a passage."""
    page = opened(file)
    clean = [re.sub("[\u202e\u2066]", "", text).replace("\ud800", "\ufffd") for text in TEXTS]
    families = word_families(clean)
    for form in ("صاروخا", "العقوبه", "والسلاح", "كتب", "missile"):
        members = set(families.of(form)) | {form}
        expected = [text for text in clean if members & {*word_families([text]).forms}]
        assert search(page, form) == expected


SPELLINGS = [
    "نما ٣٫٥ في المئة", "دفع 1٬200 دولار", "بلغ ٣مليون طن", "عام ٢٠٢٤م", "صلى ﷺ عليه", "قُلۡ كلمةۖ هنا", "كل\u2060مة مخفية",
    "می\u200cخواهم", "e\u0301te\u0301 Ångström straße İstanbul", "مو\u064e\u0654تمر 𝔸bc 😀 آخر", "x²y ½ Ⅻ ﬁne",
    "S-400 don’t الـ١٠٠",
]  # fmt: skip


def test_every_word_is_found_as_it_is_written_and_as_python_normalises_it(opened, tmp_path):
    documents = tuple(Document(f"{n}", text) for n, text in enumerate(SPELLINGS))
    passages = [Explored(n, 0, 0, len(text), text) for n, text in enumerate(SPELLINGS)]
    page = Page("x")
    page.explorer(explorer_of("Theme", [], article_rows(Corpus("x", documents)), passages, ""))
    page.write(tmp_path / "report.html")
    view = opened(tmp_path / "report.html")
    for text in SPELLINGS:
        for token in tokenize(text):
            written = text[token.start : token.end]
            for typed in {written, token.text}:
                assert text in search(view, typed), (text, typed)
            assert written in view.eval_on_selector_all("#explorer mark", "es => es.map(e => e.textContent)")
