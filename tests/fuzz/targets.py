"""What reads what anybody may have written: each takes bytes, and may end in nothing but a `ResearchError`."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import research
from research.bulk import Processes, clean, find_parts
from research.classification import write_classifier
from research.corpus import Corpus, Document
from research.discovery import topic_model
from research.errors import ResearchError
from research.features import EmbeddingStore
from research.runs.config import read_config_file
from research.runs.diff import diff_runs
from research.themes import ThemeTagger, load_codebook

ARABIC = "فرض مجلس الأمن عقوبات على المصرف يوم ١٢ مارس 2024.\nشارك المقال | تابعنا\nقال الوزير: «لا صحة لذلك»، وأضاف…\n"
PAGE = f"<html><head><title>خبر</title></head><body><article><h1>خبر</h1><p>{ARABIC * 4}</p></article></body></html>"
BOOK = """version = 1
subject = "x"
[theme.sanctions]
name = { en = "Sanctions", ar = "العقوبات" }
definition = "d"
seeds = { ar = ["عقوبات", "حظر السلاح"], en = ["sanctions"] }
exclude = ["عقوبات الدوري"]
examples = ["فرض عقوبات"]
[[theme.sanctions.together]]
words = [["حظر"], ["سلاح"]]
within = 4
"""


@contextmanager
def file_of(data: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        yield path


def reads_corpus(name: str) -> Callable[[bytes], None]:
    """Read a corpus of this file name, and clean it: what reads texts is asked as well."""

    def target(data: bytes) -> None:
        with file_of(data, name) as path:
            corpus = research.load(path)
            for passage in research.clean(corpus).passages:
                assert corpus[passage.document].text[passage.start : passage.end] == passage.text

    return target


def reads_metadata(data: bytes) -> None:
    with file_of(data, "metadata.csv") as path:
        (path.parent / "a.txt").write_text("خبر", encoding="utf-8")
        research.load(path.parent)


def reads_codebook(data: bytes) -> None:
    with file_of(data, "book.toml") as path:
        book = load_codebook(path)
        ThemeTagger(book).fit([], np.zeros((0, len(book.themes)))).predict_proba([ARABIC])


def reads_config(data: bytes) -> None:
    with file_of(data, "config.toml") as path:
        read_config_file(path)


def reads_topics(data: bytes) -> None:
    with file_of(data, "a.topics") as path:
        research.load_topics(path).assign([ARABIC], store=False)


def reads_classifier(data: bytes) -> None:
    with file_of(data, "a.classifier") as path:
        research.load_classifier(path).predict([ARABIC])


def reads_member(kind: str, member: str) -> Callable[[bytes], None]:
    """Read a saved model one of whose members is this, in a zip that is whole: what a spoiled zip never lets anybody see."""

    def target(data: bytes) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(saved()[kind])) as old, zipfile.ZipFile(packed, "w") as new:
            for entry in old.infolist():
                new.writestr(entry, data if entry.filename == member else old.read(entry))
        TARGETS[kind][0](packed.getvalue())

    return target


def member(kind: str, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(saved()[kind])) as archive:
        return archive.read(name)


def reads_store(data: bytes) -> None:
    import warnings

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that the file was set aside
        store = EmbeddingStore("toy-1", 2, Path(folder))
        store.path.parent.mkdir(parents=True)
        store.path.write_bytes(data)
        store.get(["نص"])
        store.put({"نص": np.ones(2, np.float32)})
        assert store.get(["نص"])["نص"].tolist() == [1, 1]


def reads_part(name: str) -> Callable[[bytes], None]:
    """Read a partition of this, block by block."""

    def target(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(data)
            for part in find_parts(folder):
                part.fingerprint()
                for corpus in part.corpora(2):
                    assert len(corpus) <= 2

    return target


def reads_run(name: str) -> Callable[[bytes], None]:
    """Compare a run with itself, one of whose files is this."""

    def target(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for other, whole in RUN.items():
                (Path(folder) / other).write_bytes(data if other == name else whole)
            diff_runs(folder, folder)

    return target


def reads_mark(data: bytes) -> None:
    """Go on with a job whose mark and whose description are this."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "in").mkdir()
        (place / "in" / "a.parquet").write_bytes(parquet())
        for name in ("clean/a.parquet.json", "survey/a.parquet.json"):
            (place / "out" / "_work" / name).parent.mkdir(parents=True)
            (place / "out" / "_work" / name).write_bytes(data)
        clean(place / "in", place / "out", Processes(1))


def parquet() -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"id": ["a", "b"], "text": [ARABIC, "news"], "date": ["2024-01-01", ""]}).to_parquet(file)
    return file.getvalue()


