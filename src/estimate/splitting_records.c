/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/splitting_records.h"

#include <stdlib.h>
#include <string.h>

static bool grow(ms_records *r)
{
    size_t capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
    if (capacity > MS_RECORDS_BYTES_MAX / (sizeof *r->record + r->rows * sizeof *r->x))
        return false;
    ms_record *record = realloc(r->record, capacity * sizeof *record);
    if (record)
        r->record = record;
    double *x = realloc(r->x, capacity * r->rows * sizeof *x);
    if (x)
        r->x = x;
    if (!record || !x)
        return false;
    for (size_t i = r->capacity; i < capacity; i++)
        r->record[i].next = i + 1 < capacity ? (uint32_t)(i + 1) : r->unused;
    r->unused = (uint32_t)r->capacity;
    r->capacity = capacity;
    return true;
}

static uint32_t take(ms_records *r)
{
    if (r->unused == MS_NO_RECORD && !grow(r))
        return MS_NO_RECORD;
    uint32_t at = r->unused;
    r->unused = r->record[at].next;
    r->used++;
    return at;
}

bool ms_records_add(ms_records *r, ms_record_list *list, ms_record record, const double *x, size_t stride)
{
    uint32_t at = take(r);
    if (at == MS_NO_RECORD)
        return false;
    record.next = MS_NO_RECORD;
    r->record[at] = record;
    for (size_t i = 0; i < r->rows; i++)
        r->x[at * r->rows + i] = x[i * stride];
    if (list->first == MS_NO_RECORD)
        list->first = at;
    else
        r->record[list->last].next = at;
    list->last = at;
    return true;
}

bool ms_records_copy(ms_records *r, uint32_t from, ms_record_list *list)
{
    uint32_t at = take(r);
    if (at == MS_NO_RECORD)
        return false;
    r->record[at] = (ms_record){MS_NO_RECORD, r->record[from].level, r->record[from].piece};
    memcpy(r->x + at * r->rows, r->x + from * r->rows, r->rows * sizeof *r->x);
    *list = (ms_record_list){at, at};
    return true;
}

void ms_records_drop(ms_records *r, ms_record_list *list, uint32_t level)
{
    while (list->first != MS_NO_RECORD && r->record[list->first].level <= level) {
        uint32_t dropped = list->first;
        list->first = r->record[dropped].next;
        r->record[dropped].next = r->unused;
        r->unused = dropped;
        r->used--;
    }
}

void ms_records_free(ms_records *r)
{
    free(r->record);
    free(r->x);
}
