"""What lies beside every result: each column of its tables is described, and what it used is cited, no more and no less."""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import research
from research import bulk
from research.bulk import Processes
from research.classification import classify
from research.classification.several import classify_several
from research.corpus import Corpus, Document
from research.discovery import topic_model
from research.report import Page, bulk_citations, citations, dictionary
from research.report.citations import bibliography, citations_of, entry, escaped
from research.report.dictionary import describe_tables, described
from research.report.provenance import corpus_sha256
from research.report.trend_results import trends_of
from tests.bulk.conftest import partition

KINDS = ("clean", "discover", "assign", "tag", "classify", "several", "bulk")
PARTS = {"sea": ["سفينة", "ميناء", "بحار"], "sport": ["كأس", "فريق", "هدف"], "farm": ["قمح", "حقل", "فلاح"]}
COMMON = ["على", "في", "اليوم", "قال", "من", "بعد", "قبل", "المدينة"]
BOOK = """version = "1"
[theme.ships]
seeds = ["سفينة", "سفن"]
hints = ["ميناء"]
[theme.empty]
name = "Nothing yet"
"""
ENCODERS = {"yang2020", "wang2024", "reimers2019"}


def drawn(name: str, n: int, seed: int = 0, *, several: bool = False) -> Corpus:
    """Articles of two sentences about one part, or about several; each eighth says something else than its label."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(n):
        own = [part for part in PARTS if rng.random() < 0.4] if several else [list(PARTS)[at % 3]]
        said = own if at % 8 else [list(PARTS)[(at + 1) % 3]]
        words = [word for part in said for word in rng.choice(PARTS[part], 3)]
        lines = [" ".join([*words, *rng.choice(COMMON, 3), name, str(at)]) for _ in range(2)]
        found.append(Document(f"{name}{at}", f"{lines[0]}. {lines[1]}.", label=";".join(own) or "-"))
    return Corpus(name, tuple(found))


class Written(NamedTuple):
    """A result and the folder that it was written into."""

    kind: str
    result: object
    folder: Path

    @property
    def tables(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if path.suffix in {".csv", ".jsonl", ".json"}}

    @property
    def described(self) -> list[dict[str, str]]:
        with (self.folder / "dictionary.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def bib(self) -> str:
        return (self.folder / "citations.bib").read_text(encoding="utf-8")


def in_partitions(corpus: Corpus, place: Path):
    """Tag articles in two partitions, of which few are drawn; the engine is told as dask."""
    partition(list(corpus), place / "parts", 2)
    options = {"labels": False, "encoder": "none", "sample": 8}
    result = bulk.tag(place / "parts", "seeds/themes.toml", place / "work", Processes(1), **options)
    return replace(result, settings={**result.settings, "engine": "dask"})


@pytest.fixture(scope="module")
def everything(few_seeds, tmp_path_factory) -> dict[str, Written]:
    """Every kind of result, and of some kinds several that write or use different things."""
    place = tmp_path_factory.mktemp("every")
    few, book = research.load(few_seeds / "articles"), place / "book.toml"
    book.write_text(BOOK, encoding="utf-8")
    copied = replace(few.documents[0], id="copy", date=date(2030, 1, 1))
    found = research.discover(few, encoder="lsa", with_map=False)
    known, asked = drawn("known", 48), drawn("asked", 12, 1)
    labelled = (few_seeds / "articles", few_seeds / "labels.csv")
    quick = {"encoder": "none", "seconds": 0, "store": False}
    several = drawn("known", 45, several=True), drawn("asked", 12, 1, several=True)
    results = {
        "clean": ("clean", research.clean(Corpus("few", (*few.documents, copied, Document("nothing", "", problem="empty"))))),
        "discover": ("discover", found),
        "guided": ("discover", research.discover(few, encoder="lsa", codebook=book, with_map=False)),
        "assign": ("assign", topic_model(found).assign_corpus(few)),
        "tag": ("tag", research.tag(few, "seeds/themes.toml", labels=False, encoder="none")),
        "learned": ("tag", research.tag(few, "seeds/themes.toml", labels=labelled, encoder="none", candidates=False)),
        "book": ("tag", research.tag(drawn("known", 8), book, labels=False, encoder="none")),
        "classify": ("classify", classify(known, asked, **quick)),
        "unexplained": ("classify", classify(known, drawn("asked", 0), **quick, explained=0)),
        "one": ("classify", classify(Corpus("one", known.documents[:1]), asked, **quick)),
        "several": ("several", classify_several(*several, **quick)),
        "bulk": ("bulk", in_partitions(few, place)),
    }
    with pytest.MonkeyPatch.context() as patch:
        for page in ("discovery_page", "tagging_page", "classification_page", "several_page"):
            patch.setattr(sys.modules["research.report.write"], page, lambda *_, **__: Page("none"))  # drawing takes long
        for name, (_, result) in results.items():
            research.report.write(result, place / name)
    return {name: Written(kind, result, place / name) for name, (kind, result) in results.items()}


# -- the dictionary -----------------------------------------------------------------------------------------------------


def columns_of(path: Path, classes: set[str]) -> list[str]:
    """Read the names of a table; those of its classes are stars."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        return list(dict.fromkeys("*" if name in classes else name for name in names))
    if path.suffix == ".jsonl":
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert len({tuple(line) for line in lines}) == 1
        return list(lines[0])
    return list(metrics_of(json.loads(path.read_text(encoding="utf-8")), classes))


