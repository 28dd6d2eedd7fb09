"""From ready embeddings of 5,000 articles to topics and their words: our way against BERTopic's defaults, as whole processes.

Each way runs in a process of its own, from reading the texts and embeddings off the disk to topics with words, several times
in turn; time is the wall clock around the process, memory the operating system's own peak. Both are scored against the
articles' sections, what is left out counting as one more cluster. The articles are not part of this project: the
benchmark needs the SANAD sample in ../shared/data and says so where it is missing.

    python experiments/benchmarks/discovery_speed.py --out reports/discovery_speed
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT.parent / "shared" / "data" / "sanad_khaleej_7k.jsonl.gz"
CHARS = 600
WAYS = ("research", "BERTopic defaults")


def prepare(folder: Path, articles: int, seed: int) -> list[str]:
    """Draw articles, embed their first characters, and write what both ways read; give the articles' sections."""
    from research.features import EmbeddingStore, embed, get_encoder

    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    drawn = np.random.default_rng(seed).permutation(len(rows))[:articles]
    texts = [rows[index]["text"][:CHARS] for index in drawn]
    encoder = get_encoder()
    store = EmbeddingStore(f"{encoder.name}-{encoder.version}", encoder.dimension)
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


def timed(way: str, folder: Path) -> tuple[float, float]:
    """Run one way as a process; give its seconds and its peak memory in MB."""
    command = [sys.executable, str(Path(__file__).resolve()), "--work", way, "--folder", str(folder)]
    child = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", child, *command], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{way} failed: {done.stderr.strip().splitlines()[-1]}")
    return seconds, int(done.stdout.split()[-1]) / 1024


def main() -> None:
    """Run the benchmark and write its run folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/discovery_speed"))
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.folder)
        return
    if not DATA.is_file():
        raise SystemExit(f"{DATA.name} is not here: this benchmark needs the reference data beside the project")

    import pandas as pd

    from research.evaluate import agreement
    from research.report import Page
    from research.report.tables import write_csv
    from research.runs import open_run

    config = {"articles": options.articles, "repeats": options.repeats, "seed": options.seed, "characters": CHARS}
    with open_run("discovery_speed", options.out, config, seeds=[options.seed]) as run, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run.used(DATA)
        sections = prepare(folder, options.articles, options.seed)
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        scores = {}
        for repeat in range(-1, options.repeats):  # the first time warms the disk and the compilers' caches
            for way in WAYS:
                seconds, megabytes = timed(way, folder)
                if repeat < 0:
                    continue
                measured[way].append((seconds, megabytes))
                found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
                scores[way] = (agreement(sections, found["labels"]), found["words"])
                run.record(way, "sanad", "seconds", seconds, seed=repeat)
                run.record(way, "sanad", "peak memory (MB)", megabytes, seed=repeat)
        rows = []
        for way in WAYS:
            score = scores[way][0]
            seconds, megabytes = (statistics.median(column) for column in zip(*measured[way], strict=True))
            rows.append((way, seconds, megabytes, score.clusters, score.coverage, score.ami, score.ari))
            for metric, value in (
                ("AMI", score.ami),
                ("ARI", score.ari),
                ("coverage", score.coverage),
                ("topics", float(score.clusters)),
            ):
                run.record(way, "sanad", metric, value, seed=options.seed)
        table = pd.DataFrame(rows, columns=["way", "seconds", "peak memory (MB)", "topics", "coverage", "AMI", "ARI"])
        write_csv(table, run.folder / "speed.csv")
        ratio, memory = table["seconds"][1] / table["seconds"][0], table["peak memory (MB)"][1] / table["peak memory (MB)"][0]
        run.record("ratio", "sanad", "time, defaults to ours", ratio)
        run.record("ratio", "sanad", "memory, defaults to ours", memory)
        page = Page("From ready embeddings to topics: time and memory")
        page.paragraph(
            f"On {options.articles:,} articles (first {CHARS} characters, sections known), the whole process takes 1/{ratio:.1f} of the time "
            f"and 1/{memory:.1f} of the memory of BERTopic's defaults given the same embeddings (medians of {options.repeats} runs in turn). "
            f"Agreement with the sections: AMI {table['AMI'][0]:.2f} against {table['AMI'][1]:.2f}; "
            f"{1 - table['coverage'][0]:.0%} of the articles are left out, against {1 - table['coverage'][1]:.0%}."
        )
        page.table(table, "Medians over the runs; agreement over all articles, what is left out as one more cluster.")
        page.write(run.folder / "report.html")
    print(table.to_string(index=False))
    print(f"time 1/{ratio:.2f}, memory 1/{memory:.2f}")


if __name__ == "__main__":
    main()
