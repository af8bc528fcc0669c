"""The benchmark: ours beside a bare app, as ratios in one run; docs/benchmarks.md explains it."""
