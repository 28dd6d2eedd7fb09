"""The commands of experiments: list, run, reports, and what is said of a run; verify, diff."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from research.cli.articles import in_language
from research.cli.output import DOES_NOT_HOLD, UNUSABLE, fail, say
from research.cli.shells import files, names_of_experiments
from research.errors import ConfigError, ResearchError

if TYPE_CHECKING:
    from research.report.language import Language

__all__ = ["diff", "list_experiments", "reports", "run", "verify"]


@click.command("list")
@click.argument("name", required=False, shell_complete=names_of_experiments)
def list_experiments(name: str | None) -> None:
    """List the experiments, or the configuration of one.

    \b
    Example: research list
    Example: research list themes
    Writes nothing.
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


@click.command()
@click.argument("name", shell_complete=names_of_experiments)
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Another configuration (TOML).")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a value of it; may be given several times.")
@click.option("--corpus", help="Another corpus.", shell_complete=files)
@click.option("--seeds", type=click.IntRange(min=1), help="How many seeds.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder; runs/NAME when not given.")
@click.option("--resume", is_flag=True, help="Go on where a run into this folder stopped, and try again what failed.")
@click.option("--fresh", is_flag=True, help="Begin anew although an interrupted run is there.")
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="MINUTES", help="Begin no further measurement after this time.")
@click.option("--quick", is_flag=True, help="The faster version.")
@in_language
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
    language: Language,
) -> None:
    """Run one experiment.

    \b
    Example: research run themes --quick --out runs/themes
    Writes into runs/themes: report.html, manifest.json (what went in), records.jsonl
    (every measured value), headlines.jsonl, and the experiment's tables and figures.
    Your articles: research run themes --corpus my-articles --out runs/mine
    """
    from research.report.language import speaking
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
        with speaking(language):
            finished = run_experiment(
                experiment, folder, config=config, resume=resume, fresh=fresh, workers=workers, budget=seconds
            )
    except KeyboardInterrupt:
        fail("stopped; what was measured is kept, and the same command with --resume goes on from there", 130)
    click.echo(f"{name}: {folder / 'report.html'}")
    sys.exit(_told(finished))


def _named(known: Mapping[str, Any], name: str) -> Any:
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
    return DOES_NOT_HOLD if missing else 0


@click.command()
@click.option("--quick", is_flag=True, help="Faster versions of all experiments.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder for the reports."
)
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
@in_language
def reports(quick: bool, out: Path, workers: int | None, language: Language) -> None:
    """Run every experiment on the bundled articles and link their reports.

    \b
    Example: research reports --quick --out runs/quick
    Writes into runs/quick: index.html, headlines.csv, and a folder for every
    experiment, as research run does. It takes minutes.
    """
    from research.progress import progress
    from research.report.index_page import write_index
    from research.report.language import speaking
    from research.runs import find_experiments, run_experiment

    known = _some(find_experiments())
    status = 0
    measured = {}
    with speaking(language):
        for name, experiment in progress(known.items(), "experiments", total=len(known)):
            config = experiment.configured(quick=quick)
            finished = run_experiment(experiment, out / name, config=config, fresh=True, workers=workers)
            measured[name] = finished.headlines
            click.echo(f"{name}: {out / name / 'report.html'}")
            status = max(status, _told(finished))
        write_index(out, {name: experiment.summary for name, experiment in known.items()}, measured)
    click.echo(f"all: {out / 'index.html'}")
    sys.exit(status)


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--tolerance", type=click.FloatRange(min=0), default=0.02, show_default=True,
              help="Up to this difference values count as equal (relative to values above 1).")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; the result does not depend on it.")
def verify(runs: tuple[Path, ...], tolerance: float, workers: int | None) -> None:
    """Measure runs again and grade every field of them.

    The grade is exact, equal within tolerance, input changed, code changed, environment changed, edited after the run, or
    unverifiable. Exit status 1 when a run does not hold.

    \b
    Example: research verify runs/themes
    Writes nothing. What it needs is written by the example of research run; the
    reports of the project can be verified in the same way (reports/themes).
    """
    from research.runs import find_experiments, verify_run

    known = _some(find_experiments(benchmarks=True))
    status = 0
    for folder in runs:
        try:
            found = verify_run(folder, known, tolerance=tolerance, workers=workers)
        except ResearchError as error:
            click.echo(f"research: {error}", err=True)
            status = UNUSABLE
            continue
        status = max(status, 0 if found.holds else DOES_NOT_HOLD)
        say(f"{folder}: {found.grade}")
        for part, counts in found.counts().items():
            say(f"  {part:<12} " + ", ".join(f"{count} {grade}" for grade, count in counts.items()))
        for finding in found.findings:
            if finding.grade != "exact":
                detail = f": {finding.detail}" if finding.detail else ""
                say(f"    {finding.part}, {finding.field}: {finding.grade}{detail}")
    sys.exit(status)


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def diff(before: Path, after: Path) -> None:
    """Compare two runs: what went in differently, and which metrics moved beyond noise.

    Exit status 1 when one did, or when one run has metrics that the other has not.

    \b
    Example: research diff reports/themes runs/themes
    Writes nothing. What it needs is written by the example of research run.
    """
    from research.runs import diff_runs

    found = diff_runs(before, after)
    for change in found.changes:
        say(f"{change.part}, {change.field}: {_short(change.before)} -> {_short(change.after)}")
    for key in found.only_before:
        say(f"only in {before}: {', '.join(key)}")
    for key in found.only_after:
        say(f"only in {after}: {', '.join(key)}")
    equal = sum(move.verdict == "equal" for move in found.moves)
    for move in found.moves:
        if move.verdict != "equal":
            noise = f", noise {move.noise:.3g} ({move.source})" if move.noise == move.noise else ""
            p = f", p {move.p:.2g}" if move.p == move.p else ""
            values = f"{move.before:.4g} -> {move.after:.4g}"
            say(f"{move.model}, {move.corpus}, {move.metric}: {values}: {move.verdict}{noise}{p}")
    say(f"{len(found.moves)} metrics in both, {equal} of them equal")
    sys.exit(0 if found.alike else DOES_NOT_HOLD)


def _short(value: Any) -> str:
    text = "not there" if value is None else " ".join(str(value).split())
    return text[:12] + "…" if len(text) == 64 else text[:80]


def _some(known: Mapping[str, Any]) -> Mapping[str, Any]:
    if not known:
        raise ConfigError(
            "no experiments here", remedy="they come with the project's repository: clone it and install it with pip install -e"
        )
    return known
