"""Type into a workbook in LibreOffice as a person would, and store what some cells show then.

    PYTHON libreoffice_edits.py ENGINES SOFFICE FOLDER

For LibreOffice's own Python, as `uno_session.py` in the folder ENGINES, which does the rest.
FOLDER/edits.json holds the source, the cells by name, the edits and the names of what is shown.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(engines: str, soffice: str, folder: Path) -> None:
    """Do what FOLDER/edits.json asks; the answers go to FOLDER/shown.json."""
    sys.path.insert(0, engines)
    from uno_session import libreoffice, open_workbook  # noqa: PLC0415  # another program's module

    request = json.loads((folder / "edits.json").read_text())
    shown = []
    with libreoffice(soffice, folder) as desktop:
        document = open_workbook(desktop, request["source"])

        def cell(name: str) -> Any:
            sheet, row, col, *_ = request["cells"][name]
            return document.Sheets.getByName(sheet).getCellByPosition(col, row)

        for name, value in request["edits"]:
            if isinstance(value, str):
                cell(name).setString(value)
            else:
                cell(name).setValue(value)
            shown.append({name: cell(name).getString() for name in request["shown"]})
        document.close(True)
    (folder / "shown.json").write_text(json.dumps(shown))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
