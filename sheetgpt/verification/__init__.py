"""Compare a recalculated workbook with GPT-2 in NumPy, step by step.

Modules, each importing only those above it: `step` (what a step must hold), `contents` (the model
inside the workbook itself), `scene` (a prompt in a model), `parts` and `inputs` (what can be left
out of a workbook), `expected` (all of it), `compare` (the differences).
"""
