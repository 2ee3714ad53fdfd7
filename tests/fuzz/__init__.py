"""Random damage to everything that sheetgpt reads: `python -m tests.fuzz --minutes N`.

Modules: `mutate` (a workbook into a damaged one), `inputs` (prompts, settings, checkpoints),
`trial` (one command in a process of its own, with what it took), `__main__`. Beside them stands
`formulas`: what finds one changed token of one formula.
"""
