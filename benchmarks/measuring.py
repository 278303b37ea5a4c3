"""Run contenders side by side, each measurement in a process of its own, and compare their answers."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .contenders import Contender, Task
from .environments import UnavailableError, python_of
from .folders import ANSWERS, OUT, ROOT

LONG_SECONDS = 60.0  # a contender whose preparation and run take longer than this is run once
TIMEOUT_SECONDS = 3600


@dataclass
class Outcome:
    """What the runs of one contender gave.

    Attributes
    ----------
    contender : Contender
    seconds, processor_seconds : list of float
        One per repetition, for the whole task; processor time counts all threads.
    peak_bytes : int
        Largest of all repetitions, interpreter, libraries and inputs included.
    long : bool
        Whether preparation and run together are too long to be repeated.
    share : float
        The share of the work that was done.
    figures : dict of name to list of float
        What the job measured besides, one per repetition.
    skipped : str
        Why there are no numbers; empty if there are.
    difference : float or None
        Largest difference from the engine's answer; inf where one reaches what the other does not.
    """

    contender: Contender
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    long: bool = False
    share: float = 1.0
    figures: dict[str, list[float]] = field(default_factory=dict)
    skipped: str = ""
    difference: float | None = None

    @property
    def median(self) -> float:
        """Median time of the whole task in seconds."""
        return statistics.median(self.seconds)


@dataclass
class Comparison:
    """All outcomes of one task, the engine's first."""

    task: Task
    outcomes: list[Outcome]
    compile_seconds: float | None = None

    def outcome(self, name: str) -> Outcome | None:
        """Return a contender's outcome, None where it has no numbers."""
        return next((o for o in self.outcomes if o.contender.name == name and o.seconds), None)

    def ratio(self, contender: str, peer: str) -> float | None:
        """Median over the repetitions of one time as a part of another taken right beside it."""
        one, other = self.outcome(contender), self.outcome(peer)
        if one is None or other is None:
            return None
        if len(one.seconds) != len(other.seconds):
            return one.median / other.median
        return statistics.median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))


def compare(task: Task, *, runs: int, everyone: bool, say: Callable[[str], None]) -> Comparison:
    """Measure all contenders of a task in turn, as often as asked: A B A B, so that a busy moment hits all alike."""
    outcomes = [Outcome(contender) for contender in task.contenders if everyone or not contender.slow or contender.ready()]
    comparison = Comparison(task, outcomes)
    if task.compiles:
        say(f"{task.name}: compiling with an empty cache")
        comparison.compile_seconds = _compile_seconds(task, outcomes[0].contender)
    for repetition in range(runs):
        for outcome in outcomes:
            if outcome.skipped or (repetition and outcome.long):
                continue
            say(f"{task.name}: {outcome.contender.name}, run {repetition + 1} of {runs}")
            _run_once(task, outcome, answer=repetition == 0)
    _compare_answers(task, outcomes)
    return comparison


def _run_once(task: Task, outcome: Outcome, *, answer: bool) -> None:
    ANSWERS.mkdir(parents=True, exist_ok=True)
    extra = [str(_answer_file(task, outcome.contender))] if answer else []
    if answer:
        _answer_file(task, outcome.contender).unlink(missing_ok=True)
    try:
        measured = _child(outcome.contender, task, extra, {})
    except UnavailableError as reason:
        outcome.skipped = str(reason)
        return
    outcome.seconds.append(measured["seconds"])
    outcome.processor_seconds.append(measured["processor_seconds"])
    outcome.peak_bytes = max(outcome.peak_bytes, int(measured["peak_bytes"]))
    outcome.share = measured["share"]
    for name, value in measured["figures"].items():
        outcome.figures.setdefault(name, []).append(value)
    outcome.long = measured["prepare_seconds"] + measured["first_seconds"] * outcome.share > LONG_SECONDS


def _child(contender: Contender, task: Task, extra: Iterable[str], variables: dict[str, str]) -> dict[str, Any]:
    """Start the process that measures, and read its last line."""
    command = [str(python_of(contender.environment)), "-m", "benchmarks.child", task.name, contender.name, *extra]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise UnavailableError(f"failed: {lines[-1]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _compile_seconds(task: Task, engine: Contender) -> float | None:
    """What the first call on a new machine costs beyond the second: compiling, with an empty cache."""
    folder = OUT / "compiled"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        measured = _child(engine, task, ("twice",), {"NUMBA_CACHE_DIR": str(folder)})
    except UnavailableError:
        return None
    return max(0.0, float(measured["prepare_seconds"] + measured["first_seconds"] - measured["seconds"]))


def _answer_file(task: Task, contender: Contender) -> Path:
    return ANSWERS / f"{task.name}-{contender.name.replace(' ', '-').replace(',', '')}.npy"


def _compare_answers(task: Task, outcomes: list[Outcome]) -> None:
    """Compare every answer with the engine's, as far as both go."""
    own = _answer_file(task, outcomes[0].contender)
    if not own.is_file():
        return
    ours = np.load(own)
    for outcome in outcomes[1:]:
        file = _answer_file(task, outcome.contender)
        if not file.is_file():
            continue
        theirs = np.load(file)
        rows = min(len(ours), len(theirs))
        outcome.difference = largest_difference(ours[:rows], theirs[:rows])


def largest_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest absolute difference; inf where one is a number and the other is not."""
    known = np.isfinite(ours)
    if not np.array_equal(known, np.isfinite(theirs)):
        return float("inf")
    return float(np.abs(ours[known] - theirs[known]).max(initial=0.0))
