"""A workbook of another prompt: the same as one built for it, with the weights copied."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest

from sheetgpt import build, verify
from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint, cache
from sheetgpt.checkpoint.precision import Precision
from sheetgpt.commands.reprompt import reprompt
from sheetgpt.errors import CapacityError, CheckpointError, InputError, TemplateError, WorkbookError
from sheetgpt.template.load import default_folder, load_templates
from sheetgpt.verification.contents import text
from sheetgpt.xlsx import write
from sheetgpt.xlsx.bulk import has_unnamed_cells
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.splice import splice

PROMPT = "Ice is"
ROOM: dict[str, Any] = {"tokens": 4, "chars": 8, "rounds": 4}
#: The workbooks of most tests are without the optional parts, which make them twice as large.
BARE: dict[str, Any] = {**ROOM, "without": [*load_templates().wiring.parts]}
STRINGS = "xl/sharedStrings.xml"
PROMPTS = {
    "empty": "",
    "too long": "Mike is q",
    "formula": "=1+1",
    "markup": "<\"'&",
    "emoji": "🙂",
    "code": "x\n\ty",
    "control": "\x01a ",
}
NO_ANSWER = ("", "Mike is q")
Prepare = Callable[[Path, Path, pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reprompt") / "book.xlsx"
    build(PROMPT, small_model, path, **BARE)
    return path


@pytest.fixture(scope="module")
def whole(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with all parts."""
    path = tmp_path_factory.mktemp("whole") / "book.xlsx"
    build(PROMPT, small_model, path, **ROOM)
    return path


@pytest.fixture(scope="module")
def kept(whole: Path) -> set[str]:
    """The parts of it in which there is nothing of the prompt."""
    constants = "weights.", "vocabulary", "merges", "unicode", "byte_table"
    return parts(read(whole), *constants)


@pytest.fixture(scope="module")
def old(file: Path) -> Book:
    """The same workbook, read."""
    return read(file)


@pytest.fixture
def copied(file: Path, tmp_path: Path) -> Path:
    """The workbook, to be changed."""
    return Path(shutil.copy(file, tmp_path / "book.xlsx"))


