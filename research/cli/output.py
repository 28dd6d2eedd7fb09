"""How a command ends and what it prints: one line for every error, and nothing that could steer a terminal."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from research.errors import ResearchError

__all__ = ["DOES_NOT_HOLD", "UNUSABLE", "Group", "fail", "say"]

DOES_NOT_HOLD, UNUSABLE = 1, 2  # exit statuses


class Group(click.Group):
    """Commands whose every failure is one line on the standard error stream and exit status 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            return super().main(*args, **kwargs)
        except (click.exceptions.Abort, KeyboardInterrupt):
            fail("stopped", 130)
        except click.exceptions.Exit as stopped:
            sys.exit(stopped.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(UNUSABLE)
        except click.ClickException as error:
            fail(" ".join(error.format_message().split()))
        except ResearchError as error:
            if "--debug" in sys.argv:
                raise
            fail(str(error))
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            kind = type(error).__name__
            fail(f"unexpected {kind}: {' '.join(str(error).split())[:300]}; run again with --debug and report it")


def fail(line: str, status: int = UNUSABLE) -> NoReturn:
    """Print one line on the error stream and end with this exit status."""
    click.echo(f"research: {line}", err=True)
    sys.exit(status)


def say(line: str) -> None:
    """Print what a run folder says, which may come from anybody: without what could steer a terminal."""
    click.echo("".join(char if char.isprintable() or char == " " else "\ufffd" for char in line))
