"""A workbook's formulas and constants against those that were planned, cell by cell."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy as np

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.decimals import as_written
from sheetgpt.book.equation import runs
from sheetgpt.book.filled import Filled
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.verification.finding import Comparison
from sheetgpt.verification.respelled import same_formula

#: Numbers are the same up to the last digits that programs write: |a - b| / |b|.
SPELLING = 1e-14
#: Rows of a block that are compared at a time, in cells.
CHUNK = 1 << 22
#: The style in which a text is an equation, whose marks of sub- and superscripts are not shown.
EQUATION = "equation"

_Place = tuple[int, int]


def compare_formulas(book: Book, plan: Book, own: bool = False) -> Comparison:
    """Every formula of the planned tabs, and that there are no others.

    Other programs spell formulas anew; those of a file as sheetgpt wrote it (`own`) are the same
    to the letter.
    """
    result = Comparison("formulas")
    for name, wanted in plan.sheets.items():
        if name not in book.sheets:
            continue
        found = {(f.row, f.col): f for f in book.sheets[name].formulas}
        for formula in wanted.formulas:
            other = found.pop((formula.row, formula.col), None)
            if other is not None and _same(other, formula, None if own else name):
                result.agree()
            else:
                where = f"{name}!{cell_name(formula.row, formula.col)}"
                held = _held(book.sheets[name], formula) if other is None else _shown(other)
                result.differ(where, held, _shown(formula))
        for (row, col), formula in found.items():
            result.differ(f"{name}!{cell_name(row, col)}", _shown(formula), "no formula")
    return result


def _same(found: Formula, wanted: Formula, sheet: str | None) -> bool:
    """Whether a formula is the planned one; on a `sheet`, also if it is spelled otherwise.

    One for one cell may be an array formula: `finish` makes some so, which changes no value.
    """
    if (found.rows, found.cols) != (wanted.rows, wanted.cols):
        return False
    if wanted.array and not found.array:
        return False
    if sheet is None:
        return found.text == wanted.text
    return same_formula(found.text, wanted.text, sheet)


def _shown(formula: Formula) -> str:
    if not formula.array:
        return f"={formula.text}"
    area = Area("", formula.row, formula.col, formula.rows, formula.cols)
    return f"{{={formula.text}}} in {area.a1()}"


def _held(sheet: Sheet, formula: Formula) -> str:
    value = sheet.value(formula.row, formula.col)
    return "no formula" if value is None else f"the value {value!r} without a formula"


class TextComparison(Comparison):
    """Constants compared; `lost` are the texts of which a program has saved a part, by tab.

    Some drop characters that cannot be seen, such as those of the bytes below 32.
    """

    def __init__(self, own: bool) -> None:
        super().__init__("texts")
        self.own = own
        self.lost: dict[str, dict[_Place, str | bool]] = defaultdict(dict)


def compare_texts(book: Book, plan: Book, inputs: Collection[str], own: bool) -> TextComparison:
    """Every constant of the planned tabs, text or number, and that there are no others.

    The cells of the names `inputs` are typed into and may hold anything. In a file as sheetgpt
    wrote it (`own`) no character may be lost.
    """
    result = TextComparison(own)
    typed = [plan.names[name] for name in inputs if name in plan.names]
    for name, wanted in plan.sheets.items():
        if name not in book.sheets:
            where = f"the tab {name}"
            result.differ(where, "nothing", "a tab of this name")
            continue
        _compare_sheet(result, book.sheets[name], plan, wanted, [x for x in typed if x[0] == name])
    return result


def _compare_sheet(
    result: TextComparison, sheet: Sheet, plan: Book, wanted: Sheet, typed: list[Area]
) -> None:
    """One tab: texts, then numbers in blocks."""
    exempt = {place for area in typed for place in _places(area)}
    filled = Filled([*sheet.formulas, *wanted.formulas])
    texts = {
        place: other
        for place, other in filled.beside(sheet.others).items()
        if other != "" and place not in exempt
    }
    for place, text in filled.beside(wanted.others).items():
        if text == "" or place in exempt:
            continue
        texts.pop(place, None)
        found = sheet.value(*place)
        if _same_text(found, text, plan, sheet.name, place):
            result.agree()
        elif not result.own and isinstance(text, str) and (found or "") in _visible(text):
            result.agree()
            result.lost[sheet.name][place] = text
        else:
            result.differ(f"{sheet.name}!{cell_name(*place)}", _quoted(found), _quoted(text))
    blocks = wanted.numbers.blocks if isinstance(wanted.numbers, PatchGrid) else []
    numbers = 0
    for block in blocks:
        if (block.row, block.col) not in exempt:
            numbers += block.values.size
            for place, number in _differences(sheet, block):
                texts.pop(place, None)
                held = _quoted(sheet.value(*place))
                result.differ(f"{sheet.name}!{cell_name(*place)}", held, number)
            result.agree(block.values.size)
    for place, text in texts.items():
        result.differ(f"{sheet.name}!{cell_name(*place)}", _quoted(text), "nothing")
    for place, number in _strays(sheet, blocks, exempt, filled, numbers):
        result.differ(f"{sheet.name}!{cell_name(*place)}", number, "nothing")


def _places(area: Area) -> Iterator[_Place]:
    for row, col in np.ndindex(area.rows, area.cols):
        yield area.row + row, area.col + col


def _same_text(found: object, wanted: object, plan: Book, sheet: str, place: _Place) -> bool:
    """Whether a constant is the planned one; an equation is shown without its marks."""
    if type(found) is not type(wanted):
        return False
    if found == wanted:
        return True
    equation = isinstance(wanted, str) and _style(plan, sheet, place) == EQUATION
    return equation and found == "".join(piece for _, piece in runs(str(wanted)))


def _style(plan: Book, sheet: str, place: _Place) -> str | None:
    """The style of a cell: the last one painted over it."""
    for row, col, rows, cols, style in reversed(plan.looks[sheet].styles):
        if row <= place[0] < row + rows and col <= place[1] < col + cols:
            return style
    return None


def _visible(text: str) -> set[str]:
    """A text without control characters other than those that XML keeps.

    ONLYOFFICE does not keep carriage returns either.
    """
    kept = "".join(x for x in text if x in "\t\n\r" or unicodedata.category(x) != "Cc")
    return {kept, kept.replace("\r", "")}


def _quoted(value: object) -> object:
    return repr(value) if isinstance(value, str) else value


def _differences(sheet: Sheet, block: Patch) -> Iterator[tuple[_Place, float]]:
    """The cells of a block of numbers that hold something else, with the number that is due."""
    rows, cols = block.values.shape
    step = max(1, CHUNK // cols)
    for start in range(0, rows, step):
        wanted = block.values[start : start + step]
        top = block.row + start
        found = sheet.numbers[top : top + len(wanted), block.col : block.col + cols]
        if found.shape != wanted.shape:
            whole = np.full(wanted.shape, np.nan)
            whole[: found.shape[0], : found.shape[1]] = as_written(found)
            found = whole
        right = as_written(wanted)
        bad = ~(np.abs(as_written(found) - right) <= SPELLING * np.abs(right))
        for row, col in zip(*np.nonzero(bad), strict=True):
            place = top + int(row), block.col + int(col)
            yield place, float(wanted[row, col])


def _strays(
    sheet: Sheet, blocks: list[Patch], exempt: set[_Place], filled: Filled, planned: int
) -> Iterator[tuple[_Place, float]]:
    """Numbers where the plan has none; counted first, since mostly there are none."""
    if isinstance(sheet.numbers, PatchGrid):
        if sum(block.values.size for block in sheet.numbers.blocks) <= planned:
            return
        parts = [(block.row, block.col, block.values) for block in sheet.numbers.blocks]
    else:
        parts = [(0, 0, sheet.numbers)]
    for top, left, values in parts:
        stray = ~np.isnan(values)
        for block in blocks:
            rows = slice(max(block.row - top, 0), max(block.end[0] - top, 0))
            cols = slice(max(block.col - left, 0), max(block.end[1] - left, 0))
            stray[rows, cols] = False
        filled.take_from(stray, top, left)
        for row, col in zip(*np.nonzero(stray), strict=True):
            place = top + int(row), left + int(col)
            if place not in exempt:
                yield place, float(values[row, col])
