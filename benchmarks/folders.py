"""Where the benchmarks find the checkout, the real extracts and room for bulky things."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench-out"  # ignored by git: inputs, peers' environments, answers
INPUTS = OUT / "inputs"
ANSWERS = OUT / "answers"
EXTRACTS = ROOT.parent / "shared" / "data"
REPORT = ROOT / "docs" / "benchmarks.md"


def porto() -> Path:
    """The extract that cities are made of: 347,000 street nodes."""
    return EXTRACTS / "osm-odd" / "porto_portugal.osm.pbf"


def merged() -> Path:
    """Twenty-three extracts in one file, 20 MB."""
    return EXTRACTS / "merged" / "all-regions.osm.pbf"


def small_city() -> Path:
    """The 0.9 MB extract of Porto Alegre."""
    return EXTRACTS / "porto-alegre-sao-paulo" / "poa" / "poa_osm.pbf"


def missing_extracts() -> str:
    """Say which extract the benchmarks lack; empty if none."""
    lacking = [path for path in (porto(), merged(), small_city()) if not path.is_file()]
    return f"no {lacking[0].relative_to(ROOT.parent)} beside this checkout: benchmarks run on real extracts" if lacking else ""
