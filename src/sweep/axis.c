/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/axis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A last value this near to `to` is `to`: 0.1 three times is to reach 0.3. */
#define END_TOLERANCE 1e-9
/* More steps than this before duplicates are dropped means that the factor is a mistake. */
#define FACTOR_STEPS_MAX 1e6

typedef struct range {
    const ms_node *from, *to, *count, *step, *factor;
} range;

static const ms_field range_fields[] = {
    {.key = "from",
     .type = MS_FIELD_NODE,
     .doc = "first value",
     .required = true,
     .offset = offsetof(range, from)},
    {.key = "to", .type = MS_FIELD_NODE, .doc = "last value", .offset = offsetof(range, to)},
    {.key = "count", .type = MS_FIELD_NODE, .doc = "number of values", .offset = offsetof(range, count)},
    {.key = "step",
     .type = MS_FIELD_NODE,
     .doc = "difference of neighbours",
     .offset = offsetof(range, step)},
    {.key = "factor", .type = MS_FIELD_NODE, .doc = "ratio of neighbours", .offset = offsetof(range, factor)},
};
const ms_schema ms_axis_range_schema = {"a range", range_fields, sizeof range_fields / sizeof *range_fields};

static bool reserve(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis,
                    double count)
{
    if (count > (double)kind->values_max) {
        ms_complain(reader, node, "%s gets %.15g values; at most %zu are allowed", kind->name, count,
                    kind->values_max);
        return false;
    }
    axis->value = calloc((size_t)count + 1, sizeof *axis->value);
    if (!axis->value)
        reader->out_of_memory = true;
    return axis->value;
}

/* Words of identities are separated by blanks, and names of mappings stand in braces there. */
static bool is_name(const char *text)
{
    size_t length = strlen(text);
    return length >= 1 && length <= MS_AXIS_NAME_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-") == length;
}

static char *write_mapping(const ms_node *node)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    ms_node_write(node, out);
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

static bool read_mapping(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node,
                         ms_axis_value *value)
{
    if (node->type != MS_NODE_MAPPING) {
        ms_complain(reader, node, "%s is an axis of mappings here, as {%s: NAME, ...}; this is not one",
                    kind->name, MS_AXIS_AS);
        return false;
    }
    const ms_node *as = ms_node_get(node, MS_AXIS_AS), *tag = ms_node_get(node, kind->mappings->tag);
    const ms_node *name = as ? as : tag;
    const char *text = name ? name->text : kind->mappings->tag_fallback;
    if (!text || !is_name(text)) {
        ms_complain(reader, name ? name : node,
                    "each %s on an axis needs a name of 1 to %u letters, digits or _ . + -; add `%s: ...`",
                    kind->name, MS_AXIS_NAME_MAX, MS_AXIS_AS);
        return false;
    }
    value->text = strdup(text);
    value->mapping = write_mapping(node);
    reader->out_of_memory |= !value->text || !value->mapping;
    return value->text && value->mapping;
}

static bool read_word(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis_value *value)
{
    unsigned choice;
    if (!ms_read_choice(reader, node, kind->name, kind->words, &choice))
        return false;
    value->text = strdup(node->text);
    reader->out_of_memory |= !value->text;
    return value->text;
}

static bool read_value(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis_value *value)
{
    static const char *const full = "full";
    value->node = node;
    if (kind->mappings)
        return read_mapping(reader, kind, node, value);
    if (kind->words)
        return read_word(reader, kind, node, value);
    if (kind->type == MS_AXIS_REAL)
        return ms_read_number(reader, node, kind->name, kind->low, kind->above_low, kind->high, &value->real);
    if (kind->has_full && node->type == MS_NODE_SCALAR && strcmp(node->text, full) == 0) {
        value->whole = MS_AXIS_FULL;
        return true;
    }
    if (kind->has_full && ms_is_slip(reader, node, kind->name, &full, 1))
        return false;
    return ms_read_count(reader, node, kind->name, kind->least, kind->most, &value->whole);
}

static void free_value(ms_axis_value *value)
{
    free(value->text);
    free(value->mapping);
    *value = (ms_axis_value){0};
}

static bool is_same(const ms_axis_kind *kind, const ms_axis_value *a, const ms_axis_value *b)
{
    return kind->type == MS_AXIS_TEXT   ? strcmp(a->text, b->text) == 0
           : kind->type == MS_AXIS_REAL ? a->real == b->real
                                        : a->whole == b->whole;
}

