"""Known vulnerabilities of the locked versions, as far as an index answers: part of ``make check``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

LOCKS = ("requirements.lock", "requirements-dev.lock")


def verdict(found: dict[str, Any]) -> tuple[str, int]:
    """Say what pip-audit found, and give the exit status: packages that the index does not know were not looked up."""
    asked, known = ({one["name"] for one in found["dependencies"] if key in one} for key in ("name", "vulns"))
    bad = {
        f"{one['name']} {one['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no version yet'}"
        for one in found["dependencies"]
        for each in one.get("vulns", [])
    }
    first = f"vulnerabilities looked up for {len(known)} of {len(asked)} locked packages: {len(bad)}"
    return "\n".join([first, *sorted(bad)]), int(bool(bad))


def main() -> int:
    command = [str(Path(sys.executable).parent / "pip-audit"), "--disable-pip", "--progress-spinner=off", "--format=json"]
    for lock in LOCKS:
        command += ["-r", lock]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        said, status = verdict(json.loads(done.stdout))
    except ValueError:  # it ended without an answer; that there is no network is no fault of the locks
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        said, status = f"vulnerabilities were not looked up: {last}", int(not re.search("Connection|Proxy|Timeout", last))
    click.echo(said)
    return status


if __name__ == "__main__":
    sys.exit(main())
