"""A workbook into a damaged one: its zip file, XML, names, formulas, values.

A mutation knows what the file is made of, so that most of them get past the first check that they
meet. The same seed gives the same file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

Parts = dict[str, bytes]
Mutation = Callable[[Parts, Random], None]

_CELL = re.compile(rb"<c [^>]*>.*?</c>|<c [^>]*/>", re.DOTALL)
_FORMULA = re.compile(rb"(<f[^>]*>)([^<]+)(</f>)")
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_NAME = re.compile(rb'(<definedName name=")([^"]*)("[^>]*>)([^<]*)(</definedName>)')
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_TAG = re.compile(rb"</?[\w:]+")

ODD_NUMBERS = (
    b"0", b"-1", b"1e15", b"1e308", b"1e999", b"nan", b"inf", b"007", b"9" * 400, b"0.5", b"",
    b"1048577", b"2147483648", b"-0", b"1E-320", b"0x10", b"1_0", "٣".encode(),
)  # fmt: skip
ODD_TEXTS = (
    b"", b"_xD800_", b"_x0000_", b"a&#10;::error::b", b"&#x202e;", b"#REF!", b"TRUE", b" " * 40000,
    "\U0001f642".encode(), b"\xff\xfe", b"&undefined;", b"]]&gt;", b"=1+1",
)  # fmt: skip
ODD_FORMULAS = (
    b"FACT(170)", b"REPT(\"a\",1E9)", b"INDIRECT(\"A1\")", b"RAND()", b"SUM(A1:XFD1048576)",
    b"(" * 60 + b"1" + b")" * 60, b"(" * 4000, b"1" + b"+1" * 3000, b"-" * 3000 + b"1", b"{1,2;3}",
    b"A1:A9*B1:C1", b"\"" * 501, b"'" * 501, b"[1]a!A1", b"a b", b"A:A", b"1E999", b"007+1",
    b"MMULT(A1:A3000,A1:CV1)", b"LET(x,1,x)", b"x@y", b"#FOO!", b"@A1", b"IF(", b",", b"=",
    b"CHOOSE(1E300,1)", b"INDEX(A1:B2,0,0)", b"MID(\"a\",1E300,1)", b"prompt&amp;prompt", b"NA()",
)  # fmt: skip
ODD_AREAS = (
    b"Start!$A$1:$XFD$1048576", b"Start!$A$1", b"#REF!", b"", b"3", b"nowhere!$A$1", b"Start!A1",
    b"'Start'!$A$1:$B$2,Start!$C$3", b"constants!$A$1:$D$40", b"$A$1", b"Start!$B$9:$A$1",
)  # fmt: skip


def read_parts(data: bytes) -> Parts:
    """The parts of a workbook by their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mutated(parts: Parts, seed: int) -> tuple[str, bytes]:
    """The kinds of up to three mutations, and the bytes of the file that they give."""
    random = Random(seed)
    new = dict(parts)
    kinds = random.choices([*MUTATIONS], [weight for _, weight in MUTATIONS.values()],
                           k=random.choice((1, 1, 1, 2, 3)))  # fmt: skip
    for kind in kinds:
        MUTATIONS[kind][0](new, random)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in new.items():
            archive.writestr(name, content)
    data = stream.getvalue()
    if random.random() < 0.1:
        kinds.append("zip")
        data = _damaged(data, random)
    return "+".join(sorted(kinds)), data


def _damaged(data: bytes, random: Random) -> bytes:
    """Other bytes, fewer of them, or other numbers in the headers of the zip file."""
    damaged = bytearray(data)
    how = random.randrange(4)
    if how == 0:
        return data[: random.randrange(len(data))]
    if how == 1:
        for _ in range(random.randrange(1, 50)):
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    else:
        mark = random.choice((b"PK\3\4", b"PK\1\2", b"PK\5\6"))
        places = [found.start() for found in re.finditer(re.escape(mark), data)]
        for place in random.sample(places, min(len(places), 1 + 4 * (how - 2))):
            at = place + random.randrange(4, 22)
            damaged[at] = random.choice((0, 1, 8, 14, 98, 0x7F, 0xFF))
    return bytes(damaged)


def _sheet(parts: Parts, random: Random) -> str:
    return random.choice([name for name in parts if name.startswith("xl/worksheets/sheet")])


