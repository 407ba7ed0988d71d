"""Benchmarks. Every figure is a ratio to a floor, or to a slow alternative, measured in the same run."""
