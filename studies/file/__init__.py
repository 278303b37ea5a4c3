"""The study file: what may stand in it, how it is read, and what it lacks."""
