# SPDX-License-Identifier: GPL-3.0-or-later
"""Denoisers that are learned from a data set, beside the exact one: training them (with PyTorch, which nothing else
needs), and checks of what they have learned (with NumPy)."""
