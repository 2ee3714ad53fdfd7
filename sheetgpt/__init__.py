"""sheetgpt: GPT-2 as a spreadsheet in which every step is a live formula.

    import sheetgpt as sg

    sg.build("Two plus two equals", output="sums.xlsx")
    assert sg.verify("sums.xlsx").ok

docs/python.md shows all seven verbs, their results and the errors.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sheetgpt._version import VERSION as __version__
from sheetgpt.errors import (
    CapacityError,
    CheckpointError,
    EngineError,
    EngineMissing,
    EngineTooSmall,
    EvaluationError,
    InputError,
    SheetgptError,
    TemplateError,
    WorkbookError,
)

if TYPE_CHECKING:
    from sheetgpt.commands.build import build
    from sheetgpt.commands.generate import Generated, generate
    from sheetgpt.commands.lessons import BuiltLessons, lessons
    from sheetgpt.commands.plan import plan
    from sheetgpt.commands.predict import predict
    from sheetgpt.commands.report import Report
    from sheetgpt.commands.reprompt import reprompt
    from sheetgpt.commands.verify import verify, verify_all
    from sheetgpt.commands.written import Built
    from sheetgpt.estimate import Estimate
    from sheetgpt.reference import Prediction
    from sheetgpt.verification.compare import StepResult
    from sheetgpt.verification.finding import Finding

__all__ = [
    "Built",
    "BuiltLessons",
    "CapacityError",
    "CheckpointError",
    "EngineError",
    "EngineMissing",
    "EngineTooSmall",
    "Estimate",
    "EvaluationError",
    "Finding",
    "Generated",
    "InputError",
    "Prediction",
    "Report",
    "SheetgptError",
    "StepResult",
    "TemplateError",
    "WorkbookError",
    "__version__",
    "build",
    "generate",
    "lessons",
    "plan",
    "predict",
    "reprompt",
    "verify",
    "verify_all",
]

#: Where the names above are at home. NumPy and the rest take most of a second to import, so a
#: module is imported when one of its names is first asked for.
_HOMES = {
    "Built": "commands.written",
    "BuiltLessons": "commands.lessons",
    "Estimate": "estimate",
    "Finding": "verification.finding",
    "Generated": "commands.generate",
    "Prediction": "reference",
    "Report": "commands.report",
    "StepResult": "verification.compare",
    "build": "commands.build",
    "generate": "commands.generate",
    "lessons": "commands.lessons",
    "plan": "commands.plan",
    "predict": "commands.predict",
    "reprompt": "commands.reprompt",
    "verify": "commands.verify",
    "verify_all": "commands.verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'sheetgpt' has no attribute {name!r}")
    value = getattr(import_module(f"sheetgpt.{_HOMES[name]}"), name)
    globals()[name] = value  # so that this is asked once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
