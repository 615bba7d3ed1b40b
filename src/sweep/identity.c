/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes two sweeps the same: a text for people and files. */
#include "sweep/identity.h"
#include "sweep/draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_target(FILE *out, const ms_sweep *sweep)
{
    static const char *const pattern[] = {
        [MS_MEAN_CONSTANT] = "constant",       [MS_MEAN_LIST] = "list",     [MS_MEAN_REPEAT] = "repeat",
        [MS_MEAN_ALTERNATING] = "alternating", [MS_MEAN_HALVES] = "halves", [MS_MEAN_RAMP] = "ramp"};
    fprintf(out, "target.family = %s\n", ms_target_type_get_name(sweep->family));
    fprintf(out, "target.components = %zu\n", sweep->component_count);
    for (size_t i = 0; i < sweep->component_count; i++) {
        const ms_component *component = &sweep->component[i];
        fprintf(out, "target.components[%zu].weight = %.17g\n", i, component->weight);
        fprintf(out, "target.components[%zu].mean = %s", i, pattern[component->pattern]);
        if (!component->values)
            fprintf(out, " %.17g", component->value);
        for (size_t j = 0; component->values && j < component->value_count; j++)
            fprintf(out, " %.17g", component->values[j]);
        fprintf(out, "\ntarget.components[%zu].variance = %.17g\n", i, component->variance);
    }
}

static void write_start(FILE *out, const ms_sweep *sweep)
{
    const ms_start *start = &sweep->start;
    switch (start->type) {
    case MS_START_COMPONENT:
        fprintf(out, "start = component %zu\n", start->component);
        break;
    case MS_START_UNIFORM:
        fprintf(out, "start = uniform %.17g %.17g\n", start->low, start->high);
        break;
    case MS_START_NORMAL:
        fprintf(out, "start = normal %.17g\n", start->variance);
        break;
    case MS_START_POSITIONS: {
        ms_hash hash = ms_hash_init();
        for (size_t i = 0; i < start->rows * sweep->positions_dimension; i++)
            ms_hash_double(&hash, start->positions[i]);
        fprintf(out, "start = positions %zu x %zu, hash %016" PRIx64 "\n", start->rows,
                sweep->positions_dimension, ms_hash_value(&hash));
        break;
    }
    }
}

static void write_sampler(FILE *out, const ms_sweep *sweep)
{
    const ms_schedule *schedule = &sweep->schedule;
    fprintf(out, "sampler.step_size = %.17g\n", schedule->step_size);
    fprintf(out, "sampler.step_rule = %s\n", schedule->step_rule == MS_STEP_NCSN ? "ncsn" : "constant");
    if (schedule->type == MS_SCHEDULE_GEOMETRIC)
        fprintf(out, "sampler.schedule = geometric to %.17g in %zu levels\n", schedule->noise_level_min,
                schedule->levels);
    else
        fprintf(out, "sampler.schedule = constant\n");
    if (sweep->iterations_per_patch > 0)
        fprintf(out, "sampler.iterations_per_patch = %" PRIu64 "\n", sweep->iterations_per_patch);
    else
        fprintf(out, "sampler.iterations_per_pass = %" PRIu64 "\n", sweep->iterations_per_pass);
    fprintf(out, "sampler.conditioning = %s\n",
            sweep->conditioning == MS_CONDITIONING_FINAL ? "final" : "same");
    fprintf(out, "sampler.engine = %s\n", ms_engine_name(sweep->engine));
}

static void write_axis(FILE *out, const char *key, const ms_axis *axis, bool is_real)
{
    fprintf(out, "%s =", key);
    for (size_t i = 0; i < axis->count; i++)
        if (is_real)
            fprintf(out, " %.17g", axis->value[i].real);
        else
            fprintf(out, " %" PRIu64, axis->value[i].whole);
    fprintf(out, "\n");
}

static void write_patch_sizes(FILE *out, const ms_axis *axis)
{
    fprintf(out, "grid.patch_size =");
    for (size_t i = 0; i < axis->count; i++)
        if (axis->value[i].whole == MS_AXIS_FULL)
            fprintf(out, " full");
        else
            fprintf(out, " %" PRIu64, axis->value[i].whole);
    fprintf(out, "\n");
}

static void write_identity(FILE *out, const ms_draft *draft)
{
    static const char *const indivisible[] = {[MS_INDIVISIBLE_ERROR] = "error",
                                              [MS_INDIVISIBLE_SKIP] = "skip",
                                              [MS_INDIVISIBLE_SHORTER_LAST_PATCH] = "shorter_last_patch"};
    const ms_sweep *sweep = &draft->sweep;
    write_target(out, sweep);
    write_start(out, sweep);
    write_sampler(out, sweep);
    fprintf(out, "budget.iterations = %" PRIu64 "\n", sweep->iterations);
    fprintf(out, "budget.chains = %zu\n", sweep->chains);
    fprintf(out, "budget.block = %zu\n", sweep->block_chains);
    fprintf(out, "budget.stop_when_discovered = %s\n", sweep->stop_when_discovered ? "true" : "false");
    if (sweep->radius_squared > 0)
        fprintf(out, "discovery.radius_squared = %.17g\n", sweep->radius_squared);
    else
        fprintf(out, "discovery.radius_squared = auto\n");
    write_axis(out, "snapshots", &draft->snapshots, false);
    write_axis(out, "grid.dimension", &draft->dimension, false);
    write_patch_sizes(out, &draft->patch_size);
    write_axis(out, "grid.noise_level", &draft->noise_level, true);
    write_axis(out, "grid.seed", &draft->seed, false);
    fprintf(out, "grid.indivisible = %s\n", indivisible[sweep->indivisible]);
}

