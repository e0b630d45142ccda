"""Ends a process when the one that started this program is gone; a program of its own.

Its standard input is a pipe whose other end only the parent holds: the end of input is the end
of the parent, however it came. (Linux could kill a child with its parent by itself, but ties that
to the life of one thread, and gives the child no time to close its files.)

Usage: `python -I -S watch.py PID SECONDS`: SIGTERM, and SIGKILL if it is still there after SECONDS.
"""

import contextlib
import os
import select
import signal
import sys


def main() -> None:
    """Wait, then end the process."""
    pid, patience = int(sys.argv[1]), float(sys.argv[2])
    if not hasattr(os, "pidfd_open"):
        os.read(0, 1)
        os.kill(pid, signal.SIGTERM)
        return
    # A pid may name another process one day; a descriptor of the process never does.
    process = os.pidfd_open(pid)
    os.read(0, 1)
    signal.pidfd_send_signal(process, signal.SIGTERM)
    signal.pidfd_send_signal(process, signal.SIGCONT)  # a paused one ends only when it goes on
    if not select.select([process], [], [], patience)[0]:
        signal.pidfd_send_signal(process, signal.SIGKILL)


if __name__ == "__main__":
    with contextlib.suppress(ProcessLookupError):  # ended already, which is all that was wanted
        main()
