"""Random formulas: what a copy of them refers to, held against openpyxl's translator."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from sheetgpt.book.area import Area, cell_name, column_name
from sheetgpt.book.references import move, split, to_area, words

#: The furthest that a copy lies from its formula, and the cells that formulas refer to: far enough
#: from the edges of a sheet that every copy has somewhere to point to.
FAR, ROWS, COLUMNS = 40, (50, 2_000), (50, 700)
NAMES = {"EPS": to_area(Area("constants", 3, 1)), "H.0.LN_1": to_area(Area("block.0", 8, 3, 4, 8))}

marks = st.sampled_from(["", "$"])
cells = st.builds(
    lambda left, col, right, row: f"{left}{column_name(col)}{right}{row}",
    marks,
    st.integers(*COLUMNS),
    marks,
    st.integers(*ROWS),
)
sheets = st.sampled_from(["", "", "data!", "'block.0'!", "'it''s'!"])
areas = st.builds(lambda sheet, *ends: sheet + ":".join(ends), sheets, cells, cells)
#: Words that a copy leaves as they are, some of which look like cells.
fixed = st.sampled_from(["eps", "h.0.ln_1", "TRUE", '"A1"', '"say ""B2"""', "1E+5", ".5", "#N/A"])
operands = st.one_of(st.builds(str.__add__, sheets, cells), areas, fixed)
formulas = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.builds(lambda a, mark, b: f"{a}{mark}{b}", inner, st.sampled_from("+-*/^&=<"), inner),
        st.builds(
            lambda name, *args: f"{name}({','.join(args)})",
            st.sampled_from(["SUM", "LOG10", "_xlfn.UNICHAR", "IF"]),
            inner,
            inner,
        ),
    ),
    max_leaves=8,
)
steps = st.integers(-FAR, FAR)


@given(formulas, steps, steps)
def test_a_copy_refers_to_what_openpyxl_says(text: str, rows: int, cols: int) -> None:
    start = FAR, FAR
    there = cell_name(start[0] + rows, start[1] + cols)
    translated = Translator(f"={text}", cell_name(*start)).translate_formula(there)
    assert move(text, rows, cols) == translated[1:]


@given(formulas, steps, steps)
def test_back_again(text: str, rows: int, cols: int) -> None:
    assert move(text, 0, 0) == text
    assert move(move(text, rows, cols), -rows, -cols) == text


@given(formulas, steps, steps)
def test_copies_share_their_template(text: str, rows: int, cols: int) -> None:
    first = split(text, FAR, FAR, NAMES)
    assert split(move(text, rows, cols), FAR + rows, FAR + cols, NAMES) == first


@given(formulas, steps)
def test_a_formula_that_is_no_copy_has_another_template(text: str, rows: int) -> None:
    """The same text in another row refers elsewhere, if a reference in it moves at all."""
    moves = move(text, 1, 0) != text
    same = split(text, FAR + rows, FAR, NAMES) == split(text, FAR, FAR, NAMES)
    assert same == (rows == 0 or not moves)


@given(formulas)
def test_words_are_the_whole_of_a_formula(text: str) -> None:
    """What lies between two words is an operator, a bracket or a comma."""
    rest = text
    for word in words(text):
        before, found, rest = rest.partition(word.text)
        assert found
        assert not before.strip("+-*/^&=<(),")
    assert not rest.strip("()")
