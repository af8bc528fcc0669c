"""TOML files that people write: their tables, and the line of every fault. Knows nothing of what a file means."""
