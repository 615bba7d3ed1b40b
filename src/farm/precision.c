/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/precision.h"

#include "estimate/replicate_mean.h"

#include <math.h>
#include <modeseek/run.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95

struct ms_precision {
    const ms_sweep *sweep;
    size_t rules;
    ms_tally *tally;   /* [blocks][rules] */
    bool *is_finished; /* [blocks] */
    size_t *look;      /* [points] blocks of it at the next look, */
    size_t *told;      /* and how many have been told to be needed */
};

static void tally_chains(const ms_sweep *sweep, const ms_block_results *block, size_t rule, ms_tally *tally)
{
    size_t modes = ms_sweep_modes(sweep), rules = ms_sweep_rules(sweep);
    const int64_t *time = ms_block_int64(block, "discovery_time"),
                  *observed = ms_block_int64(block, "observed");
    for (size_t c = 0; time && observed && c < block->chains; c++) {
        int64_t any = ms_discovery_any(time + (c * rules + rule) * modes, modes);
        double at_risk = (double)(any == MS_CENSORED ? observed[c] : any);
        tally->units++;
        tally->iterations += at_risk;
        tally->squares += at_risk * at_risk;
        if (any == MS_CENSORED)
            continue;
        tally->discoveries++;
        tally->products += at_risk;
    }
}

void ms_precision_tally(const ms_sweep *sweep, const ms_block_results *block, ms_tally *tally)
{
    size_t rules = ms_sweep_rules(sweep);
    const double *at_risk = ms_block_double(block, "iterations_at_risk"),
                 *discoveries = ms_block_double(block, "discoveries");
    bool is_direct = ms_sweep_is_direct(sweep, ms_sweep_block(sweep, block->block).point);
    for (size_t rule = 0; rule < rules && rule < MS_SWEEP_RULES_LOOKED_AT; rule++) {
        tally[rule] = (ms_tally){0};
        if (is_direct)
            tally_chains(sweep, block, rule, &tally[rule]);
        else if (at_risk && discoveries) /* one replicate, of which the coordinator makes the squares */
            tally[rule] = (ms_tally){1, at_risk[rule], discoveries[rule], 0, 0};
    }
}

ms_status ms_precision_alloc(ms_precision **precision, const ms_sweep *sweep, ms_error *error)
{
    *precision = NULL;
    if (!(sweep->relative_width > 0))
        return MS_OK;
    size_t blocks = ms_sweep_block_count(sweep), rules = ms_sweep_rules(sweep);
    ms_precision *p = calloc(1, sizeof *p);
    if (p) {
        p->sweep = sweep;
        p->rules = rules < MS_SWEEP_RULES_LOOKED_AT ? rules : MS_SWEEP_RULES_LOOKED_AT;
        p->tally = calloc(blocks * p->rules + 1, sizeof *p->tally);
        p->is_finished = calloc(blocks + 1, sizeof *p->is_finished);
        p->look = calloc(sweep->point_count + 1, sizeof *p->look);
        p->told = calloc(sweep->point_count + 1, sizeof *p->told);
    }
    if (!p || !p->tally || !p->is_finished || !p->look || !p->told) {
        ms_precision_free(p);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for what %zu blocks come to", blocks);
    }
    for (size_t point = 0; point < sweep->point_count; point++)
        p->look[point] = ms_sweep_next_look(sweep, point, 0);
    *precision = p;
    return MS_OK;
}

void ms_precision_free(ms_precision *p)
{
    if (!p)
        return;
    free(p->tally);
    free(p->is_finished);
    free(p->look);
    free(p->told);
    free(p);
}

void ms_precision_note(ms_precision *p, size_t block, const ms_tally *tally)
{
    p->is_finished[block] = true;
    if (tally)
        memcpy(p->tally + block * p->rules, tally, p->rules * sizeof *tally);
}

bool ms_precision_has(const ms_precision *p, size_t block)
{
    return p->is_finished[block];
}

