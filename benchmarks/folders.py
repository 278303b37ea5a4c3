"""Where the benchmarks find the checkout, the real extracts and room for bulky things."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench-out"  # ignored by git: inputs, peers' environments, answers
INPUTS = OUT / "inputs"
ANSWERS = OUT / "answers"
EXTRACTS = ROOT.parent / "shared" / "data"
REPORT = ROOT / "docs" / "benchmarks.md"
