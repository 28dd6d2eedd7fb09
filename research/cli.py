"""The ``research`` command. It reads options, calls the package, and turns its errors into one line and an exit status."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from research import __version__
from research.errors import ConfigError, ResearchError

__all__ = ["main"]

_DOES_NOT_HOLD, _UNUSABLE = 1, 2


class _Group(click.Group):
    """Commands whose every failure is one line on the standard error stream and exit status 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            return super().main(*args, **kwargs)
        except (click.exceptions.Abort, KeyboardInterrupt):
            _fail("stopped", 130)
        except click.exceptions.Exit as stopped:
            sys.exit(stopped.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(_UNUSABLE)
        except click.ClickException as error:
            _fail(" ".join(error.format_message().split()))
        except ResearchError as error:
            if "--debug" in sys.argv:
                raise
            _fail(str(error))
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            kind = type(error).__name__
            _fail(f"unexpected {kind}: {' '.join(str(error).split())[:300]}; run again with --debug and report it")


def _fail(line: str, status: int = _UNUSABLE) -> NoReturn:
    click.echo(f"research: {line}", err=True)
    sys.exit(status)


def _out(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--out", "out", type=click.Path(path_type=Path), required=True, help="Folder for the results; made if it is not there."
    )(command)


_CORPUS = click.argument("corpus", type=click.Path(path_type=Path))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="research")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
def main(debug: bool) -> None:
    """Themes in saved news articles, Arabic first.

    CORPUS is a folder of .txt and .html files, or one .jsonl, .csv or .parquet file (also with .gz) with a column `text`.
    """
    if not debug:
        warnings.simplefilter("ignore")


@main.command()
@_CORPUS
@_out
@click.option(
    "--unit", type=click.Choice(["paragraph", "sentence"]), default="paragraph", show_default=True, help="What a passage is."
)
def clean(corpus: Path, out: Path, unit: Any) -> None:
    """Take page furniture out, mark copies, and write the passages.

    Example: research clean seeds/articles --out cleaned
    """
    import research

    result = research.clean(_loaded(corpus), unit=unit)
    research.report.write(result, out)
    click.echo(f"{len(result.passages)} passages, {len(result.removed)} lines left out, {len(result.repeats)} repeats: {out}")


@main.command()
@_CORPUS
@_out
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
def discover(
    corpus: Path,
    out: Path,
    unit: Any,
    encoder: str,
    codebook: Path | None,
    no_labels: bool,
    topics: int | None,
    resolution: float | None,
    min_topic_size: int | None,
    seed: int,
    save: Path | None,
) -> None:
    """Find the topics of a corpus.

    Example: research discover seeds/articles --out topics --save topics/model.topics
    """
    import research
    from research.themes import load_codebook

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
        _loaded(corpus),
        unit=unit,
        codebook=book,
        labels=not no_labels,
        encoder=encoder,
        n_topics=topics,
        resolution=resolution,
        min_topic_size=min_topic_size,
        seed=seed,
    )
    research.report.write(result, out)
    if save is not None:
        result.save(save, encoder=encoder if encoder.startswith("sentence-transformers:") else None)
    for note in result.notes:
        click.echo(f"note: {note}")
    click.echo(f"{len(result.topics)} topics in {len(result.units)} {result.unit}s: {out / 'report.html'}")


@main.command()
@_CORPUS
@click.option("--model", required=True, type=click.Path(path_type=Path), help="What research discover --save wrote.")
@_out
@click.option("--encoder", help="Only for topics that were made with sentence-transformers:FOLDER.")
def assign(corpus: Path, model: Path, out: Path, encoder: str | None) -> None:
    """Give a corpus the topics that were found in another one, cleaned and divided in the same way.

    Example: research assign seeds/articles --model topics/model.topics --out assigned
    """
    import research

    topics = research.load_topics(model, encoder=encoder)
    result = topics.assign_corpus(_loaded(corpus))
    research.report.write(result, out)
    for topic, size, label in result.table()[["topic", "size", "label"]].itertuples(index=False):
        _say(f"{topic}: {size} {result.unit}s ({label})")
    click.echo(f"{len(result.units)} {result.unit}s: {out / 'assignments.csv'}")


