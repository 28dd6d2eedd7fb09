"""The command, as a process of its own or, where that would only be slower, in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent


def research(*words, cwd=ROOT, **environment) -> subprocess.CompletedProcess[str]:
    """Run the command as users do; a start takes seconds."""
    return subprocess.run(
        [sys.executable, "-m", "research.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "RESEARCH_PROGRESS": "0", "PYTHONPATH": str(ROOT), **environment},
    )


def research_here(*words) -> subprocess.CompletedProcess[str]:
    """Run the same code in this process, in the project's folder: exit status and what is printed are those of the command."""
    from research.cli import main

    before = Path.cwd()
    os.chdir(ROOT)
    try:
        done = CliRunner(env={"RESEARCH_PROGRESS": "0"}).invoke(main, [*map(str, words)], prog_name="research")
    finally:
        os.chdir(before)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception  # a process would end in a traceback
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)
