"""Documents to print: one HTML file each, which a browser prints on A4 or saves as PDF."""
