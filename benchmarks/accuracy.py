"""Compare our distances and minutes with other programs' on the same files; writes docs/accuracy.md.

Run it with `.venv/bin/python benchmarks/accuracy.py`; it needs the extracts and reference tables beside the checkout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.geo.engine.matrix import trips
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.modes import travel_mode, words
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping.snapper import Snapper
from lifecircle.geo.streets import Streets, no_squares, tag_of

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
REFERENCE = ROOT.parent / "shared" / "reference" / "valhalla"
MODEL = REFERENCE.parent / "model2"
NEAR_METRES = 300  # nearer pairs compare connectors, not streets
SPHERE_METRES = 6_378_160.0  # radius that Valhalla's lengths fit

POA = "porto-alegre-sao-paulo/poa/poa_osm.pbf"
SHENZHEN = "china-osm/shenzhen_longgang.osm"
NKY = "northern-kentucky/streets.osm.pbf"
COMOROS = "comoros/com-test-data/raw/osm/comores-latest.osm.pbf"


MODEL_TABLES = {
    "shanghai_huangpu": "china-osm/shanghai_huangpu.osm",
    "shenzhen_longgang": "china-osm/shenzhen_longgang.osm",
    "porto": "osm-odd/porto_portugal.osm.pbf",
}


@dataclass(frozen=True)
class Table:
    """One reference table: what was asked, and on which extract."""

    file: str
    extract: str
    mode: str
    speed_kmh: float | None = None


TABLES = (
    Table("poa_hex200_to_healthcare_walk36", POA, "walk", 3.6),
    Table("poa_poi_walk36", POA, "walk", 3.6),
    Table("shenzhen_longgang_fac_walk5", SHENZHEN, "walk", 5.0),
    Table("poa_poi_auto", POA, "car"),
    Table("shenzhen_longgang_fac_auto", SHENZHEN, "car"),
    Table("nky_pitch_to_hospital_auto", NKY, "car"),
    Table("comoros_place_to_hospital_auto", COMOROS, "car"),
)


def as_drawn(streets: Streets) -> Streets:
    """Our model."""
    return streets


def without_cycleways(streets: Streets) -> Streets:
    """Close cycleways to walkers they do not invite, as Valhalla does."""
    uninviting = streets.has("highway", "cycleway") & ~streets.has("foot", "yes", "designated", "permissive")
    return _tagged(streets, "foot", uninviting, "no")


def without_squares(streets: Streets) -> Streets:
    """Walk round squares, as Valhalla does."""
    return replace(streets, squares=no_squares())


def without_driveways(streets: Streets) -> Streets:
    """Close driveways and alleys to walkers, whom Valhalla keeps off them by a penalty."""
    return _tagged(streets, "foot", streets.has("service", "driveway", "alley", "parking_aisle"), "no")


def with_car_ferries(streets: Streets) -> Streets:
    """Let cars board ferries that say nothing of cars, as Valhalla does."""
    return _tagged(streets, "motorcar", streets.is_ferry, "yes")


def with_closed_gates(streets: Streets) -> Streets:
    """Let no car pass a gate or a toll booth that does not say so."""
    points = tag_of(streets.point_tags, "barrier").notna().to_numpy()
    motorcar = tag_of(streets.point_tags, "motorcar").astype(object).to_numpy(copy=True)
    motorcar[points] = "no"
    return replace(streets, point_tags=streets.point_tags.assign(motorcar=pd.Categorical(motorcar)))


def through_private_streets(streets: Streets) -> Streets:
    """Let cars pass through streets that are for the ends of trips."""
    keys = [key for key in ("access", "motor_vehicle", "motorcar", "vehicle") if key in streets.tags]
    for key in keys:
        streets = _tagged(streets, key, words.classes(streets.tag(key)) == words.ENDS_ONLY, "yes")
    return streets


def without_limits(streets: Streets) -> Streets:
    """Drive at class speeds."""
    kept = [key for key in streets.tags if not key.startswith("maxspeed")]
    return replace(streets, tags=streets.tags[kept])


def _tagged(streets: Streets, key: str, ways: NDArray[np.bool_], value: str) -> Streets:
    texts = streets.tag(key).astype(object).to_numpy(copy=True)
    texts[ways] = value
    return replace(streets, tags=streets.tags.assign(**{key: pd.Categorical(texts)}))


@dataclass(frozen=True)
class Model:
    """Ours, or ours with one rule changed."""

    name: str
    change: Callable[[Streets], Streets] = as_drawn
    crossings: str | None = None


OURS = Model("ours")
MODELS: dict[str, tuple[Model, ...]] = {
    "walk": (
        OURS,
        Model("without cycleways", without_cycleways),
        Model("without driveways and alleys", without_driveways),
        Model("without squares", without_squares),
    ),
    "car": (
        OURS,
        Model("signals cost nothing", crossings="none"),
        Model("gates closed", with_closed_gates),
        Model("through private streets", through_private_streets),
        Model("at class speeds", without_limits),
        Model("cars on untagged ferries", with_car_ferries),
    ),
}


def compare(table: Table, streets: Streets, crossings: str | None) -> dict[str, float]:
    """Return agreement figures of one table on (changed) streets; Valhalla's minutes do not count the connectors."""
    pairs = pd.read_csv(REFERENCE / f"{table.file}.csv", dtype={"from_id": str, "to_id": str})
    graph = build_graph(streets, travel_mode(table.mode, speed_kmh=table.speed_kmh, crossings=crossings))
    snapper = Snapper(graph)
    sides = [pairs.drop_duplicates(f"{side}_id") for side in ("from", "to")]
    snaps = [
        snapper.snap_points(rows[f"{side}_lon"].to_numpy(), rows[f"{side}_lat"].to_numpy())
        for side, rows in zip(("from", "to"), sides, strict=True)
    ]
    blocks = [
        pd.DataFrame(
            {
                "from_id": sides[0]["from_id"].to_numpy()[block.origin],
                "to_id": sides[1]["to_id"].to_numpy()[block.destination],
                "metres": block.metres,
                "seconds": block.seconds - block.connector_metres / (graph.mode.connector_kmh / 3.6),
            }
        )
        for block in trips(graph, *snaps)
    ]
    joined = pairs.merge(pd.concat(blocks), on=["from_id", "to_id"], how="left")
    both = joined[(joined["dist_km"] * 1000 > NEAR_METRES) & joined["metres"].notna()]
    ratio, minutes = both["metres"] / (both["dist_km"] * 1000), both["seconds"] / both["time_s"]
    return {
        "pairs": len(both),
        "only_valhalla": int((joined["dist_km"].notna() & joined["metres"].isna()).sum()),
        "only_ours": int((joined["dist_km"].isna() & joined["metres"].notna()).sum()),
        "median": float(ratio.median()),
        "within": float((abs(ratio / ratio.median() - 1) <= 0.05).mean()),
        "shorter": float((ratio < 0.95).mean()),
        "longer": float((ratio > 1.05).mean()),
        "minutes": float(minutes.median()),
        "within_minutes": float((abs(minutes / minutes.median() - 1) <= 0.1).mean()),
    }


