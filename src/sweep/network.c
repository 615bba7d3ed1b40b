/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks that targets name: read once for all variants, and kept with the data. */
#include "data/network_read.h"
#include "sweep/data.h"
#include "sweep/inputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ms_network *read_once(ms_reader *reader, const char *path)
{
    ms_known_data *entry = ms_known_data_find(reader, path);
    if (entry || !(entry = ms_known_data_add(reader, path)))
        return entry ? entry->network : NULL;
    ms_status status = ms_network_read(&entry->network, path, reader->diagnostics);
    reader->out_of_memory |= status == MS_ERROR_MEMORY;
    reader->is_file_wrong |= status != MS_OK;
    return entry->network;
}

void ms_read_network(ms_reader *reader, const ms_field *field, const ms_node *node,
                     const ms_network **network)
{
    char *path = ms_input_path(reader, node, field->key);
    if (!path)
        reader->out_of_memory = true;
    else if (!reader->skips_tables && !reader->is_file_wrong && !reader->out_of_memory)
        *network = read_once(reader, path);
    free(path);
}

/* "14 x 14, width 512, 3 blocks, 192 states, 0123456789abcdef": patches, their size, and so on. */
static void describe(const ms_network *n, char *text, size_t size)
{
    snprintf(text, size, "%zu x %zu, width %zu, %zu blocks, %zu states, %016" PRIx64, n->patches,
             n->patch_size, n->width, n->blocks, n->states, n->digest);
}

void ms_draft_network(ms_reader *reader, ms_settings *settings, const ms_node *section)
{
    const ms_schema *schema = settings->target.kind->schema;
    ms_learned_params *p = settings->target.params;
    char found[sizeof p->sizes];
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].type != MS_FIELD_NETWORK || !p->network)
            continue;
        describe(p->network, found, sizeof found);
        if (p->sizes[0] && strcmp(p->sizes, found) != 0)
            ms_complain(reader, section, "these are not the expected weights: the file holds %s, not %s",
                        found, p->sizes);
        memcpy(p->sizes, found, sizeof found);
    }
}
