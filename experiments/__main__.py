# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 EXPERIMENTS [ID ...] [--quick] [--list]`: what scripts/reproduce starts."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "analysis"))

from reproduce.command_line import parse  # noqa: E402

words = parse(sys.argv[1:])
if not words.check:
    from reproduce.main import main

    sys.exit(main(words))
