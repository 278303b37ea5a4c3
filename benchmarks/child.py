"""Measure one contender once, in this process: `python -m benchmarks.child TASK CONTENDER [ANSWER.npy|twice]`."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .tasks import find_contender

SHORT_SECONDS = {"own": 15.0, "peers": 3.0, "engines": 3.0}


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Run once and say how long it took, by the clock and in processor time of all threads."""
    gc.collect()
    start, start_processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - start_processor, result


def measure(task: str, name: str, answer_file: Path | None, *, twice: bool) -> dict[str, Any]:
    """Prepare and run a contender.

    A short first call is not counted: it loads compiled code and touches the inputs' pages.
    """
    contender = find_contender(task, name)
    prepare_seconds, _, job = timed(contender.prepare)
    first_seconds, processor_seconds, result = timed(job.run)
    seconds = first_seconds
    if twice or first_seconds < SHORT_SECONDS[contender.environment]:
        del result
        seconds, processor_seconds, result = timed(job.run)
    # Linux counts in kilobytes, macOS in bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if answer_file and job.answer:
        np.save(answer_file, job.answer(result))
    return {
        "seconds": seconds / job.share,
        "processor_seconds": processor_seconds / job.share,
        "first_seconds": first_seconds / job.share,
        "prepare_seconds": prepare_seconds,
        "peak_bytes": peak,
        "share": job.share,
        "figures": {} if twice or not job.figures else job.figures(result),
    }


def main() -> None:
    """Print one line of JSON, the last of the output."""
    task, name, *option = sys.argv[1:]
    twice = option == ["twice"]
    answer_file = Path(option[0]) if option and not twice else None
    print(json.dumps(measure(task, name, answer_file, twice=twice)), flush=True)


if __name__ == "__main__":
    main()
