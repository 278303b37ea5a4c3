"""How a call tells how far it is: in lines on the command line, in one bar, to a function of the caller's, or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ...geo.plain_text import markup, plain
from .messages import default_language, speaker
from .terminal import show, unmarked

P = ParamSpec("P")
R = TypeVar("R")


class Step(NamedTuple):
    """How far a call is.

    Attributes
    ----------
    stage : str
        What it is about to do; empty when it has ended.
    done : int
        Stages that are behind it.
    of : int or None
        How many there will be, as far as it can be foreseen.
    """

    stage: str
    done: int
    of: int | None


Asked = bool | Callable[[Step], object] | None
"""What a caller asks for: True, one bar where somebody can see it; a function, which gets each Step; None, as whoever calls."""


class Teller:
    """Tells nothing; the others are made of it. Remarks go to its console, whatever it tells."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._done, self._of = 0, 0

    def expect(self, stages: int) -> None:
        """Take note that so many stages are to come."""
        self._of = self._done + stages

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that a stage begins, and that it is over."""
        self.tell(name)
        yield
        self._done += 1

    def line(self, text: str) -> None:
        """Tell an event within a stage."""

    def tell(self, stage: str) -> None:
        """Tell what begins."""

    def step(self, stage: str) -> Step:
        """Return how far the call is; more stages than were foreseen are foreseen after all."""
        return Step(stage, self._done, max(self._of, self._done + bool(stage)) if self._of else None)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Tell of everything within one call."""
        yield


class Lines(Teller):
    """One line per stage with its seconds, as the command line tells."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Turn a wheel while it lasts."""
        started = time.perf_counter()
        with self.console.status(f"{unmarked(name)} ..."):
            yield
        seconds = time.perf_counter() - started
        self.console.print(f"[green]✓[/green] {unmarked(name)} [dim]{seconds:.1f} s[/dim]", highlight=False)

    def line(self, text: str) -> None:
        """Print it."""
        show(self.console, text)


class Bar(Teller):
    """One bar on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))  # texts differ in length
        self._bar = Progress(*columns, console=self.console)
        self._task = self._bar.add_task("", total=None)

    def tell(self, stage: str) -> None:
        """Move the bar."""
        step = self.step(stage)
        self._bar.update(self._task, description=unmarked(stage), completed=step.done, total=step.of, refresh=True)

    def line(self, text: str) -> None:
        """Show it beside the bar."""
        self._bar.update(self._task, description=unmarked(text))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Draw the bar, full at the end."""
        with self._bar:
            yield
            self._bar.update(self._task, description="", completed=1, total=1)


class NotebookBar(Teller):
    """One bar in a notebook, which needs nothing but IPython: rich would need ipywidgets."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        from IPython.display import HTML, display  # type: ignore[import-not-found]

        self._html: Callable[[str], Any] = HTML
        self._shown = display(HTML(""), display_id=True)

    def tell(self, stage: str) -> None:
        """Move the bar."""
        self._shown.update(self._html(bar_html(self.step(stage))))

    def line(self, text: str) -> None:
        """Show it beside the bar."""
        self.tell(text)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Take the bar away at the end: the result shows itself."""
        try:
            yield
        finally:
            self._shown.update(self._html(""))


class Call(Teller):
    """Calls a function of the caller's with each step, and once more at the end."""

    def __init__(self, function: Callable[[Step], object]) -> None:
        super().__init__()
        self._function = function

    def tell(self, stage: str) -> None:
        """Call it."""
        self._function(self.step(stage))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Say the end."""
        yield
        self._function(Step("", self._done, self._done))


def bar_html(step: Step) -> str:
    """Return a bar for a notebook; one that does not know how long it is goes to and fro."""
    length = "" if step.of is None else f' value="{step.done}" max="{step.of}"'
    return f"<progress{length}></progress> {markup(plain(step.stage))}"


_teller: ContextVar[Teller | None] = ContextVar("teller", default=None)


def current_teller() -> Teller:
    """Return what tells of the call that is going on."""
    return _teller.get() or Teller()


def tell(key: str) -> None:
    """Tell that what a text names begins, for functions without a record."""
    current_teller().tell(speaker(default_language())(key))


@contextmanager
def telling(asked: Asked | Teller) -> Iterator[None]:
    """Tell of one call as its caller asks; of a call within it what asks nothing is told with it."""
    if asked is None:
        yield
        return
    teller = asked if isinstance(asked, Teller) else _asked(asked)
    token = _teller.set(teller)
    try:
        with teller.call():
            yield
    finally:
        _teller.reset(token)


def told(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that takes `progress` tell of each of its calls as that asks (see `Asked`)."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> R:
        with telling(cast(Asked, options.get("progress"))):
            return function(*arguments, **options)

    return call


def _asked(asked: bool | Callable[[Step], object]) -> Teller:
    """Return a bar only where somebody sees it."""
    if callable(asked):
        return Call(asked)
    console = Console(stderr=True)
    if asked and console.is_jupyter:
        return NotebookBar(console)
    return Bar(console) if asked and console.is_terminal else Teller(console)
