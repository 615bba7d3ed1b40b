/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the sweep names, kept with the results: a line of JSON for each, and their bytes one after the
 * other. */
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "results/fault.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ms_inputs_free(ms_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        free(inputs->input[i].bytes);
    free(inputs->input);
    *inputs = (ms_inputs){0};
}

ms_input *ms_inputs_find(const ms_inputs *inputs, const char *name)
{
    for (size_t i = 0; i < inputs->count; i++)
        if (strcmp(inputs->input[i].name, name) == 0)
            return &inputs->input[i];
    return NULL;
}

static bool make_room(ms_inputs *inputs)
{
    if (inputs->count < inputs->room)
        return true;
    size_t room = 2 * inputs->room + 4;
    ms_input *grown = ms_calloc(room, sizeof *grown);
    if (!grown)
        return false;
    if (inputs->count > 0)
        memcpy(grown, inputs->input, inputs->count * sizeof *grown);
    free(inputs->input);
    inputs->input = grown;
    inputs->room = room;
    return true;
}

/* One of the same name that has no bytes or checksum gets them, unless they are of another file. */
static void complete(ms_inputs *inputs, ms_input *known, const ms_input *input)
{
    if (!known->bytes && (!known->sha256[0] || strcmp(known->sha256, input->sha256) == 0)) {
        *known = *input;
        inputs->bytes += input->bytes ? input->size : 0;
    } else {
        free(input->bytes);
    }
}

ms_status ms_inputs_add(ms_inputs *inputs, const ms_input *input, bool *left_out, ms_error *error)
{
    ms_input *known = ms_inputs_find(inputs, input->name), added = *input;
    *left_out = (!known && inputs->count == MS_INPUTS_MAX) ||
                (input->bytes && input->size > MS_INPUTS_BYTES_MAX - inputs->bytes);
    if (*left_out) {
        free(added.bytes);
        added.bytes = NULL;
    }
    if (known)
        complete(inputs, known, &added);
    if (known || inputs->count == MS_INPUTS_MAX)
        return MS_OK;
    if (!make_room(inputs)) {
        free(added.bytes);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", input->name);
    }
    inputs->input[inputs->count++] = added;
    inputs->bytes += added.bytes ? added.size : 0;
    return MS_OK;
}

/* `*is_table`: as a table, and as nothing else. */
static bool is_named(const ms_sweep *sweep, const char *name, bool *is_table)
{
    bool found = false;
    *is_table = true;
    for (size_t i = 0; i < sweep->named.count; i++)
        if (strcmp(sweep->named.input[i].name, name) == 0) {
            found = true;
            *is_table &= ms_input_is_table(&sweep->named.input[i]);
        }
    return found;
}

void ms_inputs_keep_tables(ms_inputs *inputs, const ms_sweep *sweep)
{
    size_t kept = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        ms_input input = inputs->input[i];
        bool is_table, is_kept = is_named(sweep, input.name, &is_table);
        if (input.bytes && !(is_kept && is_table)) {
            free(input.bytes);
            input.bytes = NULL;
            inputs->bytes -= input.size;
        }
        if (is_kept)
            inputs->input[kept++] = input;
    }
    inputs->count = kept;
}

void ms_inputs_size(const ms_inputs *inputs, ms_layout *layout)
{
    layout->size[MS_DIM_INPUT] = inputs->count;
    layout->size[MS_DIM_INPUT_CHARACTER] = inputs->count > 0 ? MS_START_MAX : 0;
    layout->size[MS_DIM_INPUT_BYTE] = (size_t)inputs->bytes;
}

static bool write_line(const ms_input *input, char line[MS_START_MAX])
{
    FILE *out = fmemopen(line, MS_START_MAX, "w");
    ms_json json = {.out = out};
    if (!out)
        return false;
    ms_json_open(&json, NULL, '{');
    ms_json_text(&json, "file", input->name);
    ms_json_text(&json, "key", input->key);
    ms_json_count(&json, "size", input->size);
    ms_json_text(&json, "sha256", input->sha256);
    ms_json_count(&json, "bytes", input->bytes ? input->size : 0);
    ms_json_close(&json, '}');
    bool good = !ferror(out);
    return fclose(out) == 0 && good && memchr(line, '\0', MS_START_MAX) && strchr(line, '}');
}

