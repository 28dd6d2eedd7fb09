import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from written_arabic import messy, prose

from research.errors import ConfigError
from research.text import paragraphs, sentences


def pieces(text, **options):
    return [text[start:end] for start, end in sentences(text, **options)]


def check_cover(text, spans, start=0, end=None):
    """Ordered, apart, inside, no blank at the ends, and every character that is not blank in one of them."""
    end = len(text) if end is None else end
    at = start
    for first, last in spans:
        assert at <= first < last <= end
        assert not text[first].isspace()
        assert not text[last - 1].isspace()
        assert not text[at:first].strip()
        at = last
    assert not text[at:end].strip()


anything = st.one_of(messy, prose)


@given(anything)
@example("\u2028 \u0085\x1c نعم \x1d")
def test_paragraphs_cover_the_text(text):
    check_cover(text, list(paragraphs(text)))


@given(anything)
def test_a_paragraph_is_one_line(text):
    for start, end in paragraphs(text):
        assert not set(text[start:end]) & set("\n\r\u2028\u2029")


@given(anything, st.one_of(st.none(), st.integers(1, 40)))
@example("«. . . »", 1)
def test_sentences_cover_the_text(text, max_chars):
    check_cover(text, list(sentences(text, max_chars=max_chars)))


@given(anything, st.integers(1, 40))
def test_no_sentence_is_longer_than_allowed(text, max_chars):
    assert all(end - start <= max_chars for start, end in sentences(text, max_chars=max_chars))


@given(anything, st.integers(1, 40))
def test_a_limit_divides_long_sentences_and_leaves_the_others_alone(text, max_chars):
    whole, divided = list(sentences(text)), list(sentences(text, max_chars=max_chars))
    assert {span for span in whole if span[1] - span[0] <= max_chars} <= set(divided)
    assert {start for start, _ in whole} <= {start for start, _ in divided}
    assert {end for _, end in whole} <= {end for _, end in divided}


