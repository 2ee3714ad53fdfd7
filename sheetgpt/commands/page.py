"""Make the web page of a built workbook: one file, or a folder for large models."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sheetgpt.commands.options import LARGE_MODEL
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.watch import watched
from sheetgpt.errors import CapacityError, InputError, WorkbookError
from sheetgpt.page.document import Document, document
from sheetgpt.page.html import page_html
from sheetgpt.replacing import replacing
from sheetgpt.verification.contents import require_file
from sheetgpt.xlsx.limits import STRANGERS, TRUSTED
from sheetgpt.xlsx.read import read

PAGE, NUMBERS = "index.html", "numbers.bin"


@dataclass(frozen=True)
class Page:
    """A page that was written: what to open, and the size of all its files."""

    path: Path
    size: int
    tabs: int
    formulas: int

    @property
    def folder(self) -> bool:
        """Whether the numbers lie in a file beside the page."""
        return self.path.name == PAGE


def page(
    path: Path,
    output: Path | None = None,
    *,
    force: bool = False,
    trust: bool = False,
    progress: Progress = quiet,
) -> Page:
    """Write the page of the workbook at `path`, to output/NAME.html unless told otherwise.

    An `output` that does not end with .html is a folder, which large models need. Raises
    WorkbookError for a file that cannot be read or written, InputError for one that exists without
    `force`, CapacityError for a large model in one file, EvaluationError with sheet and cell for a
    formula that the page cannot compute.
    """
    require_file(path)
    if output is not None:
        _require_free(output, force)
    with watched(path, trust):
        progress("Reading the workbook")
        book = read(path, limits=TRUSTED if trust else STRANGERS)
        progress("Preparing the page")
        held = document(book, path)
    large = held.count > LARGE_MODEL
    if output is None:
        output = Path("output") / (path.stem if large else f"{path.stem}.html")
        _require_free(output, force)
    inside = output.suffix.lower() in (".html", ".htm")
    if inside and large:
        raise CapacityError(
            f"{path} holds {held.count:,} numbers, too many for one file; name a folder with -o."
        )
    progress("Writing the page")
    try:
        target = _write_file(held, path, output) if inside else _write_folder(held, path, output)
    except OSError as error:
        raise WorkbookError(
            f"{output} cannot be written: {error}. Choose another place."
        ) from error
    files = [target] if inside else [target, target.with_name(NUMBERS)]
    return Page(
        target,
        sum(file.stat().st_size for file in files),
        len(book.sheets),
        sum(len(sheet.formulas) for sheet in book.sheets.values()),
    )


def _require_free(output: Path, force: bool) -> None:
    taken = output.exists() if output.suffix else (output / PAGE).exists()
    if taken and not force:
        raise InputError(f"{output} exists; add --force to replace it, or choose another with -o.")


def _write_file(held: Document, path: Path, output: Path) -> Path:
    numbers = b"".join(held.encode())
    return _store(output, page_html(path.stem, held.json(), numbers, ("", 0, "")))


def _write_folder(held: Document, path: Path, output: Path) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with replacing(output / NUMBERS) as unfinished, unfinished.open("wb") as stream:
        for part in held.encode():
            digest.update(part)
            stream.write(part)
    size = (output / NUMBERS).stat().st_size
    text = page_html(path.stem, held.json(), None, (NUMBERS, size, digest.hexdigest()[:32]))
    return _store(output / PAGE, text)


def _store(target: Path, data: bytes) -> Path:
    """Write a file that is replaced only when the new one is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as unfinished:
        unfinished.write_bytes(data)
    return target
