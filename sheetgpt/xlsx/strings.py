"""Text as the XML of an .xlsx file holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from sheetgpt.xlsx.relations import MAIN

_ITEM = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_ROOT = re.compile(rb'<sst\b[^>]*?\sxmlns="([^"]*)"')
#: A string item as one piece of text, or as anything else.
_KNOWN_ITEM = re.compile(
    rb'<si>(?:<t(?: xml:space="preserve")?>(?P<text>[^<]*)</t></si>|.*?</si>)', re.DOTALL
)
#: How XML spells what means something in it. The sign that all begin with comes last, or what it
#: spells would be taken for another. (`xml.sax.saxutils`, which does the same, imports HTTP.)
_SPELLED = {"&gt;": ">", "&lt;": "<", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

#: What XML 1.0 cannot hold; OOXML writes such a character as _xHHHH_ (ISO 29500-1, ST_Xstring).
NOT_XML = "\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff"
#: XML content that needs no parser: no tags, no numbers of characters, nothing to normalise.
PLAIN_TEXT = rf"[^<&\r{NOT_XML}]*(?:&(?:amp|lt|gt|quot|apos);[^<&\r{NOT_XML}]*)*"
_FORBIDDEN = re.compile(f"[{NOT_XML}]")


def string_item(element: ElementTree.Element) -> str:
    """The text of a string item, plain or in runs of formats; phonetic hints left out."""
    main = element.tag.rpartition("}")[0] + "}" if "}" in element.tag else ""
    runs = [*element.findall(f"{main}t"), *element.findall(f"{main}r/{main}t")]
    return "".join(unescape(run.text or "") for run in runs)


def known_items(table: bytes) -> list[str] | None:
    """All texts of a table of shared strings without prefixes, parsed only where they have formats.

    None for a table that only an XML parser can read.
    """
    root = _ROOT.search(table)
    if root is None or root[1].decode() not in MAIN or b"&#" in table:
        return None
    items = list(_items(table))
    if len(items) != len(_ITEM.findall(table)):
        return None
    return [
        string_item(ElementTree.fromstring(item[0]))
        if item["text"] is None
        else unescape(plain_text(item["text"].decode()))
        for item in items
    ]


def _items(table: bytes) -> Iterator[re.Match[bytes]]:
    """Items side by side from the first on; a search for the next would be slow where none is."""
    at = table.find(b"<si>")
    while at >= 0 and (item := _KNOWN_ITEM.match(table, at)):
        yield item
        at = item.end()


def plain_text(xml: str) -> str:
    """What XML content of the form `PLAIN_TEXT` says."""
    if "&" in xml:
        for spelling, character in _SPELLED.items():
            xml = xml.replace(spelling, character)
    return xml


def escape(text: str) -> str:
    """The text as XML content; XML reads a plain carriage return as a line feed."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def unescape(text: str) -> str:
    """`_x000D_` and the like back into the character that XML cannot hold (ECMA-376 22.9.2.19).

    Two halves of a surrogate pair become the character that they are.
    """
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if _PAIR.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
