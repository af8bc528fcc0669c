"""The rota that is kept: versions, overrides, confirmations, swaps, gaps, and the coverage ledger."""