def _replaced(text: bytes, found: re.Match[bytes], group: int, new: bytes) -> bytes:
    return text[: found.start(group)] + new + text[found.end(group) :]


def _change(
    pattern: re.Pattern[bytes], group: int, new: Callable[[bytes, Random], bytes]
) -> Mutation:
    """Change one place that a pattern finds on one sheet."""

    def mutation(parts: Parts, random: Random) -> None:
        name = _sheet(parts, random)
        text = parts[name]
        start = random.randrange(len(text))
        found = pattern.search(text, start) or pattern.search(text)
        if found:
            parts[name] = _replaced(text, found, group, new(found[group], random))

    return mutation


def _other_formula(text: bytes, random: Random) -> bytes:
    odd = random.choice(ODD_FORMULAS)
    form = random.randrange(3)
    if form == 0:
        return odd
    if form == 1:
        return text + random.choice((b"+", b"*", b"&amp;", b",", b" ")) + odd
    numbers = [*_NUMBER.finditer(text)]
    if not numbers:
        return b"(" + text
    return _replaced(text, random.choice(numbers), 0, random.choice(ODD_NUMBERS))


def _name(parts: Parts, random: Random) -> None:
    """A name that is redirected, removed, doubled or called otherwise."""
    text = parts["xl/workbook.xml"]
    found = random.choice([*_NAME.finditer(text)] or [None])
    if found is None:
        return
    how = random.randrange(5)
    if how < 2:
        text = _replaced(text, found, 4, random.choice(ODD_AREAS))
    elif how == 2:
        text = _replaced(text, found, 0, b"")
    elif how == 3:
        text = text.replace(found[0], found[0] * 2, 1)
    else:
        text = _replaced(text, found, 2, random.choice((b"", b"a b", b"A1", found[2].upper())))
    parts["xl/workbook.xml"] = text


def _xml(parts: Parts, random: Random) -> None:
    """An attribute, a tag or a stretch of bytes of any part."""
    name = random.choice([*parts])
    text = parts[name]
    pattern = random.choice((_ATTRIBUTE, _TAG))
    found = pattern.search(text, random.randrange(len(text) + 1)) or pattern.search(text)
    if found is None or random.random() < 0.2:
        at, end = sorted(random.randrange(len(text) + 1) for _ in range(2))
        parts[name] = text[:at] + text[min(end, at + 200) :]
    elif pattern is _TAG:
        parts[name] = _replaced(text, found, 0, random.choice((b"<x", b"", b"<!--", found[0] * 2)))
    else:
        new = random.choice((*ODD_NUMBERS, *ODD_TEXTS))
        parts[name] = _replaced(text, found, 2, new)


def _part(parts: Parts, random: Random) -> None:
    """A part that is missing, empty, another part's, or much larger."""
    name, other = random.choice([*parts]), random.choice([*parts])
    how = random.randrange(4)
    if how == 0:
        del parts[name]
    elif how == 1:
        parts[name] = b""
    elif how == 2:
        parts[name] = parts[other]
    else:
        end = parts[name].rfind(b"</")
        parts[name] = parts[name][:end] + b" " * 40_000_000 + parts[name][end:]


def _cells(parts: Parts, random: Random) -> None:
    """Cells of one row that are doubled, removed, swapped or far away."""
    name = _sheet(parts, random)
    text = parts[name]
    found = _CELL.search(text, random.randrange(len(text)))
    if found is None:
        return
    far = re.sub(rb'r="[A-Z]+\d+"', b'r="XFD1048576"', found[0])
    parts[name] = _replaced(text, found, 0, random.choice((b"", found[0] * 2, far)))


MUTATIONS: dict[str, tuple[Mutation, int]] = {
    "formula": (_change(_FORMULA, 2, _other_formula), 6),
    "value": (_change(_VALUE, 1, lambda _, random: random.choice(ODD_NUMBERS + ODD_TEXTS)), 3),
    "type": (_change(re.compile(rb'<c [^>]*?( t="\w+"|(?=>))'), 1,
                     lambda _, random: random.choice((b' t="e"', b' t="s"', b' t="b"', b' t="d"',
                                                      b' t="str"', b' t="n"', b""))), 1),
    "name": (_name, 4),
    "cells": (_cells, 2),
    "xml": (_xml, 3),
    "part": (_part, 1),
}  # fmt: skip