def metrics_of(found: dict, classes: set[str]) -> dict[str, list]:
    """Give the values of metrics.json by their keys, one star for either estimate and one for each class."""
    values: dict[str, list] = {name: [] for name in found}

    def walk(node, keys):
        for name, value in node.items():
            here = [*keys, "*" if name in classes else name]
            if isinstance(value, dict):
                walk(value, here)
            else:
                values.setdefault(".".join(here), []).append(value)

    for part in found.values():
        walk(part or {}, ["*"])
    return values


def classes_of(written: Written) -> set[str]:
    return set(getattr(written.result, "classes", ()) if written.kind == "classify" else getattr(written.result, "labels", ()))


def test_every_column_of_every_table_is_described(everything):
    for written in everything.values():
        rows = written.described
        assert list(rows[0]) == ["table", "column", "type", "unit", "meaning"]
        for name in written.tables - {"dictionary.csv"}:
            told = [row["column"] for row in rows if row["table"] == name]
            assert told == columns_of(written.folder / name, classes_of(written)), name
        assert {row["table"] for row in rows} == written.tables - {"dictionary.csv"}
        assert all(row["type"] and row["meaning"].endswith(".") for row in rows)
        assert [row["table"] for row in rows] == sorted(row["table"] for row in rows)


def test_nothing_is_described_that_is_never_written(everything):
    assert {written.kind for written in everything.values()} == set(KINDS)
    seen = {(written.kind, row["table"], row["column"]) for written in everything.values() for row in written.described}
    for part, tables in dictionary._parts().items():
        kinds = [kind for kind in KINDS if part in (kind, *dictionary._SHARED.get(kind, ()))]
        assert kinds, part
        for table, columns in tables.items():
            never = [column for column in columns if not any((kind, table, column) in seen for kind in kinds)]
            assert not never, (part, table)
            assert all(len(told) == 3 for told in columns.values())


def valid(value: str, kind: str, unit: str) -> bool:
    """Tell whether a cell is of the type and in the unit that are told of its column."""
    if value == "":
        return True
    match kind:
        case "whole number":
            return re.fullmatch(r"\d+", value) is not None
        case "number":
            return np.isfinite(float(value)) and (unit != "0 to 1" or 0 <= float(value) <= 1)
        case "True or False":
            return value in {"True", "False"}
        case "date":
            return bool(date.fromisoformat(value))
        case "JSON":
            return isinstance(json.loads(value), list)
    return kind == "text"


