"""Words for people, in English and Simplified Chinese."""
