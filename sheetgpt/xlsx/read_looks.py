"""What a file shows beside its cells, into `Seen`: styles, links, charts, settings, the program."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

from sheetgpt.book import MAX_COLUMNS
from sheetgpt.xlsx.container import OddPart, reading
from sheetgpt.xlsx.read_styles import (
    CellStyle,
    Styles,
    read_styles,
    rule_style,
    theme_colours,
    true,
)
from sheetgpt.xlsx.relations import Relation, main_namespace, read_xml, relation_id, relations
from sheetgpt.xlsx.seen import LEAST_WIDTH, ChartSeen, Condition, Seen, TabSeen, Validation

#: Kinds of parts that no workbook of sheetgpt has, in words.
FOREIGN = {
    "vbaProject": "macros",
    "connections": "data from elsewhere",
    "externalLink": "links to other workbooks",
    "queryTable": "data from elsewhere",
    "pivotTable": "a pivot table",
    "oleObject": "an embedded object",
    "control": "a control",
    "ctrlProp": "a control",
    "image": "a picture",
    "package": "an embedded file",
    "chartUserShapes": "shapes on a chart",
}
#: Kinds of parts that show something over the cells of a tab, in words.
OVER = {"vmlDrawing": "boxes or notes", "comments": "notes"}
#: What may stand in a drawing over cells, other than the frame of a chart, in words.
DRAWN = {"sp": "a shape", "cxnSp": "a line", "pic": "a picture", "contentPart": "ink"}
#: What calculation settings are when a file does not say (ECMA-376 part 1, 18.2.2); whether a
#: program goes round in circles does not matter where there are none.
CALCULATION = {"calcMode": "auto", "fullPrecision": "1"}
_SAME = {"true": "1", "false": "0"}


def read_looks(archive: ZipFile, workbook: Element, part: str, seen: Seen) -> None:
    """Fill in all that the sheets' own reader has not; raises as `read_xml` does.

    The tabs of `seen` are known already, with the XML in front of and behind their cells.
    """
    with reading(Path(archive.filename or ""), part):
        main = main_namespace(workbook, "workbook")
        found = relations(archive, part)
        _settings(workbook, main, seen)
        seen.styles = _styles(archive, found)
        _program(archive, seen)
        seen.foreign += _foreign(found.values())
        for sheet in workbook.findall(f"{main}sheets/{main}sheet"):
            tab = seen.tabs.get(sheet.get("name", ""))
            if tab is not None:
                tab.state = sheet.get("state", "visible")
                _tab(archive, found[relation_id(sheet)].part, tab, seen)


def _settings(workbook: Element, main: str, seen: Seen) -> None:
    calculation = workbook.find(f"{main}calcPr")
    for key, usual in CALCULATION.items():
        value = usual if calculation is None else calculation.get(key, usual)
        if (value := _SAME.get(value, value)) != usual:
            seen.settings[key] = value
    if true(workbook.find(f"{main}workbookPr"), "date1904"):
        seen.settings["date1904"] = "1"
    sheets = [x.get("name", "") for x in workbook.findall(f"{main}sheets/{main}sheet")]
    for name in workbook.iterfind(f"{main}definedNames/{main}definedName"):
        if (number := name.get("localSheetId")) is not None and int(number) < len(sheets):
            seen.local_names.append((sheets[int(number)], name.get("name", "")))


def _styles(archive: ZipFile, found: dict[str, Relation]) -> Styles:
    parts = {relation.kind: relation.part for relation in found.values()}
    theme: list[str | None] = []
    if (part := parts.get("theme", "")) in archive.namelist():
        theme = theme_colours(read_xml(archive, part))
    if (part := parts.get("styles", "")) not in archive.namelist():
        return Styles()
    root = read_xml(archive, part)
    with reading(Path(archive.filename or ""), part):
        return read_styles(root, main_namespace(root, "styleSheet"), theme)


def _program(archive: ZipFile, seen: Seen) -> None:
    """The program that saved the file, its version, and who it says has done so."""
    held = _properties(archive, "docProps/app.xml")
    words = [held.get(key, "") for key in ("Application", "AppVersion")]
    seen.program = " ".join(filter(None, words)) or None
    seen.editor = _properties(archive, "docProps/core.xml").get("lastModifiedBy", "")


def _properties(archive: ZipFile, part: str) -> dict[str, str]:
    if part not in archive.namelist():
        return {}
    return {_tag(item): (item.text or "").strip() for item in read_xml(archive, part)}


def _foreign(found: Iterable[Relation]) -> list[str]:
    return [FOREIGN[relation.kind] for relation in found if relation.kind in FOREIGN]


def _tab(archive: ZipFile, part: str, tab: TabSeen, seen: Seen) -> None:
    """What stands in front of the cells of a tab and behind them, and what is drawn over them."""
    root = fromstring(tab.head + tab.tail)
    main = main_namespace(root, "worksheet")
    form = root.find(f"{main}sheetFormatPr")
    tab.all_rows_hidden = true(form, "zeroHeight")
    for col in root.iterfind(f"{main}cols/{main}col"):
        if true(col, "hidden") or float(col.get("width", 1)) < LEAST_WIDTH:
            first, last = (int(col.get(key, 1)) for key in ("min", "max"))
            tab.hidden_cols.append((max(first, 1) - 1, min(last, MAX_COLUMNS)))
    protection = root.find(f"{main}sheetProtection")
    tab.locked = true(protection, "sheet")
    words = ("password", "hashValue")
    tab.password = protection is not None and any(protection.get(key) for key in words)
    found = _relations(archive, part)
    seen.foreign += _foreign(found.values())
    tab.drawn += [OVER[relation.kind] for relation in found.values() if relation.kind in OVER]
    for link in root.iterfind(f"{main}hyperlinks/{main}hyperlink"):
        if link.get("ref", "") in tab.links:
            raise OddPart(f"{link.get('ref')} of a sheet has two links")
        outside = found.get(relation_id(link))
        place = link.get("location", "")
        if outside is not None:  # some programs name a place in the file as #place
            place = f"{outside.target}#{place}" if place else outside.target
            place = place.removeprefix("#")
        tab.links[link.get("ref", "")] = place
    tab.merges = [x.get("ref", "") for x in root.iterfind(f"{main}mergeCells/{main}mergeCell")]
    tab.conditions = [*_conditions(root, main, seen.styles)]
    tab.validations = [*_validations(root)]
    for relation in found.values():
        if relation.kind == "drawing":
            _drawing(archive, relation.part, tab, seen)
    tab.head = tab.tail = b""


def _relations(archive: ZipFile, part: str) -> dict[str, Relation]:
    folder, name = posixpath.split(part)
    there = posixpath.join(folder, "_rels", f"{name}.rels") in archive.namelist()
    return relations(archive, part) if there else {}


def _conditions(root: Element, main: str, styles: Styles) -> Iterator[Condition]:
    """Conditional formats, those of newer programs in the extension list among them."""
    for block in root.iter():
        if _tag(block) != "conditionalFormatting":
            continue
        words = [item.text or "" for item in block if _tag(item) == "sqref"]
        where = block.get("sqref") or " ".join(words)
        for rule in block:
            if _tag(rule) != "cfRule":
                continue
            own = next((item for item in rule if _tag(item) == "dxf"), None)
            number = rule.get("dxfId")
            style = CellStyle(number_format="")
            if own is not None:
                style = rule_style(own, main)
            elif number is not None:
                style = styles.rules[int(number)]
            formulas = [x.text or "" for x in rule if _tag(x) in ("formula", "f")]
            bars = [item for item in rule if _tag(item) in ("dataBar", "iconSet")]
            shows = all(true(item, "showValue", default=True) for item in bars)
            yield Condition(where, tuple(formulas), style, shows)


def _validations(root: Element) -> Iterator[Validation]:
    for item in root.iter():
        if _tag(item) != "dataValidation":
            continue
        parts = {_tag(part): "".join(part.itertext()) for part in item}
        limits = [parts[key] for key in ("formula1", "formula2") if parts.get(key)]
        where = item.get("sqref") or parts.get("sqref", "")
        operator = item.get("operator", "between")
        yield Validation(where, item.get("type", "none"), operator, tuple(limits))


def _drawing(archive: ZipFile, part: str, tab: TabSeen, seen: Seen) -> None:
    """The charts over the cells of a tab, and what else lies there."""
    for item in read_xml(archive, part).iter():
        if (kind := DRAWN.get(_tag(item))) is not None:
            tab.drawn.append(kind)
    for relation in _relations(archive, part).values():
        if relation.kind == "chart":
            items = [*read_xml(archive, relation.part).iter()]
            texts = [x.text or "" for x in items if _tag(x) == "t"]
            sources = [x.text or "" for x in items if _tag(x) == "f"]
            tab.charts.append(ChartSeen(tuple(texts), tuple(sources)))
        elif relation.kind in FOREIGN:
            seen.foreign.append(FOREIGN[relation.kind])


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
