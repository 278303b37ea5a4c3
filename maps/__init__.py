"""Answers people look at: the gap map, the report, GIS files.

Draws and writes finished tables; computes no measure.
"""
