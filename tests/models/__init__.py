"""Facts, rules and the store, on real databases; time is a parameter and nothing sleeps."""
