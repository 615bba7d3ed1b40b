/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/transition_kernel.h"

#include "estimate/radial.h"

#include <math.h>
#include <modeseek/run.h>
#include <stdlib.h>

#define SQRT_TWO_PI 2.5066282746310005
#define IMAGES      8  /* at a time */
#define IMAGE       40 /* what comes from a mirror image is left out if it is e^-40 of the rest */

static const ms_transition_kernel *widest_kernel(void)
{
#ifdef MS_KERNELS_X86
    if (ms_simd_available(MS_SIMD_AVX512))
        return &ms_transition_kernel_avx512;
    if (ms_simd_available(MS_SIMD_AVX2))
        return &ms_transition_kernel_avx2;
#endif
    return &ms_transition_kernel_portable;
}

/* A node whose probability moves, and how far. */
typedef struct source {
    const ms_transition_kernel *kernel;
    const ms_line_grid *grid;
    double variance; /* of the step's noise */
    size_t directions;
    double u, R, reach;
    ms_line_step mean;
} source;

/* What is reached is what is near enough to the node itself, for a reach that has room for the step's mean:
 * on the way up a potential, which is how rare places are come to, noise does the opposite of the mean. */
static source source_at(const ms_line_chain *chain, const ms_line_grid *grid, double reach, size_t row,
                        double u)
{
    double R = grid->R[row], n = (double)chain->dimension - 1;
    ms_line_step mean = ms_line_chain_step(chain, u, R);
    double up = sqrt(mean.R * mean.R + n * chain->step_size) - R, along = mean.u - u;
    double longest = reach * sqrt(chain->step_size) + sqrt(up * up + along * along);
    return (source){widest_kernel(), grid, chain->step_size, chain->dimension - 1, u, R, longest, mean};
}

static size_t first_at_least(const double *value, size_t low, size_t high, double least)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (value[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static ms_transition_run run_in(const source *s, const ms_line_nodes *nodes, size_t row)
{
    double up = s->grid->R[row] - s->R, square = s->reach * s->reach - up * up;
    double half = square > 0 ? sqrt(square) : 0;
    size_t first = first_at_least(nodes->u, nodes->first[row], nodes->first[row + 1], s->u - half);
    size_t end = first_at_least(nodes->u, first, nodes->first[row + 1], s->u + half);
    return (ms_transition_run){(uint32_t)first, (uint32_t)(end - first)};
}

static double row_weight(const source *s, size_t row)
{
    double radial =
        s->directions > 0 ? ms_radial_density(s->grid->R[row], s->mean.R, s->directions, s->variance) : 1;
    return s->grid->weight[row] * radial / (SQRT_TWO_PI * sqrt(s->variance));
}

/* Adds what comes to the nodes of a folded grid from the mirror image of the source, as long as it matters.
 */
static void add_images(const source *s, const double *u, size_t count, double *value)
{
    double image[IMAGES];
    for (size_t i = 0; i < count && 2 * u[i] * s->mean.u < IMAGE * s->variance; i += IMAGES) {
        size_t size = count - i < IMAGES ? count - i : IMAGES;
        s->kernel->bell(u + i, size, -s->mean.u, s->variance, image);
        for (size_t j = 0; j < size; j++)
            value[i + j] += image[j];
    }
}

/* Probabilities of coming to the nodes of a run. Returns their sum. */
static double fill_run(const source *s, const ms_line_nodes *nodes, ms_transition_run run, double weight,
                       double *value)
{
    const double *u = nodes->u + run.first;
    s->kernel->bell(u, run.count, s->mean.u, s->variance, value);
    if (s->grid->folded)
        add_images(s, u, run.count, value);
    double sum = 0;
    for (size_t i = 0; i < run.count; i++) {
        value[i] *= weight * nodes->weight[run.first + i];
        sum += value[i];
    }
    return sum;
}

/* Counts runs and entries, until these are more than so many, or fills the arrays that there are then. */
static void walk(ms_transition *t, const ms_line_chain *chain, const ms_line_grid *grid, double reach,
                 bool fills, size_t entries_max, size_t *runs)
{
    size_t node = 0;
    *runs = t->entries = 0;
    for (size_t row = 0; row < grid->rows && t->entries <= entries_max; row++)
        for (; node < grid->outside.first[row + 1] && t->entries <= entries_max; node++) {
            source s = source_at(chain, grid, reach, row, grid->outside.u[node]);
            size_t at = first_at_least(grid->R, 0, grid->rows, s.R - s.reach);
            for (; at < grid->rows && grid->R[at] < s.R + s.reach; at++) {
                ms_transition_run out = run_in(&s, &grid->outside, at), in = run_in(&s, &grid->inside, at);
                if (fills && out.count + in.count > 0) {
                    double weight = row_weight(&s, at), *value = t->value + t->entries;
                    t->kept[node] += fill_run(&s, &grid->outside, out, weight, value);
                    t->into[node] += fill_run(&s, &grid->inside, in, weight, value + out.count);
                    if (out.count > 0)
                        t->run[*runs] = out;
                }
                *runs += out.count > 0;
                t->entries += out.count;
            }
            if (fills) {
                t->kept[node] += t->into[node];
                t->run_of[node + 1] = *runs;
            }
        }
}

ms_status ms_transition_set(ms_transition *t, const ms_line_chain *chain, const ms_line_grid *grid,
                            double reach, size_t entries_max, ms_error *error)
{
    size_t runs;
    *t = (ms_transition){.nodes = grid->outside.count};
    walk(t, chain, grid, reach, false, entries_max, &runs);
    if (t->entries > entries_max)
        return ms_error_set(error, MS_ERROR_MEMORY,
                            "quadrature's transition needs more than the %.2g bytes that its memory allows; "
                            "raise memory",
                            (double)entries_max * sizeof(double));
    t->run_of = calloc(t->nodes + 1, sizeof *t->run_of);
    t->run = malloc((runs + 1) * sizeof *t->run);
    /* with room for what is only added up */
    t->value = malloc((t->entries + grid->inside.count + 1) * sizeof *t->value);
    t->into = calloc(t->nodes + 1, sizeof *t->into);
    t->kept = calloc(t->nodes + 1, sizeof *t->kept);
    if (!t->run_of || !t->run || !t->value || !t->into || !t->kept)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a transition of %zu numbers",
                            t->entries);
    walk(t, chain, grid, reach, true, entries_max, &runs);
    return MS_OK;
}

void ms_transition_free(ms_transition *t)
{
    free(t->run_of);
    free(t->run);
    free(t->value);
    free(t->into);
    free(t->kept);
    *t = (ms_transition){0};
}

void ms_transition_start(const ms_line_chain *chain, const ms_line_grid *grid, double *start)
{
    source s = {widest_kernel(),           grid, chain->start_variance, chain->dimension - 1, 0, 0, 0,
                {chain->start_position, 0}};
    for (size_t row = 0; row < grid->rows; row++) {
        size_t first = grid->outside.first[row], count = grid->outside.first[row + 1] - first;
        fill_run(&s, &grid->outside, (ms_transition_run){(uint32_t)first, (uint32_t)count},
                 row_weight(&s, row), start + first);
    }
}

void ms_transition_apply(const ms_transition *t, const double *from, double *to)
{
    widest_kernel()->apply(t, from, to);
}

double ms_transition_into(const ms_transition *t, const double *from)
{
    double sum = 0;
    for (size_t node = 0; node < t->nodes; node++)
        sum += t->into[node] * from[node];
    return sum;
}