@given(anything, st.data())
def test_only_the_part_that_is_asked_for_is_read(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    check_cover(text, list(sentences(text, start, end)), start, end)


@given(prose)
def test_the_sentences_of_paragraphs_do_not_depend_on_what_stands_around(text):
    for start, end in paragraphs(text):
        alone = [(start + first, start + last) for first, last in sentences(text[start:end])]
        assert list(sentences(text, start, end)) == alone


def test_lines_are_paragraphs_however_they_end():
    text = "عنوان الخبر\r\n \t\r\n  فقرة أولى.\u2029فقرة ثانية\u2028ثالثة\rرابعة"
    assert [text[a:b] for a, b in paragraphs(text)] == ["عنوان الخبر", "فقرة أولى.", "فقرة ثانية", "ثالثة", "رابعة"]


@pytest.mark.parametrize("blank", ["", " ", "\n\n", "\t \u00a0\u3000"])
def test_a_blank_text_has_neither(blank):
    assert list(paragraphs(blank)) == []
    assert list(sentences(blank)) == []
    assert list(sentences(blank, max_chars=1)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # every mark that ends a sentence
        ("هطل المطر. عاد الرعاة.", ["هطل المطر.", "عاد الرعاة."]),
        ("من أين جاؤوا؟ لا أحد يعرف", ["من أين جاؤوا؟", "لا أحد يعرف"]),
        ("Who came? لا أحد! انتهى", ["Who came?", "لا أحد!", "انتهى"]),
        ("توقف فجأة… ثم مضى", ["توقف فجأة…", "ثم مضى"]),
        ("توقف فجأة... ثم مضى", ["توقف فجأة...", "ثم مضى"]),
        ("حقا؟! نعم", ["حقا؟!", "نعم"]),
        # quotes and brackets close with the sentence
        ("قال: «هطل المطر.» ثم نام.", ["قال: «هطل المطر.»", "ثم نام."]),
        ('قال: "هل نعود؟" ثم نام.', ['قال: "هل نعود؟"', "ثم نام."]),
        ("عاد الرعاة (قبل الغروب.) ناموا.", ["عاد الرعاة (قبل الغروب.)", "ناموا."]),
        # nothing ends inside a quotation or bracket that is open and closes later
        ("قال «هطل المطر. عاد الرعاة» ثم نام. انتهى", ["قال «هطل المطر. عاد الرعاة» ثم نام.", "انتهى"]),
        ('قال "هطل المطر. عاد الرعاة" ثم نام. انتهى', ['قال "هطل المطر. عاد الرعاة" ثم نام.', "انتهى"]),
        ("قال “هل نعود؟ لا” ثم نام. انتهى", ["قال “هل نعود؟ لا” ثم نام.", "انتهى"]),
        ("عاد الرعاة (هطل المطر. كثيرا) وناموا. انتهى", ["عاد الرعاة (هطل المطر. كثيرا) وناموا.", "انتهى"]),
        # one that is never closed holds nothing back
        ("قال «هطل المطر. عاد الرعاة. ناموا.", ["قال «هطل المطر.", "عاد الرعاة.", "ناموا."]),
        ('قال "هطل المطر. عاد الرعاة. ناموا.', ['قال "هطل المطر.', "عاد الرعاة.", "ناموا."]),
        # numbers
        ("زادت 3.5 أضعاف. انتهى", ["زادت 3.5 أضعاف.", "انتهى"]),
        ("زادت ٣.٥ أضعاف. انتهى", ["زادت ٣.٥ أضعاف.", "انتهى"]),
        ("كان ذلك عام 1998. ثم نسي", ["كان ذلك عام 1998.", "ثم نسي"]),
        # titles, initials, abbreviations
        ("زارنا د. نبيل ود. هدى ظهرا. انتهى", ["زارنا د. نبيل ود. هدى ظهرا.", "انتهى"]),
        ("زارنا أ.د. نبيل وأ.د. هدى ظهرا. انتهى", ["زارنا أ.د. نبيل وأ.د. هدى ظهرا.", "انتهى"]),
        ("زارنا أ.د.نبيل ظهرا. انتهى", ["زارنا أ.د.نبيل ظهرا.", "انتهى"]),
        ("وصل ج. بلينكن مساء. انتهى", ["وصل ج. بلينكن مساء.", "انتهى"]),
        ("كتب J. R. Smith رسالة. انتهى", ["كتب J. R. Smith رسالة.", "انتهى"]),
        ("التقى Dr. Smith أمس. انتهى", ["التقى Dr. Smith أمس.", "انتهى"]),
        ("في U.S. Steel اليوم. انتهى", ["في U.S. Steel اليوم.", "انتهى"]),
        ("العنوان ص.ب. 40 جدة. انتهى", ["العنوان ص.ب. 40 جدة.", "انتهى"]),
        ("قمح وشعير إلخ. عاد الرعاة", ["قمح وشعير إلخ.", "عاد الرعاة"]),
        ("عام 1440 هـ. عاد الرعاة", ["عام 1440 هـ.", "عاد الرعاة"]),
        # a word that merely ends like an abbreviation is none
        ("عاد أحمد. نام", ["عاد أحمد.", "نام"]),
        # the blank is missing
        ("هطل المطر.عاد الرعاة؟لا", ["هطل المطر.", "عاد الرعاة؟", "لا"]),
        ("هطل في جدة.عاد الرعاة", ["هطل في جدة.", "عاد الرعاة"]),
        ("زارنا أد.نبيل ظهرا", ["زارنا أد.نبيل ظهرا"]),  # two letters are more likely a title
        ("قال «هطل المطر.»عاد الرعاة", ["قال «هطل المطر.»", "عاد الرعاة"]),
        # dots that are part of a name
        ("زوروا www.example.com اليوم. انتهى", ["زوروا www.example.com اليوم.", "انتهى"]),
        ("It rose 3.5 percent, e.g. in May. Then it fell.", ["It rose 3.5 percent, e.g. in May.", "Then it fell."]),
        ("They met approx. five times. Then", ["They met approx. five times.", "Then"]),
        # what joins clauses
        ("هطل المطر؛ عاد الرعاة؛ ناموا", ["هطل المطر؛ عاد الرعاة؛ ناموا"]),
        ("هطل المطر، عاد الرعاة: ناموا", ["هطل المطر، عاد الرعاة: ناموا"]),
        # direction marks after the point belong to the sentence
        ("هطل المطر.\u200f عاد الرعاة.\u200e", ["هطل المطر.\u200f", "عاد الرعاة.\u200e"]),
    ],
)
def test_where_a_sentence_ends(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "max_chars", "expected"),
    [
        # at the last semicolon, else comma, else blank that leaves at least half of the room in use
        ("قمح شعير ذرة؛ عدس، فول حمص", 18, ["قمح شعير ذرة؛", "عدس، فول حمص"]),
        ("قمح شعير ذرة؛ عدس؛ فول حمص", 18, ["قمح شعير ذرة؛ عدس؛", "فول حمص"]),
        ("قمح شعير ذرة، عدس فول حمص", 18, ["قمح شعير ذرة،", "عدس فول حمص"]),
        ("قمح شعير ذرة: عدس فول حمص", 18, ["قمح شعير ذرة:", "عدس فول حمص"]),
        ("قمح؛ شعير ذرة عدس فول حمص", 18, ["قمح؛ شعير ذرة عدس", "فول حمص"]),
        # what fits to the last character is not cut short
        ("قمح شعير ذرة عدس فول", 16, ["قمح شعير ذرة عدس", "فول"]),
        ("قمح شعير ذرة عدس فول", 15, ["قمح شعير ذرة", "عدس فول"]),
        # a word or number is cut only when it is too long itself
        ("بلغ 1,250,750 طنا", 12, ["بلغ", "1,250,750", "طنا"]),
        ("في قمحشعيرذرةعدس", 8, ["في", "قمحشعيرذ", "رةعدس"]),
        ("قمحشعيرذرة", 4, ["قمحش", "عيرذ", "رة"]),
        # sentences are divided one by one
        ("هطل المطر. قمح شعير ذرة", 11, ["هطل المطر.", "قمح شعير", "ذرة"]),
    ],
)
def test_where_a_long_sentence_is_divided(text, max_chars, expected):
    assert pieces(text, max_chars=max_chars) == expected


