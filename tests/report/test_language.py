"""Pages in Arabic: everything that the package says is translated, numbers and names stay what they are."""

from __future__ import annotations

import ast
import copy
import io
import pickle
import re
import string
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.messages import Message, Named, count, joined, listed, message, word
from research.report.language import catalogue, speaking, told, told_word
from research.report.provenance import command_of
from research.runs import find_experiments
from tests.commands import ROOT

KEYWORDS = {"message": None, "count": (1, 2), "word": None}
ARABIC = re.compile("[\u0600-\u06ff]")


def said() -> set:
    """Collect what the package and its experiments may say, from their sources."""
    package = Path(str(files("research")))
    folders = (package, package.parent / "experiments")
    return {
        text for folder in folders for _, _, text, _, _ in extract_from_dir(str(folder), keywords=KEYWORDS, comment_tags=())
    }


def translations():
    with files("research.report").joinpath("locale/ar.po").open("rb") as file:
        return read_po(file, locale="ar")


def places(text: str) -> set[str]:
    return {f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None}


def test_everything_that_the_package_says_has_a_translation():
    known = {one.id: one for one in translations() if one.id}
    lacking = [text for text in said() if text not in known or not all(_strings(known[text]))]
    assert lacking == []
    assert [one.id for one in known.values() if one.fuzzy] == []


def test_nothing_is_translated_that_nobody_says():
    assert {one.id for one in translations() if one.id} - said() == set()


def _strings(one) -> tuple[str, ...]:
    return one.string if isinstance(one.string, tuple) else (one.string,)


@pytest.mark.parametrize("one", [one for one in translations() if one.id], ids=lambda one: str(one.id)[:40])
def test_a_translation_has_the_places_of_its_sentence(one):
    if isinstance(one.id, str):
        assert places(one.string) == places(one.id)
        assert sorted(re.findall(r"%(?:n|all|start|end)\b", one.string)) == sorted(
            re.findall(r"%(?:n|all|start|end)\b", one.id)
        )
    else:
        wanted = places(one.id[1])
        assert len(one.string) == 6  # none, one, two, few, many, hundreds
        for text in one.string:
            # "two articles" is one word in Arabic: only the number itself may be missing.
            assert {place for place in wanted if not place.startswith("n:")} <= places(text) <= wanted


@pytest.mark.parametrize("one", [one for one in translations() if one.id], ids=lambda one: str(one.id)[:40])
def test_a_translation_is_in_arabic(one):
    if isinstance(one.id, str) and not re.search("[A-Za-z]{3}", re.sub(r"{[^}]*}", "", one.id)):
        return  # a mark between words, or an abbreviation
    for text in _strings(one):
        bare = re.sub(r"{[^}]*}", "", text)
        assert ARABIC.search(bare) or not bare.strip() or text.replace("-", "_").lower() == one.id
        assert not re.search("[\u0660-\u0669]", text)  # one kind of digits on a page
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (102, 5), (103, 3), (111, 4), (1000, 5)],
)
def test_a_number_chooses_the_form_that_arabic_has_for_it(n, form):
    one = next(one for one in translations() if one.id == ("{n:,} article", "{n:,} articles"))
    with speaking("ar"):
        assert told(count("{n:,} article", "{n:,} articles", n=n)) == one.string[form].format(n=n)


SHOWING = {"Page", "section", "paragraph", "notes", "table", "passages", "set_title", "set_xlabel", "set_ylabel"}
TELLING = {"message", "count", "word", "joined", "listed", "told"}


def bare_texts(node: ast.AST) -> Iterator[str]:
    """Find the English in an expression that is in no message; names of files, columns and keywords are not told."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in TELLING:
        return
    if isinstance(node, ast.Subscript | ast.keyword | ast.Compare):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", node.value):
        yield node.value
    for below in ast.iter_child_nodes(node):
        yield from bare_texts(below)


@pytest.mark.parametrize("folder", ["research/report", "experiments"])
def test_nothing_is_put_on_a_page_or_a_figure_but_messages(folder):
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in SHOWING:
                found += [(path.name, text) for given in node.args for text in bare_texts(given)]
    assert found == []


@pytest.mark.parametrize("folder", ["research", "experiments"])
def test_every_place_of_a_sentence_gets_its_value(folder):
    wrong = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {"message", "count"}:
                continue
            given = {one.arg for one in node.keywords}
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            wanted = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            if None not in given and wanted != given - ({"n"} if node.func.id == "count" else set()) | (wanted & {"n"}):
                wrong.append((path.name, texts[:1], wanted ^ given))
    assert wrong == []


def test_a_message_is_english_until_it_is_told():
    text = message("{themes} of {corpus}.", themes=joined(["a", word("topic")]), corpus="x{y}")
    assert text == "a, topic of x{y}."
    assert told(text) == text
    for same in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):
        assert same == text
        with speaking("ar"):
            assert told(same) == told(text)


def test_values_are_told_in_the_same_language():
    with speaking("ar"):
        assert told(joined([word("topic"), word("theme")])) == f"{told_word('topic')}، {told_word('theme')}"
        assert told(Named({"en": "Sanctions", "ar": "العقوبات"})) == "العقوبات"
        assert told(Named({"fr": "Sanctions"})) == "Sanctions"
        assert told(message("{a} and nothing else", a=word("topic"))) == f"{told_word('topic')} and nothing else"
    assert told(Named({"ar": "العقوبات", "en": "Sanctions"})) == "Sanctions"


def test_terms_of_two_scripts_are_listed_as_the_page_does():
    terms = ["S-400", "الصواريخ", "ships"]
    assert told(listed(terms)) == "S-400, الصواريخ, ships"
    with speaking("ar"):
        assert told(listed(terms)) == "S-400، الصواريخ، ships"
    assert [listed(terms[1:2] * 2), listed([])] == ["الصواريخ، الصواريخ", ""]


def test_what_experiments_ask_is_told_on_the_page_that_links_them():
    with speaking("ar"):
        lacking = [name for name, experiment in find_experiments().items() if not ARABIC.search(told_word(experiment.summary))]
    assert lacking == []


def test_the_line_that_makes_a_page_again_makes_it_in_its_language():
    assert command_of("tag", "x", {}) == "research tag x --out DIR"
    with speaking("ar"):
        assert command_of("tag", "x", {}) == "research tag x --language ar --out DIR"
        assert command_of("run", "themes", {}) == "research run themes --language ar --out DIR"
        assert command_of("clean", "x", {}) == "research clean x --out DIR"


def test_an_empty_word_is_not_the_head_of_the_catalogue():
    with speaking("ar"):
        assert told(Message("")) == told_word("") == ""
        assert told(joined([])) == ""


def test_a_language_that_is_not_there_is_refused_in_one_line():
    with pytest.raises(ConfigError, match=r"'fr'.*languages are en, ar"), speaking("fr"):
        pass
    assert catalogue("en").gettext("topic") == "topic"


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=20), min_size=2))
def test_what_users_bring_is_never_taken_for_a_template(values):
    with speaking("ar"):
        assert told(message("{a} | {b}", **values)) == f"{values['a']} | {values['b']}"


@given(st.text(max_size=20))
def test_a_word_that_users_bring_is_told_as_it_is(text):
    with speaking("ar"):
        assert word(text) == text
        assert told(word(text)) in (text, told_word(text))


def test_the_catalogue_compiles_to_what_it_says():
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, translations())
    assert len(compiled.getvalue()) > 1000
