"""The command that says what is here, for a report of a fault."""

from __future__ import annotations

from sheetgpt.cli import options
from sheetgpt.cli.running import print_json, run, tell
from sheetgpt.commands.doctor import Health
from sheetgpt.commands.doctor import doctor as look


@options.command("sheetgpt doctor\nsheetgpt doctor --json")
@options.as_json
def doctor(as_json: bool) -> None:
    """Which engines, versions, caches and limits there are: what a report of a fault needs."""
    health: Health = run(look)
    if as_json:
        print_json(health.document)
        return
    memory = "unknown" if health.memory is None else f"{health.memory / 1e9:.1f} GB"
    tell(f"sheetgpt {health.version}, Python {health.python}, {health.system}")
    tell(f"{health.processors} processors, {memory} of memory")
    for head, facts in (
        ("engines", health.engines),
        ("packages", health.packages),
        ("cache", health.cache),
        ("limits of files from strangers", health.limits),
    ):
        tell(f"{head}:")
        for name, fact in facts.items():
            tell(f"  {name:16}{fact:,}" if isinstance(fact, (int, float)) else f"  {name:16}{fact}")
