/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of positions (u, R) that discovery rules describe where all means are on a line: u along it, from
 * mean_0, R the distance from it. Each clause of a rule is a half-plane, a disc about a point of the line, or
 * what is outside of one. */
#ifndef MS_LINE_REGION_H
#define MS_LINE_REGION_H

#include <modeseek/discovery.h>

/* square (u^2 + R^2) + linear u + constant <= 0 */
typedef struct ms_line_bound {
    double square, linear, constant;
    bool ends; /* an alternative: the bounds since the last one all hold */
} ms_line_bound;

/* The u on the row R where a bound is 0; returns how many there are, 0 to 2. */
int ms_line_bound_roots(const ms_line_bound *bound, double R, double root[2]);

/* Where some alternative holds. */
typedef struct ms_line_region {
    const ms_line_bound *bound;
    size_t count; /* at most MS_LINE_BOUNDS_MAX */
} ms_line_region;

#define MS_LINE_BOUNDS_MAX 256
#define MS_LINE_PIECES_MAX (2 * MS_LINE_BOUNDS_MAX + 1) /* of a row */

/* A piece of a row R = constant: low <= u <= high, in the region or out of it. */
typedef struct ms_line_piece {
    double low, high;
    bool inside;
} ms_line_piece;

bool ms_line_region_has(const ms_line_region *region, double u, double R);

/* Whether it is its own mirror image, as far as the bounds tell: u to -u. */
bool ms_line_region_is_symmetric(const ms_line_region *region);

/* Cuts low..high of the row R into at most MS_LINE_PIECES_MAX pieces, neighbours of which differ in `inside`;
 * returns their number. */
size_t ms_line_region_row(const ms_line_region *region, double R, double low, double high,
                          ms_line_piece *piece);

/* Where the shape of rows may change, R > 0, ascending, tops first: where two boundaries meet, and the tops
 * of discs, at which lengths of pieces end like square roots. */
typedef struct ms_line_turn {
    double R;
    bool is_top;
} ms_line_turn;

/* @param turn [count * count]; returns how many there are. */
size_t ms_line_region_turns(const ms_line_region *region, ms_line_turn *turn);

/* The union of the events that clauses describe (modeseek/run.h).
 * @param position, variance, weight of the components of the target, un-smoothed
 * @param bound out [clause_count]
 * MS_ERROR_ARGUMENT where a clause depends on more than distances and log-weights, or there are too many. */
ms_status ms_line_region_of_clauses(const ms_clause *clause, size_t clause_count, size_t dimension,
                                    const double *weight, const double *variance, const double *position,
                                    ms_line_bound *bound, ms_error *error);

#endif
