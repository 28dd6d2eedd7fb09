"""Whether our topics are better than those of others: discovery and its rivals on the same texts, embeddings and draws."""

from __future__ import annotations

import importlib.util
import io
import json
import math
import sys
import tempfile
import time
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import research
from research.corpus.documents import Corpus
from research.corpus.labels import load_labels
from research.discovery import LATENT, find_topics
from research.errors import ConfigError, DataError
from research.evaluate import (
    Effect,
    Halves,
    Undefined,
    agreement,
    count_cooccurrence,
    deal_words,
    diversity,
    mean_defined,
    npmi,
    over_halves,
    partition_stability,
    shuffled,
    step_effects,
)
from research.features import EmbeddingStore, embed, get_encoder, window_means
from research.report import Page
from research.report.figures import bars_with_intervals
from research.report.headlines import add_headlines
from research.report.style import figure_style
from research.report.tables import write_csv
from research.runs import Cell, Headline, Measured, Outcome, Run, project_path, require, timed_process
from research.runs.records import interval
from research.text import ArabicAnalyzer, normalize
from research.text.lexicon import STOP_WORD_GROUPS, stop_words
from research.text.tokens import words

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]
Values = Mapping[str, Mapping[str, Sequence[float]]]  # way -> metric -> one a draw

OURS, DEALT, SHUFFLED = "research", "words dealt anew (control)", "sections shuffled (control)"
DEFAULTS = "BERTopic defaults"
WORDS = 10  # a topic, that are scored
KEPT = 0.9  # share of the articles in the resample that stability is measured on
TESTED = ("AMI", "ARI", "NPMI", "stability")
SECONDS, MEMORY = "seconds", "peak memory (MB)"
# One thread a process: threads of two fits would spin against each other, and what UMAP gives would depend on their number.
ALONE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS", "RESEARCH_CORES"), "1"
)  # fmt: skip


# -- the ways to topics ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Given:
    """What every way is given; terms are made when a way first asks for them, so that they are part of its time."""

    texts: list[str]
    embeddings: Matrix
    n_topics: int  # the known number of classes; only the ways of `KNOWN` look at it
    seed: int
    encoder: str = "use"

    @cached_property
    def terms(self) -> list[list[str]]:
        """Our terms of each text in their commonest surface form, blanks in a term written as an underscore."""
        analyzer = ArabicAnalyzer()
        return [[analyzer.surface(term).replace(" ", "_") for term in row] for row in analyzer.fit_transform(self.texts)]

    @property
    def joined(self) -> list[str]:
        return [" ".join(row) for row in self.terms]


@dataclass(frozen=True, eq=False)
class Found:
    """A topic for each text, -1 where it was left out, and the first words of each topic."""

    labels: Labels
    words: list[list[str]]


def ours(given: Given) -> Found:
    found = find_topics(given.texts, given.embeddings, latent=LATENT, seed=given.seed)
    return Found(found.labels, [found.keywords(topic, WORDS) for topic in range(len(found.words))])


def bertopic_defaults(given: Given) -> Found:
    return _bertopic(given.texts, given)


def bertopic_terms(given: Given) -> Found:
    return _bertopic(given.joined, given)


def bertopic_kmeans(given: Given) -> Found:
    from sklearn.cluster import KMeans

    return _bertopic(given.joined, given, hdbscan_model=KMeans(given.n_topics, random_state=given.seed))


def _bertopic(texts: list[str], given: Given, **parts: Any) -> Found:
    from bertopic import BERTopic

    model = BERTopic(language="multilingual", **parts)
    labels = np.asarray(model.fit_transform(texts, given.embeddings)[0], dtype=np.int64)
    # Where there are fewer words it fills up with empty ones.
    return Found(
        labels, [[word for word, _ in model.get_topic(topic)][:WORDS] for topic in sorted(set(labels.tolist()) - {-1})]
    )


def nmf(given: Given) -> Found:
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = _vectorizer(TfidfVectorizer, given)
    matrix = vectorizer.fit_transform(given.terms)
    model = NMF(given.n_topics, init="nndsvda", random_state=given.seed, max_iter=500)
    return _mixed(model.fit_transform(matrix), model.components_, vectorizer.get_feature_names_out())


def lda(given: Given) -> Found:
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = _vectorizer(CountVectorizer, given)
    matrix = vectorizer.fit_transform(given.terms)
    model = LatentDirichletAllocation(given.n_topics, random_state=given.seed, max_iter=20)
    return _mixed(model.fit_transform(matrix), model.components_, vectorizer.get_feature_names_out())


