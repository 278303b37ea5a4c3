"""What a study is about, brought together once and asked by every command: inputs, networks, journeys, zones, whom a goal counts.

Belongs here: reading a study's files into one `Situation`. What is made of it (coverage, access, plans, rings) is its asker's.
"""
