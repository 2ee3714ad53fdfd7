"""The command `sheetgpt`, and what `python -m sheetgpt` does."""

import gc
import os
import sys

from sheetgpt.last_resort import last_resort

#: Objects between two searches for circles of garbage, by generation. A workbook is many small
#: objects in no circles, and searching as often as Python does takes a fifth of the time.
SELDOM = 500_000, 20, 20
#: How long the threads of OpenBLAS spin for more work before they sleep, as a power of two of the
#: processor's beats. By default a core is kept busy with it for a tenth of a second at every start.
WAITING = "OPENBLAS_THREAD_TIMEOUT", "4"


def main() -> None:
    """Import the command line and run it; an installation that is broken has a sentence, too."""
    gc.set_threshold(*SELDOM)
    os.environ.setdefault(*WAITING)  # before NumPy is imported
    try:
        from sheetgpt.cli import main as command  # noqa: PLC0415  # its imports may fail
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(last_resort(error))
    command()


if __name__ == "__main__":
    main()
