"""A file of JSON and arrays: what was written is read, whatever it is, and any other file is refused in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError, DataError
from research.storage import Format, UnfitError, archive, checks, open_archive, write_archive

ROOT = Path(__file__).resolve().parent.parent
RECIPES = Format("test recipes", 3, "recipes", "cook again")
FIELDS = {"name": checks.is_text, "cups": checks.count_from(1), "notes": checks.none_or(checks.of_type(dict))}
PLAIN = {"name": "حساء", "cups": 4, "notes": {"hot": True}}
SPECS = {"grams.npy": ("<f8", (2, 3)), "steps.npy": ("<i8", (3,)), "none.npy": ("<f4", (0, 2))}
ARRAYS = {"grams.npy": np.arange(6.0).reshape(2, 3) / 7, "steps.npy": np.array([2, 0, 1]), "none.npy": np.zeros((0, 2))}


def read(path, form=RECIPES, fields=FIELDS, specs=SPECS):
    with open_archive(path, form) as opened:
        return opened.read_json(fields), opened.read_arrays(specs)


def refused(path, *given) -> str:
    with pytest.raises(DataError) as caught:
        read(path, *given)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.endswith("; cook again")
    assert "\n" not in line
    return line


@pytest.fixture
def path(tmp_path):
    write_archive(tmp_path / "a", RECIPES, PLAIN, SPECS, ARRAYS)
    return tmp_path / "a"


def test_what_was_written_is_read(path):
    plain, arrays = read(path)
    assert {name: plain[name] for name in PLAIN} == PLAIN
    assert plain.keys() - PLAIN.keys() == {"format", "version", "package"}
    assert arrays.keys() == ARRAYS.keys()
    for name, (kind, shape) in SPECS.items():
        assert arrays[name].dtype == np.dtype(kind)
        assert arrays[name].shape == shape
        assert np.array_equal(arrays[name], ARRAYS[name])


def test_any_zip_and_numpy_reader_can_read_it(path):
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == ["recipes.json", *SPECS]
        assert json.loads(opened.read("recipes.json"))["name"] == "حساء"
        for name in SPECS:
            with opened.open(name) as member:
                assert np.array_equal(np.load(member, allow_pickle=False), ARRAYS[name])


def test_the_same_content_is_the_same_file_and_arrays_lie_in_it_as_numpy_may_hold_them(path, tmp_path):
    turned = {name: np.asfortranarray(values.astype(values.dtype.newbyteorder(">"))) for name, values in ARRAYS.items()}
    write_archive(tmp_path / "b", RECIPES, PLAIN, SPECS, turned)
    assert (tmp_path / "b").read_bytes() == path.read_bytes()


NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(TEXTS.map("own ".__add__), VALUES, max_size=4), st.lists(st.lists(st.floats(-9, 9), max_size=5), max_size=3)
)
def test_any_content_comes_back(tmp_path_factory, plain, rows):
    path = tmp_path_factory.mktemp("any") / "a"
    arrays = {f"{number}.npy": np.array(row, float) for number, row in enumerate(rows)}
    specs = {name: ("<f8", values.shape) for name, values in arrays.items()}
    write_archive(path, RECIPES, plain, specs, arrays)
    back, found = read(path, RECIPES, dict.fromkeys(plain, lambda _: True), specs)
    assert {name: back[name] for name in plain} == plain
    assert all(np.array_equal(found[name], values) for name, values in arrays.items())


def test_another_kind_or_version_is_refused(path):
    # Another kind under the same name of the JSON, and under another one.
    assert "no file of recipes" in refused(path, Format("test meals", 3, "recipes", "cook again"))
    assert "no file of meals" in refused(path, Format("test recipes", 3, "meals", "cook again"))
    assert "of format 3, and this package" in refused(path, Format("test recipes", 4, "recipes", "cook again"))
    assert "reads format 4" in refused(path, Format("test recipes", 4, "recipes", "cook again"))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": checks.is_text}, "other fields than format, version, package, name"),
        ({**FIELDS, "salt": checks.is_number}, "other fields than"),
        ({**FIELDS, "cups": checks.is_text}, "cups: not what it must be"),
    ],
)
def test_fields_are_checked(path, fields, told):
    assert told in refused(path, RECIPES, fields)


@pytest.mark.parametrize(
    ("specs", "told"),
    [
        ({**SPECS, "salt.npy": ("<f4", (1,))}, "'salt.npy' is missing"),
        ({name: spec for name, spec in SPECS.items() if name != "steps.npy"}, "'steps.npy' is missing, or is no part"),
        ({**SPECS, "steps.npy": ("<i8", (4,))}, "'steps.npy' is not of shape (4,)"),
        ({**SPECS, "steps.npy": ("<f8", (3,))}, "not of shape (3,) and type <f8"),
        ({**SPECS, "grams.npy": ("<f8", (3, 2))}, "not of shape (3, 2)"),
    ],
)
def test_arrays_are_checked(path, specs, told):
    assert told in refused(path, RECIPES, FIELDS, specs)


def test_what_turns_out_while_it_is_open_is_told_of_the_file(path):
    for error, told in (
        (UnfitError("it is burnt"), "it is burnt"),
        (ConfigError("no such pot", where="elsewhere", remedy="buy one"), "no such pot"),
        (KeyError("pot"), "damaged, or no file of recipes (KeyError: 'pot')"),
    ):
        with pytest.raises(DataError) as caught, open_archive(path, RECIPES):
            raise error
        assert str(caught.value) == f"{path}: {told}; cook again"
    # What is no fault of the file keeps its name.
    with pytest.raises(AssertionError), open_archive(path, RECIPES):
        raise AssertionError


def test_what_would_not_be_read_is_not_written(path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(archive, "_MOST_ARRAY", 100)
    with pytest.raises(ConfigError, match=r"the recipes are too large to be saved: 'grams.npy' is of \d+ bytes"):
        write_archive(path, RECIPES, PLAIN, SPECS, ARRAYS)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_archive(path, RECIPES, {"cups": float("nan")}, {}, {})
    assert path.read_bytes() == before
    assert "and at most 100 are read" in refused(path)


@given(data=st.data())
def test_a_file_that_is_cut_or_damaged_is_refused_or_the_same(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged") / "a"
    write_archive(path, RECIPES, PLAIN, SPECS, ARRAYS)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans(), "cut"):
        content = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    else:
        for at, bit in data.draw(
            st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(1, 255)), min_size=1), "flips"
        ):
            content[at] ^= bit
    path.write_bytes(content)
    try:
        plain, arrays = read(path)
    except DataError:
        return
    assert {name: plain[name] for name in PLAIN} == PLAIN
    assert all(np.array_equal(arrays[name], values) for name, values in ARRAYS.items())


@pytest.mark.parametrize("text", ['{"cups": NaN}', '{"cups": -Infinity}', '{"cups": 1e999}', '{"name": "\\ud800"}'])
def test_json_that_holds_what_cannot_be_held_is_unfit(text):
    with pytest.raises(UnfitError):
        checks.parse_json(text.encode())
    assert checks.parse_json(b'["\\ud83d\\ude00", 1e30]') == ["😀", 1e30]


def test_the_container_knows_nothing_of_what_is_in_it():
    code = "import sys, research.storage; print(*(m for m in sys.modules if m.startswith('research')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ)
    own = {"research", "research.errors", "research.storage", "research.storage.archive", "research.storage.checks"}
    assert set(done.stdout.split()) == own
