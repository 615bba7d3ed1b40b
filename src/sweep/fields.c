/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks over tables of fields. */
#include "base/vector.h"
#include "sweep/data.h"
#include "sweep/items.h"

#include <stdlib.h>
#include <string.h>

const ms_field *ms_schema_field(const ms_schema *schema, const char *key)
{
    for (size_t i = 0; schema && i < schema->count; i++)
        if (strcmp(schema->fields[i].key, key) == 0)
            return &schema->fields[i];
    return NULL;
}

const ms_kind *ms_field_kind(const ms_field *field, const char *name)
{
    return ms_kind_find(field->kinds, name);
}

static void visit_tagged(const ms_schema *schema, const char *tag, ms_schema_visitor *visit, void *argument)
{
    visit(schema, tag, argument);
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        const ms_kind *kind;
        if (field->type == MS_FIELD_VECTOR)
            ms_schema_visit(&ms_vector_schema, visit, argument);
        else if (field->may_be_file)
            visit(&ms_items_schema, NULL, argument);
        if (field->type == MS_FIELD_DATA) {
            visit(&ms_data_idx_schema, NULL, argument);
            visit(&ms_data_hdf5_schema, NULL, argument);
        }
        if (field->schema)
            visit_tagged(field->schema, field->type == MS_FIELD_CHOSEN ? field->tag : NULL, visit, argument);
        for (size_t k = 0; field->kinds && (kind = field->kinds(k)); k++)
            if (kind->schema)
                ms_schema_visit(kind->schema, visit, argument);
    }
}

void ms_schema_visit(const ms_schema *schema, ms_schema_visitor *visit, void *argument)
{
    visit_tagged(schema, NULL, visit, argument);
}

void ms_chosen_free(ms_chosen *chosen)
{
    if (chosen->kind && chosen->kind->schema && chosen->params)
        ms_fields_free(chosen->kind->schema, chosen->params);
    free(chosen->params);
}

void ms_fields_free(const ms_schema *schema, void *destination)
{
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        void *value = (char *)destination + field->offset;
        if (field->type == MS_FIELD_VECTOR) {
            free(((ms_vector *)value)->values);
        } else if (field->type == MS_FIELD_LIST) {
            ms_list *list = value;
            for (size_t n = 0; n < list->count; n++)
                ms_fields_free(field->schema, (char *)list->item + n * field->size);
            free(list->item);
        } else if (field->type == MS_FIELD_SEVERAL) {
            ms_list *list = value;
            for (size_t n = 0; n < list->count; n++)
                ms_chosen_free((ms_chosen *)list->item + n);
            free(list->item);
        } else if (field->type == MS_FIELD_NUMBERS) {
            free(((ms_list *)value)->item);
        } else if (field->type == MS_FIELD_SETS) {
            free(((ms_sets *)value)->end);
            free(((ms_sets *)value)->member);
        } else if (field->type == MS_FIELD_CHOSEN) {
            ms_chosen_free(value);
            if (field->schema)
                ms_fields_free(field->schema, destination);
        } else if (field->schema) { /* of SECTION */
            ms_fields_free(field->schema, value);
        }
    }
}
