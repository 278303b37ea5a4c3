"""Commands that are killed at random moments, and what they leave: the old results, the new ones, or something else.

`python tests/breaking.py run 60` kills sixty runs and prints what came of it; `./run test-slow` does so for every command.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import toy_map
import yaml
from toy_study import GOAL, STREET, people_table, points_table

from lifecircle.studies.folder.swap import NEW, PLAN, SUFFIX

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CLEARED_SECONDS = 5.0  # by then the watchdog has cleared up, also on a busy machine
PEOPLE = people_table([(f"u{n}", n % 60, 0, 10 + n) for n in range(200)])
PLACES = points_table([("west", 0, 0), ("east", 30, 0)])
PLOTS = points_table([("p", 10, 0), ("q", 20, 0), ("r", 45, 0)])


@dataclass(frozen=True)
class Scene:
    """One command that is killed while it writes over the results of another one; `record` is None for a single file."""

    old: Sequence[str]
    new: Sequence[str]
    place: str
    record: str | None
    before: Sequence[Sequence[str]] = ()


KILLS = {"run": 60, "site": 20, "access": 20, "compare": 20, "matrix": 20, "isochrones": 20}
_TABLE = ["streets.osm", "--origins", "people.csv", "--destinations", "facilities.csv", "--out", "table.csv", "--minutes"]
_RINGS = ["streets.osm", "--facilities", "facilities.csv", "--out", "rings.gpkg", "--minutes"]
SCENES = {
    "run": Scene(["run", "a.yaml", "--out", "out"], ["run", "b.yaml", "--out", "out"], "out", "run.json"),
    "site": Scene(
        ["site", "a.yaml", "--service", "health", "--p", "1", "--out", "out"],
        ["site", "a.yaml", "--service", "health", "--p", "2", "--out", "out"],
        "out",
        "plan.json",
    ),
    "access": Scene(
        ["access", "a.yaml", "--out", "out"], ["access", "a.yaml", "--minutes", "7,8", "--out", "out"], "out", "access.json"
    ),
    "compare": Scene(
        ["compare", "r1", "r2", "--out", "out"],
        ["compare", "r2", "r1", "--no-causes", "--out", "out"],
        "out",
        "compare.json",
        [["run", "a.yaml", "--out", "r1"], ["run", "b.yaml", "--out", "r2"]],
    ),
    "matrix": Scene(["matrix", *_TABLE, "5"], ["matrix", *_TABLE, "20"], "table.csv", None),
    "isochrones": Scene(["isochrones", *_RINGS, "5"], ["isochrones", *_RINGS, "5,10"], "rings.gpkg", None),
}


def lifecircle(folder: Path, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a command in a process group of its own; GDAL writes the same date into every file.

    It heeds Ctrl-C as it would at a terminal: jobs that a script puts into the background inherit that they ignore it.
    """
    line = [sys.executable, "-m", "lifecircle", *command, "--lang", "en"]
    quiet, same_date = subprocess.DEVNULL, {**os.environ, "OGR_CURRENT_DATE": "2025-01-01T00:00:00.000Z"}
    return subprocess.Popen(
        line, cwd=folder, env=same_date, start_new_session=True, stdout=quiet, stderr=subprocess.PIPE, preexec_fn=_heed_interrupts
    )


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(folder: Path, command: Sequence[str]) -> None:
    """Run a command to its end."""
    started = lifecircle(folder, command)
    _, said = started.communicate()
    assert started.returncode == 0, said.decode()


def write_scene(folder: Path) -> None:
    """Write two studies that differ in their limit, and what the other commands need."""
    toy_map.write_map(folder / "streets.osm", *STREET)
    for name, table in (("people.csv", PEOPLE), ("facilities.csv", PLACES), ("plots.csv", PLOTS)):
        table.to_csv(folder / name, index=False)
    for name, minutes in (("a", 10), ("b", 3)):
        study = {
            "name": "Toy", "streets": "streets.osm", "demand": {"file": "people.csv", "people": "people", "id": "id"},
            "facilities": {"health": [{"file": "facilities.csv", "id": "id"}]}, "goals": [{**GOAL, "minutes": minutes}],
            "siting": {"health": {"candidates": {"file": "plots.csv", "id": "id"}}},
        }  # fmt: skip
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")


def sums(folder: Path, *, but: str = ".lifecircle-cache") -> dict[str, str]:
    """Checksum of every file below a folder but the cache's; folders count too."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
        if but not in path.parts
    }


def drafts(folder: Path) -> list[str]:
    """What is left of drafts."""
    return [path.relative_to(folder).as_posix() for path in paths_below(folder) if SUFFIX in path.name]


def paths_below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder, while a watchdog may be clearing it up: what goes in between is not there."""
    for parent, folders, files in os.walk(folder):  # a folder that is gone is passed by, which rglob does not
        yield from (Path(parent) / name for name in [*folders, *files])


