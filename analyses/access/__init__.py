"""Access measures, one per file: how much of a service people reach, alone or in competition with everybody else.

Functions over a sparse table of travel times, people and capacities; never the street network, never a file.
"""
