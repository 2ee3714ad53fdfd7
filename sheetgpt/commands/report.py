"""What verify finds out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sheetgpt.verification.compare import StepResult
from sheetgpt.verification.finding import Finding


@dataclass(frozen=True)
class Report:
    """A workbook compared with the reference: one result per step, in the order of the data.

    `findings` compare formulas, texts, names, looks and settings with what the workbook must be
    made of; they are None where that is not known or was not asked for (`values_only`). `notes`
    are sentences on what could not be compared, `own_tabs` the tabs that a reader has added. A
    workbook of lessons has the names of these, and neither a prompt nor tokens.
    """

    workbook: Path
    prompt: str
    engine: str
    token_ids: list[int]
    next_token_id: int | None
    next_token: str | None
    fits: bool
    steps: list[StepResult]
    lessons: tuple[str, ...] = ()
    findings: list[Finding] | None = None
    values_only: bool = False
    notes: list[str] = field(default_factory=list)
    own_tabs: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the workbook is what it must be and every step agrees."""
        made = self.values_only or self.findings is not None
        return made and self.first_difference is None and self.first_bad is None

    @property
    def first_bad(self) -> StepResult | None:
        """The first step that differs; those after it only inherit its error."""
        return next((step for step in self.steps if not step.ok), None)

    @property
    def first_difference(self) -> Finding | None:
        """The first kind of content that is not what it must be."""
        return next((found for found in self.findings or () if not found.ok), None)