class Stage:
    """A scene on the disk, with its old results in place; knows the new ones when it sees them."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.folder, self.scene = folder, scene
        write_scene(folder)
        for command in scene.before:
            finish(folder, command)
        start = time.monotonic()
        finish(folder, scene.new)
        self.seconds = time.monotonic() - start
        self.new = sums(folder)
        finish(folder, scene.old)
        if scene.record:
            (folder / "out" / "mine").mkdir()
            (folder / "out" / "mine" / "notes.docx").write_text("mine")
            (folder / "out" / "notes.docx").write_text("mine")
        self.old = sums(folder)

    def verdict(self) -> str:
        """Say what lies in the folder: "old", "new", or what is wrong with it."""
        now = sums(self.folder)
        if now == self.old:
            return "old"
        users = {name: digest for name, digest in self.old.items() if "notes" in name or name.endswith("mine")}
        expected = {name: users.get(name, self.new.get(name)) for name in {**self.new, **users}}
        if self.scene.record is None:
            return "new" if now == expected else f"neither: {sorted(set(now.items()) ^ set(expected.items()))}"
        return self._judge_folder(now, expected)

    def _judge_folder(self, now: dict[str, str], expected: dict[str, str | None]) -> str:
        """New results name times and versions of their making: their record vouches for the others."""
        if now.keys() != expected.keys() or any(now[name] != expected[name] for name in expected if "notes" in name):
            return f"other files: {sorted(now.keys() ^ expected.keys())}"
        record = json.loads((self.folder / "out" / self.scene.record).read_text(encoding="utf-8"))
        listed = {f"out/{output['file']}": output["sha256"] for output in record["outputs"]}
        wrong = [name for name, digest in listed.items() if now[name] != digest]
        unlisted = [
            name
            for name, digest in now.items()
            if name.startswith("out/") and name not in listed and digest != "folder" and "notes" not in name
        ]
        return "new" if not wrong and unlisted == [f"out/{self.scene.record}"] else f"mixed: {wrong} {unlisted}"

    def restore(self) -> None:
        """Bring the old results back where the new ones came in."""
        if sums(self.folder) != self.old:
            finish(self.folder, self.scene.old)
            self.old = sums(self.folder)

    def kill(self, moment: str, number: int, chance: random.Random) -> tuple[str, float]:
        """Kill the new command once; returns the verdict and after how many seconds no draft was left."""
        started = lifecircle(self.folder, self.scene.new)
        wait_for(moment, self.folder, started, chance, self.seconds)
        with suppress(ProcessLookupError):  # it came to its end before
            os.killpg(started.pid, number)
        _, said = started.communicate()
        seconds = wait_for_watchdog(self.folder)
        verdict = self.verdict() if not drafts(self.folder) else f"drafts: {drafts(self.folder)}"
        if "Traceback" in said.decode():
            verdict = f"traceback: {said.decode()}"
        if number != signal.SIGKILL and started.returncode not in (0, 128 + number, -number):
            verdict = f"exit code {started.returncode}: {said.decode()}"
        return verdict, seconds


def wait_for(moment: str, folder: Path, started: "subprocess.Popen[bytes]", chance: random.Random, seconds: float = 0.0) -> None:
    """Wait for the moment to kill: any within so many seconds, while files are written, or around their exchange."""
    if moment == "any":
        time.sleep(chance.uniform(0, seconds))
        return
    written = (lambda path: path.parent.name == NEW) if moment == "writing" else (lambda path: path.name == PLAN)

    def seen() -> bool:
        return any(map(written, paths_below(folder)))

    while started.poll() is None and not seen():
        time.sleep(0 if moment == "exchange" else 0.005)
    time.sleep(chance.uniform(0, 0.9) if moment == "writing" else chance.choice((0, 0.0005, 0.001, 0.002)))


def wait_for_watchdog(folder: Path) -> float:
    """Wait until no draft is left, but not for ever; returns the seconds that took."""
    began = time.monotonic()
    while drafts(folder) and time.monotonic() - began < CLEARED_SECONDS:
        time.sleep(0.002)
    return time.monotonic() - began


def kill_often(name: str, kills: int, seed: int = 20250101) -> tuple[Counter[str], float]:
    """Kill a command so many times; returns how often what was left, and the longest time a draft outlived its command."""
    chance = random.Random(seed)
    found: Counter[str] = Counter()
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), SCENES[name])
        for turn in range(kills):
            moment, number = ("any", "writing", "exchange")[turn % 3], SIGNALS[turn // 3 % 3]
            verdict, seconds = stage.kill(moment, number, chance)
            longest = max(longest, seconds)
            found[f"{moment} {verdict}"] += 1
            stage.restore()
    return found, longest


if __name__ == "__main__":
    counted, waited = kill_often(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:]))
    print(sys.argv[1], dict(counted), f"drafts gone after at most {waited:.3f} s")
