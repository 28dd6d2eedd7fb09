"""The command that says what is installed and where things are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from research.cli.output import DOES_NOT_HOLD, say

if TYPE_CHECKING:
    from research.cli.findings import Examination, Finding

__all__ = ["doctor", "examine"]

_MARKS = {"fine": " ", "optional": " ", "note": "-", "problem": "!"}


def examine() -> Examination:
    """Look at the installation without importing what is installed; nothing goes to the network.

    Examples
    --------
    >>> [section.title for section in examine().sections][:2]
    ['package', 'cores and memory']
    """
    from research.cli import installed, surroundings
    from research.cli.findings import Examination

    asked = installed.declared()
    return Examination(
        (
            surroundings.package(),
            surroundings.cores_and_memory(),
            installed.encoders(asked),
            installed.dependencies(asked),
            installed.optional_parts(asked),
            surroundings.stores(),
            surroundings.terminal(),
            surroundings.fonts(),
        )
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for scripts.")
def doctor(as_json: bool) -> None:
    """Say what is installed, where things are, and what is missing.

    Begin with it, and send what it prints with a question. Exit status 1 when something that is required is missing or
    broken: marked !, and said again at the end with what to do about it. What is marked - is worth knowing, no more.

    \b
    Example: research doctor
    Writes nothing.
    """
    found = examine()
    if as_json:
        import json

        click.echo(json.dumps(found.as_mapping(), indent=2))  # in ASCII, whatever the terminal can print
    else:
        _print(found)
    sys.exit(DOES_NOT_HOLD if found.problems else 0)


def _print(found: Examination) -> None:
    width = max(len(finding.name) for section in found.sections for finding in section.findings)
    for section in found.sections:
        say(section.title)
        for finding in section.findings:
            say(f"{_MARKS[finding.state]} {finding.name:<{width}}  {_told(finding)}")
    if not found.problems:
        say("Everything that is required is here.")
        return
    say("Missing or broken:")
    for finding in found.problems:
        say(f"! {finding.sentence()}")


def _told(finding: Finding) -> str:
    """Give what was found, and the remedy where it is not said again at the end."""
    return finding.found + (f": {finding.remedy}" if finding.remedy and finding.state != "problem" else "")
