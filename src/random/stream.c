/* SPDX-License-Identifier: GPL-3.0-or-later */
#define MS_WIDTH 1
#include "random/lanes.h"

#include <Random123/philox.h>
#include <modeseek/random.h>

void ms_stream_words(const ms_stream *stream, uint32_t draw, uint32_t word[4])
{
    philox4x32_ctr_t counter = {{draw, ms_iteration_low(stream->iteration),
                                 ms_iteration_high(stream->iteration, stream->purpose), stream->chain}};
    philox4x32_key_t key = {{(uint32_t)stream->key, (uint32_t)(stream->key >> 32)}};
    philox4x32_ctr_t block = philox4x32(counter, key);
    memcpy(word, block.v, sizeof block.v);
}

void ms_stream_normals(const ms_stream *stream, double *normal, size_t n)
{
    ms_lanes_place place =
        ms_lanes_place_of(stream->key, ms_lanes_u_of(stream->chain), stream->iteration, stream->purpose);
    ms_lanes_u word[4];
    for (size_t i = 0; i < n; i += 2) {
        ms_lanes first, second;
        uint32_t draw = (uint32_t)(i / 4);
        if (i % 4 == 0)
            ms_lanes_philox(&place, draw, word);
        ms_lanes_normal_pair(&place, draw, (int)(i % 4), word, 1, &first, &second);
        normal[i] = first[0];
        if (i + 1 < n)
            normal[i + 1] = second[0];
    }
}
