"""The commands that read articles: clean, discover, assign, tag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from research.cli.output import say
from research.cli.partitions import AnyPath, engine_of, in_partitions, refuse, tell
from research.errors import ConfigError

if TYPE_CHECKING:
    from research.report.language import Language

__all__ = ["assign", "clean", "discover", "in_language", "loaded", "tag", "to_folder"]


def to_folder(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command write its results into a folder, or at an address where it reads partitions."""
    return click.option("--out", "out", type=AnyPath(), required=True, help="Folder for the results; made if it is not there.")(
        command
    )


def in_language(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command write its page in a language."""
    return click.option(
        "--language", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="Of report.html and its figures."
    )(command)


_CORPUS = click.argument("corpus", type=AnyPath())


@click.command()
@_CORPUS
@to_folder
@click.option(
    "--unit", type=click.Choice(["paragraph", "sentence"]), default="paragraph", show_default=True, help="What a passage is."
)
@in_partitions(sample=False)
def clean(
    corpus: str,
    out: str,
    unit: Any,
    engine: str | None,
    workers: int | None,
    scheduler: str | None,
    skip_unreadable: bool,
) -> None:
    """Take page furniture out, mark copies, and write the passages.

    \b
    Example: research clean seeds/articles --out cleaned
    Writes into cleaned: passages.jsonl, removed.jsonl (with the reason),
    duplicates.csv; dictionary.csv (what each column means) and citations.bib.
    """
    import research
    from research import bulk

    if (chosen := engine_of(corpus, engine, workers, scheduler, skip_unreadable)) is not None:
        tell(bulk.clean(corpus, out, chosen, unit=unit, skip_unreadable=skip_unreadable), out, "en")
        return
    result = research.clean(loaded(corpus), unit=unit)
    research.report.write(result, out)
    click.echo(f"{len(result.passages)} passages, {len(result.removed)} lines left out, {len(result.repeats)} repeats: {out}")


@click.command()
@_CORPUS
@to_folder
@click.option(
    "--unit",
    type=click.Choice(["auto", "document", "passage"]),
    default="auto",
    show_default=True,
    help="What is grouped; auto takes documents from 200 articles on.",
)
@click.option("--encoder", default="use", show_default=True, help="use, e5, lsa, or sentence-transformers:FOLDER.")
@click.option("--codebook", type=click.Path(path_type=Path), help="Themes (TOML) that guide the topics and keep one each.")
@click.option("--no-labels", is_flag=True, help="With a codebook: learn from no labels.")
@click.option("--topics", type=int, help="How many topics; chosen by stability when not given.")
@click.option("--resolution", type=float, help="Higher gives more and smaller topics; chosen by stability when not given.")
@click.option("--min-topic-size", type=int, help="Smaller groups join their neighbours.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--save", "save", type=click.Path(path_type=Path), help="A file for the topics; research assign gives them to others."
)
@in_partitions()
@in_language
def discover(
    corpus: str,
    out: str,
    unit: Any,
    encoder: str,
    codebook: Path | None,
    no_labels: bool,
    topics: int | None,
    resolution: float | None,
    min_topic_size: int | None,
    seed: int,
    save: Path | None,
    engine: str | None,
    workers: int | None,
    scheduler: str | None,
    sample: int | None,
    skip_unreadable: bool,
    language: Language,
) -> None:
    """Find the topics of a corpus.

    \b
    Example: research discover seeds/articles --out topics --save news.topics
    Writes into topics: report.html (also as report.md, its figures in figures/),
    topics.csv, assignments.csv (every passage), documents.csv, shares.csv (by
    month and outlet), sightings.csv; dictionary.csv (what each column means) and
    citations.bib. The topics themselves go to news.topics.
    """
    import research
    from research import bulk
    from research.themes import load_codebook

    if (chosen := engine_of(corpus, engine, workers, scheduler, skip_unreadable, sample)) is not None:
        refuse(codebook=codebook is not None, no_labels=no_labels, save=save is not None)
        found = bulk.discover(
            corpus, out, chosen, sample=sample or bulk.SAMPLES["discover"], unit=unit, encoder=encoder, n_topics=topics,
            resolution=resolution, min_topic_size=min_topic_size, seed=seed, skip_unreadable=skip_unreadable,
        )  # fmt: skip
        tell(found, out, language)
        return
    if no_labels and codebook is None:
        raise ConfigError(
            "--no-labels is for a codebook", where="--no-labels", remedy="give --codebook as well, or leave it out"
        )
    if save is not None and codebook is not None:
        raise ConfigError("topics that a codebook guides cannot be saved yet", where="--save", remedy="leave one of them out")
    if save is not None and save.is_dir():
        raise ConfigError("this is a folder", where=f"--save {save}", remedy="name a file")
    book = None if codebook is None else load_codebook(codebook)
    result = research.discover(
        loaded(corpus),
        unit=unit,
        codebook=book,
        labels=not no_labels,
        encoder=encoder,
        n_topics=topics,
        resolution=resolution,
        min_topic_size=min_topic_size,
        seed=seed,
    )
    research.report.write(result, out, language=language)
    if save is not None:
        result.save(save, encoder=encoder if encoder.startswith("sentence-transformers:") else None)
    for note in result.notes:
        click.echo(f"note: {note}")
    click.echo(f"{len(result.topics)} topics in {len(result.units)} {result.unit}s: {Path(out) / 'report.html'}")


@click.command()
@_CORPUS
@click.option("--model", required=True, type=click.Path(path_type=Path), help="What research discover --save wrote.")
@to_folder
@click.option("--encoder", help="Only for topics that were made with sentence-transformers:FOLDER.")
def assign(corpus: str, model: Path, out: str, encoder: str | None) -> None:
    """Give a corpus the topics that were found in another one, cleaned and divided in the same way.

    \b
    Example: research assign seeds/articles --model news.topics --out assigned
    Writes into assigned: assignments.csv (every passage), documents.csv;
    dictionary.csv (what each column means) and citations.bib.
    What it needs is written by the example of research discover.
    """
    import research

    topics = research.load_topics(model, encoder=encoder)
    result = topics.assign_corpus(loaded(corpus))
    research.report.write(result, out)
    for topic, size, label in result.table()[["topic", "size", "label"]].itertuples(index=False):
        say(f"{topic}: {size} {result.unit}s ({label})")
    click.echo(f"{len(result.units)} {result.unit}s: {Path(out) / 'assignments.csv'}")


@click.command()
@_CORPUS
@click.option("--codebook", required=True, type=click.Path(path_type=Path), help="The themes (TOML); seeds/themes.toml is one.")
@to_folder
@click.option(
    "--labelled", type=click.Path(path_type=Path), help="Labelled articles to learn from, instead of the codebook's own."
)
@click.option("--labels", type=click.Path(path_type=Path), help="The labels of their lines (CSV: article, line, themes).")
@click.option("--no-labels", is_flag=True, help="Learn from no labels: the codebook alone decides.")
@click.option("--encoder", default="use", show_default=True, help="use, e5, none, or sentence-transformers:FOLDER.")
@click.option("--test-evidence", type=click.Choice(["some", "all", "none"]), default="some", show_default=True,
              help="Of which decisions the evidence is cut out and the passage scored again; some is at most 500.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@in_partitions()
@in_language
def tag(
    corpus: str,
    codebook: Path,
    out: str,
    labelled: Path | None,
    labels: Path | None,
    no_labels: bool,
    encoder: str,
    test_evidence: str,
    seed: int,
    engine: str | None,
    workers: int | None,
    scheduler: str | None,
    sample: int | None,
    skip_unreadable: bool,
    language: Language,
) -> None:
    """Find which passage states which theme of a codebook, on what evidence, and how sure that is.

    \b
    Example: research tag seeds/articles --codebook seeds/themes.toml --out themes
    Writes into themes: report.html (also as report.md, its figures in figures/),
    themes.csv (every passage and theme), documents.csv, summary.csv,
    evidence.csv, seeds.csv, codebook.csv, candidates.csv, shares.csv (by month
    and outlet), sightings.csv; dictionary.csv (what each column means) and
    citations.bib.
    """
    import research
    from research import bulk
    from research.tagging.pipeline import TESTED
    from research.themes import load_codebook

    if (labelled is None) != (labels is None):
        raise ConfigError("one without the other", where="--labelled and --labels", remedy="give both, or neither")
    if no_labels and labelled is not None:
        raise ConfigError("--no-labels and --labels contradict each other", remedy="give one of them")
    book = load_codebook(codebook)
    learned = (labelled, labels) if labelled is not None and labels is not None else not no_labels
    if (chosen := engine_of(corpus, engine, workers, scheduler, skip_unreadable, sample)) is not None:
        refuse(test_evidence=test_evidence != "some")
        found = bulk.tag(
            corpus, book, out, chosen, sample=sample or bulk.SAMPLES["tag"], labels=learned, encoder=encoder,
            seed=seed, skip_unreadable=skip_unreadable,
        )  # fmt: skip
        tell(found, out, language)
        return
    result = research.tag(
        loaded(corpus),
        book,
        labels=learned,
        encoder=encoder,
        tested={"some": TESTED, "all": None, "none": 0}[test_evidence],
        seed=seed,
    )
    research.report.write(result, out, language=language)
    for note in result.notes:
        click.echo(f"note: {note}")
    for theme in result.themes:
        where = f" in {theme.passages} passages of {theme.articles} articles" if theme.state == "found" else ""
        say(f"{theme.key}: {theme.state}{where}{f' ({theme.reason})' if theme.reason else ''}")
    click.echo(f"{len(result.passages)} passages: {Path(out) / 'report.html'}")


def loaded(path: str | Path) -> Any:
    """Read a corpus and name on the error stream what of it cannot be used."""
    import research

    corpus = research.load(path)
    bad = [document for document in corpus if document.problem]
    for document in bad[:5]:
        click.echo(f"research: {document.id}: {document.problem}; it has an empty result", err=True)
    if len(bad) > 5:
        click.echo(f"research: and {len(bad) - 5} more articles that cannot be used", err=True)
    return corpus
