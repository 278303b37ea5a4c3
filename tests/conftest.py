"""Fixtures shared by all rooms."""

from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: on a busy machine a deadline fails what is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real extracts beside the checkout; they are never part of the project."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: the real extracts are not part of the project")
    return folder


@pytest.fixture(scope="session")
def shared_reference(shared_data: Path) -> Path:
    """Folder of numbers other programs computed on `shared_data`."""
    return shared_data.parent / "reference"
