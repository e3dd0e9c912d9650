"""Benchmarks: how fast, against what, how it grows. Ratios of one run, never a test."""
