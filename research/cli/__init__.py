"""The ``research`` command. It reads options, calls the package, and turns its errors into one line and an exit status."""

from __future__ import annotations

import warnings

import click

from research import __version__
from research.cli.articles import assign, clean, discover, tag
from research.cli.classes import classify
from research.cli.examination import doctor
from research.cli.experiments import diff, list_experiments, reports, run, verify
from research.cli.output import Group
from research.cli.shells import completion

__all__ = ["main"]


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="research")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
def main(debug: bool) -> None:
    """Themes in saved news articles, Arabic first.

    CORPUS is a folder of .txt and .html files, or one .jsonl, .csv or .parquet file (also with .gz) with a column `text`.

    The examples are for the project's folder, where seeds/articles are bundled articles; put your own in their place.
    research COMMAND --help says more.
    """
    if not debug:
        warnings.simplefilter("ignore")


main.add_section("Before you begin", (doctor,))
main.add_section("From articles to topics, themes and classes", (clean, discover, assign, tag, classify))
main.add_section("Experiments that can be checked", (list_experiments, run, verify, diff, reports))
main.add_section("In your shell", (completion,))