def kmeans(given: Given) -> Found:
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import normalize as unit_length

    model = KMeans(given.n_topics, n_init=10, random_state=given.seed)
    labels = model.fit_predict(unit_length(given.embeddings)).astype(np.int64)
    return Found(labels, class_words(given.terms, labels))


def keynmf(given: Given) -> Found:
    from turftopic import KeyNMF

    return _turftopic(KeyNMF, given)


def s3(given: Given) -> Found:
    from turftopic import SemanticSignalSeparation

    return _turftopic(SemanticSignalSeparation, given)


def topica_bertopic(given: Given) -> Found:
    import topica

    model = topica.BERTopic(seed=given.seed).fit(given.terms, given.embeddings.astype(np.float64))
    return Found(np.asarray(model.labels, dtype=np.int64), [list(row) for row in model.top_words(WORDS)])


class _Coder:
    """Our encoder as turftopic wants one."""

    def __init__(self, name: str) -> None:
        self.encoder = get_encoder(name)

    def encode(self, sentences: Any) -> Matrix:
        return embed([str(text).replace("_", " ") for text in sentences], self.encoder)


def _turftopic(kind: Any, given: Given) -> Found:
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=str.split, min_df=2)
    model = kind(given.n_topics, encoder=_Coder(given.encoder), vectorizer=vectorizer, random_state=given.seed)
    weights = model.fit_transform(given.joined, embeddings=given.embeddings)
    return _mixed(np.asarray(weights), np.asarray(model.components_), model.get_vocab())


def _vectorizer(kind: Any, given: Given) -> Any:
    common = 0.5 if len(given.texts) >= 20 else 1.0
    return kind(analyzer=list, min_df=2, max_df=common)


def _mixed(weights: npt.NDArray[Any], components: npt.NDArray[Any], vocabulary: Sequence[str]) -> Found:
    """Give each text its strongest topic; one in which no topic has any weight is left out."""
    labels = np.where((weights > 0).any(axis=1), weights.argmax(axis=1), -1).astype(np.int64)
    best = np.argsort(-components, axis=1, kind="stable")[:, :WORDS]
    return Found(
        labels, [[str(vocabulary[at]) for at in row if line[at] > 0] for line, row in zip(components, best, strict=True)]
    )


def class_words(terms: Sequence[Sequence[str]], labels: Labels) -> list[list[str]]:
    """Give the first words of clusters by class-based TF-IDF: frequency in the cluster by log(1 + A / frequency in all).

    A is the mean number of words a cluster: Grootendorst, M. (2022). BERTopic.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=list)
    counts = vectorizer.fit_transform(terms)
    by_class = np.vstack([np.asarray(counts[labels == topic].sum(axis=0)) for topic in range(labels.max() + 1)])
    lengths, overall = by_class.sum(axis=1, keepdims=True), by_class.sum(axis=0)
    scores = by_class / np.maximum(lengths, 1) * np.log(1 + lengths.mean() / overall)
    return _mixed(np.zeros((0, len(scores))), scores, vectorizer.get_feature_names_out()).words


WAYS: dict[str, Callable[[Given], Found]] = {
    OURS: ours,
    DEFAULTS: bertopic_defaults,
    "BERTopic, our terms": bertopic_terms,
    "BERTopic, our terms, k-means": bertopic_kmeans,
    "NMF": nmf,
    "LDA": lda,
    "k-means": kmeans,
    "KeyNMF": keynmf,
    "S3": s3,
    "topica BERTopic": topica_bertopic,
}
KNOWN = ("BERTopic, our terms, k-means", "NMF", "LDA", "k-means", "KeyNMF", "S3")
UMAP = (DEFAULTS, "BERTopic, our terms", "BERTopic, our terms, k-means")
NEEDS = {"KeyNMF": "turftopic", "S3": "turftopic", "topica BERTopic": "topica"}  # outside the default installation


def lacking(way: str) -> str:
    """Name the package that a way lacks; empty where it has all it needs."""
    package = NEEDS.get(way, "")
    return package if package and importlib.util.find_spec(package) is None else ""


# -- one fit --------------------------------------------------------------------------------------------------------------


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Let a way that takes no seed give the same twice, and print nothing: BERTopic's defaults draw from numpy's own generator."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the libraries warn of settings that are theirs
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


@contextmanager
def one_numba_thread() -> Iterator[None]:
    """Keep UMAP to one thread: what it gives without a seed of its own depends on which thread is first."""
    import numba

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(threads)


def fit(way: str, given: Given) -> Found:
    with repeatable(given.seed), one_numba_thread() if way in UMAP else nullcontext():
        return WAYS[way](given)


def fit_alone(way: str, given: Given) -> tuple[float, float]:
    """Fit a way in a process of its own, and give its seconds and its peak memory in MB.

    Raises
    ------
    RuntimeError
        With what the process said when it failed.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        np.save(folder / "embeddings.npy", given.embeddings)
        task = {"texts": given.texts, "n_topics": given.n_topics, "seed": given.seed, "encoder": given.encoder}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        alone = ["env", *(f"{name}={value}" for name, value in ALONE.items())]
        # The operating system's peak: a process that asks for its own would be told that of its parent, where this was higher.
        _, megabytes = timed_process([*alone, sys.executable, str(Path(__file__).resolve()), way, str(folder)])
        seconds = float((folder / "seconds.txt").read_text(encoding="utf-8"))
    return seconds, megabytes