@main.command()
@_CORPUS
@click.option("--codebook", required=True, type=click.Path(path_type=Path), help="The themes (TOML); seeds/themes.toml is one.")
@_out
@click.option(
    "--labelled", type=click.Path(path_type=Path), help="Labelled articles to learn from, instead of the codebook's own."
)
@click.option("--labels", type=click.Path(path_type=Path), help="The labels of their lines (CSV: article, line, themes).")
@click.option("--no-labels", is_flag=True, help="Learn from no labels: the codebook alone decides.")
@click.option("--encoder", default="use", show_default=True, help="use, e5, none, or sentence-transformers:FOLDER.")
@click.option("--test-evidence", type=click.Choice(["some", "all", "none"]), default="some", show_default=True,
              help="Of which decisions the evidence is cut out and the passage scored again; some is at most 500.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
def tag(
    corpus: Path,
    codebook: Path,
    out: Path,
    labelled: Path | None,
    labels: Path | None,
    no_labels: bool,
    encoder: str,
    test_evidence: str,
    seed: int,
) -> None:
    """Find which passage states which theme of a codebook, on what evidence, and how sure that is.

    Example: research tag seeds/articles --codebook seeds/themes.toml --out themes
    """
    import research
    from research.tagging.pipeline import TESTED
    from research.themes import load_codebook

    if (labelled is None) != (labels is None):
        raise ConfigError("one without the other", where="--labelled and --labels", remedy="give both, or neither")
    if no_labels and labelled is not None:
        raise ConfigError("--no-labels and --labels contradict each other", remedy="give one of them")
    book = load_codebook(codebook)
    result = research.tag(
        _loaded(corpus),
        book,
        labels=(labelled, labels) if labelled is not None and labels is not None else not no_labels,
        encoder=encoder,
        tested={"some": TESTED, "all": None, "none": 0}[test_evidence],
        seed=seed,
    )
    research.report.write(result, out)
    for note in result.notes:
        click.echo(f"note: {note}")
    for theme in result.themes:
        where = f" in {theme.passages} passages of {theme.articles} articles" if theme.state == "found" else ""
        _say(f"{theme.key}: {theme.state}{where}{f' ({theme.reason})' if theme.reason else ''}")
    click.echo(f"{len(result.passages)} passages: {out / 'report.html'}")


def _loaded(path: Path) -> Any:
    """Read a corpus and name on the error stream what of it cannot be used."""
    import research

    corpus = research.load(path)
    bad = [document for document in corpus if document.problem]
    for document in bad[:5]:
        click.echo(f"research: {document.id}: {document.problem}; it has an empty result", err=True)
    if len(bad) > 5:
        click.echo(f"research: and {len(bad) - 5} more articles that cannot be used", err=True)
    return corpus


# -- experiments --------------------------------------------------------------------------------------------------------


@main.command("list")
@click.argument("name", required=False)
def list_experiments(name: str | None) -> None:
    """List the experiments, or the configuration of one.

    Example: research list themes
    """
    import dataclasses
    import json

    from research.runs import find_experiments

    known = _some(find_experiments(benchmarks=True))
    if name is not None:
        for key, value in dataclasses.asdict(_named(known, name).configured()).items():
            click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        return
    width = max(map(len, known))
    for experiment in known.values():
        click.echo(f"{experiment.name:<{width}}  {experiment.summary}")


@main.command()
@click.argument("name")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Another configuration (TOML).")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a value of it; may be given several times.")
@click.option("--corpus", help="Another corpus.")
@click.option("--seeds", type=click.IntRange(min=1), help="How many seeds.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder; runs/NAME when not given.")
@click.option("--resume", is_flag=True, help="Go on where a run into this folder stopped, and try again what failed.")
@click.option("--fresh", is_flag=True, help="Begin anew although an interrupted run is there.")
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="MINUTES", help="Begin no further measurement after this time.")
@click.option("--quick", is_flag=True, help="The faster version.")
def run(
    name: str,
    config_file: Path | None,
    changes: tuple[str, ...],
    corpus: str | None,
    seeds: int | None,
    out: Path | None,
    resume: bool,
    fresh: bool,
    workers: int | None,
    budget: float | None,
    quick: bool,
) -> None:
    """Run one experiment.

    Example: research run themes --corpus seeds/articles --set resolution=1.0 --out runs/themes
    """
    from research.runs import find_experiments, parse_changes, run_experiment

    experiment = _named(_some(find_experiments(benchmarks=True)), name)
    folder = out or Path("runs") / name
    if corpus is not None and not corpus.strip():
        raise ConfigError("is empty", where="--corpus", remedy="name a folder or file")
    given = parse_changes(changes, experiment.config)
    for key, value in (("corpus", corpus), ("seeds", seeds)):
        if value is not None and key in given:
            raise ConfigError(f"{key} is given twice", where="--set", remedy=f"give it once, as --{key} or --set")
        if value is not None:
            given[key] = value
    if resume and fresh:
        raise ConfigError("--resume and --fresh contradict each other", remedy="give one of them")
    config = experiment.configured(config_file, given, quick=quick)
    seconds = None if budget is None else 60 * budget
    try:
        finished = run_experiment(
            experiment, folder, config=config, resume=resume, fresh=fresh, workers=workers, budget=seconds
        )
    except KeyboardInterrupt:
        _fail("stopped; what was measured is kept, and the same command with --resume goes on from there", 130)
    click.echo(f"{name}: {folder / 'report.html'}")
    sys.exit(_told(finished))


