"""Measurements, as ratios within one run; `benchmarks/README.md` says how to read them."""
