/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step's noise is the sum of independent pieces of the same variance: piece 0 makes the drift and adds the
 * first one. The law of whole steps is that of the reduced chain; between its pieces a chain can branch,
 * which it must where one step changes its prospects a lot.
 *
 * The coordinate is the logarithm of the probability that the chain is in the discovery set some time from
 * now, as far as it moves like that of the component it starts in: Chernoff's bound, at the time and for the
 * alternative where it is largest. Where another component pulls, too, it misjudges the chain, which does no
 * harm but to variances. */
#include "estimate/law_reduced.h"
#include "estimate/law_substep_kernel.h"
#include "estimate/law_types.h"
#include "random/elementary.h"
#include "sampler/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HORIZONS_MAX 6   /* more do not make the coordinate better */
#define HORIZON_LAST 0.1 /* what is left of a position then */
#define PIECE        10  /* of the exponent of starts: a piece of a step each */

typedef struct substep {
    ms_law law;
    ms_law *whole; /* the reduced law */
    ms_law_reduced_view view;
    const ms_law_substep_kernel *kernel;
    ms_forecast_bound *bound; /* [forecast.bounds] */
    double *middle;           /* [bounds][span] */
    ms_horizon *horizon;      /* [pieces][HORIZONS_MAX] */
    size_t horizons[MS_LAW_PIECES_MAX];
    size_t component;
    ms_forecast forecast; /* but for horizons */
    double *room;         /* [MS_ISOTROPIC_COMPONENTS_MAX + 2] rows */
} substep;

static const ms_law_substep_kernel *kernel_of(unsigned number)
{
#ifdef MS_KERNELS_X86
    if (number == ms_kernel_avx512.number)
        return &ms_law_substep_kernel_avx512;
    if (number == ms_kernel_avx2.number)
        return &ms_law_substep_kernel_avx2;
#endif
    (void)number;
    return &ms_law_substep_kernel_portable;
}

static void start(ms_law *law, uint64_t block, double *x)
{
    ms_law *whole = ((substep *)law)->whole;
    whole->type->start(whole, block, x);
}

static void start_in(ms_law *law, size_t component, uint64_t block, double *x)
{
    ms_law *whole = ((substep *)law)->whole;
    whole->type->start_in(whole, component, block, x);
}

static void move(ms_law *law, uint64_t iteration, unsigned piece, const uint64_t *chain, double *x)
{
    substep *l = (substep *)law;
    const ms_segment *s = l->view.segment;
    const ms_kernel *kernel = l->view.kernel;
    if (law->pieces == 1) {
        l->whole->type->move(l->whole, iteration, 0, chain, x);
        return;
    }
    if (piece == 0) {
        kernel->distances_reduced(s, x, l->room);
        l->kernel->drift(s, l->room, x);
    }
    kernel->normals(s->key, chain, iteration, MS_PURPOSE_PIECE, l->room, law->rows);
    if (s->length > s->span + 1)
        kernel->chi_square(s->key, chain, iteration, MS_PURPOSE_PIECE_RADIUS, 0,
                           (double)(s->length - s->span - 1), l->room + law->rows * MS_LANES);
    l->kernel->add(s, s->step_size / law->pieces, l->room, x);
}

static void look_ahead(const substep *l, unsigned piece, const double *x, double *exponent)
{
    ms_forecast forecast = l->forecast;
    forecast.horizon = l->horizon + (size_t)piece * HORIZONS_MAX;
    forecast.horizons = l->horizons[piece];
    l->kernel->forecast(&forecast, x, exponent);
}

static void coordinate(ms_law *law, unsigned piece, const double *x, double *coordinate)
{
    substep *l = (substep *)law;
    look_ahead(l, piece, x, coordinate);
    if (piece > 0)
        return;
    l->whole->type->coordinate(l->whole, 0, x, l->room);
    for (size_t lane = 0; lane < MS_LANES; lane++)
        if (!isfinite(l->room[lane]))
            coordinate[lane] = l->room[lane];
}

static void hash(const ms_law *law, ms_hash *hash)
{
    const substep *l = (const substep *)law;
    l->whole->type->hash(l->whole, hash);
    ms_hash_u64(hash, law->pieces);
}

static void free_law(ms_law *law)
{
    substep *l = (substep *)law;
    ms_law_free(l->whole);
    free(l->bound);
    free(l->middle);
    free(l->horizon);
    free(l->room);
    free(l);
}

static const ms_law_type type = {.name = "substep",
                                 .start = start,
                                 .start_in = start_in,
                                 .move = move,
                                 .coordinate = coordinate,
                                 .hash = hash,
                                 .free = free_law};

/* The component whose chain the starts are of. */
static size_t component_of(const substep *l)
{
    const ms_segment *s = l->view.segment;
    size_t best = 0;
    double best_weight = -INFINITY;
    for (size_t i = 0; i < s->components; i++) {
        double distance = l->view.start_variance * (double)s->length;
        for (size_t m = 0; m < s->span; m++) {
            double away = l->view.start[m] - s->mean[i * s->mean_stride + m];
            distance += away * away;
        }
        double weight = s->base[i][0] - 0.5 * s->inverse_variance[i] * distance;
        if (weight > best_weight) {
            best = i;
            best_weight = weight;
        }
    }
    return best;
}

/* A condition on squared distances, c |x - b|^2 + c' |x - b'|^2 <= bound, is (c + c') |x|^2 - 2 (c b + c' b')
 * x
 * + ... <= bound, x and b here about the component's mean. */