@pytest.fixture
def fresh(small_model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Builds the workbook of a prompt from the beginning."""

    def make(prompt: str, **options: Any) -> Path:
        path = tmp_path / "fresh" / "book.xlsx"
        build(prompt, small_model, path, **{**BARE, **options}, force=True)
        return path

    return make


def assert_same(path: Path, other: Path) -> None:
    """Two workbooks hold the same, sheet by sheet; numbers may differ in the last digit."""
    with ZipFile(path) as mine, ZipFile(other) as its:
        assert mine.testzip() is None
        assert mine.namelist() == its.namelist()
        if all(mine.read(name) == its.read(name) for name in its.namelist()):
            return  # every digit is the same, which is mostly so
    found, wanted = read(path), read(other)
    assert [*found.sheets] == [*wanted.sheets]
    assert found.names == wanted.names
    for name, sheet in wanted.sheets.items():
        assert found.sheets[name].formulas == sheet.formulas
        assert found.sheets[name].others == sheet.others
        mine_, its_ = (np.asarray(book.sheets[name].numbers[:, :]) for book in (found, wanted))
        np.testing.assert_allclose(mine_, its_, rtol=1e-12, atol=1e-12, err_msg=name)


def packed(path: Path) -> dict[str, bytes]:
    """The compressed bytes of every part."""
    whole, out = path.read_bytes(), {}
    with ZipFile(path) as file:
        for member in file.infolist():
            at = member.header_offset + 26
            name, extra = (int.from_bytes(whole[i : i + 2], "little") for i in (at, at + 2))
            start = at + 4 + name + extra
            out[member.filename] = whole[start : start + member.compress_size]
    return out


def parts(book: Book, *beginnings: str) -> set[str]:
    """The parts that hold the tabs whose names begin so."""
    numbered = enumerate(book.sheets, 1)
    return {f"xl/worksheets/sheet{i}.xml" for i, name in numbered if name.startswith(beginnings)}


@pytest.mark.slow
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_the_same_as_a_fresh_build(
    whole: Path, kept: set[str], tmp_path: Path, fresh: Callable[..., Path], prompt: str
) -> None:
    copied = Path(shutil.copy(whole, tmp_path))
    before = packed(copied)
    built = reprompt(copied, prompt)
    wanted = fresh(prompt, without=())
    assert_same(copied, wanted)
    assert copied.stat().st_size == pytest.approx(wanted.stat().st_size, rel=1e-3)
    assert text(read(copied, only=("Start",)), "prompt") == prompt
    assert (built.next_token is None) == (prompt in NO_ANSWER)
    with ZipFile(copied) as mine, ZipFile(wanted) as its:
        assert mine.read(STRINGS) == its.read(STRINGS)  # so nothing of the old prompt is left
    assert len(kept) > 6
    after = packed(copied)
    assert {name for name in kept if before[name] != after[name]} == set()


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_file_that_another_program_saved(
    copied: Path, fresh: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written anew, and never in its place: that is said before anything is computed."""
    saved_by_openpyxl(copied)
    before, out = copied.read_bytes(), copied.with_name("out.xlsx")
    reprompt(copied, "She is", out)
    assert_same(out, fresh("She is"))
    monkeypatch.setattr("sheetgpt.commands.reprompt.plan", None)
    with pytest.raises(WorkbookError, match="give another file with -o"):
        reprompt(copied, "She is")
    assert copied.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("room", [{"tokens": 6}, {"tokens": 3, "chars": 12, "rounds": 5}])
def test_other_room(
    copied: Path, old: Book, fresh: Callable[..., Path], room: dict[str, Any]
) -> None:
    before = packed(copied)
    reprompt(copied, "She is", **room)
    assert_same(copied, fresh("She is", **room))
    after = packed(copied)
    kept = parts(old, "weights.")
    assert len(kept) > 2
    assert {name for name in kept if before[name] != after[name]} == set()


def test_what_is_not_asked_for_stays(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    build(PROMPT, small_model, path, **BARE, cell_refs=False)
    reprompt(path, "She is", tokens=5)
    assert has_unnamed_cells(path)
    book = read(path, only=("constants",))
    assert [text(book, f"max_{name}") for name in ROOM] == ["5", "8", "4"]


@pytest.mark.parametrize(("large", "compression"), [(0, "fast"), (10**9, "small")])
def test_large_workbooks_are_compressed_fast(
    copied: Path, monkeypatch: pytest.MonkeyPatch, large: int, compression: str
) -> None:
    """As `build` would: what is copied stays as it was, the rest is made anew."""
    seen = []

    def spliced(*arguments: Any, **options: Any) -> None:
        seen.append(arguments[3])
        splice(*arguments, **options)

    monkeypatch.setattr(write, "splice", spliced)
    monkeypatch.setattr("sheetgpt.commands.options.LARGE_MODEL", large)
    reprompt(copied, "She is")
    assert seen == [compression]


def test_in_place_or_into_another_file(file: Path, tmp_path: Path) -> None:
    before, output = file.read_bytes(), tmp_path / "new folder" / "other.xlsx"
    built = reprompt(file, "She is", output)
    assert (built.path, built.size) == (output, output.stat().st_size)
    assert file.read_bytes() == before
    assert [path.name for path in output.parent.iterdir()] == ["other.xlsx"]
    with pytest.raises(WorkbookError, match=r"other\.xlsx exists already; give --force"):
        reprompt(file, "He is", output)
    reprompt(file, "He is", output, force=True)
    assert text(read(output), "prompt") == "He is"


@pytest.mark.slow
def test_many_times(copied: Path) -> None:
    reprompt(copied, "She is")
    first = copied.read_bytes()
    for prompt in ("", "x\n\ty", "a <b>", "She is"):
        reprompt(copied, prompt)
    assert copied.read_bytes() == first
    assert verify(copied).ok


@pytest.fixture(scope="module")
def model(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that may be moved away."""
    folder = tmp_path_factory.mktemp("moved") / "model"
    return Path(shutil.copytree(small_model, folder))


@pytest.fixture(scope="module")
def books(model: Path) -> Callable[[Precision], list[Path]]:
    """Workbooks of two prompts for each precision, built once."""

    @functools.cache
    def make(precision: Precision) -> list[Path]:
        paths = [model.with_name(f"{precision}-{i}.xlsx") for i in (1, 2)]
        for path, prompt in zip(paths, (PROMPT, "She is"), strict=True):
            build(prompt, model, path, precision=precision, **BARE)
        return paths

    return make


def from_cache(model: Path, path: Path, patch: pytest.MonkeyPatch) -> None:
    """An earlier run has put the weights there; model and file are not asked."""
    reprompt(path, PROMPT, path.with_name("earlier.xlsx"))
    model.rename(model.with_name("gone"))
    patch.delattr("sheetgpt.commands.reprompt.stored_model_in")


def from_model(_model: Path, _path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv(cache.LIMIT_VARIABLE, "0")
    patch.delattr("sheetgpt.commands.reprompt.stored_model_in")


def from_file(model: Path, _path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv(cache.LIMIT_VARIABLE, "0")
    model.rename(model.with_name("gone"))


def from_file_beside_another_model(model: Path, path: Path, patch: pytest.MonkeyPatch) -> None:
    """The folder holds something else by now."""
    from_file(model, path, patch)
    shutil.copytree(model.with_name("gone"), model)
    config = model / "config.json"
    config.write_text(config.read_text().replace("1e-05", "1e-06"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prepare", "precision"),
    [
        (from_cache, "float32"),
        (from_model, "float32"),
        (from_file, "float32"),
        (from_file_beside_another_model, "float32"),
        (from_cache, "int8"),
        (from_model, "int8"),
        (from_file, "int8"),
    ],
)
def test_where_the_weights_come_from(
    model: Path,
    books: Callable[[str], list[Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Prepare,
    precision: Precision,
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr("sheetgpt.commands.reprompt.LARGE_MODEL", 0)
    source, wanted = books(precision)
    path = Path(shutil.copy(source, tmp_path / "book.xlsx"))
    gone = model.with_name("gone")
    try:
        prepare(model, path, monkeypatch)
        reprompt(path, "She is")
    finally:
        if gone.exists():
            shutil.rmtree(model, ignore_errors=True)
            gone.rename(model)
    assert_same(path, wanted)


def test_nothing_is_downloaded(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_source: str, *, local: bool) -> Checkpoint:
        assert local
        raise CheckpointError("It is on the hub.")

    monkeypatch.setattr("sheetgpt.commands.reprompt.load", load)
    assert reprompt(copied, "She is").next_token is not None


def change(path: Path, part: str, pattern: str, new: str) -> None:
    """Replace a pattern in one part of a file."""
    with ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    content[part], count = re.subn(pattern.encode(), new.encode(), content[part], count=1)
    assert count == 1
    with ZipFile(path, "w") as file:
        for name, data in content.items():
            file.writestr(name, data)


@pytest.mark.parametrize("changed", [False, True])
def test_only_genuine_weights_go_into_the_cache(
    copied: Path, old: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    """An entry is named after the model; a file may say so and hold other weights."""
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr("sheetgpt.commands.reprompt.LARGE_MODEL", 0)
    monkeypatch.setattr("sheetgpt.commands.reprompt._same_model", lambda _: None)
    (part,) = parts(old, "weights.ln_f")
    if changed:
        change(
            copied, part, r"<v>[^<]*</v></c></row></sheetData>", "<v>9</v></c></row></sheetData>"
        )
    reprompt(copied, "She is")
    assert (cache.entry(text(old, "model_sha256"), "float32") is None) == changed


def test_small_models_need_no_cache(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    reprompt(copied, "She is")
    assert not (tmp_path / "cache").exists()


def saved_by_openpyxl(path: Path) -> None:
    openpyxl.load_workbook(path).save(path)


def other_styles(path: Path) -> None:
    change(path, "xl/styles.xml", 'name val="Calibri"', 'name val="Cambria"')


def other_version(path: Path) -> None:
    change(path, "docProps/core.xml", r"sheetgpt \d[\d.]*", "sheetgpt 0.0.1")


def another_sheet(path: Path) -> None:
    change(path, "xl/workbook.xml", 'name="max_tokens"', 'name="most_tokens"')


def without_origin(path: Path) -> None:
    change(path, "xl/workbook.xml", '<definedName name="model_sha256">[^<]*</definedName>', "")


def no_zip(path: Path) -> None:
    path.write_bytes(b"PK")


def foreign(path: Path) -> None:
    openpyxl.Workbook().save(path)


def missing(path: Path) -> None:
    path.unlink()


REFUSED = [
    (saved_by_openpyxl, "was not written by this version of sheetgpt, or was saved by another"),
    (other_styles, "was not written by this version of sheetgpt, or was saved by another"),
    (other_version, "was not written by this version of sheetgpt, or was saved by another"),
    (another_sheet, "no cell named max_tokens, which this version of sheetgpt writes"),
    (without_origin, "no cell named model_sha256, which this version of sheetgpt writes"),
    (no_zip, "not an .xlsx workbook or is damaged"),
    (foreign, "is not a workbook of sheetgpt: it has no defined name prompt"),
    (missing, "There is no file .*book.xlsx; build one with: sheetgpt build"),
]


@pytest.mark.parametrize(("spoil", "words"), REFUSED, ids=[row[0].__name__ for row in REFUSED])
def test_files_that_are_refused(copied: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(copied)
    before = {path: path.read_bytes() for path in copied.parent.iterdir()}
    with pytest.raises(WorkbookError, match=words):
        reprompt(copied, "She is")
    assert {path: path.read_bytes() for path in copied.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"tokens": 17}, CapacityError, "2 to 16 tokens, not 17"),
        ({"tokens": 0}, CapacityError, "2 to 16 tokens, not 0"),
        ({"chars": 40_000}, CapacityError, "--chars cannot be 40000"),
        ({"prompt": "a\ud83d"}, InputError, "half a surrogate pair"),
        ({"prompt": "a" * 40_000}, CapacityError, "40000 characters"),
        ({"output": Path("book.xls")}, InputError, "does not end in .xlsx"),
        ({"templates": Path("nowhere")}, TemplateError, "no model.toml in nowhere"),
    ],
)
def test_what_cannot_be(
    copied: Path, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    before = copied.read_bytes()
    with pytest.raises(error, match=words):
        reprompt(copied, **{"prompt": "She is", **options})
    assert [(path.name, path.read_bytes()) for path in copied.parent.iterdir()] == [
        (copied.name, before)
    ]


def test_templates_of_ones_own(copied: Path, tmp_path: Path, small_model: Path) -> None:
    """A workbook goes with the templates that it was built from."""
    templates = tmp_path / "templates"
    shutil.copytree(default_folder(), templates)
    gelu = templates / "ops" / "block" / "gelu.toml"
    gelu.write_text(gelu.read_text().replace("/ 2", "/ 3"))
    with pytest.raises(WorkbookError, match=r"was built from other templates than .*--temp"):
        reprompt(copied, "She is", templates=templates)
    build(PROMPT, small_model, copied, templates=templates, force=True, **BARE)
    reprompt(copied, "She is", templates=templates)
    bad = verify(copied).first_bad
    assert bad is not None
    assert bad.name == "h.0.mlp.post"


@pytest.mark.parametrize("stop", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file(
    copied: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    def stopped(_source: Path, target: Path, *_: Any, **__: Any) -> None:
        target.write_bytes(b"half of it")
        raise stop

    before = copied.read_bytes()
    monkeypatch.setattr(write, "splice", stopped)
    with pytest.raises((WorkbookError, KeyboardInterrupt)):
        reprompt(copied, "She is")
    assert [(path.name, path.read_bytes()) for path in copied.parent.iterdir()] == [
        (copied.name, before)
    ]
