"""The report on a codebook: what is doubled, shared, dead, everywhere, in no language of the corpus."""

from __future__ import annotations

from research.themes import Codebook, Matcher, Theme, check_codebook


def report(themes, texts=(), documents=None):
    book = Codebook("1", {}, tuple(Theme(key, {}, "", {"": tuple(seeds)}) for key, seeds in themes.items()))
    matcher = Matcher(book)
    return check_codebook(book, [matcher.find(text) for text in texts], documents or [str(n) for n in range(len(texts))], texts)


def kinds(found):
    return [(finding.theme, finding.kind) for finding in found.findings]


def test_a_codebook_by_itself():
    found = report({"a": ["عقوبة", "العقوبات", "لجنة العقوبات", "قمة"], "b": ["القمة"], "c": []})
    assert set(kinds(found)) == {("a", "duplicate"), ("a", "inside another"), ("a", "shared"), ("b", "shared"), ("c", "empty")}


def test_a_codebook_against_a_corpus():
    texts = ["فرض عقوبات على السفن"] * 15 + ["رفع العقوبات بعد قمة"] * 5 + ["أمطار غزيرة"] * 3
    found = report({"a": ["عقوبات", "تجميد"], "b": ["قمة"], "c": ["summit"], "d": ["زلزال"]}, texts, ["x"] * 20 + ["y"] * 3)
    assert set(kinds(found)) == {("a", "everywhere"), ("a", "never occurs"), ("c", "language"), ("d", "never occurs")}
    assert found.seeds == (
        ("a", "عقوبات", 20, 1),
        ("a", "تجميد", 0, 0),
        ("b", "قمة", 5, 1),
        ("c", "summit", 0, 0),
        ("d", "زلزال", 0, 0),
    )
    assert (found.passages, found.covered, found.ambiguous) == (23, 20, 5)
    assert found.table()["share"].tolist() == [round(20 / 23, 4), 0, round(5 / 23, 4), 0, 0]


def test_themes_that_are_hardly_two():
    texts = ["قمة ومحادثات"] * 8 + ["محادثات"] * 2
    assert ("a", "overlap") in kinds(report({"a": ["قمة"], "b": ["محادثات"]}, texts))
    assert ("a", "overlap") not in kinds(report({"a": ["قمة"], "b": ["محادثات"]}, ["قمة", "محادثات"] * 8))


def test_a_seed_inside_a_longer_one_occurs():
    found = report({"a": ["عقوبات", "لجنة العقوبات"]}, ["لجنة العقوبات"])
    assert [seed[2] for seed in found.seeds] == [1, 1]


def test_of_doubled_seeds_the_first_stands_for_all():
    found = report({"a": ["عقوبة", "العقوبات"]}, ["عقوبات جديدة"])
    assert found.seeds == (("a", "عقوبة", 1, 1),)
