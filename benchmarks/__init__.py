"""Benchmarks: every figure is a ratio to its floor (or its slow twin), taken in the same run on the same machine."""
