"""The words of a benchmark: tasks, contenders, targets and the job a contender prepares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Environment = Literal["own", "peers", "engines"]


@dataclass(frozen=True)
class Job:
    """What a contender is ready to do once everything untimed is done.

    Attributes
    ----------
    run : callable
        The timed part.
    answer : callable, optional
        Turns what `run` returned into the array that contenders are compared by; rows may stop early where `share` < 1.
    share : float
        Part of the task's work that `run` does; the time is scaled up (only where the cost is proportional).
    figures : callable, optional
        Measures more about what `run` returned, afterwards and untimed: numbers by name and unit, as "page MB".
    """

    run: Callable[[], Any]
    answer: Callable[[Any], NDArray[np.float64]] | None = None
    share: float = 1.0
    figures: Callable[[Any], Mapping[str, float]] | None = None


@dataclass(frozen=True)
class Contender:
    """A program taking part in a task.

    Attributes
    ----------
    name : str
    prepare : callable
        Loads the inputs and returns the job; runs in `environment`, so it imports its libraries inside.
    environment : {"own", "peers", "engines"}
        The project's own, the peers' (benchmarks/requirements.lock) or the routing engines' (requirements-312.lock).
    slow : bool
        Takes part with `--all` only, or once `ready`.
    ready : callable, optional
        Tells whether a slow preparation has been done before and is kept.
    note : str
    """

    name: str
    prepare: Callable[[], Job]
    environment: Environment = "peers"
    slow: bool = False
    ready: Callable[[], bool] = lambda: False
    note: str = ""


@dataclass(frozen=True)
class Target:
    """What the engine must reach: a part of a peer's time, a time, a peak of memory, or one of the job's figures.

    Attributes
    ----------
    contender : str
        Which form of the engine is meant.
    peer : str, optional
    factor : float
        Largest allowed ratio of the engine's time to the peer's.
    seconds, gigabytes : float, optional
        Largest allowed time per unit of the task, or peak of memory.
    figure : str, optional
        Name of one of `Job.figures`, which must be `at_most` so much.
    at_most : float
    """

    contender: str = "lifecircle"
    peer: str | None = None
    factor: float = 1.0
    seconds: float | None = None
    gigabytes: float | None = None
    figure: str | None = None
    at_most: float = 0.0


@dataclass(frozen=True)
class Task:
    """One line of the comparison.

    Attributes
    ----------
    name, title : str
    contenders : tuple of Contender
        The engine first.
    targets : tuple of Target
    inputs : tuple of str
        Names in `inputs.RECIPES`, made beforehand.
    units : int
        The time shown is divided by this.
    unit : str
        What one unit is, empty for the whole task.
    tolerance : float
        Largest difference of answers between contenders that share a model.
    compiles : bool
        Whether the engine's first run on a new machine is measured too.
    """

    name: str
    title: str
    contenders: tuple[Contender, ...]
    targets: tuple[Target, ...]
    inputs: tuple[str, ...]
    units: int = 1
    unit: str = ""
    tolerance: float = 1e-3
    compiles: bool = False
