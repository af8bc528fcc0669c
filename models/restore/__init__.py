"""A database that was replaced by an older copy: a new epoch, and nothing sent or numbered twice."""
