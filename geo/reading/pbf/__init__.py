"""Decode .osm.pbf files into arrays, trusting nothing in them.

Belongs here: bytes to numbers. Which ways matter, what their tags mean and which version of an element counts is decided by
`osm` and `versions`. Written by hand because this pass decides how long a planner waits for the first answer: the compiled
kernels read a block about ten times faster than building one Python object per node.

`wire` reads protobuf, `blobs` the file around the blocks, `block` what all elements of a block share, `info` who wrote them,
`nodes` and `elements` the rest. Every reader is given an end and checks each claim against it, so that a damaged or hostile
file is a refused file. Format: https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from .blobs import Blob, UnsupportedCompression, data_blobs
from .block import Block, DamagedBlock, read_block, text_of
from .elements import Entities, decode_relations, decode_ways
from .nodes import NOWHERE, OFF_EARTH, Nodes, decode_nodes

__all__ = [
    "NOWHERE",
    "OFF_EARTH",
    "Blob",
    "Block",
    "DamagedBlock",
    "Entities",
    "Nodes",
    "UnsupportedCompression",
    "data_blobs",
    "decode_nodes",
    "decode_relations",
    "decode_ways",
    "read_block",
    "text_of",
]
