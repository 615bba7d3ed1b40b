/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traps. The trajectories that entrances are of may never come to a mode that is not wanted, nor would the
 * results tell; but where a chain stays there for long, that is a part of the mean. So chains from each
 * component are followed, too: if most do not come to an entrance or the discovery set within the burn-in,
 * the component is a trap, as far as it is ever come to. */
#include "estimate/splitting_state.h"

#define PROBES_MAX 64 /* components; where there are more, none is probed */

/* Chains from a component that are not at an entrance, or in the set. */
static ms_status begin(ms_splitting *s, size_t component, ms_error *error)
{
    _Alignas(MS_ALIGNMENT) double coordinate[MS_LANES];
    s->progress.slow = 0;
    s->law->type->start_in(s->law, component, 0, s->x);
    s->law->type->coordinate(s->law, 0, s->x, coordinate);
    ms_status status = MS_OK;
    for (size_t lane = 0; lane < MS_LANES && status == MS_OK; lane++) {
        s->walker[lane] = (ms_walker){.is_active = !(coordinate[lane] > s->progress.threshold)};
        status = ms_splitting_number(s, &s->walker[lane], error);
    }
    return status;
}

ms_status ms_splitting_next_probe(ms_splitting *s, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    p->phase = MS_SPLITTING_PROBES;
    p->traps += p->slow > MS_LANES / 2;
    if (s->law->components <= PROBES_MAX && p->probes < s->law->components)
        return begin(s, p->probes++, error);
    ms_splitting_begin_rounds(s);
    return MS_OK;
}

void ms_splitting_step_of_probe(ms_splitting *s, size_t lane, double coordinate)
{
    ms_walker *w = &s->walker[lane];
    w->since++;
    bool is_slow = w->since >= s->params.burn_in, is_back = coordinate > s->progress.threshold;
    s->progress.slow += is_slow && !is_back;
    w->is_active = !is_slow && !is_back;
}
