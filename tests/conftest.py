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
