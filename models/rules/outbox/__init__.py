"""What becomes of a message: its kind, its pace, its states, and what an outcome means for it."""
