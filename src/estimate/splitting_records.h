/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where excursions came above levels for the first time: lists of positions, one a particle, in a pool. */
#ifndef MS_SPLITTING_RECORDS_H
#define MS_SPLITTING_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_NO_RECORD         UINT32_MAX
#define MS_RECORDS_BYTES_MAX (UINT64_C(1) << 30) /* of a pool */

typedef struct ms_record {
    uint32_t next;  /* of the list, one of a higher level; or MS_NO_RECORD */
    uint32_t level; /* that it was the first to reach */
    uint32_t piece; /* of the step, how many had been done */
} ms_record;

typedef struct ms_records {
    ms_record *record; /* [capacity] */
    double *x;         /* [capacity][rows] */
    size_t rows, capacity, used;
    uint32_t unused; /* list of those in no other */
} ms_records;

typedef struct ms_record_list {
    uint32_t first, last;
} ms_record_list;

/* Adds a record to the end of a list; its `rows` numbers are `stride` apart. False without memory, or beyond
 * MS_RECORDS_BYTES_MAX. */
bool ms_records_add(ms_records *records, ms_record_list *list, ms_record record, const double *x,
                    size_t stride);
/* Makes a list of one record, a copy of another list's. False without memory, or beyond MS_RECORDS_BYTES_MAX.
 */
bool ms_records_copy(ms_records *records, uint32_t from, ms_record_list *list);
/* Takes away those from the list's beginning that are not above a level. */
void ms_records_drop(ms_records *records, ms_record_list *list, uint32_t level);
void ms_records_free(ms_records *records);

#endif
