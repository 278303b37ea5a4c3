"""Small studies on toy maps: a long street with people and facilities beside it, written to a folder and run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import toy_map
import yaml

from lifecircle.studies.coverage.run import Run, run

Point = tuple[str, float, float]  # id, steps east, steps north
GOAL = {"id": "clinic", "service": "health", "mode": "walk", "minutes": 10, "profile": "child"}  # 3.6 km/h: 1 m/s
STREET = (toy_map.row(60), [toy_map.street(60)])


def people_table(rows: Sequence[tuple[Any, ...]], *columns: str) -> pd.DataFrame:
    """Demand of points: id, steps east, steps north, people and further columns."""
    table = pd.DataFrame(rows, columns=["id", "lon", "lat", "people", *columns])
    return table.assign(lon=table["lon"] * toy_map.DEGREES, lat=table["lat"] * toy_map.DEGREES)


def points_table(points: Sequence[Point]) -> pd.DataFrame:
    """Places: id, steps east, steps north."""
    table = pd.DataFrame(points, columns=["id", "lon", "lat"])
    return table.assign(lon=table["lon"] * toy_map.DEGREES, lat=table["lat"] * toy_map.DEGREES)


def run_toy(
    folder: Path,
    people: pd.DataFrame,
    places: pd.DataFrame,
    *,
    streets: tuple[Mapping[int, tuple[float, float]], Sequence[Any]] = STREET,
    goals: Sequence[Mapping[str, Any]] = (GOAL,),
    demand: Mapping[str, Any] | None = None,
    **study: Any,
) -> Run:
    """Write a study of people and places of the service health, and run it; keywords are further keys of the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    toy_map.write_map(folder / "streets.osm", *streets)
    people.to_csv(folder / "people.csv", index=False)
    places.to_csv(folder / "facilities.csv", index=False)
    text = {
        "name": "Toy",
        "streets": "streets.osm",
        "demand": {"file": "people.csv", "people": "people", "id": "id", **(demand or {})},
        "facilities": {"health": [{"file": "facilities.csv", "id": "id"}]},
        "goals": [dict(goal) for goal in goals],
        "out": "out",
        **study,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    return run(folder / "study.yaml", lang="en")


def everyone(finished: Run, goal: str = "clinic") -> pd.Series:
    """The scorecard's row for all people."""
    rows = finished.results.scorecard
    return rows.loc[(rows["goal"] == goal) & (rows["level"] == "all")].iloc[0]
