"""Documents to print, one HTML file each for A4 or PDF, and the look of all pages that are read without Slack."""
