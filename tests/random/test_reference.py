# SPDX-License-Identifier: GPL-3.0-or-later
"""test_reference.py NUMBERS: what numbers.c prints must be what reference.py makes, to the last bit."""
import random
import struct
import subprocess
import sys
from unittest import mock

import reference
from reference import block, chi_square, fma, normal, slot_normal

DEGREES = (*range(1, 11), 18, 98, 999998)
chosen = random.Random(2026)
requests = []


def ask(kind, place, a, b=0, step=1.0):
    requests.append((kind, place, a, b, step))


def any_place(purpose=None):
    iteration = chosen.getrandbits(chosen.choice((4, 32, 40, 56)))
    return (chosen.getrandbits(64), chosen.getrandbits(chosen.choice((3, 32))), iteration,
            chosen.choice((0, 1, 2, 3, 64, 255)) if purpose is None else purpose)


def bits(values):
    return ["%x" % struct.unpack("<Q", struct.pack("<d", value)) for value in values]


def expected(kind, place, a, b, step):
    if kind == "words":
        return ["%x" % word for word in block(place, a)]
    if kind == "normal":
        return bits(normal(place, index) for index in range(a))
    if kind == "chi-square":
        return bits([chi_square(place, a, 1.0, 2 * b)])
    if kind == "full":
        return bits(normal(place, index, step) for index in range(a))
    noise = [slot_normal(place, slot, step) for slot in range(a + (b > a))]
    if b > a:  # the squared distance from the span: of the radial direction, and of all others
        noise[a] = fma(noise[a], noise[a], chi_square(place, b - a - 1, step, a + 1) if b > a + 1 else 0.0)
    return bits(noise)


# Words to be refined, one in 65536: (key, block, word) of chain 5, iteration 6.
for key, draw, w in ((61487, 0, 0), (79802, 1, 0), (9274, 1, 2), (689, 2, 2), (14529, 0, 1), (12556, 0, 3), (8926, 1, 3)):
    assert block((key, 5, 6, 0), draw)[w] < 2**16
    for kind in "normal", "full":
        ask(kind, (key, 5, 6, 0), 4 * draw + 4, step=0.1)
    for iteration in 6, 7:
        ask("chi-square", (key, 5, iteration, 0), 8)
        ask("reduced", (key, 5, iteration, 0), 1, 9, 0.05)

# First attempts that logarithms reject, which is rare for many degrees of freedom.
for key, iteration, degrees in ((116, 6, 10), (42, 7, 10), (1095, 6, 18), (1904, 6, 98), (1399, 7, 98), (17650896, 6, 999998),
                                (92146583, 7, 999998)):
    with mock.patch("reference.gamma_accepts", side_effect=reference.gamma_accepts) as accepts:
        chi_square((key, 5, iteration, 0), degrees)
    assert accepts.call_count > 1
    ask("chi-square", (key, 5, iteration, 0), degrees)

for i in range(200):
    ask("words", any_place(), chosen.getrandbits(32))
    ask("normal", any_place(), chosen.randint(1, 12))
    ask("full", any_place(0), chosen.choice((1, 2, 3, 4, 5, 6, 7, 9)), step=chosen.uniform(0.01, 0.2))
for degrees in DEGREES:
    for i in range(60):
        key, chain, iteration, purpose = any_place()
        ask("chi-square", (key, chain, iteration & ~1 | i % 2, purpose), degrees, i % 3 * 16)
        span = i % 3
        ask("reduced", (key, chain, iteration & ~1 | i % 2, 0), span, span + 1 + degrees, chosen.uniform(0.01, 0.2))

lines = "".join(f"{kind} {' '.join(map(str, place))} {a} {b} {step!r}\n" for kind, place, a, b, step in requests)
printed = subprocess.run(sys.argv[1], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
wrong = [f"{request}: {line}, not {' '.join(expected(*request))}"
         for request, line in zip(requests, printed) if line != " ".join(expected(*request))]
print("\n".join(wrong[:20]))
print(f"{len(requests)} requests, {len(printed)} answers, {len(wrong)} wrong")
sys.exit(bool(wrong) or len(printed) != len(requests))
