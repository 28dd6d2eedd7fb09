"""From ready embeddings of 5,000 articles to topics and their words: our way against BERTopic's defaults, as whole processes.

Each way runs in a process of its own, from reading the texts and embeddings off the disk to topics with words, several times
in turn; time is the wall clock around the process, memory the operating system's own peak. Both are scored against the
articles' sections, what is left out counting as one more cluster. The articles are not part of this project: the
benchmark needs the SANAD sample of the reference data beside it and says so where it is missing.

    research run discovery_speed --out reports/discovery_speed
"""

from __future__ import annotations

import gzip
import json
import math
import statistics
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research.errors import ConfigError
from research.evaluate import agreement, shuffled
from research.features import EmbeddingStore, embed, get_encoder
from research.report import Page
from research.report.headlines import add_headlines
from research.report.tables import write_csv
from research.runs import Headline, Run, project_path, require, timed_process

WAYS = ("research", "BERTopic defaults")
TIME, MEMORY = "seconds", "peak memory (MB)"


@dataclass(frozen=True)
class Config:
    corpus: str = "../shared/data/sanad_khaleej_7k.jsonl.gz"
    articles: int = 5000
    characters: int = 600
    repeats: int = 5
    encoder: str = "use"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, articles=100, characters=1, repeats=1)

    def quick(self) -> Config:
        return replace(self, articles=1000, repeats=1)


