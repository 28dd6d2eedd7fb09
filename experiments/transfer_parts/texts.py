"""Labelled texts of two languages, and which of them are learned from and tested: never a text and its translation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from classification_parts import labelled_articles, labelled_lines

import research
from research.classifiers.splits import by_group, join_duplicates
from research.errors import DataError
from research.messages import message
from research.runs import project_path
from research.text.script import script_of

Codes = npt.NDArray[np.intp]

SCRIPTS = ("latin", "arabic")  # of the languages of one corpus, in their order


@dataclass(frozen=True)
class Text:
    """A labelled text; articles of one name are one article, in whatever language."""

    text: str
    label: str
    article: str
    language: str


@dataclass(frozen=True, eq=False)
class Material:
    """The texts that count.

    Attributes
    ----------
    texts, labels, articles, tongues : list of str
        Text, class, article and language of each.
    languages : tuple of str
        The two.
    groups : list of int
        The article of each; articles that are copies or translations of one another are one.
    copies : int
        Texts that have a near copy in another article.
    classes : list of str
        Ascending.
    left_out : dict of str to tuple of int
        The classes that are too rare in one of the languages, and how many texts each language has of them.
    unpaired : int
        Texts that were left out because the other language lacks their id.
    """

    texts: list[str]
    labels: list[str]
    articles: list[str]
    tongues: list[str]
    languages: tuple[str, ...]
    groups: list[int]
    copies: int
    classes: list[str]
    left_out: dict[str, tuple[int, ...]]
    unpaired: int

    @property
    def codes(self) -> Codes:
        """The class of every text by its number."""
        at = {name: number for number, name in enumerate(self.classes)}
        return np.array([at[label] for label in self.labels], dtype=np.intp)

    def rows(self, language: str) -> Codes:
        """The texts of a language."""
        return np.flatnonzero(np.array(self.tongues) == language)


@dataclass(frozen=True, eq=False)
class Part:
    """What is tested together, and what is learned from for that, in each language.

    Attributes
    ----------
    test, train : mapping of str to ndarray of int
        The tested texts, and all texts of other articles.
    drawn : mapping of str to ndarray of int
        Those of ``train`` that are learned from when both languages shall have equally many labels of every class.
    """

    name: str
    test: Mapping[str, Codes]
    train: Mapping[str, Codes]
    drawn: Mapping[str, Codes]


def material_of(chosen: Mapping[str, Any]) -> Material:
    corpora, languages = tuple(chosen["corpora"]), tuple(chosen["languages"])
    names = ("labels", "codebook", "same_ids", "fewest", "most")
    return material(corpora, languages, *(chosen[name] for name in names))


@lru_cache(maxsize=2)
def material(
    corpora: tuple[str, ...], languages: tuple[str, ...], labels: str, codebook: str, same_ids: bool, fewest: int, most: int
) -> Material:
    found = _read(corpora, languages, labels, codebook, same_ids)
    whole = len(found)
    if same_ids:
        names = [{one.article for one in found if one.language == language} for language in languages]
        found = [one for one in found if all(one.article in known for known in names)]
    unpaired = whole - len(found)
    counts = Counter((one.language, one.label) for one in found)
    classes = sorted({one.label for one in found})
    rare = {
        name: tuple(counts[language, name] for language in languages)
        for name in classes
        if min(counts[language, name] for language in languages) < fewest
    }
    found = [one for one in found if one.label not in rare]
    classes = [name for name in classes if name not in rare]
    if len(classes) < 2:
        raise DataError(
            f"there are no two classes with {fewest} texts in {languages[0]} and in {languages[1]}",
            where=", ".join(corpora),
            remedy="lower fewest, or give more labels",
        )
    if most:
        found = [one for language in languages for one in _few([one for one in found if one.language == language], most)]
    texts, articles = [one.text for one in found], [one.article for one in found]
    groups, copies = join_duplicates(texts, articles)
    tongues = [one.language for one in found]
    return Material(texts, [one.label for one in found], articles, tongues, languages, groups, copies, classes, rare, unpaired)


def _read(corpora: tuple[str, ...], languages: tuple[str, ...], labels: str, codebook: str, same_ids: bool) -> list[Text]:
    """Read the texts, the first language first."""
    loaded = [research.load(project_path(corpus)) for corpus in corpora]
    found = []
    for at, corpus in enumerate(loaded):
        for text, label, article in labelled_lines(corpus, labels, codebook) if labels else labelled_articles(corpus):
            script = script_of(text) if len(loaded) == 1 else SCRIPTS[at]
            if script in SCRIPTS:
                language = languages[SCRIPTS.index(script)]
                found.append(Text(text, label, article if same_ids else f"{language}: {article}", language))
    return sorted(found, key=lambda one: languages.index(one.language))


def _few(found: list[Text], most: int) -> list[Text]:
    """Draw articles until there are so many texts; from the same names the same articles are drawn."""
    rank = _ranks([one.article for one in found], seed=0)
    kept = sorted(range(len(found)), key=lambda at: (rank[found[at].article], at))[:most]
    return [found[at] for at in sorted(kept)]


def _ranks(articles: list[Any], seed: int | list[int]) -> dict[Any, int]:
    """Give the articles places in a random order."""
    names = sorted(set(articles))
    places = np.random.default_rng(seed).permutation(len(names))
    return {name: int(place) for name, place in zip(names, places, strict=True)}


def parts_of(seen: Material, folds: int, seed: int) -> list[Part]:
    """Divide the articles of both languages into parts, classes and languages as even as the articles allow."""
    kinds = list(zip(seen.tongues, seen.labels, strict=True))
    owner = {language: seen.rows(language) for language in seen.languages}
    found = []
    for number, split in enumerate(by_group(kinds, seen.groups, folds=folds, seed=seed)):
        test = {language: np.intersect1d(rows, split.test) for language, rows in owner.items()}
        train = {language: np.intersect1d(rows, split.train) for language, rows in owner.items()}
        name = message("draw {seed}, fold {fold}", seed=seed, fold=number)
        found.append(Part(name, test, train, drawn_of(seen, train, [seed, number])))
    return found


def drawn_of(seen: Material, train: Mapping[str, Codes], seed: list[int]) -> dict[str, Codes]:
    """Draw equally many texts of every class in both languages, article by article.

    Texts of one article resemble each other: single ones of many articles would teach more than as many of few.
    """
    codes, found = seen.codes, {}
    counts = np.array([np.bincount(codes[rows], minlength=len(seen.classes)) for rows in train.values()])
    for language, rows in train.items():
        rank = _ranks([seen.groups[row] for row in rows], seed)
        ordered = np.array(sorted(rows, key=lambda row: (rank[seen.groups[row]], row)), dtype=np.intp)
        kept = [ordered[codes[ordered] == label][:most] for label, most in enumerate(counts.min(axis=0))]
        found[language] = np.sort(np.concatenate(kept))
    return found