def work(way: str, folder: Path) -> None:
    """Be that process: time what a user waits for, without the start of Python and the reading of the texts."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    given = Given(embeddings=np.load(folder / "embeddings.npy"), **task)
    start = time.perf_counter()
    fit(way, given)
    (folder / "seconds.txt").write_text(repr(time.perf_counter() - start), encoding="utf-8")


# -- the texts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Config:
    corpus: str = "seeds/articles"
    name: str = ""  # for the report; the file's without its suffix when not given
    labels: str = "seeds/labels.csv"  # of lines; empty: the articles' own sections
    codebook: str = "seeds/themes.toml"
    unit: str = "passage"
    pool: int = 0  # at most so many articles in all, drawn at random; 0: all
    articles: int = 0  # in a draw; half of the pool where it is 0 or not fewer than the pool
    encoder: str = "use"
    draws: int = 5
    seed: int = 0
    ways: tuple[str, ...] = tuple(WAYS)

    def __post_init__(self) -> None:
        require(self, pool=0, articles=0, draws=2)
        unknown = [way for way in self.ways if way not in WAYS]
        if unknown or OURS not in self.ways:
            told = f"unknown way {unknown[0]!r}" if unknown else f"{OURS} is not among the ways"
            raise ConfigError(told, where="ways", remedy=f"ways are {'; '.join(WAYS)}")
        if self.unit not in {"passage", "document"}:
            raise ConfigError(f"unknown unit {self.unit!r}", where="unit", remedy="units are passage, document")
        if self.labels and self.unit != "passage":
            raise ConfigError("labels of lines are of passages", where="unit", remedy="give passage, or leave labels empty")

    def quick(self) -> Config:
        few = tuple(way for way in (OURS, "NMF", "k-means") if way in self.ways)  # BERTopic compiles for half a minute
        return replace(self, draws=2, ways=few)


@dataclass(frozen=True, eq=False)
class Material:
    """The texts of all articles, and their passages as words to count."""

    texts: list[str]
    of: list[str]  # the article of each text
    classes: npt.NDArray[np.object_]  # None where a text is not scored
    tokens: list[tuple[str, list[str]]]  # of each passage, with its article
    articles: list[str]


@dataclass(frozen=True, eq=False)
class Draw:
    """The articles of one draw, as rows of the texts, and the passages of the others."""

    rows: npt.NDArray[np.intp]
    held_out: list[list[str]]


@lru_cache(maxsize=2)
def material(corpus: str, labels: str, codebook: str, unit: str, pool: int, seed: int, dealt: bool) -> Material:
    loaded = research.load(project_path(corpus))
    themes = _themes(loaded, labels, codebook) if labels else {}
    if pool and len(loaded.usable) > pool:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(loaded.usable))[:pool])
        loaded = Corpus(loaded.name, tuple(loaded.usable[at] for at in chosen))
    passages = research.clean(loaded).passages
    tokens = [(passage.document, words(normalize(passage.text))) for passage in passages]
    if unit == "passage":
        texts, of = [passage.text for passage in passages], [passage.document for passage in passages]
        classes = [_class_at(themes.get(passage.document, []), passage.start) for passage in passages] if labels else None
    else:
        parts: dict[str, list[str]] = {}
        for passage in passages:
            parts.setdefault(passage.document, []).append(passage.text)
        texts, of, classes = ["\n".join(lines) for lines in parts.values()], list(parts), None
    if classes is None:
        classes = [loaded[id].label or None for id in of]
    if dealt:
        texts = [" ".join(text) for text in deal_words([text.split() for text in texts], seed=seed)]
    return Material(texts, of, np.array(classes, dtype=object), tokens, sorted(set(of)))


def _class_at(lines: Sequence[tuple[int, int, str]], start: int) -> str | None:
    return next((theme for begin, end, theme in lines if begin <= start < end), None)


def _themes(corpus: Corpus, labels: str, codebook: str) -> dict[str, list[tuple[int, int, str]]]:
    """Lines that speak of exactly one theme, both readers agreeing."""
    names = list(tomllib.loads(project_path(codebook).read_text(encoding="utf-8"))["theme"])
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in load_labels(project_path(labels), corpus, names):
        if len(line.themes) == 1 and not line.disputed:
            found.setdefault(line.document, []).append((line.start, line.end, next(iter(line.themes))))
    return found


def _material(chosen: Mapping[str, Any], *, dealt: bool = False) -> Material:
    return material(*(chosen[name] for name in ("corpus", "labels", "codebook", "unit", "pool", "seed")), dealt)


def in_a_draw(articles: int, pool: int) -> int:
    """Say how many articles a draw has: something must be left to count words in."""
    if pool < 2:
        raise ConfigError(f"{pool} articles cannot be drawn from", where="corpus", remedy="give two at least")
    return articles if 0 < articles < pool else pool // 2


def draw(seen: Material, number: int, chosen: Mapping[str, Any]) -> Draw:
    size = in_a_draw(chosen["articles"], len(seen.articles))
    order = np.random.default_rng([chosen["seed"], number]).permutation(len(seen.articles))
    inside = {seen.articles[at] for at in order[:size]}
    rows = np.array([row for row, article in enumerate(seen.of) if article in inside], dtype=np.intp)
    return Draw(rows, [tokens for article, tokens in seen.tokens if article not in inside])


def vectors(texts: list[str], chosen: Mapping[str, Any]) -> Matrix:
    coder = get_encoder(chosen["encoder"])
    store = EmbeddingStore.of(coder)
    return (embed if chosen["unit"] == "passage" else window_means)(texts, coder, store)


# -- one cell -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Task:
    """What a way is given in one draw, and what its topics are scored with."""

    given: Given
    at: list[int]  # the row of every text among the different ones
    articles: list[str]  # of the different ones
    classes: npt.NDArray[np.object_]  # of every text
    held_out: list[list[str]]


def task(chosen: Mapping[str, Any], number: int, *, dealt: bool) -> Task:
    seen = _material(chosen, dealt=dealt)
    drawn = draw(seen, number, chosen)
    # Equal texts are given once, in an order of their own; every one of them is scored.
    texts = sorted({seen.texts[row] for row in drawn.rows})
    at = {text: place for place, text in enumerate(texts)}
    article = {seen.texts[row]: seen.of[row] for row in drawn.rows[::-1]}
    classes = seen.classes[drawn.rows]
    n_topics = len({name for name in classes if name is not None})
    given = Given(texts, vectors(texts, chosen), n_topics, chosen["seed"] + number, chosen["encoder"])
    return Task(given, [at[seen.texts[row]] for row in drawn.rows], [article[text] for text in texts], classes, drawn.held_out)


def measure(cell: Cell) -> Measured:
    """Score the topics of one way on one draw, or, in a cell without a draw, what they cost on the first."""
    chosen, way = cell.settings, OURS if cell.model == DEALT else cell.model
    todo = task(chosen, cell.fold or 0, dealt=cell.model == DEALT)
    if cell.fold is None:
        return Measured(dict(zip((SECONDS, MEMORY), fit_alone(way, todo.given), strict=True)))
    found = fit(way, todo.given)
    labels = found.labels[todo.at]
    metrics = {
        **class_scores(todo.classes, labels),
        "coverage": float((labels >= 0).mean()),
        **word_scores(found.words, todo.held_out),
        **stability_scores(way, todo, found.labels),
        "topics": float(len(set(labels.tolist()) - {-1})),
    }
    dealt_classes = np.array(shuffled(todo.classes.tolist(), seed=todo.given.seed), dtype=object)
    return Measured(metrics, {"words": largest(found), "shuffled": class_scores(dealt_classes, labels)})


def class_scores(classes: npt.NDArray[np.object_], labels: Labels) -> dict[str, float]:
    """Hold topics against the classes of the texts that have one."""
    known = np.array([name is not None for name in classes], dtype=bool)
    found = agreement(classes[known].tolist(), labels[known].tolist())
    return {"AMI": found.ami, "ARI": found.ari}


def largest(found: Found, topics: int = 5, most: int = 6) -> list[list[str]]:
    """Give the first words of the largest topics."""
    sizes = np.bincount(found.labels[found.labels >= 0], minlength=len(found.words))[: len(found.words)]
    return [found.words[topic][:most] for topic in np.argsort(-sizes, kind="stable")[:topics]]


def word_scores(topics: Sequence[Sequence[str]], held_out: list[list[str]]) -> dict[str, float]:
    """Score words of topics in the one vocabulary that all ways are scored in: single written words, folded."""
    written = [
        list(dict.fromkeys(part for word in topic for part in words(normalize(word.replace("_", " ")))))[:WORDS]
        for topic in topics
    ]
    counts = count_cooccurrence(held_out, {word for topic in written for word in topic})
    said, common = [word for topic in written for word in topic], stop_words(STOP_WORD_GROUPS)
    return {
        "NPMI": mean_defined(npmi(written, counts), "topic"),
        "diversity": diversity(written),
        "words a topic": mean_defined([float(len(topic)) for topic in written], "topic"),
        "stop words": sum(word in common for word in said) / len(said) if said else Undefined("no topic has a word"),
    }


def stability_scores(way: str, todo: Task, labels: Labels) -> dict[str, float]:
    """Fit again with other seeds: all texts in another order, and those of nine articles in ten."""
    given, found = todo.given, []
    for number, rows in enumerate(other_rows(todo.articles, given.seed), 1):
        texts, seed = [given.texts[row] for row in rows], given.seed + 1000 * number
        other = fit(way, replace(given, texts=texts, embeddings=given.embeddings[rows], seed=seed)).labels
        found.append(alike(labels, other, rows))
    return {"stability": sum(found) / 2, "stability over seeds": found[0], "stability over samples": found[1]}


def other_rows(articles: Sequence[str], seed: int) -> list[npt.NDArray[np.intp]]:
    """Give all rows in another order, and the rows of nine articles in ten."""
    rng = np.random.default_rng([seed, 1])
    names = sorted(set(articles))
    kept = {names[at] for at in rng.permutation(len(names))[: math.ceil(KEPT * len(names))]}
    sample = [row for row, article in enumerate(articles) if article in kept]
    return [rng.permutation(len(articles)), rng.permutation(np.array(sample, dtype=np.intp))]


def alike(labels: Labels, other: Labels, rows: npt.NDArray[np.intp]) -> float:
    """Compare a partition with another one of some of its rows; what is left out is one more cluster in both."""
    placed = np.full(len(labels), -1)
    placed[rows] = _whole(other)
    return partition_stability([_whole(labels), placed])


def _whole(labels: Labels) -> Labels:
    return np.where(labels < 0, labels.max(initial=-1) + 1, labels)


# -- over the draws -------------------------------------------------------------------------------------------------------


def widened(values: Sequence[float], drawn: int, pool: int) -> list[float]:
    """Move values over draws apart so far that their deviation is the standard error of their mean for other articles.

    Draws share articles, and their deviation alone would be too small: the delete-d jackknife multiplies the variance by
    (articles kept / articles left out), and the mean of k draws adds 1 / k to that.
    """
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return list(values)
    mean = math.fsum(defined) / len(defined)
    factor = math.sqrt(drawn / (pool - drawn) + 1 / len(defined))
    return [value if math.isnan(value) else mean + factor * (value - mean) for value in values]


def over_draws(values: Sequence[float], drawn: int, pool: int) -> Halves:
    return over_halves(widened(values, drawn, pool))


def effects(values: Values, drawn: int, pool: int) -> list[Effect]:
    """Compare our way with each other one, draw by draw; p-values adjusted over all comparisons."""
    if OURS not in values:
        return []
    others = {
        f"{OURS} instead of {way}": {
            metric: widened(differences(metrics[metric], values[OURS][metric]), drawn, pool) for metric in TESTED
        }
        for way, metrics in values.items()
        if way not in {OURS, DEALT, SHUFFLED}
    }
    # The differences are taken, and widened, already: on our side there is nothing left to subtract from.
    nothing = {metric: [0.0] * len(values[OURS][metric]) for metric in TESTED}
    return step_effects(nothing, others)


def differences(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Subtract draw by draw; an undefined value keeps its reason."""
    return [next((x for x in pair if math.isnan(x)), pair[0] - pair[1]) for pair in zip(ones, others, strict=True)]