static void complain_same(ms_reader *reader, const ms_axis_kind *kind, const ms_axis_value *again,
                          const ms_axis_value *first)
{
    if (kind->mappings)
        ms_complain(reader, again->node,
                    "%s '%s' is listed twice, first in line %zu; give each its own `%s: ...`", kind->name,
                    again->text, first->node->line, MS_AXIS_AS);
    else
        ms_complain(reader, again->node, "%s %s is listed twice, first in line %zu; remove one of them",
                    kind->name, ms_show(again->node).text, first->node->line);
}

static void forget(ms_axis *axis)
{
    while (axis->count > 0)
        free_value(&axis->value[--axis->count]);
}

static void read_list(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis)
{
    if (node->count == 0 && !kind->is_ascending) {
        ms_complain(reader, node, "%s is an empty list; give at least one value", kind->name);
        return;
    }
    if (!reserve(reader, kind, node, axis, (double)node->count))
        return;
    bool good = true;
    for (const ms_node *child = node->first; child; child = child->next) {
        ms_axis_value *value = &axis->value[axis->count];
        if (!read_value(reader, kind, child, value)) {
            free_value(value);
            good = false;
            continue;
        }
        size_t same = 0;
        if (kind->is_ascending && axis->count > 0 && value->whole <= value[-1].whole) {
            ms_complain(reader, child,
                        "%s must increase, but %s follows %s; sort them and remove repetitions", kind->name,
                        ms_show(child).text, ms_show(value[-1].node).text);
            good = false;
        } else if (!kind->is_ascending) {
            while (same < axis->count && !is_same(kind, value, &axis->value[same]))
                same++;
            if (same < axis->count) {
                complain_same(reader, kind, value, &axis->value[same]);
                free_value(value);
                good = false;
                continue;
            }
        }
        axis->count++;
    }
    if (!good)
        forget(axis);
}

static void append(ms_axis *axis, const ms_node *node, uint64_t whole, double real)
{
    axis->value[axis->count++] = (ms_axis_value){.whole = whole, .real = real, .node = node};
}

/* Whole numbers may coincide after rounding; they come in order. */
static void append_rounded(ms_axis *axis, const ms_node *node, uint64_t whole)
{
    if (axis->count == 0 || axis->value[axis->count - 1].whole != whole)
        append(axis, node, whole, 0);
}

static bool read_factor(ms_reader *reader, const ms_node *node, double from, double to, double *factor)
{
    if (!ms_read_number(reader, node, "factor", 1, true, 1e100, factor))
        return false;
    if (from <= 0) {
        ms_complain(reader, node, "a factor cannot grow from 0; start above 0, or use count or step");
        return false;
    }
    if (log(to / from) > FACTOR_STEPS_MAX * log(*factor)) {
        ms_complain(reader, node, "factor is %s, too close to 1; give a larger one", ms_show(node).text);
        return false;
    }
    return true;
}

static void expand_real(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, const range *r,
                        double from, double to, ms_axis *axis)
{
    double step, factor;
    uint64_t count;
    if (r->count) {
        if (!ms_read_count(reader, r->count, "count", 2, kind->values_max, &count) ||
            !reserve(reader, kind, node, axis, (double)count))
            return;
        for (uint64_t i = 0; i + 1 < count; i++)
            append(axis, node, 0, from + (to - from) * ((double)i / (double)(count - 1)));
    } else if (r->step) {
        if (!ms_read_number(reader, r->step, "step", 0, true, 1e100, &step))
            return;
        double steps = floor((to - from) / step + END_TOLERANCE);
        if (!reserve(reader, kind, node, axis, steps + 1))
            return;
        for (uint64_t i = 0; i <= (uint64_t)steps; i++) {
            double value = from + (double)i * step;
            if (value > to - END_TOLERANCE * step)
                break;
            append(axis, node, 0, value);
        }
        if (from + steps * step < to - END_TOLERANCE * step)
            return;
    } else {
        if (!read_factor(reader, r->factor, from, to, &factor) ||
            !reserve(reader, kind, node, axis, floor(log(to / from) / log(factor) + END_TOLERANCE) + 2))
            return;
        double value = from;
        /* products, not pow(): the same bits with every C library */
        while (value < to * (1 - END_TOLERANCE)) {
            append(axis, node, 0, value);
            value *= factor;
        }
        if (value > to * (1 + END_TOLERANCE))
            return;
    }
    append(axis, node, 0, to);
}

