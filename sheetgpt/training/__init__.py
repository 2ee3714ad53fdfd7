"""How a GPT-2 is trained: the text, the tokenizer, the loop and the folder with its card.

What all trainings share, each importing only those above it: `recipe`, `texts`, `rows`,
`interrupts`, `loop` (steps, reports, the best weights), `learner` (PyTorch, which nothing else
imports), `unfinished` (what a stopped training leaves), `bpe`, `card`, `curve`, `make` (all of it
in order).

The embedded model is one of them: `corpus` and words.toml are what it learns, `evaluate` tests it,
and `python -m sheetgpt.training` makes it anew.
"""
