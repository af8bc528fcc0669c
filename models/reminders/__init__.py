"""The vigil: what is due is computed from the store and the rules, and what the record says was made is subtracted."""