static void expand_whole(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, const range *r,
                         uint64_t from, uint64_t to, ms_axis *axis)
{
    uint64_t span = to - from, count, step;
    double factor;
    if (r->count) {
        if (!ms_read_count(reader, r->count, "count", 2, kind->values_max, &count) ||
            !reserve(reader, kind, node, axis, (double)count))
            return;
        /* rounded span * i / gaps, without the overflow of the product */
        uint64_t gaps = count - 1;
        for (uint64_t i = 0; i <= gaps; i++)
            append_rounded(axis, node, from + span / gaps * i + (span % gaps * i + gaps / 2) / gaps);
    } else if (r->step) {
        if (!ms_read_count(reader, r->step, "step", 1, UINT64_MAX, &step))
            return;
        uint64_t steps = span / step;
        if (!reserve(reader, kind, node, axis, (double)steps + 1))
            return;
        for (uint64_t i = 0; i <= steps; i++)
            append(axis, node, from + i * step, 0);
    } else {
        if (to > UINT64_C(1) << 53) {
            ms_complain(reader, r->factor, "a factor is exact only up to 2^53; use step or count");
            return;
        }
        if (!read_factor(reader, r->factor, (double)from, (double)to, &factor) ||
            !reserve(reader, kind, node, axis, (double)kind->values_max))
            return;
        double value = (double)from;
        while (value <= (double)to * (1 + END_TOLERANCE)) {
            uint64_t whole = (uint64_t)llround(value);
            append_rounded(axis, node, whole < to ? whole : to);
            value *= factor;
            if (axis->count > kind->values_max) {
                ms_complain(reader, node, "%s gets more than %zu values; give a larger factor", kind->name,
                            kind->values_max);
                axis->count = 0;
                return;
            }
        }
    }
}

static void expand_from_count(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node,
                              const range *r, uint64_t from, ms_axis *axis)
{
    uint64_t count;
    if (!ms_read_count(reader, r->count, "count", 1, kind->values_max, &count))
        return;
    if (count - 1 > kind->most - from) {
        ms_complain(reader, r->count, "%s would go beyond %" PRIu64 "; begin lower", kind->name, kind->most);
        return;
    }
    if (reserve(reader, kind, node, axis, (double)count))
        for (uint64_t i = 0; i < count; i++)
            append(axis, node, from + i, 0);
}

static void read_range(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis)
{
    range r = {0};
    size_t before = reader->diagnostics->count;
    ms_schema_read(reader, &ms_axis_range_schema, node, &r);
    if (reader->diagnostics->count > before)
        return;
    int ways = (r.count != NULL) + (r.step != NULL) + (r.factor != NULL);
    bool open_end = kind->from_count && !r.to && r.count;
    if (ways != 1 || (!r.to && !open_end)) {
        ms_complain(reader, node, "%s is not a range; give {from, to} and one of count, step or factor%s",
                    kind->name, kind->from_count ? ", or {from, count}" : "");
        return;
    }
    ms_axis_value from = {0}, to = {0};
    ms_axis_kind numbers = *kind;
    numbers.has_full = false;
    bool good =
        read_value(reader, &numbers, r.from, &from) && (!r.to || read_value(reader, &numbers, r.to, &to));
    free(from.text); /* numbers have none */
    free(to.text);
    if (!good)
        return;
    if (open_end)
        expand_from_count(reader, kind, node, &r, from.whole, axis);
    else if (kind->type == MS_AXIS_REAL ? from.real >= to.real : from.whole >= to.whole)
        ms_complain(reader, r.from, "%s goes from %s to %s; `from` must be less than `to`", kind->name,
                    ms_show(r.from).text, ms_show(r.to).text);
    else if (kind->type == MS_AXIS_REAL)
        expand_real(reader, kind, node, &r, from.real, to.real, axis);
    else
        expand_whole(reader, kind, node, &r, from.whole, to.whole, axis);
}

void ms_axis_read(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis)
{
    axis->type = kind->type;
    if (node->type == MS_NODE_LIST)
        read_list(reader, kind, node, axis);
    else if (node->type == MS_NODE_MAPPING && kind->type != MS_AXIS_TEXT)
        read_range(reader, kind, node, axis);
    else if (reserve(reader, kind, node, axis, 1)) {
        if (read_value(reader, kind, node, axis->value))
            axis->count = 1;
        else
            free_value(axis->value);
    }
}

void ms_axis_free(ms_axis *axis)
{
    forget(axis);
    free(axis->value);
    free(axis->name);
    *axis = (ms_axis){0};
}
