"""The generator of the demo county: a fictional coast, its roads, people and facilities, the same every time."""
