"""Read spoilt .osm.pbf files with our decoder and with pyosmium: the same elements, or a refusal.

`python tests/pbf_fuzz.py --mutations 100000` runs the long mode; `tests/geo/reading/pbf/test_pbf_fuzz.py` a short one. Files
are read in child processes, so that one that kills its reader is counted and the next one is tried. Seed and number make each
file.
"""

import argparse
import collections
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import osmium
import pbf_mutations

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading import pbf
from lifecircle.geo.reading.osm import read_osm

FULL_EVERY = 10  # of the files, one in so many is read to the end, as streets
KINDS = {"n": 0, "w": 1, "r": 2}
Elements = tuple[list, list, list, list]
HIDDEN = (pbf.NOWHERE, pbf.NOWHERE)


def ours(file: Path) -> Elements:
    """Everything our decoder finds: nodes, ways, relations, and the ids and stamps of ways and relations that are gone or not."""
    nodes, ways, relations, stamps = [], [], [], []
    for blob in pbf.data_blobs(file, file):
        block = pbf.read_block(blob)
        raw = block.strings()
        everything = np.ones(len(raw), bool)
        text = [None] * len(raw)

        def say(row, text=text, raw=raw):
            if text[row] is None:
                text[row] = pbf.text_of(raw[row])
            return text[row]

        found = pbf.decode_nodes(block, wanted_keys=everything)
        tags = collections.defaultdict(list)
        for row, key, value in found.tags.tolist():
            if found.lon[row] != pbf.NOWHERE or found.lat[row] != pbf.NOWHERE:
                tags[row].append((say(key), say(value)))
        places = [xy if xy[0] != pbf.NOWHERE else HIDDEN for xy in zip(found.lon.tolist(), found.lat.tolist(), strict=True)]
        columns = zip(found.ids.tolist(), found.stamps.tolist(), places, strict=True)
        nodes += [(*column, tuple(tags[row])) for row, column in enumerate(columns)]
        for kind, target in (("w", ways), ("r", relations)):
            if kind == "w":
                some = pbf.decode_ways(block, wanted_keys=everything, wanted_ids=np.unique(_ids(block)))
            else:
                some = pbf.decode_relations(block, wanted_keys=everything)
            stamps += [(kind, *pair) for pair in zip(some.seen.tolist(), some.stamps.tolist(), strict=True)]
            tags = collections.defaultdict(list)
            for row, key, value in some.tags.tolist():
                tags[row].append((say(key), say(value)))
            for row, number in enumerate(some.ids.tolist()):
                span = slice(some.offsets[row], some.offsets[row + 1])
                refs = some.refs[span].tolist()
                if kind == "w":
                    first = some.first[span].tolist() or [pbf.NOWHERE] * len(refs)
                    second = some.second[span].tolist() or [pbf.NOWHERE] * len(refs)
                    content = [(ref, (x, y)) for ref, x, y in zip(refs, first, second, strict=True)]
                else:
                    members = zip(some.first[span].tolist(), refs, some.second[span].tolist(), strict=True)
                    content = [(member, ref, say(role)) for member, ref, role in members]
                if kind == "w" or tags[row]:
                    target.append((number, content, tuple(tags[row])))
    return nodes, ways, relations, sorted(stamps)


def _ids(block: pbf.Block) -> np.ndarray:
    return pbf.decode_ways(block, wanted_keys=np.zeros(len(block.string_starts), bool), wanted_ids=np.empty(0, np.int64)).seen


def theirs(file: Path) -> Elements:
    """The same from pyosmium."""
    nodes, ways, relations, stamps = [], [], [], []
    for element in osmium.FileProcessor(str(file)):
        stamp = element.version << 32 | int(element.timestamp.timestamp())
        kind = element.type_str()
        tags = () if not element.visible else tuple((tag.k, tag.v) for tag in element.tags)
        if kind == "n":
            place = _place(element.location) if element.visible else HIDDEN
            nodes.append((element.id, stamp, place, tags if place != HIDDEN else ()))
            continue
        stamps.append((kind, element.id, stamp))
        if kind == "w" and element.visible:
            ways.append((element.id, [(node.ref, _place(node.location)) for node in element.nodes], tags))
        elif element.visible and tags:
            members = [(KINDS[member.type], member.ref, member.role) for member in element.members]
            relations.append((element.id, members, tags))
    return nodes, ways, relations, sorted(stamps)


def _place(location: osmium.osm.Location) -> tuple[int, int]:
    return (location.x, location.y) if location.valid() else HIDDEN


