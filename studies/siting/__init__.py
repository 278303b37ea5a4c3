"""Siting from a study file or from tables: where the next facilities help most."""
