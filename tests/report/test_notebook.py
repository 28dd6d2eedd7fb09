"""What notebooks show of results: the page's words, colours and care, inline, and figures on axes that are given or made."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import research
from research.corpus import Corpus, Document
from research.errors import ConfigError, DataError
from research.report.language import speaking
from research.report.notebook import html, plain
from research.report.plots import kinds_of
from research.report.style import PALETTE
from research.shown import Shown
from research.trends import trends

PARTS = {"sea": "سفينة ميناء بحار قبطان", "sport": "كأس فريق هدف ملعب", "farm": "قمح حقل فلاح حصاد"}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة"]
BOOK = """version = "1"
[theme.ships]
name = { ar = "السفن", en = "Ships" }
seeds = ["سفينة", "ميناء"]
[theme.games]
name = { ar = "الألعاب", en = "Games" }
seeds = ["كأس"]
hints = ["فريق"]
[theme.snow]
name = { en = "Snow" }
seeds = ["ثلج"]
"""
HOSTILE = "<script>alert(1)</script>\"'&\u202eمقلوب\u2066"
BROKEN = "a\ud800b"


def article(number: int, subject: str, **given) -> Document:
    rng = np.random.default_rng(number)
    lines = [" ".join(rng.permutation([*PARTS[subject].split(), *COMMON])) + f" {number}{at}." for at in range(3)]
    day = date(2024, 1 + number % 12, 1 + number % 28)
    known = {"title": f"خبر {number}: {subject}", "source": ("marsad", "sada")[number % 2], "label": subject, "date": day}
    return Document(f"{number:02}.txt", "\n".join(lines), **{**known, **given})


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    names = list(PARTS)
    written = [article(number, names[number % 3]) for number in range(36)]
    return Corpus("small", (*written, Document("none.txt", "", problem="empty")))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "book.toml"
    path.write_text(BOOK, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def topics(corpus):
    return research.discover(corpus, encoder="lsa", with_map=False)


@pytest.fixture(scope="module")
def themes(corpus, book):
    return research.tag(corpus, book, encoder="none", labels=False)


@pytest.fixture(scope="module")
def classes(corpus):
    return research.classify(corpus, Corpus("new", (article(90, "sea"), article(91, "farm", label=""))), encoder="none")


@pytest.fixture(scope="module")
def several(corpus):
    both = tuple(replace(one, label="sea; north" if one.label == "sea" else one.label) for one in corpus)
    return research.classify_several(Corpus("both", both), Corpus("new", (article(90, "sea"),)), encoder="none")


@pytest.fixture(scope="module")
def assigned(topics, tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "small.topics"
    topics.save(path)
    return research.load_topics(path).assign_corpus(Corpus("other", (article(70, "sea"), article(71, "sport"))))


@pytest.fixture(scope="module")
def everything(corpus, topics, themes, classes, several, assigned):
    cleaned = research.clean(corpus)
    found = [corpus, cleaned, topics, themes, classes, several, assigned, trends(themes, "quarter"), trends(topics, "outlet")]
    return {f"{type(one).__name__} {getattr(one, 'by', '')}".strip(): one for one in found}


@pytest.fixture(scope="module")
def shown_of(everything):
    return {name: result._repr_html_() for name, result in everything.items()}


@pytest.fixture(autouse=True)
def _no_figure_stays():
    yield
    plt.close("all")


class Read(HTMLParser):
    """Reads what is shown: tags with their attributes, what stands in them, and whether they close in order."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, list[tuple[str, dict]]]] = []
        self.feed(shown)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.texts.append((data, list(self.open)))

    @property
    def underlined(self) -> list[tuple[str, str]]:
        found = []
        for text, inside in self.texts:
            style = inside[-1][1].get("style", "") if inside else ""
            if "underline" in style:
                found.append((text, re.search(r"text-decoration-color:(#\w+)", style)[1]))
        return found