def prepare(config: Config, path: Path, folder: Path) -> list[str]:
    """Draw articles, embed their first characters, and write what both ways read; give the articles' sections."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    drawn = np.random.default_rng(config.seed).permutation(len(rows))[: config.articles]
    texts = [rows[index]["text"][: config.characters] for index in drawn]
    encoder = get_encoder(config.encoder)
    store = EmbeddingStore.of(encoder)
    np.save(folder / "embeddings.npy", embed(texts, encoder, store))
    (folder / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    return [rows[index]["label"] for index in drawn]


def work(way: str, folder: Path) -> None:
    """One way, alone in its process: from the files to topics with words."""
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    embeddings = np.load(folder / "embeddings.npy")
    if way == WAYS[0]:
        from research.discovery import find_topics

        found = find_topics(texts, embeddings)
        labels, words = found.labels.tolist(), [found.keywords(topic) for topic in range(len(found.words))]
    else:
        from bertopic import BERTopic

        model = BERTopic(language="multilingual")
        labels = [int(topic) for topic in model.fit_transform(texts, embeddings)[0]]
        words = [[word for word, _ in model.get_topic(topic)] for topic in sorted(set(labels))]
    (folder / "found.json").write_text(json.dumps({"labels": labels, "words": words}, ensure_ascii=False), encoding="utf-8")


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.is_file():
        raise ConfigError("the reference data are not here", where=path.name, remedy="put them beside the project")
    run.used(path)
    run.used_encoder(get_encoder(config.encoder))
    # BERTopic's defaults take a new seed every time: what they find varies as times do.
    run.varies(
        TIME,
        MEMORY,
        "time, defaults to ours",
        "memory, defaults to ours",
        WAYS[1],
        *(f"{metric} of BERTopic" for metric in ("AMI", "ARI", "coverage", "topics")),
    )
    measured: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    scores: dict[str, list[Any]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sections = prepare(config, path, folder)
        for repeat in range(-1, config.repeats):  # the first time warms the disk and the compilers' caches
            for way in WAYS:
                seconds, megabytes = timed_process([sys.executable, str(Path(__file__).resolve()), way, str(folder)])
                if repeat < 0:
                    continue
                measured[way].append((seconds, megabytes))
                found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
                scores[way].append(agreement(sections, found["labels"]))
                run.record(way, "sanad", TIME, seconds, seed=repeat)
                run.record(way, "sanad", MEMORY, megabytes, seed=repeat)
    chance = agreement(shuffled(sections, seed=config.seed), found["labels"])
    _report(config, run, measured, scores, chance.ami)


def _report(config: Config, run: Run, measured: dict[str, Any], scores: dict[str, list[Any]], chance: float) -> None:
    rows = []
    for way in WAYS:
        seconds, megabytes = (statistics.median(column) for column in zip(*measured[way], strict=True))
        values = {
            "topics": statistics.median(score.clusters for score in scores[way]),
            "coverage": statistics.median(score.coverage for score in scores[way]),
            "AMI": statistics.median(score.ami for score in scores[way]),
            "ARI": statistics.median(score.ari for score in scores[way]),
        }
        rows.append((way, seconds, megabytes, *values.values()))
        for metric, value in values.items():
            run.record(way, "sanad", metric if way == WAYS[0] else f"{metric} of BERTopic", value)
    table = pd.DataFrame(rows, columns=["way", TIME, MEMORY, "topics", "coverage", "AMI", "ARI"])
    write_csv(table, run.folder / "speed.csv")
    every = {column: {way: [pair[at] for pair in measured[way]] for way in WAYS} for at, column in enumerate((TIME, MEMORY))}
    ratios = {column: table[column][1] / table[column][0] for column in (TIME, MEMORY)}
    run.record("ratio", "sanad", "time, defaults to ours", ratios[TIME])
    run.record("ratio", "sanad", "memory, defaults to ours", ratios[MEMORY])
    for column, told in ((TIME, "Time"), (MEMORY, "Memory")):
        ours, theirs = every[column][WAYS[0]], every[column][WAYS[1]]
        run.headline(Headline(
            f"{told} from ready embeddings of {config.articles:,} SANAD articles (first {config.characters} characters) to topics with words", WAYS[0], column,
            statistics.median(ours), min(ours), max(ours), WAYS[1], statistics.median(theirs), min(theirs), max(theirs), higher_is_better=False,
        ))  # fmt: skip
    theirs = [score.ami for score in scores[WAYS[1]]]
    ami = table["AMI"][0]
    run.record("sections shuffled (control)", "sanad", "AMI", chance)
    what = (
        f"Topics of {config.articles:,} SANAD articles (first {config.characters} characters) agree with their seven sections"
    )
    one = (ami, math.nan, math.nan)  # the same every time: there is no range
    run.headline(Headline(what, WAYS[0], "AMI", *one, WAYS[1], statistics.median(theirs), min(theirs), max(theirs)))
    run.headline(Headline(what, WAYS[0], "AMI", *one, "sections shuffled", chance))
    page = Page("From ready embeddings to topics: time and memory")
    page.paragraph(
        f"On {config.articles:,} articles (first {config.characters} characters, sections known), the whole process takes 1/{ratios[TIME]:.1f} of the time "
        f"and 1/{ratios[MEMORY]:.1f} of the memory of BERTopic's defaults given the same embeddings (medians of {config.repeats} runs in turn). "
        f"Agreement with the sections: AMI {table['AMI'][0]:.2f} against {table['AMI'][1]:.2f}; "
        f"{1 - table['coverage'][0]:.0%} of the articles are left out, against {1 - table['coverage'][1]:.0%}."
    )
    add_headlines(page, run.headlines)
    page.table(
        table,
        "Medians over the runs; agreement over all articles, what is left out as one more cluster. Ranges above are those of the runs.",
    )
    page.section("How this was done")
    page.paragraph(
        "Each way is a process of its own that reads texts and embeddings from the disk, finds topics and their words, and ends. Time is the wall "
        "clock around it, memory the operating system's peak of the process. The two take turns; a first round of each is not counted. Ours gives "
        "the same topics every time; BERTopic's defaults take a new seed every time."
    )
    page.write(run.folder / "report.html")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in WAYS:
        work(sys.argv[1], Path(sys.argv[2]))
    else:
        from research.cli import main

        main(["run", "discovery_speed", *sys.argv[1:]])
