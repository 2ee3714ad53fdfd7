"""docs/commands.md from the command line itself: every command with its options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from sheetgpt.cli import all_commands, cli

HEAD = """\
# The command line

<!-- Written by docs/generate.py from the help of the commands. Do not edit. -->

`sheetgpt COMMAND --help` says the same in a terminal. Results go to the standard output, progress
and messages to the standard error.

"""
#: What to write for a value of each of click's types.
WORDS: dict[type[click.ParamType[object]], str] = {
    click.IntRange: "N",
    click.types.IntParamType: "N",
    click.FloatRange: "NUMBER",
    click.types.FloatParamType: "NUMBER",
    click.Path: "PATH",
}
EXITS = """\
## Exit codes

| code | meaning |
|---|---|
| 0 | fine; for `verify`: every step agrees |
| 1 | `verify` found a step that differs from GPT-2 |
| 2 | bad input: a file, model, option or program that is missing or cannot be used |
| 3 | a fault of sheetgpt itself, with how to report it; `--debug` adds where it is |
| 130, 141, 143 | stopped by Ctrl-C, by a program that reads no further, by SIGTERM |
"""
ENVIRONMENT = """\
## Environment variables

| variable | meaning |
|---|---|
| `SHEETGPT_CACHE` | folder for the prepared weights of large models; by default `sheetgpt` in `XDG_CACHE_HOME`, else in `~/.cache` |
| `SHEETGPT_CACHE_GB` | how large that folder may grow, by default 4; 0 for none |
| `SHEETGPT_BROWSER` | the program of the engine `browser`, such as `firefox-esr` or `node`; by default the first that is installed |
| `HF_HOME`, `HF_HUB_OFFLINE`, `HF_TOKEN` | where models of the Hugging Face hub are kept, whether it may be asked, who asks; the package huggingface_hub reads them |
"""  # noqa: E501


def commands_page() -> str:
    """The whole page."""
    lines = [HEAD.rstrip("\n"), "", "| command | what it does |", "|---|---|"]
    for name, command in all_commands().items():
        lines.append(f"| [`{name}`](#sheetgpt-{name}) | {_cell(_sentences(command)[0])} |")
    lines.append("")
    for name, command in all_commands().items():
        lines += _command(name, command)
    return "\n".join([*lines, EXITS, ENVIRONMENT])


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, parent=click.Context(cli, info_name="sheetgpt")
    )
    usage = " ".join(["sheetgpt", name, *command.collect_usage_pieces(context)])
    yield from (f"## sheetgpt {name}", "", "```", usage, "```", "")
    for sentence in _sentences(command):
        yield from (sentence, "")
    examples = [line.strip() for line in getattr(command, "examples", "").strip().splitlines()]
    if examples:
        yield from ("```sh", *examples, "```", "")
    yield from ("| argument or option | meaning | default |", "|---|---|---|")
    for parameter in command.params:
        yield f"| {_spelled(parameter, context)} | {_meaning(parameter)} | {_default(parameter)} |"
    yield ""


def _sentences(command: click.Command) -> list[str]:
    """The paragraphs of a command's help, each on one line."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def _spelled(parameter: click.Parameter, context: click.Context) -> str:
    """`-o`, `--output FILE`; an argument by its name in the usage line."""
    if isinstance(parameter, click.Argument):
        return f"`{parameter.make_metavar(context)}`"
    options = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
    takes = not (isinstance(parameter, click.Option) and parameter.is_flag)
    return f"{options} {_takes(parameter)}".strip() if takes else options


def _takes(parameter: click.Parameter) -> str:
    """What follows an option, as a word or as the words to choose from."""
    kind = parameter.type
    if parameter.metavar:
        return parameter.metavar
    if isinstance(kind, click.Choice):
        return _cell(" | ".join(kind.choices))
    return next((word for known, word in WORDS.items() if isinstance(kind, known)), "TEXT")


def _meaning(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return "required" if parameter.required else ""
    return _cell(getattr(parameter, "help", None) or "")


def _default(parameter: click.Parameter) -> str:
    """The default, when the command line itself has one."""
    default = parameter.default
    missing = default is None or callable(default) or "UNSET" in repr(default)
    if missing or parameter.multiple or default is False:
        return ""
    return f"`{default}`"


def _cell(text: str) -> str:
    """Text that cannot end a cell of a table."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
