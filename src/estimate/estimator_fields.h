/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of estimators in a sweep file, which `auto` has, too. */
#ifndef MS_ESTIMATOR_FIELDS_H
#define MS_ESTIMATOR_FIELDS_H

#include "base/field.h"

#define MS_REPLICATES_MAX 1000000u

typedef struct ms_quadrature_fields {
    double tolerance, memory;
} ms_quadrature_fields;

typedef struct ms_reversible_flux_fields {
    uint64_t replicates, paths;
} ms_reversible_flux_fields;

typedef struct ms_restart_fields {
    uint64_t replicates, steps, burn_in, copies;
    unsigned law, coordinate;
} ms_restart_fields;

extern const ms_schema ms_quadrature_schema, ms_reversible_flux_schema, ms_restart_schema;

#endif
