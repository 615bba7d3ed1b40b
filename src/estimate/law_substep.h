/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced chain (estimate/law.h) in pieces of steps, with a coordinate that looks ahead. */
#ifndef MS_LAW_SUBSTEP_H
#define MS_LAW_SUBSTEP_H

#include "estimate/law.h"

#define MS_LAW_PIECES_MAX 64

/* A step's noise is the sum of independent pieces of the same variance: piece 0 makes the drift and adds the
 * first one. The law of whole steps is that of the reduced chain; between its pieces a chain can branch, which
 * it must where one step changes its prospects a lot.
 *
 * The coordinate is the logarithm of the probability that the chain is in the discovery set some time from
 * now, as far as it moves like that of the component it starts in: Chernoff's bound, at the time and for the
 * alternative where it is largest. It misjudges the chain where another component pulls, too, which does no
 * harm but to variances.
 *
 * @param pieces 1 to MS_LAW_PIECES_MAX; 0: as many as serve well
 * Otherwise as ms_law_reduced_alloc(). */
ms_status ms_law_substep_alloc(ms_law **law, const ms_run_params *run, unsigned pieces, uint64_t key,
                               ms_error *error);

#endif
