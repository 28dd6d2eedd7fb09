"""From 10 thousand to 2 million passages in partitions: time and memory per stage, with one worker and two, with dask and without.

Every run is a process of its own. Its passages are those of real articles, repeated with edits: every other repetition has one
word changed and is a near-duplicate by construction, the others have every third word dropped; in the later half only the first
half of the passages (by section) comes back, so that sections drift. Embeddings are ready: that of the passage, a step away in a
random direction. A smaller run encodes in earnest. The articles are not part of this project.

    research run scale --out reports/scale
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from research import bulk
from research.cleaning import clean
from research.corpus import load
from research.errors import ConfigError
from research.features import EmbeddingStore, embed, get_encoder
from research.messages import message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.language import told
from research.report.style import colour, figure_style, number_decades
from research.report.tables import write_csv
from research.runs import Headline, Run, project_path, require

BASE, ROWS, STEP = 10_000, 10_000, 0.35  # distinct passages; rows of a partition; how far a repetition's embedding is
SMALL = 250  # rows of a partition where encoding is measured
MULTIPLY_ADDS = 63e6  # of the bundled encoder, a sentence
FAR, MANY = 100_000_000, 100  # the passages and workers of the prediction


@dataclass(frozen=True)
class Config:
    corpus: str = "../shared/data/ant_2018.jsonl.gz"
    sizes: tuple[int, ...] = (10_000, 50_000, 200_000, 500_000, 2_000_000)
    one_worker_up_to: int = 50_000
    cleaned_up_to: int = 50_000
    encoded: int = 8_000
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, encoded=4 * SMALL)
        if len(self.sizes) < 2 or min(self.sizes) < ROWS:
            raise ConfigError(f"sizes are {self.sizes}", where="sizes", remedy=f"give two or more, from {ROWS} on")

    def quick(self) -> Config:
        return replace(self, sizes=(10_000, 20_000), one_worker_up_to=10_000, cleaned_up_to=10_000, encoded=1_500)


class ReadyEncoder:
    """Looks embeddings up that are on the disk, by the hash of the text."""

    name, version, dimension, parallel = "ready", "1", 512, False

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._keys = np.load(f"{folder}/keys.npy", mmap_mode="r")
        self._rows = np.load(f"{folder}/rows.npy", mmap_mode="r")
        self._base = np.load(f"{folder}/base.npy", mmap_mode="r")

    def __reduce__(self) -> tuple[type[ReadyEncoder], tuple[str]]:
        return ReadyEncoder, (self.folder,)

    def encode(self, texts: list[str]) -> np.ndarray:
        found = np.zeros((len(texts), self.dimension), np.float32)
        for at, text in enumerate(texts):
            row = int(self._rows[np.searchsorted(self._keys, _key(text))])
            step = np.random.default_rng(row).normal(size=self.dimension).astype(np.float32)
            moved = self._base[_base_of(row)] + (STEP * step / np.linalg.norm(step) if row >= BASE else 0)
            found[at] = moved / np.linalg.norm(moved)
        return found.round(6)

    def fingerprint(self) -> str:
        return hashlib.sha256(np.asarray(self._base).tobytes()).hexdigest()


def _key(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big"))


def _base_of(row: int) -> int:
    """Give the passage that a row repeats: all of them at first, the first half of them later."""
    own, repetition = row % BASE, row // BASE
    return own // 2 if repetition >= 100 else own


def _edited(text: str, row: int) -> str:
    repetition = row // BASE
    if not repetition:
        return text
    words = text.split(" ")
    if repetition % 2:
        words[(7 * repetition) % len(words)] = f"ص{row}"  # a near-duplicate: three of its trigrams are others
    else:
        words = [word for at, word in enumerate(words) if (at + repetition) % 3] + [f"ص{row}"]
    return " ".join(words)


def prepare(config: Config, path: Path, folder: Path) -> None:
    """Write partitions of passages up to the largest size, and what their embeddings are looked up by."""
    articles = load(path)
    passages = [
        (articles[passage.document].label, passage.text)
        for passage in clean(articles, repeats=False).passages
        if 200 <= len(passage.text) <= 600 and len(passage.text.split(" ")) >= 30
    ]
    draws = np.random.default_rng(config.seed)
    texts = sorted({text: label for label, text in passages}.items())
    chosen = sorted((texts[at] for at in draws.choice(len(texts), BASE, replace=False)), key=lambda one: (one[1], one[0]))
    encoder = get_encoder("use")
    np.save(folder / "base.npy", embed([text for text, _ in chosen], encoder, EmbeddingStore.of(encoder)))
    largest = max(config.sizes)
    keys = np.zeros(largest, np.uint64)
    (folder / "parts").mkdir()
    for start in range(0, largest, ROWS):
        rows = range(start, min(start + ROWS, largest))
        written = [_edited(chosen[_base_of(row)][0], row) for row in rows]
        keys[start : start + len(rows)] = [_key(text) for text in written]
        table = {
            "id": [f"{row:08}" for row in rows], "text": written, "source": [chosen[_base_of(row)][1] for row in rows],
            "date": [f"{2015 + row // BASE // 12 % 20}-{1 + row // BASE % 12:02}-01" for row in rows],
        }  # fmt: skip
        pd.DataFrame(table).to_parquet(folder / "parts" / f"{start // ROWS:04}.parquet")
    order = np.argsort(keys)
    np.save(folder / "keys.npy", keys[order])
    np.save(folder / "rows.npy", order)


class Memory(threading.Thread):
    """Looks every half second how much memory this process and its children hold."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = self.worker = self.all = 0.0

    def run(self) -> None:
        import psutil

        me = psutil.Process()
        while True:
            held = []
            for process in me.children(recursive=True):
                try:
                    held.append(process.memory_info().rss / 1e6)
                except psutil.Error:  # it has just ended
                    continue
            own = me.memory_info().rss / 1e6
            self.own, self.worker = max(self.own, own), max([self.worker, *held])
            self.all = max(self.all, own + sum(held))
            time.sleep(0.5)


