"""What large studies take, command by command, each in a process of its own: `python -m benchmarks.limits [CASE ...]`.

Prints the table of docs/reliability.md: seconds by the clock and of the processor, the peak of memory, and how each command
ended, in the words it ended with. A command that takes longer than `--most` seconds is stopped, which is written, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .folders import OUT, ROOT
from .limit_inputs import folder_of
from .machine import current_load, describe_machine

MOST_SECONDS = 1800.0
LONGEST_WORDS = 160
RESULTS = OUT / "limits"
JITTERED = ("jittered", "jittered-again")


@dataclass(frozen=True, kw_only=True)
class Case:
    """Commands on the toys that `limit_inputs` writes, in turn."""

    title: str
    toys: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    words: str


def _single(toy: str, title: str, *, commands: Sequence[str] = ("check", "run")) -> Case:
    return Case(title=title, toys=(toy,), commands=tuple((command, toy) for command in commands))


CASES: Final = {
    "rows": _single("rows", "5,000,000 points"),
    "goals": _single("goals", "300 goals on 2,000 points"),
    "one-spot": _single("one-spot", "1,000,000 rows on one point"),
    "facilities": _single("facilities", "200,000 facilities, 5,041 zones, 20,000 points"),
    "twins": _single("twins", "40,000 facilities on one point"),
    "jittered": Case(
        title="40,000 facilities within 25 m of one point, drawn anew",
        toys=JITTERED,
        commands=(("check", JITTERED[0]), *(("run", toy) for toy in JITTERED), ("compare", *JITTERED)),
    ),
    "far-row": _single("far-row", "1,600 cells of a kilometre and one row 20,000 km away, urban by density"),
    "scattered": _single("scattered", "100,000 points at random"),
}  # fmt: skip


def main() -> None:
    """Measure the cases asked for and print a row for every command."""
    options = _options()
    names = options.cases or list(CASES)
    toys = [toy for name in names for toy in CASES[name].toys]
    # in a process of its own: Linux hands the peak of memory down to the processes that are measured
    subprocess.run([sys.executable, "-m", "benchmarks.limit_inputs", "warm-up", *toys], check=True, cwd=ROOT)
    measure(("run", "warm-up"), MOST_SECONDS)  # compiles the searches, once per machine and version
    print(f"{describe_machine()}; load when it began: {current_load():.1f}\n")
    print("| tried | command | time | processor time | peak memory | how it ended |\n|---|---|---|---|---|---|", flush=True)
    for case in (CASES[name] for name in names):
        for command in case.commands:
            print(row(case.title, command[0], measure(command, options.most)), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE", help="one of: " + ", ".join(CASES))
    parser.add_argument("--most", type=float, default=MOST_SECONDS, help="stop a command after so many seconds")
    return parser.parse_args()


def measure(command: Sequence[str], most_seconds: float) -> Ended:
    """Run one command of lifecircle, its streets read anew, and say what it took."""
    name, *toys = command
    for toy in toys:
        shutil.rmtree(folder_of(toy) / ".lifecircle-cache", ignore_errors=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    log = RESULTS / f"{'-'.join(command)}.log"
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as words:
        child = subprocess.Popen(_line(name, toys), cwd=ROOT, stdout=words, stderr=subprocess.STDOUT)
        clock = threading.Timer(most_seconds, child.kill)
        clock.start()
        _, status, used = os.wait4(child.pid, 0)
        clock.cancel()
    seconds = time.perf_counter() - started
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    words_said = _last_words(log, os.waitstatus_to_exitcode(status))
    return Ended(seconds=seconds, processor_seconds=used.ru_utime + used.ru_stime, peak_bytes=peak, words=words_said)


def _line(name: str, toys: Sequence[str]) -> list[str]:
    words = [sys.executable, "-m", "lifecircle", name]
    outs = [str(RESULTS / f"out-{toy}") for toy in toys]
    if name == "compare":
        return [*words, *outs, "--out", str(RESULTS / "out-compare"), "--lang", "en"]
    return [*words, str(folder_of(toys[0]) / "study.yaml"), *(["--out", outs[0]] if name == "run" else []), "--lang", "en"]


def _last_words(log: Path, code: int) -> str:
    """Say how a command ended: done, stopped, or refused with the sentence it printed."""
    if code == 0:
        return "finished"
    if code < 0:
        return "stopped by us" if code == -9 else f"died of signal {-code}"
    said = " ".join(line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip())
    return f"refused: … {said[-LONGEST_WORDS:]}"


def row(title: str, command: str, ended: Ended) -> str:
    """Return a row of the table."""
    times = f"{ended.seconds:.1f} s | {ended.processor_seconds:.1f} s"
    return f"| {title} | {command} | {times} | {ended.peak_bytes / 1e9:.2f} GB | {ended.words} |"


if __name__ == "__main__":
    main()
