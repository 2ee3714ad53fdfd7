"""The page as one HTML text: program, styles and the workbook inside, nothing loaded from outside.

A Content-Security-Policy allows the one script and the one style sheet by their hashes, and what
the page needs besides. Where a folder's file holds the numbers, that is WebAssembly for matrix
products and a connection to where the file comes from; a page of one file needs neither.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from hashlib import sha256
from html import escape

from sheetgpt.page.bundle import BUILT

SELF, NONE, WASM = "'self'", "'none'", " 'wasm-unsafe-eval'"
BODY = """<a class="skip" href="#scroll">Skip to the cells</a>
<header id="top"></header>
<div id="bar"></div>
<main id="main"><div id="scroll" tabindex="0" role="application" aria-label="Cells of the workbook"
aria-describedby="live"><canvas id="grid" aria-hidden="true"></canvas><div id="spacer"></div></div>
<div id="note" hidden></div>
<aside id="panel" tabindex="-1" aria-label="Panel" hidden></aside></main>
<nav id="tabs" role="tablist" aria-label="Tabs"></nav>
<table id="table" class="unseen"></table>
<div id="live" class="unseen" aria-live="polite"></div>
<div id="status" role="status">Opening the workbook ...</div>
<noscript>This page computes a spreadsheet and needs JavaScript, which is turned off.</noscript>"""


def page_html(title: str, json: bytes, numbers: bytes | None, file: tuple[str, int, str]) -> bytes:
    """The page of a workbook; the same input gives the same bytes.

    `numbers` are stored inside; where they are None, `file` says the name, size and hash of the
    file beside the page that holds them.
    """
    script = (BUILT / "page.js").read_text(encoding="utf-8")
    style = (BUILT / "page.css").read_text(encoding="utf-8")
    beside = numbers is None
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'{WASM if beside else ''}",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            f"connect-src {SELF if beside else NONE}",
            "base-uri 'none'; form-action 'none'",
        ]
    )
    name, size, digest = file
    source = (
        f' data-file="{escape(name)}" data-size="{size}" data-hash="{digest}"' if beside else ""
    )
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">',
        f"<style>{style}</style></head><body>\n{BODY}\n",
        f'<script type="text/plain" id="book">{_packed(json)}</script>\n',
        f'<script type="text/plain" id="numbers"{source}>{_packed(numbers or b"")}</script>\n',
        f"<script>{script}</script></body></html>\n",
    ]
    return "".join(parts).encode()


def _packed(data: bytes) -> str:
    return b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
