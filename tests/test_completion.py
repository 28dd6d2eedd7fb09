"""The Tab key: what shells are given when they ask as they do, by environment variables."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

from research.cli import main
from research.cli.shells import experiment_names
from research.runs import find_experiments
from tests.commands import ROOT, research_here

SHELLS = ("bash", "zsh", "fish")


def asked(line: str, shell: str = "bash") -> dict[str, str]:
    """The variables with which a shell asks for the last word of a line; it may be empty."""
    words = line.split(" ")
    at = words[-1] if shell == "fish" else str(len(words) - 1)
    return {"_RESEARCH_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": at}


def completed(line: str, shell: str = "bash") -> list[str]:
    done = CliRunner(env=asked(line, shell)).invoke(main, [], prog_name="research")
    assert done.exit_code == 0, done.output
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("research di", ["plain,discover", "plain,diff"]),
        ("research run th", ["plain,themes"]),
        ("research list tag", ["plain,tagging", "plain,tagging_speed"]),
        ("research run nothing-like-it", []),
        ("research run themes --qu", ["plain,--quick"]),
        ("research run themes --corpus se", ["file,se"]),
        ("research clean x --unit se", ["plain,sentence"]),
        ("research discover x --unit ", ["plain,auto", "plain,document", "plain,passage"]),
        ("research discover x --unit=d", ["plain,document"]),
        ("research classify --explain s", ["plain,some"]),
        ("research completion z", ["plain,zsh"]),
        ("research discover مقال", ["file,مقال"]),
        ("research discover x --out ", ["file,"]),
        ("research tag x --codebook seeds/t", ["file,seeds/t"]),
        ("research verify reports/themes ", ["file,"]),
        ("research diff reports/themes ", ["file,"]),
        ("research --deb", ["plain,--debug"]),
    ],
)
def test_what_can_stand_there_is_completed(line, given):
    assert completed(line) == given


def test_commands_are_completed_in_the_order_of_work():
    names = [line.removeprefix("plain,") for line in completed("research ")]
    assert names == main.list_commands(Context(main))


def test_experiments_are_those_that_can_be_run():
    assert experiment_names() == list(find_experiments(benchmarks=True))
    assert completed("research run ") == [f"plain,{name}" for name in experiment_names()]


def test_zsh_and_fish_are_told_in_their_ways():
    assert completed("research run th", "zsh") == ["plain", "themes", "_"]
    assert completed("research run th", "fish") == ["plain,themes"]
    assert completed("research doc", "fish") == ["plain,doctor\tSay what is installed, where things are,..."]


def test_without_the_experiments_none_is_completed(monkeypatch, tmp_path):
    monkeypatch.setattr("research.cli.shells._EXPERIMENTS", tmp_path)
    assert completed("research run ") == []


def test_completing_loads_nothing_that_is_slow():
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    code += "from research.cli import main\nmain(prog_name='research')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, **asked("research run th")},
    )  # fmt: skip
    assert done.stdout == "plain,themes\n"
    assert not set(done.stderr.split()) & {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "research.runs"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_that_of_the_shell(shell):
    done = research_here("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    by_variable = CliRunner(env={"_RESEARCH_COMPLETE": f"{shell}_source"}).invoke(main, [], prog_name="research")
    assert done.stdout == by_variable.stdout
    assert f"_RESEARCH_COMPLETE={shell}_complete" in done.stdout


def test_a_shell_that_is_not_known_is_one_line():
    done = research_here("completion", "tcsh")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "tcsh" in done.stderr


def test_bash_completes_by_the_script():
    bash, command = shutil.which("bash"), Path(sys.executable).parent / "research"
    if bash is None or not command.exists():
        pytest.skip("needs bash and the installed command")
    asks = 'eval "$(research completion bash)"; complete -p research; COMP_WORDS=(research run enc); COMP_CWORD=2; '
    asks += '_research_completion research; echo "${COMPREPLY[@]}"'
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", asks],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["complete -o nosort -F _research_completion research", "encoders"]


def with_the_command() -> dict[str, str]:
    """Where a shell finds the installed command by its name."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_fish_completes_by_the_script():
    fish, command = shutil.which("fish"), Path(sys.executable).parent / "research"
    if fish is None or not command.exists():
        pytest.skip("needs fish and the installed command")
    asks = "research completion fish | source; complete -C 'research run enc'; complete -C 'research tag x --codebook seeds/t'"
    done = subprocess.run(
        [fish, "--no-config", "-c", asks], capture_output=True, text=True, check=True, cwd=ROOT, env=with_the_command()
    )
    assert done.stdout.splitlines() == ["encoders", "seeds/themes.toml"]


def test_zsh_completes_at_the_tab_key(tmp_path):
    """At a terminal, as zsh completes nowhere else."""
    zsh, command = shutil.which("zsh"), Path(sys.executable).parent / "research"
    if zsh is None or not command.exists():
        pytest.skip("needs zsh and the installed command")
    terminal, end = pty.openpty()
    shell = subprocess.Popen(
        [zsh, "-f", "-i"],
        stdin=end, stdout=end, stderr=end, cwd=ROOT, start_new_session=True,
        env={**with_the_command(), "HOME": str(tmp_path), "TERM": "dumb"},
    )  # fmt: skip
    os.close(end)
    # A Tab that comes before the shell has read it would stand for itself.
    typed = "autoload -Uz compinit; compinit -u; zstyle '*' insert-tab false; eval \"$(research completion zsh)\"\n"
    for line in ("research run enc", "research tag x --codebook seeds/themes.t"):
        typed += f"{line}\t\x01print -r -- \x05 >> {tmp_path}/lines\n"  # Control-A and Control-E: beginning and end of the line
    os.write(terminal, f"{typed}exit\n".encode())
    with suppress(OSError):  # the shell has closed it
        while os.read(terminal, 4096):
            pass
    os.close(terminal)
    assert shell.wait(10) == 0
    assert (tmp_path / "lines").read_text().splitlines() == [
        "research run encoders",
        "research tag x --codebook seeds/themes.toml",
    ]
