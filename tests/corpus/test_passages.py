import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus import Document, split_passages
from research.errors import ConfigError
from research.text.sentences import paragraphs

TEXT = """وصل القطار متأخرا. نزل منه ثلاثة ركاب فقط.

  قال الحارس: «انتظرنا ساعة. ثم ساعة». وأغلق الباب!
هل يعود غدا؟ لا أحد يعرف"""
# What articles are made of, so that random texts have sentences, quotations, lines and blanks in them.
BITS = [
    "سلام",
    "كلمة",
    "Abc",
    "12.5",
    "أ.",
    "د. ",
    ".",
    "؟",
    "!",
    "…",
    "،",
    "؛ ",
    ": ",
    "«",
    "»",
    '"',
    "(",
    ")",
    " ",
    "ـ",
    "😀",
]
SIGNS = ["\n", "\r\n", "\t", "\u2028", "\u00a0", "\u200f", "e\u0301", "\ufffd", "x" * 50]
PIECES = st.lists(st.sampled_from([*BITS, *SIGNS]), max_size=60).map("".join)


def spans(text: str, **options) -> list[tuple[int, int]]:
    return [(passage.start, passage.end) for passage in split_passages(Document("a", text), **options)]


def texts(text: str, **options) -> list[str]:
    return [passage.text for passage in split_passages(Document("a", text), **options)]


@pytest.mark.parametrize("unit", ["paragraph", "sentence"])
@given(text=st.one_of(st.text(), PIECES), max_chars=st.integers(1, 900), keep=st.randoms(use_true_random=False))
def test_passages_are_stretches_of_the_text_in_order_and_miss_nothing(unit, text, max_chars, keep):
    left_out = [span for span in paragraphs(text) if keep.random() < 0.3]
    passages = split_passages(Document("a", text), unit=unit, max_chars=max_chars, leave_out=left_out)
    assert [passage.number for passage in passages] == list(range(len(passages)))
    covered = set()
    end = 0
    for passage in passages:
        assert passage.document == "a"
        assert text[passage.start : passage.end] == passage.text
        assert end <= passage.start < passage.end <= len(text)
        assert passage.text == passage.text.strip() != ""
        assert len(passage.text) <= max_chars
        assert not set(passage.text) & set("\n\r\u2028\u2029")
        end = passage.end
        covered.update(range(passage.start, passage.end))
    removed = {place for start, stop in left_out for place in range(start, stop)}
    assert not covered & removed
    assert {place for place, char in enumerate(text) if not char.isspace()} <= covered | removed


@given(PIECES)
def test_sentences_divide_paragraphs(text):
    lines = spans(text, max_chars=10**6)
    assert lines == list(paragraphs(text))
    for start, end in spans(text, unit="sentence", max_chars=10**6):
        assert any(first <= start and end <= last for first, last in lines)


def test_paragraphs_are_lines_without_the_blanks_around():
    assert texts(TEXT) == [line.strip() for line in TEXT.split("\n") if line.strip()]
    assert texts("\r\n أول \r\n\r\nثان\u2028ثالث\n") == ["أول", "ثان", "ثالث"]


def test_sentences_keep_quotations_whole():
    assert texts(TEXT, unit="sentence") == [
        "وصل القطار متأخرا.",
        "نزل منه ثلاثة ركاب فقط.",
        "قال الحارس: «انتظرنا ساعة. ثم ساعة».",
        "وأغلق الباب!",
        "هل يعود غدا؟",
        "لا أحد يعرف",
    ]


def test_a_long_paragraph_is_divided_between_sentences_as_few_times_as_can_be():
    sentence = "عبرت الشاحنة الجسر عند الفجر."
    text = " ".join([sentence] * 10)
    parts = texts(text, max_chars=3 * len(sentence) + 2)
    assert parts == [" ".join([sentence] * 3)] * 3 + [sentence]
    assert texts(text, max_chars=len(text)) == [text]
    assert texts(text, max_chars=len(text) - 1) == [" ".join([sentence] * 9), sentence]


def test_a_sentence_longer_than_a_passage_is_divided_between_words():
    text = "كلمة " * 100
    parts = texts(text, max_chars=23)
    assert all(set(part.split()) == {"كلمة"} for part in parts)
    assert sum(len(part.split()) for part in parts) == 100
    assert [len(part) for part in texts("ا" * 1000, max_chars=300)] == [300, 300, 300, 100]


def test_a_million_characters_without_a_blank_are_divided():
    assert [len(part) for part in texts("ا" * 1_000_000)] == [800] * 1250


def test_only_whole_paragraphs_are_left_out():
    first, second, third = paragraphs(TEXT)
    assert spans(TEXT, leave_out=[second]) == [first, third]
    assert spans(TEXT, leave_out=iter([first, second, third])) == []
    assert spans(TEXT, leave_out=[(second[0], second[1] - 1)]) == [first, second, third]


@pytest.mark.parametrize("text", ["", " \n\t\u00a0\n", "\u2028"])
@pytest.mark.parametrize("unit", ["paragraph", "sentence"])
def test_a_blank_text_has_no_passages(text, unit):
    assert split_passages(Document("a", text), unit=unit) == []
    assert split_passages(Document("a", "", problem="empty"), unit=unit) == []


@pytest.mark.parametrize(
    ("options", "what"),
    [({"unit": "word"}, "'word'"), ({"max_chars": 0}, "max_chars is 0"), ({"max_chars": -5}, "max_chars is -5")],
)
def test_options_that_are_none_are_named(options, what):
    with pytest.raises(ConfigError, match=f"{what}; "):
        split_passages(Document("a", TEXT), **options)
