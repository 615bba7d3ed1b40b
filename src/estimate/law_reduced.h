/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reduced law is made of, for laws that look closer at the same chain. */
#ifndef MS_LAW_REDUCED_H
#define MS_LAW_REDUCED_H

#include "estimate/law.h"
#include "sampler/condition.h"

typedef struct ms_law_reduced_view {
    const ms_segment *segment;
    const ms_kernel *kernel;
    const ms_condition *condition; /* [conditions] of the discovery set, about squared distances */
    size_t conditions;
    const double *start; /* [span] the middle of the starts */
    double start_variance;
} ms_law_reduced_view;

/* Valid as long as the law. */
ms_law_reduced_view ms_law_reduced_view_of(const ms_law *law);

#endif
