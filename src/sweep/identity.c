/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes two sweeps the same: a text for people and files. */
#include "sweep/identity.h"
#include "base/text.h"
#include "sweep/draft.h"
#include "sweep/path.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_axis(FILE *out, const ms_axis *axis)
{
    bool is_patch_size = strcmp(axis->name, "patch_size") == 0;
    fprintf(out, "grid.%s =", axis->name);
    for (size_t i = 0; i < axis->count; i++) {
        const ms_axis_value *value = &axis->value[i];
        if (axis->type == MS_AXIS_TEXT)
            fprintf(out, " %s", value->text);
        else if (axis->type == MS_AXIS_REAL)
            fprintf(out, " %.17g", value->real);
        else if (is_patch_size && value->whole == MS_AXIS_FULL)
            fprintf(out, " full");
        else
            fprintf(out, " %" PRIu64, value->whole);
    }
    fprintf(out, "\n");
}

/* A path grows to the right while tables are gone through; too long a one is cut, which no table comes near.
 */
typedef struct writer {
    FILE *out;
    const ms_sweep *sweep;
    ms_field_role role; /* of the fields that are written */
    char path[256];
} writer;

static void write_fields(writer *w, const ms_schema *schema, const void *from);

/* The further axis of that path, or NULL. A section on an axis has the name of its value in braces in the
 * writer's path, which no axis has. */
static const ms_axis *find_axis(const writer *w, const char *behind)
{
    char path[sizeof w->path + 16];
    const char *open = strchr(w->path, '{'), *close = open ? strchr(open, '}') : NULL;
    snprintf(path, sizeof path, "%.*s%s%s", open ? (int)(open - w->path) : (int)strlen(w->path), w->path,
             close ? close + 1 : "", behind);
    for (size_t i = 0; i < w->sweep->further_axes; i++)
        if (strcmp(w->sweep->further[i].name, path) == 0)
            return &w->sweep->further[i];
    return NULL;
}

static void write_vector(const writer *w, const ms_vector *vector)
{
    FILE *out = w->out;
    static const char *const pattern[] = {[MS_PATTERN_LIST] = "list",
                                          [MS_PATTERN_REPEAT] = "repeat",
                                          [MS_PATTERN_ALTERNATING] = "alternating",
                                          [MS_PATTERN_HALVES] = "halves",
                                          [MS_PATTERN_RAMP] = "ramp"};
    if (vector->pattern != MS_PATTERN_CONSTANT)
        fprintf(out, "%s%s", pattern[vector->pattern], vector->values ? "" : " ");
    if (find_axis(w, ".value"))
        fprintf(out, "of the grid");
    else if (!vector->values)
        fprintf(out, "%.17g", vector->value);
    for (size_t j = 0; vector->values && j < vector->value_count; j++)
        fprintf(out, " %.17g", vector->values[j]);
}

static void write_number(FILE *out, const ms_field *field, double number)
{
    for (const ms_choice *word = field->choices; word && word->name; word++)
        if (number == word->value) {
            fprintf(out, "%s", word->name);
            return;
        }
    fprintf(out, "%.17g", number);
}

static void write_value(const writer *w, const ms_field *field, const void *from)
{
    FILE *out = w->out;
    const void *value = (const char *)from + field->offset;
    switch (field->type) {
    case MS_FIELD_TEXT:
    case MS_FIELD_PATH:
        fprintf(out, "%s", (const char *)value);
        break;
    case MS_FIELD_NUMBER:
        write_number(out, field, *(const double *)value);
        break;
    case MS_FIELD_COUNT:
        fprintf(out, "%" PRIu64, *(const uint64_t *)value);
        break;
    case MS_FIELD_BOOL:
        fprintf(out, "%s", ms_choice_name(ms_bool_choices, *(const bool *)value));
        break;
    case MS_FIELD_CHOICE:
        fprintf(out, "%s", ms_choice_name(field->choices, *(const unsigned *)value));
        break;
    case MS_FIELD_VECTOR:
        write_vector(w, value);
        break;
    default:
        field->write(out, from);
        break;
    }
}

static void write_list(writer *w, const ms_field *field, const ms_list *list)
{
    size_t length = strlen(w->path);
    if (w->role == field->role)
        fprintf(w->out, "%s = %zu\n", w->path, list->count);
    if (w->role == field->role && list->is_of_file)
        fprintf(w->out, "%s.digest = %016" PRIx64 "\n", w->path, list->digest);
    for (size_t i = 0; i < list->count && !list->is_of_file; i++) {
        snprintf(w->path + length, sizeof w->path - length, "[%zu]", i);
        write_fields(w, field->schema, (const char *)list->item + i * field->size);
    }
}