ms_status ms_draft_identity(ms_draft *draft)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return MS_ERROR_MEMORY;
    write_identity(out, draft);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return MS_ERROR_MEMORY;
    }
    draft->sweep.identity = text;
    return MS_OK;
}

/* A line "key = value"; `value` is empty but never NULL. */
typedef struct line {
    const char *key, *value;
    int key_length, value_length;
} line;

/* Cuts the next line off `*text`; false at the end. */
static bool next_line(const char **text, line *l)
{
    if (**text == '\0')
        return false;
    size_t length = strcspn(*text, "\n");
    const char *end = *text + length, *equals = memchr(*text, '=', length);
    if (!equals)
        equals = end;
    l->key = *text;
    l->key_length = (int)(equals - *text);
    while (l->key_length > 0 && l->key[l->key_length - 1] == ' ')
        l->key_length--;
    l->value = equals < end ? equals + 1 : end;
    while (l->value < end && *l->value == ' ')
        l->value++;
    l->value_length = (int)(end - l->value);
    *text = *end ? end + 1 : end;
    return true;
}

static bool find_line(const char *text, const line *wanted, line *found)
{
    while (next_line(&text, found))
        if (found->key_length == wanted->key_length &&
            strncmp(found->key, wanted->key, (size_t)wanted->key_length) == 0)
            return true;
    return false;
}

#define VALUE_SHOWN_MAX 80

typedef char shown[VALUE_SHOWN_MAX + 4];

/* The value for a message: the beginning of a long one. */
static const char *show(const line *l, shown text)
{
    bool is_long = l->value_length > VALUE_SHOWN_MAX;
    snprintf(text, sizeof(shown), "%.*s%s", is_long ? VALUE_SHOWN_MAX : l->value_length, l->value,
             is_long ? "..." : "");
    return l->value_length > 0 ? text : "none";
}

static bool has_key(const line *l, const char *key)
{
    return l->key_length == (int)strlen(key) && strncmp(l->key, key, (size_t)l->key_length) == 0;
}

static bool is_of_grid(const line *l)
{
    return l->key_length > 5 && strncmp(l->key, "grid.", 5) == 0;
}

/* A part of the budget that has become larger. */
static bool is_larger(const line *before, const line *now)
{
    return (has_key(now, "budget.iterations") || has_key(now, "budget.chains")) &&
           strtoull(now->value, NULL, 10) > strtoull(before->value, NULL, 10);
}

#define ROOM_FOR_REST 16 /* "; and N more" */

/* Differences found so far; those behind the first that do not fit are only counted. */
typedef struct list {
    char *text;
    size_t size, count, left_out;
} list;

static void add_difference(list *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_difference(list *l, const char *format, ...)
{
    char entry[2 * sizeof(shown) + 100];
    size_t length = strlen(l->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry, sizeof entry, format, arguments);
    va_end(arguments);
    bool fits = l->left_out == 0 && length + strlen(entry) + 2 + ROOM_FOR_REST < l->size;
    if (l->count++ == 0)
        snprintf(l->text, l->size, "%s", entry);
    else if (fits)
        snprintf(l->text + length, l->size - length, "; %s", entry);
    else
        l->left_out++;
}

static void end_differences(list *l)
{
    size_t length = strlen(l->text);
    if (l->left_out > 0)
        snprintf(l->text + length, l->size - length, "; and %zu more", l->left_out);
}

/* What is compared: all, all but the grid, or all but the grid and a budget that has become larger. */
typedef enum scope { ALL, ALL_BUT_GRID, ALL_BUT_GROWTH } scope;

static bool find_differences(const char *identity_before, const char *identity_now, scope compared,
                             char *difference, size_t size)
{
    line before, now;
    shown was, is;
    list found = {.text = difference, .size = size};
    difference[0] = '\0';
    for (const char *rest = identity_before; next_line(&rest, &before);) {
        if (compared != ALL && is_of_grid(&before))
            continue;
        if (!find_line(identity_now, &before, &now))
            add_difference(&found, "%.*s: was %s, is not given", before.key_length, before.key,
                           show(&before, was));
        else if ((before.value_length != now.value_length ||
                  strncmp(before.value, now.value, (size_t)now.value_length) != 0) &&
                 !(compared == ALL_BUT_GROWTH && is_larger(&before, &now)))
            add_difference(&found, "%.*s: was %s, is %s", now.key_length, now.key, show(&before, was),
                           show(&now, is));
    }
    for (const char *rest = identity_now; next_line(&rest, &now);)
        if ((compared == ALL || !is_of_grid(&now)) && !find_line(identity_before, &now, &before))
            add_difference(&found, "%.*s: was not given, is %s", now.key_length, now.key, show(&now, is));
    end_differences(&found);
    return found.count > 0;
}

bool ms_sweep_differs(const char *identity_before, const char *identity_now, char *difference, size_t size)
{
    return find_differences(identity_before, identity_now, ALL, difference, size);
}

bool ms_sweep_may_grow(const char *identity_before, const char *identity_now, char *difference, size_t size)
{
    return !find_differences(identity_before, identity_now, ALL_BUT_GROWTH, difference, size);
}

bool ms_sweep_is_alike(const char *identity_before, const char *identity_now, char *difference, size_t size)
{
    return !find_differences(identity_before, identity_now, ALL_BUT_GRID, difference, size);
}

bool ms_identity_value(const char *identity, const char *key, const char **value, size_t *length)
{
    line l;
    for (const char *rest = identity; next_line(&rest, &l);)
        if (has_key(&l, key)) {
            *value = l.value;
            *length = (size_t)l.value_length;
            return true;
        }
    return false;
}
