"""sheetgpt: GPT-2 as a spreadsheet in which every step is a live formula.

from sheetgpt import build, verify, predict
"""

from sheetgpt._version import VERSION as __version__
from sheetgpt.commands.api import Built, Report, build, predict, verify

__all__ = ["Built", "Report", "__version__", "build", "predict", "verify"]