static void write_several(writer *w, const ms_field *field, const ms_list *list)
{
    size_t length = strlen(w->path);
    const ms_chosen *chosen = list->item;
    if (w->role == field->role) {
        fprintf(w->out, "%s =", w->path);
        for (size_t i = 0; i < list->count; i++)
            fprintf(w->out, " %s", chosen[i].kind->name);
        fprintf(w->out, "\n");
    }
    for (size_t i = 0; i < list->count; i++) {
        snprintf(w->path + length, sizeof w->path - length, "[%zu]", i);
        if (chosen[i].kind->schema)
            write_fields(w, chosen[i].kind->schema, chosen[i].params);
        w->path[length] = '\0';
    }
}

static void write_named_numbers(writer *w, const ms_list *list)
{
    size_t length = strlen(w->path);
    const ms_named_number *number = list->item;
    for (size_t i = 0; i < list->count; i++) {
        snprintf(w->path + length, sizeof w->path - length, ".%s", number[i].name);
        if (!find_axis(w, ""))
            fprintf(w->out, "%s = %.17g\n", w->path, number[i].value);
        w->path[length] = '\0';
    }
}

static void write_sets(const writer *w, const ms_sets *sets)
{
    fprintf(w->out, "%s =%s", w->path, sets->count == 0 ? " auto" : "");
    for (size_t i = 0, m = 0; i < sets->count; i++)
        for (size_t first = m; m < sets->end[i]; m++)
            fprintf(w->out, "%s%zu", m == first ? " " : "+", sets->member[m]);
    fprintf(w->out, "\n");
}

static void write_chosen(writer *w, const ms_field *field, const void *from)
{
    const ms_chosen *chosen = (const ms_chosen *)(const void *)((const char *)from + field->offset);
    if (w->role == field->role)
        fprintf(w->out, "%s.%s = %s\n", w->path, field->tag, chosen->kind->name);
    if (chosen->kind->schema)
        write_fields(w, chosen->kind->schema, chosen->params);
    if (field->schema)
        write_fields(w, field->schema, from);
}

/* A section on an axis: all values of it, each by its name. */
static void write_sections(writer *w, const ms_field *field, const ms_axis *axis)
{
    size_t length = strlen(w->path), number = (size_t)(axis - w->sweep->further);
    for (size_t i = 0; i < axis->count; i++) {
        size_t variant = 0;
        while (ms_sweep_further_value(w->sweep, number, variant) != i)
            variant++;
        const ms_draft of_variant = {.settings = w->sweep->variant[variant], .sweep = *w->sweep};
        snprintf(w->path + length, sizeof w->path - length, "{%s}", axis->value[i].text);
        write_chosen(w, field, &of_variant);
    }
}

static void write_field(writer *w, const ms_field *field, const void *from)
{
    const void *value = (const char *)from + field->offset;
    const ms_axis *axis = find_axis(w, "");
    if (axis && axis->value[0].mapping) {
        write_sections(w, field, axis);
    } else if (axis) {
        return; /* among the axes */
    } else if (field->type == MS_FIELD_LIST) {
        write_list(w, field, value);
    } else if (field->type == MS_FIELD_SEVERAL) {
        write_several(w, field, value);
    } else if (field->type == MS_FIELD_NUMBERS) {
        if (w->role == field->role)
            write_named_numbers(w, value);
    } else if (field->type == MS_FIELD_SETS) {
        if (w->role == field->role)
            write_sets(w, value);
    } else if (field->type == MS_FIELD_CHOSEN) {
        write_chosen(w, field, from);
    } else if (field->schema) {
        write_fields(w, field->schema, field->type == MS_FIELD_SECTION ? value : from);
    } else if (w->role == field->role && (field->type != MS_FIELD_CUSTOM || field->write)) {
        fprintf(w->out, "%s = ", w->path);
        write_value(w, field, from);
        fprintf(w->out, "\n");
    }
}

static void write_fields(writer *w, const ms_schema *schema, const void *from)
{
    size_t length = strlen(w->path);
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        if (field->counts && !field->counts(from))
            continue;
        snprintf(w->path + length, sizeof w->path - length, "%s%s", length > 0 ? "." : "", field->key);
        write_field(w, field, from);
        w->path[length] = '\0';
    }
}

