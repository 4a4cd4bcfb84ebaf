"""`python -m ganrm` is the command `ganrm`."""

import os
import sys

from ganrm._errors import GanrmError
from ganrm._installed import command_path

if __name__ == "__main__":
    try:
        command = command_path()
    except GanrmError as problem:
        sys.exit(f"ganrm: {problem}")
    os.execv(command, [command, *sys.argv[1:]])
