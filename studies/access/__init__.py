"""Access measures from a study file to its tables."""
