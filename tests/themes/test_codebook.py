"""A codebook in error is one line that says file, table, key and remedy; a right one is read as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.themes import load_codebook

GOOD = """
version = "1"
titles = ["وزير الدفاع"]
[words]
goods = ["قمح", "سكر"]
moves.ar = ["شحن", "نقل"]
moves.en = ["ship"]
[theme.trade]
name = { ar = "التجارة", en = "Trade" }
definition = "Goods that are bought and sold."
seeds.ar = ["تجارة", "صادرات"]
seeds.en = ["trade"]
hints = ["سوق"]
exclude = ["تجارة البشر"]
examples = ["ارتفعت صادرات القمح."]
negation = "excludes"
[[theme.trade.together]]
words = ["goods", "moves"]
within = 5
[theme.plain]
seeds = ["مطر"]
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "book.toml"
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return path

    return written


def test_a_codebook_is_read_as_it_was_written(write):
    book = load_codebook(write(GOOD))
    assert (book.version, book.keys, book.titles) == ("1", ["trade", "plain"], ("وزير الدفاع",))
    trade = book["trade"]
    assert (trade.name("ar"), trade.name(), trade.name("fr")) == ("التجارة", "Trade", "التجارة")
    assert trade.seeds == {"ar": ("تجارة", "صادرات"), "en": ("trade",)}
    assert trade.all_hints == ("سوق",)
    assert (trade.exclude, trade.examples, trade.negation) == (("تجارة البشر",), ("ارتفعت صادرات القمح.",), "excludes")
    assert trade.together[0].lists == (("قمح", "سكر"), ("شحن", "نقل", "ship"))
    assert (trade.together[0].names, trade.together[0].within) == (("goods", "moves"), 5)
    assert book["plain"].name() == "plain"
    assert len(book.sha256) == 64


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('version = "1"', "", ["no key 'version'", "count it up"]),
        ('version = "1"', "version = true", ["key version", "no version"]),
        ("[theme.trade]", "[theme.trade]\nseed = ['x']", ["table theme.trade", "unknown key 'seed'", "did you mean 'seeds'?"]),
        ("[theme.plain]", "[themes.plain]", ["unknown key 'themes'", "did you mean 'theme'?"]),
        ('seeds = ["مطر"]', 'seeds = "مطر"', ["theme.plain, key seeds", "text", "table"]),
        ('seeds = ["مطر"]', "seeds = [3]", ["theme.plain, key seeds", "a number is not text"]),
        ('seeds = ["مطر"]', 'seeds = [" "]', ["theme.plain, key seeds", "empty text"]),
        ('seeds = ["مطر"]', 'seeds = ["؟!"]', ["theme.plain, key seeds", "holds no word"]),
        ('seeds = ["مطر"]', f'seeds = ["{"كلمة " * 13}"]', ["a phrase of 13 words", "examples"]),
        ('seeds = ["مطر"]', 'seeds.Arabic = ["مطر"]', ["'Arabic' is no language"]),
        (
            'seeds = ["مطر"]',
            'seeds = ["مطر"]\nexclude = ["مطر"]',
            ["theme.plain, key exclude", "'مطر'", "one of the two lists"],
        ),
        ('seeds = ["مطر"]', 'seeds = ["مطر"]\nhints = ["المطر", "مطر"]', ["theme.plain, key hints", "'مطر'"]),
        (
            'words = ["goods", "moves"]',
            'words = ["good", "moves"]',
            ["trade.together 1", "no list 'good'", "did you mean 'goods'?"],
        ),
        ('words = ["goods", "moves"]', 'words = ["goods"]', ["trade.together 1", "fewer than two lists"]),
        ("within = 5", "within = 1", ["trade.together 1, key within", "from 2 to"]),
        ("within = 5", "within = true", ["trade.together 1, key within"]),
        ('negation = "excludes"', 'negation = "no"', ["key negation", "'no' is unknown", "counts, excludes"]),
        ("[theme.plain]", "[theme.'a b']", ["'a b' cannot name a theme"]),
        ("[theme.plain]", "[theme.other]", ["'other' is what labels call", "name the theme otherwise"]),
        ("[theme.plain]", '[labels]\narticles = "../x"\nfile = "l.csv"\n[theme.plain]', ["labels, key articles", "outside"]),
        ("[theme.plain]", '[labels]\narticles = "/etc"\nfile = "l.csv"\n[theme.plain]', ["labels, key articles", "outside"]),
        ("[theme.plain]", '[labels]\narticles = "a"\n[theme.plain]', ["table labels", "no key 'file'"]),
        ("[theme.trade]", "[theme.trade", ["not TOML", "line 8"]),
    ],
)
def test_every_error_is_one_line_with_its_place_and_remedy(write, old, new, told):
    assert old in GOOD
    path = write(GOOD.replace(old, new))
    with pytest.raises(ConfigError) as error:
        load_codebook(path)
    line = str(error.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    for part in told:
        assert part in line
    assert error.value.remedy


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        ("version = '1'", "there is no theme"),
        ("version = '1'\n#" + "x" * 2_000_001, "larger than"),
        ("version='1'\n[theme.a]\nseeds=" + "[" * 3000, "nested too deeply"),
    ],
)
def test_what_is_no_codebook_at_all(write, content, told):
    with pytest.raises(ConfigError, match=told):
        load_codebook(write(content))


def test_a_path_that_holds_no_file(tmp_path):
    for path, told in [(tmp_path / "absent.toml", "No such file"), (tmp_path, "Is a directory")]:
        with pytest.raises(ConfigError, match=told):
            load_codebook(path)


def test_labels_may_not_lead_out_of_the_folder_by_a_link(write, tmp_path):
    inside = tmp_path / "books"
    inside.mkdir()
    (inside / "articles").symlink_to("/")
    book = inside / "book.toml"
    book.write_text(GOOD + '[labels]\narticles = "articles"\nfile = "l.csv"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="outside"):
        load_codebook(book)


@given(st.text(max_size=200))
def test_any_text_is_a_codebook_or_one_line(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "book.toml"
    path.write_text("version = '1'\n" + text, encoding="utf-8", errors="surrogatepass" if text.isascii() else "replace")
    line = ""
    try:
        load_codebook(path)
    except ConfigError as error:
        line = str(error)
    assert "\n" not in line


def test_the_bundled_codebook_has_the_five_themes_in_two_languages():
    book = load_codebook("seeds/themes.toml")
    assert book.keys == ["arms_transfers", "sanctions", "diplomacy", "nuclear_missile", "military_posture"]
    for theme in book.themes:
        assert theme.seeds.keys() == {"ar", "en"}
        assert set(theme.names) == {"ar", "en"}
        assert theme.definition
        assert len(theme.examples) >= 3
