"""How a verb says what it is doing."""

from collections.abc import Callable

#: Called with a few words whenever a verb begins with something that may take long.
Progress = Callable[[str], None]


def quiet(_: str) -> None:
    """Progress for those who want none."""
