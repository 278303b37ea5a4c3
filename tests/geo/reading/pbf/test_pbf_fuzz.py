"""A short run of the fuzzer: spoilt from the inside, a file gives what pyosmium gives, or is refused; nothing dies.

The long mode: `python tests/pbf_fuzz.py --mutations 100000`.
"""

import pbf_fuzz
import pbf_mutations

MUTATIONS = 1500
# Why we may refuse what pyosmium reads: it passes over lists of unequal length, fields of another type, numbers beyond 32 bits
# and names of blocks that are only begun. Anything else would be a file lost for no reason.
STRICTER = (
    "a block is damaged (lists that belong together differ in length)",
    "a block is damaged (a field is of the wrong type or stands twice)",
    "a block is damaged (a number, a text or a list runs past its end)",
    "a block is damaged (a text is named that is not in the table of texts)",
    "a block is damaged (a coordinate is off every map)",
    "a block is damaged (a required field is missing)",
    "a block is damaged (a number is out of range)",
    "a block is damaged (its size is wrong)",
    "a block is damaged",
    "a block is of unknown kind",
    "a block is packed by a method other than zlib.",
    "needs the feature",
    "not an OSM PBF file, or cut off",
    "holds no OSM data.",
)


def test_sound_files_of_every_make_are_read_alike(tmp_path):
    seeds = pbf_mutations.seeds(tmp_path)
    for number, seed in enumerate(seeds):
        again = tmp_path / "again.osm.pbf"
        again.write_bytes(b"".join(pbf_mutations.frame(*one) for one in seed.frames))
        for file in (tmp_path / f"seed-{number}.osm.pbf", again):
            assert pbf_fuzz.verdict(file, 0) == "same"
            assert all(pbf_fuzz.ours(file)), "there are nodes, ways, relations and stamps to compare"
    assert len(seeds) == 7
    places = [place for _, content, _ in pbf_fuzz.ours(tmp_path / "seed-5.osm.pbf")[1] for _, place in content]
    assert len(places) > 20 and pbf_fuzz.HIDDEN not in places, "ways that say where their nodes lie are among them"


def test_spoilt_files_give_what_pyosmium_gives_or_are_refused():
    counts, trouble = pbf_fuzz.survey(seed=1, mutations=MUTATIONS)
    assert trouble == []
    assert counts.total() == MUTATIONS and counts["same"] > MUTATIONS / 5
    mine = {said.removeprefix("ours refuses: ") for said in counts if said.startswith("ours refuses: ")}
    assert all(said.startswith(STRICTER) for said in mine), mine
