"""Side-by-side benchmarks: the engine and its named peers, each measurement in a process of its own (`./run bench`).

What belongs here: input data made once, one module per family of tasks, the harness that measures and reports.
What does not: tests (they never time anything) and anything the package itself needs.
"""
