"""The travel model of the design (version 2) once more, written plainly, to check the fast one against.

Nothing here is contracted, cached or compiled: every OSM node is a node of the graph, every pair of neighbouring nodes
of a usable way is an edge, and scipy's Dijkstra does the rest. It shares no code with the package and must not import it.
Elevation is left out.
"""

from .network import Network, network
from .rules import directions, permission
from .snapping import Snap
from .texts import duration_seconds, maxspeed_kmh

__all__ = ["Network", "Snap", "directions", "duration_seconds", "maxspeed_kmh", "network", "permission"]
