"""Every error that sheetgpt raises on purpose: a small tree, each message a sentence.

SheetgptError
+-- InputError         what the user gave cannot be used
|   +-- CheckpointError    a model folder or file
|   +-- TemplateError      a template or the wiring of templates
|   +-- WorkbookError      an .xlsx file
|   +-- CapacityError      it does not fit: a prompt, a sheet, a file
+-- EvaluationError    a formula cannot be computed
+-- EngineError        a spreadsheet program failed
    +-- EngineMissing      ... because it is not installed
    +-- EngineTooSmall     ... because it takes no workbook of that size
"""


class SheetgptError(Exception):
    """Base of all errors of sheetgpt; the message says what is wrong and what to do next."""


class InputError(SheetgptError):
    """What the user gave cannot be used."""


class CheckpointError(InputError):
    """A checkpoint is missing, damaged or of an architecture that is not GPT-2's."""


class TemplateError(InputError):
    """A template or the wiring is wrong; the message lists every problem that was found."""


class WorkbookError(InputError):
    """A file is not a workbook that sheetgpt can read, or cannot be written."""


class CapacityError(InputError):
    """Something does not fit: a prompt in a workbook, a tensor on a sheet."""


class EvaluationError(SheetgptError):
    """A formula cannot be computed; the message names the sheet and the cell."""


class EngineError(SheetgptError):
    """A spreadsheet program failed or gave nothing back."""


class EngineMissing(EngineError):
    """A spreadsheet program is not installed; the message names the package."""


class EngineTooSmall(EngineError):
    """A workbook has more cells than a program takes; the message has both numbers."""