def streets_of(elements: Elements) -> dict:
    """The streets that pyosmium's elements make by the rules: newest versions, cut where nodes are missing."""
    nodes, ways, _, stamps = elements
    places, newest = {}, {}
    for number, stamp, place, _ in nodes:
        if number not in newest or stamp > newest[number]:
            newest[number], places[number] = stamp, place
    if len({number for kind, number, _ in stamps if kind == "w"}) < sum(kind == "w" for kind, _, _ in stamps):
        return {}  # repeated ways: their order among deleted ones is not kept here
    for _, content, _ in ways:
        for ref, place in content:
            if ref not in places and place != HIDDEN:
                places[ref] = place
    found = {}
    for number, content, tags in ways:
        if "highway" not in (named := dict(tags)) and named.get("route") != "ferry":
            continue
        pieces = [[]]
        for ref, _ in content:
            place = places.get(ref, HIDDEN)
            if place == HIDDEN:
                pieces.append([])
            else:
                pieces[-1].append((ref, place))
        for piece in pieces:
            if len(piece) > 1:
                found.setdefault(number, []).append(piece)
    return found


def our_streets(file: Path) -> dict:
    streets = read_osm(file).streets
    xy = list(
        zip(np.round(streets.lon * 1e7).astype(int).tolist(), np.round(streets.lat * 1e7).astype(int).tolist(), strict=True)
    )
    found = {}
    for row, way in enumerate(streets.way_ids.tolist()):
        rows = streets.way_nodes[streets.way_starts[row] : streets.way_starts[row + 1]]
        found.setdefault(way, []).append([(int(streets.node_ids[at]), xy[at]) for at in rows])
    return found


def outcome(read, file: Path) -> tuple[object, str]:
    """Elements, or None and why they were refused."""
    try:
        return read(file), ""
    except UnicodeDecodeError:
        return None, "a text that is not UTF-8"
    except InputError as error:
        return None, str(error).split(": ", 1)[1].split(" at byte")[0].split("; ")[0].split(" b'")[0].split(' b"')[0]
    except Exception as error:
        if read is theirs:
            return None, str(error)
        return None, f"CRASH {type(error).__name__}: {error}"


def verdict(file: Path, number: int) -> str:
    """Compare both readers on one file."""
    mine, why = outcome(ours, file)
    other, their_why = outcome(theirs, file)
    if why.startswith("CRASH"):
        return f"difference {why}"
    if mine is None:
        return f"both refuse: {why}" if other is None else f"ours refuses: {why}"
    if other is None and "not supported: LocationsOnWays" in their_why:
        return "ours reads: LocationsOnWays as a required feature, on purpose"
    if other is None:
        return f"difference pyosmium refuses: {their_why}"
    if mine != other:
        return "difference elements"
    if number % FULL_EVERY == 0 and (expected := streets_of(other)):
        streets, why = outcome(our_streets, file)
        if streets != expected:
            return f"difference streets {why}"
    return "same"


def child(seed: int, numbers: range) -> None:
    """Try some files, saying before each which and after it what happened."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = pbf_mutations.seeds(Path(folder))
        file = Path(folder) / "spoilt.osm.pbf"
        for number in numbers:
            rng = random.Random(f"{seed}:{number}")
            file.write_bytes(rng.choice(kinds).mutate(rng))
            print(number, end=" ", flush=True)
            print(" ".join(verdict(file, number).split()), flush=True)


def run(seed: int, numbers: range) -> list[tuple[int, str]]:
    """Try files in child processes; one that kills its reader is a verdict like any other."""
    verdicts = []
    while len(numbers):
        command = [sys.executable, __file__, "--seed", str(seed), "--child", str(numbers.start), str(numbers.stop)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            said, trouble = running.communicate()
        lines = [line.split(" ", 1) for line in said.splitlines()]
        if not lines:
            raise RuntimeError(trouble)
        done = [(int(line[0]), line[1]) for line in lines if len(line) == 2 and line[1]]
        verdicts += done
        last = int(lines[-1][0])
        if len(done) < len(lines):
            verdicts.append((last, f"death {running.returncode}"))
        elif last + 1 < numbers.stop:
            raise RuntimeError(trouble)
        numbers = range(last + 1, numbers.stop)
    return verdicts


def survey(seed: int, mutations: int, workers: int = 1) -> tuple[collections.Counter, list[tuple[int, str]]]:
    """Return how often each verdict was reached, and the files (by number) that died or differed."""
    step = max(1, min(2500, -(-mutations // workers)))
    parts = [range(start, min(start + step, mutations)) for start in range(0, mutations, step)]
    counts: collections.Counter = collections.Counter()
    trouble = []
    with ThreadPoolExecutor(workers) as pool:
        for verdicts in pool.map(lambda numbers: run(seed, numbers), parts):
            counts.update(said for _, said in verdicts)
            trouble += [(number, said) for number, said in verdicts if said.startswith(("death", "difference"))]
    return counts, trouble


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--child", type=int, nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.seed, range(*chosen.child))
        return
    began = time.monotonic()
    counts, trouble = survey(chosen.seed, chosen.mutations, chosen.workers)
    for said, count in counts.most_common():
        print(f"{count:8,}  {said}")
    print(f"{sum(counts.values()):8,}  files in {time.monotonic() - began:.0f} s")
    print(f"deaths or differences: {len(trouble)}", *trouble[:20], sep="\n")
    sys.exit(bool(trouble))


if __name__ == "__main__":
    main()
