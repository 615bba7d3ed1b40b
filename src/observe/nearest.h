/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The component whose mean is nearest to a chain; the first of equals. */
#ifndef MS_NEAREST_H
#define MS_NEAREST_H

#include "observe/observables.h"

static inline size_t ms_nearest(const ms_view *view)
{
    size_t nearest = 0;
    for (size_t i = 1; i < ms_target_components(view->target); i++)
        nearest = view->squared_distance[i] < view->squared_distance[nearest] ? i : nearest;
    return nearest;
}

#endif
