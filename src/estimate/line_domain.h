/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which places matter on the way from a chain's start to a region: those whose potential is not much higher
 * than the exit, the least height in which the region's boundary can be come to, over the passes between
 * wells. Of the others the chain knows as little as its law there weighs beside that at the exit. */
#ifndef MS_LINE_DOMAIN_H
#define MS_LINE_DOMAIN_H

#include "estimate/line_chain.h"
#include "estimate/line_region.h"

/* Potential of the exit beyond which probabilities leave the range of doubles. */
#define MS_LINE_EXIT_MAX 600

typedef struct ms_line_domain {
    size_t directions; /* n */
    ms_line_well well[MS_LINE_COMPONENTS_MAX + 1];
    size_t wells;
    double exit; /* potential; infinite where the region has no boundary */
    double highest;
    bool folded; /* of u and -u only |u| is wanted */
} ms_line_domain;

typedef struct ms_line_range {
    double low, high; /* low > high: empty */
} ms_line_range;

/* The domain up to `depth` above the exit. */
void ms_line_domain_set(ms_line_domain *domain, const ms_line_chain *chain, const ms_line_region *region,
                        double depth, bool folded);

/* The potential of the well that is lowest there. */
double ms_line_domain_potential(const ms_line_domain *domain, double u, double R);

/* The rows of the domain: R from low to high. */
ms_line_range ms_line_domain_rows(const ms_line_domain *domain);

/* The part of low..high on the row R that is in the domain, or between parts that are. */
ms_line_range ms_line_domain_across(const ms_line_domain *domain, double R, double low, double high);

#endif
