/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss-Legendre quadrature. */
#ifndef MS_PANEL_H
#define MS_PANEL_H

#include <stddef.h>

#define MS_PANEL_NODES_MAX 64

typedef struct ms_panel_rule {
    double node[MS_PANEL_NODES_MAX], weight[MS_PANEL_NODES_MAX];
} ms_panel_rule;

/* Nodes (ascending) and weights on [-1, 1], exact for polynomials of degree 2 count - 1. */
void ms_panel_rule_set(ms_panel_rule *rule, size_t count);

#endif