ms_status ms_inputs_write(ms_results *to, const ms_inputs *inputs, ms_error *error)
{
    if (!inputs || inputs->count == 0)
        return MS_OK;
    char(*line)[MS_START_MAX] = ms_calloc(inputs->count, sizeof *line);
    ms_status status = line ? MS_OK : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", to->path);
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++)
        if (!write_line(&inputs->input[i], line[i]))
            status =
                ms_error_set(error, MS_ERROR_INTERNAL, "%s: no line for %s", to->path, inputs->input[i].name);
    if (status == MS_OK)
        status = ms_dataset_write(to, MS_DATASET_INPUT, line, error);
    free(line);
    uint64_t at = 0;
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++) {
        const ms_input *input = &inputs->input[i];
        for (uint64_t done = 0; status == MS_OK && input->bytes && done < input->size;) {
            size_t piece = input->size - done < MS_TASK_PIECE ? (size_t)(input->size - done) : MS_TASK_PIECE;
            status = ms_bytes_write(to, MS_DATASET_INPUT_BYTES, at, piece, input->bytes + done, error);
            at += piece;
            done += piece;
            if (status == MS_OK)
                status = ms_task_go_on(to->task, error);
        }
    }
    return status;
}

static bool read_count(const char *line, const char *key, uint64_t *count)
{
    char text[24], *end;
    if (!ms_json_field(line, key, text, sizeof text) || text[0] < '0' || text[0] > '9')
        return false;
    *count = strtoull(text, &end, 10);
    return *end == '\0' && *count <= MS_INPUTS_BYTES_MAX + (UINT64_C(1) << 40);
}

/* A line of a file that nobody vouches for. `*held`: how many of its bytes the file has. */
static bool read_line(const char *line, ms_input *input, uint64_t *held)
{
    *input = (ms_input){0};
    return ms_json_field(line, "file", input->name, sizeof input->name) && input->name[0] &&
           ms_json_field(line, "key", input->key, sizeof input->key) &&
           ms_json_field(line, "sha256", input->sha256, sizeof input->sha256) &&
           read_count(line, "size", &input->size) && read_count(line, "bytes", held) &&
           (*held == 0 || *held == input->size);
}

static ms_status read_bytes(ms_results *results, uint64_t at, ms_input *input, ms_error *error)
{
    char found[MS_SHA256_TEXT];
    input->bytes = ms_calloc((size_t)input->size, 1);
    if (!input->bytes)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", input->name);
    ms_status status = MS_OK;
    for (uint64_t done = 0; status == MS_OK && done < input->size;) {
        size_t piece = input->size - done < MS_TASK_PIECE ? (size_t)(input->size - done) : MS_TASK_PIECE;
        status = ms_bytes_read(results, MS_DATASET_INPUT_BYTES, at + done, piece, input->bytes + done, error);
        done += piece;
    }
    ms_sha256 sha = ms_sha256_init();
    ms_sha256_add(&sha, input->bytes, (size_t)input->size);
    ms_sha256_text(&sha, found);
    return status != MS_OK || strcmp(found, input->sha256) == 0
               ? status
               : ms_error_set(error, MS_ERROR_FORMAT, "%s: what it has of %s does not fit its checksum",
                              results->path, input->name);
}

static ms_status read_inputs(ms_results *results, char (*line)[MS_START_MAX], size_t count, ms_inputs *inputs,
                             ms_error *error)
{
    uint64_t at = 0, end = results->layout.size[MS_DIM_INPUT_BYTE], held;
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < count; i++) {
        ms_input input;
        bool left_out;
        if (!read_line(line[i], &input, &held) || held > end - at || ms_inputs_find(inputs, input.name))
            return ms_error_set(error, MS_ERROR_FORMAT, "%s: line %zu of /provenance/input is damaged",
                                results->path, i);
        if (held > 0)
            status = read_bytes(results, at, &input, error);
        at += held;
        if (status == MS_OK)
            status = ms_inputs_add(inputs, &input, &left_out, error);
        else
            free(input.bytes);
    }
    return status;
}

ms_status ms_results_inputs(ms_results *results, ms_inputs *inputs, ms_error *error)
{
    char(*line)[MS_START_MAX] = NULL;
    size_t count;
    *inputs = (ms_inputs){0};
    if (!ms_layout_has(&results->layout, MS_DATASET_INPUT))
        return MS_OK;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_lines_read(results, MS_DATASET_INPUT, &line, &count, error);
    if (status == MS_OK)
        status = read_inputs(results, line, count, inputs, error);
    ms_hdf5_quiet_end(quiet);
    free(line);
    return status;
}

ms_status ms_results_add_inputs(ms_results *results, ms_inputs *all, ms_error *error)
{
    ms_inputs inputs;
    ms_status status = ms_results_inputs(results, &inputs, error);
    for (size_t i = 0; status == MS_OK && i < inputs.count; i++) {
        bool left_out;
        status = ms_inputs_add(all, &inputs.input[i], &left_out, error);
        inputs.input[i].bytes = NULL; /* the other list's now */
    }
    ms_inputs_free(&inputs);
    return status;
}