def work(told: dict[str, Any]) -> None:
    """One command on so many passages, alone in its process."""
    memory = Memory()
    memory.start()
    engine = bulk.get_engine(told["engine"], workers=told["workers"])
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=told["folder"]) as out:
        if told["command"] == "clean":
            result = bulk.clean(told["corpus"], out, engine)
        else:
            encoder = ReadyEncoder(told["folder"]) if told["command"] == "discover" else "use"
            sample = 10_000 if told["command"] == "discover" else 300
            result = bulk.discover(told["corpus"], out, engine, unit="passage", encoder=encoder, sample=sample)
        seconds = time.perf_counter() - start
        marks = sorted(mark.stat().st_mtime for mark in Path(out).glob("_work/assign/*.json"))
    # From the first partition of every worker on, so that loading the encoder does not count.
    steady = (len(marks) - told["workers"]) / (marks[-1] - marks[told["workers"] - 1]) if len(marks) > told["workers"] else 0.0
    print(json.dumps({
        **told, "seconds": seconds, "partitions a second": steady, "stages": dict(result.seconds), "here": memory.own, "worker": memory.worker,
        "all": memory.all, "groups": {one.key: [one.articles, one.units] for one in result.groups},
    }))  # fmt: skip


def measured(folder: Path, cache: Path, **told: Any) -> dict[str, Any]:
    """Run one command in a process of its own, on hard links to the first partitions."""
    import subprocess

    corpus = folder / f"first-{told['passages']}"
    if not corpus.exists():
        corpus.mkdir()
        for part in sorted((folder / "parts").iterdir())[: -(-told["passages"] // ROWS)]:
            if told["passages"] >= ROWS:
                os.link(part, corpus / part.name)
            else:
                for number, start in enumerate(range(0, told["passages"], SMALL)):
                    pd.read_parquet(part).iloc[start : start + SMALL].to_parquet(corpus / f"{number}.parquet")
    told = {**told, "corpus": str(corpus), "folder": str(folder)}
    environment = {**os.environ, "RESEARCH_CACHE": str(cache), "RESEARCH_PROGRESS": "0"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "work", json.dumps(told)], capture_output=True, text=True, env=environment,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{told}: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(config: Config, run: Run) -> None:
    path = project_path(config.corpus)
    if not path.is_file():
        raise ConfigError("the reference data are not here", where=path.name, remedy="put them beside the project")
    run.used(path)
    run.used_encoder(get_encoder("use"))
    run.varies(
        "seconds", "passages a second", "peak memory of a worker (MB)", "peak memory of all (MB)", "exponent", "ratio",
        "sentences a second", "share of the arithmetic limit", "hours",
    )  # fmt: skip
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as cache:
        folder = Path(place)
        prepare(config, path, folder)
        plan = [("encode", config.encoded, engine, workers) for engine in ("stream", "dask") for workers in (1, 2)]
        plan += [("discover", config.sizes[0], "dask", workers) for workers in (1, 2)]
        for size in config.sizes:
            plan += [
                ("discover", size, "stream", workers) for workers in (1, 2) if workers == 2 or size <= config.one_worker_up_to
            ]
            if size <= config.cleaned_up_to:
                plan.append(("clean", size, "stream", 2))
        for command, passages, engine, workers in plan:
            one = measured(folder, Path(cache), command=command, passages=passages, engine=engine, workers=workers)
            found.append(one)
            way, of = f"{command}, {engine}, {workers} workers", f"{passages} passages"
            run.record(way, of, "seconds", one["seconds"])
            run.record(way, of, "peak memory of a worker (MB)", one["worker"] or one["here"])
            run.record(way, of, "peak memory of all (MB)", one["all"])
            if command == "clean":
                run.record(way, of, "copies of passages", one["groups"]["copies of passages"][1])
            else:
                run.record(way, of, "topics", len(one["groups"]))
    _report(config, run, found)


def _of(found: list[dict[str, Any]], **wanted: Any) -> dict[int, dict[str, Any]]:
    """Give the runs of one way by their sizes."""
    return {one["passages"]: one for one in found if all(one[name] == value for name, value in wanted.items())}


def _exponent(by_size: dict[int, float]) -> float:
    sizes = sorted(by_size)[-3:]
    return float(np.polyfit(np.log(sizes), np.log([by_size[size] for size in sizes]), 1)[0])


def _limit() -> float:
    """Measure how many multiply-adds one core does in a second on matrices that fit its cache."""
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(0).normal(size=(512, 512)).astype(np.float32)
    with threadpool_limits(1):
        times = []
        for _ in range(20):
            start = time.perf_counter()
            a @ a
            times.append(time.perf_counter() - start)
    return 512**3 / float(np.median(times))


def _report(config: Config, run: Run, found: list[dict[str, Any]]) -> None:
    rows = [
        (one["command"], one["passages"], one["engine"], one["workers"], one["seconds"], one["worker"] or one["here"], one["all"],
         *(one["stages"].get(name, np.nan) for name in ("survey", "sample", "assign", "clean")))
        for one in found
    ]  # fmt: skip
    names = [
        word("command"), word("passages"), word("engine"), word("workers"), word("seconds"), word("MB, a worker"), word("MB, all"),
        word("survey"), word("sample"), word("assign"), word("clean"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    write_csv(table, run.folder / "runs.csv")
    page = Page(message("Corpora in partitions"))
    two, one = (
        _of(found, command="discover", engine="stream", workers=2),
        _of(found, command="discover", engine="stream", workers=1),
    )
    largest, sizes = max(two), sorted(two)
    slope = _exponent({size: two[size]["seconds"] for size in sizes})
    memory = {size: two[size]["worker"] for size in sizes}
    before = max([size for size in sizes if size < largest])
    growth = memory[largest] / memory[before]
    all_growth = two[largest]["all"] / two[before]["all"]
    run.record("discover, stream, 2 workers", "growth", "exponent", slope)
    run.record("discover, stream, 2 workers", "growth", "ratio", growth)
    in_proportion = two[before]["seconds"] * largest / before / 3600
    run.headline(Headline(
        message("Time from {largest:,} ready embeddings to topics, in partitions, two workers", largest=largest), "research",
        word("hours"), two[largest]["seconds"] / 3600, np.nan, np.nan, message("in proportion to {before:,}", before=before),
        in_proportion, higher_is_better=False,
    ))  # fmt: skip
    page.paragraph(
        message(
            "{largest:,} passages with ready embeddings take {minutes:.1f} minutes with two workers, of at most {worker:,.0f} MB "
            "each, and {everything:.1f} GB in all. A worker's memory is {growth:.2f} times that at {before:,} passages, that of all "
            "processes {all_growth:.2f} times. From {first:,} passages on, time grows with the power {slope:.2f} of their number.",
            largest=largest,
            minutes=two[largest]["seconds"] / 60,
            worker=memory[largest],
            everything=two[largest]["all"] / 1e3,
            growth=growth,
            before=before,
            all_growth=all_growth,
            first=sizes[-3],
            slope=slope,
        )
    )
    encoded = {(e["engine"], e["workers"]): e for e in found if e["command"] == "encode"}
    rate = {key: SMALL * e["partitions a second"] for key, e in encoded.items()}
    limit = _limit() / MULTIPLY_ADDS
    for (engine, workers), value in rate.items():
        run.record(f"encode, {engine}, {workers} workers", f"{config.encoded} passages", "passages a second", value)
    faster = {engine: rate[engine, 2] / rate[engine, 1] for engine in ("stream", "dask")}
    for engine, value in faster.items():
        run.record(f"encode, {engine}", "2 workers to 1", "ratio", value)
    run.record("encode, 1 worker", "dask to stream", "ratio", rate["dask", 1] / rate["stream", 1])
    run.record("encode, 1 worker", "arithmetic", "share of the arithmetic limit", rate["stream", 1] / limit)
    run.headline(Headline(
        message("Passages encoded in a second by two workers, once they run"), "research", word("passages a second"),
        rate["stream", 2], np.nan, np.nan, word("one worker"), rate["stream", 1],
    ))  # fmt: skip
    later = encoded["dask", 1]["stages"]["assign"] / encoded["stream", 1]["stages"]["assign"] - 1
    run.record("encode, 1 worker", "dask to stream, with its start", "ratio", 1 / (1 + later))
    page.paragraph(
        message(
            "With the bundled encoder, once it is loaded, one worker does {one:.0f} passages a second, two {two:.0f} ({faster:.2f} "
            "times as many); with dask {dask_one:.0f} and {dask_two:.0f} ({dask_faster:.2f} times). With dask one worker needed "
            "{later:+.0f}% of time for all {encoded:,}, the start of the worker and loading included. At {adds:.0f} million "
            "multiply-adds a sentence a core of this machine could do {limit:.0f} by its arithmetic alone.",
            one=rate["stream", 1],
            two=rate["stream", 2],
            faster=faster["stream"],
            dask_one=rate["dask", 1],
            dask_two=rate["dask", 2],
            dask_faster=faster["dask"],
            later=100 * later,
            encoded=config.encoded,
            adds=MULTIPLY_ADDS / 1e6,
            limit=limit,
        )
    )
    page.section(message("What it predicts"))
    survey, assign = (two[largest]["stages"][stage] * 2 / largest for stage in ("survey", "assign"))
    encoding = 1 / rate["stream", 1]
    hours = FAR * (survey + assign + encoding) / MANY / 3600
    run.record("prediction", f"{FAR} passages, {MANY} workers", "hours", hours)
    page.paragraph(
        message(
            "{far:,} passages on {many} such workers: {hours:.1f} hours, of which encoding takes {encoding:.1f}. What is done in one "
            "process does not get shorter with more workers: the ids and the lowest hashes of all partitions are held against one "
            "another ({read:.1f} GB are read, at most 0.6 GB held), and copies are joined, for which about {joined:.1f} GB of numbers "
            "would be held: cleaning so large a corpus would break there, on a machine with less memory. One scheduler of dask and a "
            "folder that all workers reach are taken for granted.",
            far=FAR,
            many=MANY,
            hours=hours,
            encoding=FAR * encoding / MANY / 3600,
            read=8 * FAR / 1e9,
            joined=FAR * 33 / 1e9,
        )
    )
    add_headlines(page, run.headlines)
    with figure_style():
        drawing, axes = plt.subplots(1, 2, figsize=(9, 3.8))
        for number, (name, part) in enumerate(((word("two workers"), two), (word("one worker"), one))):
            axes[0].plot(list(part), [p["seconds"] for p in part.values()], marker="o", color=colour(number))
            axes[0].annotate(told(name), (max(part), part[max(part)]["seconds"]), xytext=(-4, 7), textcoords="offset points", ha="right",
                             color=colour(number))  # fmt: skip
        for number, (name, key) in enumerate(((word("all processes"), "all"), (word("a worker"), "worker"))):
            # What fits one partition needs no worker.
            axes[1].plot(list(two), [p[key] or p["here"] for p in two.values()], marker="o", color=colour(number))
            axes[1].annotate(told(name), (largest, two[largest][key]), xytext=(-4, 7), textcoords="offset points", ha="right",
                             color=colour(number))  # fmt: skip
        for ax, label in zip(axes, (word("seconds"), word("peak memory (MB), two workers")), strict=True):
            ax.set_xscale("log")
            ax.set_xlabel(told(message("passages with ready embeddings")))
            ax.set_ylabel(told(label))
            ax.margins(y=0.15)
            number_decades(ax.xaxis)
        axes[0].set_yscale("log")
        number_decades(axes[0].yaxis, between=True)
        axes[1].set_ylim(bottom=0)
    page.figure(drawing, "scale", message("Time and memory by the number of passages."), run.folder)
    page.table(
        table,
        message("One run of each: seconds as a whole and of the stages that go over all partitions, and peak memory."),
        words=["command"],
    )
    page.section(message("How this was done"))
    page.paragraph(
        message(
            "Each run is a process of its own that starts its workers. {base:,} passages of ANT are repeated: every other time with "
            "one word changed, otherwise without every third word; from the hundredth time on only the first half of them, by "
            "section. An embedding is that of the passage, {step} away in a random direction. A partition holds {rows:,} passages, "
            "and topics are formed from 10,000. Where encoding is measured, the embeddings are not ready, partitions hold {small}, "
            "and the first of each worker does not count.",
            base=BASE,
            step=STEP,
            rows=ROWS,
            small=SMALL,
        )
    )
    page.write(run.folder / "report.html")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "work":
        work(json.loads(sys.argv[2]))
    else:
        from research.cli import main

        main(["run", "scale", *sys.argv[1:]])
