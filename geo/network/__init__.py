"""The street network of one mode and what is prepared on it: junctions, contraction, hierarchy, the grid of its pieces.

Belongs here: what is built once per mode. The searches on it stand in `geo.engine`.
"""
