"""A whole province from study file to its folder: time, memory, the slowest stage and the size of the map."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS, OUT

TITLES = {
    "province": "a province, 64 M people in 1.75 M cells, three goals",
    "nobody": "the same, no facility in reach",
    "everybody": "the same, everybody covered",
}
SLOWEST_STAGE_SECONDS = 30.0
MAP_MEGABYTES = 5.0


def _own(study: str) -> Job:
    from lifecircle.studies.coverage.run import run

    folder, out = INPUTS / "province", OUT / "runs" / study

    def work() -> Any:
        shutil.rmtree(folder / ".lifecircle-cache", ignore_errors=True)  # read the extract, as a first run does
        out.parent.mkdir(parents=True, exist_ok=True)
        return run(folder / f"{study}.yaml", out=out, lang="en")

    return Job(work, figures=_figures)


def _figures(finished: Any) -> Mapping[str, float]:
    return {
        "slowest stage s": max(stage["seconds"] for stage in finished.record["stages"]),
        "map MB": (finished.out / "map.html").stat().st_size / 1e6,
    }


TASKS = tuple(
    Task(
        name="province" if study == "province" else f"province-{study}",
        title=title,
        contenders=(Contender("lifecircle", lambda study=study: _own(study), "own"),),  # type: ignore[misc]
        targets=(
            Target(seconds=150.0),
            Target(gigabytes=4.0),
            Target(figure="slowest stage s", at_most=SLOWEST_STAGE_SECONDS),
            Target(figure="map MB", at_most=MAP_MEGABYTES),
        ),
        inputs=("province",),
    )
    for study, title in TITLES.items()
)
