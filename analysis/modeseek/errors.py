# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a command with a message."""


class Failure(Exception):
    """A message for the user: what is wrong, where, and what to do."""


class Misuse(Failure):
    """A wrong command line; the exit code is 2."""


class Refusal(Failure):
    """A figure that would mislead, or show nothing: why, and which one to take instead."""
