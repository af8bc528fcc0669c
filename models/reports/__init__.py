"""Reports of a month: the cases and the coverage that they count, read from the store."""
