/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep's text lacks and was found in files that it names: number of modes, digests. It is added to
 * the text that results keep, so that they can be opened without those files. */
#ifndef MS_SWEEP_ADDITIONS_H
#define MS_SWEEP_ADDITIONS_H

#include "sweep/draft.h"

/* A line, or `key: value, ` within braces, before the first key of a mapping. */
typedef struct ms_addition {
    size_t at; /* characters of the document before it */
    char *text;
} ms_addition;

struct ms_additions {
    ms_addition *addition; /* [count], in no order; no two at the same place */
    size_t count, room;
};

/* Looks into the files of the target that was read from `document` (ms_kind: look), unless reader->is_kept,
 * and notes what the document lacks. Failures are messages. */
void ms_draft_look(ms_reader *reader, ms_draft *draft, const ms_node *document);

/* Notes what the mapping lacks of the schema's fields that are `found`; their values are in `from`. */
void ms_additions_note(ms_reader *reader, const ms_schema *schema, const void *from, const ms_node *mapping);

/* `text` [length], whose document begins at byte `first`, with the additions; ends with a NUL. The caller
 * frees it; NULL without memory. */
char *ms_additions_apply(ms_additions *additions, const char *text, size_t length, size_t first,
                         size_t *new_length);

void ms_additions_free(ms_additions *additions);

#endif
