"""The command line: parse, call one verb, print.

Results go to stdout, progress and messages to stderr. Exit codes: 0 fine, 1 the workbook
disagrees with GPT-2, 2 bad input or usage, 3 a fault of sheetgpt itself.

Modules, each importing only those above it: `running` (how a verb is called and what is printed),
`options`, one module for the commands of each kind, `group` (all of them together).
"""

from sheetgpt.cli.group import all_commands, cli, main

__all__ = ["all_commands", "cli", "main"]
