/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadrature nodes in the plane of (u, R), where a chain may be on its way to a region: rows of constant R,
 * each cut into pieces at the boundary of the region. */
#ifndef MS_LINE_GRID_H
#define MS_LINE_GRID_H

#include "estimate/line_domain.h"

/* How fine a solution is. */
typedef struct ms_fineness {
    double nodes;  /* per standard deviation of a step, on average */
    double extra;  /* nodes of a panel beside these */
    double reach;  /* standard deviations of a step that transitions reach */
    double depth;  /* how far, in potential, the grid reaches beyond the exit */
    double digits; /* the error of a panel across which responsibilities change is about e^-digits */
} ms_fineness;

/* Nodes in or out of the region, row by row. */
typedef struct ms_line_nodes {
    size_t count, capacity;
    double *u, *weight; /* [count]; weights without those of the row */
    size_t *first;      /* [rows + 1] */
} ms_line_nodes;

typedef struct ms_line_grid {
    size_t rows, row_capacity;
    double *R, *weight; /* [rows], R ascending */
    ms_line_nodes outside, inside;
    ms_line_domain domain; /* what the rows cover */
    bool folded;           /* everything is symmetric in u: of u and -u only |u| is there */
} ms_line_grid;

/* exp(-potential) times the weights of the nodes out of the region: about the law of a chain that has not
 * come to the region for long. @param mass out [outside.count] */
void ms_line_grid_guess(const ms_line_grid *grid, double *mass);

/* The grid is the caller's to free, also after failure. MS_ERROR_ARGUMENT where the region has no boundary
 * that the chain could come to, MS_ERROR_MEMORY also beyond `nodes_max`. */
ms_status ms_line_grid_set(ms_line_grid *grid, const ms_line_chain *chain, const ms_line_region *region,
                           const ms_fineness *fineness, size_t nodes_max, ms_error *error);
void ms_line_grid_free(ms_line_grid *grid);

#endif
