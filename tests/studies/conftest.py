"""A tiny study on a grid of streets, made by hand, whose parts a test may spoil one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lifecircle.studies.demo.county import write_county

WEST, SOUTH, STEP, LINES = 121.0, 28.5, 0.001, 9
STUDY = """name: Tiny
streets: streets.osm
zones:
  county: {file: zones.geojson, id: code, name: name}
demand: {file: people.csv, people: people, id: id, groups: {kids: kids}, urban: {column: kind}}
facilities:
  health: [osm, {file: clinics.csv, capacity: beds}]
  fitness: osm
goals:
  - {id: health-5, service: health, mode: walk, minutes: 5, target: 0.9}
  - {id: fit, service: fitness, mode: car, minutes: 5}
modes: {car: {speeds: cn-mountain}, ferries: scheduled}
out: out
"""
Spoil = Callable[..., Path]


@pytest.fixture(scope="session")
def demo_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the generated county, made once; tests that write into it take a copy."""
    return write_county(tmp_path_factory.mktemp("county")).parent


@pytest.fixture
def tiny(tmp_path: Path) -> Spoil:
    """Return a function that writes the study, with pieces of study.yaml replaced, and returns its path."""

    def write(*replaced: tuple[str, str]) -> Path:
        text = STUDY
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "streets.osm").write_text(_streets(), encoding="utf-8")
        (tmp_path / "people.csv").write_text(_people(), encoding="utf-8")
        clinics = f"id,name,lon,lat,beds\nA,a,{WEST + 0.002},{SOUTH + 0.002},5\nB,b,{WEST + 0.007},{SOUTH + 0.006},9\n"
        (tmp_path / "clinics.csv").write_text(clinics, encoding="utf-8")
        (tmp_path / "zones.geojson").write_text(json.dumps(_zones()), encoding="utf-8")
        study = tmp_path / "study.yaml"
        study.write_text(text, encoding="utf-8")
        return study

    return write


def _streets() -> str:
    """Nine streets each way, 100 m apart, a hospital and a pitch."""
    nodes = [
        f"<node id='{1 + row * LINES + column}' version='1' lat='{SOUTH + row * STEP:.7f}' lon='{WEST + column * STEP:.7f}'/>"
        for row in range(LINES)
        for column in range(LINES)
    ]
    spots = [("amenity", "hospital", 0.0002, 0.0003), ("leisure", "pitch", 0.0042, 0.0043)]
    nodes += [
        f"<node id='{900 + number}' version='1' lat='{SOUTH + north}' lon='{WEST + east}'><tag k='{key}' v='{value}'/></node>"
        for number, (key, value, east, north) in enumerate(spots)
    ]
    across = [[1 + line * LINES + place for place in range(LINES)] for line in range(LINES)]
    along = [[1 + place * LINES + line for place in range(LINES)] for line in range(LINES)]
    ways = [
        f"<way id='{number}' version='1'>{''.join(f'<nd ref={ref!r}/>' for ref in map(str, refs))}"
        "<tag k='highway' v='residential'/></way>"
        for number, refs in enumerate([*across, *along], start=1)
    ]
    return f"<?xml version='1.0'?><osm version='0.6'>{''.join(nodes)}{''.join(ways)}</osm>"


def _people() -> str:
    rows = [
        f"u{n},{WEST + n % 5 * 0.0016:.6f},{SOUTH + n // 5 * 0.002:.6f},{10 + n},{n % 4},{'urban' if n % 2 else 'rural'}"
        for n in range(20)
    ]
    return "\n".join(["id,lon,lat,people,kids,kind", *rows]) + "\n"


def _zones() -> dict[str, object]:
    """Two zones, west and east, that hold everyone."""
    middle, edge = WEST + STEP * (LINES - 1) / 2, STEP * LINES
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Z{code}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[w, SOUTH - STEP], [e, SOUTH - STEP], [e, SOUTH + edge], [w, SOUTH + edge], [w, SOUTH - STEP]]],
            },
        }
        for code, w, e in (("1", WEST - STEP, middle), ("2", middle, WEST + edge))
    ]
    return {"type": "FeatureCollection", "features": features}
