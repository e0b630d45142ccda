"""What can go wrong for whoever runs the command, each with its exit code.

Every message is one line: what, where, what to do. A traceback is shown only with `--debug`.
"""

from __future__ import annotations

DONE = 0
FINDINGS = 1  # done, and something is wrong with what was looked at
WRONG_USE = 2  # wrong use or wrong settings
UNREACHABLE = 3  # a service cannot be reached
DEFECT = 70  # a fault of the program itself (EX_SOFTWARE)


class CommandError(Exception):
    """The base: its text is the one line that the user sees."""

    exit_code = WRONG_USE

    def __str__(self) -> str:
        return " ".join(super().__str__().split())


class SettingsError(CommandError):
    """A key is unknown or has a wrong value; the text names key, value and what is allowed."""


class WrongUseError(CommandError):
    """The command cannot be carried out as asked: a file that is not there, an id nobody knows."""


class NoTopicError(WrongUseError):
    """A topic is not there."""


class UnreachableError(CommandError):
    """A service (Kafka, an address to listen on) cannot be reached or has failed."""

    exit_code = UNREACHABLE