def test_a_sentence_of_just_the_limit_is_whole():
    text = "هطل المطر؛ عاد الرعاة."
    assert pieces(text, max_chars=len(text)) == [text]
    assert len(pieces(text, max_chars=len(text) - 1)) == 2


def test_a_quotation_that_closes_in_another_paragraph_holds_nothing_back():
    text = "قال «هطل المطر. عاد الرعاة.\nثم ناموا» وانتهى."
    first, second = paragraphs(text)
    assert [text[a:b] for a, b in sentences(text, *first)] == ["قال «هطل المطر.", "عاد الرعاة."]
    assert [text[a:b] for a, b in sentences(text, *second)] == ["ثم ناموا» وانتهى."]


def test_a_quotation_that_does_not_close_for_pages_holds_nothing_back():
    text = "قال «" + "هطل المطر. " * 200 + "» ثم نام."
    assert pieces(text).count("هطل المطر.") > 50
    near = "قال «" + "هطل المطر. " * 20 + "» ثم نام."
    assert pieces(near) == [near]


@pytest.mark.parametrize("max_chars", [0, -5])
def test_a_limit_that_leaves_no_room_is_refused(max_chars):
    with pytest.raises(ConfigError, match=rf"max_chars is {max_chars}; give at least 1"):
        list(sentences("هطل المطر", max_chars=max_chars))
