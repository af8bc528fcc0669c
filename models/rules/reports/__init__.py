"""What the report of a month counts: cases, times, promises, coverage, and 21Vianet's first responses."""
