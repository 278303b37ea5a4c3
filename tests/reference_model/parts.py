"""Parts of the network: streets that hang on others by ends-only pieces (section 3), and which edges are sound (section 5)."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

MAIN_METRES = 2000.0


def hanging(pieces: np.ndarray, nodes: int) -> np.ndarray:
    """Whether each piece is ends-only, also for hanging on a longer open part by ends-only pieces alone."""
    is_open = ~pieces["ends_only"]
    whole = _parts(pieces, nodes, np.full(len(pieces), True), strongly=False)
    part = _parts(pieces, nodes, is_open, strongly=False)
    metres = np.bincount(part[pieces["first"][is_open]], pieces["metres"][is_open], minlength=nodes)
    nodes_of_parts = pieces["first"][is_open]
    longest: dict[int, int] = {}
    for one, all_of_it in sorted(set(zip(part[nodes_of_parts].tolist(), whole[nodes_of_parts].tolist(), strict=True))):
        if all_of_it not in longest or metres[one] > metres[longest[all_of_it]]:
            longest[all_of_it] = one
    main = np.zeros(nodes, bool)
    main[list(longest.values())] = True
    return ~is_open | ~main[part[pieces["first"]]]


def sound(pieces: np.ndarray, nodes: int) -> np.ndarray:
    """Whether both ends of each piece lie in one main part, or are reached from and reach one over ends-only pieces."""
    street = ~(pieces["ferry"] | pieces["line"] | pieces["landing"])
    is_open = street & ~pieces["ends_only"]
    part = _parts(pieces, nodes, is_open, strongly=True)
    first, last = part[pieces["first"]], part[pieces["last"]]
    within = is_open & (first == last)
    metres = np.bincount(first[within], pieces["metres"][within], minlength=nodes)
    main = (metres >= MAIN_METRES) | ((metres >= metres.max(initial=0) / 2) & (metres > 0))
    ends = street & pieces["ends_only"]
    reached = _reach(pieces[ends], main[part], False) & _reach(pieces[ends], main[part], True)
    return (within & main[first]) | (ends & reached[pieces["first"]] & reached[pieces["last"]])


def arcs(pieces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where one may go: from and to nodes."""
    along, against = pieces[np.isfinite(pieces["along"])], pieces[np.isfinite(pieces["against"])]
    return np.concatenate((along["first"], against["last"])), np.concatenate((along["last"], against["first"]))


def _parts(pieces: np.ndarray, nodes: int, which: np.ndarray, *, strongly: bool) -> np.ndarray:
    start, end = arcs(pieces[which])
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    return connected_components(graph, directed=True, connection="strong" if strongly else "weak")[1]


def _reach(pieces: np.ndarray, sources: np.ndarray, backwards: bool) -> np.ndarray:
    """Nodes reached from the sources (or that reach one)."""
    start, end = arcs(pieces)
    if backwards:
        start, end = end, start
    nodes, known = len(sources), np.flatnonzero(sources)
    start = np.concatenate((start, np.full(len(known), nodes)))  # from one node that leads to all sources
    end = np.concatenate((end, known))
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(nodes + 1, nodes + 1)).tocsr()
    reached = np.zeros(nodes + 1, bool)
    reached[breadth_first_order(graph, nodes, return_predecessors=False)] = True
    return reached[:nodes]
