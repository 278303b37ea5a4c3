"""A study from file to result: the study file, the run and the command line."""
