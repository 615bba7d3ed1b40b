/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/additions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_known(const ms_additions *additions, size_t at)
{
    for (size_t i = 0; i < additions->count; i++)
        if (additions->addition[i].at == at)
            return true;
    return false;
}

/* Where blocks of YAML are nested by indentation, the line stands as far to the right as the key behind it.
 */
static void write_key(FILE *out, const ms_node *mapping, const ms_field *field, const void *from)
{
    const void *value = (const char *)from + field->offset;
    fprintf(out, "%s: ", field->key);
    if (field->type == MS_FIELD_COUNT)
        fprintf(out, "%" PRIu64, *(const uint64_t *)value);
    else if (field->type == MS_FIELD_BOOL)
        fprintf(out, "%s", ms_choice_name(ms_bool_choices, *(const bool *)value));
    else
        fprintf(out, "\"%s\"", (const char *)value);
    if (mapping->is_flow)
        fprintf(out, ", ");
    else
        fprintf(out, "\n%*s", (int)mapping->first->key->column - 1, "");
}

static bool is_lacking(const ms_field *field, const void *from, const ms_node *mapping)
{
    return field->found && (!field->counts || field->counts(from)) && !ms_node_get(mapping, field->key);
}

static bool lacks_any(const ms_schema *schema, const void *from, const ms_node *mapping)
{
    for (size_t i = 0; i < schema->count; i++)
        if (is_lacking(&schema->fields[i], from, mapping))
            return true;
    return false;
}

void ms_additions_note(ms_reader *reader, const ms_schema *schema, const void *from, const ms_node *mapping)
{
    ms_additions *a = reader->additions;
    if (!lacks_any(schema, from, mapping) || is_known(a, mapping->first->key->begin))
        return;
    if (a->count == a->room) {
        size_t room = 2 * a->room + 8;
        ms_addition *grown = realloc(a->addition, room * sizeof *grown);
        if (!grown) {
            reader->out_of_memory = true;
            return;
        }
        a->addition = grown;
        a->room = room;
    }
    ms_addition *addition = &a->addition[a->count];
    *addition = (ms_addition){.at = mapping->first->key->begin};
    size_t size;
    FILE *out = open_memstream(&addition->text, &size);
    if (!out) {
        reader->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < schema->count; i++)
        if (is_lacking(&schema->fields[i], from, mapping))
            write_key(out, mapping, &schema->fields[i], from);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        reader->out_of_memory = true;
    a->count += addition->text != NULL;
}

void ms_draft_look(ms_reader *reader, ms_draft *draft, const ms_node *document)
{
    const ms_chosen *target = &draft->settings.target;
    const ms_axis *dimension = &draft->sweep.axis[MS_AXIS_DIMENSION];
    const ms_node *section = ms_node_get(document, "target");
    ms_error error = {0};
    if (!target->params || !target->kind->look || dimension->count == 0)
        return;
    draft->sweep.lacks_files |= reader->is_kept;
    if (reader->is_kept)
        return;
    ms_status status = target->kind->look(target->params, dimension->value[0].whole, &error);
    for (size_t i = 1; target->kind->fits && status == MS_OK && i < dimension->count; i++)
        status = target->kind->fits(target->params, dimension->value[i].whole, &error);
    if (status == MS_ERROR_MEMORY)
        reader->out_of_memory = true;
    else if (status != MS_OK)
        ms_complain(reader, section, "%s", error.message);
    else
        ms_additions_note(reader, target->kind->schema, target->params, section);
}

static int compare_places(const void *a, const void *b)
{
    size_t x = ((const ms_addition *)a)->at, y = ((const ms_addition *)b)->at;
    return x < y ? -1 : x > y;
}

char *ms_additions_apply(ms_additions *additions, const char *text, size_t length, size_t first,
                         size_t *new_length)
{
    char *result = NULL;
    FILE *out = open_memstream(&result, new_length);
    if (!out)
        return NULL;
    qsort(additions->addition, additions->count, sizeof *additions->addition, compare_places);
    size_t next = 0, characters = 0;
    for (size_t i = 0; i < length; i++) {
        bool begins = i >= first && ((unsigned char)text[i] & 0xC0) != 0x80;
        if (begins && next < additions->count && additions->addition[next].at == characters)
            fputs(additions->addition[next++].text, out);
        characters += begins;
        putc(text[i], out);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return result;
    free(result);
    return NULL;
}

void ms_additions_free(ms_additions *additions)
{
    for (size_t i = 0; i < additions->count; i++)
        free(additions->addition[i].text);
    free(additions->addition);
}
