"""From labelled articles with ready embeddings to a classifier: time and memory of `TextClassifier`, as whole processes.

Articles of SANAD, drawn at random. A process of its own reads them, finds their embeddings in the store, chooses how to learn, learns, and classifies a
hundred of them. Beside it a linear support vector machine on TF-IDF, which chooses nothing. Time is the wall clock around the process, memory the
operating system's own peak. The articles are not part of this project: the benchmark needs SANAD among the reference data beside it and says so where it
is missing.

    research run classification_speed --out reports/classification_speed
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import research
from research.classifiers.classifier import TextClassifier
from research.errors import ConfigError
from research.features import get_encoder
from research.messages import message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.tables import write_csv
from research.runs import Headline, Run, project_path, require, timed_process

OURS, SVM = word("research (default)"), word("TF-IDF, linear SVM")
TIME, MEMORY = word("seconds"), word("peak memory (MB)")
ASKED = 100  # articles that are classified in the end


@dataclass(frozen=True)
class Config:
    corpus: str = "../shared/data/sanad_khaleej_7k.jsonl.gz"
    articles: int = 7_000
    smaller: tuple[int, ...] = (1_000, 3_500)
    repeats: int = 3
    encoder: str = "use"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, articles=20, repeats=1)

    def quick(self) -> Config:
        return replace(self, articles=200, smaller=(100,), repeats=1)

    @property
    def sizes(self) -> list[int]:
        return sorted({*(size for size in self.smaller if 0 < size < self.articles), self.articles})


def prepare(config: Config, path: Path, folder: Path) -> None:
    """Draw articles, and write those of every size for the processes."""
    known = [(one.text, one.label) for one in research.load(path).usable if one.label]
    if len(known) < config.articles:
        raise ConfigError(f"{len(known):,} labelled articles", where=path.name, remedy="ask for fewer")
    order = np.random.default_rng(config.seed).permutation(len(known))
    for size in config.sizes:
        drawn = json.dumps([known[at] for at in order[:size]], ensure_ascii=False)
        (folder / f"{size}.json").write_text(drawn, encoding="utf-8")


def ours(texts: list[str], labels: list[str], encoder: str) -> Any:
    return TextClassifier(encoder=encoder).fit(texts, labels)


def svm(texts: list[str], labels: list[str], encoder: str) -> Any:  # noqa: ARG001
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LinearSVC(C=1.0, random_state=0)).fit(texts, labels)


WAYS: dict[str, Callable[[list[str], list[str], str], Any]] = {OURS: ours, SVM: svm}


def work(way: str, articles: Path, encoder: str) -> None:
    """One way, alone in its process: from the articles to what it says of some of them."""
    texts, labels = map(list, zip(*json.loads(articles.read_text(encoding="utf-8")), strict=True))
    said = WAYS[way](texts, labels, encoder).predict(texts[:ASKED])
    right = sum(one == label for one, label in zip(said, labels, strict=False))
    if right < 0.9 * min(ASKED, len(texts)):
        raise RuntimeError(f"{right} answers are those that were learned")


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.is_file():
        raise ConfigError("the reference data are not here", where=path.name, remedy="put them beside the project")
    run.used(path)
    run.used_encoder(get_encoder(config.encoder))
    run.varies(TIME, MEMORY)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(config, path, folder)
        for size in config.sizes:
            for way in WAYS:
                command = [sys.executable, str(Path(__file__).resolve()), way, str(folder / f"{size}.json"), config.encoder]
                if way == OURS:
                    timed_process(command)  # the first time fills the store
                for repeat in range(config.repeats):
                    seconds, megabytes = timed_process(command)
                    run.record(way, f"sanad {size}", TIME, seconds, seed=repeat)
                    run.record(way, f"sanad {size}", MEMORY, megabytes, seed=repeat)
                    rows.append((way, size, seconds, megabytes))
    _report(config, run, pd.DataFrame(rows, columns=[word("way"), word("articles"), TIME, MEMORY]))


def _report(config: Config, run: Run, every: pd.DataFrame) -> None:
    write_csv(every, run.folder / "runs.csv")
    table = every.groupby(["way", "articles"], sort=False, as_index=False).median()
    write_csv(table, run.folder / "speed.csv")
    largest = config.sizes[-1]
    headlines = {
        TIME: message("Time to learn the classes of {n:,} articles of SANAD, embeddings ready", n=largest),
        MEMORY: message("Memory to learn the classes of {n:,} articles of SANAD, embeddings ready", n=largest),
    }
    for metric, what in headlines.items():
        mine, other = (every[(every.way == way) & (every.articles == largest)][metric] for way in (OURS, SVM))
        run.headline(Headline(
            what, OURS, metric, statistics.median(mine), min(mine), max(mine), SVM, statistics.median(other), min(other),
            max(other), higher_is_better=False,
        ))  # fmt: skip
    by_size = table[table.way == OURS].set_index("articles")
    page = Page(message("From labelled articles to a classifier: time and memory"))
    page.paragraph(
        message(
            "{n:,} articles are learned from in {seconds:.0f} seconds with a peak of {megabytes:,.0f} MB, the whole process, "
            "choosing how to learn included (medians of {runs} runs).",
            n=largest,
            seconds=by_size[TIME][largest],
            megabytes=by_size[MEMORY][largest],
            runs=config.repeats,
        )
    )
    add_headlines(page, run.headlines)
    page.table(table, message("Medians over the runs."), words=["way"])
    page.section(message("How this was done"))
    page.paragraph(
        message(
            "Each run is a process of its own: it reads the articles, finds their embeddings in the store (a first run, which "
            "fills it, is not counted), tries every way to learn on held-out articles, learns, and classifies {asked} "
            "articles. '{svm}': scikit-learn's LinearSVC on words and pairs of words, which tries nothing. Brackets hold the "
            "fastest and the slowest run, and are no intervals.",
            asked=ASKED,
            svm=SVM,
        )
    )
    page.write(run.folder / "report.html")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in WAYS:
        work(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    else:
        from research.cli import main

        main(["run", "classification_speed", *sys.argv[1:]])
