"""The ways to classes: floors, each of our views, what people use, and our classifier that chooses by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from research.classifiers.classifier import TextClassifier
from research.classifiers.prototypes import PrototypeClassifier
from research.classifiers.ridge import Candidate, Mix
from research.features.encoders import ENCODERS, is_installed
from research.messages import Message, message, word

OURS, MAJORITY = word("research (default)"), word("majority (floor)")
BAYES, SVM = word("naive Bayes (floor)"), word("TF-IDF, linear SVM")
PROTOTYPES, ALL = word("meaning, nearest prototype"), word("words + characters + meaning")
SHUFFLED = word("words + characters + meaning, labels shuffled")
PENALTY = 0.5  # of the ways that do not choose


@dataclass(frozen=True, eq=False)
class Given:
    """What a way learns from."""

    texts: list[str]
    labels: list[str]
    groups: list[int]
    sources: list[str] | None  # where outlets are held out
    encoder: str
    seed: int


class Model(Protocol):
    """What a way gives."""

    def predict(self, texts: Any) -> Any:
        """Give every text a class."""
        ...


def majority(given: Given) -> Model:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="most_frequent").fit(given.texts, given.labels)  # type: ignore[no-any-return]


def bayes(given: Given) -> Model:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(CountVectorizer(), MultinomialNB()).fit(given.texts, given.labels)  # type: ignore[no-any-return]


def svm(given: Given) -> Model:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    head = LinearSVC(C=1.0, random_state=given.seed)
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), head).fit(given.texts, given.labels)  # type: ignore[no-any-return]


def prototypes(given: Given) -> Model:
    return PrototypeClassifier(encoder=given.encoder).fit(given.texts, given.labels)


def ridge(mix: Mix) -> Callable[[Given], Model]:
    """Give our classifier with nothing to choose."""

    def learned(given: Given) -> Model:
        encoder = given.encoder if mix.meaning else None
        model = TextClassifier(encoder=encoder, candidate=Candidate(mix, PENALTY))
        return model.fit(given.texts, given.labels, groups=given.groups, sources=given.sources)

    return learned


def ours(given: Given) -> Model:
    return TextClassifier(encoder=given.encoder).fit(given.texts, given.labels, groups=given.groups, sources=given.sources)


WAYS: dict[str, Callable[[Given], Model]] = {
    MAJORITY: majority,
    BAYES: bayes,
    "words": ridge(Mix(words=1.0)),
    "words + characters": ridge(Mix(words=0.5, characters=0.5)),
    PROTOTYPES: prototypes,
    "meaning": ridge(Mix(meaning=1.0)),
    ALL: ridge(Mix(words=0.25, characters=0.25, meaning=0.5)),
    SVM: svm,
    OURS: ours,
}
SEES_MEANING = (PROTOTYPES, "meaning", ALL, OURS)
FIXED = tuple(way for way in WAYS if way not in {MAJORITY, BAYES, SVM, OURS})


def named(way: str, encoder: str, encoders: Sequence[str]) -> Message:
    """Name a way on the page: with its encoder where there are several."""
    if len(encoders) > 1 and way in SEES_MEANING:
        return message("{way}, {encoder}", way=word(way), encoder=encoder)
    return word(way)


def lacking(encoder: str) -> str:
    """Name the package that an encoder lacks; empty where it is here."""
    return ENCODERS[encoder][2] if encoder in ENCODERS and not is_installed(encoder) else ""
