# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 ANALYSIS plot KIND -o FIG FILE ...`: what `modeseek plot`, `report` and `diagnose` start."""

import sys

from modeseek.main import main

sys.exit(main(sys.argv[1:]))
