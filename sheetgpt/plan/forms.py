"""Lay out the forms: Start, checks, constants and about, a labelled row per cell.

A row of a form file is one of: `heading`, `text`, `contents` (links to all tabs), or a labelled
cell with `label` or `name` and a `value` (constant) or a `formula`. `[[side]]` puts a table of
named tensors to the right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sheetgpt.area import Area, column_name
from sheetgpt.plan.builder import SheetBuilder
from sheetgpt.plan.names import require_new_name
from sheetgpt.plan.tensor import PlacementError, Tensor
from sheetgpt.template.expand import FillError, fill, loop
from sheetgpt.template.tables import Problems

LABEL, VALUE, NOTE, SIDE = 1, 2, 3, 5
FIRST_ROW = 3
#: Side tables start below the tall cells for prompt and answer.
SIDE_ROW = FIRST_ROW + 2
#: Widths of labels, values and notes, unless a form has its own; of the margin and of gaps.
WIDTHS, GAP = (22, 46, 60), 2
HEIGHTS = {"input": 30, "answer": 40, "title": 28}

#: `{n_layer}` in a text.
FACT = re.compile(r"\{(\w+)\}")

Facts = Mapping[str, str | int | float]


class FormTab:
    """One form; `names` collects the cells that the form names."""

    def __init__(
        self,
        name: str,
        form: Mapping[str, Any],
        facts: Facts,
        problems: Problems,
        *,
        tabs: Sequence[tuple[str, str]] = (),
        tensors: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.name, self.form, self.facts, self.problems = name, form, facts, problems
        self.tabs, self.tensors = tabs, tensors or {}
        self.names: dict[str, Area] = {}
        self.file = f"forms/{name.lower()}.toml"
        self.sheet = SheetBuilder(name, form.get("part", "data"), form.get("title", name))
        self.row = FIRST_ROW

    def lay_out(self) -> SheetBuilder:
        """Write every row and table of the form."""
        sheet = self.sheet
        widths = dict(zip((LABEL, VALUE, NOTE), self.form.get("widths", WIDTHS), strict=True))
        sheet.look.widths |= {0: 3, **widths, NOTE + 1: GAP}
        sheet.look.freeze = (FIRST_ROW - 1, 0)
        sheet.text(0, LABEL, self.form.get("title", self.name), "title")
        sheet.text(1, LABEL, self.form.get("summary", ""), "summary")
        sheet.look.heights[0] = HEIGHTS["title"]
        if self.name != "Start":
            sheet.link(0, 0, "⌂", "'Start'!A1")
        whole = {key: value for key, value in self.facts.items() if isinstance(value, int)}
        for row in self.form.get("row", []):
            place = row.get("name", row.get("label", "?"))
            with self.problems.at(f"{self.file}, row {place}", FillError, PlacementError):
                for _, env in loop(row.get("each"), whole):
                    self._row(row, env)
        col = SIDE
        for table in self.form.get("side", []):
            col = self._table(table, col) + 1
        return sheet

    def _row(self, row: Mapping[str, Any], env: Mapping[str, int]) -> None:
        sheet, at = self.sheet, self.row
        if "contents" in row:
            for name, title in self.tabs:
                sheet.link(self.row, LABEL, name, f"'{name}'!A1")
                sheet.text(self.row, VALUE, title, "plain")
                self.row += 1
            return
        if "heading" in row:
            sheet.text(at + 1, LABEL, row["heading"], "heading")
            self.row += 2
            return
        self.row += 1
        if "text" in row:
            sheet.text(at, LABEL, row["text"], "plain")
            return
        show = row.get("show", "plain")
        sheet.text(at, LABEL, fill(row.get("label", row.get("name", "")), env), "form_label")
        if "formula" in row:
            formula = fill(row["formula"], env)
            # A check of cells that hold an error has failed; it must not become an error itself.
            sheet.cell_formula(
                at, VALUE, f"IFERROR({formula}, 0)" if "checks" in row else formula, show
            )
        else:
            self._value(at, row, show)
        sheet.look.heights |= {at: HEIGHTS[show]} if show in HEIGHTS else {}
        if "note" in row:
            sheet.text(at, NOTE, row["note"], "form_note")
        area = Area(self.name, at, VALUE)
        if "name" in row:
            require_new_name(row["name"], [*self.tensors, *self.names])
            self.names[row["name"]] = area
        if "checks" in row:
            first = self.names.setdefault("checks_passed", area)
            self.names["checks_passed"] = first._replace(rows=at - first.row + 1)
            sheet.rule("good", area, f"{column_name(VALUE)}{at + 1}=1")
            sheet.rule("bad", area, f"{column_name(VALUE)}{at + 1}=0")

    def _value(self, at: int, row: Mapping[str, Any], show: str) -> None:
        """A constant: a number or text, `{fact}` replaced by what is known of the model."""
        value = row.get("value", "")
        if isinstance(value, str):
            if unknown := [word for word in FACT.findall(value) if word not in self.facts]:
                known = ", ".join(sorted(self.facts))
                raise FillError(f"there is no fact {{{unknown[0]}}} (known: {known})")
            alone = FACT.fullmatch(value)
            value = (
                self.facts[alone[1]]
                if alone
                else FACT.sub(lambda match: str(self.facts[match[1]]), value)
            )
        if isinstance(value, str):
            self.sheet.text(at, VALUE, value, show)
        else:
            self.sheet.number(at, VALUE, float(value), "number_left" if show == "plain" else show)

    def _table(self, table: Mapping[str, Any], col: int) -> int:
        """Named tensors (columns) side by side as live copies; returns the first free column."""
        sheet = self.sheet
        sheet.text(SIDE_ROW, col, table["title"], "heading")
        for column in table["columns"]:
            tensor = self.tensors.get(column["from"])
            if tensor is None:
                where = f"{self.file}, side {table['title']}"
                self.problems.add(where, f"there is no tensor '{column['from']}'")
                continue
            head = "column" if column["show"] == "text" else "column_right"
            sheet.text(SIDE_ROW + 1, col, column["title"], head)
            area = Area(self.name, SIDE_ROW + 2, col, tensor.area.rows)
            sheet.array_formula(area, column["from"], column["show"])
            if live := column.get("live"):
                sheet.rule("hide", area, f"ROW({column_name(col)}{area.row + 1})-{area.row}>{live}")
            sheet.look.widths[col] = 14 if column["show"] == "text" else 11
            col += 1
        sheet.look.widths[col] = GAP
        return col
