"""What a file asks of the program that opens it, against what such a workbook asks: nothing odd."""

from __future__ import annotations

from sheetgpt.book import Book
from sheetgpt.verification.finding import Comparison
from sheetgpt.xlsx.seen import Seen

#: Names that programs keep for themselves, for print-outs and filters.
RESERVED = "_xlnm."


def compare_settings(seen: Seen, plan: Book) -> Comparison:
    """Compare how cells are calculated, which tabs show, and whether names mean the same on all."""
    result = Comparison("settings")
    for key, value in seen.settings.items():
        result.differ("the workbook", f"{key} = {value}", f"no {key}")
    for kind in seen.foreign:
        result.differ("the workbook", kind, "none")
    for name, tab in seen.tabs.items():
        if name not in plan.sheets:
            continue
        if tab.state == "visible":
            result.agree()
        else:
            result.differ(f"the tab {name}", tab.state, "visible")
    planned = {name.lower() for name in plan.names}
    for tab_name, name in seen.local_names:
        if name.lower() in planned and not name.startswith(RESERVED):
            result.differ(
                f"the name {name}", f"another meaning on the tab {tab_name}", "one meaning"
            )
    return result
