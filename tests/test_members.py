"""Members of a zip file: what is written is read back, and zipfile is left as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetgpt.xlsx.members import COMPRESSIONS, MAX_PART, PartWriter, copy_part, new_archive

TEXT = b"<c><v>0.125</v></c>" * 5_000


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_members_are_read_back(tmp_path: Path, compression: str) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    with new_archive(one) as archive, PartWriter(archive) as parts:
        parts.add("long", [TEXT, TEXT], compression)
        parts.add("empty", [], compression)
    with ZipFile(one) as source, new_archive(two) as target:
        for member in source.infolist():
            copy_part(source, member, target)
    for path in (one, two):
        with ZipFile(path) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["long", "empty"]
            assert (archive.read("long"), archive.read("empty")) == (2 * TEXT, b"")
            assert archive.getinfo("long").compress_size < len(TEXT) / 10


@pytest.mark.parametrize("fails", [False, True])
def test_the_limit_of_other_zip_files_stays(tmp_path: Path, fails: bool) -> None:
    before = zipfile.ZIP64_LIMIT
    assert before != MAX_PART
    try:
        with new_archive(tmp_path / "a.zip"):
            assert zipfile.ZIP64_LIMIT == MAX_PART
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert fails
    assert before == zipfile.ZIP64_LIMIT
