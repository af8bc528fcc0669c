"""The same tree once more: bot, handlers, models; then journeys (whole stories) and bench (measures)."""
