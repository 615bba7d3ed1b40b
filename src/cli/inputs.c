/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "cli/inputs.h"

#include "base/sha256.h"
#include "base/text.h"
#include "cli/report.h"
#include "data/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IN_MEMORY_MOST 16 /* files, a descriptor each; the others are temporary ones */

typedef struct stand_in {
    char path[PATH_MAX];
    int descriptor; /* of a file in memory; -1: `path` is to be removed */
} stand_in;

/* Files that stand in for those that the sweep names. */
typedef struct stand_ins {
    ms_supply supply;
    ms_supplied *file; /* [supply.count] */
    stand_in *each;    /* [supply.count] */
} stand_ins;

static ms_status write_all(int descriptor, const ms_input *input, ms_error *error)
{
    for (uint64_t done = 0; done < input->size;) {
        ssize_t got = write(descriptor, input->bytes + done, (size_t)(input->size - done));
        if (got <= 0)
            return ms_error_set(error, MS_ERROR_IO, "%s: cannot be held for reading: %s", input->name,
                                strerror(errno));
        done += (uint64_t)got;
    }
    return MS_OK;
}

/* Returns a descriptor, -1 on failure. */
static int make_file(stand_in *in, bool is_in_memory)
{
    const char *folder = getenv("TMPDIR");
    in->descriptor = is_in_memory ? memfd_create("input", MFD_CLOEXEC) : -1;
    if (in->descriptor >= 0)
        snprintf(in->path, sizeof in->path, "/proc/%ld/fd/%d", (long)getpid(), in->descriptor);
    else
        snprintf(in->path, sizeof in->path, "%s/modeseek-XXXXXX", folder && *folder ? folder : "/tmp");
    return in->descriptor >= 0 ? in->descriptor : mkostemp(in->path, O_CLOEXEC);
}

static ms_status fill_file(stand_ins *ins, const ms_input *input, ms_error *error)
{
    stand_in *in = &ins->each[ins->supply.count];
    int descriptor = make_file(in, ins->supply.count < IN_MEMORY_MOST);
    if (descriptor < 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be held for reading: %s", input->name,
                            strerror(errno));
    ins->file[ins->supply.count++] = (ms_supplied){.name = input->name, .path = in->path};
    ms_status status = write_all(descriptor, input, error);
    if (in->descriptor < 0 && close(descriptor) != 0 && status == MS_OK)
        status = ms_error_set(error, MS_ERROR_IO, "%s: cannot be held for reading: %s", input->name,
                              strerror(errno));
    return status;
}

/* `inputs` must outlive them. MS_ERROR_IO, MS_ERROR_MEMORY; to be closed then, too. */
static ms_status open_stand_ins(stand_ins *ins, const ms_inputs *inputs, ms_error *error)
{
    size_t room = inputs->count + 1;
    *ins = (stand_ins){.file = calloc(room, sizeof *ins->file), .each = calloc(room, sizeof *ins->each)};
    ins->supply.file = ins->file;
    if (!ins->file || !ins->each)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu files", inputs->count);
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++)
        if (inputs->input[i].bytes)
            status = fill_file(ins, &inputs->input[i], error);
    return status;
}

static void close_stand_ins(stand_ins *ins)
{
    for (size_t i = 0; i < ins->supply.count; i++)
        if (ins->each[i].descriptor >= 0)
            close(ins->each[i].descriptor);
        else
            unlink(ins->each[i].path);
    free(ins->file);
    free(ins->each);
    *ins = (stand_ins){0};
}

static bool names_tables(const ms_sweep *sweep)
{
    for (size_t i = 0; i < sweep->named.count; i++)
        if (ms_input_is_table(&sweep->named.input[i]))
            return true;
    return false;
}

ms_status ms_sweep_read_tables(ms_sweep **sweep, const char *name, const ms_inputs *inputs, ms_error *why,
                               ms_error *error)
{
    char difference[300];
    ms_sweep *whole = NULL;
    stand_ins ins = {0};
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    *why = (ms_error){0};
    ms_status status = diagnostics ? open_stand_ins(&ins, inputs, error)
                                   : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", name);
    if (status == MS_OK) {
        ms_status parsed = ms_sweep_parse_supplied(&whole, name, (*sweep)->text, (*sweep)->text_length, true,
                                                   NULL, &ins.supply, diagnostics);
        if (parsed != MS_OK)
            ms_error_set(why, parsed, "%s", diagnostics->message[0]);
        else if (ms_sweep_differs((*sweep)->identity, whole->identity, difference, sizeof difference))
            ms_error_set(why, MS_ERROR_MISMATCH, "its files belong to a different sweep (%s)", difference);
    }
    if (status == MS_OK && !why->message[0]) {
        ms_sweep_free(*sweep);
        *sweep = whole;
    } else {
        ms_sweep_free(whole);
    }
    close_stand_ins(&ins);
    free(diagnostics);
    return status;
}