def text_of(shown: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", shown))


# -- what is shown ------------------------------------------------------------------------------------------------------


def test_every_kind_of_result_shows_sentences_a_table_and_what_it_has_of_figures_and_passages(shown_of):
    says = {
        "Corpus": "small · 36 articles (1 more could not be used), dated 2024-01-01 to",
        "CleanResult": "108 passages · 36 articles",
        "DiscoverResult": "topics were found. The largest, topic 0",
        "TagResult": "Found: Games in 36 passages of 12 articles; Ships in 36 passages of 12 articles.",
        "ClassifyResult": "3 classes were learned from 36 labelled articles",
        "SeveralResult": "4 labels were learned from 36 labelled articles",
        "AssignResult": "6 passages of 2 articles were put among topics that were found before.",
        "TrendResult quarter": "36 of 37 articles have a date to go by, from 2024-01-01",
        "TrendResult outlet": "Topics by outlet",
    }
    assert set(says) == set(shown_of)
    for name, shown in shown_of.items():
        assert says[name] in text_of(shown), name
        assert "<table" in shown, name
        assert shown.count("<img") == (0 if name in {"Corpus", "CleanResult"} else 1), name
        passages = shown.count("line-height:1.9")
        with_passages = {"DiscoverResult", "TagResult", "ClassifyResult", "SeveralResult", "AssignResult"}
        assert 0 < passages <= 6 if name in with_passages else passages == 0, name


def test_what_is_shown_is_the_same_each_time_small_and_brings_its_styles_along(everything, shown_of):
    for name, shown in shown_of.items():
        assert shown == everything[name]._repr_html_(), name
        assert len(shown.encode("utf-8")) < 150_000, name
        for tag, given in Read(shown).tags:
            assert tag in {"div", "span", "table", "thead", "tbody", "tr", "th", "td", "img", "bdi"}
            assert set(given) <= {"dir", "lang", "style", "src", "alt", "width", "title"}
            assert given.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
            assert "url(" not in given.get("style", "")
    assert plt.get_fignums() == []


def test_evidence_is_underlined_in_the_colour_that_its_theme_has_on_the_page(themes):
    underlined = Read(themes._repr_html_()).underlined
    evidence = themes.evidence_table()
    number = {key: at for at, key in enumerate(themes.codebook.keys)}
    known = {(row.text, PALETTE[number[row.theme]]) for row in evidence.itertuples()}
    assert {colour for _, colour in underlined} == {PALETTE[0], PALETTE[1]}
    assert set(underlined) <= known


def test_a_passage_is_of_every_theme_in_turn_and_of_different_articles(themes):
    shown = themes._repr_html_()
    ids = re.findall(r"(\d\d)\.txt</span>", shown)
    assert len(ids) == len(set(ids)) == 6
    assert len(re.findall(r">Ships \d", shown)) == len(re.findall(r">Games \d", shown)) == 3


def test_the_sentences_that_carry_a_class_are_underlined(classes):
    underlined = "".join(text for text, _ in Read(classes._repr_html_()).underlined)
    assert underlined
    assert any(underlined.startswith(one.text[span.start : span.end]) for one in classes.articles for span in one.evidence)


def test_passages_run_in_their_own_direction(corpus, book):
    english = Document("en.txt", "The ship <b> is named سفينة and sails on, as all ships of the harbour have done.")
    shown = research.tag(Corpus("x", (article(0, "sea"), english)), book, encoder="none", labels=False)._repr_html_()
    ways = [given["dir"] for tag, given in Read(shown).tags if tag == "div" and "background" in given.get("style", "")]
    assert sorted(ways) == ["ltr", "rtl", "rtl", "rtl"]
    assert "The ship &lt;b&gt; is named" in shown


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_text_can_be_read_in_a_light_and_in_a_dark_notebook(shown_of):
    """Text either has its own paper or takes the notebook's colour."""
    for shown in shown_of.values():
        for text, inside in Read(shown).texts:
            styles = ";".join(given.get("style", "") for _, given in inside)
            inks, papers = (re.findall(rf"(?<![\w-]){name}:(#\w+)", styles) for name in ("color", "background"))
            if not text.strip() or not inks + papers:
                continue
            paper = {"#fff": "#ffffff"}.get(papers[-1], papers[-1])
            ink = {"#555": "#555555"}.get(inks[-1], inks[-1])
            assert contrast(ink, paper) >= 4.5


def test_hostile_text_stays_text(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(f"version = \"1\"\n[theme.sea]\nname = {{ en = '''{HOSTILE}''' }}\nseeds = [\"سفينة\"]\n", encoding="utf-8")
    names = list(PARTS)
    bad = [
        replace(one, id=f"{HOSTILE}{one.id}", text=f"{one.text}\n{HOSTILE} {BROKEN} سفينة", title=HOSTILE + BROKEN,
                source=HOSTILE + BROKEN + one.source, label=HOSTILE + one.label)
        for one in (article(number, names[number % 3]) for number in range(12))
    ]  # fmt: skip
    corpus = Corpus(HOSTILE + BROKEN, tuple(bad))
    tagged = research.tag(corpus, path, encoder="none", labels=False)
    topics = research.discover(corpus, encoder="lsa", with_map=False)
    found = [
        corpus, research.clean(corpus), tagged, topics, trends(tagged, "outlet"), trends(topics, "month"),
        research.classify(corpus, corpus, encoder="none"), research.classify_several(corpus, corpus, encoder="none"),
    ]  # fmt: skip
    for result in found:
        shown = result._repr_html_()
        assert "<script" not in shown
        assert not re.search("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
        assert len(shown.encode("utf-8")) < 150_000
        Read(shown)
        plain(result).encode("utf-8")
    assert "&lt;script&gt;" in tagged._repr_html_()


def test_long_names_and_texts_do_not_make_it_long(book):
    long = [
        replace(article(number, "sea"), id=f"{number}" * 5_000, title="t" * 100_000, source="o" * 50_000, text="سفينة " * 3_000)
        for number in range(6)
    ]
    corpus = Corpus("c" * 50_000, tuple(long))
    for result in (corpus, research.clean(corpus), research.tag(corpus, book, encoder="none", labels=False)):
        assert len(result._repr_html_().encode("utf-8")) < 150_000


def test_many_rows_are_cut_and_it_is_said(themes, corpus):
    shown = research.clean(corpus)._repr_html_()
    assert shown.count("<tr>") == 21
    assert "The first 20 of 108 are shown." in text_of(shown)
    assert "are shown" not in text_of(themes._repr_html_())


def test_what_is_empty_is_shown_too(book):
    for documents in ((), (Document("x", "", problem="empty"),), (Document("x", "نص قصير"),)):
        corpus = Corpus("few", documents)
        topics = research.discover(corpus, encoder="lsa", with_map=False)
        themes = research.tag(corpus, book, encoder="none", labels=False)
        for result in (corpus, research.clean(corpus), topics, themes, trends(topics), trends(themes, "outlet")):
            assert Read(result._repr_html_()).texts


def test_in_arabic_it_runs_from_the_right(themes):
    with speaking("ar"):
        shown = themes._repr_html_()
    assert shown.startswith('<div dir="rtl"')
    assert "السفن" in shown
    assert "Ships" not in shown


def test_a_result_of_another_kind_shows_its_table():
    class Other(Shown):
        def table(self) -> pd.DataFrame:
            return pd.DataFrame({"name": [HOSTILE]})

    assert "&lt;script&gt;" in Other()._repr_html_()
    assert "\u202e" not in html(Other())


def test_a_terminal_gets_the_table(themes):
    assert repr(themes).startswith("TagResult\n")
    assert "ships" in repr(themes)


def test_no_result_writes_out_its_corpus(everything, corpus):
    """IPython keeps what it writes beside the HTML, in the notebook."""
    for result in everything.values():
        assert len(repr(result)) < 10_000
    assert repr(corpus).count("\n") <= 45


# -- figures ------------------------------------------------------------------------------------------------------------


def title(ax) -> str:
    return ax.get_title(loc="left")


def test_every_kind_draws_on_the_axes_given_and_on_its_own(topics, themes, classes, several, assigned):
    places = np.random.default_rng(0).normal(size=(len(topics.units), 2))
    drawn = {
        replace(topics, places=places): ["sizes", "map", "stability", "time", "outlets"],
        themes: ["articles", "time", "outlets"],
        classes: ["confusion", "reliability", "risk"],
        several: ["labels", "reliability"],
        assigned: ["sizes"],
        trends(themes, "month"): ["shares"],
        trends(topics, "outlet"): ["shares"],
    }
    before = dict(mpl.rcParams)
    for result, kinds in drawn.items():
        assert list(kinds_of(result)) == kinds
        for kind in kinds:
            given = Figure().subplots()
            assert result.plot(kind, ax=given) is given
            assert given.has_data(), kind
            assert plt.get_fignums() == []
            made = result.plot(kind)
            assert plt.get_fignums() == [made.figure.number]
            assert made.has_data(), kind
            plt.close("all")
        assert title(result.plot()) == title(result.plot(kinds[0]))
        plt.close("all")
    assert dict(mpl.rcParams) == before


def test_a_theme_over_time_is_chosen_by_its_key_or_its_name(themes, topics):
    assert title(themes.plot("time", name="games")) == title(themes.plot("time", name="Games")) == "Games"
    assert title(topics.plot("outlets", name=1)) == title(topics.plot("outlets", name=topics.topics[1].label)) != ""
    assert "month" in themes.plot("time", by="month").get_ylabel()
    assert "year" in themes.plot("time", by="year").get_ylabel()
    shares = trends(themes, "month").shares()
    line = themes.plot("time", name="games", by="month").lines[1].get_ydata()
    assert line == pytest.approx(shares[shares["theme"] == "games"]["share"].to_numpy(), abs=1e-4)


def test_as_many_articles_are_drawn_as_are_asked_for(themes):
    assert len(themes.plot("articles", most=5).get_yticklabels()) == 5
    with pytest.raises(ConfigError, match="most is 0"):
        themes.plot("articles", most=0)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"kind": "pie"}, r"unknown kind 'pie'; kinds are articles, time, outlets$"),
        ({"kind": "time", "name": "games", "colour": 1}, r"unknown option 'colour'; options are name, by$"),
        ({"kind": "time", "name": "rain"}, r"unknown theme 'rain'; there are ships, games, snow$"),
        ({"kind": "time", "by": "outlet"}, r"unknown period 'outlet'; periods are month, quarter, year$"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(themes, asked, line):
    with pytest.raises(ConfigError, match=line) as told:
        themes.plot(**asked)
    assert "\n" not in str(told.value)
    assert plt.get_fignums() == []


def test_an_option_that_a_kind_has_not_is_refused(topics):
    with pytest.raises(ConfigError, match="unknown option 'name'; leave it out"):
        topics.plot("sizes", name=1)


def test_nothing_to_draw_is_told_and_leaves_no_empty_figure(topics):
    one = Corpus("one", (Document("a", "سفينة في الميناء", label="sea"),))
    alone, few = research.classify(one, one, encoder="none"), research.discover(one, encoder="lsa", with_map=False)
    undated = trends(few)
    for result, kind in ((topics, "map"), (few, "stability"), (alone, "confusion"), (undated, "shares"), (few, "outlets")):
        with pytest.raises(DataError):
            result.plot(kind)
    assert plt.get_fignums() == []
