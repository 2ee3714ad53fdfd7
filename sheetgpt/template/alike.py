"""Operations that are like another one but for some of their formulas."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgpt.template.tables import TABLE, TEXTS, Problems, Table

#: The key that names the other operation.
LIKE = "like"


def alike(key: str, table: Table, tables: Mapping[str, Table | None], problems: Problems) -> Table:
    """The table of an operation with all that it does not say itself from the one it is like.

    Formulas take the places of those with the same left side, `axes` and `show` come in addition,
    `inputs`, too. A mistake goes into `problems`; the table then stays as it is.
    """
    if LIKE not in table:
        return table
    where, own = f"ops/{key}.toml", {k: value for k, value in table.items() if k != LIKE}
    base = tables.get(table[LIKE]) if isinstance(table[LIKE], str) else None
    if table[LIKE] not in tables:
        problems.add(where, f"like = '{table[LIKE]}': there is no ops/{table[LIKE]}.toml")
    elif base is not None and LIKE in base:
        problems.add(where, f"like = '{table[LIKE]}', which is like another one; name that")
    elif base is not None:
        return _joined(where, base, own, problems)
    return own


def _joined(where: str, base: Table, own: Table, problems: Problems) -> Table:
    out = {**base, **own}
    for name in ("formulas", "axes", "show"):
        if TABLE.fits(base.get(name)) and TABLE.fits(own.get(name)):
            out[name] = {**base[name], **own[name]}
    if TEXTS.fits(base.get("inputs")) and TEXTS.fits(own.get("inputs")):
        out["inputs"] = [*base["inputs"], *own["inputs"]]
    known = base.get("formulas") or {}
    for left in own.get("formulas") or {}:
        if left not in known:
            problem = f"there is no such formula to change (known: {', '.join(known)})"
            problems.add(f"{where}, formula {left}", problem)
    return out
