"""What a file shows against what was planned: whatever hides, replaces or leads astray.

A font or a width is the reader's business. A number format that prints another word, white ink, a
hidden row, a link to elsewhere or a chart of other cells is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.look import Look, Rule, Series
from sheetgpt.book.references import classify, move
from sheetgpt.verification.finding import Comparison
from sheetgpt.verification.respelled import same_formula
from sheetgpt.verification.shown import HIDDEN, NO_STYLE, bare_format, problem_of, unreadable
from sheetgpt.xlsx.entries import KINDS
from sheetgpt.xlsx.paint import Paint
from sheetgpt.xlsx.seen import ChartSeen, Condition, Seen, TabSeen
from sheetgpt.xlsx.styles import STYLES

#: XlsxWriter's words for kinds of validations, as a file has them.
_KINDS = {"length": "textLength", "whole": "whole", "decimal": "decimal"}


def compare_looks(seen: Seen, plan: Book, own: bool) -> tuple[Comparison, list[str]]:
    """Compare what shows; with sentences on what a program that saved the file has lost.

    What is there and is not as planned differs. What is missing differs in a file as sheetgpt
    wrote it (`own`); other programs drop what they do not know, which is said.
    """
    result = Comparison("looks")
    lost: Counter[str] = Counter()
    for name, sheet in plan.sheets.items():
        if (tab := seen.tabs.get(name)) is None:
            continue
        look = plan.looks.get(name, Look())
        _styles(result, tab, seen, look, name, sheet.numbers.shape)
        _hidden(result, tab, name)
        for what, where, found, wanted in _things(tab, look, name):
            if found == wanted:
                result.agree()
            elif found is None and not own:
                lost[what] += 1
            else:
                result.differ(where, found, wanted)
        for where, problem in _conditions(tab, look, name):
            result.differ(where, problem, "no such conditional format")
    notes = []
    if lost:
        counts = ", ".join(f"{count:,} {what}" for what, count in lost.items())
        notes.append(f"{seen.program or 'The program'} that saved the file has left out: {counts}.")
    return result, notes


def _styles(
    result: Comparison, tab: TabSeen, seen: Seen, look: Look, name: str, shape: tuple[int, int]
) -> None:
    """The style of every cell that holds something, against the one painted there."""
    if not tab.styles:
        return
    runs = np.concatenate(tab.styles)
    inside = (runs[:, 0] < shape[0]) & (runs[:, 1] + runs[:, 2] <= shape[1])
    painted = Paint(*shape, look.styles, list(STYLES))
    # A run has one style in the file; where it is long, it lies in one rectangle of the plan.
    runs = runs[inside]
    ends = runs[runs[:, 2] > 1] + np.array([0, -1, 0, 0])
    ends[:, 1] += ends[:, 2]
    for part, counted in ((runs, 1), (ends, 0)):
        rows, cols, _, styles = part.T
        code = styles * (len(STYLES) + 1) + painted.at_all(rows, cols)
        codes, first, counts = np.unique(code, return_index=True, return_counts=True)
        for found, at, count in zip(codes.tolist(), first.tolist(), counts.tolist(), strict=True):
            style, number = divmod(found, len(STYLES) + 1)
            known = style < len(seen.styles.cells)
            problem = problem_of(seen.styles.cells[style], number) if known else NO_STYLE
            if problem is None:
                result.agree(count * counted)
            else:
                where = f"{name}!{cell_name(int(rows[at]), int(cols[at]))}"
                result.differ(where, *problem, count=count)


def _hidden(result: Comparison, tab: TabSeen, name: str) -> None:
    """No row or column is hidden, and nothing is drawn over cells but charts."""
    filled = {row for runs in tab.styles for row in runs[:, 0].tolist()} if tab.hidden_rows else ()
    for row in tab.hidden_rows:
        if row in filled:
            result.differ(f"{name}!{row + 1}:{row + 1}", "a hidden row", "one that is shown")
    if tab.all_rows_hidden:
        result.differ(f"the tab {name}", "rows that are hidden", "rows that are shown")
    runs = np.concatenate([np.empty((0, 4), dtype=int), *tab.styles])
    starts, ends = runs[:, 1], runs[:, 1] + runs[:, 2]
    for first, end in tab.hidden_cols:
        if ((starts < end) & (ends > first)).any():
            where = f"{name}!{cell_name(0, first)[:-1]}"
            result.differ(where, "a hidden column", "one that is shown")
    for kind in tab.drawn:
        result.differ(f"the tab {name}", f"{kind} over the cells", "nothing but charts")


_Thing = tuple[str, str, object, object]
"""What it is, where, what the file has there (None for nothing) and what was planned."""


def _things(tab: TabSeen, look: Look, name: str) -> Iterator[_Thing]:
    """Links, validations, merged cells, charts and protection, in the file and as planned."""
    links = {cell_name(*place): _place(target) for place, target in look.links.items()}
    found_links = {_plain(ref): _place(target) for ref, target in tab.links.items()}
    for ref in sorted(links.keys() | found_links.keys()):
        yield "links", f"{name}!{ref}", found_links.get(ref), links.get(ref)
    merges = {Area(name, *merge).a1() for merge in look.merges if merge[2:] != (1, 1)}
    for ref in sorted(merges | {*tab.merges}):
        words = f"{ref} shown as one cell"
        there, due = (words if ref in held else None for held in (tab.merges, merges))
        yield "merged cells", f"{name}!{ref}", there, due
    yield from _validations(tab, look, name)
    charts = Counter(chart_sources(chart, name) for chart in tab.charts)
    planned = Counter(
        tuple(sorted(area.full() for series in chart.series for area in _drawn(series)))
        for chart in look.charts
    )
    for sources in sorted(charts.keys() | planned.keys()):
        for i in range(max(charts[sources], planned[sources])):
            words = "a chart of " + ", ".join(sources)
            there, due = (words if i < count[sources] else None for count in (charts, planned))
            yield "charts", f"the tab {name}", there, due
    if tab.password or tab.locked or look.styles:
        found = "a password" if tab.password else "protection" if tab.locked else None
        yield "protected tabs", f"the tab {name}", found, "protection"


def _drawn(series: Series) -> list[Area]:
    areas = (series.label, series.categories, series.values)
    return [area for area in areas if area is not None]


def _plain(ref: str) -> str:
    first, _, last = ref.replace("$", "").partition(":")
    return first if last in ("", first) else ref


def _place(target: str) -> object:
    """A place in the workbook as what it means, any other target as it is."""
    place = classify(target).place
    if place is None or not place.sheet:
        return target
    return f"a link to {Area(place.sheet, *place.corners(0, 0)).full()}"


def _validations(tab: TabSeen, look: Look, name: str) -> Iterator[_Thing]:
    wanted = {}
    for entry in look.entries:
        ref = Area(name, entry.row, entry.col, entry.rows, entry.cols).a1()
        text = entry.kind == "text"
        limits = (entry.high,) if text else (entry.low, entry.high)
        operator = "lessThanOrEqual" if text else "between"
        wanted[ref] = (_KINDS[KINDS[entry.kind]], operator, *map(_limit, limits))
    found = {
        _plain(ref): (one.kind, one.operator, *map(_limit, one.limits[: _count(one.operator)]))
        for one in tab.validations
        for ref in one.where.split()
        if one.kind != "none"
    }
    for ref in sorted(wanted.keys() | found.keys()):
        there, due = (None if x is None else " ".join(x) for x in (found.get(ref), wanted.get(ref)))
        yield "rules of what cells take", f"{name}!{ref}", there, due


def _count(operator: str) -> int:
    """How many limits an operator has; LibreOffice writes two for all."""
    return 2 if operator in ("between", "notBetween") else 1


def _limit(limit: float | str) -> str:
    text = str(limit).replace(" ", "").removeprefix("=")
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.lower()


def chart_sources(chart: ChartSeen, name: str) -> tuple[str, ...]:
    """The cells that a chart draws, sorted; what is no area as it is."""
    found = []
    for source in chart.sources:
        if source.startswith('"'):  # LibreOffice writes words where no cell is meant
            continue
        place = classify(source.strip()).place
        if place is None:
            found.append(source)
            continue
        found.append(Area(place.sheet or name, *place.corners(0, 0)).full())
    return tuple(sorted(found))


class _Hiding:
    """The planned conditional formats of a tab that show nothing, each with its areas."""

    def __init__(self, look: Look, name: str) -> None:
        rules = [rule for rule in look.rules if rule.kind == "hide"]
        self._held = [
            (rule, Area(name, *part))
            for rule in rules
            for part in rule.areas or [(rule.row, rule.col, rule.rows, rule.cols)]
        ]
        ends = [(a.row, a.col, a.row + a.rows, a.col + a.cols) for _, a in self._held]
        self._ends = np.array(ends).reshape(-1, 4).T

    def over(self, area: Area) -> list[tuple[Rule, Area]]:
        """Those that lie over some cells of an area."""
        top, left, bottom, right = self._ends
        beside = (top >= area.row + area.rows) | (left >= area.col + area.cols)
        shared = ~beside & (bottom > area.row) & (right > area.col)
        return [self._held[i] for i in np.flatnonzero(shared)]


def _conditions(tab: TabSeen, look: Look, name: str) -> Iterator[tuple[str, str]]:
    """Conditional formats that hide, or print something else, and are none of the plan's."""
    hiding = _Hiding(look, name)
    for condition in tab.conditions:
        problem = None
        if condition.style.number_format:
            problem = f"the number format {condition.style.number_format} on a condition"
        elif condition.style.ink is not None or condition.style.ground is not None:
            problem = (told := unreadable(condition.style)) and f"{told[0]} on a condition"
        elif not condition.shows:
            problem = "bars or icons in place of numbers"
        if problem and not _planned(condition, hiding, name):
            yield f"{name}!{condition.where}", problem


def _planned(condition: Condition, hiding: _Hiding, name: str) -> bool:
    """Whether a condition hides what planned ones of its formula do; programs unite some."""
    if condition.style.number_format and bare_format(condition.style.number_format) != HIDDEN:
        return False
    places = [classify(ref).place for ref in condition.where.split()]
    areas = [Area(name, *place.corners(0, 0)) for place in places if place is not None]
    if not areas or len(areas) < len(places) or len(condition.formulas) != 1:
        return False
    top, left = min(area.row for area in areas), min(area.col for area in areas)
    (formula,) = condition.formulas
    for area in areas:
        hidden = {
            part
            for rule, part in hiding.over(area)
            if same_formula(formula, move(rule.formula, top - rule.row, left - rule.col), name)
        }
        if sum(_shared(area, part) for part in hidden) < area.rows * area.cols:
            return False
    return True


def _shared(one: Area, other: Area) -> int:
    """How many cells two areas share."""
    rows = min(one.row + one.rows, other.row + other.rows) - max(one.row, other.row)
    cols = min(one.col + one.cols, other.col + other.cols) - max(one.col, other.col)
    return max(rows, 0) * max(cols, 0)
