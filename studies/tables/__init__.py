"""Answers without a study, from paths and tables: matrix, isochrones, nearest."""
