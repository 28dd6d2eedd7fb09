"""From ready embeddings of passages to decisions with evidence: time and memory of `research.tag`, as whole processes.

Articles of ANT, until their paragraphs are as many as asked for. A process of its own reads them, finds their embeddings and those of the labelled articles in
the store, learns, and tags: decisions, spans, the test by deletion of 500 decisions, which encodes anew, and candidates beyond the
codebook. Beside it the codebook alone, without labels. Time is the wall clock around the process, memory the operating system's own peak.
The articles are not part of this project: the benchmark needs ANT among the reference data beside it and says so where it is missing.

    research run tagging_speed --out reports/tagging_speed
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

import research
from research.corpus.documents import Corpus, Document
from research.errors import ConfigError
from research.features import get_encoder
from research.messages import message, word
from research.report import Page
from research.report.headlines import add_headlines
from research.report.tables import write_csv
from research.runs import Headline, Run, project_path, require, timed_process

WAYS: dict[str, bool] = {word("learned from labels"): True, word("codebook without labels"): False}
TIME, MEMORY, GROWTH = word("seconds"), word("peak memory (MB)"), "kB a passage"
SHORTEST = 60  # characters of a paragraph that is taken


@dataclass(frozen=True)
class Config:
    corpus: str = "../shared/data/ant_2018.jsonl.gz"
    codebook: str = "seeds/themes.toml"
    labelled: tuple[str, ...] = ("seeds/articles", "seeds/labels.csv")  # what the codebook names to learn from
    passages: int = 10_000
    smaller: tuple[int, ...] = (5_000,)
    repeats: int = 3
    encoder: str = "use"
    seed: int = 0

    def __post_init__(self) -> None:
        require(self, passages=10, repeats=1)

    def quick(self) -> Config:
        return replace(self, passages=1_000, smaller=(500,), repeats=1)

    @property
    def sizes(self) -> list[int]:
        return sorted({*(size for size in self.smaller if 0 < size < self.passages), self.passages})


def prepare(config: Config, path: Path, folder: Path) -> None:
    """Draw articles until their paragraphs are as many as asked for, and write those of every size for the processes."""
    documents = research.load(path).usable
    drawn: list[tuple[str, str]] = []
    seen: set[str] = set()
    for at in np.random.default_rng(config.seed).permutation(len(documents)):
        for line in map(str.strip, documents[at].text.splitlines()):
            if len(line) >= SHORTEST and line not in seen:
                seen.add(line)
                drawn.append((documents[at].id, line))
        if len(drawn) >= config.passages:
            break
    if len(drawn) < config.passages:
        raise ConfigError(f"{len(drawn):,} paragraphs", where=path.name, remedy="ask for fewer passages")
    for size in config.sizes:
        (folder / f"{size}.json").write_text(json.dumps(drawn[:size], ensure_ascii=False), encoding="utf-8")


def work(way: str, paragraphs: Path, codebook: str, encoder: str) -> None:
    """One way, alone in its process: from the articles to every table of the result."""
    articles: dict[str, list[str]] = {}
    for id, line in json.loads(paragraphs.read_text(encoding="utf-8")):
        articles.setdefault(id, []).append(line)
    corpus = Corpus("ant", tuple(Document(id, "\n".join(lines)) for id, lines in articles.items()))
    result = research.tag(corpus, codebook, labels=WAYS[way], encoder=encoder, furniture=False)
    if abs(len(result.passages) - sum(map(len, articles.values()))) > 0.05 * len(result.passages):
        raise RuntimeError(f"{len(result.passages)} passages of {sum(map(len, articles.values()))} paragraphs")
    result.assignments()


def run(config: Config, run: Run) -> None:
    path, codebook = project_path(config.corpus), project_path(config.codebook)
    if not path.is_file():
        raise ConfigError("the reference data are not here", where=path.name, remedy="put them beside the project")
    run.used(path, codebook, *map(project_path, config.labelled))
    run.used_encoder(get_encoder(config.encoder))
    run.varies(TIME, MEMORY, GROWTH)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(config, path, folder)
        for size in config.sizes:
            for way in WAYS:
                command = [
                    sys.executable,
                    str(Path(__file__).resolve()),
                    way,
                    str(folder / f"{size}.json"),
                    str(codebook),
                    config.encoder,
                ]
                timed_process(command)  # the first time fills the store
                measured = [timed_process(command) for _ in range(config.repeats)]
                for repeat, (seconds, megabytes) in enumerate(measured):
                    run.record(way, f"ant {size}", TIME, seconds, seed=repeat)
                    run.record(way, f"ant {size}", MEMORY, megabytes, seed=repeat)
                rows += [(way, size, seconds, megabytes) for seconds, megabytes in measured]
    _report(config, run, pd.DataFrame(rows, columns=[word("way"), word("passages"), TIME, MEMORY]))


def _report(config: Config, run: Run, every: pd.DataFrame) -> None:
    write_csv(every, run.folder / "runs.csv")
    table = every.groupby(["way", "passages"], sort=False, as_index=False).median()
    write_csv(table, run.folder / "speed.csv")
    largest, before = config.sizes[-1], config.sizes[-2] if len(config.sizes) > 1 else config.sizes[-1]
    ours, control = (
        [every[(every.way == way) & (every.passages == largest)][metric] for metric in (TIME, MEMORY)] for way in WAYS
    )
    names = list(WAYS)
    asked = (
        message("Time from ready embeddings of {largest:,} paragraphs of ANT to themes with evidence", largest=largest),
        message("Memory from ready embeddings of {largest:,} paragraphs of ANT to themes with evidence", largest=largest),
    )
    for what, metric, mine, other in zip(asked, (TIME, MEMORY), ours, control, strict=True):
        run.headline(Headline(
            what, names[0], metric,
            statistics.median(mine), min(mine), max(mine), names[1], statistics.median(other), min(other), max(other), higher_is_better=False,
        ))  # fmt: skip
    by_size = table[table.way == names[0]].set_index("passages")
    page = Page(message("From ready embeddings to themes with evidence: time and memory"))
    page.paragraph(
        message(
            "{largest:,} paragraphs are tagged in {seconds:.1f} seconds with a peak of {memory:.0f} MB, the whole process, "
            "learning from the bundled articles included (medians of {repeats} runs).",
            largest=largest,
            seconds=by_size[TIME][largest],
            memory=by_size[MEMORY][largest],
            repeats=config.repeats,
        )
    )
    if before < largest:
        growth = (by_size[MEMORY][largest] - by_size[MEMORY][before]) * 1024 / (largest - before)
        run.record(names[0], "ant", GROWTH, growth)
        page.paragraph(
            message(
                "From {before:,} to {largest:,} the peak grows by {growth:.0f} kB a passage.",
                before=before,
                largest=largest,
                growth=growth,
            )
        )
    add_headlines(page, run.headlines)
    page.table(table, message("Medians over the runs."), words=["way"])
    page.section(message("How this was done"))
    page.paragraph(
        message(
            "Each run is a process of its own: it reads the paragraphs, finds their embeddings and those of the labelled "
            "articles in the store, learns, and tags; the test by deletion encodes what is left of 500 passages anew. Furniture "
            "is not looked for: the paragraphs were chosen by length. A first run, which fills the store, is not counted. The codebook "
            "without labels is no rival but the floor: what is spent without learning."
        )
    )
    page.write(run.folder / "report.html")


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] in WAYS:
        work(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    else:
        from research.cli import main

        main(["run", "tagging_speed", *sys.argv[1:]])
