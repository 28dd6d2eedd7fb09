"""From 1,000 to 200,000 ready embeddings: how time and memory of discovery grow, against BERTopic's defaults where they keep up.

Each size and way is a process of its own, from reading texts and embeddings off the disk to topics with words; time is the
wall clock around it, memory the operating system's own peak. Up to the size of the ANT sample the articles are real (their
first characters); beyond it they are repeated with another embedding each, a step away in a random direction, and the first
words taken off. The articles are not part of this project.

    research run discovery_growth --out reports/discovery_growth
"""

from __future__ import annotations

import gzip
import json
import math
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from research.errors import ConfigError
from research.features import EmbeddingStore, embed, get_encoder
from research.messages import joined, message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.language import told
from research.report.style import colour, figure_style, number_decades
from research.report.tables import write_csv
from research.runs import Headline, Run, project_path, require, timed_process

WAYS = ("research", word("BERTopic defaults"))
TIME, MEMORY = word("seconds"), word("peak memory (MB)")
STEP = 0.35  # length of the step that a repeated embedding is away from its article's


@dataclass(frozen=True)
class Config:
    corpus: str = "../shared/data/ant_2018.jsonl.gz"
    sizes: tuple[int, ...] = (1000, 5000, 25_000, 200_000)
    rival_up_to: int = 25_000
    characters: int = 600
    encoder: str = "use"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, characters=1)
        if not self.sizes or min(self.sizes) < 100:
            raise ConfigError(f"sizes are {self.sizes}", where="sizes", remedy="give numbers from 100 on")

    def quick(self) -> Config:
        return replace(self, sizes=(1000, 2000), rival_up_to=1000)


