"""`./run bench [TASK ...] [--runs N] [--all]`: measure side by side, print the table, write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import subprocess
import sys

from .environments import UnavailableError, python_of
from .folders import REPORT, ROOT, missing_extracts
from .machine import current_load
from .measuring import compare
from .report import print_report, write_report
from .tasks import TASKS, find_task


def main() -> None:
    """Measure the tasks asked for; the report is written only when all of them were."""
    options = _options()
    if reason := missing_extracts():
        print(f"Skipped: {reason}.")
        return
    tasks = [find_task(name) for name in options.tasks] or list(TASKS)
    # in a process of its own: Linux hands the peak of memory down to the processes that measure
    subprocess.run(
        [sys.executable, "-m", "benchmarks.inputs", *sorted({n for t in tasks for n in t.inputs})], check=True, cwd=ROOT
    )
    try:
        python_of("peers")
        if options.all:
            python_of("engines")
    except UnavailableError as reason:
        print(f"Some peers do not take part: {reason}.")
    load = current_load()
    if load > 0.5:
        print(f"This machine is busy (load {load:.1f}): times will be longer than they need be, ratios less steady.")
    comparisons = [compare(task, runs=options.runs, everyone=options.all, say=_say) for task in tasks]
    print_report(comparisons)
    if not options.tasks:
        command = "./run bench" + (" --all" if options.all else "") + (f" --runs {options.runs}" if options.runs != 5 else "")
        write_report(REPORT, comparisons, command=command, runs=options.runs, load=load)
        print(f"Written to {REPORT.relative_to(ROOT)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description="Compare lifecircle with its peers, side by side.")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="one of: " + ", ".join(task.name for task in TASKS))
    parser.add_argument("--runs", type=int, default=5, help="repetitions of each measurement (default 5)")
    parser.add_argument("--all", action="store_true", help="let the slow peers take part too (an hour and more)")
    options = parser.parse_args()
    unknown = [name for name in options.tasks if name not in {task.name for task in TASKS}]
    if unknown:
        parser.error(f"no task {unknown[0]!r}")
    return options


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