def r5r_minutes() -> list[tuple[str, int, float]]:
    """Minutes on foot at 3.6 km/h from the public market, r5r's and ours."""
    known = {"townhall": 3, "santa_casa_hospital": 13, "piratini_palace": 14, "metropolitan_cathedral": 15}
    points = pd.read_csv(DATA / "porto-alegre-sao-paulo" / "poa" / "poa_points_of_interest.csv").set_index("id")
    graph = build_graph(read_osm(DATA / POA, place_keys=()).streets, travel_mode("walk", speed_kmh=3.6))
    snapper = Snapper(graph)
    snaps = [
        snapper.snap_points(points.loc[ids, "lon"].to_numpy(), points.loc[ids, "lat"].to_numpy())
        for ids in (["public_market"], list(known))
    ]
    (block,) = trips(graph, *snaps)
    minutes = dict(zip(block.destination.tolist(), (block.seconds / 60).tolist(), strict=True))
    return [(name, whole, minutes[row]) for row, (name, whole) in enumerate(known.items())]


def model_tables() -> list[str]:
    """Return rows of the agreement with the tables of an independent implementation of the same rules."""
    rows = []
    for name, extract in MODEL_TABLES.items():
        streets = read_osm(DATA / extract, place_keys=()).streets
        points, facilities = (pd.read_csv(MODEL / f"{name}_{what}.csv") for what in ("points", "facilities"))
        for mode, file in (("walk", "walk5"), ("car", "car")):
            expected = pd.read_csv(MODEL / f"{name}_{file}.csv")
            graph = build_graph(streets, travel_mode(mode, ferries="none"))
            snaps = [Snapper(graph).snap_points(at["lon"].to_numpy(), at["lat"].to_numpy()) for at in (points, facilities)]
            seconds = nearest_facility(graph, *snaps).seconds
            off = np.abs(seconds - expected["seconds"].to_numpy())
            same = int(((off <= 1) | (np.isnan(seconds) & expected["seconds"].isna().to_numpy())).sum())
            classes = int((snaps[0].snap_class == expected["snap_class"].fillna(0).to_numpy()).sum())
            rows.append(f"| {name} | {mode} | {len(points):,} | {same:,} | {classes:,} | {np.nanmax(off):.3f} |")
    return rows