def prepare(config: Config, path: Path, folder: Path) -> None:
    """Draw articles, embed their first characters, repeat them up to the largest size, and write all of it."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rng = np.random.default_rng(config.seed)
    largest = max(config.sizes)
    drawn = rng.permutation(len(rows))[:largest]
    texts = [rows[index]["text"][: config.characters] for index in drawn]
    encoder = get_encoder(config.encoder)
    known = embed(texts, encoder, EmbeddingStore.of(encoder))
    usable = np.flatnonzero(np.isfinite(known).all(axis=1))
    texts, known = [texts[row] for row in usable], known[usable]
    embeddings = np.lib.format.open_memmap(folder / "embeddings.npy", "w+", np.float32, (largest, known.shape[1]))
    written = list(texts[:largest])
    embeddings[: len(texts)] = known[:largest]
    for start in range(len(texts), largest, len(texts)):
        count = min(len(texts), largest - start)
        step = rng.normal(size=(count, known.shape[1])).astype(np.float32)
        moved = known[:count] + STEP * step / np.linalg.norm(step, axis=1, keepdims=True)
        embeddings[start : start + count] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        off = start // len(texts)
        written += [" ".join(text.split(" ")[off:]) or text for text in texts[:count]]
    with (folder / "texts.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(text, ensure_ascii=False)}\n" for text in written)


def work(way: str, size: int, folder: Path) -> None:
    """One way, alone in its process: from the files to topics with words."""
    with (folder / "texts.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line) for line in islice(file, size)]  # a smaller size must not pay for the largest
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")[:size].copy()
    if way == WAYS[0]:
        from research.discovery import find_topics

        found = find_topics(texts, embeddings)
        topics, words = len(found.words), [found.keywords(topic) for topic in range(len(found.words))]
    else:
        from bertopic import BERTopic

        model = BERTopic(language="multilingual")
        topics = len({topic for topic in model.fit_transform(texts, embeddings)[0] if topic >= 0})
        words = [[word for word, _ in model.get_topic(topic)] for topic in range(topics)]
    (folder / "found.json").write_text(json.dumps({"topics": topics, "words": words}, ensure_ascii=False), encoding="utf-8")


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.is_file():
        raise ConfigError("the reference data are not here", where=path.name, remedy="put them beside the project")
    run.used(path)
    run.used_encoder(get_encoder(config.encoder))
    run.varies(
        TIME, MEMORY, "exponent", "time, defaults to ours", "memory, defaults to ours", "kB a text", "topics of BERTopic"
    )
    rows: list[tuple[Any, ...]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(config, path, folder)
        for way in WAYS:
            for size in [100, *(size for size in config.sizes if way == WAYS[0] or size <= config.rival_up_to)]:
                seconds, megabytes = timed_process([sys.executable, str(Path(__file__).resolve()), way, str(size), str(folder)])
                if size == 100:  # warms the disk and the compilers' caches
                    continue
                topics = json.loads((folder / "found.json").read_text(encoding="utf-8"))["topics"]
                rows.append((way, size, seconds, megabytes, topics))
                for metric, value in ((TIME, seconds), (MEMORY, megabytes)):
                    run.record(way, f"{size} texts", metric, value)
                run.record(way, f"{size} texts", "topics" if way == WAYS[0] else "topics of BERTopic", topics)
    table = pd.DataFrame(rows, columns=[word("way"), word("texts"), TIME, MEMORY, word("topics")])
    write_csv(table, run.folder / "growth.csv")
    _report(config, run, table)


def _report(config: Config, run: Run, table: pd.DataFrame) -> None:
    ours, theirs = (table[table["way"] == way].set_index("texts") for way in WAYS)
    page = Page(message("How discovery grows"))
    compared = []
    for size in theirs.index:
        ratios = {column: theirs.loc[size, column] / ours.loc[size, column] for column in (TIME, MEMORY)}
        run.record("ratio", f"{size} texts", "time, defaults to ours", ratios[TIME])
        run.record("ratio", f"{size} texts", "memory, defaults to ours", ratios[MEMORY])
        compared.append(
            message(
                "{size:,}: 1/{time:.1f} of the time and 1/{memory:.1f} of the memory",
                size=size,
                time=ratios[TIME],
                memory=ratios[MEMORY],
            )
        )
        run.headline(Headline(
            message("Time from {size:,} ready embeddings to topics with words (ANT, first {characters} characters)",
                    size=size, characters=config.characters), WAYS[0], TIME,
            ours.loc[size, TIME], math.nan, math.nan, WAYS[1], theirs.loc[size, TIME], higher_is_better=False,
        ))  # fmt: skip
    largest, smallest = int(ours.index.max()), int(ours.index.min())
    dimension = get_encoder(config.encoder).dimension
    extra = (ours.loc[largest, MEMORY] - ours.loc[smallest, MEMORY]) * 1e6 / (largest - smallest) - 4 * dimension
    run.record(WAYS[0], "growth", "kB a text", extra / 1e3)
    half = [size for size in ours.index if size >= largest / 8]
    exponent = float(np.polyfit(np.log(half), np.log(ours.loc[half, TIME]), 1)[0]) if len(half) > 1 else 1.0
    run.record(WAYS[0], "growth", "exponent", exponent)
    page.paragraph(
        message(
            "{largest:,} texts take {minutes:.1f} minutes and {gigabytes:.1f} GB, about {extra:.1f} kB a text beyond its "
            "embedding; from {first:,} texts on, time grows with the power {exponent:.2f} of their number. Against BERTopic's "
            "defaults, {compared}.",
            largest=largest,
            minutes=ours.loc[largest, TIME] / 60,
            gigabytes=ours.loc[largest, MEMORY] / 1e3,
            extra=extra / 1e3,
            first=half[0],
            exponent=exponent,
            compared=joined(compared, by="; "),
        )
    )
    add_headlines(page, run.headlines)
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9, 3.8))
        for ax, column in zip(axes, (TIME, MEMORY), strict=True):
            for number, (way, part) in enumerate(zip(WAYS, (ours, theirs), strict=True)):
                ax.plot(part.index, part[column], marker="o", color=colour(number))
                ax.annotate(
                    told(way),
                    (part.index[-1], part[column].iloc[-1]),
                    xytext=(-4, 7),
                    textcoords="offset points",
                    ha="right",
                    color=colour(number),
                )
            ax.set_xscale("log")
            ax.set_yscale("log")
            number_decades(ax.xaxis)
            number_decades(ax.yaxis, between=True)
            ax.set_xlabel(told(message("texts")))
            ax.set_ylabel(told(column))
            ax.margins(y=0.15)
    page.figure(drawing, "growth", message("Time and memory of the whole process by the number of texts."), run.folder)
    page.table(table, message("One run of each size."), words=["way"])
    page.section(message("How this was done"))
    page.paragraph(
        message(
            "Each size and way is a process of its own that reads texts and embeddings from the disk, finds topics and their "
            "words, and ends; one run each, after a first small one. Beyond the articles that there are, they are repeated: an "
            "embedding {step} away in a random direction, the first words taken off.",
            step=STEP,
        )
    )
    page.write(run.folder / "report.html")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in WAYS:
        work(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    else:
        from research.cli import main

        main(["run", "discovery_growth", *sys.argv[1:]])
