import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run and no deadline: a slow machine is not a failure.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the project: real articles, which never come into it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"no reference data: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def few_seeds(tmp_path_factory) -> Path:
    """Every seventh of the bundled articles with its labels: enough for what does not depend on how many there are."""
    seeds, folder = Path(__file__).resolve().parents[1] / "seeds", tmp_path_factory.mktemp("few")
    (folder / "articles").mkdir()
    names = sorted(path.name for path in (seeds / "articles").glob("*.txt"))[::7]
    for name in names:
        shutil.copy(seeds / "articles" / name, folder / "articles")
    for table, key in (("articles/metadata.csv", "id"), ("labels.csv", "article")):
        with (seeds / table).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            kept = [row for row in reader if row[key] in names]
        with (folder / table).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(kept)
    return folder
