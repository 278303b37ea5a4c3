"""Runs that a test changed by hand, sealed as if the run itself had written them so."""

import json
from pathlib import Path

from lifecircle.studies.folder.sealed import list_outputs


def seal_again(folder: Path) -> None:
    """Let run.json list the files of a run's folder as they are now."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["outputs"] = [output.model_dump() for output in list_outputs(folder) if output.file != "run.json"]
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
