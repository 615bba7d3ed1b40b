/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/inputs.h"

#include "data/file.h"
#include "sweep/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a path behind this key is that of numbers, not of code and what belongs to it. */
static bool is_table_key(const char *key)
{
    static const char *const keys[] = {"file", "idx", "hdf5", "labels", "test", "test_labels", "weights"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

void ms_inputs_named_free(ms_inputs_named *named)
{
    for (size_t i = 0; i < named->count; i++) {
        free(named->input[i].name);
        free(named->input[i].path);
    }
    free(named->input);
}

bool ms_input_is_table(const ms_input_named *input)
{
    return is_table_key(input->key);
}

/* Whether a relative name leads to the folder that it is relative to, or below it. */
static bool is_inside(const char *name)
{
    if (name[0] == '/')
        return false;
    for (const char *part = name;; part++) {
        size_t length = strcspn(part, "/");
        if (length == 2 && memcmp(part, "..", 2) == 0)
            return false;
        part += length;
        if (*part == '\0')
            return true;
    }
}

/* A document is read once a variant; each place is noted once. */
static bool note(ms_inputs_named *named, const ms_node *node, const char *key, const char *path)
{
    for (size_t i = 0; i < named->count; i++)
        if (named->input[i].begin == node->begin)
            return true;
    if (named->count == named->room) {
        size_t room = 2 * named->room + 4;
        ms_input_named *grown = realloc(named->input, room * sizeof *grown);
        if (!grown)
            return false;
        named->input = grown;
        named->room = room;
    }
    ms_input_named *input = &named->input[named->count];
    *input = (ms_input_named){
        .name = strdup(node->text), .key = key, .path = strdup(path), .begin = node->begin, .end = node->end};
    named->count++;
    return input->name && input->path;
}

static const char *find_supplied(const ms_supply *supply, const char *name)
{
    for (size_t i = 0; supply && i < supply->count; i++)
        if (strcmp(supply->file[i].name, name) == 0)
            return supply->file[i].path;
    return NULL;
}

char *ms_input_path(ms_reader *reader, const ms_node *node, const char *key)
{
    char *path = ms_file_beside(reader->where, node->text);
    bool is_table = is_table_key(key);
    /* never code: results may come from anybody */
    const char *supplied = is_table ? find_supplied(reader->supply, node->text) : NULL;
    if (path && supplied && (reader->is_kept || access(path, F_OK) != 0)) {
        free(path);
        path = strdup(supplied);
    } else if (reader->is_kept && !reader->skips_tables && is_table && !is_inside(node->text)) {
        ms_complain(reader, node, "a file outside of their folder is not opened because results name it");
        reader->is_file_wrong = true;
    }
    if (path && is_table && !reader->skips_tables && !reader->is_file_wrong && node->text[0] != '\0' &&
        access(path, R_OK) != 0) {
        ms_complain(reader, node, "%s: cannot be opened: %s; check the path", path, strerror(errno));
        reader->is_file_wrong = true;
    }
    if (path && reader->named && !note(reader->named, node, key, path)) {
        free(path);
        path = NULL;
    }
    return path;
}

static int compare_places(const void *a, const void *b)
{
    size_t x = ((const ms_input_named *)a)->begin, y = ((const ms_input_named *)b)->begin;
    return x < y ? -1 : x > y;
}

void ms_inputs_named_place(ms_inputs_named *named, const char *text, size_t length, size_t first)
{
    if (named->count > 0)
        qsort(named->input, named->count, sizeof *named->input, compare_places);
    size_t next = 0, characters = 0;
    bool is_open = false; /* between the beginning and the end of input `next` */
    for (size_t i = first; next < named->count && i <= length; i++) {
        ms_input_named *input = &named->input[next];
        if (i < length && ((unsigned char)text[i] & 0xC0) == 0x80) /* goes on a character */
            continue;
        if (is_open && characters == input->end) {
            input->end = i;
            is_open = false;
            if (++next == named->count)
                break;
            input++;
        }
        if (!is_open && characters == input->begin) {
            input->begin = i;
            is_open = true;
        }
        characters++;
    }
}
