# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a command with a message, and how texts of others are shown."""


class Failure(Exception):
    """A message for the user: what is wrong, where, and what to do."""


class Misuse(Failure):
    """A wrong command line; the exit code is 2."""


class Refusal(Failure):
    """A figure that would mislead, or show nothing: why, and which one to take instead."""


def printable(text: object) -> str:
    """A text without control characters, marks of the direction of writing and broken characters."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in str(text))


def printable_name(path: str) -> str:
    """The name of a file for the terminal, in one line."""
    return printable(path).replace("\n", "?")
