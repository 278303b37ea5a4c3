"""Questions asked of tables: coverage, gaps, scorecards.

Functions over finished tables of times, people, zones and goals; never the street network, never a file.
"""
