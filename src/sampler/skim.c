/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/run_state.h"

ms_pass_shape ms_run_uneven(const ms_run *run)
{
    const ms_passes *passes = &run->context.passes;
    bool is_uneven = run->context.engine->team && passes->patches > 1;
    return (ms_pass_shape){.patches = is_uneven ? passes->patches : 0, .iterations = passes->length};
}

ms_status ms_run_skim(ms_run *run, ms_error *error)
{
    const ms_passes *passes = &run->context.passes;
    ms_cursor *cursor = &run->cursor;
    size_t patch = cursor->patch + (cursor->iteration > 0);
    uint64_t begin = cursor->pass_begin;
    if (patch == passes->patches) { /* the next pass */
        begin += passes->length;
        patch = 0;
    }
    run->snapshots_taken = run->params.snapshot_count; /* of what is passed over, none is taken */
    uint64_t middle = begin + (ms_passes_begin(passes, patch) + ms_passes_begin(passes, patch + 1)) / 2;
    cursor->iteration = middle < run->params.iterations ? middle : run->params.iterations;
    return ms_run_advance(run, 1, error);
}
