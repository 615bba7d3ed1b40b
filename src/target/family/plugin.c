/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets given by functions (modeseek/plugin.h): eight chains' coordinates are handed over as rows. */
#include "random/width.h"

#include "target/family/plugin.h"
#include "target/functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t count_modes(const void *params)
{
    return ((const ms_plugin_params *)params)->count;
}

static ms_component describe(const void *params, size_t component, size_t dimension)
{
    (void)params;
    (void)component;
    (void)dimension;
    return (ms_component){(double)NAN, (double)NAN, (double)NAN};
}

static bool is_isotropic(const void *params, size_t dimension)
{
    (void)params;
    (void)dimension;
    return false;
}

static ms_status make(void **content, const void *params, size_t dimension, ms_error *error)
{
    ms_functions *made = NULL;
    ms_status status = ms_plugin_make(&made, params, dimension, error);
    *content = made;
    return status;
}

static void destroy(void *content)
{
    ms_functions_free(content);
}

static unsigned gives(const void *content)
{
    const ms_plugin *table = &((const ms_functions *)content)->table;
    return MS_GIVES_LOG_DENSITY | (table->smoothed ? MS_GIVES_SMOOTHED : 0u) |
           (table->conditional ? MS_GIVES_CONDITIONAL : 0u) | (table->draw ? MS_GIVES_DRAWS : 0u);
}

static size_t components(const void *content)
{
    return ((const ms_functions *)content)->modes;
}

static double weight(const void *content, size_t component)
{
    const ms_functions *f = content;
    return f->weight ? f->weight[component] : (double)NAN;
}

static const double *mean(const void *content, size_t component)
{
    const ms_functions *f = content;
    return f->centre + component * f->dimension;
}

static double variance(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return (double)NAN;
}

static void hash(const void *content, ms_hash *hash)
{
    const ms_functions *f = content;
    ms_hash_u64(hash, ms_functions_identity(f));
    ms_hash_bytes(hash, f->name, strlen(f->name) + 1);
    ms_hash_u64(hash, f->table.parameter_count);
    for (size_t i = 0; i < f->table.parameter_count; i++)
        ms_hash_double(hash, f->parameters[i]);
}

static bool isotropic(const void *content, ms_isotropic *view)
{
    (void)content;
    (void)view;
    return false;
}

/* the coordinates before the patch */
static size_t context_rows(const void *content)
{
    const ms_functions *f = content;
    return f->table.conditional ? f->dimension : 0;
}

/* the squared distances to the centres */
static size_t statistics(const void *content)
{
    return components(content);
}

static size_t nothing(const void *content, size_t length)
{
    (void)content;
    (void)length;
    return 0;
}

static void prepare(const void *content, const ms_place *place, double *constants)
{
    (void)content;
    (void)place;
    (void)constants;
}

/* Eight chains' coordinates are turned into rows, and scores back, two chains by four coordinates at a time;
 * on all processors pairs of numbers are what can be moved around without effort. On the way numbers are
 * looked at: x - x is 0, all bits, unless x is not finite. */
typedef double pair __attribute__((vector_size(16), may_alias));
typedef double quad __attribute__((vector_size(32), may_alias));
typedef int64_t quad_bits __attribute__((vector_size(32)));

typedef struct bits_seen {
    quad_bits bits;
} bits_seen;

MS_INLINE bool all_finite(const bits_seen *seen)
{
    return (seen->bits[0] | seen->bits[1] | seen->bits[2] | seen->bits[3]) == 0;
}

MS_INLINE void look_at(quad value, bits_seen *seen)
{
    quad same = value;
    seen->bits |= (quad_bits)(value - same);
}

/* Two pairs, which need not be aligned. */
MS_INLINE quad load_pairs(const double *first, const double *second, bits_seen *seen)
{
    pair a, b;
    memcpy(&a, first, sizeof a);
    memcpy(&b, second, sizeof b);
    quad both = __builtin_shufflevector(a, b, 0, 1, 2, 3);
    look_at(both, seen);
    return both;
}

MS_INLINE void store_pairs(double *to, size_t stride, quad value)
{
    pair a = __builtin_shufflevector(value, value, 0, 1), b = __builtin_shufflevector(value, value, 2, 3);
    memcpy(to, &a, sizeof a);
    memcpy(to + stride, &b, sizeof b);
}

