"""The development world of linking and merging, and the fit of their weights on it."""