def by_way(outcomes: Sequence[Outcome], draws: int) -> dict[str, dict[str, list[float]]]:
    """Give every way's scores, one a draw, and those of our topics against shuffled classes; a way that failed on all has none."""
    found: dict[str, dict[str, list[float]]] = {}
    for outcome in outcomes:
        if outcome.cell.fold is None or not outcome.ok:
            continue
        parts = {
            outcome.cell.model: outcome.metrics,
            **({SHUFFLED: outcome.data["shuffled"]} if outcome.cell.model == OURS else {}),
        }
        for way, metrics in parts.items():
            for metric, value in metrics.items():
                row = found.setdefault(way, {}).setdefault(metric, [Undefined("failed on this draw")] * draws)
                row[outcome.cell.fold] = value
    # The controls come last.
    return {way: found[way] for way in sorted(found, key=[*WAYS, DEALT, SHUFFLED].index)}


def prepare(settings: Mapping[str, Any], draws: int) -> int:
    """Embed all texts that will be drawn, over all cores; give the number of articles."""
    for dealt in (False, True):
        seen = _material(settings, dealt=dealt)
        if len({name for name in seen.classes if name is not None}) < 2:
            raise DataError("there are no two classes to hold topics against", where=settings["corpus"], remedy="give labels")
        rows = np.unique(np.concatenate([draw(seen, number, settings).rows for number in range(draws)]))
        vectors([seen.texts[row] for row in rows], settings)
    return len(seen.articles)


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.exists():
        raise ConfigError("the corpus is not here", where=path.name, remedy="reference data stand beside the project")
    run.used(path, *(project_path(file) for file in (config.labels, config.codebook) if config.labels))
    run.used_encoder(get_encoder(config.encoder))
    run.varies(SECONDS, MEMORY)
    settings = {key: value for key, value in asdict(config).items() if key not in {"name", "draws", "ways"}}
    name = config.name or path.name.partition(".")[0]
    pool = prepare(settings, config.draws)
    there = [way for way in config.ways if not lacking(way)]
    cells = [Cell(way, name, fold=number, settings=settings) for way in [*there, DEALT] for number in range(config.draws)]
    cells += [Cell(way, name, settings=settings) for way in there]
    outcomes = run.sweep(measure, cells, label="ways and draws")
    values = by_way(outcomes, config.draws)
    report = Report(name, in_a_draw(config.articles, pool), pool, values, outcomes)
    _record(config, run, report)
    _headlines(config, run, report)
    _page(config, run, report).write(run.folder / "report.html")