static void write_identity(FILE *out, const ms_draft *draft)
{
    ms_draft of_variant = {.settings = draft->sweep.variant[0], .sweep = draft->sweep};
    for (ms_field_role role = MS_ROLE_LAW; role < MS_ROLE_NONE; role++) {
        writer w = {.out = out, .sweep = &draft->sweep, .role = role};
        write_fields(&w, &ms_sweep_schema, &of_variant);
    }
    for (size_t i = 0; i < ms_sweep_axis_count(&draft->sweep); i++)
        write_axis(out, ms_sweep_axis(&draft->sweep, i));
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

/* The same, first where lines of the same order would have it: at `*near`, which goes on behind what was
 * found. */
static bool find_in_order(const char *text, const char **near, const line *wanted, line *found)
{
    const char *next = *near;
    bool is_there = next_line(&next, found) && found->key_length == wanted->key_length &&
                    strncmp(found->key, wanted->key, (size_t)wanted->key_length) == 0;
    if (!is_there && !find_line(text, wanted, found))
        return false;
    *near = found->value + found->value_length;
    *near += **near == '\n';
    return true;
}

#define VALUE_SHOWN_MAX 80

typedef char shown[VALUE_SHOWN_MAX + 4];

/* The value for a message: the beginning of a long one; a fraction as people write it, not as it is stored.
 */
static const char *show(const line *l, shown text)
{
    char *end;
    double number = strtod(l->value, &end);
    if (l->value_length > 0 && end == l->value + l->value_length &&
        memchr(l->value, '.', (size_t)l->value_length)) {
        ms_format_number(number, text, sizeof(shown));
        return text;
    }
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

/* Whether it is of a section on an axis, `sampler{NAME}.key`, and no line of the text is of the same: what
 * one sweep has more than the other on an axis. */
static bool is_of_other_value(const line *l, const char *text)
{
    line other;
    const char *close = memchr(l->key, '}', (size_t)l->key_length);
    if (!close)
        return false;
    int length = (int)(close - l->key) + 1;
    while (next_line(&text, &other))
        if (other.key_length >= length && strncmp(other.key, l->key, (size_t)length) == 0)
            return false;
    return true;
}

/* A part of the budget that has become larger. */
static bool is_larger(const line *before, const line *now)
{
    char path[64];
    snprintf(path, sizeof path, "%.*s", now->key_length, now->key);
    const ms_field *field = ms_path_find(&ms_sweep_schema, path, NULL);
    if (!field || field->role != MS_ROLE_BUDGET)
        return false;
    if (field->shrinks)
        return strtod(now->value, NULL) < strtod(before->value, NULL);
    return strtoull(now->value, NULL, 10) > strtoull(before->value, NULL, 10);
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

/* What is compared: all, all but the grid, or besides neither a budget that has become larger, nor any. */
typedef enum scope { ALL, ALL_BUT_GRID, ALL_BUT_GROWTH, ALL_BUT_BUDGET } scope;

/* Whether the text has an axis for what a line gives one value, in a section on an axis, too. */
static bool is_axis(const line *l, const char *text)
{
    char key[MS_AXIS_NAME_MAX + 8];
    const char *value, *end = l->key + l->key_length, *open = memchr(l->key, '{', (size_t)l->key_length),
                       *close = memchr(l->key, '}', (size_t)l->key_length);
    size_t length;
    if (open && close)
        snprintf(key, sizeof key, "grid.%.*s%.*s", (int)(open - l->key), l->key, (int)(end - close - 1),
                 close + 1);
    else
        snprintf(key, sizeof key, "grid.%.*s", l->key_length, l->key);
    return ms_identity_value(text, key, &value, &length);
}

static bool find_differences(const char *identity_before, const char *identity_now, scope compared,
                             char *difference, size_t size)
{
    line before, now;
    shown was, is;
    list found = {.text = difference, .size = size};
    const char *near_before = identity_before, *near_now = identity_now;
    difference[0] = '\0';
    for (const char *rest = identity_before; next_line(&rest, &before);) {
        if (compared != ALL && (is_of_grid(&before) || is_of_other_value(&before, identity_now)))
            continue;
        if (!find_in_order(identity_now, &near_now, &before, &now))
            add_difference(&found, "%.*s: was %s, is %s", before.key_length, before.key, show(&before, was),
                           is_axis(&before, identity_now) ? "an axis" : "not given");
        else if ((before.value_length != now.value_length ||
                  strncmp(before.value, now.value, (size_t)now.value_length) != 0) &&
                 !(compared >= ALL_BUT_GROWTH && is_larger(&before, &now)) &&
                 !(compared == ALL_BUT_BUDGET && is_larger(&now, &before)))
            add_difference(&found, "%.*s: was %s, is %s", now.key_length, now.key, show(&before, was),
                           show(&now, is));
    }
    for (const char *rest = identity_now; next_line(&rest, &now);)
        if ((compared == ALL || !(is_of_grid(&now) || is_of_other_value(&now, identity_before))) &&
            !find_in_order(identity_before, &near_before, &now, &before))
            add_difference(&found, "%.*s: was %s, is %s", now.key_length, now.key,
                           is_axis(&now, identity_before) ? "an axis" : "not given", show(&now, is));
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

bool ms_sweep_is_alike_but_budget(const char *identity_before, const char *identity_now)
{
    char difference[300];
    return !find_differences(identity_before, identity_now, ALL_BUT_BUDGET, difference, sizeof difference);
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
