"""How a command ends and what it prints: help in the order of work, one line an error, nothing that could steer a terminal."""

from __future__ import annotations

import inspect
import io
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import click

from research.errors import ResearchError
from research.files import disk_refuses

__all__ = ["DOES_NOT_HOLD", "UNUSABLE", "Group", "examples", "fail", "say"]

DOES_NOT_HOLD, UNUSABLE = 1, 2  # exit statuses


class Group(click.Group):
    """Commands in the order in which one would use them, each with an example.

    Every failure is one line on the standard error stream and exit status 2.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections: dict[str, list[str]] = {}

    def add_section(self, title: str, commands: Iterable[click.Command]) -> None:
        """Add commands that stand together in the help, below those of earlier sections."""
        for command in commands:
            self.add_command(command)
            self._sections.setdefault(title, []).append(command.name or "")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the sections, not of the alphabet."""
        return [name for names in self._sections.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every section's commands, each with its first example below."""
        width = max(map(len, self.commands), default=0)
        for title, names in self._sections.items():
            with formatter.section(title):
                for name in names:
                    command = self.commands[name]
                    formatter.write_dl([(name.ljust(width), command.get_short_help_str(200))])
                    for example in examples(command)[:1]:  # as it is, to be copied, where click would break the line
                        formatter.write(f"{'':>{formatter.current_indent + width + 2}}{example}\n")

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        _print_whatever_comes()
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
            if isinstance(error, OSError) and disk_refuses(error):  # that of the store, or of temporary files
                fail(f"a disk cannot be written to ({error.strerror}); make room: research doctor says where files are kept")
            kind = type(error).__name__
            fail(f"unexpected {kind}: {' '.join(str(error).split())[:300]}; run again with --debug and report it")


def _print_whatever_comes() -> None:
    """Let a terminal that has no Arabic letters show their numbers: a command would end in an error after its work is done."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def examples(command: click.Command) -> Sequence[str]:
    """Give the examples that a command's help has, as they would be typed.

    Examples
    --------
    >>> from research.cli.articles import clean
    >>> examples(clean)
    ['research clean seeds/articles --out cleaned']
    """
    return re.findall(r"^Example: (.+)$", inspect.cleandoc(command.help or ""), re.MULTILINE)


def fail(line: str, status: int = UNUSABLE) -> NoReturn:
    """Print one line on the error stream and end with this exit status."""
    click.echo(f"research: {_printable(line)}", err=True)
    sys.exit(status)


def say(line: str) -> None:
    """Print what a run folder says, which may come from anybody: without what could steer a terminal."""
    click.echo(_printable(line))


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() or char == " " else "\ufffd" for char in line)
