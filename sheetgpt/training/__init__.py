"""How the embedded model was made: corpus, tokenizer, training and its evaluation.

`python -m sheetgpt.training` makes it anew. Only `train` needs PyTorch (the extra `train`).
"""
