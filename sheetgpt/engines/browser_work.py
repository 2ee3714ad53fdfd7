"""What a browser fetches to compute a workbook and sends back, and a server here for both."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.errors import EngineError
from sheetgpt.page.bundle import BUILT
from sheetgpt.page.document import document

PAGE = b'<!doctype html><title>sheetgpt</title><script src="/program.js"></script>'
KINDS = {"/": "text/html; charset=utf-8", "/program.js": "text/javascript; charset=utf-8"}

Changes = Mapping[tuple[str, int, int], str | float | None]
"""Values to put into cells (sheet, row, column) before everything is computed."""


class Work:
    """What the program fetches, and what it has sent back."""

    def __init__(
        self,
        book: Book,
        tasks: Sequence[Changes],
        areas: Sequence[Area],
        folder: Path,
        *,
        fast: bool,
    ) -> None:
        """The numbers of the workbook are put into a file in `folder`.

        Raises EngineError for areas on no sheet, and what `document` raises for a formula that the
        page does not know.
        """
        numbering = {name: i for i, name in enumerate(book.sheets)}
        if missing := {area.sheet for area in areas} - numbering.keys():
            raise EngineError(f"The workbook has no sheet {sorted(missing)}.")
        places = [[numbering[area.sheet], *area[1:]] for area in areas]
        work = [
            {
                "changes": [[numbering[s], r, c, value] for (s, r, c), value in changes.items()],
                "areas": places,
            }
            for changes in tasks
        ]
        held = document(book)
        held.data["fast"] = fast
        self.numbers = folder / "numbers.bin"
        with self.numbers.open("wb") as stream:
            for part in held.encode():
                stream.write(part)
        self.answers = {
            "/": PAGE,
            "/program.js": (BUILT / "recalculate.js").read_bytes(),
            "/book.json": held.json(),
            "/tasks.json": json.dumps(work).encode(),
        }
        self.values = [b""] * len(tasks)
        self.problem: str | None = None
        self.ended = threading.Event()

    def take(self, path: str, body: bytes) -> None:
        """Something that the program sent."""
        if path == "/failed":
            self.problem = body.decode()
        elif path.startswith("/values/"):
            self.values[int(path.rpartition("/")[2])] = body
        if path in ("/end", "/failed"):
            self.ended.set()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """A server on this machine alone; gives its address."""
        work = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = work.answers.get(self.path)
                known = answer is not None or self.path == "/numbers.bin"
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", KINDS.get(self.path, "application/octet-stream"))
                self.end_headers()
                with suppress(ConnectionError):
                    if answer is not None:
                        self.wfile.write(answer)
                    elif known:
                        with work.numbers.open("rb") as stream:
                            shutil.copyfileobj(stream, self.wfile, 1 << 20)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                work.take(self.path, body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: what the browser asks for is of no interest."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