def _record(config: Config, run: Run, report: Report) -> None:
    """Record what the sweep does not: ways that are not there, the shuffled control, means and differences."""
    name = report.name
    for way in config.ways:
        if lacking(way):
            run.record(way, name, "all", math.nan, status=f"not installed: {lacking(way)}")
    for metric, row in report.values.get(SHUFFLED, {}).items():
        for number, value in enumerate(row):
            run.record(SHUFFLED, name, metric, value, fold=number)
    for way, metrics in report.summary.items():
        for metric, found in metrics.items():
            run.record(way, name, metric, found.mean, low=found.low, high=found.high)
    for effect in report.effects:
        found = effect.halves
        run.record(f"effect: {effect.step}", name, effect.metric, found.mean, low=found.low, high=found.high)


# -- the report -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Report:
    """What there is to report: draws of so many articles out of so many, and every way's scores on them."""

    name: str
    drawn: int
    pool: int
    values: Values
    outcomes: Sequence[Outcome]

    @cached_property
    def summary(self) -> dict[str, dict[str, Halves]]:
        return {
            way: {metric: over_draws(row, self.drawn, self.pool) for metric, row in metrics.items()}
            for way, metrics in self.values.items()
        }

    @cached_property
    def effects(self) -> list[Effect]:
        return effects(self.values, self.drawn, self.pool)


