"""How well signals are found: labelled turns, counts of right and wrong readings, figures."""
