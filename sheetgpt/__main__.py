"""The command `sheetgpt`, and what `python -m sheetgpt` does."""

import sys

from sheetgpt.last_resort import last_resort


def main() -> None:
    """Import the command line and run it; an installation that is broken has a sentence, too."""
    try:
        from sheetgpt.cli import main as command  # noqa: PLC0415  # its imports may fail
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(last_resort(error))
    command()


if __name__ == "__main__":
    main()
