"""What lies on the streets: facilities, people, zones and goals, read from awkward files into typed tables.

Computes no travel time (that is `geo`) and no measure (that is `analyses`).
"""
