"""The comparison as a table on the screen and as docs/benchmarks.md."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .contenders import Target, Task
from .machine import describe_machine, describe_versions
from .measuring import Comparison, Outcome

COLUMNS = ("task", "contender", "time", "processor time", "peak memory", "lifecircle takes", "answers", "note")
TARGET_COLUMNS = ("task", "target", "measured", "verdict")


def print_report(comparisons: Sequence[Comparison]) -> None:
    """Print both tables."""
    console = Console()
    for title, columns, rows in (
        ("Side by side", COLUMNS, contender_rows(comparisons)),
        ("Pages", *figure_table(comparisons)),
        ("Targets", TARGET_COLUMNS, target_rows(comparisons)),
    ):
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        if rows:
            console.print(table)
    console.print(compile_line(comparisons))


def write_report(path: Path, comparisons: Sequence[Comparison], *, command: str, runs: int, load: float) -> None:
    """Write the same in Markdown, with everything needed to repeat it."""
    text = f"""# Benchmarks

Made by `{command}` on {datetime.date.today():%d %B %Y}; run it again and this file is written anew.

Machine: {describe_machine()}; load when the run began: {load:.1f}.

Versions: {describe_versions()}.

Each number is the median of {runs} repetitions, each in a process of its own, contenders in turn (A B A B); a ratio is the
median of the ratios of neighbouring runs; who takes over a minute is run once. A first call that takes under 3 seconds (under 15
for lifecircle, which loads compiled code) is not counted. Reading inputs, building other programs' graphs and their preparation
are not timed. Processor time counts all threads. Peak memory is the whole process: interpreter, libraries and inputs included.
"~": only a part of the work was done and the time scaled up (one search per row, so the cost is proportional). "answers":
agreement with lifecircle's seconds (points: metres).

{compile_line(comparisons)}

Inputs are tiled from real extracts, © OpenStreetMap contributors, ODbL.

## Targets

{_markdown(TARGET_COLUMNS, target_rows(comparisons))}

## Side by side

{_markdown(COLUMNS, contender_rows(comparisons))}

## Pages

The maps that were written, opened from their files in headless Chromium at 1360 x 860 pixels, without a graphics processor and
with the network shut. Their cells are made up, on a lattice in degrees over Porto's own streets, and all are in view.
Usable: from navigation until the first frame painted after the page is ready. Threshold: all cells judged by another limit and
drawn (by lifecircle people are counted too). Zoom: one step in or out. Both are the median of six or seven, each until its frame
is painted, which alone takes up to 17 ms. Renderer: what the page's process holds in the end; an empty page holds 124 MB.

{_markdown(*figure_table(comparisons))}
"""
    path.write_text(text, encoding="utf-8")


def contender_rows(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """One row per task and contender."""
    rows: list[tuple[str, ...]] = []
    for comparison in comparisons:
        task = comparison.task
        for number, outcome in enumerate(comparison.outcomes):
            title = f"{task.name}: {task.title}" if number == 0 else ""
            rows.append((title, outcome.contender.name, *_numbers(comparison, outcome), outcome.contender.note))
    return rows


def _numbers(comparison: Comparison, outcome: Outcome) -> tuple[str, ...]:
    if not outcome.seconds:
        return "–", "–", "–", "–", outcome.skipped
    task = comparison.task
    ratio = comparison.ratio("lifecircle", outcome.contender.name)
    part = "~" if outcome.share < 1 else ""
    took = "" if outcome is comparison.outcomes[0] or ratio is None else show_ratio(ratio)
    time = part + show_seconds(outcome.median / task.units) + _unit(task)
    processor = part + show_seconds(statistics.median(outcome.processor_seconds) / task.units)
    return time, processor, f"{outcome.peak_bytes / 1e9:.2f} GB", took, _agreement(task, outcome)


def _unit(task: Task) -> str:
    return f" per {task.unit}" if task.unit else ""


def _agreement(task: Task, outcome: Outcome) -> str:
    if outcome.difference is None:
        return ""
    return f"same to {task.tolerance:g}" if outcome.difference <= task.tolerance else f"DIFFER by {outcome.difference:g}"


def figure_table(comparisons: Sequence[Comparison]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of what jobs measured besides time and memory."""
    measured = [(c.task.name, o.contender.name, o.figures) for c in comparisons for o in c.outcomes if o.figures]
    names = tuple(dict.fromkeys(name for _, _, figures in measured for name in figures))
    rows = [(task, who, *(_middle(figures.get(name)) for name in names)) for task, who, figures in measured]
    return ("task", "contender", *names), rows


def _middle(values: Sequence[float] | None) -> str:
    return f"{statistics.median(values):.3g}" if values else "–"


def show_seconds(seconds: float) -> str:
    """Return a time with three figures and a fitting unit."""
    if seconds < 1e-3:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.1 else f"{seconds:.3g} s"


def show_ratio(ratio: float) -> str:
    """Return a ratio as a part: 1/4.2, or a multiple where the engine is slower."""
    return f"1/{1 / ratio:.3g}" if ratio <= 1 else f"{ratio:.3g} x"


def target_rows(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """One row per target; a peer that did not run leaves its target unmeasured, not reached."""
    rows: list[tuple[str, ...]] = []
    for comparison in comparisons:
        for target in comparison.task.targets:
            measured = _measured(comparison, target)
            wanted, text = _wanted(comparison.task, target)
            if measured is None:
                rows.append((comparison.task.name, text, "not measured", "–"))
            else:
                verdict = "reached" if measured <= wanted else "**missed**"
                rows.append((comparison.task.name, text, _show(comparison.task, target, measured), verdict))
    return rows


def _measured(comparison: Comparison, target: Target) -> float | None:
    outcome = comparison.outcome(target.contender)
    if outcome is None:
        return None
    if target.peer:
        return comparison.ratio(target.contender, target.peer)
    if target.figure:
        values = outcome.figures.get(target.figure)
        return statistics.median(values) if values else None
    return outcome.peak_bytes / 1e9 if target.gigabytes else outcome.median / comparison.task.units


def _wanted(task: Task, target: Target) -> tuple[float, str]:
    who = "" if target.contender == "lifecircle" else target.contender.removeprefix("lifecircle, ") + ": "
    if target.peer:
        part = "" if target.factor == 1 else f"1/{1 / target.factor:.3g} of "
        return target.factor, f"{who}at most {part}{target.peer}"
    if target.figure:
        figure, unit = target.figure.rsplit(" ", 1)
        return target.at_most, f"{who}{figure} at most {target.at_most:g} {unit}"
    if target.gigabytes:
        return target.gigabytes, f"{who}under {target.gigabytes:g} GB"
    return target.seconds or 0.0, f"{who}at most {show_seconds(target.seconds or 0.0)}{_unit(task)}"


def _show(task: Task, target: Target, measured: float) -> str:
    if target.peer:
        return show_ratio(measured)
    if target.figure:
        return f"{measured:.3g} {target.figure.rsplit(' ', 1)[1]}"
    return f"{measured:.2f} GB" if target.gigabytes else show_seconds(measured) + _unit(task)


def compile_line(comparisons: Sequence[Comparison]) -> str:
    """Say what a new machine's first run costs beyond these times."""
    known = {c.task.name: c.compile_seconds for c in comparisons if c.compile_seconds is not None}
    listed = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in known.items())
    return f"Compiling, once per machine and version and not in the times (empty cache, inputs' loading included): {listed}."


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)