MS_INLINE void store_quad(double *to, quad value)
{
    memcpy(to, &value, sizeof value);
}

/* `length` rows of MS_LANES numbers into MS_LANES rows, `stride` numbers apart. */
MS_INLINE void turn_in(const double *x, size_t length, double *row, size_t stride, bits_seen *seen)
{
    size_t j = 0;
    for (; j + 4 <= length; j += 4)
        for (size_t lane = 0; lane < MS_LANES; lane += 2) {
            const double *from = x + j * MS_LANES + lane;
            quad even = load_pairs(from, from + (size_t)2 * MS_LANES, seen);
            quad odd = load_pairs(from + MS_LANES, from + (size_t)3 * MS_LANES, seen);
            store_quad(row + lane * stride + j, __builtin_shufflevector(even, odd, 0, 4, 2, 6));
            store_quad(row + (lane + 1) * stride + j, __builtin_shufflevector(even, odd, 1, 5, 3, 7));
        }
    for (; j + 2 <= length; j += 2)
        for (size_t lane = 0; lane < MS_LANES; lane += 4) {
            const double *from = x + j * MS_LANES + lane;
            quad this = load_pairs(from, from + 2, seen),
                 next = load_pairs(from + MS_LANES, from + MS_LANES + 2, seen);
            store_pairs(row + lane * stride + j, 2 * stride, __builtin_shufflevector(this, next, 0, 4, 2, 6));
            store_pairs(row + (lane + 1) * stride + j, 2 * stride,
                        __builtin_shufflevector(this, next, 1, 5, 3, 7));
        }
    for (size_t lane = 0; j < length && lane < MS_LANES; lane += 4) {
        quad four = load_pairs(x + j * MS_LANES + lane, x + j * MS_LANES + lane + 2, seen);
        for (size_t i = 0; i < 4; i++)
            row[(lane + i) * stride + j] = four[i];
    }
}

/* Back. The last ones are read singly, as they have just been written: processors make wider reads wait. */
MS_INLINE void turn_out(const double *row, size_t length, double *x, bits_seen *seen)
{
    size_t j = 0;
    for (; j + 2 <= length; j += 2)
        for (size_t lane = 0; lane < MS_LANES; lane += 4) {
            const double *from = row + lane * length + j;
            quad even = load_pairs(from, from + 2 * length, seen);
            quad odd = load_pairs(from + length, from + 3 * length, seen);
            double *to = x + j * MS_LANES + lane;
            store_quad(to, __builtin_shufflevector(even, odd, 0, 4, 2, 6));
            store_quad(to + MS_LANES, __builtin_shufflevector(even, odd, 1, 5, 3, 7));
        }
    for (; j < length; j++)
        for (size_t lane = 0; lane < MS_LANES; lane += 4) {
            const double *from = row + lane * length + j;
            quad four = {from[0], from[length], from[2 * length], from[3 * length]};
            look_at(four, seen);
            store_quad(x + j * MS_LANES + lane, four);
        }
}

/* Squared distances to `n` <= 2 centres, from `i` on: two sums each, because an addition waits for the one
 * before.
 */
MS_INLINE void distances_to(const ms_functions *f, const ms_place *place, const double *x, size_t i, size_t n,
                            size_t part, double *distance)
{
    const double *centre[2];
    ms_lanes sum[2][2];
    size_t j = 0;
    for (size_t c = 0; c < n; c++) {
        centre[c] = mean(f, i + c) + place->first;
        sum[c][0] = sum[c][1] = ms_lanes_of(0);
    }
    for (; j + 2 <= place->length; j += 2)
        for (size_t c = 0; c < n; c++)
            for (size_t s = 0; s < 2; s++) {
                ms_lanes difference = ms_row_load(x, j + s, part) - centre[c][j + s];
                sum[c][s] = ms_lanes_fma(difference, difference, sum[c][s]);
            }
    for (size_t c = 0; c < n; c++) {
        if (j < place->length) {
            ms_lanes difference = ms_row_load(x, j, part) - centre[c][j];
            sum[c][0] = ms_lanes_fma(difference, difference, sum[c][0]);
        }
        ms_row_store(distance, i + c, part, sum[c][0] + sum[c][1]);
    }
}

