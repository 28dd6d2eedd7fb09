"""What the Tab key completes, and the command that makes a shell ask for it.

The shells call the command itself at every Tab, so that what is here imports nothing that is slow to load.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

__all__ = ["completion", "experiment_names", "files", "names_of_experiments"]

_EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes the Tab key complete commands, options, experiments and files.

    It is for the command `research`, so that it must be found by that name: activate the environment first
    (source .venv/bin/activate).

    \b
    bash   eval "$(research completion bash)", at the end of ~/.bashrc to keep it
    zsh    eval "$(research completion zsh)", in ~/.zshrc after compinit
    fish   research completion fish > ~/.config/fish/completions/research.fish

    \b
    Example: research completion bash
    Writes nothing.
    """
    made = get_completion_class(shell)
    if made is None:  # click knows these three
        raise click.UsageError(f"no completion for {shell}")
    root = click.get_current_context().find_root().command
    click.echo(made(root, {}, "research", "_RESEARCH_COMPLETE").source(), nl=False)


def experiment_names() -> list[str]:
    """Name the experiments that `research.runs.find_experiments` finds, benchmarks with them; importing that takes far longer.

    Examples
    --------
    >>> "themes" in experiment_names()
    True
    """
    found = []
    for folder in (_EXPERIMENTS, _EXPERIMENTS / "benchmarks"):
        for path in sorted(folder.glob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if "\nclass Config" in text and "\ndef run(" in text:
                found.append(path.stem)
    return found


def names_of_experiments(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
    """Complete the name of an experiment."""
    return [CompletionItem(name) for name in experiment_names() if name.startswith(begun)]


def files(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
    """Leave the completion of a file or folder to the shell, for values that need not be paths."""
    return [CompletionItem(begun, type="file")]
