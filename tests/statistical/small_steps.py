#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mean first-passage times of the diffusion dX = s(X)/2 dt + dW, to which Langevin dynamics tends as its step becomes
small, on the reference target in two dimensions (weights 0.2, 0.4, 0.4, variances 3, 1, 1, means 0, (1, 1), (-1, -1)), from
N(0, 3 I) into a ball of radius 2 about mode 1, and into either of the two balls.

    python3 tests/statistical/small_steps.py

needs numpy and scipy; the figures stand in test_small_steps.c. Outside of the balls the time u(x) minimises the integral of
p (|grad u|^2 / 4 - u), with u = 0 on their boundary: linear finite elements, and Richardson's extrapolation. By symmetry a half
or a quarter of the plane is enough: coordinates are along the line through the means, and across it."""
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

M, RADIUS, FAR = np.sqrt(2), 2, 16


def normal(x, mean, variance):
    return np.exp(-((x[..., 0] - mean) ** 2 + x[..., 1] ** 2) / (2 * variance)) / (2 * np.pi * variance)


def time(n, centre, angle):
    """By n elements in the angle, which is measured at (centre, 0) and goes from 0 to `angle`."""
    theta = np.linspace(0, angle, n + 1)
    across = (M - centre) * np.sin(theta)
    boundary = (M - centre) * np.cos(theta) + np.sqrt(RADIUS**2 - across**2)
    share = np.linspace(0, 1, 4 * n + 1)[:, None] ** 1.5
    r = boundary + share * (FAR - boundary)
    x = np.stack([centre + r * np.cos(theta), r * np.sin(theta)], -1).reshape(-1, 2)
    node = np.arange(len(x)).reshape(r.shape)
    a, b, c, d = (part.ravel() for part in (node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]))
    corners = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    p = x[corners]
    edge = p[:, [2, 0, 1]] - p[:, [1, 2, 0]]
    area = np.abs(edge[:, 0, 0] * edge[:, 1, 1] - edge[:, 0, 1] * edge[:, 1, 0]) / 2
    middle = (p[:, [1, 2, 0]] + p[:, [2, 0, 1]]) / 2
    weight = (0.2 * normal(middle, 0, 3) + 0.4 * normal(middle, M, 1) + 0.4 * normal(middle, -M, 1)) * area[:, None] / 3
    stiffness = (weight.sum(1) / (8 * area**2))[:, None, None] * np.einsum("tik,tjk->tij", edge, edge)
    at_corners = (1 - np.eye(3)) / 2  # of the middles
    matrix = coo_matrix((stiffness.ravel(), (np.repeat(corners, 3, 1).ravel(), np.tile(corners, 3).ravel()))).tocsr()
    right, start = np.zeros(len(x)), np.zeros(len(x))
    np.add.at(right, corners, weight @ at_corners)
    np.add.at(start, corners, normal(middle, 0, 3) * area[:, None] / 3 @ at_corners)
    free = node[1:].ravel()
    return 2 * np.pi / angle * start[free] @ spsolve(matrix[free][:, free], right[free])


for name, centre, angle in ("any", 0, np.pi / 2), ("mode 1", M, np.pi):
    found = [time(n, centre, angle) for n in (20, 40, 80)]
    print(name, *((4 * fine - coarse) / 3 for coarse, fine in zip(found, found[1:])))
