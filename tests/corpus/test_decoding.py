import codecs
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.corpus.decoding import UndecodableError, decode

TEXT = "وصلت الحافلة إلى القرية في السابعة، ونزل منها ٣ ركاب.\nقال أحدهم: «أين المدرسة؟»\n"
ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءأإآؤئةى،؛؟.\n0123456789", min_size=1)


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
    ids=["utf-8", "utf-8 marked", "utf-16 le marked", "utf-16 be marked", "utf-16 le", "utf-16 be", "utf-32 le", "utf-32 be"],
)
def test_every_unicode_encoding_gives_the_same_text(raw):
    assert decode(raw) == TEXT


def test_windows_1256():
    text = TEXT.replace("٣", "3")  # it has no Arabic digits
    assert decode(text.encode("cp1256")) == text
    mixed = "سافرت الفرقة إلى Genève وأدت أغنية «à la pêche» أمام جمهور كبير من أهل المدينة"
    assert decode(mixed.encode("cp1256")) == mixed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["crlf", "cr"])
def test_line_ends_become_one(encoding, end):
    text = "السطر الأول\nالسطر الثاني\n\nالسطر الثالث\n"
    assert decode(text.replace("\n", end).encode(encoding)) == text


def test_an_empty_file_is_an_empty_text():
    assert decode(b"") == ""
    assert decode(codecs.BOM_UTF8) == ""
    assert decode(codecs.BOM_UTF16_LE) == ""


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("نزل الركاب".encode()[:-1], 17),
        ("نزل ".encode() + b"\xff" + "الركاب".encode(), 7),
        (codecs.BOM_UTF8 + "نزل ".encode() + b"\xc0" + "الركاب".encode(), 10),
    ],
    ids=["cut", "one bad byte", "marked and bad"],
)
def test_damaged_utf8_is_not_taken_for_another_encoding(raw, place):
    with pytest.raises(UndecodableError, match=rf"^UTF-8 .* at byte {place}$"):
        decode(raw)


def test_damaged_utf16_is_said_to_be():
    with pytest.raises(UndecodableError, match="UTF-16-LE"):
        decode(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1])


@pytest.mark.parametrize(
    "raw",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"%PDF-1.7\nsome text follows",
        b"PK\x03\x04\x14\x00",
        b"\x1f\x8b\x08\x00",
        b"GIF89a\x01\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"SQLite format 3\x00",
        bytes(range(256)) * 4,
        bytes(1000),
        random.Random(1).randbytes(4096),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(2).randbytes(2000),
    ],
    ids=["png", "jpeg", "pdf", "zip", "gzip", "gif", "elf", "sqlite", "all", "zeros", "noise", "doc"],
)
def test_a_binary_file_is_not_text(raw):
    with pytest.raises(UndecodableError):
        decode(raw)


@pytest.mark.parametrize("extra", [b"\x00", b"\x00\x00", b"\x00x"], ids=["one", "two", "even"])
@pytest.mark.parametrize("place", [0, 40, 4000])
def test_utf8_with_a_zero_byte_does_not_become_other_letters(extra, place):
    raw = (TEXT * 40).encode()
    assert len(raw) > 4000
    with pytest.raises(UndecodableError, match=rf"zero byte in UTF-8, at byte {place}$"):
        decode(raw[:place] + extra + raw[place:])


def test_a_short_text_with_a_zero_byte_does_not_become_other_letters():
    for text in ("id,text\n0,a\0\n", "id,text\n0,\0a\n", "سوق\0", "a\0" * 3 + "b" * 40):
        with pytest.raises(UndecodableError):
            decode(text.encode())


@pytest.mark.parametrize("encoding", ["iso-8859-6", "mac_arabic", "latin-1"])
def test_an_encoding_that_is_not_read_gives_no_text(encoding):
    # Windows-1256 gives every byte a meaning: read as that, these would be letters that nobody wrote.
    text = "Le préfet a reçu le député à côté de l'hôtel." if encoding == "latin-1" else TEXT.replace("٣", "3")
    with pytest.raises(UndecodableError, match="neither"):
        decode(text.encode(encoding, errors="ignore") * 3)


@given(ARABIC, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1256"]))
def test_any_arabic_text_comes_back(text, encoding):
    if encoding == "cp1256" and sum(char.isalpha() for char in text) < 4:
        text += "سوق المدينة"
    assert decode(text.encode(encoding)) == text


@given(st.text().filter(lambda text: "\x00" not in text and "\r" not in text and not text.startswith("\ufeff")))
def test_any_text_comes_back_from_utf8_and_marked_utf16(text):
    signed = text.encode().startswith((b"%PDF", b"GIF8", b"PAR1", b"PK\x03\x04", b"SQLite format 3", b"\x7fELF"))
    if not signed:
        assert decode(text.encode()) == text
    assert decode(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text


@given(st.binary(max_size=400))
def test_any_bytes_give_a_text_or_a_reason(raw):
    try:
        text = decode(raw)
    except UndecodableError as error:
        text = str(error)
        assert text
    assert "\r" not in text
    assert "\x00" not in text
    assert text.encode().decode() == text  # no half characters


@given(st.binary(min_size=1, max_size=60), st.integers(0, 200))
def test_a_damaged_article_is_a_reason_or_keeps_its_other_letters(noise, place):
    raw = TEXT.encode()
    place = min(place, len(raw))
    try:
        text = decode(raw[:place] + noise + raw[place:])
    except UndecodableError:
        return
    whole = raw[:place].decode(errors="ignore")
    assert text.startswith(whole.replace("\r\n", "\n").replace("\r", "\n")[: max(0, len(whole) - 1)])
