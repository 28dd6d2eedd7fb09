"""Where a page comes from: the line that it ends with makes it again."""

from __future__ import annotations

import shlex
import shutil

import pytest
from click.testing import CliRunner

import research
from research.cli import main
from research.corpus import Corpus, Document
from research.report.discovery_page import discovery_page
from research.report.provenance import corpus_sha256
from research.report.tagging_page import tagging_page
from tests.commands import ROOT


def command(page) -> str:
    return next(block["text"] for block in page.blocks if block["kind"] == "command")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["discover", "tag"])
def test_the_line_at_the_end_makes_the_page_again(few_seeds, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(few_seeds / "articles", tmp_path / "my articles")
    shutil.copy(ROOT / "seeds" / "themes.toml", tmp_path)
    corpus = research.load("my articles")
    if kind == "discover":
        result = research.discover(corpus, encoder="lsa", n_topics=3, seed=4)
        page = discovery_page(result)
    else:
        result = research.tag(corpus, "themes.toml", labels=False, encoder="none", seed=2)
        page = tagging_page(result)
    line = shlex.split(command(page).replace("DIR", "again"))
    assert line[0] == "research"
    done = CliRunner(env={"RESEARCH_PROGRESS": "0"}).invoke(main, line[1:])
    assert done.exit_code == 0, done.output
    research.report.write(result, "first")
    for name in ("report.html", "report.md"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()


def test_the_hash_of_a_corpus_hangs_on_every_text_and_name_and_on_nothing_else():
    one, two = Document("a", "نص"), Document("b", "text")
    known = corpus_sha256(Corpus("x", (one, two)))
    assert corpus_sha256(Corpus("y", (two, one))) == known
    assert len({known, *(corpus_sha256(Corpus("x", documents)) for documents in (
        (one,), (one, Document("b", "text.")), (one, Document("c", "text")), (one, two, Document("c", "")),
    ))}) == 5  # fmt: skip


def test_a_lone_surrogate_has_a_hash_too():
    assert len(corpus_sha256(Corpus("x", (Document("a", "\ud800"),)))) == 64
