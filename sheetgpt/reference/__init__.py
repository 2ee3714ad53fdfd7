"""GPT-2 in NumPy and its tokenizer in plain Python: the account that workbooks are checked against.

Nothing here reads `templates/` or knows about spreadsheets: a check that is derived from the
thing it checks finds nothing.
"""

from sheetgpt.reference.forward import forward, softmax
from sheetgpt.reference.predict import Prediction, TokenScore, predict
from sheetgpt.reference.tokens import Tokenisation, tokenise

__all__ = ["Prediction", "TokenScore", "Tokenisation", "forward", "predict", "softmax", "tokenise"]
