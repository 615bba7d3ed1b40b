# SPDX-License-Identifier: GPL-3.0-or-later
"""Every synthetic claim about the mode seeking of Langevin dynamics, run, drawn and judged by one command.

rows.py lists them: each has a claim, sweeps, pictures and a verdict; share_claims.py and growth_claims.py have the
verdicts, which are computed from the numbers in the results alone.
"""
