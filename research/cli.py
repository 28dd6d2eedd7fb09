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

_UNUSABLE = 2


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
@click.option("--resolution", type=float, default=1.0, show_default=True, help="Higher gives more and smaller topics.")
@click.option("--min-topic-size", type=int, help="Smaller groups join their neighbours.")
@click.option("--seed", type=int, default=0, show_default=True)
def discover(
    corpus: Path, out: Path, unit: Any, encoder: str, resolution: float, min_topic_size: int | None, seed: int
) -> None:
    """Find the topics of a corpus.

    Example: research discover seeds/articles --out topics
    """
    import research

    result = research.discover(
        _loaded(corpus), unit=unit, encoder=encoder, resolution=resolution, min_topic_size=min_topic_size, seed=seed
    )
    research.report.write(result, out)
    for note in result.notes:
        click.echo(f"note: {note}")
    click.echo(f"{len(result.topics)} topics in {len(result.units)} {result.unit}s: {out / 'report.html'}")


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
def list_experiments() -> None:
    """List the experiments."""
    from research.experiment import find_experiments

    for name, experiment in _some(find_experiments()).items():
        click.echo(f"{name:<12} {experiment.summary}")


@main.command()
@click.argument("name")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Another configuration (TOML).")
@click.option("--corpus", type=click.Path(path_type=Path), help="Another corpus.")
@click.option("--seeds", type=click.IntRange(min=1), help="How many seeds.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder; runs/NAME when not given.")
@click.option("--quick", is_flag=True, help="The faster version.")
def run(name: str, config_file: Path | None, corpus: Path | None, seeds: int | None, out: Path | None, quick: bool) -> None:
    """Run one experiment.

    Example: research run themes --corpus seeds/articles --out runs/themes
    """
    from research.experiment import find_experiments, run_experiment

    known = _some(find_experiments())
    if name not in known:
        raise ConfigError(f"unknown experiment {name!r}", remedy=f"experiments are {', '.join(known)}")
    folder = out or Path("runs") / name
    changes = {"corpus": None if corpus is None else str(corpus), "seeds": seeds}
    given = {key: value for key, value in changes.items() if value is not None}
    run_experiment(known[name], folder, config_file=config_file, changes=given, quick=quick)
    click.echo(f"{name}: {folder / 'report.html'}")


@main.command()
@click.option("--quick", is_flag=True, help="Faster versions of all experiments.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Folder for the reports."
)
def reports(quick: bool, out: Path) -> None:
    """Run every experiment on the bundled articles and link their reports.

    Example: research reports --quick --out reports
    """
    from research.experiment import find_experiments, run_experiment
    from research.progress import progress
    from research.report.index_page import write_index

    known = _some(find_experiments())
    for name, experiment in progress(known.items(), "experiments", total=len(known)):
        run_experiment(experiment, out / name, quick=quick)
        click.echo(f"{name}: {out / name / 'report.html'}")
    write_index(out, {name: experiment.summary for name, experiment in known.items()})
    click.echo(f"all: {out / 'index.html'}")


def _some(known: dict[str, Any]) -> dict[str, Any]:
    if not known:
        raise ConfigError(
            "no experiments here", remedy="they come with the project's repository: clone it and install it with pip install -e"
        )
    return known


if __name__ == "__main__":
    main()