ms_status ms_sweep_with_files(ms_sweep **sweep, ms_results *results, const char *path, ms_inputs *inputs,
                              ms_error *why, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    *why = (ms_error){0};
    *sweep = NULL;
    ms_status status = ms_results_inputs(results, inputs, error);
    if (status == MS_OK)
        status = ms_sweep_of_results(sweep, info, path, error);
    if (status == MS_OK)
        ms_inputs_keep_tables(inputs, *sweep);
    if (status == MS_OK && !path && names_tables(*sweep))
        status = ms_sweep_read_tables(sweep, info->path, inputs, why, error);
    if (status != MS_OK) {
        ms_sweep_free(*sweep);
        *sweep = NULL;
    }
    return status;
}

ms_status ms_sweep_parse_beside(ms_sweep **sweep, const char *path, const char *text, size_t length,
                                const ms_assignments *assignments, const char *results_path,
                                ms_diagnostics *diagnostics)
{
    ms_results *results = NULL;
    ms_inputs inputs = {0};
    stand_ins ins = {0};
    ms_error error;
    ms_status status = ms_sweep_parse_with(sweep, path, text, length, assignments, diagnostics);
    if (status != MS_ERROR_SWEEP && status != MS_ERROR_IO)
        return status;
    bool has_inputs = access(results_path, R_OK) == 0 &&
                      ms_results_open(&results, results_path, &error) == MS_OK &&
                      ms_results_inputs(results, &inputs, &error) == MS_OK && inputs.bytes > 0 &&
                      open_stand_ins(&ins, &inputs, &error) == MS_OK;
    if (has_inputs) {
        *diagnostics = (ms_diagnostics){0};
        status =
            ms_sweep_parse_supplied(sweep, path, text, length, false, assignments, &ins.supply, diagnostics);
    }
    close_stand_ins(&ins);
    ms_inputs_free(&inputs);
    if (results)
        ms_results_close(results, NULL);
    return status;
}

/* Reads a file that the sweep names; of code and its data only the checksum is kept. */
static void read_input(const ms_input_named *named, ms_input *input)
{
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    char *text;
    size_t length;
    if (!diagnostics)
        return;
    if (ms_file_read(named->path, MS_INPUTS_BYTES_MAX, &text, &length, diagnostics) == MS_OK) {
        ms_sha256 sha = ms_sha256_init();
        ms_sha256_add(&sha, text, length);
        ms_sha256_text(&sha, input->sha256);
        input->size = length;
        if (ms_input_is_table(named))
            input->bytes = (unsigned char *)text;
        else
            free(text);
    }
    free(diagnostics);
}

static void warn_absent(const char *name, const char *why)
{
    fprintf(stderr, "warning: %s, which the sweep names, is not included: %s\n", ms_printable_copy(name).text,
            why);
}

static ms_status collect(ms_inputs *inputs, const ms_input_named *named, bool is_read, ms_error *error)
{
    ms_input input = {0};
    bool left_out;
    snprintf(input.name, sizeof input.name, "%s", named->name);
    snprintf(input.key, sizeof input.key, "%s", named->key);
    if (is_read)
        read_input(named, &input);
    bool is_missing = ms_input_is_table(named) && !input.bytes;
    ms_status status = ms_inputs_add(inputs, &input, &left_out, error);
    if (status == MS_OK && left_out)
        warn_absent(named->name, "together they would exceed 512 MiB");
    else if (status == MS_OK && is_missing)
        warn_absent(named->name,
                    "the folder of the results does not have it, or has a different one; give the "
                    "sweep file that lies next to it: --sweep FILE");
    return status;
}

ms_status ms_inputs_collect(ms_inputs *inputs, const ms_sweep *sweep, bool is_of_file, ms_error *error)
{
    bool is_tried[MS_INPUTS_MAX] = {false};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sweep->named.count; i++) {
        const ms_input_named *named = &sweep->named.input[i];
        const ms_input *known = ms_inputs_find(inputs, named->name);
        if (known && (known->bytes || is_tried[known - inputs->input]))
            continue;
        if (strlen(named->name) >= sizeof known->name) {
            warn_absent(named->name, "its name is too long");
            continue;
        }
        bool is_read = is_of_file || (ms_input_is_table(named) && !sweep->lacks_numbers);
        status = collect(inputs, named, is_read, error);
        known = ms_inputs_find(inputs, named->name);
        if (known)
            is_tried[known - inputs->input] = true;
    }
    return status;
}
