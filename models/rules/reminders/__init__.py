"""When somebody is reminded, of what, and who: ladders of steps, one file per kind of subject.

Pure: they read no clock and no store, send nothing, and remember nothing, because what was made before is subtracted
by whoever asks (``models.vigil``).
"""