def test_cells_are_what_is_told_of_their_column(everything):
    for written in everything.values():
        told = {(row["table"], row["column"]): (row["type"], row["unit"]) for row in written.described}
        for name in written.tables:
            path = written.folder / name
            if path.suffix == ".csv":
                with path.open(encoding="utf-8", newline="") as file:
                    cells = [cell for row in csv.DictReader(file) for cell in row.items()]
            elif path.suffix == ".jsonl":
                lines = path.read_text(encoding="utf-8").splitlines()
                cells = [(key, str(value)) for line in lines for key, value in json.loads(line).items()]
            else:
                values = metrics_of(json.loads(path.read_text(encoding="utf-8")), classes_of(written))
                cells = [(key, "" if one is None else str(one)) for key, held in values.items() for one in held]
            for column, value in cells if name != "dictionary.csv" else ():
                known = told[name, "*" if (name, column) not in told else column]
                assert valid(value, *known), (name, column, value, known)


def test_a_table_without_rows_is_described_too(tmp_path):
    nothing = research.clean(Corpus("none", (Document("a", "وصل الوفد إلى المدينة."),)))
    assert not nothing.removed
    research.report.write(nothing, tmp_path / "out")
    told = Written("clean", nothing, tmp_path / "out").described
    assert [row["column"] for row in told if row["table"] == "removed.jsonl"] == list(described("clean")["removed.jsonl"])
    assert [row["column"] for row in told if row["table"] == "duplicates.csv"] == list(described("clean")["duplicates.csv"])


def test_a_class_may_be_called_like_a_column_and_an_unknown_one_is_seen(tmp_path):
    (tmp_path / "probabilities.csv").write_text("id,id\n", encoding="utf-8")
    (tmp_path / "classes.csv").write_text("label,more\n", encoding="utf-8")
    rows = describe_tables(tmp_path, "classify")
    assert rows["column"].tolist() == ["label", "more", "id", "*"]
    assert rows["meaning"].ne("").tolist() == [True, False, True, True]


# -- BibTeX, read strictly ----------------------------------------------------------------------------------------------


