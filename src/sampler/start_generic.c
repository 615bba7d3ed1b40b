/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/start_generic.h"

#include "base/data_set.h"

#include <modeseek/random.h>

/* 64-bit uniforms (0, 1], two a block of the starts' numbers */
static void draw_uniforms(const ms_stream *stream, const uint64_t *chain, size_t dimension, double *uniform)
{
    ms_lanes_place place =
        ms_lanes_place_of(stream->key, *(const ms_lanes_u *)chain, stream->iteration, stream->purpose);
    ms_lanes_u word[4];
    ms_lanes *row = (ms_lanes *)uniform;
    for (size_t j = 0; j < dimension; j++) {
        size_t half = j % 2 * 2;
        if (half == 0)
            ms_lanes_philox(&place, (uint32_t)(j / 2), word);
        row[j] = ms_lanes_uniform64(word[half], word[half + 1]);
    }
}

void ms_start_draw(const ms_run_params *params, const ms_kernel *kernel, const ms_target_type *type,
                   uint64_t iteration, const uint64_t *chain, double *room, double *x)
{
    const ms_start *start = &params->start;
    size_t dimension = params->target->dimension;
    ms_stream stream = {.key = params->key, .iteration = iteration, .purpose = MS_PURPOSE_START};
    ms_lanes *row = (ms_lanes *)x, *normal = (ms_lanes *)room;
    if (start->type == MS_START_UNIFORM) {
        draw_uniforms(&stream, chain, dimension, x);
        for (size_t j = 0; j < dimension; j++)
            row[j] = start->low + (start->high - start->low) * row[j];
        return;
    }
    if (start->type == MS_START_DATA) {
        for (int lane = 0; lane < MS_LANES; lane++)
            for (size_t j = 0; j < dimension; j++) {
                double value =
                    ms_data_set_at(start->data, chain[lane] % start->data->count, j, start->by_column);
                row[j][lane] = start->is_flipped ? 1 - value : value;
            }
        return;
    }
    if (start->type == MS_START_POSITIONS) {
        for (int lane = 0; lane < MS_LANES; lane++)
            for (size_t j = 0; j < dimension; j++)
                row[j][lane] = start->positions[chain[lane] % start->rows * dimension + j];
        return;
    }
    kernel->normals(params->key, chain, iteration, MS_PURPOSE_START, room, dimension);
    if (start->type == MS_START_NORMAL) {
        double deviation = __builtin_sqrt(start->variance);
        for (size_t j = 0; j < dimension; j++)
            row[j] = deviation * normal[j];
        return;
    }
    double *uniform = room + dimension * MS_LANES;
    stream.purpose = MS_PURPOSE_START_UNIFORM;
    if (type->draws_uniforms)
        draw_uniforms(&stream, chain, dimension, uniform);
    type->draw(params->target->content, start->component, room, uniform, x);
}
