"""What the map said that could not be used, as a planner is told: in notes, in run.json and in unused.csv."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...geo.network.graph import Graph
from ...geo.reading.unused import LANDINGS, LANDINGS_MISSING, MOST_EXAMPLES, SNAPS_SECOND, SNAPS_THIRD, Unused
from ...geo.snapping.snaps import SECOND, THIRD
from ..folder.record import Record
from ..speech.messages import Say

SHOWN = 3  # examples in a note; the table has more
LONGEST = 40  # characters of what an example says, in a note


def tell_unused(found: Unused, record: Record, say: Say) -> None:
    """Note what could not be used, kind by kind, and keep it for the record."""
    record.unused.join(found)
    for text in unused_notes(found, say).values():
        record.note(text)


def unused_snaps(audit: pd.DataFrame) -> Unused:
    """Gather the points of `networks.snap_audit` that are not tied to a main street on dry land, each once for every mode."""
    unused = Unused()
    if not len(audit):
        return unused
    odd = audit.drop_duplicates(["kind", "id", "mode"])
    for grade, kind in ((SECOND, SNAPS_SECOND), (THIRD, SNAPS_THIRD)):
        mine = odd[(odd["class"] == grade).fillna(False)]
        some = mine.head(MOST_EXAMPLES)
        texts = some["kind"] + " " + some["mode"] + ": " + some["reason"]
        unused.add_all(kind, zip(some["id"].astype(str), texts, strict=True), count=len(mine))
    return unused


def unused_landings(graph: Graph) -> Unused:
    """Gather the ferries of a mode that meet no street: those tied to one, and those that nobody can board."""
    unused, landings, kind = Unused(), graph.landings, graph.mode.kind
    order = np.lexsort((landings.metres, landings.way))
    made = zip(landings.way[order].tolist(), landings.metres[order].tolist(), strict=True)
    unused.add_all(LANDINGS, [(f"w{way}", f"{kind}: {metres:.0f} m") for way, metres in made])
    unused.add_all(LANDINGS_MISSING, [(f"w{way}", kind) for way in landings.missing.tolist()])
    return unused


def unused_notes(unused: Unused, say: Say) -> Mapping[str, str]:
    """Say of each kind how many there are and which ones for example; by the names that the texts of kinds have."""
    return {
        text_key(kind): say(f"unused.{text_key(kind)}", count=count, examples=_examples(unused, kind))
        for kind, count in unused.counts.items()
    }


def unused_table(unused: Unused, say: Say) -> pd.DataFrame:
    """List the examples, and below those of a kind how many more there are.

    Returns
    -------
    DataFrame
        `kind, element, text, done`.
    """
    rows = []
    for kind, count in unused.counts.items():
        examples = unused.examples[kind]
        rows += [(kind, element, text, _done(kind, say)) for element, text in examples]
        if count > len(examples):
            rows.append((kind, "", say("unused.more", count=count - len(examples)), _done(kind, say)))
    return pd.DataFrame(rows, columns=["kind", "element", "text", "done"], dtype="str")


def text_key(kind: str) -> str:
    """Return how the texts of a kind are called."""
    return kind.replace(" ", "_")


def _done(kind: str, say: Say) -> str:
    return say(f"unused.{text_key(kind)}.done")


def _examples(unused: Unused, kind: str) -> str:
    examples = unused.examples[kind]
    told = [f"{element} ({text})" if 0 < len(text) <= LONGEST else element for element, text in examples[:SHOWN]]
    return ", ".join([*told, *(["…"] if unused.counts[kind] > len(told) else [])])