def report() -> str:
    """Return docs/accuracy.md."""
    lines = [*INTRODUCTION.splitlines(), ""]
    lines += ["| extract | mode | points | seconds within 1 | same class of snap | largest difference, s |", "|" + "---|" * 6]
    lines += [*model_tables(), "", *OUTSIDE.splitlines(), ""]
    lines += [
        "| table | model | pairs | metres, median ratio | within 5 % of it | shorter | longer | minutes, median ratio "
        "| within 10 % of it | only Valhalla | only ours |",
        "|" + "---|" * 11,
    ]
    streets = {extract: read_osm(DATA / extract, place_keys=()).streets for extract in {table.extract for table in TABLES}}
    for table in TABLES:
        for model in MODELS[table.mode]:
            figures = compare(table, model.change(streets[table.extract]), model.crossings)
            lines.append(_row(table.file, model.name, figures))
    lines += ["", *MINUTES.splitlines(), "", "| to | r5r | ours |", "|---|---|---|"]
    lines += [f"| {name} | {whole} | {minutes:.2f} |" for name, whole, minutes in r5r_minutes()]
    return "\n".join([*lines, "", *EXPLANATION.splitlines(), ""])


def _row(file: str, model: str, figures: dict[str, float]) -> str:
    shares = [f"{figures[key]:.1%}" for key in ("within", "shorter", "longer")]
    minutes = [f"{figures['minutes']:.3f}", f"{figures['within_minutes']:.1%}"]
    counts = [f"{figures[key]:,.0f}" for key in ("only_valhalla", "only_ours")]
    cells = [file, model, f"{figures['pairs']:,.0f}", f"{figures['median']:.4f}", *shares, *minutes, *counts]
    return "| " + " | ".join(cells) + " |"


INTRODUCTION = """# Accuracy

Made by `.venv/bin/python benchmarks/accuracy.py` from the reference tables beside the checkout.

Inside, the travel model is held by a second, plain implementation in the tests (`tests/reference_model/`, written from the
design alone): seconds, metres and snaps agree on real extracts for every mode and both directions, and a plain scipy search on
the uncontracted network gives identical seconds. Both agree with tables of a third program that implements the same rules:"""

OUTSIDE = """Outside, distances along streets and minutes without connectors are compared with Valhalla 3.9.1 (pairs over 300 m;
ratio = ours / Valhalla's). The lines below each table change one rule of ours towards Valhalla's, to show what explains the
differences."""

MINUTES = """## Minutes

On foot at 3.6 km/h from the public market of Porto Alegre, with r5r's whole minutes:"""

EXPLANATION = f"""## What the differences are

The rows above say how many pairs each rule explains: those that agree once it is changed.

- **The earth's shape.** Valhalla's lengths fit a sphere of {SPHERE_METRES:,.0f} m; ours are on the ellipsoid. That alone
  makes the median 0.994 to 0.999.
- **Cycleways on foot.** The travel model walks them, Valhalla does not: without them 93 % instead of 73 % of the pairs in
  Shenzhen agree.
- **Driveways and alleys on foot.** Valhalla walks them at a penalty, neither as freely as ours nor never: closing them
  agrees less.
- **Gates by car.** Valhalla charges them where ours are open unless closed by a tag. With all gates and toll booths closed
  82 % instead of 66 % of the pairs in Shenzhen agree: Valhalla's penalty keeps it out of compounds.
- **Private streets by car.** Valhalla passes through what says `destination` or `private` at a cost; ours never. It is 8 %
  of the pairs in Porto Alegre.
- **Turns.** Valhalla charges every turn by its angle; the travel model bans what the map bans (310 restrictions in
  Kentucky, 4 in the Comoros, none in the others). What is left by car, where ours are mostly shorter, was not taken
  apart further.
- **Minutes by car.** 3 s at signals bring the median of Porto Alegre from 0.88 to 1.02, and that of Kentucky from 1.05 to
  1.12, beyond the 1.1 that we aim at; so is the Comoros' 1.10, where there are no signals: there the class speeds are lower
  than Valhalla's. The speeds are part of the travel model and stay. What the choice of a speed table moves stands with
  every figure by car.
- **Ferries without tags for cars.** Valhalla drives onto the Comoros' ferries, which say nothing of cars; the travel model
  asks for a tag. All pairs that only Valhalla reaches there are of this kind. The 18 pairs that only ours reach in Kentucky
  start at six pitches which Valhalla's table leaves empty.
- **Valhalla's tables are not always shortest.** Hundreds of its pairs break the triangle inequality within its own table,
  the more the farther apart."""


if __name__ == "__main__":
    (ROOT / "docs" / "accuracy.md").write_text(report(), encoding="utf-8")
