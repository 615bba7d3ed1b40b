/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A round of splitting. Particles that have come as far as each other are told apart by nothing, so they are
 * all killed or all stay: killing some of them would bias p, and in discrete time there are many. */
#include "estimate/splitting_state.h"

#include <modeseek/random.h>

/* The least level that at least `killed` particles have not come above, and how many have not. */
static uint32_t least_level(const ms_splitting *s, size_t *below)
{
    size_t at[MS_SPLITTING_LEVELS + 1] = {0};
    for (size_t i = 0; i < s->progress.entrances; i++)
        at[s->particle[i].level]++;
    uint32_t level = 0;
    for (*below = at[0]; *below < s->params.killed && level < MS_SPLITTING_LEVELS;)
        *below += at[++level];
    return level;
}

/* Uniform on (0, 1], one a round. */
static double offset_of(const ms_splitting *s)
{
    const ms_stream stream = {.key = s->key, .iteration = s->progress.rounds, .purpose = MS_PURPOSE_SELECT};
    uint32_t word[4];
    ms_stream_words(&stream, 0, word);
    return (double)word[0] * 0x1p-32 + ((double)word[1] + 0.5) * 0x1p-64;
}

/* The next one that stays, from this one on. */
static size_t survivor_from(const ms_splitting *s, size_t particle)
{
    while (s->particle[particle].is_waiting)
        particle++;
    return particle;
}

/* The killed ones begin again where survivors came above the level, which have about as many copies each: the
 * survivors in their order are a line along which copies are made at equal distances, from a random offset
 * on. Each has as many in expectation (systematic resampling). */
static bool replace(ms_splitting *s, uint32_t level, size_t killed)
{
    const size_t count = s->progress.entrances, alive = count - killed;
    for (size_t i = 0; i < count; i++) {
        ms_records_drop(&s->records, &s->particle[i].records, level);
        s->particle[i].is_waiting = s->particle[i].level <= level;
    }
    double offset = offset_of(s), distance = (double)alive / (double)killed;
    size_t survivor = survivor_from(s, 0), passed = 1, made = 0;
    s->queue_first = s->queue_end = 0;
    for (size_t i = 0; i < count; i++) {
        ms_particle *p = &s->particle[i];
        if (!p->is_waiting)
            continue;
        for (double place = ((double)made++ + offset) * distance; (double)passed < place && passed < alive;
             passed++)
            survivor = survivor_from(s, survivor + 1);
        const ms_particle *parent = &s->particle[survivor];
        if (!ms_records_copy(&s->records, parent->records.first, &p->records))
            return false;
        p->level = s->records.record[p->records.first].level;
        p->ancestor = parent->ancestor;
        s->queue[s->queue_end++] = (uint32_t)i;
    }
    s->progress.waiting = killed;
    return true;
}

/* The share that has come to the set, and from how many entrances; the queue is room for which. */
static void end(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    size_t discovered = 0;
    for (size_t i = 0; i < p->entrances; i++)
        s->queue[i] = 0;
    for (size_t i = 0; i < p->entrances; i++)
        if (s->particle[i].level == MS_SPLITTING_LEVELS) {
            discovered++;
            p->ancestors += s->queue[s->particle[i].ancestor]++ == 0;
        }
    p->probability *= (double)discovered / (double)p->entrances;
    p->phase = MS_SPLITTING_DONE;
}

bool ms_splitting_round(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    size_t below = 0;
    uint32_t level = least_level(s, &below);
    if (p->entrances == 0 || (level < MS_SPLITTING_LEVELS && below == p->entrances)) {
        p->probability = 0;
        p->phase = MS_SPLITTING_DONE;
        return true;
    }
    if (level < MS_SPLITTING_LEVELS) {
        p->probability *= (double)(p->entrances - below) / (double)p->entrances;
        p->rounds++;
        return replace(s, level, below);
    }
    end(s);
    return true;
}
