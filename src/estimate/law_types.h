/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws that ms_law_alloc() chooses from; it has checked what does not depend on the choice. */
#ifndef MS_LAW_TYPES_H
#define MS_LAW_TYPES_H

#include "estimate/law_rule.h"

/* Why it cannot be the law of a run, to follow "the law NAME ", or NULL. */
const char *ms_law_reduced_refuses(const ms_run_params *run);
const char *ms_law_generic_refuses(const ms_run_params *run);

/* For runs that are not refused. MS_ERROR_ARGUMENT, MS_ERROR_MEMORY. */
ms_status ms_law_reduced_alloc(ms_law **law, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                               ms_error *error);
ms_status ms_law_generic_alloc(ms_law **law, const ms_run_params *run, ms_coordinate coordinate, uint64_t key,
                               ms_error *error);
/* The block of starts that stands for one of a component's. */
static inline uint64_t ms_law_component_block(size_t component, uint64_t block)
{
    return ((uint64_t)component + 1) << 30 | block;
}

/* The reduced law in pieces of steps, 0: as many as serve well, with the coordinate `forecast`. */
ms_status ms_law_substep_alloc(ms_law **law, const ms_run_params *run, unsigned pieces, uint64_t key,
                               ms_error *error);

#endif
