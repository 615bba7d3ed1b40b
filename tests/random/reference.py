# SPDX-License-Identifier: GPL-3.0-or-later
"""The random numbers of modeseek as docs/random-numbers.md describes them, bit for bit, and slowly. A place is (key,
chain, iteration, purpose)."""
import decimal
import math

LN2, REFINING, GAMMA = 0.693147180559945309417, 1 << 31, 1 << 30
RECIPROCAL = [1 / (0.75 + i / 32) if i < 8 else 1 / (1 + (i - 8) / 16) for i in range(16)]
MINUS_LOG = [-float(decimal.Decimal(c).ln()) for c in RECIPROCAL]
LOG = [float.fromhex(c) for c in """-0x1.ffffffffffff3p-2 0x1.55555555554f8p-2 -0x1.0000000066937p-2 0x1.9999999b9aa6ap-3
    -0x1.5555454f1136bp-3 0x1.2492305ec5196p-3 -0x1.0066847cb9774p-3 0x1.c8057e3e58c9cp-4""".split()]
SIN = [float.fromhex(c) for c in """0x1.921fb54442d18p+0 -0x1.4abbce625be41p-1 0x1.466bc67758700p-4
    -0x1.32d2cce2d538ep-8 0x1.50782fca3b22ap-13 -0x1.e30063a1fae0ep-19 0x1.e3eed64f39fa7p-25""".split()]
COS = [float.fromhex(c) for c in """1 -0x1.3bd3cc9be45c0p+0 0x1.03c1f081b293ep-2 -0x1.55d3c7de09dc7p-6
    0x1.e1f4fd38a81c6p-11 -0x1.a6ca88f727f92p-16 0x1.f41b7f3a04f94p-22""".split()]


def block(place, draw):
    key, chain, iteration, purpose = place
    low, high = key % 2**32, key >> 32
    c = draw, iteration % 2**32, iteration >> 32 & 0xFFFFFF | purpose << 24, chain
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = q >> 32 ^ c[1] ^ low, q % 2**32, p >> 32 ^ c[3] ^ high, p % 2**32
        low, high = (low + 0x9E3779B9) % 2**32, (high + 0xBB67AE85) % 2**32
    return c


def uniform64(high, low):
    return (high << 33 | low << 1 | 1) / 2**65  # Python rounds a quotient of integers once


def uniform(place, draw, w):
    word = block(place, draw)[w]
    return (word + 0.5) / 2**32 if word >= 2**16 else uniform64(word, block(place, draw + REFINING)[w])


def fma(a, b, c):
    (a, p), (b, q), (c, r) = a.as_integer_ratio(), b.as_integer_ratio(), c.as_integer_ratio()
    return (a * b * r + c * p * q) / (p * q * r)


def polynomial(c, x):
    halves = []
    for part in c[0::2], c[1::2]:
        value = part[-1]
        for next in part[-2::-1]:
            value = fma(value, x * x, next)
        halves.append(value)
    return fma(halves[1], x, halves[0])


def log(x):
    m, k = math.frexp(x)
    m, k = (m, k) if m >= 47 / 64 else (2 * m, k - 1)
    i = int((m - 47 / 64) * 32) if m < 1 else int((m - 31 / 32) * 16) + 8
    r = fma(m, RECIPROCAL[i], -1.0)
    return fma(float(k), LN2, MINUS_LOG[i]) + fma(r * r, polynomial(LOG, r), r)


def normals(place, draw, w, variance=1.0):
    radius = math.sqrt(-2 * variance * log(uniform(place, draw, w)))
    angle = block(place, draw)[w + 1]
    f = ((angle >> 2) + 0.5) / 2**30 - 0.5
    sin, cos = f * polynomial(SIN, f * f), polynomial(COS, f * f) * (-1 if angle & 1 else 1)
    return (radius * sin, radius * cos) if angle & 2 else (radius * cos, radius * sin)


def normal(place, index, variance=1.0):
    return normals(place, index // 4, index % 4 // 2 * 2, variance)[index % 2]


def slot_normal(place, slot, variance=1.0):
    key, chain, iteration, purpose = place
    return normals((key, chain, iteration & ~1, purpose), slot // 2, slot % 2 * 2, variance)[iteration % 2]


def chi_square(place, degrees, factor=1.0, slot=0):
    key, chain, iteration, purpose = place
    even = key, chain, iteration & ~1, purpose
    if degrees == 1:
        x = slot_normal(place, slot)
        return factor * (x * x)
    if degrees in (2, 4, 6, 8):
        product = 1.0
        for s in range(slot, slot + degrees // 2):
            product *= uniform(even, s // 2, s % 2 * 2 + iteration % 2)
        return -2 * factor * log(product)
    d = 0.5 * degrees - 1 / 3
    x, word = slot_normal(place, slot), block(even, (slot + 1) // 2)[(slot + 1) % 2 * 2 + iteration % 2]
    y, v = gamma_candidate(d, x)
    s, u = y * y, word / 2**32
    accepted = y >= -0.5 and u + 2**-32 <= 1 - d * (s * s) * fma(s, 0.9, fma(y, -0.6, 0.75))
    u = u if accepted else fma(uniform64(*block(place, GAMMA)[:2]), 2**-32, u)
    attempt = GAMMA
    while not (accepted or gamma_accepts(d, x, v, u)):
        attempt += 1
        x, u = normals(place, attempt, 0)[0], uniform64(*block(place, attempt)[2:])
        y, v = gamma_candidate(d, x)
    return 2 * d * factor * v


def gamma_candidate(d, x):
    y = 1 / math.sqrt(9 * d) * x
    return y, (1 + y) * (1 + y) * (1 + y)


def gamma_accepts(d, x, v, u):
    return v > 0 and log(u) < -(d * (v - 1 - log(v)) - 0.5 * (x * x))
