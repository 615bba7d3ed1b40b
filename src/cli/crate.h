/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A research object crate: results, what they were computed from, and who did so, in one folder that others'
 * tools understand. RO-Crate 1.1 with the profile Process Run Crate 0.5. */
#ifndef MS_CRATE_H
#define MS_CRATE_H

#include "results/results.h"

#include <time.h>

#define MS_CRATE_ARCHIVE "results.h5"

typedef struct ms_crate_params {
    const char *path, *from; /* the new folder, and the results file */
    const ms_sweep *sweep;
    const ms_inputs *inputs;
    bool force;             /* see ms_results_repack() */
    time_t end;             /* when the results were last written; 0: not known */
    const char *license;    /* SPDX identifier or URL; NULL: none */
    const char *authors;    /* "NAME <ORCID>; NAME"; NULL: none */
    const char *const *add; /* [add_count] further files */
    size_t add_count;
} ms_crate_params;

/* Whole or not at all. MS_ERROR_USAGE for an ORCID iD that is none. */
ms_status ms_crate_make(const ms_crate_params *params, const ms_monitor *monitor, ms_error *error);

#endif
