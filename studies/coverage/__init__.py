"""A study's main answer: who reaches which goal, the gaps, the tables and pictures of a run."""