def _named(known: dict[str, Any], name: str) -> Any:
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"experiments are {', '.join(known)}"
        raise ConfigError(f"unknown experiment {name!r}", remedy=remedy)
    return known[name]


def _told(finished: Any) -> int:
    """Say what a run has found and what is missing from it; give the exit status."""
    for headline in finished.headlines:
        click.echo(f"  {headline.sentence()}")
    missing = finished.missing
    if missing:
        total = len(finished.outcomes)
        click.echo(f"research: {len(missing)} of {total} measurements are missing; --resume tries them again", err=True)
        for outcome in missing[:5]:
            cell = outcome.cell
            click.echo(f"research: {cell.model}, {cell.corpus}, seed {cell.seed}: {outcome.status}", err=True)
    return _DOES_NOT_HOLD if missing else 0


@main.command()
@click.option("--quick", is_flag=True, help="Faster versions of all experiments.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder for the reports."
)
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
def reports(quick: bool, out: Path, workers: int | None) -> None:
    """Run every experiment on the bundled articles and link their reports.

    Example: research reports --quick --out reports
    """
    from research.progress import progress
    from research.report.index_page import write_index
    from research.runs import find_experiments, run_experiment

    known = _some(find_experiments())
    status = 0
    for name, experiment in progress(known.items(), "experiments", total=len(known)):
        config = experiment.configured(quick=quick)
        finished = run_experiment(experiment, out / name, config=config, fresh=True, workers=workers)
        click.echo(f"{name}: {out / name / 'report.html'}")
        status = max(status, _told(finished))
    write_index(out, {name: experiment.summary for name, experiment in known.items()})
    click.echo(f"all: {out / 'index.html'}")
    sys.exit(status)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--tolerance", type=click.FloatRange(min=0), default=0.02, show_default=True,
              help="Up to this difference values count as equal (relative to values above 1).")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
def verify(runs: tuple[Path, ...], tolerance: float, workers: int | None) -> None:
    """Measure runs again and grade every field of them.

    The grade is exact, equal within tolerance, input changed, code changed, environment changed, edited after the run, or
    unverifiable. Exit status 1 when a run does not hold.

    Example: research verify reports/themes
    """
    from research.runs import find_experiments, verify_run

    known = _some(find_experiments(benchmarks=True))
    status = 0
    for folder in runs:
        try:
            found = verify_run(folder, known, tolerance=tolerance, workers=workers)
        except ResearchError as error:
            click.echo(f"research: {error}", err=True)
            status = _UNUSABLE
            continue
        status = max(status, 0 if found.holds else _DOES_NOT_HOLD)
        _say(f"{folder}: {found.grade}")
        for part, counts in found.counts().items():
            _say(f"  {part:<12} " + ", ".join(f"{count} {grade}" for grade, count in counts.items()))
        for finding in found.findings:
            if finding.grade != "exact":
                detail = f": {finding.detail}" if finding.detail else ""
                _say(f"    {finding.part}, {finding.field}: {finding.grade}{detail}")
    sys.exit(status)


def _say(line: str) -> None:
    """Print what a run folder says, which may come from anybody: without what could steer a terminal."""
    click.echo("".join(char if char.isprintable() or char == " " else "\ufffd" for char in line))


@main.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def diff(before: Path, after: Path) -> None:
    """Compare two runs: what went in differently, and which metrics moved beyond noise.

    Exit status 1 when one did, or when one run has metrics that the other has not.

    Example: research diff reports/themes runs/themes
    """
    from research.runs import diff_runs

    found = diff_runs(before, after)
    for change in found.changes:
        _say(f"{change.part}, {change.field}: {_short(change.before)} -> {_short(change.after)}")
    for key in found.only_before:
        _say(f"only in {before}: {', '.join(key)}")
    for key in found.only_after:
        _say(f"only in {after}: {', '.join(key)}")
    equal = sum(move.verdict == "equal" for move in found.moves)
    for move in found.moves:
        if move.verdict != "equal":
            noise = f", noise {move.noise:.3g} ({move.source})" if move.noise == move.noise else ""
            p = f", p {move.p:.2g}" if move.p == move.p else ""
            values = f"{move.before:.4g} -> {move.after:.4g}"
            _say(f"{move.model}, {move.corpus}, {move.metric}: {values}: {move.verdict}{noise}{p}")
    _say(f"{len(found.moves)} metrics in both, {equal} of them equal")
    sys.exit(0 if found.alike else _DOES_NOT_HOLD)


def _short(value: Any) -> str:
    text = "not there" if value is None else " ".join(str(value).split())
    return text[:12] + "…" if len(text) == 64 else text[:80]


def _some(known: dict[str, Any]) -> dict[str, Any]:
    if not known:
        raise ConfigError(
            "no experiments here", remedy="they come with the project's repository: clone it and install it with pip install -e"
        )
    return known


if __name__ == "__main__":
    main()
