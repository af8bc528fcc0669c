"""Judge a simulation by what people could see."""