static void set_bound(const substep *l, const ms_condition *c, double *middle, ms_forecast_bound *bound)
{
    const ms_segment *s = l->view.segment;
    const double *b = s->mean + c->row * s->mean_stride, *other = s->mean + c->reference_row * s->mean_stride;
    double all = c->coefficient + c->reference_coefficient, rest = c->bound;
    *bound = (ms_forecast_bound){.shape = all > 0   ? MS_WITHIN
                                          : all < 0 ? MS_OUTSIDE
                                                    : MS_HALF_SPACE,
                                 .middle = middle,
                                 .has_next = c->joint == MS_AND_NEXT};
    for (size_t m = 0; m < s->span; m++) {
        double from = b[m] - l->forecast.about[m], reference = other[m] - l->forecast.about[m];
        rest -= c->coefficient * from * from + c->reference_coefficient * reference * reference;
        middle[m] = c->coefficient * from + c->reference_coefficient * reference;
        middle[m] = all == 0 ? -2 * middle[m] : middle[m] / all;
        bound->middle_square += middle[m] * middle[m];
    }
    bound->square = rest;
    if (all != 0) /* never empty: where the ball is, the bound is only very low */
        bound->square = fmax(rest / all + bound->middle_square, 1e-6 * (double)s->length);
    bound->middle_square = fmax(bound->middle_square, 1e-300);
}

/* Some steps on, each about as much later than the one before, until little is left of where it was. */
static void set_horizons(substep *l, unsigned piece)
{
    const ms_segment *s = l->view.segment;
    double decay = 1 - 0.5 * s->step_size * s->inverse_variance[l->component], last = 1;
    double begun = piece > 0 ? s->step_size * (l->law.pieces - piece) / l->law.pieces : 0; /* is to come */
    if (decay > 0)
        last = fmax(ceil(ms_log(HORIZON_LAST) / ms_log(decay)), 1);
    double growth = ms_exp(ms_log(last) / (HORIZONS_MAX - 3)), steps = piece > 0 ? 0 : 1;
    ms_horizon *horizon = l->horizon + (size_t)piece * HORIZONS_MAX;
    size_t count = 0;
    while (steps <= last && count < HORIZONS_MAX) {
        double left = decay > 0 ? ms_exp(steps * ms_log(decay)) : steps > 0 ? decay : 1;
        double noise = s->step_size * (decay > 0 ? (1 - left * left) / (1 - decay * decay) : steps);
        horizon[count++] = (ms_horizon){left, begun * left * left + noise};
        steps = fmax(steps + 1, floor(steps * growth));
    }
    l->horizons[piece] = count;
}

/* The rarer discoveries are, the more a step changes the coordinate. With so many pieces p was about as exact
 * as it can be for the reference target in 100 to 1000 dimensions. */
static unsigned default_pieces(substep *l)
{
    const ms_segment *s = l->view.segment;
    _Alignas(MS_ALIGNMENT) double exponent[MS_LANES];
    for (size_t i = 0; i < l->law.rows * MS_LANES; i++)
        l->room[i] = i / MS_LANES < s->span ? l->view.start[i / MS_LANES]
                                            : l->view.start_variance * (double)(s->length - s->span);
    look_ahead(l, 0, l->room, exponent);
    return (unsigned)fmin(1 - exponent[0] / PIECE, MS_LAW_PIECES_MAX);
}

static ms_status set(substep *l, unsigned pieces, ms_error *error)
{
    const ms_segment *s = l->view.segment;
    const size_t span = s->span, bounds = l->view.conditions;
    l->bound = calloc(bounds, sizeof *l->bound);
    l->middle = calloc(bounds * span + 1, sizeof *l->middle);
    l->horizon = calloc((size_t)MS_LAW_PIECES_MAX * HORIZONS_MAX, sizeof *l->horizon);
    l->room = (double *)ms_rows_alloc(MS_ISOTROPIC_COMPONENTS_MAX + 2);
    if (!l->bound || !l->middle || !l->horizon || !l->room)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu clauses", bounds);
    l->component = component_of(l);
    l->forecast = (ms_forecast){.span = span,
                                .dimension = s->length,
                                .about = s->mean + l->component * s->mean_stride,
                                .bound = l->bound,
                                .bounds = bounds};
    for (size_t i = 0; i < bounds; i++)
        set_bound(l, &l->view.condition[i], l->middle + i * span, &l->bound[i]);
    set_horizons(l, 0);
    l->law.pieces = pieces > 0 ? pieces : default_pieces(l);
    for (unsigned piece = 1; piece < l->law.pieces; piece++)
        set_horizons(l, piece);
    return MS_OK;
}

ms_status ms_law_substep_alloc(ms_law **law, const ms_run_params *run, unsigned pieces, uint64_t key,
                               ms_error *error)
{
    *law = NULL;
    substep *l = calloc(1, sizeof *l);
    if (!l)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a law of chains");
    ms_status status = ms_law_reduced_alloc(&l->whole, run, MS_COORDINATE_RULE, key, error);
    if (status == MS_OK) {
        l->view = ms_law_reduced_view_of(l->whole);
        l->kernel = kernel_of(l->view.kernel->number);
        l->law = *l->whole;
        l->law.type = &type;
        status = set(l, pieces, error);
    }
    if (status == MS_OK)
        *law = &l->law;
    else
        free_law(&l->law);
    return status;
}