@cache
def saved() -> dict[str, bytes]:
    told = [("a", "فرض عقوبات على السفن", "x"), ("b", "عقوبات على الشركات", "x"), ("c", "فاز الفريق بالكأس", "y"),
            ("d", "كأس العالم والفريق", "y")]  # fmt: skip
    corpus = Corpus("four", tuple(Document(id, text, label=label) for id, text, label in told))
    with tempfile.TemporaryDirectory() as folder:
        topic_model(research.discover(corpus, encoder="lsa", with_map=False)).save(f"{folder}/topics")
        write_classifier(research.classify(corpus, corpus, encoder="none", explained=0).classifier, f"{folder}/classifier")
        store = EmbeddingStore("toy-1", 2, Path(folder))
        store.put({"نص": np.zeros(2, np.float32)})
        return {
            "topics": Path(f"{folder}/topics").read_bytes(),
            "classifier": Path(f"{folder}/classifier").read_bytes(),
            "store": store.path.read_bytes(),
        }


_HERE = Path(__file__).resolve().parents[2] / "reports" / "encoders"
RUN = {name: (_HERE / name).read_bytes() for name in ("manifest.json", "records.jsonl", "headlines.jsonl")}
ROW = {"id": "a", "text": ARABIC, "date": "2024-01-01", "source": "sada", "title": "خبر", "label": "x"}
LINES = "".join(json.dumps({**ROW, "id": str(n)}, ensure_ascii=False) + "\n" for n in range(3)).encode()
TABLE = ("id,text,date,source\n" + "".join(f'{n},"{ARABIC}",2024-01-0{n + 1},sada\n' for n in range(3))).encode()

#: For each kind of file: what reads it, and files to begin with.
TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "text": (reads_corpus("a.txt"), lambda: [ARABIC.encode(), ARABIC.encode("utf-16"), ARABIC.encode("cp1256", "replace")]),
    "page": (reads_corpus("a.html"), lambda: [PAGE.encode(), f'<meta charset="utf-8">{PAGE}'.encode()]),
    "jsonl": (reads_corpus("a.jsonl"), lambda: [LINES]),
    "packed": (reads_corpus("a.jsonl.gz"), lambda: [gzip.compress(LINES, mtime=0)]),
    "csv": (reads_corpus("a.csv"), lambda: [TABLE]),
    "parquet": (reads_corpus("a.parquet"), lambda: [parquet()]),
    "part_lines": (reads_part("a.jsonl"), lambda: [LINES]),
    "part_packed": (reads_part("a.jsonl.gz"), lambda: [gzip.compress(LINES, mtime=0)]),
    "part_csv": (reads_part("a.csv"), lambda: [TABLE]),
    "part_parquet": (reads_part("a.parquet"), lambda: [parquet()]),
    "metadata": (reads_metadata, lambda: ["id,title,date,source,label\na.txt,خبر,2024-01-01,sada,x\n".encode()]),
    "codebook": (reads_codebook, lambda: [BOOK.encode()]),
    "config": (reads_config, lambda: [b'corpus = "seeds"\nseeds = [1, 2]\n[more]\nx = 1.5\n']),
    "topics": (reads_topics, lambda: [saved()["topics"]]),
    "classifier": (reads_classifier, lambda: [saved()["classifier"]]),
    "topics_json": (reads_member("topics", "topics.json"), lambda: [member("topics", "topics.json")]),
    "topics_array": (reads_member("topics", "centre.npy"), lambda: [member("topics", "centre.npy")]),
    "classifier_json": (reads_member("classifier", "classifiers.json"), lambda: [member("classifier", "classifiers.json")]),
    "classifier_array": (reads_member("classifier", "words.npy"), lambda: [member("classifier", "words.npy")]),
    "store": (reads_store, lambda: [saved()["store"]]),
    "manifest": (reads_run("manifest.json"), lambda: [RUN["manifest.json"]]),
    "records": (reads_run("records.jsonl"), lambda: [RUN["records.jsonl"]]),
    "headlines": (reads_run("headlines.jsonl"), lambda: [RUN["headlines.jsonl"]]),
    "mark": (reads_mark, lambda: [b'{"key": "x", "part": "y", "files": {"a": "b"}, "summary": {"articles": 1}}']),
}


def holds(name: str, data: bytes) -> None:
    """Give bytes to a target: it reads them, or refuses them in one line."""
    try:
        TARGETS[name][0](data)
    except ResearchError as refused:
        if "\n" in str(refused):
            raise ValueError("more than one line") from refused


if __name__ == "__main__":
    print("\n".join(TARGETS))  # noqa: T201 - for the shell
