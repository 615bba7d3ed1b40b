/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once per instruction set: MS_KERNEL_SIMD is portable, avx2 or avx512. */
#include "sampler/kernel.h"

#define CONCATENATE(a, b) a##b
#define KERNEL_NAME(simd) CONCATENATE(ms_kernel_, simd)

static void normals(uint64_t key, const ms_lanes_u *chain, uint64_t iteration, unsigned purpose,
                    ms_lanes *normal, size_t n)
{
    uint32_t low = ms_iteration_low(iteration), high = ms_iteration_high(iteration, purpose);
    for (size_t i = 0; i < n; i += 2) {
        ms_lanes first, second;
        ms_lanes_normals(key, *chain, low, high, (uint32_t)(i / 2), &first, &second);
        normal[i] = first;
        if (i + 1 < n)
            normal[i + 1] = second;
    }
}

static void distances(const double *mean, size_t mean_stride, size_t components, const ms_lanes *x,
                      size_t length, ms_lanes *distance)
{
    for (size_t i = 0; i < components; i++) {
        ms_lanes sum = ms_lanes_of(0);
        for (size_t j = 0; j < length; j++) {
            ms_lanes difference = x[j] - mean[i * mean_stride + j];
            sum += difference * difference;
        }
        distance[i] = sum;
    }
}

/* One coordinate: x <- contraction x + sum_i pull_i mean_i + noise, its distances added up. */
MS_INLINE void update(const ms_segment *s, size_t components, size_t j, ms_lanes contraction,
                      const ms_lanes *pull, ms_lanes noise, ms_lanes *x, ms_lanes *distance)
{
    ms_lanes drift = pull[0] * s->mean[j];
    for (size_t i = 1; i < components; i++)
        drift += pull[i] * s->mean[i * s->mean_stride + j];
    ms_lanes moved = (contraction * x[j] + drift) + noise;
    for (size_t i = 0; i < components; i++) {
        ms_lanes difference = moved - s->mean[i * s->mean_stride + j];
        distance[i] += difference * difference;
    }
    x[j] = moved;
}

/* The Langevin step with the mixture's score -sum_i gamma_i (x - mean_i) / v_i:
 * x (1 - sum_i pull_i) + sum_i pull_i mean_i + sqrt(delta) z, pull_i = (delta/2) gamma_i / v_i. */
MS_INLINE void iterate(const ms_segment *s, size_t components, uint64_t iteration, ms_lanes_u chain,
                       double deviation, ms_lanes *x, ms_lanes *distance)
{
    ms_lanes pull[MS_COMPONENTS_MAX], largest, sum = ms_lanes_of(0), contraction = ms_lanes_of(1);
    for (size_t i = 0; i < components; i++) {
        pull[i] = s->base[i] - distance[i] * (0.5 * s->inverse_variance[i]);
        largest = i == 0 ? pull[i] : ms_lanes_max(largest, pull[i]);
    }
    for (size_t i = 0; i < components; i++)
        sum += pull[i] = ms_lanes_exp(pull[i] - largest);
    for (size_t i = 0; i < components; i++) {
        pull[i] = pull[i] / sum * (0.5 * s->step_size * s->inverse_variance[i]);
        contraction -= pull[i];
        distance[i] = ms_lanes_of(0);
    }
    uint32_t low = ms_iteration_low(iteration), high = ms_iteration_high(iteration, MS_PURPOSE_NOISE);
    size_t j = 0;
    for (; j + 1 < s->length; j += 2) {
        ms_lanes first, second;
        ms_lanes_normals(s->key, chain, low, high, (uint32_t)(j / 2), &first, &second);
        update(s, components, j, contraction, pull, deviation * first, x, distance);
        update(s, components, j + 1, contraction, pull, deviation * second, x, distance);
    }
    if (j < s->length) {
        ms_lanes first, second;
        ms_lanes_normals(s->key, chain, low, high, (uint32_t)(j / 2), &first, &second);
        update(s, components, j, contraction, pull, deviation * first, x, distance);
    }
}

MS_INLINE uint64_t advance_components(const ms_segment *s, size_t components, uint64_t count,
                                      const ms_lanes_u *chain, const ms_lanes_i *pending, ms_lanes *x,
                                      ms_lanes *distance)
{
    double deviation = __builtin_sqrt(s->step_size);
    ms_lanes current[MS_COMPONENTS_MAX];
    memcpy(current, distance, components * sizeof *current);
    uint64_t done = 0;
    for (bool hit = false; done < count && !hit; done++) {
        iterate(s, components, s->iteration + done, *chain, deviation, x, current);
        ms_lanes_i hits = {0};
        ms_lanes reference = s->rest[0] + current[0];
        for (size_t e = 0; e < s->event_count; e++) {
            size_t component = s->events[e].component;
            ms_lanes total = s->rest[component] + current[component];
            hits |= pending[e] & ms_event_holds(&s->events[e], total, reference);
        }
        hit = ms_lanes_any(hits);
    }
    memcpy(distance, current, components * sizeof *current);
    return done;
}

/* the usual numbers of components get loops unrolled into registers */
static uint64_t advance(const ms_segment *s, uint64_t count, const ms_lanes_u *chain,
                        const ms_lanes_i *pending, ms_lanes *x, ms_lanes *distance)
{
    switch (s->components) {
    case 2:
        return advance_components(s, 2, count, chain, pending, x, distance);
    case 3:
        return advance_components(s, 3, count, chain, pending, x, distance);
    default:
        return advance_components(s, s->components, count, chain, pending, x, distance);
    }
}

const ms_kernel KERNEL_NAME(MS_KERNEL_SIMD) = {normals, distances, advance};
