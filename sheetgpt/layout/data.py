"""Lay out what the model has learned and what Unicode says: tables and weights, all constants."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.checkpoint import Checkpoint, Vocabulary
from sheetgpt.checkpoint.precision import LOOKED_UP, SCALE
from sheetgpt.checkpoint.shown import shown
from sheetgpt.checkpoint.traits import Trait, traits_of
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.tensor import Axis, Tensor, stack
from sheetgpt.layout.unicode import CONTRACTIONS, UTF8_LENGTHS, class_ranges

FIRST_ROW = 3
FIRST_COL = 1
#: The axis of the vocabulary: its positions have words.
TOKEN = "token"
#: On a tab of weights the rows have words, too, in the column before the first number.
WORD_COL, FIRST_WEIGHT = 1, 2
#: Where the merges stand once more, sorted, and what is said above them.
SORTED_COL = 7
LEARNED = "In the order in which they were learned: pairs that are frequent in the text come first."
SORTED = "Sorted, for the formulas to search. key = number of left * vocab_size + number of right"

Registry = MutableMapping[str, Tensor]


def vocabulary_tab(vocabulary: Vocabulary, tensors: Registry) -> SheetBuilder:
    """Every token as text: `shown` with spaces and line breaks visible, `raw` as it is."""
    size = len(vocabulary)
    sheet = data_tab("vocabulary", "vocabulary: every token that the model knows")
    axis = Axis("token", size)
    columns = {
        "vocabulary.shown": ("shown", [vocabulary.shown(i) for i in range(size)]),
        "vocabulary.raw": ("raw", [_raw(vocabulary, i) for i in range(size)]),
    }
    _positions(sheet, axis, "id")
    for i, (name, (title, words)) in enumerate(columns.items()):
        tensors[name] = column(sheet, name, axis, FIRST_COL + i, title, "column")
        sheet.texts(FIRST_ROW, FIRST_COL + i, words, "text")
        sheet.look.widths[FIRST_COL + i] = 22
    col = FIRST_COL + len(columns)
    tensors["vocabulary.kind"] = column(sheet, "vocabulary.kind", axis, col, "kind", "column")
    for token_id, kind in vocabulary.kinds.items():
        sheet.text(FIRST_ROW + token_id, col, kind, None)
    sheet.look.widths[col] = 22
    return sheet


def merges_tab(vocabulary: Vocabulary, tensors: Registry) -> SheetBuilder:
    """The pairs of tokens that become one: as they were learned, then sorted by key for lookup.

    The key is left * vocab_size + right. A tab holds fewer than 2^20 tokens, so keys are below
    2^40: exact in a cell. Where there are no merges, one row that no pair has stands for them: a
    name needs a cell.
    """
    keys = vocabulary.left * len(vocabulary.tokens) + vocabulary.right
    order = np.argsort(keys, kind="stable")
    sheet = data_tab("merges", "merges: which two tokens become one")
    axis = Axis("learned", max(len(keys), 1), first=1)
    _positions(sheet, axis, axis.name)
    sheet.text(1, FIRST_COL, LEARNED, "note")
    for i, tokens in enumerate((vocabulary.left, vocabulary.right, vocabulary.merged)):
        sheet.text(FIRST_ROW - 1, FIRST_COL + i, ("left", "right", "together")[i], "column")
        sheet.texts(FIRST_ROW, FIRST_COL + i, list(map(vocabulary.shown, tokens.tolist())))
        sheet.paint(Area(sheet.name, FIRST_ROW, FIRST_COL + i, axis.size), "text")
        sheet.look.widths[FIRST_COL + i] = 16
    sheet.text(FIRST_ROW - 1, FIRST_COL + 3, "number", "column_right")
    if len(keys):
        ids = vocabulary.merged[:, None].astype(float)
        sheet.numbers(FIRST_ROW, FIRST_COL + 3, ids, "integer")
    sheet.text(1, SORTED_COL, SORTED, "note")
    beyond = len(vocabulary.tokens) ** 2
    values = {
        "merges.key": ("key", keys[order] if len(keys) else np.array([beyond])),
        "merges.token": ("number", vocabulary.merged[order] if len(keys) else np.array([0])),
    }
    if not vocabulary.in_order:
        values["merges.rank"] = ("rank", order)
    for i, (name, (title, numbers)) in enumerate(values.items()):
        tensors[name] = column(sheet, name, axis, SORTED_COL + i, title)
        sheet.numbers(FIRST_ROW, SORTED_COL + i, numbers[:, None].astype(float), "integer")
        sheet.look.widths[SORTED_COL + i] = 14
    return sheet


def unicode_tab(tensors: Registry) -> SheetBuilder:
    """Classes of characters, lengths in UTF-8, and the contractions that GPT-2 splits off."""
    sheet = data_tab("unicode", "unicode: classes of characters, UTF-8, contractions")
    first, classes = class_ranges()
    tables: list[tuple[str, Sequence[tuple[str, str, np.ndarray]]]] = [
        (
            "class of a character (1 letter, 2 digit, 3 space, 4 other), from this code on",
            [("unicode.first", "first code", first), ("unicode.class", "class", classes)],
        ),
        (
            "bytes of a character in UTF-8, from this code on",
            [
                ("utf.first", "first code", UTF8_LENGTHS[:, 0]),
                ("utf.count", "bytes", UTF8_LENGTHS[:, 1]),
                ("utf.lead", "first byte", UTF8_LENGTHS[:, 2]),
            ],
        ),
        (
            "endings after an apostrophe: first letter * code_base + second letter",
            [
                ("contraction.key", "key", np.array([key for _, key, _ in CONTRACTIONS])),
                ("contraction.length", "length", np.array([n for _, _, n in CONTRACTIONS])),
            ],
        ),
    ]
    col = FIRST_COL
    for title, columns in tables:
        sheet.text(1, col, title, "note")
        for name, head, values in columns:
            axis = Axis(name, len(values))
            tensors[name] = column(sheet, name, axis, col, head)
            sheet.numbers(FIRST_ROW, col, values[:, None].astype(float), "integer")
            col += 1
        col += 1
        sheet.look.widths[col - 1] = 60
    sheet.text(FIRST_ROW - 1, col - 1, "as text", "column")
    sheet.texts(FIRST_ROW, col - 1, [text for text, _, _ in CONTRACTIONS])
    return sheet


def bytes_tab(vocabulary: Vocabulary, tensors: Registry) -> SheetBuilder:
    """The token that each of the 256 bytes is to begin with."""
    sheet = data_tab("byte_table", "byte_table: the token of each byte")
    axis = Axis("byte value", 256)
    _positions(sheet, axis, "byte")
    tensors["byte_ids"] = column(sheet, "byte_ids", axis, FIRST_COL, "token")
    sheet.numbers(FIRST_ROW, FIRST_COL, vocabulary.byte_ids[:, None].astype(float), "integer")
    sheet.text(FIRST_ROW - 1, FIRST_COL + 1, "shown", "column")
    sheet.texts(FIRST_ROW, FIRST_COL + 1, [shown(bytes([value])) for value in range(256)])
    return sheet


def weight_tabs(checkpoint: Checkpoint, tensors: Registry) -> list[SheetBuilder]:
    """One tab per block and one for everything else that is learned, tensors stacked."""
    tabs: dict[str, SheetBuilder] = {}
    rows: dict[str, int] = {}
    vocabulary = checkpoint.vocabulary
    words = [vocabulary.shown(i) for i in range(len(vocabulary))]
    for name, values in checkpoint.tensors.items():
        parts = name.split(".")
        key = ".".join(parts[:2]) if parts[0] == "h" else parts[0]
        if key not in tabs:
            tabs[key] = data_tab(f"weights.{key}", f"weights.{key}: {_about(key)}")
            tabs[key].look.group = "weights"
            tabs[key].look.default_width = 11.5
            tabs[key].look.freeze = (FIRST_ROW, FIRST_WEIGHT)
            rows[key] = FIRST_ROW
        if not name.endswith(SCALE):
            scale = checkpoint.tensors.get(name + SCALE)
            rows[key] = _weight(tabs[key], name, values, scale, rows[key], words, tensors)
    if Trait.DIVIDED_SCORES in traits_of(checkpoint.config):
        for layer in range(checkpoint.config.n_layer):
            name, key = f"h.{layer}.attn.divisor", f"h.{layer}"
            divisor = np.array([checkpoint.config.score_divisor(layer)])
            rows[key] = _weight(tabs[key], name, divisor, None, rows[key], words, tensors)
    head = "lm_head.weight" if "lm_head.weight" in tensors else "wte.weight"
    for suffix in ("", SCALE):
        if head + suffix in tensors:
            tensors["unembedding" + suffix] = tensors[head + suffix]
    return list(tabs.values())


def _weight(
    sheet: SheetBuilder,
    name: str,
    values: np.ndarray,
    scale: np.ndarray | None,
    row: int,
    tokens: Sequence[str],
    tensors: Registry,
) -> int:
    """Write one tensor with title, positions and scale; returns the row for the next one.

    `tokens` are the words of rows that belong to tokens.
    """
    matrix = np.atleast_2d(values)
    rows, cols = matrix.shape
    axes = weight_axes(name, values.shape)
    sheet.text(row, 0, f"{name}   {' × '.join(map(str, values.shape))}", "step")
    sheet.text(row + 1, WORD_COL, f"{axes[-1].name} ▸", "axis")
    sheet.numbers(row + 1, FIRST_WEIGHT, np.arange(float(cols))[None, :], "position")
    sheet.numbers(row + 2, 0, np.arange(float(rows))[:, None], "position")
    sheet.numbers(row + 2, FIRST_WEIGHT, matrix, None)
    if values.ndim == 1:
        tensors[name] = _across(name, sheet, row + 2, axes[0], row + 1)
        return row + 4
    sheet.text(row + 1, 0, axes[0].name, "axis")
    if axes[0].labels is not None:
        sheet.texts(row + 2, WORD_COL, tokens)
        sheet.paint(Area(sheet.name, row + 2, WORD_COL, rows), "text")
    tensors[name] = stack(name, sheet.name, row + 2, FIRST_WEIGHT, axes, (0, row + 1))
    end = row + 3 + int(rows)
    if scale is None:
        return end
    if name in LOOKED_UP:  # one number for each row: a column after the matrix
        col = FIRST_WEIGHT + 1 + int(cols)
        sheet.text(row + 1, col, "scale", "column_right")
        sheet.numbers(row + 2, col, scale[:, None], None)
        tensors[name + SCALE] = stack(name + SCALE, sheet.name, row + 2, col, axes[:1], (0,))
        return end
    sheet.text(end - 1, 0, "scale", "column_right")
    sheet.numbers(end - 1, FIRST_WEIGHT, scale[None, :], None)
    tensors[name + SCALE] = _across(name + SCALE, sheet, end - 1, axes[1], row + 1)
    return end + 1


def _across(name: str, sheet: SheetBuilder, row: int, axis: Axis, header: int) -> Tensor:
    """A tensor of one axis that runs right."""
    return Tensor(name, sheet.name, row, FIRST_WEIGHT, (axis,), ((0, 1),), (header,))


def _about(key: str) -> str:
    """What a tab of weights holds."""
    known = {
        "wte": "the learned vector of every token",
        "wpe": "the learned vector of every position",
        "ln_f": "what the final layer norm has learned",
        "lm_head": "the learned vector that each token is compared with",
    }
    return known.get(key) or f"what block.{key.split('.')[1]} has learned"


def weight_axes(name: str, lengths: Sequence[int]) -> tuple[Axis, ...]:
    """The axes of a weight of this shape; an axis of tokens is labelled with their texts."""
    return tuple(
        Axis(axis, length, labels="vocabulary.shown" if axis == TOKEN else None)
        for axis, length in zip(_axis_names(name), lengths, strict=True)
    )


def _axis_names(name: str) -> tuple[str, ...]:
    """What the axes of a weight stand for; a vector has the last one alone."""
    layer = ".".join(name.split(".")[-3:-1])
    rows, cols = {
        "wte": (TOKEN, "n_embd"),
        "lm_head": (TOKEN, "n_embd"),
        "wpe": ("position", "n_embd"),
        "attn.c_attn": ("n_embd", "3 n_embd"),
        "mlp.c_fc": ("n_embd", "n_inner"),
        "mlp.c_proj": ("n_inner", "n_embd"),
    }.get(layer, ("n_embd", "n_embd"))
    matrix = name.endswith(".weight") and "ln_" not in name
    return (rows, cols) if matrix else (cols,)


def data_tab(name: str, title: str) -> SheetBuilder:
    """A tab of constants with its title and a link back."""
    sheet = SheetBuilder(name, "data", title)
    sheet.link(0, 0, "Start", "'Start'!A1")
    sheet.text(0, 1, title, "title")
    sheet.look.freeze = (FIRST_ROW, 1)
    return sheet


def _positions(sheet: SheetBuilder, axis: Axis, title: str) -> None:
    sheet.text(FIRST_ROW - 1, 0, title, "column")
    numbers = np.arange(float(axis.first), axis.first + axis.size)
    sheet.numbers(FIRST_ROW, 0, numbers[:, None], "position")


def column(
    sheet: SheetBuilder, name: str, axis: Axis, col: int, title: str, head: str = "column_right"
) -> Tensor:
    """A tensor of one axis that runs down, with its title; the caller writes the values."""
    sheet.text(FIRST_ROW - 1, col, title, head)
    return stack(name, sheet.name, FIRST_ROW, col, (axis,), (None,))


def _raw(vocabulary: Vocabulary, token_id: int) -> str:
    """The token as text; one that is no whole UTF-8 text, or none, has only its shown form."""
    try:
        return vocabulary.token_bytes(token_id).decode("utf-8") or vocabulary.shown(token_id)
    except UnicodeDecodeError:
        return vocabulary.shown(token_id)
