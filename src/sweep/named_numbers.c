/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MS_FIELD_NUMBERS: numbers by names that only somebody else knows, say a plugin. */
#include "sweep/path.h"
#include "sweep/schema.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const ms_named_number *)a)->name, ((const ms_named_number *)b)->name);
}

static bool read_one(ms_reader *reader, const ms_field *field, const ms_node *node, ms_named_number *number)
{
    const char *name = node->key->text;
    if (!ms_path_is_word(name)) {
        ms_complain(reader, node->key, "a name in %s has 1 to %zu letters, digits, _ or -; change it",
                    field->key, sizeof number->name - 1);
        return false;
    }
    memcpy(number->name, name, strlen(name) + 1);
    return !node->is_unknown && ms_read_number(reader, node, name, MS_NAMED_NUMBER_LOW, false,
                                               MS_NAMED_NUMBER_HIGH, &number->value);
}

void ms_read_named_numbers(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_list *list = (ms_list *)((char *)destination + field->offset);
    if (node->type != MS_NODE_MAPPING || node->count > field->most) {
        ms_complain(reader, node, "%s must be a mapping of at most %zu names to numbers (%s)", field->key,
                    (size_t)field->most, field->doc);
        return;
    }
    ms_named_number *number = calloc(node->count + 1, sizeof *number);
    list->item = number;
    if (!number) {
        reader->out_of_memory = true;
        return;
    }
    for (const ms_node *child = node->first; child; child = child->next) {
        for (const ms_node *other = node->first; other != child; other = other->next)
            if (strcmp(other->key->text, child->key->text) == 0)
                ms_complain(reader, child->key, "%s is given twice, first in line %zu; remove one of them",
                            ms_show(child->key).text, other->key->line);
        if (read_one(reader, field, child, &number[list->count]))
            list->count++;
    }
    qsort(number, list->count, sizeof *number, compare_names); /* in whatever order they are given */
}
