/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that concern several sections. Each looks only at what was read without a message. */
#include "sweep/draft.h"

#include <inttypes.h>

static void check_start(ms_reader *reader, const ms_draft *draft)
{
    const ms_sweep *sweep = &draft->sweep;
    if (!draft->start_node)
        return;
    if (sweep->start.type == MS_START_COMPONENT && sweep->component_count > 0 &&
        sweep->start.component >= sweep->component_count)
        ms_complain(reader, draft->start_node, "component is %zu, but the target has components 0 to %zu",
                    sweep->start.component, sweep->component_count - 1);
    if (sweep->start.type == MS_START_UNIFORM && sweep->engine == MS_ENGINE_REDUCED)
        ms_complain(reader, draft->start_node,
                    "the engine 'reduced' cannot start from a uniform law; use engine: full or auto");
    if (sweep->start.type == MS_START_POSITIONS && sweep->start.positions)
        for (size_t d = 0; d < draft->dimension.count; d++)
            if (draft->dimension.value[d].whole != sweep->positions_dimension) {
                ms_complain(reader, draft->start_node,
                            "file has positions of %zu coordinates, but the grid has dimension %" PRIu64
                            "; they must be equal",
                            sweep->positions_dimension, draft->dimension.value[d].whole);
                return;
            }
}

static void check_means(ms_reader *reader, const ms_draft *draft)
{
    for (size_t i = 0; i < draft->sweep.component_count; i++) {
        const ms_component *component = &draft->sweep.component[i];
        if (component->pattern != MS_MEAN_LIST || !component->values)
            continue;
        for (size_t d = 0; d < draft->dimension.count; d++)
            if (draft->dimension.value[d].whole != component->value_count) {
                const ms_node *mean = ms_node_get(draft->component_node[i], "mean");
                ms_complain(reader, mean,
                            "mean lists %zu numbers, but the grid has dimension %" PRIu64
                            "; list as many, or use one number or a pattern",
                            component->value_count, draft->dimension.value[d].whole);
                break;
            }
    }
}

static void check_snapshots(ms_reader *reader, const ms_draft *draft)
{
    for (size_t i = 0; draft->sweep.iterations > 0 && i < draft->snapshots.count; i++)
        if (draft->snapshots.value[i].whole > draft->sweep.iterations) {
            ms_complain(reader, draft->snapshots.value[i].node,
                        "a snapshot at iteration %" PRIu64 ", but the budget is %" PRIu64
                        " iterations; remove it or raise the budget",
                        draft->snapshots.value[i].whole, draft->sweep.iterations);
            return;
        }
}

static void check_schedule(ms_reader *reader, const ms_draft *draft)
{
    const ms_schedule *schedule = &draft->sweep.schedule;
    if (schedule->type != MS_SCHEDULE_GEOMETRIC)
        return;
    for (size_t i = 0; i < draft->noise_level.count; i++) {
        double level = draft->noise_level.value[i].real;
        if (level > 0 && level < schedule->noise_level_min)
            ms_complain(
                reader, draft->noise_level.value[i].node,
                "noise_level %g is below the schedule's noise_level_min %g; raise it, or give 0 for no "
                "noise levels at all",
                level, schedule->noise_level_min);
    }
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b > 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* What the results file and the farm must be able to hold. */
static void check_size(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_sweep *sweep = &draft->sweep;
    if (sweep->chains == 0 || sweep->block_chains == 0 || sweep->component_count == 0)
        return;
    uint64_t chain = (uint64_t)MS_RULE_COUNT * ms_sweep_modes(sweep) + 1 +
                     2 * (uint64_t)draft->snapshots.count * sweep->component_count;
    uint64_t numbers = saturating_product(saturating_product(sweep->point_count, sweep->chains), chain);
    const ms_node *budget = ms_node_get(root, "budget"), *chains = ms_node_get(budget, "chains");
    if (numbers > MS_SWEEP_RESULTS_MAX)
        ms_complain(reader, chains,
                    "%zu points x %zu chains x %" PRIu64
                    " numbers a chain are more than the results file may hold "
                    "(2^36); give fewer chains, points or snapshots",
                    sweep->point_count, sweep->chains, chain);
    uint64_t blocks = saturating_product(sweep->point_count, (sweep->chains - 1) / sweep->block_chains + 1);
    if (blocks > MS_SWEEP_BLOCKS_MAX)
        ms_complain(reader, budget,
                    "%" PRIu64 " blocks of %zu chains; at most %u are allowed: give a larger `block`", blocks,
                    sweep->block_chains, MS_SWEEP_BLOCKS_MAX);
    if (numbers > MS_SWEEP_RESULTS_MAX || blocks > MS_SWEEP_BLOCKS_MAX)
        return;
    uint64_t states = 0;
    ms_sweep whole = *sweep;
    whole.snapshot_count = draft->snapshots.count; /* not there yet */
    for (size_t b = 0; b < blocks && states <= MS_SWEEP_STATES_MAX; b++)
        states += 2 * (uint64_t)ms_sweep_block_state_size(&whole, ms_sweep_block(&whole, b));
    if (states > MS_SWEEP_STATES_MAX)
        ms_complain(
            reader, chains,
            "the states of %zu points x %zu chains, saved to go on after a stop, are more than a file may "
            "hold (2^43 bytes); give fewer chains, points or dimensions",
            sweep->point_count, sweep->chains);
}

void ms_draft_check(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    check_means(reader, draft);
    check_start(reader, draft);
    check_schedule(reader, draft);
    check_snapshots(reader, draft);
    check_size(reader, draft, root);
}