static void find_distances(const ms_functions *f, const ms_place *place, const double *x, bool skips_0,
                           double *distance)
{
    for (size_t part = 0; part < MS_LANES; part += MS_WIDTH) {
        size_t i = skips_0 ? 1 : 0;
        for (; i + 2 <= f->modes; i += 2)
            distances_to(f, place, x, i, 2, part, distance);
        if (i < f->modes)
            distances_to(f, place, x, i, 1, part, distance);
    }
}

/* What its rooms and its failures are does not change what it is. */
static ms_functions *rooms_of(const void *content)
{
    return (ms_functions *)content;
}

enum { all_lanes = (1u << MS_LANES) - 1 };

static unsigned active_lanes(const int64_t *active)
{
    unsigned lanes = 0;
    for (size_t lane = 0; lane < MS_LANES; lane++)
        lanes |= (!active || active[lane] ? 1u : 0u) << lane;
    return lanes;
}

static unsigned finite_lanes(const double *x, size_t length)
{
    unsigned lanes = all_lanes;
    for (size_t j = 0; j < length; j++)
        for (size_t lane = 0; lane < MS_LANES; lane++)
            lanes &= ~((isfinite(x[j * MS_LANES + lane]) ? 0u : 1u) << lane);
    return lanes;
}

/* The points of some lanes, one after the other. Returns how many there are. */
static size_t gather(const double *before, size_t first, const double *x, size_t length, unsigned lanes,
                     double *row)
{
    size_t count = 0;
    for (size_t lane = 0; lane < MS_LANES; lane++) {
        if (!(lanes >> lane & 1))
            continue;
        for (size_t j = 0; j < first; j++)
            row[j] = before[j * MS_LANES + lane];
        for (size_t j = 0; j < length; j++)
            row[first + j] = x[j * MS_LANES + lane];
        row += first + length;
        count++;
    }
    return count;
}

/* Back. In lanes that were left out stands NaN, and 0 where there is no chain. */
static void scatter(const double *row, size_t length, unsigned lanes, unsigned active, double *x)
{
    for (size_t lane = 0; lane < MS_LANES; lane++) {
        bool there = lanes >> lane & 1;
        double absent = active >> lane & 1 ? (double)NAN : 0;
        for (size_t j = 0; j < length; j++)
            x[j * MS_LANES + lane] = there ? row[j] : absent;
        row += there ? length : 0;
    }
}

/* Where not all lanes hold a chain at a finite place, or what has been worked out is not finite. */
static void evaluate_some(ms_functions *f, const ms_place *place, const ms_evaluation *e)
{
    unsigned active = active_lanes(e->active);
    unsigned lanes = active & finite_lanes(e->x, place->length);
    size_t count = gather(e->context, place->first, e->x, place->length, lanes, f->x);
    if (count > 0)
        ms_functions_evaluate(f, place, count, f->x, f->density, f->score);
    ms_functions_refuse_rows(f, place, count, f->x, f->density, f->score);
    if (e->score)
        scatter(f->score, place->length, lanes, active, e->score);
    if (e->log_density)
        scatter(f->density, 1, lanes, active, e->log_density);
}

static bool all_active(const int64_t *active)
{
    int64_t mask = -1;
    for (size_t lane = 0; active && lane < MS_LANES; lane++)
        mask &= active[lane];
    return mask == -1;
}

/* False: not done. */
static bool evaluate_all(ms_functions *f, const ms_place *place, const ms_evaluation *e)
{
    bits_seen seen = {0};
    size_t known = place->first + place->length;
    if (!e->score || !all_active(e->active))
        return false;
    if (place->first > 0)
        turn_in(e->context, place->first, f->x, known, &seen);
    turn_in(e->x, place->length, f->x + place->first, known, &seen);
    if (!all_finite(&seen))
        return false;
    if (place->length == f->dimension && place->noise_level == 0) {
        if (f->table.evaluate(f->self, MS_LANES, f->x, f->density, f->score) != 0)
            return false;
    } else {
        ms_functions_evaluate(f, place, MS_LANES, f->x, f->density, f->score);
    }
    turn_out(f->score, place->length, e->score, &seen);
    turn_out(f->density, 1, e->log_density ? e->log_density : f->density, &seen);
    return all_finite(&seen);
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *e)
{
    ms_functions *f = rooms_of(content);
    (void)constants;
    if (e->statistics)
        find_distances(f, place, e->x, e->skips_distance_0, e->statistics);
    if ((e->score || e->log_density) && !evaluate_all(f, place, e))
        evaluate_some(f, place, e);
}

