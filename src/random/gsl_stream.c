/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <modeseek/random.h>

typedef struct philox_stream {
    ms_stream stream;
    uint32_t draw;
    uint32_t word[4];
    unsigned used; /* words of the block already given out */
} philox_stream;

static void stream_begin(philox_stream *state)
{
    state->draw = 0;
    state->used = 4;
}

static void stream_set(void *state, unsigned long seed)
{
    philox_stream *s = state;
    s->stream = (ms_stream){.key = seed, .purpose = MS_PURPOSE_USER};
    stream_begin(s);
}

static unsigned long stream_get(void *state)
{
    philox_stream *s = state;
    if (s->used == 4) {
        ms_stream_words(&s->stream, s->draw++, s->word);
        s->used = 0;
    }
    return s->word[s->used++];
}

/* 53 bits: GSL's samplers expect a double in [0, 1) */
static double stream_get_double(void *state)
{
    uint64_t high = stream_get(state), low = stream_get(state);
    return (double)((high << 32 | low) >> 11) * 0x1p-53;
}

static const gsl_rng_type philox_type = {.name = "modeseek_philox4x32",
                                         .max = 0xffffffffUL,
                                         .min = 0,
                                         .size = sizeof(philox_stream),
                                         .set = stream_set,
                                         .get = stream_get,
                                         .get_double = stream_get_double};
const gsl_rng_type *const ms_gsl_rng_philox = &philox_type;

void ms_gsl_rng_seek(gsl_rng *rng, const ms_stream *stream)
{
    philox_stream *state = gsl_rng_state(rng);
    state->stream = *stream;
    stream_begin(state);
}
