"""One file per kind of goal: functions over finished tables that judge it unit by unit.

Every check returns rows of one form (`rows.COLUMNS`). What is missing is never 0: the value is null, a typed reason says
what lacks, and where the known part already decides, the bounds `at_least` and `at_most` decide it.
"""
