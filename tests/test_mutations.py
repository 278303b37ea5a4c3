"""Whatever happens to a file: it is read, or refused in a sentence. The long round: LIFECIRCLE_MUTATIONS=2000."""

import os

import mutations
import pytest

COUNT = int(os.environ.get("LIFECIRCLE_MUTATIONS", "25"))
SEED = 20261126


@pytest.mark.parametrize("name", mutations.FORMATS)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_read_or_refused(name, tmp_path):
    file_name, write, read = mutations.FORMATS[name]
    write(tmp_path / file_name)
    assert mutations.attempt(tmp_path / file_name, read) == "read"  # or the round would prove nothing
    ended = mutations.rounds(name, COUNT, tmp_path, seed=SEED)
    assert set(ended) <= {"read", "refused"}
    assert ended["refused"] > 0
