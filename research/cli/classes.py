"""The command that gives articles the classes of labelled ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from research.cli.articles import in_language, loaded, to_folder
from research.cli.output import say
from research.cli.partitions import AnyPath, engine_of, in_partitions, refuse, tell
from research.errors import ConfigError

if TYPE_CHECKING:
    from research.report.language import Language

__all__ = ["classify"]


@click.command()
@click.option("--train", required=True, type=click.Path(path_type=Path),
              help="Articles with a column `label` (of a table, or of metadata.csv) to learn from.")  # fmt: skip
@click.option("--test", type=AnyPath(),
              help="Articles to classify (labels are scored); those of --train without a label when not given.")  # fmt: skip
@to_folder
@click.option("--encoder", default="use", show_default=True, help="use, e5, none, or sentence-transformers:FOLDER.")
@click.option("--precision", type=float,
              help="Answer only where so large a share was right on held-out articles, such as 0.9.")  # fmt: skip
@click.option("--seconds", type=float, default=60.0, show_default=True, help="The time for choosing how to learn.")
@click.option("--explain", type=click.Choice(["some", "all", "none"]), default="some", show_default=True,
              help="Of which answers the sentences that carry them are sought; some is at most 30.")  # fmt: skip
@click.option("--save", "save", type=click.Path(path_type=Path), help="A file for the classifier.")
@click.option("--several", is_flag=True,
              help="Labels may be several, parted by ;, or - for none of them; every label that fits is given.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@in_partitions()
@in_language
def classify(
    train: Path,
    test: str | None,
    out: str,
    encoder: str,
    precision: float | None,
    seconds: float,
    explain: str,
    save: Path | None,
    several: bool,
    seed: int,
    engine: str | None,
    workers: int | None,
    scheduler: str | None,
    sample: int | None,
    skip_unreadable: bool,
    language: Language,
) -> None:
    """Learn classes from labelled articles, give them to others, and say how far they can be trusted.

    \b
    Example: research classify --train seeds/labelled.csv --test seeds/articles --out classes
    Writes into classes: report.html (also as report.md), predictions.csv (every
    article), probabilities.csv, classes.csv, suspects.csv (labels to look at
    again), choice.csv, metrics.json; dictionary.csv (what each column means) and
    citations.bib.
    seeds/labelled.csv holds 60 of the bundled passages; yours has the same columns,
    text and label.
    """
    import research
    from research import bulk
    from research.classification import EXPLAINED
    from research.classification import classify as learn_and_give
    from research.classification.model_file import write_classifier

    if (chosen := engine_of(test or "", engine, workers, scheduler, skip_unreadable, sample)) is not None:
        if test is None:
            raise ConfigError("there is nothing to classify", where="--engine", remedy="name the partitions with --test")
        refuse(several=several, save=save is not None, explain=explain != "some")
        whole = bulk.classify(
            loaded(train), test, out, chosen, sample=sample or bulk.SAMPLES["classify"], encoder=encoder,
            seconds=seconds, precision=precision, seed=seed, skip_unreadable=skip_unreadable,
        )  # fmt: skip
        tell(whole, out, language)
        return
    if several:
        refused = {"--precision": precision is not None, "--save": save is not None, "--explain all": explain == "all"}
        if any(refused.values()):
            named = " and ".join(name for name, given in refused.items() if given)
            raise ConfigError(f"--several cannot be had with {named}", remedy="leave one of them out")
        _classify_several(train, test, out, encoder, seconds, seed, language)
        return
    if save is not None and save.is_dir():
        raise ConfigError("this is a folder", where=f"--save {save}", remedy="name a file")
    known = loaded(train)
    result = learn_and_give(
        known,
        None if test is None else loaded(test),
        encoder=encoder,
        precision=precision,
        seconds=seconds,
        explained={"some": EXPLAINED, "all": None, "none": 0}[explain],
        seed=seed,
    )
    research.report.write(result, out, language=language)
    if save is not None:
        write_classifier(result.classifier, save, settings=result.settings, thresholds=_thresholds(result))
    for note in result.notes:
        say(f"note: {note}")
    for name, size in result.table()[["label", "given"]].itertuples(index=False):
        say(f"{name}: given to {size} articles")
    for found in (result.held_out, result.tested):
        if found is not None:
            say(f"{found.texts} {found.what}: accuracy {found.accuracy}, macro-F1 {found.macro_f1}")
    click.echo(f"{len(result.articles)} articles: {Path(out) / 'report.html'}")


def _classify_several(
    train: Path, test: str | None, out: str, encoder: str, seconds: float, seed: int, language: Language
) -> None:
    import research

    known = loaded(train)
    asked = None if test is None else loaded(test)
    result = research.classify_several(known, asked, encoder=encoder, seconds=seconds, seed=seed)
    research.report.write(result, out, language=language)
    for note in result.notes:
        say(f"note: {note}")
    for name, size in result.classes()[["label", "given"]].itertuples(index=False):
        say(f"{name}: given to {size} articles")
    for found in (result.held_out, result.tested):
        if found is not None:
            say(
                f"{found.texts} {found.what}: macro-F1 {found.macro_f1}, micro-F1 {found.micro_f1}, "
                f"all labels right {found.subset_accuracy}"
            )
    click.echo(f"{len(result.articles)} articles: {Path(out) / 'report.html'}")


def _thresholds(result: Any) -> dict[str, float]:
    """Give every class the probability that it needs; none where every class is given."""
    if not result.threshold:
        return {}
    # A file holds no infinity, and no probability reaches 2.
    return dict.fromkeys(result.classes, min(result.threshold, 2.0))
