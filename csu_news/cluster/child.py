"""Become another program that dies with the process that started it: `python child.py PARENT PROGRAM [ARGUMENT]...`.

Run as a file, so that nothing else is imported. A worker that is killed takes its crawl along; what it had not stored
is still due, and no host sees two crawlers.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # Linux; kept through exec


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # workers on this machine leave Ctrl-C to their command
    if os.getppid() != parent:  # it died before that
        sys.exit(1)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
