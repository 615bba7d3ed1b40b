/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of times behind modeseek/survival.h. */
#ifndef MS_SURVIVAL_H
#define MS_SURVIVAL_H

#include <modeseek/survival.h>

/* Chains with the same time. A chain censored at t was still at risk of a discovery at t. */
typedef struct ms_survival_row {
    uint64_t time, discovered, censored;
} ms_survival_row;

struct ms_survival {
    ms_survival_row *row; /* [count]; the first `settled` in order and with different times */
    size_t count, settled, capacity;
    size_t recent; /* where the last time was found */
    uint64_t chains, discovered;
};

/* Puts all rows in order: one for each time. */
void ms_survival_settle(ms_survival *survival);

/* MS_ERROR_ARGUMENT unless confidence lies in (0, 1). */
ms_status ms_confidence_check(double confidence, ms_error *error);

#endif
