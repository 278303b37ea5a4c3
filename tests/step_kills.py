"""A small command that is killed before each of its steps on the disk; what is left is judged. Runs apart: it forks.

`python tests/step_kills.py FOLDER 1` prints one verdict per step; with 0 there is no watchdog, and a reader clears up.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from lifecircle.studies.folder import draft, swap
from lifecircle.studies.folder.draft import draft_folder, settle_folder
from lifecircle.studies.folder.left_files import COMPARISON, RUN, Kind
from lifecircle.studies.speech.messages import speaker

OLD = {"scorecard.csv": "old", "map-fit.png": "old", "compare/shares.csv": "old"}
NEW = {"scorecard.csv": "new", "map.html": "new"}
STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "subprocess.Popen")
MINE = {"notes.docx": "mine", "compare/mine.txt": "mine"}


def write_results(out: Path, files: Mapping[str, str], kind: Kind = RUN) -> None:
    """Write files as a command writes its results."""
    with draft_folder(out, kind, speaker("en")) as draft:
        for name, text in files.items():
            with draft.writing(name) as file:
                file.write_text(text)
        draft.write_record({"parameters": {}})
        draft.swap_in()


def content(folder: Path) -> dict[str, str]:
    """Every file of a folder with its text; of a record the names of what it lists."""
    texts = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    return {
        name: str([output["file"] for output in json.loads(text)["outputs"]]) if name.endswith(".json") else text
        for name, text in texts.items()
    }


def lay_out(folder: Path) -> None:
    """Put old results and the user's files into an empty folder."""
    write_results(folder / "out", {name: text for name, text in OLD.items() if "/" not in name})
    write_results(folder / "out" / "compare", {"shares.csv": "old"}, COMPARISON)
    for name, text in MINE.items():
        (folder / "out" / name).write_text(text)


def die_at(step: int, folder: Path) -> None:
    """Kill this process before its so manyth step on the disk below a folder."""
    left = [step]

    def count(event: str, arguments: tuple[object, ...]) -> None:
        about_it = isinstance(arguments[0], int) or str(arguments[0]).startswith(str(folder)) if arguments else False
        if event in STEPS and (about_it or event == "subprocess.Popen"):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def killed(folder: Path, step: int, dog: bool) -> bool:
    """Write the new results in a fork that is killed at a step; False where it came to its end before."""
    child = os.fork()
    if not child:
        if not dog:
            draft.start_watchdog = lambda *places: None  # type: ignore[assignment]
        die_at(step, folder)
        write_results(folder / "out", NEW)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def clear_up(folder: Path, dog: bool) -> None:
    """Wait for the watchdog, or do as the next command does."""
    if not dog:
        settle_folder(folder / "out", speaker("en"))
        with draft_folder(folder / "out", RUN, speaker("en")):
            pass
    until = time.monotonic() + 10
    while any(swap.SUFFIX in path.name for path in folder.rglob("*")) and time.monotonic() < until:
        time.sleep(0.002)


def main() -> None:
    """Kill at the first step, the second and so on, until the command comes to its end."""
    folder, dog = Path(sys.argv[1]), bool(int(sys.argv[2]))
    verdicts, step, again = [], 0, True
    lay_out(folder / "laid out")
    old = content(folder / "laid out")
    while again:
        step += 1
        place = Path(shutil.copytree(folder / "laid out", folder / str(step)))
        again = killed(place, step, dog)
        clear_up(place, dog)
        files = {f"out/{name}": text for name, text in {**NEW, **MINE, "run.json": str(sorted(NEW))}.items()}
        now = content(place)
        verdicts.append("old" if now == old else "new" if now == files else f"step {step}: {now}")
    print(json.dumps(verdicts))


if __name__ == "__main__":
    main()
