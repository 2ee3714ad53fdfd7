"""Compare a recalculated workbook with GPT-2 in NumPy, step by step.

`contents` reads the model out of the workbook itself, `expected` computes what every step must
hold, `compare` finds the differences.
"""
