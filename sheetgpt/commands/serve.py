"""A server for the page of a workbook, on this machine alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sheetgpt.commands.page import PAGE, page
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.errors import InputError

HOST = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who reads the page is known."""


def serve(
    path: Path,
    port: int = 0,
    *,
    ready: Callable[[str], None] = quiet,
    trust: bool = False,
    progress: Progress = quiet,
) -> None:
    """Make the page of a workbook and serve it until Ctrl-C; `ready` gets its address.

    A `port` of 0 is any that is free. Raises InputError for one that is taken, and the errors of
    `page`.
    """
    with TemporaryDirectory(prefix="sheetgpt-") as folder:
        page(path, Path(folder), trust=trust, progress=progress)
        handler = partial(_Quiet, directory=folder)
        try:
            server = ThreadingHTTPServer((HOST, port), handler)
        except OSError as error:
            raise InputError(f"Port {port} cannot be used: {error}. Choose another.") from error
        with server:
            ready(f"http://{HOST}:{server.server_port}/{PAGE}")
            server.serve_forever()
