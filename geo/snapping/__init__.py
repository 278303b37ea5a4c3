"""From points to streets: the nearest piece that a mode can use, entrances, snaps chosen by a study."""
