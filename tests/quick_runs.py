"""Runs that leave only their tables: pages, pictures and rasters take longer than everything else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lifecircle.studies.coverage import outputs

LEFT_OUT = ("_write_pages", "_write_rasters")


@contextmanager
def tables_only() -> Iterator[pytest.MonkeyPatch]:
    """Leave out what nobody looks at, until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in LEFT_OUT:
            patch.setattr(outputs, name, lambda *args, **options: None)
        patch.setattr(outputs.xlsx, "write_scorecard", lambda *args, **options: None)
        yield patch