def _headlines(config: Config, run: Run, report: Report) -> None:
    summary, name = report.summary, report.name
    against = "the theme on which two language models agree" if config.labels else "the articles' sections"
    told = {
        "AMI": f"Topics agree with {against} ({name})",
        "NPMI": f"Words of a topic belong together in articles that it was not made from ({name})",
        "stability": f"Topics come back with another seed, another order and other articles ({name})",
    }
    if OURS not in summary:
        return
    for metric, what in told.items():
        mine = summary[OURS][metric]
        controls = [SHUFFLED, DEALT, DEFAULTS] if metric == "AMI" else [DEALT, DEFAULTS]
        for other in controls:
            if metric in summary.get(other, {}):
                held = summary[other][metric]
                control = other.removesuffix(" (control)")
                run.headline(
                    Headline(what, OURS, metric, mine.mean, mine.low, mine.high, control, held.mean, held.low, held.high)
                )


def scores_table(report: Report) -> pd.DataFrame:
    """One row a way and metric: mean over the draws, its interval, on how many draws it is defined."""
    rows = [
        (way, way in KNOWN, metric, found.mean, found.low, found.high, found.draws)
        for way, metrics in report.summary.items()
        for metric, found in metrics.items()
    ]
    return pd.DataFrame(rows, columns=["way", "number of topics given", "metric", "value", "low", "high", "draws"])


