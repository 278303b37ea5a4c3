"""Street files and downloads, read into `geo.streets`: OpenStreetMap in each of its formats, osmnx graphs, caches, corrections.

Belongs here: what a file says. What a mode makes of it stands in `geo.modes` and `geo.graph`.
"""
