"""Computes a workbook's own formulas in Python, at the level of sheets instead of cells.

The PyPI package `formulas` parses a formula and knows what its functions mean; here formulas that
are copies of each other are computed together on NumPy arrays. Modules, each importing only those
above it: `values`, `tree`, `library`; `elementwise`, `aggregates`, `matrices`, `lookup`;
`program`, `cells`, `graph`, `evaluator`. `lint` stands beside them.
"""

from .evaluator import evaluate

__all__ = ["evaluate"]
