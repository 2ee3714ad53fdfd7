"""Lay out Start: panels in bands on columns of one width, so that the page is seen at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetgpt.book.area import Area, cell_name, quote_sheet
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.charts import bind_chart, rows_below
from sheetgpt.layout.context import Context
from sheetgpt.layout.rows import Columns, RowWriter
from sheetgpt.layout.table import write_table
from sheetgpt.template.forms import Form
from sheetgpt.template.load import START_TAB
from sheetgpt.template.panels import Panel, PanelKind
from sheetgpt.template.rows import wanted
from sheetgpt.template.wiring import Group

#: Widths in characters: of every column, of the margin, of a column of tokens.
WIDTH, MARGIN, TOKEN_WIDTH = 8.6, 2, 14
TOP_ROW = 3
ZOOM = 85
#: Height in points of the gap above a band.
GAP_HEIGHT = 6
#: Labels of rows take this many columns.
LABELS = 2
#: Chips in a line, and columns of a box in the map.
CHIPS, BOX = 16, 2
#: The map begins a new line for each of these groups of tabs: the model in the order of the
#: data, what looks inside, checks and tables, what was learned.
MAP_LINES: tuple[tuple[Group, ...], ...] = (
    ("text", "embedding", "block", "output"),
    ("inside",),
    ("checks", "about", "constants", "data"),
    ("weights",),
)
ARROW = "→ "


class StartTab:
    """Start, the first tab; `tabs` are all others in order."""

    def __init__(self, form: Form, tabs: Sequence[SheetBuilder], context: Context) -> None:
        self.form, self.tabs, self.context = form, tabs, context
        self.sheet = SheetBuilder(START_TAB, form.group, form.title)

    def lay_out(self) -> SheetBuilder:
        """Write every band, each below the tallest panel of the one before."""
        sheet, look = self.sheet, self.sheet.look
        look.default_width, look.zoom = WIDTH, ZOOM
        look.widths[0] = MARGIN
        sheet.text(0, 1, self.form.title, "title")
        sheet.text(1, 1, self.form.summary, "summary")
        row = TOP_ROW
        for band in self.form.bands:
            look.heights[row - 1] = GAP_HEIGHT
            panels = wanted(band, self.context.left_out)
            row = 1 + max((self._panel(panel, row) for panel in panels), default=row)
        return sheet

    def _panel(self, panel: Panel, row: int) -> int:
        """Write one panel from `row` on; returns the first row below it."""
        kinds: dict[PanelKind, Callable[[Panel, int], int]] = {
            "rows": self._rows,
            "table": self._table,
            "chart": self._chart,
            "chips": self._chips,
            "map": self._map,
        }
        if panel.title:
            self.sheet.text(row, panel.col, panel.title, "heading")
            row += 1
        with self.context.at(panel.where):
            return kinds[panel.kind](panel, row)
        return row

    def _rows(self, panel: Panel, row: int) -> int:
        col = panel.col
        columns = Columns(col, col + LABELS, None)
        writer = RowWriter(self.sheet, columns, row, self.context)
        writer.write(panel.rows)
        return writer.row

    def _table(self, panel: Panel, row: int) -> int:
        for col, column in enumerate(panel.columns, panel.col):
            if column.show == "text":
                self.sheet.look.widths[col] = TOKEN_WIDTH
        return write_table(self.sheet, panel, row, self.context.tensor)

    def _chart(self, panel: Panel, row: int) -> int:
        for chart in panel.charts:
            self.sheet.look.charts.append(bind_chart(chart, row, panel.col, self.context))
        return row + max(map(rows_below, panel.charts))

    def _chips(self, panel: Panel, row: int) -> int:
        """The tokens of the prompt as boxes in lines, each with its id below."""
        sheet, room = self.sheet, self.context.whole["max_tokens"]
        sources = [self.context.tensor(name).area for name in ("token_texts", "token_ids")]
        for first in range(0, room, CHIPS):
            count = min(CHIPS, room - first)
            for source, style in zip(sources, ("chip_place", "chip_id"), strict=True):
                part = source._replace(row=source.row + first, rows=count)
                area = Area(sheet.name, row, panel.col, 1, count)
                sheet.array_formula(area, f"TRANSPOSE({part.full()})", style)
                column = f"COLUMN({cell_name(row, panel.col).replace('$', '')})"
                place = f"{column}-{panel.col - first}"
                if style == "chip_place":
                    sheet.rule("chip", area, f"{place}<=n_tokens")
                else:
                    sheet.rule("hide", area, f"{place}>n_tokens")
                row += 1
        return row

    def _map(self, panel: Panel, row: int) -> int:
        """Every tab as a box that leads to it, a line or more for each group of tabs."""
        sheet, across = self.sheet, panel.across
        for groups in MAP_LINES:
            tabs = [tab for tab in self.tabs if tab.look.group in groups]
            for i, tab in enumerate(tabs):
                line, place = divmod(i, across)
                area = Area(sheet.name, row + line, panel.col + BOX * place, 1, BOX)
                flows = groups is MAP_LINES[0] and i > 0
                text = (ARROW if flows else "") + tab.name
                style = f"box_{tab.look.group}"
                sheet.link(area.row, area.col, text, f"{quote_sheet(tab.name)}!A1", style)
                sheet.merge(area, style)
            row += -(-len(tabs) // across)
        return row
