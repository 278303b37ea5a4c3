"""Spoil .osm.pbf files from the inside: take a valid one apart, change something at any level, and pack it soundly again.

A flipped bit in a packed file is found by a checksum; whoever writes a file by hand, or by a faulty program, gets the checksums
right. So the mutations happen in the unpacked protobuf: field numbers, wire types, lengths, numbers, packed lists, texts.
"""

import random
import zlib
from pathlib import Path

import osmium

MESSAGES = {
    "Block": {1: "Table", 2: "Group"},
    "Group": {1: "Node", 2: "Dense", 3: "Way", 4: "Relation"},
    "Node": {4: "Info"},
    "Way": {4: "Info"},
    "Relation": {4: "Info"},
    "Dense": {5: "DenseInfo"},
    "Header": {1: "Box"},
}
LISTS = {
    "Node": {2, 3},
    "Way": {2, 3, 8, 9, 10},
    "Relation": {2, 3, 8, 9, 10},
    "Dense": {1, 8, 9, 10},
    "DenseInfo": {1, 2, 3, 4, 5, 6},
}
TELLING = (
    *(0, 1, 2, 3, 127, 128, 255, 256, 16383, 16384, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**33, 2**62, 2**63 - 1),
    *(2**63, 2**64 - 1, 2**64 - 2, 1_800_000_000, 3_600_000_001, 900_000_000 * 2, 2_147_483_647 * 2, 4_294_967_290),
)
FEATURES = (b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation", b"LocationsOnWays", b"Teleportation", b"", b"Dense")
TEXTS = (b"", b"\xff\xfe", b"highway", b"a\0b", b"x" * 1024, b"x" * 1025, "生活".encode(), b"residential", b"ferry", b"route")


def varint(value: int, pad: int = 0) -> bytes:
    """Encode a number, with `pad` needless bytes behind it."""
    parts = []
    while True:
        parts.append(value & 127)
        value >>= 7
        if not value:
            break
    parts += [0] * pad
    return bytes([part | 128 for part in parts[:-1]] + [parts[-1]])


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def take_apart(data: bytes, kind: str) -> list[list]:
    """Turn a message into [field, wire, value, kind of the value]: a number, text, list of numbers or message."""
    fields, at = [], 0
    while at < len(data):
        tag, at = read_varint(data, at)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = read_varint(data, at)
            fields.append([field, wire, value, "number"])
            continue
        size, at = read_varint(data, at)
        content, at = data[at : at + size], at + size
        inner = MESSAGES.get(kind, {}).get(field)
        if inner:
            fields.append([field, wire, take_apart(content, inner), "message"])
        elif field in LISTS.get(kind, ()):
            numbers, place = [], 0
            while place < len(content):
                number, place = read_varint(content, place)
                numbers.append(number)
            fields.append([field, wire, numbers, "list"])
        else:
            fields.append([field, wire, content, "text"])
    return fields


def put_together(fields: list[list]) -> bytes:
    """Encode what `take_apart` gave."""
    parts = []
    for field, wire, value, kind in fields:
        parts.append(varint(field << 3 | wire))
        if kind == "number":
            parts.append(varint(value))
        elif kind == "raw":  # content that brings its own length, or none
            parts.append(value)
        else:
            content = {"message": put_together, "list": lambda numbers: b"".join(map(varint, numbers))}.get(kind, bytes)(value)
            parts += [varint(len(content)), content]
    return b"".join(parts)


def every_field(fields: list[list]) -> list[tuple[list[list], int]]:
    """List all fields at all levels, as (the message they stand in, their place)."""
    found = []
    for place, (_, _, value, kind) in enumerate(fields):
        found.append((fields, place))
        if kind == "message":
            found += every_field(value)
    return found


def change_list(numbers: list[int], rng: random.Random) -> None:
    """Change a packed list of numbers."""
    at = rng.randrange(len(numbers) + 1)
    what = rng.randrange(6)
    if what == 0 or not numbers:
        numbers.insert(at, rng.choice(TELLING))
    elif what == 1:
        del numbers[min(at, len(numbers) - 1)]
    elif what == 2:
        numbers[min(at, len(numbers) - 1)] = rng.choice(TELLING)
    elif what == 3:
        numbers[min(at, len(numbers) - 1)] ^= 1 << rng.randrange(34)
    elif what == 4:
        del numbers[at:]
    else:
        other = rng.randrange(len(numbers))
        at = min(at, len(numbers) - 1)
        numbers[at], numbers[other] = numbers[other], numbers[at]


def change_field(message: list[list], at: int, rng: random.Random) -> None:
    """Change one field: its content nine times in fourteen, else what holds it."""
    field, _, value, kind = message[at]
    what = rng.randrange(14)
    if what == 0:
        del message[at]
    elif what == 1:
        message.insert(rng.randrange(len(message) + 1), list(message[at]))
    elif what == 2:
        message[at][0] = rng.choice((*range(1, 12), 17, 18, 19, 20, 32, 18999, 19500, 536870911, 0))
    elif what == 3:  # a wire type that does not fit what follows
        content = b"" if kind == "number" else put_together([message[at]])[len(varint(field << 3 | 2)) :]
        message[at] = [field, rng.randrange(8), content or varint(value if kind == "number" else 0), "raw"]
    elif what == 4 and kind != "number":  # a length that lies
        content = put_together([message[at]])
        _, start = read_varint(content, 0)
        size, start = read_varint(content, start)
        told = rng.choice((size + 1, size - 1, size + 5, 0, 2**31, 2**32 + size, 2**63, 2**64 - 1))
        message[at] = [field, 2, varint(max(told, 0)) + content[start:], "raw"]
    elif kind == "number":
        message[at][2] = rng.choice((rng.choice(TELLING), value ^ (1 << rng.randrange(40))))
        if rng.random() < 0.15:  # more bytes than it needs
            message[at] = [field, 0, varint(value, pad=rng.choice((1, 4, 9, 10))), "raw"]
    elif kind == "list":
        change_list(value, rng)
        if rng.random() < 0.1:
            content = b"".join(varint(number, pad=rng.choice((0, 0, 0, 1, 9))) for number in value)
            message[at] = [field, 2, varint(len(content)) + content + b"", "raw"]
    elif kind == "text":
        message[at][2] = rng.choice((rng.choice(TEXTS), rng.choice(FEATURES), value[: len(value) // 2], value + b"\x80"))
    elif kind == "raw":
        message[at][2] = change_bytes(value, rng)
    else:
        rng.shuffle(value)


def change_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change bytes wherever they are."""
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at = rng.randrange(len(spoilt)) if spoilt else 0
        what = rng.randrange(4)
        if what == 0 and spoilt:
            spoilt[at] ^= 1 << rng.randrange(8)
        elif what == 1 and spoilt:
            spoilt[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        elif what == 2:
            spoilt[at:at] = bytes(rng.choice((0, 128, 255, rng.randrange(256))) for _ in range(rng.choice((1, 1, 9, 11))))
        else:
            del spoilt[at : at + rng.choice((1, 1, 2, 10))]
    return bytes(spoilt)


class Seed:
    """A valid file taken apart: its frames, inflated."""

    def __init__(self, data: bytes) -> None:
        self.frames: list[tuple[bytes, bytes]] = []  # kind, inflated content
        at = 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            header = {field: value for field, _, value, _ in take_apart(data[at + 4 : at + 4 + size], "BlobHeader")}
            at += 4 + size
            blob = {field: value for field, _, value, _ in take_apart(data[at : at + header[3]], "Blob")}
            at += header[3]
            self.frames.append((header[1], zlib.decompress(blob[3])))

    def mutate(self, rng: random.Random) -> bytes:
        """Return the file with one thing, or a few, changed."""
        spoilt = rng.randrange(len(self.frames)) if rng.random() < 0.12 else rng.randrange(1, len(self.frames))
        level = rng.choices(("field", "bytes", "blob"), (6, 3, 1))[0]
        frames = []
        for number, (kind, content) in enumerate(self.frames):
            if number == spoilt and level == "field":
                content = _changed_message(content, "Block" if number else "Header", rng)
            elif number == spoilt and level == "bytes":
                content = change_bytes(content, rng)
            frames.append(_spoilt_frame(kind, content, rng) if number == spoilt and level == "blob" else frame(kind, content))
        return b"".join(frames)


def _changed_message(content: bytes, kind: str, rng: random.Random) -> bytes:
    fields = take_apart(content, kind)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = every_field(fields)
        if not places:
            break
        change_field(*rng.choice(places), rng)
    return put_together(fields)


def blob(content: bytes, raw_size: int | None = None) -> list[list]:
    size = len(content) if raw_size is None else raw_size
    return [[2, 0, size, "number"], [3, 2, zlib.compress(content, 1), "text"]]


def frame(kind: bytes, content: bytes, fields: list[list] | None = None, size: int | None = None) -> bytes:
    """Pack one block of a file."""
    packed = put_together(fields or blob(content))
    header = put_together([[1, 2, kind, "text"], [3, 0, len(packed) if size is None else size, "number"]])
    return len(header).to_bytes(4, "big") + header + packed


def _spoilt_frame(kind: bytes, content: bytes, rng: random.Random) -> bytes:
    """Pack one block wrongly: sizes, methods, kinds, the frame itself."""
    fields = blob(content)
    what = rng.randrange(8)
    if what == 0:
        fields = blob(content, rng.choice((0, len(content) - 1, len(content) + 1, 2**25 + 1, 2**31, 2**64 - 1)))
    elif what == 1:
        fields[1][2] = change_bytes(fields[1][2], rng)
    elif what == 2:
        fields = [[1, 2, content, "text"]]  # not packed at all: sound
    elif what == 3:
        change_field(fields, rng.randrange(2), rng)
    elif what == 4:
        kind = rng.choice((b"OSMData", b"OSMHeader", b"OSM", b"", b"Other"))
    elif what == 5:
        return frame(kind, content, size=rng.choice((0, 1, 2**25 + 1, 2**31, 2**64 - 1)))
    elif what == 6:
        return change_bytes(frame(kind, content), rng)
    else:
        whole = frame(kind, content)
        return whole[: rng.randrange(len(whole))]
    return frame(kind, content, fields)


def seeds(folder: Path) -> list[Seed]:
    """Write small maps by pyosmium in the ways that .pbf can be written, and take them apart."""
    options = (
        "pbf",
        "pbf,pbf_dense_nodes=false",
        "pbf,history=true",
        "pbf,history=true,pbf_dense_nodes=false",
        "pbf,add_metadata=false",
        "pbf,locations_on_ways=true",
        "pbf,add_metadata=version+timestamp",
    )
    found = []
    for number, option in enumerate(options):
        file = folder / f"seed-{number}.osm.pbf"
        _write_seed(file, option)
        found.append(Seed(file.read_bytes()))
    return found


def _write_seed(file: Path, option: str) -> None:
    """Write a map of streets, places, areas, and in a history old versions and deleted elements."""
    history = "history" in option
    if "locations" in option:
        _write_located(file, option)
        return
    with osmium.SimpleWriter(osmium.io.File(str(file), option), overwrite=True) as writer:
        for number in range(1, 31):
            _write_node(writer, number, history)
        for number in range(1, 9):
            _write_way(writer, number, history)
        members = [("w", 4, "outer"), ("w", 8, "inner"), ("n", 21, ""), ("r", 2, "sub")]
        for number in range(1, 4):
            tags = {"type": "multipolygon", "leisure": "park"}
            meta = {"version": 1, "timestamp": "2021-02-03T04:05:06Z", "user": "u2", "uid": 8, "changeset": 13}
            relation = osmium.osm.mutable.Relation(id=number, members=members[: number + 1], tags=tags, **meta)
            writer.add_relation(relation)


def _write_located(file: Path, option: str) -> None:
    """Write places into the ways and drop the nodes without tags, as `osmium add-locations-to-ways` does."""
    plain = file.with_name("plain.osm.pbf")
    _write_seed(plain, "pbf")
    locate_ways(plain, file, option)


def locate_ways(plain: Path, file: Path, option: str = "pbf,locations_on_ways=true") -> None:
    """Copy a file, its places moved into its ways."""
    with osmium.SimpleWriter(osmium.io.File(str(file), option), overwrite=True) as writer:
        for element in osmium.FileProcessor(str(plain)).with_locations():
            if not element.is_node() or len(element.tags):
                writer.add(element)


def _write_node(writer: osmium.SimpleWriter, number: int, history: bool) -> None:
    tags = {"amenity": "clinic", "name": "卫生院"} if number % 7 == 0 else {"barrier": "gate"} if number % 5 == 0 else {}
    time = f"20{10 + number % 9}-01-02T03:04:05Z"
    meta = {"id": number * 3, "timestamp": time, "user": f"u{number % 4}", "uid": 7, "changeset": 9}
    place = (7 + number % 6 / 100, 47 + number // 6 / 100)
    writer.add_node(osmium.osm.mutable.Node(location=place, tags=tags, version=1 + number % 3, **meta))
    if history and number % 6 == 0:
        writer.add_node(osmium.osm.mutable.Node(location=place, visible=number % 12 != 0, version=5, **meta))


def _write_way(writer: osmium.SimpleWriter, number: int, history: bool) -> None:
    refs = [3 * ref for ref in range(number, number + 5)]
    tags = {"highway": "residential", "name": f"Street {number}"} if number % 4 else {"leisure": "park"}
    meta = {"id": number, "timestamp": "2020-02-03T04:05:06Z", "user": "u1", "uid": 7, "changeset": 12}
    writer.add_way(osmium.osm.mutable.Way(nodes=refs, tags=tags, version=2, **meta))
    if history and number % 3 == 0:
        newer = {**tags, "highway": "proposed"}
        writer.add_way(osmium.osm.mutable.Way(nodes=refs, tags=newer, version=3, visible=number != 6, **meta))