def effects_table(compared: Sequence[Effect]) -> pd.DataFrame:
    return pd.DataFrame(
        [(e.step, e.metric, e.halves.mean, e.halves.low, e.halves.high, e.p, e.detectable, e.sentence()) for e in compared],
        columns=["comparison", "metric", "difference", "low", "high", "p", "detectable", "sentence"],
    )


def costs_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Seconds and memory of every way."""
    costs = [outcome for outcome in outcomes if outcome.cell.fold is None and outcome.ok]
    rows = [(outcome.cell.model, outcome.metrics[SECONDS], outcome.metrics[MEMORY]) for outcome in costs]
    return pd.DataFrame(rows, columns=["way", SECONDS, MEMORY])


def missing_ways(run: Run, ways: Sequence[str]) -> list[str]:
    """Say which ways are missing, wholly or on some draws, and why."""
    told = [f"{way}: not installed ({lacking(way)})." for way in ways if lacking(way)]
    failed: dict[tuple[str, str], list[str]] = {}
    for outcome in run.missing:
        at = "time and memory" if outcome.cell.fold is None else f"draw {outcome.cell.fold}"
        failed.setdefault((outcome.cell.model, outcome.status), []).append(at)
    return told + [f"{way}, {', '.join(at)}: {why}." for (way, why), at in failed.items()]


def _page(config: Config, run: Run, report: Report) -> Page:
    page = Page(f"Our topics and those of other ways ({report.name})")
    write_csv(scores_table(report), run.folder / "scores.csv")
    write_csv(effects_table(report.effects), run.folder / "effects.csv")
    write_csv(costs_table(report.outcomes), run.folder / "costs.csv")
    page.paragraph(_summary(config, report))
    page.notes([effect.sentence() for effect in report.effects if effect.shown])
    page.section("Against controls and BERTopic's defaults")
    add_headlines(page, run.headlines)
    page.notes(missing_ways(run, config.ways))
    if report.values:
        _figure(page, run, config, report)
    page.table(
        _shown(report), "Means over the draws with 95 % intervals; (K) marks ways that are given the known number of classes."
    )
    page.table(
        pd.DataFrame(
            [(e.step, e.metric, e.shown_as(), "–" if math.isnan(e.p) else f"{e.p:.3f}", e.sentence()) for e in report.effects],
            columns=["comparison", "metric", "difference", "p", "what it allows to say"],
        ),
        "Ours less the other way on the same draws, with its interval (a single test); p after Holm; * shown after correction.",
    )
    page.table(
        costs_table(report.outcomes),
        "One fit on the first draw in a process of its own with one thread, from ready texts and embeddings to topics and words: "
        "what another library imports and compiles counts, the start of Python and of this package does not. Memory is the peak of the whole process.",
    )
    page.section("Words of the largest topics")
    page.table(_words_shown(report.outcomes), "First words of the five largest topics of the first draw; · is an empty word.")
    page.section("How this was done")
    page.paragraph(_method(config, report))
    return page


def _summary(config: Config, report: Report) -> str:
    shown = [effect for effect in report.effects if effect.shown]
    tested = [effect for effect in report.effects if effect.tested]
    told = [
        f"{config.draws} times {report.drawn:,} of {report.pool:,} articles were drawn ({report.name}), and every way formed "
        "topics of the same texts with the same embeddings."
    ]
    for metric in TESTED:
        means = {way: of[metric].mean for way, of in report.summary.items() if way in WAYS and not math.isnan(of[metric].mean)}
        if OURS in means:
            best = max(means, key=lambda way: means[way])
            other = "that is ours" if best == OURS else f"that of {_marked(best)}; ours is {means[OURS]:.2f}"
            told.append(f"The highest {metric} is {means[best]:.2f}, {other}.")
    told.append(
        f"Of {len(tested)} differences that could be tested, {len(shown) or 'none'} can be told from noise after correction for "
        "their number. The ways marked (K) are given the known number of classes, which favours them; the others find their own."
    )
    return " ".join(told)


def _marked(way: str) -> str:
    return f"{way} (K)" if way in KNOWN else way


def _shown(report: Report) -> pd.DataFrame:
    columns = [
        "topics",
        "coverage",
        *TESTED[:3],
        "diversity",
        "words a topic",
        "stability",
        "stability over seeds",
        "stability over samples",
    ]
    rows = []
    for way, metrics in report.summary.items():
        cells = [metrics.get(metric) for metric in columns]
        rows.append((_marked(way), *("–" if found is None else interval(found.mean, found.low, found.high) for found in cells)))
    return pd.DataFrame(rows, columns=["way", *columns])


def _words_shown(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    rows = [
        (outcome.cell.model, number, "، ".join(word or "·" for word in topic) or "–")
        for outcome in outcomes
        if outcome.ok and outcome.cell.fold == 0
        for number, topic in enumerate(outcome.data["words"], 1)
    ]
    return pd.DataFrame(rows, columns=["way", "topic by size", "words"])


def _figure(page: Page, run: Run, config: Config, report: Report) -> None:
    import matplotlib.pyplot as plt

    ways = list(report.summary)
    with figure_style():
        drawing, axes = plt.subplots(2, 2, figsize=(13, 0.72 * len(ways) + 1.6))
        for metric, ax in zip(TESTED, axes.flat, strict=True):
            rows = {way: report.summary[way][metric] for way in ways if metric in report.summary[way]}
            rows = {way: found for way, found in rows.items() if not math.isnan(found.mean)}
            # Of few draws the interval is wider than the metric can be.
            least = -1.0 if metric == "NPMI" else -0.2
            numbers = (
                [min(1.0, max(least, getattr(found, end))) for found in rows.values()] for end in ("mean", "low", "high")
            )
            xlabel = f"{metric} ({config.draws} draws of {report.drawn:,} articles, 95 % interval)"
            bars_with_intervals([_marked(way) for way in rows], *numbers, ax, xlabel=xlabel, title=metric)
            ax.locator_params(axis="x", nbins=6)
    page.figure(
        drawing,
        "ways",
        "Each way's mean over the draws with its interval, by metric; controls below. Intervals are cut at 1, and at -1 (NPMI) or -0.2.",
        run.folder,
    )


def _method(config: Config, report: Report) -> str:
    classes = (
        "the theme of passages that speak of exactly one, both readers agreeing; the others take part in forming topics and are not scored"
        if config.labels
        else "the articles' sections"
    )
    return (
        f"Every draw takes {report.drawn:,} of {report.pool:,} articles without repeats; equal texts are given once, and every way gets the same rows and "
        f"embeddings ({config.encoder}). AMI and ARI are over all scored texts, what a way leaves out as "
        f"one more cluster; classes are {classes}. Coverage is the share of all texts that have a topic. NPMI: of the first {WORDS} words of each topic as single folded written "
        "words, counted in the passages of articles that are not in the draw; topics that have no two of these words there are left out of the mean, so read it beside "
        "the number of words a topic; it rewards frequent words, stop words too, and counts words that never meet as -1. Stability: adjusted Rand index with the partition from another seed with the rows in another order, and with that of the texts of "
        f"nine articles in ten on the rows that both hold; the mean of the two. {DEFAULTS}: embeddings given, language multilingual, all else as it comes, its tokeniser too; "
        "'our terms' replaces the texts by our terms in surface form. NMF, LDA and k-means are scikit-learn's, on our terms and on embeddings; words of k-means by class-based TF-IDF. "
        "Draws share articles: intervals (Student's t) are widened by the delete-d jackknife's factor, and speak of other articles of this kind, of no other "
        "corpus. Words dealt anew: ours on the same words put into texts of the same lengths at random, against the true classes. Sections shuffled: our topics against "
        "classes dealt at random."
    )


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in WAYS:
        try:
            work(sys.argv[1], Path(sys.argv[2]))
        except Exception as error:  # the process that waits reads one line
            sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
    else:
        from research.cli import main

        main(["run", "discovery", *sys.argv[1:]])
