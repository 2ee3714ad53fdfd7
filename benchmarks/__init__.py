"""Measurements of sheetgpt against its peers, on this machine: `python -m benchmarks --help`."""
