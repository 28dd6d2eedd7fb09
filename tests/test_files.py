import stat

import pytest

from research.errors import ConfigError
from research.files import staged


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(place, files, *, replace=False, fail=None):
    with staged(place, replace=replace) as new:
        for name, text in files.items():
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_text(text)
        if fail is not None:
            raise fail


def test_a_new_folder_with_those_above_it(tmp_path):
    final = tmp_path / "a" / "b" / "out"
    with staged(final) as new:
        assert new.parent == final.parent
        assert not final.exists()
        (new / "x.csv").write_text("1")
        (new / "sub").mkdir()
        (new / "sub" / "y.csv").write_text("2")
    assert contents(final) == {"x.csv": "1", "sub/y.csv": "2"}
    assert names(final.parent) == ["out"]
    assert stat.S_IMODE(final.stat().st_mode) & 0o555 == 0o555


def test_a_name_relative_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with staged("out") as new:
        (new / "x").write_text("1")
    with staged(".") as new:
        (new / "y").write_text("2")
    assert contents(tmp_path) == {"out/x": "1", "y": "2"}


def test_other_files_stay_and_those_of_the_same_name_are_replaced(tmp_path):
    final = tmp_path / "out"
    (final / "sub").mkdir(parents=True)
    (final / "keep.txt").write_text("mine")
    (final / "sub" / "old.csv").write_text("old")
    (final / "x.csv").write_text("old")
    with staged(final) as new:
        (new / "x.csv").write_text("new")
        (new / "sub").mkdir()
        (new / "sub" / "y.csv").write_text("new")
        (new / "more").mkdir()
        (new / "more" / "z.csv").write_text("new")
    assert contents(final) == {
        "keep.txt": "mine",
        "sub/old.csv": "old",
        "x.csv": "new",
        "sub/y.csv": "new",
        "more/z.csv": "new",
    }
    assert names(tmp_path) == ["out"]


def test_replace_takes_the_place_of_the_whole_folder(tmp_path):
    final = tmp_path / "out"
    final.mkdir()
    (final / "old.csv").write_text("old")
    with staged(final, replace=True) as new:
        (new / "x.csv").write_text("new")
        assert contents(final) == {"old.csv": "old"}
    assert contents(final) == {"x.csv": "new"}
    assert names(tmp_path) == ["out"]
    with staged(tmp_path / "fresh", replace=True) as new:
        (new / "x.csv").write_text("1")
    assert contents(tmp_path / "fresh") == {"x.csv": "1"}


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_nothing_changes_when_the_writing_fails(tmp_path, replace, before, failure):
    final = tmp_path / "out"
    if before:
        final.mkdir()
        (final / "x.csv").write_text("old")
    with pytest.raises(failure):
        write(final, {"x.csv": "half"}, replace=replace, fail=failure())
    assert contents(tmp_path) == ({"out/x.csv": "old"} if before else {})
    assert names(tmp_path) == (["out"] if before else [])


def refused(place, *, replace=False):
    """The error that a user sees: one line that names the folder and what to do."""
    with pytest.raises(ConfigError) as caught:
        write(place, {"x.csv": "new"}, replace=replace)
    line = str(caught.value)
    assert line.startswith(f"{place}: ")
    assert line.endswith("; name another folder with --out")
    assert "\n" not in line
    return caught.value.what


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "out").write_text("mine")
    assert refused(tmp_path / "out") == "a file stands where the folder should be"
    assert "cannot be written" in refused(tmp_path / "out" / "deeper")
    assert contents(tmp_path) == {"out": "mine"}


def test_a_name_that_no_folder_can_have(tmp_path):
    assert "cannot be written" in refused(tmp_path / ("x" * 300))
    assert names(tmp_path) == []


@pytest.mark.parametrize("replace", [False, True])
def test_a_link_to_nothing_leads_to_the_new_folder(tmp_path, replace):
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    write(tmp_path / "out", {"x.csv": "new"}, replace=replace)
    assert contents(tmp_path / "elsewhere") == contents(tmp_path / "out") == {"x.csv": "new"}
    assert names(tmp_path) == ["elsewhere", "out"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_link_that_leads_to_itself(tmp_path, replace):
    (tmp_path / "out").symlink_to(tmp_path / "out")
    assert "cannot be written" in refused(tmp_path / "out", replace=replace)
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_link_to_a_folder_leads_there(tmp_path, replace):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "old.csv").write_text("old")
    (tmp_path / "out").symlink_to(tmp_path / "real", target_is_directory=True)
    with staged(tmp_path / "out", replace=replace) as new:
        (new / "x.csv").write_text("new")
    assert contents(tmp_path / "out") == ({"x.csv": "new"} if replace else {"x.csv": "new", "old.csv": "old"})
    assert names(tmp_path) == ["out", "real"]


def test_a_folder_in_the_way_of_a_file_changes_nothing(tmp_path):
    final = tmp_path / "out"
    (final / "x.csv").mkdir(parents=True)
    (final / "a.csv").write_text("old")
    with pytest.raises(ConfigError, match=r"/x\.csv: a folder stands where a file should be; "):
        write(final, {"a.csv": "new", "x.csv": "new"})
    assert contents(final) == {"a.csv": "old"}
    assert names(tmp_path) == ["out"]


def test_a_file_in_the_way_of_a_folder_changes_nothing(tmp_path):
    final = tmp_path / "out"
    final.mkdir()
    (final / "sub").write_text("mine")
    with pytest.raises(ConfigError, match="/sub: a file stands where a folder should be; "):
        write(final, {"a.csv": "new", "sub/b.csv": "new"})
    assert contents(final) == {"sub": "mine"}