static void absorb(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context)
{
    (void)content;
    (void)constants;
    (void)scratch;
    memcpy(context + place->first * MS_LANES, x, place->length * MS_LANES * sizeof *x);
}

static void measure(const void *content, const double *statistics, double *distance, double *log_weight,
                    double *log_density)
{
    (void)log_weight; /* see measure_whole */
    (void)log_density;
    if (distance)
        memcpy(distance, statistics, components(content) * MS_LANES * sizeof *distance);
}

static void measure_whole(const void *content, const double *x, const int64_t *active, double *log_weight,
                          double *log_density)
{
    ms_functions *f = rooms_of(content);
    const ms_place whole = {.length = f->dimension};
    const ms_evaluation e = {.x = x, .log_density = log_density, .active = active};
    unsigned wanted = active_lanes(active);
    if (log_density)
        evaluate(content, &whole, NULL, &e);
    if (!log_weight)
        return;
    unsigned lanes = wanted & finite_lanes(x, f->dimension);
    size_t count = gather(NULL, 0, x, f->dimension, lanes, f->x);
    if (count > 0)
        ms_functions_log_weights(f, count, f->x, f->log_weight);
    scatter(f->log_weight, f->modes, lanes, wanted, log_weight);
}

static const char *take_failure(const void *content)
{
    return ms_functions_take_failure(rooms_of(content));
}

static bool has_failed(const void *content)
{
    return ((const ms_functions *)content)->failed;
}

static double log_constant(const void *content)
{
    const ms_functions *f = content;
    return f->table.log_normaliser ? -f->table.log_normaliser(f->self) : (double)NAN;
}

static void draw(const void *content, size_t component, const double *normal, const double *uniform,
                 double *x)
{
    ms_functions *f = rooms_of(content);
    size_t d = f->dimension, count = MS_LANES * d;
    double *room = calloc(2 * count, sizeof *room);
    int code = -1;
    if (room && f->table.draw) {
        bits_seen seen = {0};
        turn_in(normal, d, room, d, &seen);
        turn_in(uniform, d, room + count, d, &seen);
        for (size_t i = count; i < 2 * count; i++) /* 1 is allowed, as a rounded number */
            room[i] = room[i] < 1 ? room[i] : 0x1.fffffffffffffp-1;
        code = f->table.draw(f->self, component, MS_LANES, room, room + count, f->x);
    }
    bits_seen seen = {0};
    if (code == 0)
        turn_out(f->x, d, x, &seen);
    for (size_t i = 0; code != 0 && i < count; i++)
        x[i] = (double)NAN;
    free(room);
}

const ms_target_type MS_TYPE_NAME(ms_plugin) = {
    .kind = {.name = "plugin",
             .doc = "a target given by a shared object's functions",
             .schema = &ms_plugin_schema,
             .params_size = sizeof(ms_plugin_params),
             .look = ms_plugin_look,
             .fits = ms_plugin_fits},
    .count = count_modes,
    .component = describe,
    .is_isotropic = is_isotropic,
    .alloc = make,
    .free = destroy,
    .gives = gives,
    .components = components,
    .weight = weight,
    .mean = mean,
    .variance = variance,
    .variance_max = variance,
    .hash = hash,
    .isotropic = isotropic,
    .context_rows = context_rows,
    .statistics = statistics,
    .scratch = nothing,
    .constants = nothing,
    .prepare = prepare,
    .evaluate = evaluate,
    .absorb = absorb,
    .measure = measure,
    .measure_whole = measure_whole,
    .log_constant = log_constant,
    .take_failure = take_failure,
    .has_failed = has_failed,
    .draws_uniforms = true,
    .draw = draw};