def parse(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Read a file of BibTeX as the strictest reader does: braces count wherever they stand."""
    entries: dict[str, tuple[str, dict[str, str]]] = {}
    at = 0
    while at < len(text):
        if text[at] == "\n":
            at += 1
        elif text[at] == "%":
            at = text.index("\n", at)
        else:
            head = re.compile(r"@([a-z]+)\{([!-+\--z|~]+),\n").match(text, at)
            assert head, text[at : at + 60]
            kind, key = head.groups()
            assert key not in entries, f"{key} stands twice"
            fields, at = fields_from(text, head.end())
            entries[key] = kind, fields
    return entries


def fields_from(text: str, at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    while not text.startswith("}\n", at):
        name = re.compile(r"  ([a-z]+) = \{").match(text, at)
        assert name, text[at : at + 60]
        assert name.group(1) not in fields
        start = at = name.end()
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        fields[name.group(1)] = text[start : at - 1]
        assert text.startswith(",\n", at), text[start:at]
        at += 2
    return fields, at + 2


def works_of(text: str) -> set[str]:
    return {key for key in parse(text) if not key.startswith(("run-", "corpus-")) and key != citations.PACKAGE}


def own(text: str, which: str) -> dict[str, str]:
    [fields] = [fields for key, (_, fields) in parse(text).items() if key.startswith(f"{which}-")]
    return fields


def test_every_written_file_is_read_by_a_strict_reader(everything):
    for written in everything.values():
        found = parse(written.bib)
        assert [key.partition("-")[0] for key in found][:2] == ["run", "corpus"]
        for key, (_, fields) in found.items():
            least = {"title", "note"} if key.startswith(("run-", "corpus-")) else {"author", "title", "year"}
            assert least <= fields.keys(), key
            assert all(value.strip() for value in fields.values())
        assert str(written.folder.parent) not in written.bib


def test_the_works_are_whole_and_each_is_used():
    works = citations.references()
    source = "".join(Path(room.__file__).read_text(encoding="utf-8") for room in (citations, bulk_citations))
    assert set(re.findall(r'"([a-z]+(?:19|20)\d\d)"', source)) == set(works)
    assert parse(bibliography(works)).keys() == {*works, citations.PACKAGE}
    assert list(works) == sorted(works)
    lines = Path(citations.__file__).with_name("references.bib").read_text(encoding="utf-8")
    assert lines.count("\n@") == len(works)
    for key, (kind, fields) in parse(bibliography(works)).items():
        needed = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle", "book": "publisher"}
        assert needed.get(kind, "howpublished") in fields
        assert key == citations.PACKAGE or fields["year"] in key
        assert re.fullmatch(r"\d+(--\d+)?", fields.get("pages", "1"))
        assert fields.get("doi", "10.1/x").startswith("10.")


def test_a_work_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        bibliography(["nobody1900"])
    with pytest.raises(TypeError, match="nothing is known to cite"):
        citations_of("no result")


@given(st.text())
def test_any_name_can_stand_in_an_entry(name):
    shown = escaped(name)
    ((_, fields),) = parse(entry("run-1", {"title": f"Topics of {{{shown}}}"})).values()
    assert fields["title"] == f"Topics of {{{shown}}}"
    assert not re.search(r"(?<!\\)[%&_#$]|[~^]", shown)
    assert shown.isprintable() or set(shown) & set("\u200c\u200d")
    shown.encode("utf-8")


def test_names_are_told_as_they_are_written():
    assert escaped("أخبار الشرق") == "أخبار الشرق"
    assert escaped("a{b}%&_#$\\~^\n\u202ec") == (
        r"a\textbraceleft{}b\textbraceright{}\%\&\_\#\$\textbackslash{}\textasciitilde{}\textasciicircum{} c"
    )
    result = research.clean(Corpus("50%_{اليوم", (Document("a", "وصل الوفد إلى المدينة."),)))
    assert own(citations_of(result), "run")["title"] == r"Passages of {50\%\_\textbraceleft{}اليوم}"


# -- what is cited ------------------------------------------------------------------------------------------------------


def test_the_run_and_its_articles_are_named_by_hashes(everything):
    for name in ("discover", "guided", "tag", "classify", "several"):
        result, bib = everything[name].result, everything[name].bib
        digest = corpus_sha256(result.corpus)
        run, articles = own(bib, "run"), own(bib, "corpus")
        assert digest in run["note"]
        assert digest in articles["note"]
        assert articles["howpublished"] == "Saved articles"
        assert f"seed: {result.settings['seed']}" in run["note"]
        assert run["version"] == research.__version__
        assert result.corpus.name in run["title"]
        book = result.settings.get("codebook_sha256")
        assert ("codebook" in run["note"]) == bool(book)
        assert (book or "") in run["note"]
    assert "learned from 48 articles" in own(everything["classify"].bib, "run")["note"]
    assert "cite as well" in own(everything["assign"].bib, "run")["note"]


def test_the_same_run_gives_the_same_file_and_another_one_another_key(everything):
    result = everything["discover"].result
    found = trends_of(result)
    assert citations_of(result, found) == everything["discover"].bib
    other = replace(result, settings={**result.settings, "seed": 7})
    keys = [next(iter(parse(citations_of(one, found)))) for one in (result, other)]
    assert keys[0] != keys[1]
    documents = everything["clean"].result.corpus.documents
    assert citations_of(research.clean(Corpus("few", documents[::-1]))) == everything["clean"].bib
    known = drawn("known", 48)
    again = classify(Corpus("known", known.documents[::-1]), drawn("asked", 12, 1), encoder="none", seconds=0, store=False)
    assert citations_of(again) == everything["classify"].bib


def test_each_kind_cites_what_it_used(everything):
    works = {name: works_of(written.bib) for name, written in everything.items()}
    divided = {"traag2019", "jarvis1973", "levine2015", "fred2005", "hubert1985", "lange2004", "hennig2007"}
    words, tests = {"grootendorst2022", "monroe2008"}, {"fisher1934", "holm1979", "hesterberg2015"}
    assert works["clean"] == works["assign"] == {"broder1997"}
    assert all("broder1997" in found and "barbaresi2021" not in found for found in works.values())
    assert not any(found & ENCODERS for found in works.values())
    assert (
        divided | words | tests | {"deerwester1990", "guo2017", "cook1982", "pedregosa2011", "bouma2009"} <= works["discover"]
    )
    assert {"wolpert1992", "platt1999"} <= works["learned"]
    assert not works["tag"] & {"wolpert1992", "platt1999", "naeini2015"}
    assert bool(everything["tag"].result.candidates) == (divided <= works["tag"])
    assert not everything["learned"].result.candidates
    assert not works["learned"] & divided
    assert works["book"] <= {"broder1997"} | tests | {"monroe2008", "westfall1993", "bouma2009"}
    head = {"saunders1998", "pedregosa2011", "broder1997"}
    estimated = {"davison1997", "naeini2015", "vanrijsbergen1979", "wilson1927"}
    alone = {"guo2017", "platt1999", "geifman2017", "northcutt2021"}
    assert works["classify"] == head | estimated | alone | {"robnik2008", "deyoung2020"}
    assert works["unexplained"] == head | estimated | alone
    assert works["several"] == head | estimated | {"platt1999", "lipton2014"}
    assert works["one"] & alone == {"geifman2017"}  # its answers to the test are estimated, and nothing was held out


def test_a_map_is_cited_where_there_is_one(everything):
    result = everything["discover"].result
    drawn_out = replace(result, places=np.zeros((len(result.units), 2)))
    assert works_of(citations_of(drawn_out)) - works_of(citations_of(result)) == {"mcinnes2018"}


@pytest.mark.parametrize(
    ("encoder", "work"),
    [
        ("use", "yang2020"),
        ("use-multilingual-3", "yang2020"),
        ("e5", "wang2024"),
        ("e5-multilingual-small-4bit", "wang2024"),
        ("sentence-transformers:/some/where/my_model", "reimers2019"),
        ("lsa", None),
        ("of my own", None),
        (None, None),
    ],
)
def test_the_encoder_is_cited_that_was_used(everything, encoder, work):
    for name in ("discover", "tag", "classify", "several"):
        result = everything[name].result
        text = citations_of(replace(result, settings={**result.settings, "encoder": encoder}))
        assert works_of(text) & ENCODERS == ({work} if work else set())
        assert "/some" not in text
        assert (r"my\_model" in own(text, "run")["note"]) == (work == "reimers2019")


def test_nothing_is_cited_that_nothing_was_done_with(everything):
    empty = research.discover(Corpus("none", (Document("a", "", problem="empty"),)), encoder="lsa")
    assert works_of(citations_of(empty, trends_of(empty))) == {"broder1997"}
    one = research.discover(Corpus("one", (Document("a", "فرضت الحكومة عقوبات جديدة على السفن"),)), encoder="lsa")
    found = works_of(citations_of(one, trends_of(one)))
    assert not found & {"traag2019", "hennig2007", "guo2017", "mcinnes2018", "hesterberg2015", "fisher1934"}
    assert "grootendorst2022" in found
    result = everything["discover"].result
    many = replace(result, found=replace(result.found, representation=replace(
        result.found.representation, projection=replace(result.found.representation.projection, latent=None))))  # fmt: skip
    own_encoder = replace(many, settings={**many.settings, "encoder": "of my own"})
    assert "deerwester1990" not in works_of(citations_of(own_encoder))


@pytest.mark.parametrize(
    ("name", "id", "problem", "read"),
    [
        ("folder", "page.HTML", "", True),
        ("folder", "page.htm", "no article found in the page", True),
        ("folder", "page.html", "empty", False),
        ("folder", "page.txt", "", False),
        ("table.csv.gz", "page.html", "", False),
        ("folder", "https://somewhere/page.html", "", False),
    ],
)
def test_pages_are_cited_where_there_are_some(name, id, problem, read):
    document = Document(id, "" if problem else "وصل الوفد إلى المدينة.", problem=problem)
    assert ("barbaresi2021" in works_of(citations_of(research.clean(Corpus(name, (document,)))))) == read


def test_pages_that_are_learned_from_are_cited(everything):
    result = everything["classify"].result
    learned = (replace(result.learned[0], id="page.html"), *result.learned[1:])
    assert "barbaresi2021" in works_of(citations_of(replace(result, learned=learned)))
