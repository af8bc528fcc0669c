"""The customer list: reading files as they really come, matching them with what is kept, finding while typing."""
