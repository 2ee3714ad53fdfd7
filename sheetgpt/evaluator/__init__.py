"""Computes a workbook's own formulas in Python, at the level of sheets instead of cells.

The PyPI package `formulas` parses a formula and knows what its functions mean; here formulas that
are copies of each other are computed together on NumPy arrays. Modules, each importing only those
before it: `values`, `tree`, `library` (the only one that knows `formulas`); `elementwise`,
`aggregates`, `matrices`, `lookup`, `special` (what functions do); `program` (a formula's tree as a
Python function); `groups` (what to compute together), `graph` (in which order), `cells`, `run`,
`lint`, `finish` (all of it for a Book that is to be written).
"""

from sheetgpt.evaluator.finish import finish
from sheetgpt.evaluator.run import Recalculation, evaluate

__all__ = ["Recalculation", "evaluate", "finish"]
