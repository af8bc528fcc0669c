"""When somebody is reminded, of what, and who: one file per kind of subject, each a sequence of steps."""
