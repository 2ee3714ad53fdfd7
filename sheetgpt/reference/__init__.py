"""GPT-2 in NumPy and its tokenizer in plain Python: the account that workbooks are checked against.

Nothing here reads `templates/` or knows about spreadsheets: a check that is derived from the
thing it checks finds nothing. `forward` is the model, `sampling` draws from what it says and
`generate` goes on; `inside` and `embeddings` are ways to look at it.
"""

from sheetgpt.reference.forward import Switches, forward, softmax
from sheetgpt.reference.generate import Ended, GeneratedToken, Generation, Stops
from sheetgpt.reference.predict import Prediction, TokenScore, predict
from sheetgpt.reference.sampling import Pick, Sampling, candidates, pick
from sheetgpt.reference.tokens import Tokenisation, tokenise

__all__ = [
    "Ended",
    "GeneratedToken",
    "Generation",
    "Pick",
    "Prediction",
    "Sampling",
    "Stops",
    "Switches",
    "TokenScore",
    "Tokenisation",
    "candidates",
    "forward",
    "pick",
    "predict",
    "softmax",
    "tokenise",
]
