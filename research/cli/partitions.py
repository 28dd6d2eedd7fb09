"""Options and functions of commands that read a corpus in partitions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from research.cli.output import say
from research.errors import ConfigError

if TYPE_CHECKING:
    from research.bulk import BulkResult, Engine
    from research.report.language import Language

__all__ = ["AnyPath", "engine_of", "in_partitions", "refuse", "tell"]


class AnyPath(click.Path):
    """A path or an address, as it was typed."""

    def __init__(self) -> None:
        super().__init__(path_type=str)


def in_partitions(sample: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a command read a corpus in partitions.

    Parameters
    ----------
    sample : bool
        Whether it draws one.
    """
    options = [
        click.option("--engine", type=click.Choice(["memory", "stream", "dask"]),
                     help="Read everything at once, or partition by partition (tables in a folder, by a pattern or at "
                          "an address): in processes of this machine, or with dask. Chosen by what CORPUS is."),
        click.option("--workers", type=int, help="With stream or dask: how many processes; one a core when not given."),
        click.option("--scheduler", help="With dask: the address of a scheduler that runs. Name your own only: it runs code."),
        click.option("--skip-unreadable", is_flag=True, help="Leave partitions out that cannot be read."),
    ]  # fmt: skip
    if sample:
        options.insert(3, click.option("--sample", type=int, help="With stream or dask: how many articles are drawn."))

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def engine_of(
    corpus: str,
    engine: str | None,
    workers: int | None,
    scheduler: str | None,
    skip_unreadable: bool,
    sample: int | None = None,
) -> Engine | None:
    """Give the engine for a corpus; None where it is read at once.

    Raises
    ------
    ConfigError
        If options are given that are not for it.
    """
    from research.bulk import get_engine, in_parts

    if sample is not None and sample < 2:
        raise ConfigError(f"a sample of {sample}", where="--sample", remedy="give at least 2 articles")
    chosen = engine or ("stream" if in_parts(corpus) else "memory")
    if chosen != "memory":
        return get_engine(chosen, workers=workers, scheduler=scheduler)
    given = {"--workers": workers, "--scheduler": scheduler, "--sample": sample, "--skip-unreadable": skip_unreadable or None}
    for option, value in given.items():
        if value is not None:
            raise ConfigError(
                f"{option} is for partitions", where=option, remedy="give --engine stream or dask as well, or leave it out"
            )
    return None


def refuse(**given: bool) -> None:
    """Refuse options that are for a corpus that is read at once.

    Raises
    ------
    ConfigError
        For the first one that is given.
    """
    for name, is_given in given.items():
        if is_given:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{option} cannot be had with partitions", where=option, remedy="leave it out, or give --engine memory"
            )


def tell(result: BulkResult, out: str, language: Language) -> None:
    """Write the pages of a result, and say what was found."""
    import research

    research.report.write(result, out, language=language)
    for part, why in list(result.failures.items())[:5]:
        say(f"note: left out {part}: {why}")
    if result.unusable:
        say(f"note: {result.unusable} articles cannot be used; they have an empty row with the reason")
    for one in result.groups:
        if result.kind == "clean":
            say(f"{one.label}: {one.units or one.articles}")
        else:
            label = f" ({one.label})" if one.label not in {"", one.key} else ""
            say(f"{one.key}: {one.articles} articles{label}")
    page = f"{out.rstrip('/')}/report.html" if "://" in out else Path(out) / "report.html"
    click.echo(f"{result.articles} articles in {result.parts} partitions: {page}")