/* Of chains: what blocks add up to. */
static double width_of_chains(const ms_precision *p, size_t first, size_t end, size_t rule)
{
    ms_tally all = {0};
    for (size_t b = first; b < end; b++) {
        const ms_tally *t = &p->tally[b * p->rules + rule];
        all.units += t->units;
        all.iterations += t->iterations;
        all.discoveries += t->discoveries;
        all.squares += t->squares;
        all.products += t->products;
    }
    double mean = all.iterations / all.discoveries;
    double residuals = all.squares - 2 * mean * all.products + mean * mean * all.discoveries;
    if (!(all.discoveries > 1) || all.units < 2)
        return INFINITY;
    double relative = sqrt(residuals * all.units / (all.units - 1)) / all.iterations;
    double reach = ms_student_quantile((size_t)all.units - 1, CONFIDENCE) * relative;
    return reach < 1 ? 1 / (1 - reach) - 1 / (1 + reach) : INFINITY;
}

/* Of replicates, a block each. Where there is no memory to tell, all blocks are needed. */
static double width_of_replicates(const ms_precision *p, size_t first, size_t end, size_t rule)
{
    size_t count = 0, room = end - first;
    double *number = calloc(2 * room + 1, sizeof *number);
    if (!number)
        return INFINITY;
    for (size_t b = first; b < end; b++) {
        const ms_tally *t = &p->tally[b * p->rules + rule];
        if (t->units > 0) {
            number[count] = t->iterations;
            number[room + count++] = t->discoveries;
        }
    }
    ms_replicate_mean mean = ms_replicate_mean_of(number, number + room, count, CONFIDENCE);
    free(number);
    return mean.mean < INFINITY ? (mean.high - mean.low) / mean.mean : INFINITY;
}

/* Of the first `blocks` of a point. */
static double width_by_rule(const ms_precision *p, size_t point, size_t blocks, size_t rule)
{
    size_t first = p->sweep->points[point].first_block;
    return ms_sweep_is_direct(p->sweep, point) ? width_of_chains(p, first, first + blocks, rule)
                                               : width_of_replicates(p, first, first + blocks, rule);
}

/* The widest of all rules. */
static double width_of(const ms_precision *p, size_t point, size_t blocks)
{
    double widest = 0;
    for (size_t rule = 0; rule < p->rules; rule++)
        widest = fmax(widest, width_by_rule(p, point, blocks, rule));
    return p->rules > 0 ? widest : INFINITY;
}

/* Of a point whose blocks all failed there is no interval to be too wide. */
bool ms_precision_is_wide(const ms_precision *p, size_t point, size_t rule)
{
    size_t first = p->sweep->points[point].first_block, blocks = ms_sweep_point_blocks(p->sweep, point);
    double units = 0;
    for (size_t b = first; b < first + blocks; b++) {
        if (!p->is_finished[b])
            return false;
        units += p->tally[b * p->rules + rule].units;
    }
    return units > 0 && ms_sweep_may_stop(p->sweep, point) &&
           width_by_rule(p, point, blocks, rule) > p->sweep->relative_width;
}

size_t ms_precision_wide_points(const ms_precision *p)
{
    size_t count = 0;
    for (size_t point = 0; point < p->sweep->point_count; point++)
        for (size_t rule = 0; rule < p->rules; rule++)
            if (ms_precision_is_wide(p, point, rule)) {
                count++;
                break;
            }
    return count;
}

/* Goes on to further looks as long as the blocks up to the last are finished. */
static ms_stage look(ms_precision *p, size_t point)
{
    size_t first = p->sweep->points[point].first_block, all = ms_sweep_point_blocks(p->sweep, point);
    for (size_t seen = 0;;) {
        for (; seen < p->look[point]; seen++)
            if (!p->is_finished[first + seen])
                return MS_STAGE_OPEN;
        if (p->look[point] == all || width_of(p, point, p->look[point]) <= p->sweep->relative_width)
            return MS_STAGE_OVER;
        p->look[point] = ms_sweep_next_look(p->sweep, point, p->look[point]);
    }
}

ms_stage ms_precision_look(ms_precision *p, size_t point, size_t *from, size_t *end)
{
    size_t first = p->sweep->points[point].first_block;
    ms_stage stage = look(p, point);
    *from = first + p->told[point];
    *end = first + p->look[point];
    p->told[point] = p->look[point];
    return stage;
}
